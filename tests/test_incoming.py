"""Updates read into plain values: commands, mentions, replies, and what concerns nobody."""

import pytest

from incoming import ALLOWED_UPDATES, read, whole_characters

ME = (7000000001, "sandbox_assistant_bot")
VENUE = {"title": "Cafe", "address": "Main Street 1", "location": {"latitude": 1.5, "longitude": 2}}


def message(text: str = "hi", **fields: object) -> dict[str, object]:
    base = {
        "message_id": 5,
        "date": 1,
        "chat": {"id": 101, "type": "private"},
        "from": {"id": 101, "is_bot": False, "first_name": "Alice", "last_name": "L."},
        "text": text,
    }
    return {"update_id": 1, "message": base | fields}


@pytest.mark.parametrize(
    ("text", "command", "argument"),
    [
        ("/help", "help", ""),
        ("/HELP", "help", ""),
        ("/help@Sandbox_Assistant_Bot me", "help", "me"),
        ("/p  You are  Marv\nand more ", "p", "You are  Marv\nand more"),
        ("/prompt\nline", "prompt", "line"),
        ("/очистить", "очистить", ""),
        ("hello /help", "", ""),
        ("/usr/bin", "", ""),
        ("//", "", ""),
        ("/", " ", ""),
        ("/ Help me", " help", ""),
    ],
)
def test_commands_are_read_once(text: str, command: str, argument: str) -> None:
    incoming = read(message(text), *ME)
    assert incoming is not None
    assert (incoming.command, incoming.argument) == (command, argument)


def test_other_bots_commands_are_no_concern() -> None:
    assert read(message("/help@other_bot"), *ME) is None


@pytest.mark.parametrize("field", ["forward_origin", "via_bot", "caption"])
def test_words_of_others_and_captions_are_no_commands(field: str) -> None:
    update = message("/stop")
    carried = update["message"]
    assert isinstance(carried, dict)
    carried |= (
        {field: carried.pop("text"), "photo": [{"file_id": "f", "width": 9, "height": 9}]}
        if field == "caption"
        else {field: {"type": "hidden_user"}}
    )
    incoming = read(update, *ME)
    assert incoming is not None
    assert (incoming.text, incoming.command, incoming.typed) == ("/stop", "", False)


def test_mentions_count_utf16_units() -> None:
    text = "😀 @Sandbox_assistant_bot hi"
    entities = [{"type": "mention", "offset": 3, "length": 22}]
    incoming = read(message(text, entities=entities), *ME)
    assert incoming is not None
    assert incoming.mentioned
    other = read(message("@sandbox_assistant_bot2 hi", entities=[{"type": "mention", "offset": 0, "length": 23}]), *ME)
    assert other is not None
    assert not other.mentioned


def test_the_header_of_a_topic_is_no_reply() -> None:
    header = {
        "message_id": 3,
        "date": 1,
        "chat": {"id": -5, "type": "supergroup"},
        "forum_topic_created": {"name": "x"},
    }
    fields = {"message_thread_id": 3, "is_topic_message": True, "reply_to_message": header}
    incoming = read(message("hi", chat={"id": -5, "type": "supergroup"}, **fields), *ME)
    assert incoming is not None
    assert incoming.thread == 3
    assert incoming.replied is None


def test_half_characters_become_replacement_characters() -> None:
    incoming = read(whole_characters(message("half \ud83d")), *ME)
    assert incoming is not None
    assert incoming.text == "half \ufffd"


def test_nobody_to_pay_for_anonymous_posts() -> None:
    incoming = read(message("hi", sender_chat={"id": -5}, **{"from": {"id": 1087968824, "first_name": "Group"}}), *ME)
    assert incoming is not None
    assert incoming.person is None


def test_what_is_not_asked_for_is_no_concern() -> None:
    assert read({"update_id": 1, "poll": {}}, *ME) is None
    assert "poll" not in ALLOWED_UPDATES


@pytest.mark.parametrize("broken", [{"message": None}, {"message": {}}, {"callback_query": {"data": 1, "message": {}}}])
def test_broken_updates_raise(broken: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        read({"update_id": 1, **broken}, *ME)


@pytest.mark.parametrize(
    ("fields", "content"),
    [
        ({"animation": {"file_id": "a"}, "document": {"file_id": "a"}}, "animation"),
        ({"venue": VENUE, "location": VENUE["location"]}, "venue"),
        ({"live_photo": {}, "photo": [{"file_id": "f", "width": 9, "height": 9}]}, "photo"),
    ],
)
def test_what_comes_twice_for_older_programs_is_read_as_what_it_is(fields: dict[str, object], content: str) -> None:
    update = message(**fields)
    del update["message"]["text"]  # type: ignore[attr-defined]
    incoming = read(update, *ME)
    assert incoming is not None
    assert incoming.content == content


def test_the_general_topic_of_a_forum_is_no_topic() -> None:
    forum = {"id": -5, "type": "supergroup", "is_forum": True}
    incoming = read(message("hi", chat=forum, message_thread_id=1, is_topic_message=True), *ME)
    assert incoming is not None
    assert incoming.thread == 0


def test_a_reply_to_a_service_message_is_none() -> None:
    pinned = {"message_id": 3, "date": 1, "chat": {"id": -5}, "from": {"id": ME[0]}, "pinned_message": {}}
    incoming = read(message("hi", reply_to_message=pinned), *ME)
    assert incoming is not None
    assert incoming.replied is None


def test_a_rich_message_is_read_as_its_words() -> None:
    blocks = [
        {"type": "heading", "text": "Title", "size": 1},
        {"type": "paragraph", "text": ["So ", {"type": "bold", "text": "much"}, {"type": "url", "text": " more"}]},
        {"type": "list", "items": [{"label": "1.", "blocks": [{"type": "paragraph", "text": "one"}]}]},
        {"type": "table", "cells": [[{"text": "a", "align": "left"}, {"align": "left", "text": "b"}]]},
        {"type": "mathematical_expression", "expression": "x^2"},
        {"type": "divider"},
    ]
    update = message(rich_message={"blocks": blocks})
    del update["message"]["text"]  # type: ignore[attr-defined]
    incoming = read(update, *ME)
    assert incoming is not None
    assert incoming.text == "Title\nSo much more\n1.\none\na | b\nx^2"
