"""What people do in a world: send, edit, press, stop a draft, pay, come and go; and what tests arrange."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Final

from sandbox import text as words
from sandbox.call import Json
from sandbox.methods.chats import member
from sandbox.methods.payments import CHECKOUT_SECONDS, pay
from sandbox.methods.target import end_draft
from sandbox.refusal import PeopleError
from sandbox.sending import chat_of, forward, seen_by_bot, send, user_of
from sandbox.world import PRESENT, Chat, World, for_bot, public

Deed = Callable[[World, Json], Json | Awaitable[Json]]


def _edit(world: World, wish: Json) -> Json:
    chat = chat_of(world, wish)
    old = chat.messages[int(wish["message_id"])]
    if old["from"]["id"] != user_of(world, wish)["id"]:
        raise PeopleError("people edit only their own messages")
    name = "text" if "text" in old else "caption"
    marks = "entities" if name == "text" else "caption_entities"
    new = {key: value for key, value in old.items() if key != marks} | {name: wish["text"]}
    if entities := words.found(wish["text"]):
        new[marks] = entities
    new["edit_date"] = int(time.time())
    world.replace(chat, new)
    seen = seen_by_bot(world, chat, new)
    return {"message": new, "update_id": world.updates.add("edited_message", for_bot(new)) if seen else None}


def _press(world: World, wish: Json) -> Json:
    chat, user = chat_of(world, wish), user_of(world, wish)
    message = chat.messages[int(wish["message_id"])]
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    if not wish.get("forged") and wish["data"] not in [button.get("callback_data") for row in rows for button in row]:
        raise PeopleError("the message has no button with this data")
    query_id = str(secrets.randbits(62))
    world.queries[query_id] = {"data": wish["data"], "user_id": user["id"], "time": time.monotonic()}
    query = {"id": query_id, "from": public(user), "chat_instance": str(abs(chat.id) * 7919), "data": wish["data"]}
    update_id = world.updates.add("callback_query", query | {"message": for_bot(message)})
    return {"callback_query_id": query_id, "update_id": update_id}


def _stop_draft(world: World, wish: Json) -> Json:
    chat = chat_of(world, wish)
    for (chat_id, thread), draft in list(world.drafts.items()):
        if chat_id == chat.id and draft["draft_id"] == int(wish["draft_id"]) and draft["can_stop"]:
            if not draft["keep_on_stop"]:
                end_draft(world, chat_id, thread)
            stopped: Json = {"chat": chat.about, "draft_id": draft["draft_id"]}
            stopped |= {"message_thread_id": thread} if thread else {}
            return {"update_id": world.updates.add("stopped_message_generation", stopped)}
    raise PeopleError("no such draft that can be stopped")


async def _pay(world: World, wish: Json) -> Json:
    user = user_of(world, wish)
    chat = world.chats[int(wish["chat_id"] if "chat_id" in wish else user["id"])]
    invoice = world.invoices[wish["link"] if "link" in wish else (chat.id, int(wish["message_id"]))]
    seconds = float(wish.get("seconds", CHECKOUT_SECONDS))
    return await pay(world, chat, user["id"], invoice, bool(wish.get("wait", True)), seconds)


def _member(world: World, wish: Json) -> Json:
    """The bot's place in a chat changes, or with `member_id` that of a person; `user_id` is who does it."""
    chat, actor, status = chat_of(world, wish), user_of(world, wish), str(wish["status"])
    subject = int(wish["member_id"] if "member_id" in wish else world.bot["id"])
    if status not in ("member", "administrator", "creator", "left", "kicked", "restricted"):
        raise PeopleError("no such status")
    old = member(world, chat, subject)
    chat.members[subject] = status
    if not chat.private and (old["status"] in PRESENT) is not (status in PRESENT):
        shown = public(world.bot if subject == world.bot["id"] else world.users[subject])
        came = {"new_chat_members": [shown]} if status in PRESENT else {"left_chat_member": shown}
        message = world.post(chat, public(actor), came)
        if seen_by_bot(world, chat, message):
            world.updates.add("message", for_bot(message))
    change: Json = {"chat": chat.about, "from": public(actor), "date": int(time.time())}
    change |= {"old_chat_member": old, "new_chat_member": member(world, chat, subject)}
    kind = "my_chat_member" if subject == world.bot["id"] else "chat_member"
    update_id = world.updates.add(kind, change)
    world.events.add("world")
    return {"update_id": update_id}


def _add_user(world: World, wish: Json) -> Json:
    user = {"is_bot": False, "first_name": f"User {wish['id']}", **wish}
    started = bool(user.pop("started", False))
    world.add_user(user, started)
    return {"user": user}


def _add_group(world: World, wish: Json) -> Json:
    about = {"type": "supergroup", "title": "Group", **wish}
    members = {int(user): "member" for user in about.pop("members", world.users)}
    status = about.pop("bot_status", "member")
    # The first message of a forum told of its creation; 1 is also what its General topic is called by.
    chat = Chat(about, {**members, world.bot["id"]: status}, last_id=int(bool(about.get("is_forum"))))
    world.chats[chat.id] = chat
    for name in about.pop("topics", []):
        world.add_topic(chat, name, public(world.users[world.owner_id]))
    world.events.add("world")
    return {"chat": about, "topics": chat.topics}


def _add_topic(world: World, wish: Json) -> Json:
    chat = chat_of(world, wish)
    topic = world.add_topic(chat, str(wish["name"]), public(user_of(world, wish)))
    world.events.add("world")
    return topic


def _upgrade(world: World, wish: Json) -> Json:
    """A basic group becomes a supergroup with a new id."""
    old = chat_of(world, wish)
    if old.about["type"] != "group":
        raise PeopleError("only a basic group can be upgraded")
    new_id = int(f"-100{abs(old.id):010d}")
    about = {**old.about, "id": new_id, "type": "supergroup"}
    owner = public(world.users[world.owner_id])
    new = world.chats[new_id] = Chat(about, dict(old.members))
    world.updates.add("message", world.post(old, owner, {"migrate_to_chat_id": new_id}))
    world.updates.add("message", world.post(new, owner, {"migrate_from_chat_id": old.id}))
    old.upgraded_to = new_id
    world.events.add("world")
    return {"chat": about}


def _raw_update(world: World, wish: Json) -> Json:
    return {"update_id": world.updates.add_raw(wish)}


def _fault(world: World, wish: Json) -> Json:
    return {"fault_id": world.faults.add(wish)}


def _flood(world: World, wish: Json) -> Json:
    world.flood.on = bool(wish["on"])
    return {"on": world.flood.on}


def _bot(world: World, wish: Json) -> Json:
    """Switch what @BotFather switches, such as can_read_all_group_messages or has_topics_enabled."""
    world.bot |= wish
    world.events.add("world")
    return {"bot": world.bot}


DEEDS: Final[dict[str, Deed]] = {
    "send": send,
    "forward": forward,
    "edit": _edit,
    "press": _press,
    "stop_draft": _stop_draft,
    "pay": _pay,
    "member": _member,
    "user": _add_user,
    "group": _add_group,
    "topic": _add_topic,
    "upgrade": _upgrade,
    "update": _raw_update,
    "fault": _fault,
    "flood": _flood,
    "bot": _bot,
}
