"""Drafts that grow while the bot thinks, and "typing…".

https://core.telegram.org/bots/api#sendmessagedraft
"""

from __future__ import annotations

import asyncio
from typing import Final

from sandbox.call import Call, Json
from sandbox.methods.target import Target, end_draft, target
from sandbox.refusal import bad_request
from sandbox.rich import rich_message
from sandbox.text import LONGEST_TEXT, formatted, units
from sandbox.world import World

DRAFT_SECONDS: Final = 30
ACTIONS: Final = frozenset(
    {
        "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
        "choose_sticker", "find_location", "record_video_note", "upload_video_note",
    }
)  # fmt: skip


def send_message_draft(world: World, call: Call) -> bool:
    """Show or change a draft of plain text, 0 to 4,096 UTF-16 units; private chats only."""
    place = _place(world, call)
    text, entities = formatted(
        call.text("text"), call.json("entities", list, "message entities"), call.text("parse_mode")
    )
    if units(text) > LONGEST_TEXT:
        raise bad_request("message is too long")
    return _show(world, call, place, {"text": text, "entities": entities})


def send_rich_message_draft(world: World, call: Call) -> bool:
    """Show or change a draft of a rich message; private chats only."""
    return _show(world, call, _place(world, call), {"rich_message": rich_message(call)})


def _place(world: World, call: Call) -> Target:
    place = target(world, call)
    if not place.chat.private:
        raise bad_request("message drafts can be sent only to private chats")
    if not call.whole("draft_id"):
        raise bad_request("RANDOM_ID_EMPTY")
    return place


def _show(world: World, call: Call, place: Target, content: Json) -> bool:
    key = (place.chat.id, place.thread)
    draft: Json = {"chat_id": place.chat.id, "user_id": place.chat.id, "message_thread_id": place.thread}
    draft |= {"draft_id": call.whole("draft_id"), "can_stop": call.flag("can_stop"), **content}
    old = world.drafts.get(key)
    if old and old["draft_id"] != draft["draft_id"]:
        end_draft(world, *key)
    if timer := world.draft_ends.get(key):
        timer.cancel()
    world.drafts[key] = draft | {"keep_on_stop": call.flag("keep_on_stop")}
    world.draft_ends[key] = asyncio.get_running_loop().call_later(DRAFT_SECONDS, end_draft, world, *key)
    world.events.add("draft", **draft)
    return True


def send_chat_action(world: World, call: Call) -> bool:
    """Tell people what the bot is doing; clients show it for at most 5 seconds."""
    place = target(world, call, general=True)
    action = call.text("action")
    if action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.events.add("action", chat_id=place.chat.id, message_thread_id=place.thread, action=action)
    return True
