"""An update of the Bot API read once into plain values; nothing later looks at raw JSON."""

import json
from dataclasses import dataclass
from typing import Any, Literal

from config import SHARED_IDS

# What the bot asks Telegram for. https://core.telegram.org/bots/api#update
ALLOWED_UPDATES = [
    *("message", "edited_message", "callback_query", "my_chat_member", "stopped_message_generation"),
    "pre_checkout_query",
]

Kind = Literal["message", "edited", "button", "stop", "member", "upgraded", "checkout"]


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote; `name` is first and last name as shown, `username` is without @."""

    id: int
    name: str
    username: str | None
    language: str
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Replied:
    """The message that was replied to, as far as Telegram sends it along."""

    message_id: int
    text: str
    from_id: int
    date: int
    file: "File | None" = None


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a message; all but `file_id` are the sender's words: size in bytes, duration in seconds."""

    file_id: str
    kind: str  # the field of Message: photo, voice, audio, video_note, document, ...
    size: int = 0
    name: str = ""
    mime_type: str = ""
    duration: int = 0


@dataclass(frozen=True, slots=True)
class Payment:
    """What is paid or given back; `amount` in the smallest units of `currency`, Stars for XTR."""

    currency: str
    amount: int
    payload: str
    charge_id: str = ""  # telegram_payment_charge_id; "" before it is paid


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update: the same few fields for a message, a pressed button, a Stop, a change of membership."""

    update_id: int
    kind: Kind
    chat_id: int
    thread: int  # message_thread_id of a topic, 0 outside topics
    private: bool
    person: Person | None  # None: a channel, an anonymous admin, Telegram itself
    date: int
    message_id: int = 0
    text: str = ""
    command: str = ""  # lower case, without / and @bot; "" for an ordinary message
    argument: str = ""
    typed: bool = True  # by the writer: no caption, nothing forwarded or made by a bot
    mentioned: bool = False
    replied: Replied | None = None
    content: str = "text"  # the field of Message that holds it: text, photo, voice, ...
    data: str = ""  # of the pressed button; the new id of an upgraded group
    offered: bool = True  # whether the message has such a button: data can be forged
    buttons: tuple[str, ...] = ()  # the data of all buttons beside it
    query_id: str = ""
    draft_id: int = 0
    file: File | None = None
    album: str = ""  # media_group_id
    payment: Payment | None = None
    member: bool = True  # membership changes: is the bot (still) in the chat, or unblocked


CONTENT_FIELDS = (
    *("text", "photo", "voice", "audio", "video", "video_note", "document", "sticker", "animation"),
    *("contact", "location", "venue", "poll", "dice", "story", "checklist", "paid_media", "game"),
    *("invoice", "successful_payment", "refunded_payment"),
)
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


def whole_characters(raw: dict[str, Any]) -> dict[str, Any]:
    """Half characters (lone surrogates) become U+FFFD: no encoder later takes them."""
    text = json.dumps(raw, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        whole: dict[str, Any] = json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
        return whole
    return raw


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
    text = str(raw.get("text") or raw.get("caption") or "")
    entities = raw.get("entities") or raw.get("caption_entities") or []
    typed = _own_words(raw)
    command, argument, addressee = _command(text) if typed else ("", "", "")
    if addressee not in ("", bot_username.lower()):
        return None  # `/help@OtherBot` is not ours
    thread = int(raw.get("message_thread_id") or 0) if raw.get("is_topic_message") else 0
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
        mentioned=bool(addressee) or _mentioned(text, entities, bot_id, bot_username),
        replied=_replied(raw.get("reply_to_message"), thread),
        content=content,
        file=_file(raw, content),
        album=str(raw.get("media_group_id") or ""),
        payment=_payment(raw[content]) if content in ("successful_payment", "refunded_payment") else None,
    )


def _file(raw: dict[str, Any], content: str) -> File | None:
    """The file of a message; of a photo the largest size."""
    if content == "photo":
        largest = max(raw["photo"], key=lambda size: int(size["width"]) * int(size["height"]))
        return File(str(largest["file_id"]), "photo", int(largest.get("file_size") or 0))
    if content not in FILES:
        return None
    about = raw[content]
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
    """Whether the sender typed this as a message: a command or key in a caption, or in words of others, is none."""
    return "text" in raw and "forward_origin" not in raw and "via_bot" not in raw


def _command(text: str) -> tuple[str, str, str]:
    """Command, argument and addressee, the first and the last in lower case: `/Help@Bot me` is help, me, bot."""
    if not text.startswith("/"):
        return "", "", ""
    head, _, argument = text.partition("\n") if "\n" in text.split(" ", 1)[0] else text.partition(" ")
    name, _, addressee = head[1:].partition("@")
    is_word = bool(name) and all(letter.isalnum() or letter == "_" for letter in name)
    return (name.lower(), argument.strip(), addressee.lower()) if is_word else ("", "", "")


def without_command(text: str) -> str:
    """What a message asks: all of it, or what stands behind a command."""
    name, argument, _ = _command(text)
    return argument if name else text


def _mentioned(text: str, entities: list[dict[str, Any]], bot_id: int, bot_username: str) -> bool:
    units = text.encode("utf-16-le")
    for entity in entities:
        if entity["type"] == "text_mention" and entity["user"]["id"] == bot_id:
            return True
        if entity["type"] == "mention":
            start, length = int(entity["offset"]), int(entity["length"])
            named = units[start * 2 : (start + length) * 2].decode("utf-16-le", "replace")
            if named.lower() == f"@{bot_username}".lower():
                return True
    return False


def _replied(raw: dict[str, Any] | None, thread: int) -> Replied | None:
    """The replied-to message; a topic's own header, which every message of a topic carries, is no reply."""
    if raw is None or "forum_topic_created" in raw or (thread and int(raw["message_id"]) == thread):
        return None
    sender = raw.get("from") or {}
    text = str(raw.get("text") or raw.get("caption") or "")
    content = next((field for field in CONTENT_FIELDS if field in raw), "")
    written, date = int(sender.get("id") or 0), int(raw.get("date") or 0)
    return Replied(int(raw["message_id"]), text, written, date, _file(raw, content))


def _button(update_id: int, raw: dict[str, Any]) -> Incoming | None:
    message = raw.get("message")
    if message is None or "data" not in raw:
        return None
    thread = int(message.get("message_thread_id") or 0) if message.get("is_topic_message") else 0
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


def _member(update_id: int, raw: dict[str, Any]) -> Incoming:
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
        data="" if was_in else "joined",
    )
