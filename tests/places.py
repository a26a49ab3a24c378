"""Places to keep data at, one of each engine, so that the same tests run on both: a file, and a database of its own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

import psycopg
import pytest

from engine import opening
from engine.ledger import Entry
from engine.postgres.engine import PostgresEngine
from engine.postgres.taking import take
from engine.state import SERVICE, Pending
from records import Rules
from storage import Store
from tests.databases import emptied_database

SERVER = os.environ.get("TEST_POSTGRES_URL", "")
KINDS = ("file", "postgres")

Records = dict[str, dict[str, Any]]
Update = dict[str, Any]


class Place:
    """Where a store keeps its data; `where` is what `Store` is given."""

    where: Path | str

    def __init__(self) -> None:
        self.opened: list[Store] = []

    def open(self, rules: Rules, refusals: tuple[type[Exception], ...] = ()) -> Store:
        """A store as a new process would find it, which serves all that was left."""
        self.opened.append(Store(self.where, rules, refusals))
        serve(self.opened[-1])
        return self.opened[-1]

    def again(self, rules: Rules, refusals: tuple[type[Exception], ...] = ()) -> Store:
        """The same after the end of the process before, which could not close or save anything."""
        if self.opened:
            self.kill(self.opened[-1])
        return self.open(rules, refusals)

    def kill(self, store: Store) -> None:
        raise NotImplementedError

    def records(self) -> Records:
        """What another process would see now, in the form of data.json."""
        raise NotImplementedError

    def aside(self) -> dict[str, tuple[str, Update]]:
        """What was set aside: reference and update."""
        raise NotImplementedError

    def close(self) -> None:
        for store in self.opened[-1:]:
            store.close()


class FilePlace(Place):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.where: Path = folder / "data.json"

    def kill(self, store: Store) -> None:
        store.engine._over.set()
        store.engine.file._lock.release()

    def records(self) -> Records:
        return opening.read(self.where, UTC).state.records

    def aside(self) -> dict[str, tuple[str, Update]]:
        found = opening.read(self.where, UTC).state.aside
        return {key: (each["reference"], each["update"]) for key, each in found.items()}


class DatabasePlace(Place):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.where: str = url

    def kill(self, store: Store) -> None:
        store.engine.close()

    def records(self) -> Records:
        other = PostgresEngine(self.where, UTC)
        try:
            return other.everything()
        finally:
            other.close()

    def aside(self) -> dict[str, tuple[str, Update]]:
        with psycopg.connect(self.where) as connection:
            rows = connection.execute("SELECT update_id, reference, update FROM aside").fetchall()
        return {str(update_id): (reference, update) for update_id, reference, update in rows}


@contextmanager
def place(kind: str, folder: Path) -> Iterator[Place]:
    """A place of a kind; what was opened there last is closed at the end."""
    if kind == "postgres" and not SERVER:
        pytest.skip("no PostgreSQL to try: TEST_POSTGRES_URL is not set")
    found = DatabasePlace(emptied_database(SERVER)) if kind == "postgres" else FilePlace(folder)
    try:
        yield found
    finally:
        found.close()


def serve(store: Store) -> int:
    """Serve every update that is open, as a worker does that has locked its chat; how many are new to it."""
    if not isinstance(store.engine, PostgresEngine):
        return 0
    with psycopg.connect(store.engine.database.url, autocommit=True) as connection:
        chats = [chat for (chat,) in connection.execute("SELECT DISTINCT chat FROM inbox").fetchall()]
        return len(take(store.engine, store.inbox, connection, chats))


def accept(store: Store, updates: list[Update]) -> int:
    """Accept updates and serve them; how many were never seen before."""
    return len(store.inbox.accept(updates)) + serve(store)


def left(store: Store) -> list[Pending]:
    """The updates a new process has to serve, oldest first."""
    if isinstance(store.engine, PostgresEngine):
        return sorted(store.engine.mine.values(), key=lambda each: each.order)
    return store.inbox.begin()


def entries(store: Store) -> list[Entry]:
    """The ledger, oldest first."""
    return list(store.engine.entries())


def checkpoint(store: Store) -> None:
    """With a file: bring it up to date, so that what follows is only in the journal."""
    if not isinstance(store.engine, PostgresEngine):
        store.engine.checkpoint()


def without_service(records: Records) -> Records:
    """The records but for the inbox of data.json."""
    return {key: record for key, record in records.items() if key not in SERVICE}
