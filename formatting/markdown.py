"""The model's Markdown as Telegram's text and entities."""

from typing import Any

from telegramify_markdown import RenderConfig
from telegramify_markdown.converter import EventWalker

from formatting.cut import Part, is_blank, split
from formatting.mended import mended
from formatting.source import SHIELD, cleaned, events


def _config() -> RenderConfig:
    config = RenderConfig.isolated()
    config.cite_expandable = False  # a quote is a part of the answer, not a footnote to it
    symbols = config.markdown_symbol
    symbols.heading_level_1 = symbols.heading_level_2 = symbols.heading_level_3 = symbols.heading_level_4 = ""
    symbols.unordered_list_item, symbols.task_uncompleted = "•", "☐"
    return config


_CONFIG = _config()


def parts(markdown: str) -> list[Part]:
    """Every visible character of the answer, in messages of 1–4,096 UTF-16 units; none for a blank text."""
    source = cleaned(markdown)
    # The walker and not `convert`: that one reads what stands between two `||` as a spoiler, formulas in code as such.
    text, found, _ = EventWalker(_CONFIG, source).walk(tuple(mended(source, events(source))))
    if is_blank(text):  # signs of Markdown round nothing: they are all there is to show
        text, found = source, []
    return split(text.replace(SHIELD, "<"), _allowed([_entity(entity.to_dict()) for entity in found]))


def _entity(raw: dict[str, Any]) -> dict[str, Any]:
    for name in ("url", "language"):
        if name in raw:
            raw[name] = raw[name].replace(SHIELD, "<")
    return raw


def _allowed(entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without quotes inside quotes. https://core.telegram.org/bots/api#formatting-options"""
    entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    kept, quoted = [], 0
    for entity in entities:
        if entity["type"] == "blockquote":
            if entity["offset"] < quoted:
                continue
            quoted = entity["offset"] + entity["length"]
        kept.append(entity)
    return kept
