"""Amounts of money as people read them."""

from math import floor, log10

from texts.words import Language

CENT = 0.01


def dollars(language: Language, usd: float, decimals: int | None = None) -> str:
    """`$1,234.50`, in Russian `1 234,50 $`; without `decimals` whole cents, below one cent two digits that count."""
    if decimals is None:
        tiny = 0 < abs(usd) < CENT
        decimals = min(9, 1 - floor(log10(abs(usd)))) if tiny else 2
    digits = f"{abs(usd):,.{decimals}f}"
    sign = "−" if usd < 0 else ""
    if language == "ru":
        digits = digits.translate({ord(","): "\u00a0", ord("."): ","})
        return f"{sign}{digits}\u00a0$"
    return f"{sign}${digits}"
