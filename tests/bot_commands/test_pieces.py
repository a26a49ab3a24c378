"""Questions that come in several messages: joined in order, answered and paid once, whatever happens in between."""

import time
from dataclasses import replace
from typing import Any

import pytest

from bot_commands import pieces
from incoming import Incoming
from services.wire import Call
from tests.bot_commands.test_talk import prompt_of
from tests.conftest import ALICE, BORIS, GROUP, Conversation, buttons, on_files

FULL, PARAGRAPHS = "a" * 4096, "b" * 2500
CHANNEL = {"type": "channel", "date": 1, "chat": {"id": -1001, "type": "channel", "title": "News"}, "message_id": 3}
FORWARD: dict[str, Any] = {"extra": {"forward_origin": CHANNEL}}


def questions(people: Conversation) -> list[str]:
    asked = people.script.requests("/v1/chat/completions")
    return [request["body"]["messages"][-1]["content"] for request in asked if not request["aborted"]]


def answers(people: Conversation, chat: int = ALICE, number: int = 1) -> list[dict[str, Any]]:
    """The answers in a chat once there are so many, and no more come."""
    people.wait_for(lambda: len([each for each in people.said(chat) if "You said" in each["text"]]) >= number)
    people.wait_for(lambda: not people.bot.long.running())
    return [each for each in people.said(chat) if "You said" in each["text"]]


def test_a_long_paste_is_one_question_paid_once(alice: Conversation) -> None:
    alice.script.default({"text": "You said it.", "usage": {"prompt_tokens": 900, "completion_tokens": 100}})
    for each in (FULL, PARAGRAPHS, "the end"):
        alice.world.send(each, user=ALICE)
    assert len(answers(alice)) == 1
    assert questions(alice) == [f"{FULL}{PARAGRAPHS}\nthe end"]
    assert "29,000 tokens" in alice.write("/balance")


def test_short_messages_in_a_row_stay_questions_of_their_own(alice: Conversation) -> None:
    for words in ("one", "two", "three"):
        alice.world.send(words, user=ALICE)
    assert [each["text"] for each in answers(alice, number=3)] == [f"You said: {w}" for w in ("one", "two", "three")]


def test_a_command_is_no_piece(alice: Conversation) -> None:
    alice.world.send(FULL, user=ALICE)
    assert "30,000 tokens" in alice.write("/balance")
    answers(alice)
    assert questions(alice) == [FULL]


def test_what_is_forwarded_goes_with_the_words_about_it(alice: Conversation) -> None:
    """Before it: the comment is being answered already when the first forwarded message comes."""
    alice.script.queue({"hold": True, "hold_after": 0}, {"text": "You said both."})
    alice.world.send("What is new here?", user=ALICE)
    alice.wait_for(lambda: alice.script.requests("/v1/chat/completions") or None)
    for words in ("We open at nine.", "We close at five."):
        alice.world.send(words, user=ALICE, **FORWARD)
    assert [each["text"] for each in answers(alice)] == ["You said both."]
    assert prompt_of(alice)[-1] == (
        "What is new here?\nForwarded from News:\nWe open at nine.\nForwarded from News:\nWe close at five."
    )
    assert len(alice.script.requests("/v1/chat/completions")) <= 3


def test_words_after_what_was_forwarded_go_with_it(alice: Conversation) -> None:
    alice.world.send("We open at nine.", user=ALICE, **FORWARD)
    alice.world.send("Is that early?", user=ALICE)
    assert len(answers(alice)) == 1
    assert questions(alice) == ["Forwarded from News:\nWe open at nine.\nIs that early?"]


def test_what_comes_after_the_answer_is_a_question_of_its_own(alice: Conversation) -> None:
    alice.write("What is new?")
    alice.world.send("We open at nine.", user=ALICE, **FORWARD)
    answers(alice, number=2)
    assert questions(alice) == ["What is new?", "Forwarded from News:\nWe open at nine."]


def test_in_a_group_only_the_first_piece_calls_the_bot(alice: Conversation) -> None:
    alice.world.set_bot(can_read_all_group_messages=True)
    first = alice.world.send(f"@sandbox_assistant_bot {PARAGRAPHS}", user=ALICE, chat=GROUP)["message"]
    alice.world.send("Somebody else's words", user=BORIS, chat=GROUP)
    alice.world.send("the end", user=ALICE, chat=GROUP)
    (answer,) = answers(alice, GROUP)
    assert answer["reply_to_message"]["message_id"] == first["message_id"]
    assert questions(alice) == [f"Alice: {PARAGRAPHS}\nthe end"]


