"""An update of the Bot API read once into plain values; nothing later looks at raw JSON."""

from dataclasses import replace
from typing import Any

from config import SHARED_IDS
from incoming import words
from incoming.contents import details, origin, written
from incoming.values import File, Incoming, Kind, Payment, Person, Replied

# What the bot asks Telegram for. https://core.telegram.org/bots/api#update
ALLOWED_UPDATES = [
    *("message", "edited_message", "callback_query", "my_chat_member", "stopped_message_generation"),
    "pre_checkout_query",
]

# In this order: an animation comes as a document too, a venue as a location, a live photo as a photo.
CONTENT_FIELDS = (
    *("text", "rich_message", "photo", "voice", "audio", "video", "video_note", "animation", "document", "sticker"),
    *("contact", "venue", "location", "poll", "dice", "story", "checklist", "paid_media", "game"),
    *("giveaway", "giveaway_winners", "invoice", "successful_payment", "refunded_payment"),
)
GENERAL_TOPIC = 1  # the message_thread_id of a forum's General topic, where messages are of no topic
# /img and its aliases: the one command that may be a caption, it is about the picture above it.
OF_CAPTIONS = ("img", "imagine", "image", "i")
FILES = ("voice", "audio", "video_note", "video", "animation", "document", "sticker")


def read(raw: dict[str, Any], bot_id: int, bot_username: str) -> Incoming | None:
    """The update as plain values, None when it is of no concern; raises KeyError, TypeError or ValueError if broken."""
    update_id = int(raw["update_id"])
    if "message" in raw:
        return _message(update_id, "message", raw["message"], bot_id, bot_username)
    if "edited_message" in raw:
        return _message(update_id, "edited", raw["edited_message"], bot_id, bot_username)
    if "callback_query" in raw:
        return _button(update_id, raw["callback_query"])
    if "stopped_message_generation" in raw:
        return _stop(update_id, raw["stopped_message_generation"])
    if "pre_checkout_query" in raw:
        return _checkout(update_id, raw["pre_checkout_query"])
    if "my_chat_member" in raw:
        return _member(update_id, raw["my_chat_member"])
    return None


def _person(raw: dict[str, Any] | None) -> Person | None:
    if raw is None or int(raw["id"]) in SHARED_IDS:
        return None
    name = " ".join(part for part in (raw["first_name"], raw.get("last_name")) if part)
    language = str(raw.get("language_code") or "")
    return Person(int(raw["id"]), name, raw.get("username"), language, bool(raw.get("is_bot")))


def _message(update_id: int, kind: Kind, raw: dict[str, Any], bot_id: int, bot_username: str) -> Incoming | None:
    chat = raw["chat"]
    if new_id := raw.get("migrate_to_chat_id"):
        return Incoming(update_id, "upgraded", int(chat["id"]), 0, False, None, int(raw["date"]), data=str(int(new_id)))
    content = next((field for field in CONTENT_FIELDS if field in raw), "")
    if not content or chat["type"] == "channel":
        return None
    text = written(raw)
    entities = raw.get("entities") or raw.get("caption_entities") or []
    typed = _own_words(raw)
    command, argument, addressee = _command(raw, text, typed)
    if addressee not in ("", bot_username.lower()):
        return None  # `/help@OtherBot` is not ours
    thread = _thread(raw)
    sender = None if "sender_chat" in raw else raw.get("from")
    if content == "refunded_payment":  # Telegram's own message about who the chat belongs to
        sender = {"first_name": "", **chat}
    return Incoming(
        update_id=update_id,
        kind=kind,
        chat_id=int(chat["id"]),
        thread=thread,
        private=chat["type"] == "private",
        person=_person(sender),
        date=int(raw["date"]),
        message_id=int(raw["message_id"]),
        text=text,
        command=command,
        argument=argument,
        typed=typed,
        mentioned=bool(addressee) or words.mentioned(text, entities, bot_id, bot_username),
        replied=_replied_of(raw, thread),
        content=content,
        details=details(raw, content),
        forwarded=origin(raw.get("forward_origin")),
        file=_file(raw, content),
        album=str(raw.get("media_group_id") or ""),
        payment=_payment(raw[content]) if content in ("successful_payment", "refunded_payment") else None,
    )


def _file(raw: dict[str, Any], content: str) -> File | None:
    """The file of a message; of a photo the largest size, of a sticker that moves its still picture."""
    if content == "photo":
        largest = max(raw["photo"], key=lambda size: int(size["width"]) * int(size["height"]))
        return File(str(largest["file_id"]), "photo", int(largest.get("file_size") or 0))
    about = raw.get(content) if content in FILES else None
    if content == "sticker" and about and (about.get("is_animated") or about.get("is_video")):
        about = about.get("thumbnail")
    if not about:
        return None
    return File(
        file_id=str(about["file_id"]),
        kind=content,
        size=int(about.get("file_size") or 0),
        name=str(about.get("file_name") or ""),
        mime_type=str(about.get("mime_type") or ""),
        duration=int(about.get("duration") or 0),
    )


