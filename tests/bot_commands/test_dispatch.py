"""The gate: commands read once, unknown ones answered, other bots' ignored, menus and keys."""

import json
import time
from typing import Any

import pytest

from bot_commands import admin
from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, on_files


@pytest.mark.parametrize(("typed", "close"), [("/balanse", "/balance"), ("/hepl", "/help"), ("/setings", "/settings")])
def test_a_mistyped_command_is_answered_with_the_closest(alice: Conversation, typed: str, close: str) -> None:
    answer = alice.write(typed)
    assert answer.startswith(f"I have no command {typed}. Close ones: ")
    assert close in answer
    assert alice.script.requests() == []


def test_a_slash_apart_from_its_word_is_no_question(alice: Conversation) -> None:
    assert alice.write("/ help") == "I have no command / help. Close ones: /help"
    assert alice.write("/", user=BORIS) == "Команды / у меня нет. Все команды: /help"
    assert alice.script.requests() == []


def test_nobody_else_hears_of_the_owners_commands(alice: Conversation) -> None:
    assert "/refill" in alice.write("/refil", user=OWNER)
    assert "/refill" not in alice.write("/refil")
    assert "/refill" not in alice.write("/refil@sandbox_assistant_bot", user=OWNER, chat=GROUP)


def test_a_senseless_command_points_to_help(alice: Conversation) -> None:
    assert alice.write("/qqqqqqqq", user=BORIS) == "Команды /qqqqqqqq у меня нет. Все команды: /help"


def test_capitals_and_own_name_do_not_matter(alice: Conversation) -> None:
    assert alice.write("/BALANCE@Sandbox_Assistant_Bot", chat=GROUP).startswith("Alice: 30,000 tokens")


def test_commands_of_other_bots_are_theirs(alice: Conversation) -> None:
    assert alice.silent("/balance@other_bot", chat=GROUP)
    assert alice.silent("/balance@other_bot")
    assert alice.script.requests() == []


def test_words_with_a_slash_inside_are_words(alice: Conversation) -> None:
    assert alice.write("and/or") == "You said: and/or"
    assert alice.write("/usr/bin/env python") == "You said: /usr/bin/env python"


def test_broken_updates_delay_nobody(alice: Conversation) -> None:
    chat = {"id": ALICE, "type": "private"}
    for broken in (
        {"message": {"chat": chat, "text": "no sender, no date"}},
        {"message": None},
        {"callback_query": {"id": "1"}},
        {"message": {"message_id": "x", "date": "y", "chat": chat, "text": 5}},
        {"kind_of_the_future": {"chat": chat}},
        {"stopped_message_generation": {"chat": chat, "draft_id": "seven"}},
    ):
        alice.world.update(broken)
    assert alice.write("Hello") == "You said: Hello"
    alice.wait_for(lambda: "обновление Telegram отложено" in alice.said(OWNER)[-1]["text"] or None)


def test_unknown_fields_do_no_harm(alice: Conversation) -> None:
    sent = alice.world.send("Hello", user=ALICE, extra={"future": {"a": [1]}, "another": True})
    assert sent["update_id"]
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: Hello" or None)


