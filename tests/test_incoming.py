"""Updates read into plain values: commands, mentions, replies, and what concerns nobody."""

import pytest

from incoming import ALLOWED_UPDATES, read, whole_characters

ME = (7000000001, "sandbox_assistant_bot")


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
        ("/", "", ""),
        ("/ help", "", ""),
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