def test_the_sixth_waiting_paste_is_refused_piece_by_piece(alice: Conversation) -> None:
    alice.script.queue({"text": "You said it.", "hold": True, "match": "busy"})
    alice.world.send("busy", user=ALICE)
    alice.wait_for(lambda: alice.script.requests("/v1/chat/completions") or None)
    for number in range(5):
        alice.world.send(f"waiting {number}", user=ALICE)
    refusal = alice.ask(FULL)
    assert "are waiting already" in refusal["text"]
    assert "are waiting already" in alice.ask("the end")["text"]
    alice.script.release()
    answers(alice, number=6)
    assert len(questions(alice)) == 6


@on_files
@pytest.mark.parametrize("comment", ["Well?", PARAGRAPHS])
def test_a_restart_in_between_loses_nothing_and_pays_once(alice: Conversation, comment: str) -> None:
    usage = {"usage": {"prompt_tokens": 900, "completion_tokens": 100}}
    alice.script.default({"text": "You said it.", **usage, "hold": True, "hold_after": 0})
    alice.world.send(comment, user=ALICE)
    alice.world.send("We open at nine.", user=ALICE, **FORWARD)
    whole = f"{comment}\nForwarded from News:\nWe open at nine."
    alice.wait_for(
        lambda: [
            asked
            for asked in alice.script.requests("/v1/chat/completions")
            if asked["body"] and asked["body"]["messages"][-1]["content"] == whole  # one was cut before it had a body
        ]
    )
    alice.bot.stop()
    alice.script.default({"text": "You said it.", **usage})
    alice.script.release()
    alice.start()
    assert len(answers(alice)) == 1
    assert set(questions(alice)) <= {comment, whole}
    assert prompt_of(alice)[-1] == whole
    assert "29,000 tokens" in alice.write("/balance")
    alice.restart()
    assert "inbox" not in (alice.folder / "data.json").read_text()


def test_nobody_goes_on_for_ever(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "MOST", 3)
    for number in range(4):
        alice.world.send(f"{number}", user=ALICE, **FORWARD)
    answers(alice, number=2)
    assert [words.count("Forwarded") for words in questions(alice)] == [3, 1]


def test_who_goes_on_and_on_does_not_buy_an_answer_each_time(alice: Conversation) -> None:
    alice.script.default({"text": "You said it.", "delay": 0.6})
    for number in range(5):
        alice.world.send(f"words {number}", user=ALICE)
        time.sleep(0.5)  # its answer has begun
        alice.world.send("We open at nine.", user=ALICE, **FORWARD)
        time.sleep(0.1)
    answers(alice)
    assert len(alice.script.requests("/v1/chat/completions")) <= 3


def test_more_that_comes_before_an_answer_has_given_way_belongs_to_the_question_too() -> None:
    question = Incoming(1, "message", ALICE, 0, True, None, 5)
    held, call = pieces.Pieces(), Call()
    whole = held.begin(question, pieces.Piece("What is new?"), set())
    held.gather(whole, call.cut)
    for number in (2, 3):
        forwarded = replace(question, update_id=number, forwarded="News")
        assert held.join(forwarded, pieces.Piece(f"{number}"), lambda _: None)
    assert call.reason == "more"
    held.gather(whole, Call().cut)
    assert whole.text == "What is new?\n2\n3"


def test_an_edit_of_the_first_message_leaves_the_others_in_the_question(alice: Conversation) -> None:
    alice.script.default({"text": "You said it."})
    first = alice.world.send(PARAGRAPHS, user=ALICE)["message"]
    alice.world.send("the end", user=ALICE)
    (answer,) = answers(alice)
    alice.world.edit(first, "c" * 2500)
    alice.wait_for(lambda: "edited" in buttons(alice.message(ALICE, answer["message_id"]))[0]["text"])
    alice.restart()
    alice.press(alice.message(ALICE, answer["message_id"]), "Answer the edited question")
    answers(alice, number=2)
    assert questions(alice)[-1] == "c" * 2500 + "\nthe end"
