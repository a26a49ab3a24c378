"""What people do in a world: write, edit, press, stop a draft, pay, come and go; and what tests arrange."""

from __future__ import annotations

import base64
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
from sandbox.world import PRESENT, Chat, World, for_bot, public

Deed = Callable[[World, Json], Json | Awaitable[Json]]


def _chat(world: World, wish: Json) -> Chat:
    chat = world.chats.get(int(wish["chat_id"]))
    if chat is None:
        raise PeopleError("no such chat")
    return chat


def _user(world: World, wish: Json) -> Json:
    user = world.users.get(int(wish["user_id"]))
    if user is None:
        raise PeopleError("no such user")
    return user


def _send(world: World, wish: Json) -> Json:
    chat, user = _chat(world, wish), _user(world, wish)
    bot_status = chat.members.get(world.bot["id"], "left")
    if chat.private and bot_status == "kicked":
        raise PeopleError("this person has blocked the bot: unblock first")
    if chat.members.get(user["id"]) not in PRESENT:
        raise PeopleError("this person is not in the chat")
    chat.bot_may_write = True
    thread, reply = _place(chat, wish)
    contents = [_content(world, wish, file) for file in wish.get("files") or [wish.get("file")]]
    if len(contents) > 1:
        album = secrets.token_hex(8)
        contents = [content | {"media_group_id": album} for content in contents]
    if "quote" in wish:
        contents[0]["quote"] = {"text": wish["quote"], "position": 0, "is_manual": True}
    sent = [world.post(chat, public(user), content | wish.get("extra", {}), thread, reply) for content in contents]
    seen = [world.updates.add("message", for_bot(m)) if seen_by_bot(world, chat, m) else None for m in sent]
    return {"message": sent[0], "messages": sent, "update_id": seen[0]}


def _place(chat: Chat, wish: Json) -> tuple[int, Json | None]:
    thread = int(wish.get("message_thread_id") or 0)
    if thread > 1 and thread not in chat.topics:
        raise PeopleError("no such topic")
    number = wish.get("reply_to_message_id")
    reply = chat.messages.get(int(number)) if number else None
    if number and reply is None:
        raise PeopleError("no such message to reply to")
    if reply and not thread:
        thread = reply.get("message_thread_id", 0)
    return thread, reply


def _content(world: World, wish: Json, file: Json | None) -> Json:
    name = "caption" if file else "text"
    said = str(wish.get(name) or wish.get("text") or "")
    given = wish.get("entities")
    entities = words.found(said) if given is None else given
    content: Json = {name: said} if said else {}
    if said and entities:
        content["entities" if name == "text" else "caption_entities"] = entities
    if file is None:
        if not said and not wish.get("extra"):
            raise PeopleError("text, file or extra is needed")
        return content
    data = base64.b64decode(file["data"]) if "data" in file else bytes(int(file["size"]))
    return world.files.media(file["kind"], data, file) | content


def seen_by_bot(world: World, chat: Chat, message: Json) -> bool:
    """Whether the bot gets this message: privacy mode hides what in a group is not meant for it.

    https://core.telegram.org/bots/features#privacy-mode
    """
    status = chat.members.get(world.bot["id"], "left")
    if status not in PRESENT:
        return False
    if chat.private or status == "administrator" or world.bot["can_read_all_group_messages"]:
        return True
    said = message.get("text") or message.get("caption")
    if said is None:
        return message.get("reply_to_message", {}).get("from", {}).get("id") == world.bot["id"] or not any(
            kind in message for kind in ("photo", "document", "voice", "audio", "video", "sticker", "video_note")
        )
    if message.get("reply_to_message", {}).get("from", {}).get("id") == world.bot["id"]:
        return True
    entities = message.get("entities") or message.get("caption_entities") or []
    return any(_meant(world, said, entity) for entity in entities)


def _meant(world: World, said: str, entity: Json) -> bool:
    name = "@" + str(world.bot["username"]).lower()
    raw = said.encode("utf-16-le", "surrogatepass")[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2]
    piece = raw.decode("utf-16-le", "replace").lower()
    if entity["type"] == "bot_command":
        return "@" not in piece or piece.endswith(name)
    if entity["type"] == "text_mention":
        return bool(entity["user"]["id"] == world.bot["id"])
    return bool(entity["type"] == "mention" and piece == name)


def _edit(world: World, wish: Json) -> Json:
    chat = _chat(world, wish)
    old = chat.messages[int(wish["message_id"])]
    if old["from"]["id"] != _user(world, wish)["id"]:
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
    chat, user = _chat(world, wish), _user(world, wish)
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
    chat = _chat(world, wish)
    for (chat_id, thread), draft in list(world.drafts.items()):
        if chat_id == chat.id and draft["draft_id"] == int(wish["draft_id"]) and draft["can_stop"]:
            if not draft["keep_on_stop"]:
                end_draft(world, chat_id, thread)
            stopped: Json = {"chat": chat.about, "draft_id": draft["draft_id"]}
            stopped |= {"message_thread_id": thread} if thread else {}
            return {"update_id": world.updates.add("stopped_message_generation", stopped)}
    raise PeopleError("no such draft that can be stopped")


async def _pay(world: World, wish: Json) -> Json:
    user = _user(world, wish)
    chat = world.chats[int(wish["chat_id"] if "chat_id" in wish else user["id"])]
    invoice = world.invoices[wish["link"] if "link" in wish else (chat.id, int(wish["message_id"]))]
    seconds = float(wish.get("seconds", CHECKOUT_SECONDS))
    return await pay(world, chat, user["id"], invoice, bool(wish.get("wait", True)), seconds)


def _member(world: World, wish: Json) -> Json:
    """The bot's place in a chat changes, or with `member_id` that of a person; `user_id` is who does it."""
    chat, actor, status = _chat(world, wish), _user(world, wish), str(wish["status"])
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
    chat = _chat(world, wish)
    topic = world.add_topic(chat, str(wish["name"]), public(_user(world, wish)))
    world.events.add("world")
    return topic


def _upgrade(world: World, wish: Json) -> Json:
    """A basic group becomes a supergroup with a new id."""
    old = _chat(world, wish)
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
    "send": _send,
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
