"""Updates with an admin's command or button from everybody and everything that is not the admin in private."""

import itertools
import time
from collections.abc import Callable
from typing import Any

from proof.stage import FIRST_ID, OWNER

Json = dict[str, Any]

USER, BLOCKED, NAMESAKE, COURIER, STRANGER = range(FIRST_ID, FIRST_ID + 5)
GROUP, CHANNEL = -1_001_000_000_700, -1_001_000_000_800
ADMINS_NAME = "the_owner"  # a @username the admin once had
BOT = "sandbox_assistant_bot"
ARGUMENTS = f"{USER} 10"  # whom most commands would hit

# https://core.telegram.org/bots/api#message, `from` and `sender_chat`
ANONYMOUS: Json = {"id": 1_087_968_824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
CHANNEL_BOT: Json = {"id": 136_817_688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
SERVICE: Json = {"id": 777_000, "is_bot": False, "first_name": "Telegram"}
OTHER_BOT: Json = {"id": 7_000_000_007, "is_bot": True, "first_name": "Kim", "username": ADMINS_NAME}
THE_GROUP: Json = {"id": GROUP, "type": "supergroup", "title": "Friends"}
THE_CHANNEL: Json = {"id": CHANNEL, "type": "channel", "title": "News"}

_numbers = itertools.count(800_001)  # of messages that only these updates know


def about(user: int) -> Json:
    """How a person shows: all have the admin's name, and one the @username too."""
    return {"first_name": "Olga", "language_code": "en"} | ({"username": ADMINS_NAME} if user == NAMESAKE else {})


def _person(user: int) -> Json:
    return {"id": user, "is_bot": False, **about(user)}


def _private(user: int) -> Json:
    return {"id": user, "type": "private", "first_name": "Olga"}


def _message(sender: Json | None, chat: Json, **more: Any) -> Json:
    by = {"from": sender} if sender else {}
    return {"message_id": next(_numbers), "chat": chat, "date": int(time.time()), **by, **more}


def _words(call: str, chat: Json) -> Json:
    """A command, which in a group says whose it is; or the label of a key."""
    if not call.startswith("/"):
        return {"text": call}
    named = call if chat["type"] == "private" else f"{call}@{BOT}"
    entity = {"type": "bot_command", "offset": 0, "length": len(named)}
    return {"text": f"{named} {ARGUMENTS}", "entities": [entity]}


def command(call: str, sender: Json | None = None, chat: Json | None = None, **more: Any) -> Json:
    """A message with a command; without more said by the admin in private."""
    place = chat or _private(OWNER)
    return {"message": _message(sender or _person(OWNER), place, **_words(call, place), **more)}


def _own(user: int) -> Callable[[str], Json]:
    return lambda call: command(call, _person(user), _private(user))


def _other_kind(kind: str, **more: Any) -> Callable[[str], Json]:
    """The admin's message in an update of another kind."""
    return lambda call: {kind: command(call)["message"] | more}


def _captioned(user: int) -> Callable[[str], Json]:
    """A picture with the command beneath it."""
    photo = [{"file_id": "none", "file_unique_id": "n", "width": 9, "height": 9, "file_size": 99}]

    def update(call: str) -> Json:
        caption = {"caption" if key == "text" else "caption_entities": value for key, value in _words_of(call).items()}
        return {"message": _message(_person(user), _private(user), photo=photo, **caption)}

    return update


def _words_of(call: str) -> Json:
    return _words(call, {"type": "private"})


def _forwarded(user: int) -> Callable[[str], Json]:
    """The admin's command, forwarded by this person."""
    origin = {"type": "user", "sender_user": _person(OWNER), "date": int(time.time())}
    return lambda call: command(call, _person(user), _private(user), forward_origin=origin)


def _channel_post(call: str) -> Json:
    return {"channel_post": _message(None, THE_CHANNEL, sender_chat=THE_CHANNEL, **_words(call, THE_CHANNEL))}


WRITERS: dict[str, Callable[[str], Json]] = {
    "a stranger": _own(STRANGER),
    "a user": _own(USER),
    "a blocked user": _own(BLOCKED),
    "who has the admin's name and old @username": _own(NAMESAKE),
    "another bot by the admin's @username": lambda call: command(call, OTHER_BOT, _private(OTHER_BOT["id"])),
    "a member of a group": lambda call: command(call, _person(USER), THE_GROUP),
    "the admin in a group": lambda call: command(call, _person(OWNER), THE_GROUP),
    "an anonymous admin of a group": lambda call: command(call, ANONYMOUS, THE_GROUP, sender_chat=THE_GROUP),
    "a channel in a group": lambda call: command(call, CHANNEL_BOT, THE_GROUP, sender_chat=THE_CHANNEL),
    "a channel's post in its group": lambda call: command(
        call, SERVICE, THE_GROUP, sender_chat=THE_CHANNEL, is_automatic_forward=True
    ),
    "a channel": _channel_post,
    "Telegram's service account": lambda call: command(call, SERVICE, _private(SERVICE["id"])),
    "somebody in the admin's chat": lambda call: command(call, _person(USER), _private(OWNER)),
    "a channel in the admin's name": lambda call: command(call, sender_chat=THE_CHANNEL),
    "who forwards the admin's command": _forwarded(COURIER),
    "the admin who forwards a command": _forwarded(OWNER),
    "the admin by way of a bot": lambda call: command(call, via_bot=OTHER_BOT),
    "the admin's edited message": _other_kind("edited_message", edit_date=int(time.time())),
    "the admin's business account": _other_kind("business_message", business_connection_id="b1"),
    "the admin as a guest": _other_kind("guest_message", guest_query_id="g1"),
    "a user's caption": _captioned(COURIER),
    "the admin's caption": _captioned(OWNER),
}


def press(name: str, sender: Json | None = None, chat: Json | None = None, **more: Any) -> Json:
    """A pressed button; without more the admin's under a message of the bot in private."""
    data = f"{name}:1"
    keys = {"inline_keyboard": [[{"text": "Yes", "callback_data": data}]]}
    bot = {"id": 1, "is_bot": True, "first_name": "Assistant", "username": BOT}
    message = _message(bot, chat or _private(OWNER), text="Sure?", reply_markup=keys) | more
    query = {"id": str(next(_numbers)), "from": sender or _person(OWNER), "chat_instance": "1", "data": data}
    return {"callback_query": query | {"message": message}}


def _at_home(user: int) -> Callable[[str], Json]:
    """The true button in this person's own chat: the most favourable case for who forges."""
    return lambda name: press(name, _person(user), _private(user))


def _inline(name: str) -> Json:
    query = press(name)["callback_query"]
    del query["message"]
    return {"callback_query": query | {"inline_message_id": "i1"}}


def _other_data(name: str) -> Json:
    query = press("new")["callback_query"]
    return {"callback_query": query | {"data": f"{name}:1"}}


NO_KEYS: Json = {"inline_keyboard": []}

PRESSERS: dict[str, Callable[[str], Json]] = {
    "a stranger": _at_home(STRANGER),
    "a user": _at_home(USER),
    "a blocked user": _at_home(BLOCKED),
    "who has the admin's name and old @username": _at_home(NAMESAKE),
    "another bot by the admin's @username": lambda name: press(name, OTHER_BOT, THE_GROUP),
    "a user in the admin's chat": lambda name: press(name, _person(USER)),
    "a member of a group": lambda name: press(name, _person(USER), THE_GROUP),
    "the admin in a group": lambda name: press(name, _person(OWNER), THE_GROUP),
    "an anonymous admin of a group": lambda name: press(name, ANONYMOUS, THE_GROUP),
    "a channel in a group": lambda name: press(name, CHANNEL_BOT, THE_GROUP),
    "Telegram's service account": lambda name: press(name, SERVICE),
    "a user who forges data": lambda name: press(name, _person(USER), _private(USER), reply_markup=NO_KEYS),
    "data no button of the message has": _other_data,
    "an inline message": _inline,
    "a message too old to be seen": lambda name: press(name, date=0, reply_markup=NO_KEYS),
}
