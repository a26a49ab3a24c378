"""Floods: one person is held within bounds, hears of it once, and keeps nobody else waiting."""

from bot_commands.flood import MOST_HELD, Held
from tests.conftest import ALICE, BORIS, Conversation

TOO_FAST = f"Too fast: {MOST_HELD} messages are waiting already."


def test_who_floods_is_held_within_bounds_and_told_once(alice: Conversation) -> None:
    alice.world.fault(method="sendMessage", kind="429", chat_id=ALICE, retry_after=4, times=1)
    for _ in range(MOST_HELD + 40):
        alice.world.send("/cancel", user=ALICE)
    assert alice.write("/cancel", user=BORIS) == "Отменять нечего."
    alice.wait_for(lambda: len(alice.said(ALICE)) >= MOST_HELD + 2 or None)
    alice.wait_for(lambda: not alice.bot.quick.running())
    said = [each["text"] for each in alice.said(ALICE)][1:]
    assert len(said) == MOST_HELD + 1
    assert sum(words.startswith(TOO_FAST) for words in said) == 1
    assert alice.write("/cancel") == "There is nothing to cancel."


def test_start_comes_through_a_flood(alice: Conversation) -> None:
    alice.world.fault(method="sendMessage", kind="429", chat_id=ALICE, retry_after=4, times=1)
    for _ in range(MOST_HELD + 2):
        alice.world.send("/cancel", user=ALICE)
    alice.world.send("/start", user=ALICE)
    alice.wait_for(lambda: any("Hello, Alice!" in each["text"] for each in alice.said(ALICE)[1:]) or None)


def test_what_is_not_counted_any_more_is_forgotten() -> None:
    held = Held()
    assert [held.take(1) for _ in range(MOST_HELD + 2)][-3:] == ["taken", "full", "full before"]
    assert held.take(2) == "taken"
    for _ in range(MOST_HELD):
        held.give_back(1)
    held.give_back(2)
    assert (held._waiting, held._told) == ({}, set())
    assert held.take(1) == "taken"
