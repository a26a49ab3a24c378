"""Every sentence the bot says, Russian and English side by side; blanks in braces, plural forms by rule."""

from texts import (
    admin,
    admin_log,
    announce,
    favours,
    figures,
    files,
    guide,
    invitations,
    messages,
    models,
    payments,
    people,
    privacy,
    settings,
    status,
    talking,
    voice,
    wallets,
)
from texts.dates import day_month, day_year, month_year
from texts.languages import spoken
from texts.money import dollars
from texts.words import LANGUAGES, Language, Words

__all__ = [
    "LANGUAGES",
    "TEXTS",
    "Language",
    "Words",
    "day_month",
    "day_year",
    "dollars",
    "guess",
    "month_year",
    "say",
    "spoken",
]

SUBJECTS = (
    *(people, privacy, invitations, wallets, payments, favours, settings, models, status),
    *(guide, talking, messages, files, voice, admin, admin_log, announce, figures),
)
TEXTS: dict[str, Words] = {key: words for subject in SUBJECTS for key, words in subject.TEXTS.items()}


class _Number(int):
    """A number as people read it: `{n}` groups digits, `{n:one|few|many}` adds the noun in the right form."""

    language: Language

    def __new__(cls, value: int, language: Language) -> "_Number":
        number = super().__new__(cls, value)
        number.language = language
        return number

    def __format__(self, forms: str) -> str:
        digits = f"{int(self):,}".replace(",", "\u00a0" if self.language == "ru" else ",")
        return f"{digits} {_form(int(self), forms.split('|'))}" if forms else digits


def _form(number: int, forms: list[str]) -> str:
    """The form of a noun after a number: two in English, three in Russian. https://www.unicode.org/cldr/charts/"""
    count = abs(number)
    if len(forms) == 2:
        return forms[0] if count == 1 else forms[1]
    if count % 10 == 1 and count % 100 != 11:
        return forms[0]
    return forms[1] if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14 else forms[2]


def say(language: Language, key: str, **blanks: object) -> str:
    """The sentence with its blanks filled; whole numbers are grouped and may choose a plural form."""
    words = TEXTS[key]
    filled = {
        name: _Number(value, language) if isinstance(value, int) and not isinstance(value, bool) else value
        for name, value in blanks.items()
    }
    return (words.ru if language == "ru" else words.en).format(**filled)


def guess(code: str | None) -> Language:
    """The language to begin with, from the `language_code` of a Telegram user (IETF tag)."""
    return "ru" if (code or "").split("-")[0].lower() in ("ru", "uk", "be", "kk", "ky", "uz", "tg") else "en"
