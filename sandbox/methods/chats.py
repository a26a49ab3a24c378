"""What the bot may ask and do about chats, their members and topics.

https://core.telegram.org/bots/api#getchat
"""

from __future__ import annotations

from typing import Final

from sandbox.call import Call, Json
from sandbox.methods.target import chat_of, writable
from sandbox.refusal import bad_request
from sandbox.world import PRESENT, Chat, World, for_bot, public

LONGEST_TOPIC: Final = 128
_RIGHTS: Final = (
    "can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members", "can_promote_members",
    "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
    "can_pin_messages", "can_manage_topics", "can_send_welcome_messages",
)  # fmt: skip
_GIFTS: Final = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


def member(world: World, chat: Chat, user_id: int) -> Json:
    """The ChatMember object of a person or the bot in a chat."""
    status = chat.members.get(user_id, "left")
    user = world.bot if user_id == world.bot["id"] else world.users[user_id]
    about: Json = {"status": status, "user": public(user)}
    if status in ("creator", "administrator"):
        about["is_anonymous"] = False
    if status == "administrator":
        about |= {"can_be_edited": False, **dict.fromkeys(_RIGHTS, True)}
    return about | ({"until_date": 0} if status == "kicked" else {})


def get_chat(world: World, call: Call) -> Json:
    """A chat with the fields only getChat tells."""
    chat = chat_of(world, call)
    about: Json = {**chat.about, "accent_color_id": chat.id % 7, "max_reaction_count": 11}
    about["accepted_gift_types"] = dict.fromkeys(_GIFTS, chat.private)
    pinned = [message for message in chat.messages.values() if "pinned_message" in message]
    if pinned:
        about["pinned_message"] = pinned[-1]["pinned_message"]
    return about if chat.private else about | {"permissions": {"can_send_messages": True}}


def get_chat_member(world: World, call: Call) -> Json:
    """A person or the bot in a chat; "left" when they never were there."""
    chat = chat_of(world, call)
    user_id = call.whole("user_id")
    if user_id not in world.users and user_id != world.bot["id"]:
        raise bad_request("member not found" if user_id else "invalid user_id specified")
    return member(world, chat, user_id)


def get_chat_member_count(world: World, call: Call) -> int:
    """How many are in the chat, the bot among them."""
    return sum(status in PRESENT for status in chat_of(world, call).members.values())


def get_chat_administrators(world: World, call: Call) -> list[Json]:
    """Creator and administrators; a 400 in private chats."""
    chat = chat_of(world, call)
    if chat.private:
        raise bad_request("there are no administrators in the private chat")
    return [member(world, chat, user) for user, s in chat.members.items() if s in ("creator", "administrator")]


def leave_chat(world: World, call: Call) -> bool:
    """The bot goes; it may not write there any more."""
    chat = writable(world, call)
    if chat.private:
        raise bad_request("chat member status can't be changed in private chats")
    chat.members[world.bot["id"]] = "left"
    world.post(chat, public(world.bot), {"left_chat_member": public(world.bot)})
    world.events.add("world")
    return True


def _forum(world: World, call: Call) -> Chat:
    chat = writable(world, call)
    if not (world.bot["has_topics_enabled"] if chat.private else chat.about.get("is_forum")):
        raise bad_request("the chat is not a forum")
    if not chat.private and chat.members.get(world.bot["id"]) != "administrator":
        raise bad_request("not enough rights to create a topic")
    return chat


def create_forum_topic(world: World, call: Call) -> Json:
    """Open a topic, names up to 128 characters; in groups the bot must be an administrator."""
    chat = _forum(world, call)
    name = call.required("name")
    if len(name) > LONGEST_TOPIC:
        raise bad_request("TOPIC_TITLE_TOO_LONG")
    topic = world.add_topic(chat, name, public(world.bot))
    world.events.add("world")
    return topic


def _topic(world: World, call: Call) -> tuple[Chat, int]:
    chat, thread = _forum(world, call), call.whole("message_thread_id")
    if thread not in chat.topics:
        raise bad_request("TOPIC_ID_INVALID")
    return chat, thread


def edit_forum_topic(world: World, call: Call) -> bool:
    """Rename a topic."""
    chat, thread = _topic(world, call)
    if name := call.text("name"):
        if name == chat.topics[thread]:
            raise bad_request("TOPIC_NOT_MODIFIED")
        chat.topics[thread] = name
        world.post(chat, public(world.bot), {"forum_topic_edited": {"name": name}}, thread)
        world.events.add("world")
    return True


def delete_forum_topic(world: World, call: Call) -> bool:
    """Take a topic away with all its messages."""
    chat, thread = _topic(world, call)
    del chat.topics[thread]
    inside = [number for number, message in chat.messages.items() if message.get("message_thread_id") == thread]
    world.remove(chat, inside)
    world.events.add("world")
    return True


def pin_chat_message(world: World, call: Call) -> bool:
    """Pin a message, with the service message that tells of it."""
    chat = writable(world, call)
    message = chat.messages.get(call.whole("message_id"))
    if message is None:
        raise bad_request("message to pin not found")
    if not chat.private and chat.members.get(world.bot["id"]) != "administrator":
        raise bad_request("not enough rights to manage pinned messages in the chat")
    world.post(chat, public(world.bot), {"pinned_message": for_bot(message)}, message.get("message_thread_id", 0))
    return True
