"""Where a bot's message goes and what goes along: chat, topic, replied message, buttons; with Telegram's refusals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from sandbox.call import Call, Json
from sandbox.refusal import Refusal, bad_request
from sandbox.world import PRESENT, Chat, World, for_bot, public

LONGEST_CALLBACK_DATA: Final = 64  # bytes
MOST_BUTTONS: Final = 100


@dataclass(frozen=True, slots=True)
class Target:
    """A place where the bot may write."""

    chat: Chat
    thread: int
    reply_to: Json | None


def chat_of(world: World, call: Call, name: str = "chat_id") -> Chat:
    """The chat a call names by number or @username; raises Telegram's 400 when there is none."""
    given = call.text(name)
    if not given:
        raise bad_request("chat_id is empty")
    for chat in world.chats.values() if given.startswith("@") else ():
        if str(chat.about.get("username", "")).lower() == given[1:].lower():
            return chat
    chat_id = call.whole(name)
    if chat_id not in world.chats:
        raise bad_request("chat not found")
    found = world.chats[chat_id]
    if found.upgraded_to is not None:
        words = "Bad Request: group chat was upgraded to a supergroup chat"
        raise Refusal(400, words, migrate_to_chat_id=found.upgraded_to)
    return found


def writable(world: World, call: Call) -> Chat:
    """The chat of a call, where the bot may write, else Telegram's 403."""
    chat = chat_of(world, call)
    status = chat.members.get(world.bot["id"], "left")
    if status in PRESENT and chat.bot_may_write:
        return chat
    if chat.private:
        blocked = "bot was blocked by the user" if status == "kicked" else "bot can't initiate conversation with a user"
        raise Refusal(403, f"Forbidden: {blocked}")
    room = f"the {chat.about['type']} chat"
    raise Refusal(403, f"Forbidden: bot {'was kicked from' if status == 'kicked' else 'is not a member of'} {room}")


def target(world: World, call: Call, general: bool = False) -> Target:
    """Chat, topic and replied message of a call; `general`: the General topic may be named by its id 1.

    Telegram refuses that id in messages and takes it in chat actions.
    """
    chat = writable(world, call)
    thread = call.whole("message_thread_id")
    if thread == 1 and general:
        thread = 0
    if thread and thread not in chat.topics:
        raise bad_request("message thread not found")
    reply = call.json("reply_parameters", dict, "reply parameters")
    number = reply.get("message_id") or call.whole("reply_to_message_id")
    if not number:
        return Target(chat, thread, None)
    replied = chat.messages.get(int(number))
    if replied is None and not (reply.get("allow_sending_without_reply") or call.flag("allow_sending_without_reply")):
        raise bad_request("message to be replied not found")
    if replied is not None and not thread:
        thread = replied.get("message_thread_id", 0)
    return Target(chat, thread, replied)


def send(world: World, call: Call, content: Json) -> Json:
    """Post the bot's message where the call says, with its buttons; drafts of that place end."""
    return put(world, target(world, call), content | markup(call, inline_only=False))


def put(world: World, place: Target, content: Json) -> Json:
    """Post the bot's message into a place already looked up."""
    end_draft(world, place.chat.id, place.thread)
    message = world.post(place.chat, public(world.bot), content, place.thread, place.reply_to)
    return for_bot(message)


def end_draft(world: World, chat_id: int, thread: int) -> None:
    """A draft disappears: its time is over, it was stopped, or the answer came."""
    key = (chat_id, thread)
    if draft := world.drafts.pop(key, None):
        world.draft_ends.pop(key).cancel()
        world.events.add("draft_end", chat_id=chat_id, message_thread_id=thread, draft_id=draft["draft_id"])


def markup(call: Call, inline_only: bool = True) -> Json:
    """`{"reply_markup": ...}` as checked, or nothing."""
    given: Json = call.json("reply_markup", dict, "reply keyboard markup")
    if "inline_keyboard" in given:
        return {"reply_markup": {"inline_keyboard": _inline(given["inline_keyboard"])}}
    if not given or inline_only:
        return {}
    if "keyboard" in given:
        _rows(given["keyboard"], "keyboard")
    return {"reply_markup": given}


def _rows(rows: Any, name: str) -> list[list[Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{name}" must be an Array of Arrays')
    return rows


def _inline(rows: Any) -> list[list[Json]]:
    checked = [[_button(button) for button in row] for row in _rows(rows, "inline_keyboard") if row]
    if sum(map(len, checked)) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return checked


def _button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if not button.get("text"):
        raise bad_request("can't parse inline keyboard button: button text must be non-empty")
    data, url = button.get("callback_data"), button.get("url")
    if data is not None and not 1 <= len(str(data).encode()) <= LONGEST_CALLBACK_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    if url is not None and urlsplit(str(url)).scheme not in ("http", "https", "tg"):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    if len(button) < 2:
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    return button


def own_message(chat: Chat, world: World, call: Call, subject: str = "message to edit") -> Json:
    """The bot's own message a call wants to change."""
    if not (number := call.whole("message_id")):
        raise bad_request("message identifier is not specified")
    if (message := chat.messages.get(number)) is None:
        raise bad_request(f"{subject} not found")
    if message["from"]["id"] != world.bot["id"]:
        raise bad_request("message can't be edited")
    return message
