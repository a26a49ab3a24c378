"""Chats claimed: no more at once than there are lanes, also of those that stay with their worker."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.postgres.claims import Claims
from engine.postgres.engine import PostgresEngine
from engine.postgres.inbox import SharedInbox
from engine.state import Pending
from storage import Store
from tests import places
from tests.test_storage import rules

LANES = 2


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with places.place("postgres", tmp_path) as found:
        yield found.again(rules())


def update(number: int, chat: int) -> dict[str, Any]:
    return {"update_id": number, "message": {"chat": {"id": chat}, "from": {"id": chat}, "text": "hello"}}


def wait_for(served: list[Pending], number: int) -> list[int]:
    """The chats of what was handed on, when it is so many and time for more has passed."""
    until = time.monotonic() + 10
    while len(served) < number and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.6)  # two looks
    return [each.chat for each in served]


def test_no_more_chats_are_served_than_there_are_lanes(store: Store) -> None:
    engine, inbox, served = store.engine, store.inbox, list[Pending]()
    assert isinstance(engine, PostgresEngine)
    assert isinstance(inbox, SharedInbox)
    claims = Claims(engine, inbox, LANES, served.append)
    claims.start()
    try:
        store.inbox.accept([update(number, 100 + number) for number in range(1, 5)])
        assert wait_for(served, 2) == [101, 102]
        store.inbox.done(1)
        assert wait_for(served, 3) == [101, 102, 103]
        for number in (2, 3):
            store.inbox.done(number)
        assert wait_for(served, 4)[3:] == [104]
        store.inbox.done(4)
        store.inbox.accept([update(10 + number, 100 + number) for number in range(1, 5)])
        assert wait_for(served, 6)[4:] == [101, 102], "chats that stay with their worker count, too"
        store.inbox.accept([update(21, 101)])
        assert wait_for(served, 7)[6:] == [101], "what comes for a chat that is served is not held up"
    finally:
        claims.close()
