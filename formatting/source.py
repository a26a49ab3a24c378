"""A model's Markdown before it is read: what a reader of Markdown would drop or misread is made plain."""

import re
from collections.abc import Callable
from typing import Any

import pyromark

OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_MATH
)
# Tags are shown as they are written, not read as HTML: under this name, one UTF-16 unit long like `<`, they pass.
SHIELD = "\ufdd0"

Event = tuple[Any, dict[str, int]]  # what the reader found, and where: from byte to byte of the source

_CONTROLS = {code: None for code in (*range(32), 127, *range(128, 160)) if chr(code) not in "\t\n"}
_BREAKS = re.compile("\r\n|[\r\u2028\u2029]")
_TAG = re.compile(r"<(?!https?://[^\s<>]*>)")
# None holds the beginning of another: a text of beginnings alone would be read to its end from each of them.
_FORMULA = re.compile(r"\\\[((?:(?!\n[ \t>]*\n|(?<!\\)\\\[).)+?)\\\]|\$\$((?:(?!\n[ \t>]*\n).)+?)\$\$", re.DOTALL)
_SMALL_FORMULA = re.compile(r"\\\(((?:(?!(?<!\\)\\\().)+?)\\\)")
_SIGNS = re.compile(r"[\\^_={}+*/|±×÷≤≥<>]|\n")  # of a formula: escaped brackets also stand round plain words
_LINES = re.compile(r"\s*\n[ \t>]*")
_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})([^\n]*)", re.MULTILINE)
_DEFINITION = re.compile(r"^(?:[ \t>]|[-*+][ \t]|\d+[.)][ \t])*(?=\[((?:\\.|[^\[\]\\])+)\]:)", re.MULTILINE)


def events(source: str) -> list[Event]:
    """What Markdown says, in order."""
    found: Any = pyromark.events_with_range(source, options=OPTIONS)
    return list(found)


def cleaned(markdown: str) -> str:
    """The same words for a reader of Markdown: whole characters, no HTML, formulas in dollars, every line shown."""
    text = _BREAKS.sub("\n", whole_characters(markdown)).translate(_CONTROLS).replace(SHIELD, "\ufffd")
    text = _TAG.sub(SHIELD, text)
    if "\\[" in text or "\\(" in text or "$$" in text:
        text = outside_code(text, _dollars)
    if _DEFINITION.search(text):
        text = _without_unused_definitions(text)
    return text


def whole_characters(text: str) -> str:
    """Halves of a character put together, or replaced by U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def is_literal(event: Any) -> bool:
    """Whether an event is code or a formula, whose signs are no Markdown."""
    if not isinstance(event, dict):
        return False
    begun = event.get("Start")
    block = isinstance(begun, dict) and "CodeBlock" in begun
    return block or any(kind in event for kind in ("Code", "InlineMath", "DisplayMath"))


def outside_code(source: str, change: Callable[[str], str]) -> str:
    """The source with everything changed that is neither code nor a formula."""
    data, pieces, place = source.encode(), [], 0
    for event, where in events(source):
        if is_literal(event):
            pieces += [change(data[place : where["start"]].decode()), data[where["start"] : where["end"]].decode()]
            place = where["end"]
    return "".join([*pieces, change(data[place:].decode())])


def open_fence(markdown: str) -> str:
    """The line that opens the code block in which a text ends, with its line break; "" outside of code."""
    mark = line = ""
    for found in _FENCE.finditer(markdown):
        sign, rest = found[1], found[2]
        if not mark and not (sign[0] == "`" and "`" in rest):
            mark, line = sign, found[0].lstrip(" \t>") + "\n"
        elif mark and sign.startswith(mark) and not rest.strip():
            mark = line = ""
    return line


def _dollars(text: str) -> str:
    """Formulas in brackets put in dollars; those of several lines in one, so that no line of theirs begins a list."""

    def large(found: re.Match[str]) -> str:
        inside = found[1] or found[2]
        words = found[1] is not None and not _begins_a_line(found) and not _SIGNS.search(inside)
        return found[0] if words or "$" in inside or not inside.strip() else f"$${_LINES.sub(' ', inside).strip()}$$"

    def small(found: re.Match[str]) -> str:
        inside = found[1].strip()
        return found[0] if "$" in inside or not inside else f"${inside}$"

    return _SMALL_FORMULA.sub(small, _FORMULA.sub(large, text))


def _begins_a_line(found: re.Match[str]) -> bool:
    before = found.string[: found.start()].rpartition("\n")[2]
    return not before.strip(" \t>")


def _without_unused_definitions(text: str) -> str:
    """Definitions of links that nothing refers to, or that come twice, become words: a reader would drop them."""
    read = events(text)
    begun = [event.get("Start") for event, _ in read if isinstance(event, dict)]
    links = [tag.get("Link") or tag.get("Image") for tag in begun if isinstance(tag, dict)]
    used = {_label(link["id"]) for link in links if link}
    data = text.encode()
    literal = [(where["start"], where["end"]) for event, where in read if is_literal(event)]
    pieces, place = [], 0
    for found in _DEFINITION.finditer(text):
        at = len(text[: found.end()].encode())
        if any(start <= at < end for start, end in literal):
            continue
        if (label := _label(found[1])) in used:
            used.remove(label)
        else:
            behind = at + 1 + len(found[1].encode())
            pieces += [data[place:at], b"\\", data[at:behind], b"\\"]  # both: an open bracket before it may wait
            place = behind
    return b"".join([*pieces, data[place:]]).decode()


def _label(label: str) -> str:
    return " ".join(label.split()).casefold()
