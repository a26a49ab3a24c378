"""Where an update stands in the shared inbox: whose it is, after which it comes, whether it may go before others."""

from typing import Any

from engine.inbox import Update


def _parts(update: Update) -> list[dict[str, Any]]:
    return [part for part in update.values() if isinstance(part, dict)]


def _id(value: Any) -> int | None:
    found = value.get("id") if isinstance(value, dict) else None
    return found if isinstance(found, int) and abs(found) < 2**63 else None


def sender_of(update: Update) -> int | None:
    """The id of who sent an update, None for nobody."""
    return next((found for part in _parts(update) if (found := _id(part.get("from"))) is not None), None)


def chat_of(update: Update) -> int:
    """The chat whose order an update belongs to; a button's is that of its message, a payment's that of its payer."""
    for part in _parts(update):
        message = part.get("message")
        for about in (part, message if isinstance(message, dict) else {}):
            if (found := _id(about.get("chat"))) is not None:
                return found
    sender = sender_of(update)
    return sender if sender is not None else int(update["update_id"])


def is_urgent(update: Update) -> bool:
    """Whether an update is served even by who is busy: buttons, payments, commands."""
    message = update.get("message")
    text = message.get("text") if isinstance(message, dict) else None
    command = isinstance(text, str) and text.startswith("/")
    return command or "callback_query" in update or "pre_checkout_query" in update
