"""Texts full of what a parser might take for formatting, and which of the bot's messages show a text as it is."""

import random
import re
import string

from proof.stage import Json
from texts import TEXTS

PIECES = (
    *("<b>bold</b>", "<i>", "</code>", "<a href='tg://user?id=1'>admin</a>", "<script>alert(1)</script>", "<!--"),
    *("&lt;", "&amp;amp;", "&#x3C;b&#62;", "&nbsp;", "&", "*bold*", "**b**", "_i_", "__u__", "~~s~~", "||spoiler||"),
    *("`code`", "```python", "```", "[admin](tg://user?id=1)", "[x](http://evil.example/?a=1&b=2)", "![p](a.png)"),
    *("\\*", "\\", "_*[]()~`>#+-=|{}.!", "* [ ] _", "$x^2$", "\\frac{a}{b}", "| a | b |", "---", "~~~", "[^1]"),
    *("{name}", "{0}", "{balance:token|tokens}", "{", "}}", "%s", "%(name)s", "${HOME}", "{{name}}", "'; --", '"', "'"),
    *("\u200fשלום", "مرحبا", "\u200eabc\u200f", "\u2067rtl\u2069", "e\u0301\u0300\u0323", "a\u200db", "a\u200bb"),
    *("😀", "👩\u200d👩\u200d👧", "🇷🇺", "1\ufe0f\u20e3", "𝕬𝖑𝖎𝖈𝖊", "𠮷", "ﷺ", "Ünï", "Ёж", "№5", "\u00a0", "…", "—"),
    *("@admin", "#tag", "/stop", "http://a.example", "mailto:a@b.example", "+1 234 567", "tg://resolve?domain=x"),
)
LINES = ("> quote", "# Heading", "- item", "1. first", "\n", "    code", "| - | - |", "<details>", "===")
NAME_UNITS, PROMPT_UNITS, CAPTION_UNITS = 64, 4080, 1000  # of a first name, what /prompt may carry, under a picture
PROMPT_LETTERS = 3990  # of which it may have no more, however few units they take

# What Telegram marks by itself, whatever a bot does. https://core.telegram.org/bots/api#messageentity
FOUND = {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"}


def units(text: str) -> int:
    """The length of a text as Telegram measures it, in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def name(number: int, dice: random.Random) -> tuple[str, str]:
    """A first and a last name as Telegram takes them; every fourth as long as can be."""
    longest = NAME_UNITS if number % 4 == 0 else dice.randint(8, 40)
    return _made(dice, PIECES, longest, f"N{number}"), _made(dice, PIECES, longest, f"L{number}")


def words(number: int, dice: random.Random, longest: int) -> str:
    """A text of several lines; every fifth as long as can be, every tenth of nothing but letters of two units."""
    if number % 10 == 5:
        return f"W{number} " + "😀" * ((longest - 12) // 2)
    return _made(
        dice, PIECES + LINES, min(longest, PROMPT_LETTERS) if number % 5 == 0 else dice.randint(20, 300), f"W{number}"
    )


def _made(dice: random.Random, pieces: tuple[str, ...], longest: int, mark: str) -> str:
    """Pieces up to a length, beginning and ending with a letter: Telegram trims blanks."""
    text, glue = mark, "\n" if pieces is not PIECES else " "
    while True:
        more = dice.choice(("", " ", glue)) + dice.choice(pieces)
        if units(text + more) >= longest:
            return f"{text}z"
        text += more


def shows(message: Json, key: str, **known: str) -> bool:
    """Whether a message of the bot says a sentence of texts.TEXTS with these blanks as they are, unformatted.

    Blanks that are not given may hold anything, and other sentences may stand around it; white space of the sentence
    itself may be gone where it came in two parts.
    """
    text = said(message)
    if any(value not in text for value in known.values()):
        return False
    return is_plain(message) and re.search(_pattern(key, known), text, re.DOTALL) is not None


def quotes(message: Json, words: str) -> bool:
    """Whether a message ends in a quote of exactly these words, with nothing else formatted."""
    made = [entity for entity in message.get("entities") or () if entity["type"] not in FOUND]
    if len(made) != 1 or made[0]["type"] not in ("blockquote", "expandable_blockquote"):
        return False
    content = said(message).encode("utf-16-le")[made[0]["offset"] * 2 :]
    return content == words.encode("utf-16-le") and len(content) == made[0]["length"] * 2


def said(message: Json) -> str:
    """A message's words: its text or caption."""
    return str(message.get("text", message.get("caption", "")))


def is_plain(message: Json) -> bool:
    """Whether nothing in a message is formatted."""
    return FOUND.issuperset(
        entity["type"] for entity in message.get("entities") or message.get("caption_entities") or ()
    )


def _pattern(key: str, known: dict[str, str]) -> str:
    parts = []
    for before, blank, _, _ in string.Formatter().parse(TEXTS[key].en):
        value = re.escape(known[blank]) if blank and blank in known else ".*?"
        parts += [r"\s*".join(map(re.escape, re.split(r"\s+", before))), value if blank else ""]
    return "".join(parts)
