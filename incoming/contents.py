"""What a message holds besides words, as words: of a contact, a place, a poll; and whose message it was at first."""

from collections.abc import Callable, Iterator
from typing import Any

Raw = dict[str, Any]


def details(raw: Raw, content: str) -> dict[str, str]:
    """What stands in a message of this kind, by name; the sentences of texts/messages.py have the same blanks."""
    read = DETAILS.get(content)
    return read(raw[content]) if read else {}


def origin(raw: Raw | None) -> str:
    """Whose message this was before it was forwarded, as Telegram shows it; "" when it was not.

    https://core.telegram.org/bots/api#messageorigin
    """
    if raw is None:
        return ""
    chat = raw.get("sender_chat") or raw.get("chat") or {}
    return _name(raw.get("sender_user") or {}) or str(raw.get("sender_user_name") or chat.get("title") or "?")


def _name(user: Raw) -> str:
    return " ".join(str(user[part]) for part in ("first_name", "last_name") if user.get(part))


def _sticker(raw: Raw) -> dict[str, str]:
    return {"emoji": str(raw.get("emoji") or "")}


def _contact(raw: Raw) -> dict[str, str]:
    return {"name": _name(raw), "phone": str(raw["phone_number"])}


def _location(raw: Raw) -> dict[str, str]:
    return {"latitude": str(float(raw["latitude"])), "longitude": str(float(raw["longitude"]))}


def _venue(raw: Raw) -> dict[str, str]:
    return {"title": str(raw["title"]), "address": str(raw["address"]), **_location(raw["location"])}


def _poll(raw: Raw) -> dict[str, str]:
    return {"question": str(raw["question"]), "options": "\n".join(f"– {each['text']}" for each in raw["options"])}


def _dice(raw: Raw) -> dict[str, str]:
    return {"emoji": str(raw["emoji"]), "value": str(int(raw["value"]))}


def _checklist(raw: Raw) -> dict[str, str]:
    tasks = (f"[{'x' if each.get('completion_date') else ' '}] {each['text']}" for each in raw["tasks"])
    return {"title": str(raw["title"]), "tasks": "\n".join(tasks)}


def _titled(raw: Raw) -> dict[str, str]:
    return {"title": str(raw["title"]), "description": str(raw["description"])}


DETAILS: dict[str, Callable[[Raw], dict[str, str]]] = {
    "sticker": _sticker,
    "contact": _contact,
    "location": _location,
    "venue": _venue,
    "poll": _poll,
    "dice": _dice,
    "checklist": _checklist,
    "game": _titled,
    "invoice": _titled,
}


def written(raw: Raw) -> str:
    """The words of a message: its text, its caption, or what a rich message says, a block a line."""
    rich = raw.get("rich_message") or {}
    return str(raw.get("text") or raw.get("caption") or "\n".join(_lines(rich.get("blocks") or [])))


def _lines(blocks: list[Raw]) -> Iterator[str]:
    """https://core.telegram.org/bots/api#richblock"""
    for block in blocks:
        own = " ".join(_inline(block[name]) for name in ("label", "summary", "text", "expression") if name in block)
        if own:
            yield own
        yield from _lines([*block.get("blocks", ()), *block.get("items", ())])
        for row in block.get("cells", ()):
            yield " | ".join(_inline(cell.get("text") or "") for cell in row)


def _inline(text: Any) -> str:
    """Rich text is words, a list of it, or an object around it."""
    if isinstance(text, list):
        return "".join(map(_inline, text))
    if isinstance(text, dict):
        return "".join(_inline(text[name]) for name in ("text", "expression", "alternative_text") if name in text)
    return str(text)
