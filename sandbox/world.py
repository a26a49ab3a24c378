"""One isolated Telegram: a bot, its people, chats, messages and updates, in the memory of one event loop."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.events import Events
from sandbox.faults import Faults
from sandbox.files import Files
from sandbox.flood import Flood
from sandbox.updates import Updates
from sandbox.webhook import Webhook

Json = dict[str, Any]

BOT_ID: Final = 7_000_000_001
WORKSHOP: Final = -1_001_000_000_001
KEPT_CALLS: Final = 20_000
PRESENT: Final = frozenset({"creator", "administrator", "member", "restricted"})


@dataclass(slots=True)
class Chat:
    """A chat with its people (status by user id), topics (name by thread id) and messages."""

    about: Json
    members: dict[int, str] = field(default_factory=dict)
    topics: dict[int, str] = field(default_factory=dict)
    messages: dict[int, Json] = field(default_factory=dict)
    last_id: int = 0
    upgraded_to: int | None = None
    bot_may_write: bool = True  # in private: the person has pressed Start once

    @property
    def id(self) -> int:
        return int(self.about["id"])

    @property
    def private(self) -> bool:
        return bool(self.about["type"] == "private")


class World:
    """All state behind one token. `post`, `replace` and `remove` are the only ways messages change.

    `older`: how many updates and messages a bot may know from worlds before this one; their numbers do not come again.
    """

    def __init__(self, token: str, demo: bool = False, older: int = 0, **bot: Any) -> None:
        self.token = token
        self.demo = demo
        self.bot: Json = {**_bot(), **bot}
        self.users: dict[int, Json] = {}
        self.owner_id = 1
        self.chats: dict[int, Chat] = {}
        self.updates = Updates(older)
        self.events = Events()
        self.files = Files()
        self.faults = Faults()
        self.flood = Flood()
        self.calls: deque[Json] = deque(maxlen=KEPT_CALLS)
        self.call_count = 0
        self.drafts: dict[tuple[int, int], Json] = {}
        self.draft_ends: dict[tuple[int, int], asyncio.TimerHandle] = {}
        self.queries: dict[str, Json] = {}  # callback queries and pre-checkout queries by id
        self.invoices: dict[tuple[int, int] | str, Json] = {}
        self.payments: dict[str, Json] = {}
        self.transactions: list[Json] = []
        self.menus: dict[str, Json] = {}
        self.profile: dict[str, dict[str, str]] = {"name": {}, "description": {}, "short_description": {}}
        self.webhook: Webhook | None = None
        self.webhook_rest = 0.0  # until then none is set (monotonic seconds)
        self.last_private_id = older
        _settle(self)
        for chat in self.chats.values():  # its topics have the same numbers in every world
            chat.last_id = max(chat.last_id, older)

    def add_user(self, user: Json, started: bool = False) -> None:
        """A person and their private chat; `started`: the bot may write there before they do."""
        self.users[user["id"]] = user
        about = {"id": user["id"], "type": "private"}
        about |= {name: user[name] for name in ("first_name", "last_name", "username") if name in user}
        if chat := self.chats.get(user["id"]):
            chat.about = about
        else:
            members = {user["id"]: "member", self.bot["id"]: "member"}
            self.chats[user["id"]] = Chat(about, members, bot_may_write=started)
        self.events.add("world")

    def next_message_id(self, chat: Chat) -> int:
        """Supergroups count for themselves; private chats and basic groups share one count, as at Telegram."""
        if chat.about["type"] == "supergroup":
            chat.last_id += 1
            return chat.last_id
        self.last_private_id += 1
        return self.last_private_id

    def post(self, chat: Chat, sender: Json, content: Json, thread: int = 0, reply_to: Json | None = None) -> Json:
        """Put a new message into a chat and tell the events; the update for the bot is the caller's matter."""
        message: Json = {"message_id": self.next_message_id(chat), "from": sender}
        message |= {"chat": chat.about, "date": int(time.time())}
        if thread > 1 or (thread and chat.private):
            message |= {"message_thread_id": thread, "is_topic_message": True}
        header = chat.messages.get(thread) if thread > 1 and not chat.private else None
        if (answered := reply_to or header) is not None:
            message["reply_to_message"] = {
                name: value for name, value in for_bot(answered).items() if name != "reply_to_message"
            }
        message |= content
        chat.messages[message["message_id"]] = message
        self.events.add("message", message=message)
        return message

    def replace(self, chat: Chat, message: Json) -> None:
        """A message changed: put the new version in place of the old one, which stays as it was for who holds it."""
        chat.messages[message["message_id"]] = message
        self.events.add("edit", message=message)

    def remove(self, chat: Chat, message_ids: list[int]) -> None:
        """Take messages away; unknown ones are passed over."""
        gone = [number for number in message_ids if chat.messages.pop(number, None)]
        if gone:
            self.events.add("delete", chat_id=chat.id, message_ids=gone)

    def add_topic(self, chat: Chat, name: str, creator: Json) -> Json:
        """Open a topic; its header message gives it its id."""
        icon = {"name": name, "icon_color": 7322096}
        header = self.post(chat, creator, {"forum_topic_created": icon})
        thread = header["message_id"]
        chat.topics[thread] = name
        self.replace(chat, {**header, "message_thread_id": thread, "is_topic_message": True})
        return {"message_thread_id": thread, **icon}


def for_bot(message: Json) -> Json:
    """A message as the Bot API shows it: only inline keyboards are part of a message there."""
    markup = message.get("reply_markup")
    if markup is None or "inline_keyboard" in markup:
        return message
    return {name: value for name, value in message.items() if name != "reply_markup"}


def new_token() -> str:
    """A token of the right shape that exists nowhere else."""
    return f"{BOT_ID}:{secrets.token_urlsafe(26)}"


def _bot() -> Json:
    off = ("can_read_all_group_messages", "supports_inline_queries", "can_connect_to_business", "has_main_web_app")
    topics = ("has_topics_enabled", "allows_users_to_create_topics", "can_manage_bots")
    about: Json = {"id": BOT_ID, "is_bot": True, "first_name": "Sandbox assistant", "username": "sandbox_assistant_bot"}
    about |= {"can_join_groups": True, "supports_guest_queries": False, "supports_join_request_queries": False}
    return about | dict.fromkeys(off + topics, False)


def _settle(world: World) -> None:
    people = (
        {"id": 1, "is_bot": False, "first_name": "Olga", "username": "owner_olga", "language_code": "ru"},
        {"id": 101, "is_bot": False, "first_name": "Alice", "username": "alice", "language_code": "en"},
        {"id": 102, "is_bot": False, "first_name": "Борис", "username": "boris", "language_code": "ru"},
    )
    for person in people:
        world.add_user(person, started=True)
    about = {"id": WORKSHOP, "title": "Workshop", "type": "supergroup", "is_forum": True}
    members = {1: "creator", 101: "member", 102: "member", world.bot["id"]: "member"}
    workshop = world.chats[WORKSHOP] = Chat(about, members)
    world.post(workshop, people[0], {"supergroup_chat_created": True})
    for name in ("Кухня / Kitchen", "Work"):
        world.add_topic(workshop, name, people[0])


def public(user: Json) -> Json:
    """A user as messages show them: the flags of getMe belong to getMe only."""
    shown = ("id", "is_bot", "first_name", "last_name", "username", "language_code", "is_premium")
    return {name: user[name] for name in shown if name in user}
