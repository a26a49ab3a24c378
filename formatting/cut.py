"""A formatted text cut into messages."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

ENTITIES_LIMIT = 100  # of one message; Telegram drops the rest. https://core.telegram.org/type/MessageEntity
LONGEST_TEXT = 4096  # UTF-16 units of one message. https://core.telegram.org/bots/api#sendmessage
LONGEST_LETTER = 64  # code points that may stand for one sign on the screen; more is no letter of any language

# Where a message may end, the best place first, and whether code and quotes must not be cut there.
_PLACES = (
    (re.compile(r"\n\n+"), True),
    (re.compile(r"\n(?=\s*(?:•|☐|✅|\d+\.) )"), True),
    (re.compile(r"\n"), True),
    (re.compile(r"\n"), False),
    (re.compile(r"(?<=[.!?…。]) +"), False),
    (re.compile(r"\s"), False),
)
_BLOCKS = ("pre", "blockquote")
_INVISIBLE = "\u115f\u1160\u2800\u3164\uffa0\ufffc"  # letters and signs that show nothing


class Part(NamedTuple):
    """What one message carries; entities are the Bot API's, offsets in UTF-16 units."""

    text: str
    entities: list[dict[str, Any]]


def units(text: str) -> int:
    """The length of a text as Telegram counts it, in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen: Telegram would call such a message empty."""
    return not any(is_visible(sign) for sign in text)


def is_visible(sign: str) -> bool:
    """Whether a sign leaves ink; combining marks by themselves, blanks and directions do not."""
    return unicodedata.category(sign)[0] not in "CMZ" and sign not in _INVISIBLE


def split(text: str, entities: Sequence[dict[str, Any]], limit: int = LONGEST_TEXT) -> list[Part]:
    """Cut between blocks where possible, else between lines, else between words; a cut code block is reopened."""
    content = text.encode("utf-16-le")
    result, start, end = [], 0, len(content) // 2
    while start < end:
        latest = _latest(start, min(start + limit, end), entities)
        stop = end if latest == end else _cut(content, start, latest, entities)
        part = _part(content, start, stop, entities)
        if not is_blank(part.text):
            result.append(part)
        start = stop
    return result


def _latest(start: int, latest: int, entities: Sequence[dict[str, Any]]) -> int:
    """How far a part may reach before it holds too many entities."""
    begins: list[int] = [e["offset"] for e in entities if e["offset"] < latest and e["offset"] + e["length"] > start]
    if len(begins) <= ENTITIES_LIMIT:
        return latest
    return max(sorted(begins)[ENTITIES_LIMIT], start + 1)


def _cut(content: bytes, start: int, latest: int, entities: Sequence[dict[str, Any]]) -> int:
    """The best place to end a part that begins at `start`, at most at `latest` (UTF-16 units)."""
    window = content[start * 2 : latest * 2].decode("utf-16-le", "ignore")
    least = len(window) // 2  # a part is at least half full, so that it is not cut for a line's sake
    blocks = [(e["offset"] - start, e["offset"] + e["length"] - start) for e in entities if e["type"] in _BLOCKS]
    titles = {e["offset"] + e["length"] - start for e in entities if e["type"] == "underline"}  # of a heading
    for pattern, whole in _PLACES:
        for found in reversed(list(pattern.finditer(window, least))):
            before, place = units(window[: found.start()]), units(window[: found.end()])
            if before not in titles and not (whole and any(begin < place < end for begin, end in blocks)):
                return start + place
    after = content[(start + units(window)) * 2 :][: LONGEST_LETTER * 4].decode("utf-16-le", "ignore")
    text = window + after
    return start + units(text[: max(_between_letters(text, len(window)), 1)])


def _between_letters(text: str, latest: int) -> int:
    """The last place at or before `latest` that tears no sign of the screen made of several code points."""
    for place in range(latest, max(latest - LONGEST_LETTER, 0), -1):
        if place == len(text) or not _joined(text, place):
            return place
    return latest


def _joined(text: str, place: int) -> bool:
    """Whether the code points on both sides make one sign: accents, emoji of several people, skin colours, flags."""
    before, after = text[place - 1], text[place]
    if _is_flag(before) and _is_flag(after):
        return sum(1 for _ in _flags_before(text, place)) % 2 == 1
    tone, tag = "\U0001f3fb" <= after <= "\U0001f3ff", "\U000e0020" <= after <= "\U000e007f"
    return before == "\u200d" or after == "\u200d" or tone or tag or unicodedata.category(after)[0] == "M"


def _is_flag(sign: str) -> bool:
    """Half a flag, a regional indicator."""
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _flags_before(text: str, place: int) -> Iterator[str]:
    while place and _is_flag(text[place - 1]):
        place -= 1
        yield text[place]


def _part(content: bytes, start: int, stop: int, entities: Sequence[dict[str, Any]]) -> Part:
    """One message without white space around it, with the entities that reach into it."""
    text = content[start * 2 : stop * 2].decode("utf-16-le")
    blank = len(text) - len(text.lstrip())  # white space is one unit a character
    codes = [e["offset"] - start for e in entities if e["type"] == "pre" and e["offset"] + e["length"] > start]
    code = max(min(codes, default=blank), 0)
    if code < blank:  # the first line of code keeps its indentation
        blank = code + len(text[code:]) - len(text[code:].lstrip("\n"))
    start, text = start + blank, text[blank:].rstrip()
    stop = start + units(text)
    inside = []
    for entity in entities:
        begin = max(entity["offset"], start)
        end = min(entity["offset"] + entity["length"], stop)
        if begin < end:
            inside.append(entity | {"offset": begin - start, "length": end - begin})
    return Part(text, inside)
