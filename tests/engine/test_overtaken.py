"""Updates that were lost to another process, or claimed anew by this one, while jobs of theirs still run."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.postgres.database import Overtaken
from engine.postgres.engine import PostgresEngine
from engine.postgres.inbox import SharedInbox
from storage import Store
from tests import places
from tests.engine.test_inbox import ALICE, update
from tests.test_storage import rules


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with places.place("postgres", tmp_path) as found:
        opened = found.again(rules())
        opened.register(ALICE, None)
        places.accept(opened, [update(5)])
        yield opened


def parts(store: Store) -> tuple[PostgresEngine, SharedInbox]:
    assert isinstance(store.engine, PostgresEngine)
    assert isinstance(store.inbox, SharedInbox)
    return store.engine, store.inbox


def test_a_deed_that_waited_for_the_server_is_not_done_for_an_update_lost_meanwhile(store: Store) -> None:
    engine, inbox = parts(store)
    begun, raised = threading.Event(), list[BaseException]()

    def change() -> None:
        begun.set()
        try:
            with engine.change(5, "settle") as changes:
                changes.record("101")["balance"] = 1
        except BaseException as error:
            raised.append(error)

    late = threading.Thread(target=change)
    with engine.alone():
        late.start()
        begun.wait(5)
        late.join(0.2)  # it stands behind us now
        inbox.lose(5)
    late.join(5)
    assert isinstance(raised[0], Overtaken)
    assert store.user(101).balance != 1


def test_an_old_job_neither_writes_for_nor_ends_what_was_claimed_anew(store: Store) -> None:
    engine, inbox = parts(store)
    inbox.hold(5)
    with inbox.serving(5):
        inbox.lose(5)
        engine.database.ask("UPDATE inbox SET worker = 0")
        places.serve(store)
        inbox.hold(5)
        inbox.let_go(5)
    assert inbox.pending(5) is not None
    with inbox.serving(5):
        inbox.let_go(5)
    assert inbox.pending(5) is None


def test_nothing_that_was_erased_elsewhere_is_set_aside(store: Store) -> None:
    engine, inbox = parts(store)
    engine.database.ask("DELETE FROM inbox")  # as another worker does that erases who sent it
    with inbox.serving(5):
        inbox.set_aside(5, "abc")
    assert engine.database.ask("SELECT * FROM aside") == []
    assert inbox.pending(5) is None


def test_a_job_whose_sender_was_erased_elsewhere_writes_nothing_more(store: Store) -> None:
    engine, inbox = parts(store)
    engine.database.ask("DELETE FROM inbox")
    with inbox.serving(5):
        store.set_prompt(-5, "words of who was erased")
    assert "-5" not in store.records
    store.set_prompt(-5, "words of somebody else")
    assert store.records["-5"]["prompt"] == "words of somebody else"


def test_a_job_that_ends_with_another_ones_update_is_done_again(store: Store) -> None:
    engine, inbox = parts(store)
    places.accept(store, [update(6)])
    engine.database.ask("UPDATE inbox SET worker = 0 WHERE update_id = 5")
    inbox.hold(6)
    with inbox.serving(6):
        try:
            inbox.amend(engine.mine[5], "edited", {})
        finally:
            inbox.let_go(6)
    assert engine.lost == {5, 6}
    assert engine.database.ask("SELECT update_id FROM inbox ORDER BY 1") == [(5,), (6,)]


def test_what_a_chat_has_sent_after_a_lost_update_is_lost_with_it(store: Store) -> None:
    engine, inbox = parts(store)
    places.accept(store, [update(6), update(7)])
    inbox.lose(6)
    assert sorted(engine.mine) == [5]
    assert engine.lost == {6, 7}


def test_a_piece_of_a_question_that_was_lost_is_served_anew(store: Store) -> None:
    engine, inbox = parts(store)
    inbox.lose(5)
    places.accept(store, [update(6)])
    inbox.hold(6)
    with inbox.serving(6):
        try:
            inbox.join(6, 5)
        finally:
            inbox.let_go(6)
    assert inbox.pending(6) is None
    assert engine.lost == {5, 6}
    assert engine.database.ask("SELECT update_id, gives::text FROM inbox ORDER BY 1") == [(5, "{}"), (6, "{}")]
