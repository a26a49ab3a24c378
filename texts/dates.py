"""Days and months as people read them."""

from datetime import date

from texts.words import Language

MONTHS: dict[Language, list[str]] = {
    "ru": ["янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}


def day_month(language: Language, day: date) -> str:
    """`21 ноя`, in English `Nov 21`."""
    month = MONTHS[language][day.month - 1]
    return f"{day.day} {month}" if language == "ru" else f"{month} {day.day}"


def day_year(language: Language, day: date) -> str:
    """`21 ноя 2026`, in English `Nov 21, 2026`."""
    comma = "" if language == "ru" else ","
    return f"{day_month(language, day)}{comma} {day.year}"


def month_year(language: Language, day: date) -> str:
    """`11.2026`, in English `Nov 2026`: short Russian months are in the genitive, which stands beside a day only."""
    return f"{day:%m.%Y}" if language == "ru" else f"{MONTHS[language][day.month - 1]} {day.year}"
