"""Who is next, told by a clock of the test's own; and the threads that wait."""

import bisect
import itertools
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from telegram_io import pacer
from telegram_io.pacer import BURST, GROUP_MESSAGES, Leaving, Pacer, Turn, Turns, Urgency

FAST = 1000  # a rate that holds nobody up


class Desk:
    """Messages that come to the turns at given times, and when each one left."""

    def __init__(self, rate: int) -> None:
        self.turns, self.now = Turns(rate), 0.0
        self.left: list[tuple[float, str]] = []
        self._waiting: list[tuple[Turn, str]] = []

    def join(self, chat: str, urgency: Urgency = "answer", name: str = "") -> None:
        turn = Turn(chat)
        self._waiting.append((turn, name or chat))
        self.turns.join(turn, urgency)
        self.hand_out()

    def hand_out(self) -> float | None:
        due = self.turns.hand_out(self.now)
        self.left += [(self.now, name) for turn, name in self._waiting if turn.granted]
        self._waiting = [each for each in self._waiting if not each[0].granted]
        return due

    def run(self, late: Callable[[], float] = lambda: 0.0, until: float = float("inf")) -> None:
        """Let time pass from one due moment to the next, each noticed so much too late."""
        while (due := self.hand_out()) is not None and due <= until:
            assert due > self.now
            self.now = due + late()
        assert (due is None) == (not self._waiting)

    def names(self) -> list[str]:
        return [name for _, name in self.left]

    def times(self, name: str = "") -> list[float]:
        return [round(when, 2) for when, whose in self.left if name in ("", whose)]


def most_within(times: list[float], seconds: float) -> int:
    return max(bisect.bisect_left(times, begin + seconds) - first for first, begin in enumerate(times))


def test_the_rate_holds_over_all_chats_evenly() -> None:
    desk = Desk(30)
    for number in range(300):
        desk.join(str(number))
    desk.run()
    times = [when for when, _ in desk.left]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert gaps[1:] == pytest.approx([gaps[1]] * 298)
    assert 1 / 30 < gaps[1] < 1.04 / 30
    assert desk.names() == [str(number) for number in range(300)]
    assert most_within(times, 1.0) == 30


@pytest.mark.parametrize("rate", [1, 5, 30, 100])
def test_a_late_thread_neither_loses_the_pace_nor_exceeds_it(rate: int) -> None:
    dice, desk = random.Random(rate), Desk(rate)
    for number in range(20 * rate):
        desk.join(str(number))
    desk.run(late=lambda: dice.choice((0.0, 0.001, 0.004, 0.009)))
    times = [when for when, _ in desk.left]
    assert most_within(times, 1.0) <= rate
    assert 20 * rate / times[-1] > 0.95 * rate


def test_a_chat_takes_five_at_once_and_then_one_a_second() -> None:
    desk = Desk(FAST)
    for _ in range(9):
        desk.join("1")
    desk.run()
    assert desk.times() == pytest.approx([0, 0, 0, 0, 0, 1, 2, 3, 4], abs=0.02)
    desk.now = 60.0
    for _ in range(BURST):
        desk.join("1")
    desk.run()
    assert desk.times()[-1] == pytest.approx(60, abs=0.02)


def test_a_group_takes_twenty_a_minute() -> None:
    desk = Desk(FAST)
    for _ in range(65):
        desk.join("-100")
    desk.run()
    assert most_within(desk.times(), 60.0) == GROUP_MESSAGES
    assert desk.times()[:7] == pytest.approx([0, 0, 0, 0, 0, 1, 2], abs=0.02)
    assert 3 * 60 <= desk.times()[-1] < 3 * 62 + 4


def test_a_chat_at_its_limit_holds_nobody_up() -> None:
    desk = Desk(FAST)
    for _ in range(50):
        desk.join("-100", name="busy")
    desk.join("7", "last", name="other")
    desk.run()
    assert desk.times("other") == pytest.approx([0], abs=0.02)


def test_the_urgent_go_first_and_equals_in_order() -> None:
    desk = Desk(1)
    desk.join("0", name="begun")
    for number, urgency in enumerate(("last", "answer", "first", "last", "answer", "first")):
        desk.join(str(number), urgency, name=f"{urgency} {number}")
    desk.run(until=2.5)
    desk.join("9", "first", name="first 9")
    desk.run()
    assert desk.names() == ["begun", "first 2", "first 5", "first 9", "answer 1", "answer 4", "last 0", "last 3"]


