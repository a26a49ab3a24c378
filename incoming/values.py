"""An update as plain values: nothing later looks at raw JSON."""

from dataclasses import dataclass, field
from typing import Literal

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
    """The message that was replied to, as far as Telegram sends it along.

    Of one in another chat (`message_id` 0) only its file comes, and as `text` what was quoted.
    """

    message_id: int
    text: str
    from_id: int
    date: int
    file: "File | None" = None
    quote: str = ""  # what of it is meant; "": all of it
    name: str = ""  # who wrote it
    content: str = "text"  # the field of Message that holds it
    details: dict[str, str] = field(default_factory=dict)  # what it shows that is no words
    forwarded: str = ""  # whose message it was at first


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
    details: dict[str, str] = field(default_factory=dict)  # what it shows that is no words, such as a contact's name
    forwarded: str = ""  # whose message it was at first; "": the writer's own
    data: str = ""  # of the pressed button; the new id of an upgraded group
    offered: bool = True  # whether the message has such a button: data can be forged
    buttons: tuple[str, ...] = ()  # the data of all buttons beside it
    query_id: str = ""
    draft_id: int = 0
    file: File | None = None
    album: str = ""  # media_group_id
    payment: Payment | None = None
    member: bool = True  # membership changes: is the bot (still) in the chat, or unblocked
    administrator: bool = False  # and gets every message of the group then
