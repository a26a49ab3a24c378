"""The pace of several processes together: never more than one of them alone would have."""

import threading
import time
from collections.abc import Iterator

import pytest

from engine.postgres.database import Database
from engine.postgres.schema import upgrade
from engine.postgres.together import LONGEST_SECONDS, Together
from telegram_io.pacer import SPARE, Pacer
from tests import places
from tests.databases import emptied_database

RATE = 30
on_postgres = pytest.mark.skipif(not places.SERVER, reason="no PostgreSQL to try: TEST_POSTGRES_URL is not set")


class Others:
    """Other processes that leave room, or none."""

    room = False

    def turn(self, gap: float) -> float:
        return 0.0

    def take_spare(self, gap: float) -> bool:
        return self.room


def test_a_draft_for_which_the_others_leave_no_room_costs_its_chat_nothing() -> None:
    now, others = 0.0, Others()
    paced = Pacer(RATE, threading.Event(), clock=lambda: now)
    paced.shared = others
    for _ in range(20 - SPARE):
        now += 1.1
        assert not paced.take_spare("-1")
    others.room = True
    assert paced.take_spare("-1")


@pytest.fixture
def databases() -> Iterator[list[Database]]:
    url = emptied_database(places.SERVER)
    made = [Database(url) for _ in range(4)]
    made[0].insisted(upgrade)
    yield made
    for each in made:
        each.close()


@on_postgres
def test_four_processes_keep_the_pace_of_one(databases: list[Database]) -> None:
    sent: list[float] = []
    until = time.monotonic() + 2.5

    def write(paced: Pacer, first: int) -> None:
        for chat in range(first, first + 100):
            if time.monotonic() < until:
                paced.wait(str(chat), "answer")
                sent.append(time.monotonic())

    threads = []
    for number, database in enumerate(databases):
        paced = Pacer(RATE, threading.Event())
        paced.shared = Together(database)
        threads += [threading.Thread(target=write, args=(paced, 1000 * number + 100 * each)) for each in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent.sort()
    assert len(sent) > RATE, "they get on"
    assert max(sum(begin <= each < begin + 0.9 for each in sent) for begin in sent) <= RATE


@on_postgres
def test_a_servers_clock_that_was_set_back_does_not_silence_the_bot(databases: list[Database]) -> None:
    together = Together(databases[0])
    together.turn(0.03)
    databases[0].ask("UPDATE pace SET free = now() + interval '1 hour'")
    assert together.turn(0.03) <= LONGEST_SECONDS
