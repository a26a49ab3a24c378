"""The model's Markdown as Telegram shows it: text and entities, in parts that fit into messages."""

from formatting.cut import LONGEST_TEXT, Part, is_blank, split, units
from formatting.growing import growing
from formatting.markdown import parts
from formatting.rich import rich
from formatting.source import open_fence, whole_characters

__all__ = [
    "LONGEST_TEXT",
    "Part",
    "growing",
    "is_blank",
    "open_fence",
    "parts",
    "rich",
    "split",
    "units",
    "whole_characters",
]