def _payment(raw: dict[str, Any]) -> Payment:
    charge_id = str(raw.get("telegram_payment_charge_id") or "")
    return Payment(str(raw["currency"]), int(raw["total_amount"]), str(raw["invoice_payload"]), charge_id)


def _checkout(update_id: int, raw: dict[str, Any]) -> Incoming:
    payer = _person(raw["from"])
    return Incoming(
        update_id=update_id,
        kind="checkout",
        chat_id=int(raw["from"]["id"]),
        thread=0,
        private=True,
        person=payer,
        date=0,
        query_id=str(raw["id"]),
        payment=_payment(raw),
    )


def _own_words(raw: dict[str, Any]) -> bool:
    """Whether the sender typed this as a message: a key in a caption, or anything in words of others, is none."""
    return "text" in raw and "forward_origin" not in raw and "via_bot" not in raw


def _command(raw: dict[str, Any], text: str, typed: bool) -> tuple[str, str, str]:
    """The command that a message is, its argument, and to whom it is given."""
    found = words.command(text)
    of_file = ("photo" in raw or "document" in raw) and "forward_origin" not in raw and "via_bot" not in raw
    return found if typed or (of_file and found[0] in OF_CAPTIONS) else ("", "", "")


def _thread(raw: dict[str, Any]) -> int:
    """The topic of a message; the General topic of a forum is none, nobody can write to its number."""
    thread = int(raw.get("message_thread_id") or 0) if raw.get("is_topic_message") else 0
    return 0 if thread == GENERAL_TOPIC and raw["chat"]["type"] != "private" else thread


def _replied_of(raw: dict[str, Any], thread: int) -> Replied | None:
    """What a message replies to, in this chat or another, and what of it is quoted."""
    quote = str((raw.get("quote") or {}).get("text") or "")
    external = raw.get("external_reply")
    if external is None:
        replied = _replied(raw.get("reply_to_message"), thread)
        return replace(replied, quote=quote) if replied else None
    content = next((field for field in CONTENT_FIELDS if field in external), "text")
    return Replied(
        message_id=0,
        text=quote,
        from_id=0,
        date=0,
        file=_file(external, content),
        quote=quote,
        name=origin(external.get("origin")),
        content=content,
        details=details(external, content),
    )


def _replied(raw: dict[str, Any] | None, thread: int = 0) -> Replied | None:
    """The replied-to message; a service message, such as a topic's own header in each of its messages, is none."""
    content = next((field for field in CONTENT_FIELDS if field in (raw or {})), "")
    if raw is None or (thread and int(raw["message_id"]) == thread) or (not content and int(raw.get("date") or 0)):
        return None
    sender = raw.get("from") or {}
    return Replied(
        message_id=int(raw["message_id"]),
        text=written(raw),
        from_id=int(sender.get("id") or 0),
        date=int(raw.get("date") or 0),
        file=_file(raw, content),
        name=str((raw.get("sender_chat") or {}).get("title") or sender.get("first_name") or ""),
        content=content,
        details=details(raw, content),
        forwarded=origin(raw.get("forward_origin")),
    )


def _button(update_id: int, raw: dict[str, Any]) -> Incoming | None:
    message = raw.get("message")
    if message is None or "data" not in raw:
        return None
    thread = _thread(message)
    rows = (message.get("reply_markup") or {}).get("inline_keyboard") or []
    buttons = tuple(str(button.get("callback_data", "")) for row in rows for button in row)
    return Incoming(
        update_id=update_id,
        kind="button",
        chat_id=int(message["chat"]["id"]),
        thread=thread,
        private=message["chat"]["type"] == "private",
        person=_person(raw["from"]),
        date=int(message["date"]),
        message_id=int(message["message_id"]),
        text=str(message.get("text") or ""),
        replied=_replied(message.get("reply_to_message"), thread),
        data=str(raw["data"]),
        offered=raw["data"] in buttons,
        buttons=buttons,
        query_id=str(raw["id"]),
    )


def _stop(update_id: int, raw: dict[str, Any]) -> Incoming:
    chat = raw["chat"]
    person = Person(int(chat["id"]), str(chat.get("first_name") or ""), chat.get("username"), "")
    return Incoming(
        update_id=update_id,
        kind="stop",
        chat_id=int(chat["id"]),
        thread=int(raw.get("message_thread_id") or 0),
        private=True,
        person=person,
        date=0,
        draft_id=int(raw["draft_id"]),  # may come as a string
    )


def _member(update_id: int, raw: dict[str, Any]) -> Incoming | None:
    """The bot's own place in a chat changes; in channels it has nothing to do."""
    if raw["chat"]["type"] == "channel":
        return None
    status = raw["new_chat_member"]["status"]
    was_in = raw["old_chat_member"]["status"] not in ("left", "kicked")
    return Incoming(
        update_id=update_id,
        kind="member",
        chat_id=int(raw["chat"]["id"]),
        thread=0,
        private=raw["chat"]["type"] == "private",
        person=_person(raw.get("from")),
        date=int(raw["date"]),
        member=status not in ("left", "kicked"),
        administrator=status == "administrator",
        data="" if was_in else "joined",
    )
