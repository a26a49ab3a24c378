"""How often a chat is shown that work goes on, told by a clock of the test's own."""

import bisect

import pytest

from telegram_io.lively import SILENT_SECONDS, Lively


class Chat:
    """One chat that everything is offered to, and what was let through."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.lively = Lively(lambda: self.now)
        self.let: list[float] = []

    def offer(self, spare: bool, times: int = 1) -> int:
        passed = sum(self.lively.take("7", spare) for _ in range(times))
        self.let += [self.now] * passed
        return passed

    def most_within(self, seconds: float) -> int:
        return max(bisect.bisect_right(self.let, begin + seconds) - first for first, begin in enumerate(self.let))


@pytest.mark.parametrize("spare", [True, False])
@pytest.mark.parametrize("step", [0.05, 0.3, 0.75, 1.2])
def test_however_much_is_offered_the_budget_holds_and_nobody_is_silent(spare: bool, step: float) -> None:
    chat = Chat()
    while chat.now < 1200:
        chat.offer(spare, 3)
        chat.now += step
    assert chat.most_within(5.0) <= 20
    assert chat.most_within(30.0) <= 40
    gaps = [later - earlier for earlier, later in zip(chat.let, chat.let[1:], strict=False)]
    assert max(gaps) <= SILENT_SECONDS + step


def test_a_whole_answer_is_announced_where_a_growing_one_has_used_up_its_share() -> None:
    chat = Chat()
    for _ in range(60):
        chat.offer(True)
        chat.now += 0.5
    assert not chat.offer(True)
    assert chat.offer(False)


def test_chats_do_not_share_a_budget_and_are_forgotten() -> None:
    chat = Chat()
    chat.offer(False, 100)
    assert chat.lively.take("8", True)
    for number in range(1000):
        chat.now += 1.0
        chat.lively.take(f"other {number}", True)
    assert len(chat.lively._calls) < 100
