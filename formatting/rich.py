"""Answers with tables or formulas as rich messages: Markdown that Telegram itself reads.

https://core.telegram.org/bots/api#rich-message-formatting-options
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from formatting.mended import ADDRESS, BREAK, TAB
from formatting.source import SHIELD, Event, cleaned, events, open_fence

LONGEST_RICH = 7_000  # characters; 32,768 are allowed, but some clients are reported to hide what comes after 7–8k
MOST_BLOCKS, DEEPEST, MOST_COLUMNS = 500, 16, 20

# What that reader takes for more than Markdown: tags, prices as formulas, ==marked==, ||hidden||, ~struck~, [^notes].
# An underlined heading is left alone, and what is escaped already.
_SPECIAL = re.compile(
    rf"(?P<keep>(?m:^[ \t>]*=+[ \t]*$)|\\[^{SHIELD}$=~])|\\?(?P<sign>{SHIELD}|\$|==+|\|\|+|(?<!~)~(?!~)|\[\^)",
    re.DOTALL,
)
_BLOCKS = {"Paragraph", "Item", "TableRow", "TableHead", "Heading", "CodeBlock", "BlockQuote", "List", "Table"}
_LINKS = {"Link", "Image"}


def rich(markdown: str, note: str = "") -> str | None:
    """The answer for Telegram's own reader, a remark in italics under it; None when it is better sent as entities.

    It is worth it for a table or a formula, and possible where nothing would be lost or refused.
    """
    if len(markdown) > LONGEST_RICH:
        return None
    source = cleaned(markdown)
    found = events(source)
    if not (_is_worth_it(source, found) and _is_within_limits(found) and _loses_nothing(source.encode(), found)):
        return None
    text = _written(source, found)
    if note:
        text += f"\n{_closing(open_fence(text))}\n\n" + "  \n".join(f"*{_literal(line)}*" for line in note.splitlines())
    return text


def _closing(fence: str) -> str:
    """What ends the code block that this line begins."""
    return fence[: len(fence) - len(fence.lstrip(fence[:1]))] if fence else ""


def _is_worth_it(source: str, found: Sequence[Event]) -> bool:
    return any("Table" in _begun(payload) or _is_formula(payload, where, source) for payload, where in found)


def _is_formula(payload: Any, where: dict[str, int], source: str) -> bool:
    """A formula, not dollars round nothing and not what stands between two prices."""
    if not isinstance(payload, dict):
        return False
    price = "InlineMath" in payload and source.encode()[where["end"] : where["end"] + 1].isdigit()
    return not price and bool(_latex(payload))


def _begun(payload: Any) -> Any:
    """What an event says about what it begins, by its kind."""
    begun = payload.get("Start", {}) if isinstance(payload, dict) else {}
    return {begun: None} if isinstance(begun, str) else begun


def _is_within_limits(found: Sequence[Event]) -> bool:
    """https://core.telegram.org/bots/api#rich-message-limits"""
    depth = deepest = blocks = 0
    for payload, _ in found:
        for kind, about in _begun(payload).items():
            depth, blocks = depth + 1, blocks + (kind in _BLOCKS)
            deepest = max(deepest, depth)
            if kind == "Table" and len(about) > MOST_COLUMNS:
                return False
        depth -= isinstance(payload, dict) and "End" in payload
    return blocks <= MOST_BLOCKS and deepest < DEEPEST


def _loses_nothing(data: bytes, found: Sequence[Event]) -> bool:
    """Whether each link has words and an address that Telegram takes, and each row no cell too many."""
    cell = links = 0
    for (payload, where), (following, _) in pairwise([*found, ("", {})]):
        for kind in _LINKS.intersection(_begun(payload)):
            links += 1
            if links > 1 or following == {"End": kind} or not ADDRESS.fullmatch(_begun(payload)[kind]["dest_url"]):
                return False
        ended = payload.get("End") if isinstance(payload, dict) else None
        if isinstance(ended, str) and ended in _LINKS:
            links -= 1
        elif ended == "TableCell":
            cell = where["end"]
        elif ended in ("TableRow", "TableHead") and data[cell : where["end"]].strip(b" |\t\n"):
            return False
    return True


def _written(source: str, found: Sequence[Event]) -> str:
    """The source with what is no Markdown made plain, and with each line break kept: a lone one would be a space."""
    data, place, pieces = source.encode(), 0, []
    tables = [(where["start"], where["end"]) for payload, where in found if "Table" in _begun(payload)]
    for start, end, put in _changes(source, data, found):
        pieces += [_plain(data[place:start].decode(), any(begin <= place < stop for begin, stop in tables)), put]
        place = end
    return "".join([*pieces, _plain(data[place:].decode(), False)])


def _changes(source: str, data: bytes, found: Sequence[Event]) -> Iterator[tuple[int, int, str]]:
    """From where to where something else is put, or the same left alone: code, formulas, addresses, breaks."""
    for payload, where in found:
        start, end, begun = where["start"], where["end"], _begun(payload)
        if payload == "SoftBreak":
            yield start, end, "  \n"
        elif "Table" in begun:
            yield start, start, ""  # what comes before it is no table
        elif payload == {"End": "Table"}:
            yield end, end, ""
        elif "Image" in begun:
            yield start, start + 1, ""  # a link: a picture would be fetched, and refused where that fails
        elif _is_formula(payload, where, source):
            yield start, end, _formula(payload, data, start, end).replace(SHIELD, "<")
        elif "CodeBlock" in begun or (isinstance(payload, dict) and "Code" in payload):
            yield start, end, data[start:end].decode().replace(SHIELD, "<").replace("\t", TAB)
        elif (begun.get("Link") or {}).get("link_type") == "Autolink":
            yield start, end, data[start:end].decode()


def _formula(payload: dict[str, str], data: bytes, start: int, end: int) -> str:
    """A large formula is a block of its own; in a line, a quote or an item it is a small one."""
    latex = _latex(payload)
    first = data[data.rfind(b"\n", 0, start) + 1 : start] == b""
    if "DisplayMath" in payload and first and not data[end:].partition(b"\n")[0].strip():
        return f"\n\n$${latex}$$\n\n"
    return f"${latex}$"


def _latex(payload: dict[str, str]) -> str:
    return " ".join((payload.get("DisplayMath") or payload.get("InlineMath") or "").split())


def _plain(text: str, in_table: bool) -> str:
    def put(found: re.Match[str]) -> str:
        sign = found["sign"]
        if sign is None:
            return found["keep"]
        if in_table and sign.startswith("||"):
            return " ".join(sign)  # an empty cell
        return "".join(f"&#{ord('<' if each == SHIELD else each)};" for each in sign)

    return _SPECIAL.sub(put, BREAK.sub(" " if in_table else "  \n", text))


def _literal(text: str) -> str:
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
