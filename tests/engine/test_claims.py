"""Several workers on one database: who claims what, and what becomes of it when a connection ends in the middle."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from engine.changes import StorageError
from engine.datafile import DataFileError
from engine.postgres.claims import Claims
from engine.postgres.database import Overtaken, connect
from engine.postgres.engine import ERASED, PostgresEngine
from engine.postgres.inbox import SharedInbox
from engine.reservations import Held
from engine.state import Pending
from tests import places
from tests.databases import end_session_of
from tests.engine.test_postgres import Cut


class Worker:
    """An engine, its inbox and its claims, as one process has them."""

    def __init__(self, url: str) -> None:
        self.engine = PostgresEngine(url, UTC)
        self.inbox = SharedInbox(self.engine)
        self.handed: list[int] = []
        self.claims = Claims(self.engine, self.inbox, 10, self.take)

    def take(self, pending: Pending) -> None:
        self.handed.append(int(pending.update["update_id"]))

    def close(self) -> None:
        self.claims.close()
        self.engine.close()


@pytest.fixture
def hire(tmp_path: Path) -> Iterator[Callable[[], Worker]]:
    hired: list[Worker] = []
    with places.place("postgres", tmp_path) as found:

        def one() -> Worker:
            hired.append(Worker(str(found.where)))
            return hired[-1]

        yield one
        for each in hired:
            each.close()


def until(ready: Callable[[], Any], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def question(number: int, chat: int = 101) -> dict[str, Any]:
    return {"update_id": number, "message": {"chat": {"id": chat}, "from": {"id": chat}, "text": "q"}}


def test_what_was_claimed_as_the_connection_ended_is_handed_on(
    hire: Callable[[], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    from engine.postgres import claims, taking

    worker, real, broken = hire(), claims.take, threading.Event()

    def breaking(engine: Any, inbox: Any, connection: Any, chats: Any) -> list[Pending]:
        if broken.is_set():
            return real(engine, inbox, connection, chats)
        broken.set()
        connection.execute(taking._TAKE, {"me": engine.worker, "chats": list(chats)})
        raise psycopg.OperationalError("the answer never came")

    monkeypatch.setattr(claims, "take", breaking)
    worker.inbox.accept([question(5)])
    worker.claims.start()
    until(broken.is_set)
    until(lambda: worker.handed == [5])


def test_news_that_nobody_understands_cost_no_locks(hire: Callable[[], Worker]) -> None:
    worker, heard = hire(), threading.Event()

    def fail(about: Any) -> None:
        heard.set()
        raise LookupError(about)

    worker.claims.heard["odd"] = fail
    worker.inbox.accept([question(5)])
    worker.claims.start()
    until(lambda: worker.handed == [5])
    other = hire()
    other.engine.database.ask("SELECT pg_notify('news', 'no JSON')")
    other.claims.tell("odd", 1)
    until(heard.is_set)
    other.claims.start()
    time.sleep(0.6)
    assert other.handed == [], "the chat stayed where it was"


def test_an_update_that_cannot_be_handed_on_now_is_handed_on_later(hire: Callable[[], Worker]) -> None:
    worker, tried = hire(), list[int]()

    def refuse_once(pending: Pending) -> None:
        tried.append(int(pending.update["update_id"]))
        if tried.count(5) == 1 and tried[-1] == 5:
            raise RuntimeError("not now")

    worker.claims._hand_on = refuse_once
    worker.inbox.accept([question(5), question(6)])
    worker.claims.start()
    until(lambda: sorted(tried) == [5, 5, 6])


def test_a_second_bot_is_refused_as_long_as_the_first_one_works(hire: Callable[[], Worker]) -> None:
    first = hire()
    first.engine.belong_to(7_000_000_001)
    first.claims.start()
    more, other = hire(), hire()
    more.engine.belong_to(7_000_000_001)
    with pytest.raises(DataFileError, match=r"another bot works on .*: each bot needs a database of its own"):
        other.engine.belong_to(7_000_000_002)
    first.close()
    other.engine.belong_to(7_000_000_002)


def test_what_was_set_aside_waits_for_a_worker_that_was_missed_only_once(hire: Callable[[], Worker]) -> None:
    first, other = hire(), hire()
    other.engine.reservations.add(Held(101, "balance", 50, 0.1))
    looks = iter(range(1000, 1100, 2))

    def look() -> int:
        first.claims._ask_who_lives(connection, float(next(looks)))
        return first.engine.reservations.amount(101, "balance")

    with connect(first.engine.database.url) as connection:
        assert [look(), look()] == [50, 0], "it never lived"
        other.engine.reservations.add(Held(101, "balance", 50, 0.1))
        other.claims.start()
        assert [look(), look()] == [50, 50], "it lives"
        other.claims.close()
        assert [look(), look()] == [50, 0]


def test_what_was_set_aside_without_an_answer_is_given_back_before_its_update_is_served_again(
    hire: Callable[[], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, other, seen = hire(), hire(), list[int]()
    engine, begin = worker.engine, worker.engine.database._begin
    kept = engine.reservations.add(Held(101, "balance", 7, 0.1))

    def answer(pending: Pending) -> None:
        seen.append(other.engine.reservations.amount(101, "balance"))
        if len(seen) > 1:
            return
        with monkeypatch.context() as patched:
            patched.setattr(engine.database, "_begin", lambda until: Cut(begin(until), heard=True))
            patched.setattr(engine.database, "_give_back", lambda each: engine.database._pool.putconn(each._connection))
            with engine.alone():
                engine.reservations.add(Held(101, "balance", 50, 0.1))

    worker.claims._hand_on = answer
    worker.inbox.accept([question(5)])
    worker.claims.start()
    until(lambda: len(seen) == 2)
    assert seen == [7, 7]
    engine.reservations.drop(kept)
    assert other.engine.reservations.amount(101, "balance") == 0


def test_what_is_still_held_stays_set_aside(hire: Callable[[], Worker]) -> None:
    worker, going_on = hire(), threading.Event()
    engine = worker.engine

    def amount() -> int:
        with connect(engine.database.url) as connection:
            engine.reservations.drop_doubtful(connection)
        return engine.reservations.amount(101, "balance")

    def reserve() -> None:
        with engine.alone():
            engine.reservations.add(Held(101, "balance", 20, 0.1))
            going_on.set()
            time.sleep(0.2)

    held = engine.reservations.add(Held(101, "balance", 50, 0.1))

    def fail() -> None:
        with engine.alone():
            engine.reservations.add(Held(101, "balance", 9, 0.1))
            engine.reservations.drop(held)
            raise LookupError("the deed is not done")

    with pytest.raises(LookupError):
        fail()
    under_way = threading.Thread(target=reserve)
    under_way.start()
    going_on.wait(5)
    assert amount() == 70, "it waited for the one under way"
    under_way.join()
    assert amount() == 70
    engine.reservations.drop(held)
    assert amount() == 20


def test_deletions_that_were_not_heard_are_found_when_the_connection_is_back(hire: Callable[[], Worker]) -> None:
    worker, other = hire(), hire()
    engine = worker.engine
    worker.inbox.accept([question(5), question(6, 7), question(8, 8)])
    worker.claims.start()
    until(lambda: len(engine.mine) == 3)
    worker.inbox.amend(engine.mine[6], "announce", ["Hear, hear", [101, 102]])
    engine.mine[6].sends["to 101"] = 0
    with other.engine.alone() as connection:
        other.engine._erase_updates(connection, 101)
    assert sorted(engine.mine) == [5, 6, 8]
    end_session_of(engine.database.url, engine.worker)
    until(lambda: sorted(engine.mine) == [6, 8])
    until(lambda: engine.mine[6].gives["announce"] == ["Hear, hear", [102]])
    assert engine.mine[6].sends == {}


def test_a_deletion_is_told_even_if_its_end_was_not_heard(
    hire: Callable[[], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, other = hire(), hire()
    erased: list[int] = []
    worker.claims.heard = {ERASED: erased.append}
    worker.claims.start()
    other.claims.start()
    until(lambda: worker.claims.workers() == 2)
    begin, pool = other.engine.database._begin, other.engine.database._pool
    with monkeypatch.context() as patched:
        patched.setattr(other.engine.database, "_begin", lambda until: Cut(begin(until), True))
        patched.setattr(other.engine.database, "_give_back", lambda each: pool.putconn(each._connection))
        with pytest.raises(StorageError), other.engine.change() as change:
            change.line |= {"erase": 101, "as": "nobody"}
    until(lambda: erased == [101])


def test_a_lost_update_is_known_as_long_as_a_job_of_it_runs(hire: Callable[[], Worker]) -> None:
    worker, other = hire(), hire()
    engine, raised = worker.engine, list[BaseException]()
    worker.inbox.accept([question(5), question(6), question(7, 7)])
    worker.claims.start()
    until(lambda: len(engine.mine) == 3)
    worker.claims.stop()
    time.sleep(0.5)
    with other.engine.alone() as connection:
        other.engine._erase_updates(connection, 101)
    with worker.inbox.serving(5):
        worker.inbox.lose(5)
        worker.inbox.lose(7)
        assert engine.lost == {5, 6, 7}
        worker.claims._resting.clear()
        until(lambda: engine.lost == {5})
        until(lambda: 7 in engine.mine)
        try:
            with engine.change(5, "settle"):
                pass
        except Overtaken as error:
            raised.append(error)
    assert raised
    until(lambda: not engine.lost)


def test_what_could_not_be_given_back_is_given_back_later(
    hire: Callable[[], Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = hire()
    engine = worker.engine
    worker.claims.start()
    held = engine.reservations.add(Held(101, "balance", 50, 0.1))

    def away(sql: str, *values: Any) -> None:
        raise StorageError("PostgreSQL is away")

    with monkeypatch.context() as patched:
        patched.setattr(engine.database, "ask", away)
        with pytest.raises(StorageError):
            engine.reservations.drop(held)
    until(lambda: engine.reservations.amount(101, "balance") == 0)


def test_what_two_doors_are_posted_at_once_is_served_once(hire: Callable[[], Worker]) -> None:
    doors, worker, problems = [hire(), hire()], hire(), list[BaseException]()

    def post(door: Worker, numbers: list[int]) -> None:
        try:
            door.inbox.accept([question(number) for number in numbers])
        except BaseException as problem:
            problems.append(problem)

    orders = [[5, 6, 7], [7, 6, 5]]
    threads = [threading.Thread(target=post, args=(doors[each % 2], orders[each % 2])) for each in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worker.claims.start()
    until(lambda: len(worker.handed) >= 3)
    time.sleep(0.3)
    assert problems == []
    assert worker.handed == [5, 6, 7]


def test_who_is_too_old_for_the_tables_leaves_what_it_serves_to_others(hire: Callable[[], Worker]) -> None:
    worker, left = hire(), threading.Event()
    worker.claims.outdated = left.set
    worker.inbox.accept([question(5)])
    worker.claims.start()
    until(lambda: worker.handed == [5])
    with connect(worker.engine.database.url) as newer:
        newer.execute("INSERT INTO schema VALUES (99)")
    end_session_of(worker.engine.database.url, worker.engine.worker)
    assert left.wait(10)
    assert not worker.engine.mine
    with pytest.raises(Overtaken):
        worker.inbox.once(5, "reply", lambda again: 1)


def test_who_is_too_old_for_the_tables_as_it_begins_serves_nothing(hire: Callable[[], Worker]) -> None:
    worker, left = hire(), threading.Event()
    worker.claims.outdated = left.set
    worker.inbox.accept([question(5)])
    with connect(worker.engine.database.url) as newer:
        newer.execute("INSERT INTO schema VALUES (99)")
    worker.claims.start()
    assert left.wait(10)
    assert worker.handed == []