def test_a_handler_that_raises_ends_in_one_calm_sentence(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr(alice.bot.store, "set_prompt", broken)
    answer = alice.write("/prompt anything")
    assert answer.startswith("Something broke, but nothing is lost.")
    assert "secret" not in answer
    alice.wait_for(lambda: "ZeroDivisionError" in alice.said(OWNER)[-1]["text"] or None)
    assert alice.write("Hello") == "You said: Hello"


def test_in_a_group_an_unknown_command_is_answered_only_when_it_is_for_us(alice: Conversation) -> None:
    assert alice.silent("/balanse", chat=GROUP)
    assert "Close ones: /balance" in alice.write("/balanse@sandbox_assistant_bot", chat=GROUP)


def test_a_command_of_the_owner_is_no_command_in_a_group(alice: Conversation) -> None:
    assert alice.silent("/ban 102", chat=GROUP)
    assert alice.write("/ban 102", user=OWNER, chat=GROUP).startswith("Эта команда работает в личном чате")


@pytest.mark.parametrize("typed", ["/" + "x" * 4000, "/ec " + "9" * 4000, "/language " + "z" * 4000])
def test_a_long_mistake_is_quoted_briefly(alice: Conversation, typed: str) -> None:
    answer = alice.write(typed)
    assert "…" in answer
    assert len(answer) < 500


def test_chats_that_must_wait_hold_nobody_up(people: Conversation) -> None:
    people.write("/start")
    for stranger in range(5000, 5040):
        people.world.user(stranger, first_name="Busy")
        people.world.fault(method="sendMessage", kind="429", chat_id=stranger, retry_after=60)
        people.world.send("/start", user=stranger)
    people.wait_for(lambda: sum(call["status"] == 429 for call in people.world.calls("sendMessage")) == 40 or None)
    assert "30,000 tokens" in people.write("/balance")


def test_a_button_that_a_message_does_not_have_does_nothing(alice: Conversation) -> None:
    answer = alice.ask("Hello")
    for data in ("commands", "settings:close", "new", "stop"):
        assert alice.press(answer, data, forged=True) == "This button does not work any more."
    assert alice.message(ALICE, answer["message_id"])["text"] == "You said: Hello"


def old(text: str, message_id: int, seconds: int, user: int = ALICE, **message: object) -> dict[str, object]:
    """An update as Telegram offers it after the bot was away for so long."""
    person = {"id": user, "is_bot": False, "first_name": "Alice", "language_code": "en"}
    chat = {"id": user, "type": "private", "first_name": "Alice"}
    words = {"message_id": message_id, "date": int(time.time()) - seconds, "from": person, "chat": chat, "text": text}
    return {"message": words | message}


def test_what_lay_too_long_gets_one_apology_a_chat(alice: Conversation) -> None:
    before = len(alice.said(ALICE))
    for number in range(3):
        alice.world.update(old(f"question {number}", 9000 + number, 7 * 3600))
    alice.world.update(old("/balance", 9003, 7 * 3600))
    alice.world.update(old("fresh", 9004, 5 * 3600))
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: fresh" or None)
    apology, answer = alice.said(ALICE)[before:]
    assert apology["text"].startswith("This message lay unanswered for 7 hours")
    assert answer["text"] == "You said: fresh"


def test_a_start_is_never_too_old(people: Conversation) -> None:
    people.world.user(ALICE, first_name="Alice", started=True)
    people.world.update(old("/start", 9000, 20 * 3600))
    people.wait_for(lambda: any("Hello, Alice!" in each["text"] for each in people.said(ALICE)) or None)


def test_a_stop_for_an_earlier_run_stops_nothing(alice: Conversation) -> None:
    alice.world.update(old("/stop", 9000, 60, user=OWNER))
    alice.wait_for(lambda: "прежнего запуска" in alice.said(OWNER)[-1]["text"] or None)
    assert not alice.bot.asked_to_leave


def test_a_handler_that_breaks_is_tried_again_and_does_nothing_twice(
    alice: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks = [ZeroDivisionError("first"), ZeroDivisionError("second")]
    tell = admin._tell_gift

    def fragile(*given: Any) -> bool:
        told = tell(*given)
        if breaks:
            raise breaks.pop()
        return told

    monkeypatch.setattr(admin, "_tell_gift", fragile)
    assert "30\u00a0500" in alice.write("/refill 101 500", user=OWNER)
    assert "30,500 tokens" in alice.write("/balance")
    assert sum("500" in each["text"] for each in alice.said(ALICE)) == 2, "one gift was told, one balance"


@on_files
def test_what_breaks_three_times_is_set_aside(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def broken(*_: object) -> None:
        tries.append(1)
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr(alice.bot.store, "set_prompt", broken)
    answer = alice.write("/prompt poison")
    assert len(tries) == 3
    alice.restart()
    kept = json.loads((alice.folder / "data.json").read_text())
    (aside,) = kept["aside"].values()
    assert aside["update"]["message"]["text"] == "/prompt poison"
    assert aside["reference"] in answer
    assert "inbox" not in kept


@on_files
def test_what_breaks_the_gate_is_set_aside_and_told(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(alice.bot.store, "user", None)
        alice.world.send("Hello", user=ALICE)
        alice.wait_for(lambda: "TypeError" in alice.said(OWNER)[-1]["text"] or None)
    assert alice.write("Hello again") == "You said: Hello again"
    alice.restart()
    assert "inbox" not in json.loads((alice.folder / "data.json").read_text())
    assert len(alice.script.requests()) == 1
