"""The loop that takes updates lives through answers that are not Telegram's, and through webhooks."""

from typing import Any

import pytest

from tests.conftest import ALICE, OWNER, Conversation

ELSEWHERE = "http://127.0.0.1:9/nobody-listens"


def test_a_senseless_answer_does_not_end_the_polling(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, updates = [], alice.bot.telegram.updates

    def senseless_once(offset: int) -> list[dict[str, Any]]:
        asked.append(offset)
        return updates(offset) if len(asked) > 1 else [][0]

    monkeypatch.setattr("polling.LONGEST_PAUSE", 0.1)
    monkeypatch.setattr(alice.bot.telegram, "updates", senseless_once)
    alice.write("/help")
    alice.world.send("Hello", user=ALICE)
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: Hello" or None)
    assert len(asked) > 1


def test_a_webhook_left_over_is_taken_back_and_what_waits_is_answered(alice: Conversation) -> None:
    alice.bot.stop()
    alice.bot.telegram.leaving.clear()
    alice.bot.telegram.set_webhook(ELSEWHERE, "secret", 40)
    alice.world.send("Hello", user=ALICE)
    alice.start()
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: Hello" or None)
    (left,) = alice.world.calls("deleteWebhook")
    assert left["params"].get("drop_pending_updates") in (None, "False", "false", False)


def test_a_webhook_of_somebody_else_is_told_and_left_alone(
    alice: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("polling.LONGEST_PAUSE", 0.1)
    alice.bot.telegram.set_webhook(ELSEWHERE, "secret", 40)
    alice.wait_for(lambda: "вебхук" in alice.said(OWNER)[-1]["text"] or None)
    assert not alice.world.calls("deleteWebhook")
    alice.bot.telegram.leave_webhook()
    assert alice.write("/help").startswith("Talking")


def test_a_refused_token_is_an_error_in_the_log(
    alice: Conversation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("polling.LONGEST_PAUSE", 0.1)
    alice.world.fault(method="getUpdates", kind="403", times=2)
    alice.write("/help")
    alice.write("/help")
    alice.world.send("Hello", user=ALICE)
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: Hello" or None)
    said = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
    assert said == ["Telegram refuses to give updates: error 403"] * 2
