"""Telegram's HTML (`parse_mode`) turned into text and entities.

https://core.telegram.org/bots/api#html-style
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any, Final

from sandbox.refusal import bad_request

_TAGS: Final = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "code": "code", "pre": "pre", "blockquote": "blockquote", "a": "text_link",
}  # fmt: skip


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.units = 0
        self.entities: list[dict[str, Any]] = []
        self.open: list[tuple[str, dict[str, Any]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            raise bad_request(f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {self.getpos()[1]}')
        entity: dict[str, Any] = {"type": _TAGS[tag], "offset": self.units, "length": 0}
        given = dict(attrs)
        if tag == "a":
            entity["url"] = given.get("href") or ""
        if tag == "blockquote" and "expandable" in given:
            entity["type"] = "expandable_blockquote"
        language = given.get("class") or ""
        if tag == "code" and self.open and self.open[-1][0] == "pre" and language.startswith("language-"):
            self.open[-1][1]["language"] = language.removeprefix("language-")
        self.open.append((tag, entity))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1][0] != tag:
            raise bad_request(f'can\'t parse entities: Unexpected end tag "{tag}" at byte offset {self.getpos()[1]}')
        _, entity = self.open.pop()
        entity["length"] = self.units - entity["offset"]
        in_pre = tag == "code" and self.open and self.open[-1][0] == "pre"
        if entity["length"] and not in_pre:
            self.entities.append(entity)

    def handle_data(self, data: str) -> None:
        self.text += data
        self.units += len(data.encode("utf-16-le", "surrogatepass")) // 2


def read_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """The text without tags, and its entities; a wrong tag is a 400, as at Telegram."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    if reader.open:
        raise bad_request(
            f"can't parse entities: Can't find end tag corresponding to start tag \"{reader.open[-1][0]}\""
        )
    return reader.text, reader.entities
