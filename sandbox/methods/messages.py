"""Messages of words: sent, edited, deleted, forwarded, reacted to.

https://core.telegram.org/bots/api#sendmessage
"""

from __future__ import annotations

import time
from typing import Final

from sandbox.call import Call, Json
from sandbox.methods.target import chat_of, markup, own_message, put, send, target
from sandbox.refusal import NOT_MODIFIED, bad_request
from sandbox.rich import rich_message
from sandbox.text import LONGEST_CAPTION, LONGEST_TEXT, formatted, units
from sandbox.world import Chat, World, for_bot

MOST_DELETED: Final = 100
BODY: Final = ("text", "entities", "rich_message", "link_preview_options")
MEDIA: Final = ("photo", "document", "voice", "audio", "video", "animation", "video_note", "sticker")


def text_content(call: Call, too_long: str = "message is too long") -> Json:
    """`text` and `entities` of a call, checked."""
    text, entities = formatted(
        call.text("text"), call.json("entities", list, "message entities"), call.text("parse_mode")
    )
    if not text:
        raise bad_request("message text is empty")
    if units(text) > LONGEST_TEXT:
        raise bad_request(too_long)
    content: Json = {"text": text}
    if entities:
        content["entities"] = entities
    if options := call.json("link_preview_options", dict, "link preview options"):
        content["link_preview_options"] = options
    return content


def caption_content(call: Call, spec: Json | None = None) -> Json:
    """`caption` and `caption_entities` of a call, or of one item of an album."""
    given = Call(call.method, call.params if spec is None else spec)
    text, entities = formatted(
        given.text("caption"), given.json("caption_entities", list, "caption entities"), given.text("parse_mode")
    )
    if units(text) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    content: Json = {"caption": text} if text else {}
    return content | ({"caption_entities": entities} if text and entities else {})


def send_message(world: World, call: Call) -> Json:
    """A message of 1 to 4,096 UTF-16 units."""
    return send(world, call, text_content(call))


def send_rich_message(world: World, call: Call) -> Json:
    """A message of up to 32,768 characters of Markdown."""
    return send(world, call, {"rich_message": rich_message(call)})


def edited(world: World, chat: Chat, old: Json, content: Json, replaced: tuple[str, ...]) -> Json:
    """The message with other content; one that would stay the same is refused."""
    kept = {name: value for name, value in old.items() if name not in (*replaced, "reply_markup", "edit_date")}
    new = kept | content
    if new == {name: value for name, value in old.items() if name != "edit_date"}:
        raise bad_request(NOT_MODIFIED.removeprefix("Bad Request: "))
    new["edit_date"] = int(time.time())
    world.replace(chat, new)
    return for_bot(new)


def edit_message_text(world: World, call: Call) -> Json:
    """New words or rich content for the bot's own message; unchanged ones are a 400."""
    rich = call.json("rich_message", dict, "rich message")
    content = {"rich_message": rich_message(call)} if rich else text_content(call, "MESSAGE_TOO_LONG")
    chat = chat_of(world, call)
    old = own_message(chat, world, call)
    if "text" not in old and "rich_message" not in old:
        raise bad_request("there is no text in the message to edit")
    return edited(world, chat, old, content | markup(call), BODY)


def edit_message_caption(world: World, call: Call) -> Json:
    """A new caption, up to 1,024 UTF-16 units, under the bot's own file."""
    chat = chat_of(world, call)
    old = own_message(chat, world, call)
    if not any(kind in old for kind in MEDIA):
        raise bad_request("there is no caption in the message to edit")
    return edited(world, chat, old, caption_content(call) | markup(call), ("caption", "caption_entities"))


def edit_message_reply_markup(world: World, call: Call) -> Json:
    """New inline buttons, or none."""
    chat = chat_of(world, call)
    return edited(world, chat, own_message(chat, world, call), markup(call), ())


def delete_message(world: World, call: Call) -> bool:
    """Delete the bot's own message, or anyone's where it may."""
    chat = chat_of(world, call)
    message = chat.messages.get(call.whole("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    rights = chat.private or chat.members.get(world.bot["id"]) == "administrator"
    if message["from"]["id"] != world.bot["id"] and not rights:
        raise bad_request("message can't be deleted")
    world.remove(chat, [message["message_id"]])
    return True


def delete_messages(world: World, call: Call) -> bool:
    """Delete up to 100 messages; unknown ones are passed over."""
    numbers = call.json("message_ids", list, "message identifiers")
    if not 1 <= len(numbers) <= MOST_DELETED:
        raise bad_request(
            "Too many message identifiers specified" if numbers else "Message identifiers are not specified"
        )
    world.remove(chat_of(world, call), [int(number) for number in numbers])
    return True


def _source(world: World, call: Call, deed: str) -> Json:
    found = chat_of(world, call, "from_chat_id").messages.get(call.whole("message_id"))
    if found is None:
        raise bad_request(f"message to {deed} not found")
    return found


def copied(message: Json) -> Json:
    """What goes along when a message is passed on: words and media, no buttons, no reply."""
    names = (*BODY, *MEDIA, "caption", "caption_entities")
    return {name: message[name] for name in names if name in message}


def copy_message(world: World, call: Call) -> Json:
    """Send the content of a message anew, without a link to where it came from."""
    source = _source(world, call, "copy")
    if not (content := copied(source)):
        raise bad_request("message can't be copied")
    if "caption" in call.params:
        content = {name: value for name, value in content.items() if "caption" not in name} | caption_content(call)
    return {"message_id": send(world, call, content)["message_id"]}


def forward_message(world: World, call: Call) -> Json:
    """Send a message on, saying who wrote it."""
    source = _source(world, call, "forward")
    origin = {"type": "user", "sender_user": source["from"], "date": source["date"]}
    content = copied(source) | {"forward_origin": source.get("forward_origin", origin)}
    return put(world, target(world, call), content)


def set_message_reaction(world: World, call: Call) -> bool:
    """Put one reaction of the bot on a message, or take it away."""
    chat = chat_of(world, call)
    if chat.messages.get(call.whole("message_id")) is None:
        raise bad_request("message to react not found")
    reactions = call.json("reaction", list, "reaction types")
    if any(reaction.get("type") not in ("emoji", "custom_emoji") for reaction in reactions) or len(reactions) > 1:
        raise bad_request("REACTION_INVALID")
    world.events.add("reaction", chat_id=chat.id, message_id=call.whole("message_id"), reaction=reactions)
    return True
