"""Telegram's old Markdown (`parse_mode=Markdown`) turned into text and entities.

https://core.telegram.org/bots/api#markdown-style
"""

from __future__ import annotations

import re
from typing import Any, Final

from sandbox.refusal import bad_request

_KINDS: Final = {"_": "italic", "*": "bold", "`": "code", "```": "pre"}
_ADDRESS: Final = re.compile(r"\(([^)]*)\)")
_LANGUAGE: Final = re.compile(r"([^\s`]+)\s")


def read_legacy_markdown(source: str) -> tuple[str, list[dict[str, Any]]]:
    """The text without its signs, and its entities; a sign without its twin is a 400, as at Telegram."""
    text, entities, place = "", [], 0
    while place < len(source):
        sign = source[place]
        if sign == "\\" and source[place + 1 : place + 2] in ("_", "*", "`", "["):
            text, place = text + source[place + 1], place + 2
        elif sign in "_*`[":
            words, entity, place = _entity(source, place)
            if words and entity:
                entities.append({"offset": _units(text), "length": _units(words)} | entity)
            text += words
        else:
            text, place = text + sign, place + 1
    return text, entities


def _entity(source: str, begin: int) -> tuple[str, dict[str, Any], int]:
    """The words of what begins here, what they are, and where it ends."""
    sign = "```" if source.startswith("```", begin) else source[begin]
    inside = begin + len(sign)
    end = source.find("]" if sign == "[" else sign, inside)
    if end == -1:
        at = len(source[:begin].encode("utf-8", "replace"))
        raise bad_request(f"can't parse entities: Can't find end of the entity starting at byte offset {at}")
    words, end = source[inside:end], end + (1 if sign == "[" else len(sign))
    if sign == "[":
        address = _ADDRESS.match(source, end)
        return words, {"type": "text_link", "url": address[1]} if address else {}, address.end() if address else end
    entity = {"type": _KINDS[sign]}
    if sign == "```" and (language := _LANGUAGE.match(words)):
        return words[language.end() :], entity | {"language": language[1]}, end
    return words, entity, end


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