def test_the_urgent_go_first_inside_a_chat_too() -> None:
    desk = Desk(FAST)
    for _ in range(BURST):
        desk.join("1", name="begun")
    for urgency in ("last", "answer", "first"):
        desk.join("1", urgency, name=urgency)
    desk.run()
    assert desk.names()[BURST:] == ["first", "answer", "last"]


def test_words_nobody_would_miss_never_wait_and_keep_a_groups_minute_for_others() -> None:
    turns = Turns(FAST)
    shown = [turns.take_spare("-100", now) for now in range(0, 60, 3)]
    assert shown == [True] * 15 + [False] * 5
    desk = Desk(FAST)
    desk.turns, desk.now = turns, 60.0
    for _ in range(5):
        desk.join("-100")
    desk.run()
    assert desk.times()[-1] == pytest.approx(60, abs=0.02)


def test_words_nobody_would_miss_let_the_others_pass() -> None:
    desk = Desk(1)
    desk.join("1")
    desk.join("2")
    assert not desk.turns.take_spare("3", 0.5)  # too early
    assert not desk.turns.take_spare("3", 1.5)  # it is the second one's turn
    desk.now = 1.5
    desk.hand_out()
    assert not desk.turns.take_spare("3", 1.6)
    assert desk.turns.take_spare("3", 3.0)
    desk.now = 3.0
    desk.join("2")
    assert desk.names() == ["1", "2"]


def test_what_is_known_of_chats_does_not_grow() -> None:
    desk = Desk(FAST)
    for number in range(5_000):
        desk.join(str(number))
        desk.now += 0.1
    assert len(desk.turns._chats) < 1_000


class Held:
    """A thread that waits for its turn, and what became of it."""

    def __init__(self, paced: Pacer, chat: str, urgency: Urgency = "answer") -> None:
        self.ended: Any = None
        self._thread = threading.Thread(target=self._wait, args=(paced, chat, urgency), daemon=True)
        self._thread.start()

    def _wait(self, paced: Pacer, chat: str, urgency: Urgency) -> None:
        try:
            paced.wait(chat, urgency)
            self.ended = "sent"
        except Leaving as error:
            self.ended = error

    def join(self) -> Any:
        self._thread.join(10)
        assert not self._thread.is_alive(), "still waiting"
        return self.ended


def test_no_rate_no_waiting() -> None:
    paced = Pacer(0, threading.Event())
    for _ in range(1_000):
        paced.wait("-100", "last")
        assert paced.take_spare("-100")


def test_threads_get_their_turns() -> None:
    paced = Pacer(500, threading.Event())
    for round_ in range(20):
        held = [Held(paced, f"{round_} {number}") for number in range(10)]
        assert [each.join() for each in held] == ["sent"] * 10


def used_up(paced: Pacer, group: str) -> None:
    """Let a group have had its minute's messages."""
    turns, now = paced._turns, paced._clock()
    assert turns is not None
    for _ in range(GROUP_MESSAGES):
        turns._take(group, now)
    turns._next = now


def awaits(paced: Pacer, many: int) -> None:
    """Wait until so many threads wait for their turn."""
    until = time.monotonic() + 10
    while sum(map(len, paced._turns._waiting.values())) < many:
        assert time.monotonic() < until
        time.sleep(0.002)


def test_who_is_due_earlier_does_not_sleep_as_long_as_who_came_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacer, "LOOK_SECONDS", 1_000.0)
    paced = Pacer(5, threading.Event())
    used_up(paced, "-1")
    Held(paced, "-1")
    awaits(paced, 1)
    held = [Held(paced, "2"), Held(paced, "3"), Held(paced, "4")]
    assert [each.join() for each in held] == ["sent"] * 3


def test_leaving_ends_all_waiting() -> None:
    leaving = threading.Event()
    paced = Pacer(1, leaving, clock=lambda: 0.0)  # time stands still: nobody's turn comes
    used_up(paced, "-1")
    held = [Held(paced, "-1", urgency) for urgency in ("first", "answer", "last")]
    awaits(paced, 3)
    leaving.set()
    assert all(isinstance(each.join(), Leaving) for each in held)
    with pytest.raises(Leaving):
        paced.wait("-1", "first")
