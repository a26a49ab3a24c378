"""docs/messages.md knows every kind of message that Telegram knows."""

from pathlib import Path
from typing import Any

from aiogram.types import Message
from telebot.util import content_type_media, content_type_service

from bot_commands import messages
from bot_commands.kinds import KINDS
from tests.conftest import ALICE, Conversation
from texts import Words

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "messages.md"

# Fields that tell something of a message of any kind, and the old ones for `forward_origin`.
OF_ANY_KIND = {
    "message_id", "date", "chat", "message_thread_id", "direct_messages_topic", "from_user", "sender_chat",
    "sender_boost_count", "sender_business_bot", "sender_tag", "receiver_user", "ephemeral_message_id",
    "guest_query_id", "guest_bot_caller_user", "guest_bot_caller_chat", "business_connection_id",
    "forward_origin", "forward_date", "forward_from", "forward_from_chat", "forward_from_message_id",
    "forward_sender_name", "forward_signature", "is_topic_message", "is_automatic_forward", "reply_to_message",
    "external_reply", "quote", "reply_to_story", "reply_to_checklist_task_id", "reply_to_poll_option_id",
    "via_bot", "edit_date", "has_protected_content", "is_from_offline", "is_paid_post", "media_group_id",
    "author_signature", "paid_star_count", "entities", "link_preview_options", "suggested_post_info", "effect_id",
    "caption", "caption_entities", "show_caption_above_media", "has_media_spoiler", "reply_markup",
}  # fmt: skip
NOTHING = Words("ничего", "nothing")
SERVICE = [field for row in messages.SERVICES for field in row.fields.split()]


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == messages.document(), "run: make commands"


def test_every_kind_of_message_is_listed_once() -> None:
    listed = [*(kind.field for kind in KINDS), *messages.LIKE, *SERVICE]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(Message.model_fields) - OF_ANY_KIND
    assert {*content_type_media, *content_type_service} - OF_ANY_KIND <= set(listed)


def test_the_page_says_it_in_both_languages() -> None:
    russian, english = messages.document().split("# What the bot does with messages")
    for field in (*(kind.field for kind in KINDS), *messages.LIKE, *SERVICE):
        for page in (russian, english):
            assert sum(f"`{field}`" in line for line in page.splitlines()) == 1


def test_nothing_is_done_with_service_messages(alice: Conversation) -> None:
    """Served in their turn: who writes after them is answered, and hears nothing else."""
    before = len(alice.said(ALICE))
    for row in messages.SERVICES:
        if row.does == NOTHING:
            for field in row.fields.split():
                content: dict[str, Any] = {field: True}
                alice.world.send(user=ALICE, extra=content)
    assert alice.write("Hello") == "You said: Hello"
    assert len(alice.said(ALICE)) == before + 1
