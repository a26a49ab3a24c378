"""Updates: on the disk before they count as taken, done once, sent once, whatever ends the process."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.state import Seen
from records import Bill, Delivery, Person, Topic, Turn
from storage import StorageError, Store
from tests import places
from tests.test_storage import rules

ALICE = Person(101, "Alice", "alice", "en")


class Refused(Exception):
    """Stands for an answer of Telegram that says no."""


@pytest.fixture(params=places.KINDS)
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[places.Place]:
    """One of each engine."""
    with places.place(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def open_store(place: places.Place) -> Callable[[], Store]:
    """Opens the store as a new process would find it: nothing of the one before was closed or saved."""
    return lambda: place.again(rules(), (Refused,))


@pytest.fixture
def open_file(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """The same, with a file only."""
    with places.place("file", tmp_path) as found:
        yield lambda: found.again(rules(), (Refused,))


def update(number: int, text: str = "hello") -> dict[str, Any]:
    return {"update_id": number, "message": {"chat": {"id": 101}, "from": {"id": 101}, "text": text}}


def left(store: Store) -> list[int]:
    return [int(pending.update["update_id"]) for pending in places.left(store)]


def test_what_was_accepted_is_found_by_the_next_process_in_order(open_store: Callable[[], Store]) -> None:
    store = open_store()
    assert places.accept(store, [update(5), update(7)]) == 2
    assert places.accept(store, [update(6)]) == 1
    assert left(open_store()) == [5, 7, 6]


def test_a_number_that_no_column_holds_is_told_from_the_others(open_store: Callable[[], Store]) -> None:
    store = open_store()
    for number in (2**63, -(2**63), 10**100):
        with pytest.raises(TypeError):
            store.inbox.accept([update(5), update(number)])
    assert places.accept(store, []) == 0
    assert places.accept(store, [update(5), update(2**63 - 1)]) == 2


def test_what_is_done_is_done_and_never_accepted_again(open_store: Callable[[], Store]) -> None:
    store = open_store()
    places.accept(store, [update(5), update(6)])
    store.inbox.hold(5)
    store.inbox.hold(5)
    store.inbox.let_go(5)
    assert left(store) == [5, 6], "one job still works on it"
    store.inbox.let_go(5)
    store = open_store()
    assert left(store) == [6]
    assert places.accept(store, [update(6), update(5)]) == 0


def test_a_parked_update_is_for_the_next_process(open_store: Callable[[], Store]) -> None:
    store = open_store()
    places.accept(store, [update(5)])
    store.inbox.hold(5)
    store.inbox.run(5)
    store.inbox.park(5)
    store.inbox.let_go(5)
    store.close()
    (pending,) = places.left(open_store())
    assert pending.deaths == 0, "who left in good order did not die"


def test_a_message_is_sent_once(open_store: Callable[[], Store]) -> None:
    store = open_store()
    places.accept(store, [update(5)])
    assert store.inbox.once(5, "reply", lambda again: 11) == 11
    assert store.inbox.once(5, "reply", lambda again: 12) == 11
    assert store.inbox.once(5, "other", lambda again: 12) == 12
    assert open_store().inbox.once(5, "reply", lambda again: 13) == 11


def test_a_message_in_flight_at_the_crash_is_marked(open_store: Callable[[], Store]) -> None:
    store, told = open_store(), []
    places.accept(store, [update(5)])

    def dies(again: bool) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.inbox.once(5, "reply", dies)
    assert open_store().inbox.once(5, "reply", lambda again: told.append(again) or 11) == 11
    assert told == [True]


def test_a_refused_message_was_not_in_flight(open_store: Callable[[], Store]) -> None:
    store, told = open_store(), []
    places.accept(store, [update(5)])

    def refused(again: bool) -> int:
        raise Refused

    with pytest.raises(Refused):
        store.inbox.once(5, "reply", refused)
    open_store().inbox.once(5, "reply", lambda again: told.append(again) or 11)
    assert told == [False]


def test_deeds_of_an_update_happen_once_and_give_the_same(open_store: Callable[[], Store]) -> None:
    store = open_store()
    places.accept(store, [update(5), update(6)])

    def everything(store: Store) -> list[object]:
        return [
            store.register(ALICE, None, 5),
            store.refill(101, "balance", 7, 5),
            store.switch_model(101, 5),
            store.ban(101, True, 5),
            store.forget(Topic(101), 5),
        ]

    first = everything(store)
    assert everything(store) == first
    store = open_store()
    assert everything(store) == first
    user = store.user(101)
    assert user is not None
    assert user.balance == 30_007


def test_a_paid_answer_waits_for_its_delivery(open_store: Callable[[], Store]) -> None:
    store = open_store()
    store.register(ALICE, None)
    store.set_memory(101, 1000)
    places.accept(store, [update(5)])
    bill, delivery = Bill("gpt-6-luna", 20, 10), Delivery("answer", "note")
    for _ in range(2):
        reservation = store.reserve(101, "balance", 100)
        store.settle(reservation, bill, store.conversation(Topic(101)), Turn("q", "answer"), delivery, 5)
        assert store.delivery(5) == delivery
        store = open_store()
    assert store.available(101, "balance") == 29_970
    assert len(store.history(Topic(101))) == 2
    store.inbox.hold(5)
    store.inbox.let_go(5)
    assert store.delivery(5) is None


def test_a_question_from_before_the_forgetting_is_not_remembered_even_after_a_crash(
    open_store: Callable[[], Store],
) -> None:
    store = open_store()
    store.register(ALICE, None)
    store.set_memory(101, 1000)
    places.accept(store, [update(5, "question"), update(6, "/new")])
    store.forget(Topic(101), 6)
    store = open_store()
    bill, conversation = Bill("m", 2, 1), store.conversation(Topic(101))
    store.settle(store.reserve(101, "balance", 9), bill, conversation, Turn("old", "a"), Delivery("a"), 5)
    assert store.history(Topic(101)) == []
    places.accept(store, [update(7)])
    store.settle(store.reserve(101, "balance", 9), bill, conversation, Turn("new", "a"), Delivery("a"), 7)
    assert store.history(Topic(101))[0]["content"] == "new"


def test_deaths_are_counted_for_what_ran(open_store: Callable[[], Store]) -> None:
    store = open_store()
    places.accept(store, [update(5), update(6)])
    for number in range(1, 4):
        store.inbox.run(5)
        store = open_store()
        assert [pending.deaths for pending in places.left(store)] == [number, 0]


def test_what_gets_on_between_its_deaths_is_not_to_blame(open_store: Callable[[], Store]) -> None:
    store = open_store()
    places.accept(store, [update(5)])
    for number in range(1, 4):
        store.inbox.run(5)
        store.inbox.once(5, f"to {number}", lambda again, number=number: number)
        store = open_store()
        assert [pending.deaths for pending in places.left(store)] == [1]
    assert store.inbox.sends(5) == {"to 1": 1, "to 2": 2, "to 3": 3}


def test_poison_is_set_aside_and_kept_to_be_looked_at(open_store: Callable[[], Store], place: places.Place) -> None:
    store = open_store()
    places.accept(store, [update(5, "poison")])
    store.inbox.set_aside(5, "abc123")
    assert left(open_store()) == []
    assert place.aside() == {"5": ("abc123", update(5, "poison"))}


def test_while_the_disk_is_full_updates_are_served_and_not_confirmed(
    open_file: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_file()
    store.register(ALICE, None)
    places.accept(store, [update(4)])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        assert places.accept(store, [update(5), update(6)]) == 2
        assert store.inbox.in_trouble
        assert store.inbox.confirmable(7) == 5
        with pytest.raises(StorageError):
            store.refill(101, "balance", 5)
        store.inbox.hold(5)
        store.inbox.let_go(5)
        assert store.inbox.confirmable(7) == 6, "what is done may be forgotten"
        assert places.accept(store, [update(6)]) == 0
    assert store.inbox.confirmable(7) == 7
    assert not store.inbox.in_trouble
    assert left(open_file()) == [4, 6]


def test_a_failed_fsync_leaves_updates_unconfirmed_and_keeps_what_was_noted(
    open_file: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_file()
    places.accept(store, [update(4)])
    store.inbox.once(4, "reply", lambda again: 11)

    def broken(_: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        places.accept(store, [update(5)])
        assert store.inbox.confirmable(6) == 5
    assert store.inbox.confirmable(6) == 6
    store = open_file()
    assert left(store) == [4, 5]
    assert store.inbox.once(4, "reply", lambda again: 12) == 11


def test_seen_ids_are_ranges_and_old_days_go() -> None:
    seen = Seen()
    for number in (5, 7, 6, 9, 1, 2, 8):
        seen.add(number, "2026-11-21")
    assert [number for number in range(12) if number in seen] == [1, 2, 5, 6, 7, 8, 9]
    for day in (22, 23, 24):
        seen.add(day, f"2026-11-{day}")
    assert 5 not in seen
    assert {22, 23, 24} <= {number for number in range(30) if number in seen}
    seen.add(70, "2026-11-01")
    assert 70 in seen, "also while the clock is behind"


def test_pieces_of_a_question_are_done_together(open_store: Callable[[], Store]) -> None:
    store = open_store()
    places.accept(store, [update(1), update(2), update(3)])
    for piece in (2, 3):
        store.inbox.hold(piece)
        store.inbox.join(piece, 1)
        store.inbox.let_go(piece)
    store = open_store()
    assert left(store) == [1, 2, 3]
    assert store.inbox.pieces(1) == [2, 3]
    store.inbox.done(1)
    assert left(open_store()) == []


def test_pieces_are_set_aside_and_parked_with_their_question(
    open_store: Callable[[], Store], place: places.Place
) -> None:
    store = open_store()
    places.accept(store, [update(1), update(2), update(3), update(4)])
    for piece, first in ((2, 1), (4, 3)):
        store.inbox.run(piece)
        store.inbox.join(piece, first)
    store.inbox.park(1)
    store.inbox.set_aside(3, "abc")
    store = open_store()
    assert [(pending.update["update_id"], pending.deaths) for pending in places.left(store)] == [(1, 0), (2, 0)]
    assert list(place.aside()) == ["3"]
