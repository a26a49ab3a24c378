"""The pace of messages over all chats."""

import pytest

import telegram_wire
from telegram_wire import Pacer


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now, self.sleep, self.monotonic = 100.0, self._sleep, lambda: self.now

    def _sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(telegram_wire, "time", clock)
    return clock


def test_messages_and_edits_keep_the_rate(clock: Clock) -> None:
    pacer = Pacer(30)
    for number in range(61):
        pacer.wait("sendMessage" if number % 2 else "editMessageText")
    assert clock.now == pytest.approx(102.0)


def test_drafts_actions_and_presses_are_not_counted(clock: Clock) -> None:
    pacer = Pacer(1)
    for method in ("sendMessageDraft", "sendChatAction", "answerCallbackQuery", "getUpdates") * 10:
        pacer.wait(method)
    pacer.wait("sendMessage")
    assert clock.now == 100.0


def test_no_limit_does_not_wait(clock: Clock) -> None:
    pacer = Pacer(0)
    for _ in range(100):
        pacer.wait("sendMessage")
    assert clock.now == 100.0
