"""What people send in a world: words, files, albums, messages of others passed on."""

from __future__ import annotations

import base64
import secrets
from typing import Final

from sandbox import text as words
from sandbox.call import Json
from sandbox.methods.messages import copied
from sandbox.refusal import PeopleError
from sandbox.world import PRESENT, Chat, World, for_bot, public

UNHEARD: Final = ("photo", "document", "voice", "audio", "video", "sticker", "video_note")


def chat_of(world: World, wish: Json) -> Chat:
    """The chat that a wish names."""
    chat = world.chats.get(int(wish["chat_id"]))
    if chat is None:
        raise PeopleError("no such chat")
    return chat


def user_of(world: World, wish: Json) -> Json:
    """The person that a wish names."""
    user = world.users.get(int(wish["user_id"]))
    if user is None:
        raise PeopleError("no such user")
    return user


def send(world: World, wish: Json) -> Json:
    """A person writes, sends a file, or several of them as an album."""
    chat, user = _let_in(world, wish)
    files = wish.get("files") or [wish.get("file")]
    contents = [_content(world, wish if number == 0 else {}, file) for number, file in enumerate(files)]
    if len(contents) > 1:
        album = secrets.token_hex(8)
        contents = [content | {"media_group_id": album} for content in contents]
    if "quote" in wish:
        contents[0]["quote"] = {"text": wish["quote"], "position": 0, "is_manual": True}
    return _put(world, chat, user, [content | wish.get("extra", {}) for content in contents], wish)


def forward(world: World, wish: Json) -> Json:
    """A person passes messages on, `message_ids` of `from_chat_id`; an album stays one."""
    chat, user = _let_in(world, wish)
    source = chat_of(world, {"chat_id": wish["from_chat_id"]})
    album, contents = secrets.token_hex(8), []
    for number in wish["message_ids"]:
        message = source.messages[int(number)]
        origin = {"type": "user", "sender_user": public(message["from"]), "date": message["date"]}
        if not copied(message):
            raise PeopleError("this message can't be passed on")
        content = copied(message) | {"forward_origin": message.get("forward_origin", origin)}
        contents.append(content | ({"media_group_id": album} if "media_group_id" in message else {}))
    return _put(world, chat, user, contents, wish)


def _let_in(world: World, wish: Json) -> tuple[Chat, Json]:
    """The chat and the person, who may write there."""
    chat, user = chat_of(world, wish), user_of(world, wish)
    bot_status = chat.members.get(world.bot["id"], "left")
    if chat.private and bot_status == "kicked":
        raise PeopleError("this person has blocked the bot: unblock first")
    if chat.members.get(user["id"]) not in PRESENT:
        raise PeopleError("this person is not in the chat")
    chat.bot_may_write = True
    return chat, user


def _put(world: World, chat: Chat, user: Json, contents: list[Json], wish: Json) -> Json:
    """Post the messages, one update after the other."""
    thread, reply = _place(chat, wish)
    sent = [world.post(chat, public(user), content, thread, reply) for content in contents]
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
    """What a message holds; in an album a caption is the first one's, unless a file has its own."""
    name = "caption" if file else "text"
    said = str((file or {}).get("caption") or wish.get(name) or wish.get("text") or "")
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
            kind in message for kind in UNHEARD
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
