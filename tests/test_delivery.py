"""Growing answers and their ends, over the wire."""

import time

import pytest

import formatting.markdown
from delivery import Screen
from telegram_io import Place
from tests.conftest import ALICE, BORIS, Conversation, buttons


def screen(people: Conversation, text: str, again: bool = False) -> Screen:
    return Screen(
        people.bot.telegram, Place(ALICE), "en", lambda: text, lambda _, send: send(again), private=True, streaming=True
    )


def test_a_beat_after_the_end_sends_nothing(alice: Conversation) -> None:
    growing = screen(alice, "words")
    growing.close()
    growing.beat()
    assert alice.world.calls("sendMessageDraft") == []
    assert alice.world.calls("sendChatAction") == []


def test_a_draft_shows_the_end_of_a_long_text(alice: Conversation) -> None:
    growing = screen(alice, "first\n\n" + "word " * 2000 + "last")
    growing.beat()
    (draft,) = alice.world.calls("sendMessageDraft")
    assert len(draft["params"]["text"]) <= 4096
    assert draft["params"]["text"].endswith("last")


def test_where_drafts_are_refused_a_message_grows_and_becomes_the_answer(alice: Conversation) -> None:
    alice.world.fault(method="sendMessageDraft", kind="400", description="Bad Request: method is unknown", times=None)
    alice.script.queue({"deltas": ["One ", "two ", "three"], "hold": True, "hold_after": 2})
    asked = alice.world.send("Count", user=ALICE)["message"]["message_id"]
    placed = alice.wait_for(lambda: next((m for m in alice.said(ALICE, asked) if m["text"] == "One two"), None))
    assert [button["text"] for button in buttons(placed)] == ["Stop"]
    assert len(alice.world.calls("sendMessageDraft")) == 1
    alice.script.release()
    alice.wait_for(lambda: alice.message(ALICE, placed["message_id"])["text"] == "One two three" or None)
    assert [each["message_id"] for each in alice.said(ALICE, asked)] == [placed["message_id"]]


def test_stop_ends_a_message_that_grows_in_place_of_drafts(alice: Conversation) -> None:
    alice.world.fault(method="sendMessageDraft", kind="400", description="Bad Request: method is unknown", times=None)
    alice.script.queue({"hold": True})
    asked = alice.world.send("Count", user=ALICE)["message"]["message_id"]
    placed = alice.wait_for(lambda: next(iter(alice.said(ALICE, asked)), None))
    assert alice.press(placed, "stop") == "Stopping…"
    alice.wait_for(lambda: "Stopped" in alice.message(ALICE, placed["message_id"])["text"] or None)


def test_words_whose_formatting_is_refused_grow_without_it(alice: Conversation) -> None:
    alice.world.fault(method="sendMessageDraft", kind="400", times=1)
    growing = screen(alice, "some **bold** words")
    growing.beat()
    growing._next_words = 0.0
    growing.beat()
    refused, plain = alice.world.calls("sendMessageDraft")
    assert "entities" in refused["params"]
    assert "entities" not in plain["params"]


def test_a_429_on_a_draft_is_no_refusal_of_drafts(alice: Conversation) -> None:
    alice.world.fault(method="sendMessageDraft", kind="429", retry_after=1, times=1)
    alice.script.queue({"deltas": ["One ", "two"], "hold": True, "hold_after": 1})
    asked = alice.world.send("Count", user=ALICE)["message"]["message_id"]
    drafts = alice.wait_for(lambda: (found := alice.world.calls("sendMessageDraft"))[1:] and found)
    assert drafts[1]["time"] - drafts[0]["time"] >= 0.95
    alice.script.release()
    final = alice.wait_for(lambda: next(iter(alice.said(ALICE, asked)), None))
    assert final["text"] == "One two"
    assert alice.world.calls("editMessageText") == []


def test_words_are_not_sent_before_the_time_telegram_asks_for(alice: Conversation) -> None:
    alice.world.fault(method="sendMessageDraft", kind="429", retry_after=30, times=1)
    growing = screen(alice, "words")
    growing.beat()
    growing.beat()
    assert len(alice.world.calls("sendMessageDraft")) == 1


def test_an_edit_that_changes_nothing_is_a_success(alice: Conversation) -> None:
    message = alice.ask("/settings")
    for _ in range(2):
        alice.bot.telegram.edit(ALICE, message["message_id"], "the same words")
    assert alice.message(ALICE, message["message_id"])["text"] == "the same words"


def test_no_thread_writes_to_a_chat_before_the_time_telegram_asks_for(alice: Conversation) -> None:
    alice.world.fault(method="sendMessageDraft", kind="429", chat_id=ALICE, retry_after=2)
    alice.script.queue({"deltas": ["One ", "two"], "hold": True, "hold_after": 1})
    alice.world.send("Count", user=ALICE)
    refused = alice.wait_for(
        lambda: next((c for c in alice.world.calls("sendMessageDraft") if c["status"] == 429), None)
    )
    alice.script.release()
    alice.world.send("/balance", user=ALICE)
    begun = time.monotonic()
    assert "30" in alice.write("/balance", user=BORIS), "other chats go on"
    assert time.monotonic() - begun < 1.5
    alice.wait_for(lambda: any(each["text"] == "One two" for each in alice.said(ALICE)) or None)
    later = [call for call in alice.world.calls() if call["params"].get("chat_id") == str(ALICE)]
    assert all(call["time"] - refused["time"] >= 1.95 for call in later if call["n"] > refused["n"])


def test_what_may_be_there_already_is_marked_even_where_there_is_no_room(alice: Conversation) -> None:
    before = len(alice.said(ALICE))
    for text in ("short", "x" * 4096):
        screen(alice, text, again=True).finish(text)
    short, long, mark = (each["text"] for each in alice.said(ALICE)[before:])
    assert short == "short\n\n(Sent again: after a crash it is unclear whether it arrived.)"
    assert long == "x" * 4096
    assert mark == "(Sent again: after a crash it is unclear whether it arrived.)"


def test_an_answer_that_cannot_be_read_as_markdown_arrives_as_plain_words(
    alice: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(formatting.markdown, "EventWalker")
    alice.script.queue({"text": "Some **bold** words"})
    assert alice.write("Hello") == "Some **bold** words"
