"""The loop that takes updates lives through answers that are not Telegram's."""

from typing import Any

import pytest

from tests.conftest import ALICE, Conversation


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
