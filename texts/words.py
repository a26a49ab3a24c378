"""The value behind every sentence: its two languages."""

from typing import Literal, NamedTuple

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, ...] = ("ru", "en")


class Words(NamedTuple):
    """One sentence in each language, with the same blanks."""

    ru: str
    en: str
