"""Texts as Telegram keeps them: trimmed, measured in UTF-16 units, with entities checked and found.

https://core.telegram.org/bots/api#messageentity
"""

from __future__ import annotations

import re
from typing import Any, Final

from sandbox.html import read_html
from sandbox.legacy_markdown import read_legacy_markdown
from sandbox.refusal import bad_request

Entity = dict[str, Any]

LONGEST_TEXT: Final = 4096  # UTF-16 units after entities are parsed
LONGEST_CAPTION: Final = 1024
MOST_ENTITIES: Final = 100
LITERAL: Final = frozenset({"code", "pre"})
QUOTES: Final = frozenset({"blockquote", "expandable_blockquote"})
KINDS: Final = LITERAL | {
    "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bold", "italic", "underline",
    "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "text_link", "text_mention", "custom_emoji",
    "date_time",
}  # fmt: skip
# What Telegram links to, and signs that show nothing: a text of these alone is empty.
_ADDRESS: Final = re.compile(
    r"(?:(?:https?|ftp|ton|tonsite)://)?(?:[\w.!$~*'();&+=,%-]+|\[[0-9a-f:]+\])(?::\d{1,5})?(?:[/?#].*)?|tg://\S+",
    re.I | re.S,
)
_UNSEEN: Final = re.compile(
    r"[\s\u00ad\u115f\u1160\u1680\u180e\u2000-\u200f\u202a-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufffc]*"
)
_CONTROLS: Final = {code: " " for code in range(32) if code != 10}
_SIGNS: Final = ("/", "@", "#", "www.")  # one of these is in whatever can be found
_FOUND: Final = re.compile(
    r"(?P<url>\bhttps?://[^\s<>\"]*[^\s<>\".,:;!?)\]}']|\bwww\.[^\s<>\"]*[^\s<>\".,:;!?)\]}'])"
    r"|(?P<email>\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b)"
    r"|(?P<mention>(?<![\w@])@[A-Za-z][A-Za-z0-9_]{3,31}\b)"
    r"|(?P<bot_command>(?<![\w/<@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/@]))"
    r"|(?P<hashtag>(?<!\w)#\w*[^\W\d]\w*)"
)


def units(text: str) -> int:
    """How many UTF-16 units the text takes."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def found(text: str) -> list[Entity]:
    """The entities Telegram finds by itself: links, addresses, mentions, commands, hashtags."""
    if not any(sign in text for sign in _SIGNS):
        return []
    narrow = text.isascii()
    entities: list[Entity] = []
    for match in _FOUND.finditer(text):
        start, piece = match.start(), match.group()
        offset = start if narrow else units(text[:start])
        entities.append({"type": match.lastgroup, "offset": offset, "length": units(piece)})
    return entities


def checked(text: str, entities: list[Entity]) -> list[Entity]:
    """Refuse entities that leave the text or split a letter, drop empty ones and those inside code, and sort."""
    wide = text.encode("utf-16-le")
    kept: list[Entity] = []
    for entity in entities:
        kind, offset, length = entity.get("type"), entity.get("offset"), entity.get("length")
        if kind not in KINDS:
            raise bad_request("can't parse MessageEntity: Unsupported type specified")
        if not isinstance(offset, int) or not isinstance(length, int) or offset < 0 or length < 0:
            raise bad_request("can't parse MessageEntity: Invalid offset or length specified")
        if (offset + length) * 2 > len(wide):
            raise bad_request(
                f"entity beginning at UTF-16 offset {offset} ends after the end of the text "
                f"at UTF-16 offset {offset + length}"
            )
        for edge, deed in ((offset, "begins"), (offset + length, "ends")):
            if edge * 2 < len(wide) and 0xDC <= wide[edge * 2 + 1] <= 0xDF:
                raise bad_request(f"entity beginning at UTF-16 offset {offset} {deed} in a middle of a UTF-16 symbol")
        if kind == "text_link" and not _ADDRESS.fullmatch(str(entity.get("url") or "")):
            raise bad_request("Wrong message entity: wrong HTTP URL specified")
        if length:
            kept.append({name: value for name, value in entity.items() if value is not None})
    kept.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return _without_formats_in_code(_without_quotes_in_quotes(kept))[:MOST_ENTITIES]


def _without_quotes_in_quotes(entities: list[Entity]) -> list[Entity]:
    kept: list[Entity] = []
    quoted = 0
    for entity in entities:
        if entity["type"] in QUOTES:
            if entity["offset"] < quoted:
                continue
            quoted = entity["offset"] + entity["length"]
        kept.append(entity)
    return kept


def _inside(entity: Entity, spans: list[Entity]) -> bool:
    start, end = entity["offset"], entity["offset"] + entity["length"]
    return any(start < span["offset"] + span["length"] and end > span["offset"] for span in spans if span is not entity)


def _without_formats_in_code(entities: list[Entity]) -> list[Entity]:
    code = [entity for entity in entities if entity["type"] in LITERAL]
    if not code:
        return entities
    return [e for e in entities if e["type"] in LITERAL | QUOTES or not _inside(e, code)]


def _trimmed(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Without the blanks at both ends; those in front that are formatted, as in code, stay."""
    whole = text.rstrip()
    first = min((entity["offset"] for entity in entities), default=len(text))
    blank = min(len(whole) - len(whole.lstrip()), first)  # white space is one unit a character
    bare = whole[blank:]
    if not entities or bare == text:
        return bare, entities
    cut, end = units(whole) - units(bare), units(bare)
    moved: list[Entity] = []
    for entity in entities:
        start = max(entity["offset"] - cut, 0)
        stop = min(entity["offset"] + entity["length"] - cut, end)
        if stop > start:
            moved.append({**entity, "offset": start, "length": stop - start})
    return bare, moved


def formatted(text: str, entities: list[Entity], parse_mode: str = "") -> tuple[str, list[Entity]]:
    """The text as Telegram keeps it and all its entities, given and found; raises `Refusal` for what it refuses."""
    if parse_mode:
        if parse_mode.lower() not in ("html", "markdown"):
            raise bad_request("can't parse entities: here only HTML, Markdown and a list of entities are read")
        text, entities = (read_html if parse_mode.lower() == "html" else read_legacy_markdown)(text)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a character
        raise bad_request("strings must be encoded in UTF-8") from None
    if _UNSEEN.fullmatch(text):
        return "", []
    text = text.replace("\r\n", "\n")
    given = checked(text, entities) if entities else []
    text, given = _trimmed(text.translate(_CONTROLS), given)
    extra = found(text)
    if given and extra:
        taken = [e for e in given if e["type"] in LITERAL | {"text_link", "text_mention", "url", "mention"}]
        extra = [entity for entity in extra if not _inside(entity, taken)]
    both = given + extra
    both.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return text, both
