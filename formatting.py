"""The model's Markdown as Telegram's text and entities, in parts that fit into messages."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from telegramify_markdown import RenderConfig, convert

ENTITIES_LIMIT = 100  # of one message; Telegram drops the rest. https://core.telegram.org/type/MessageEntity
LONGEST_TEXT = 4096  # UTF-16 units of one message. https://core.telegram.org/bots/api#sendmessage

# The converter takes `<word>` for HTML and drops it; under this name, one UTF-16 unit long like `<`, it passes.
_SHIELD = "\ufdd0"


class Part(NamedTuple):
    """What one message carries; entities are the Bot API's, offsets in UTF-16 units."""

    text: str
    entities: list[dict[str, Any]]


def _config() -> RenderConfig:
    config = RenderConfig.isolated()
    symbols = config.markdown_symbol
    symbols.heading_level_1 = symbols.heading_level_2 = symbols.heading_level_3 = symbols.heading_level_4 = ""
    symbols.unordered_list_item = "•"
    return config


_CONFIG = _config()


def parts(markdown: str) -> list[Part]:
    """Every visible character of the answer, in messages of 1–4,096 UTF-16 units; none for a blank text."""
    whole = _shielded(markdown)
    text, found = convert(whole, config=_CONFIG)
    if not text.strip():  # signs of Markdown round nothing: they are all there is to show
        text, found = whole, []
    entities = [_entity(entity.to_dict()) for entity in found]
    return split(text.replace(_SHIELD, "<"), entities)


def _shielded(markdown: str) -> str:
    whole = markdown.encode("utf-8", "replace").decode() if not _encodable(markdown) else markdown
    return whole.replace(_SHIELD, "\ufffd").replace("<", _SHIELD)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _entity(raw: dict[str, Any]) -> dict[str, Any]:
    if "url" in raw:
        raw["url"] = raw["url"].replace(_SHIELD, "<")
    if "language" in raw:
        raw["language"] = raw["language"].replace(_SHIELD, "<")
    return raw


def units(text: str) -> int:
    """The length of a text as Telegram counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def split(text: str, entities: Sequence[dict[str, Any]], limit: int = LONGEST_TEXT) -> list[Part]:
    """Cut between blocks where possible, else between lines, else between words; a cut code block is reopened."""
    content = text.encode("utf-16-le")
    fences = [(e["offset"], e["offset"] + e["length"]) for e in entities if e["type"] == "pre"]
    result, start, end = [], 0, len(content) // 2
    while start < end:
        latest = _latest(start, min(start + limit, end), entities)
        stop = end if latest == end else _cut(content, start, latest, fences)
        part = _part(content, start, stop, entities)
        if part.text:
            result.append(part)
        start = stop
    return result


def _latest(start: int, latest: int, entities: Sequence[dict[str, Any]]) -> int:
    """How far a part may reach before it holds too many entities."""
    begins: list[int] = [e["offset"] for e in entities if e["offset"] < latest and e["offset"] + e["length"] > start]
    if len(begins) <= ENTITIES_LIMIT:
        return latest
    return max(sorted(begins)[ENTITIES_LIMIT], start + 1)


def _cut(content: bytes, start: int, latest: int, fences: Sequence[tuple[int, int]]) -> int:
    """The best place to end a part that begins at `start`, at most at `latest` (UTF-16 units)."""
    window = content[start * 2 : latest * 2].decode("utf-16-le", "ignore")
    least = len(window) // 2  # a part is at least half full, so that it is not cut for a line's sake
    for separator, whole in (("\n\n", True), ("\n", True), ("\n", False), (" ", False)):
        at = len(window)
        while (at := window.rfind(separator, least, at)) != -1:
            place = start + units(window[: at + len(separator)])
            if not whole or not any(begin < place < end for begin, end in fences):
                return place
    return start + units(window)


def _part(content: bytes, start: int, stop: int, entities: Sequence[dict[str, Any]]) -> Part:
    """One message without white space around it, with the entities that reach into it."""
    text = content[start * 2 : stop * 2].decode("utf-16-le")
    start += len(text) - len(text.lstrip())  # white space is one unit a character
    text = text.strip()
    stop = start + units(text)
    inside = []
    for entity in entities:
        begin = max(entity["offset"], start)
        end = min(entity["offset"] + entity["length"], stop)
        if begin < end:
            inside.append(entity | {"offset": begin - start, "length": end - begin})
    return Part(text, inside)
