"""A database looked at without changing anything: all questions of one look see the same moment, workers go on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from engine.changes import Record
from engine.datafile import DataFileError
from engine.postgres.database import Row, connect, place_of, reason
from engine.postgres.records import USAGE, Lookups
from engine.postgres.schema import STEPS, Connection, step_of


class Look(Lookups):
    """The questions of `engine.lookups`, to one moment of a database."""

    def __init__(self, connection: Connection, earlier: bool) -> None:
        """`earlier`: a start will change the tables."""
        super().__init__(_OneMoment(connection))
        self.earlier = earlier

    def records_without_histories(self) -> dict[str, Record]:
        """All records as data.json has them, but for what was said and what was paid."""
        records = self.moment()
        records["global"][USAGE] = self.days()
        return records

    def unanswered(self) -> int:
        """How many updates are not done."""
        return int(self.database.ask("SELECT count(*) FROM inbox")[0][0])


class _OneMoment:
    """In the place of a `Database`: one transaction that reads."""

    transaction_cache: dict[str, Any] | None = None

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def ask(self, sql: str, *values: Any) -> list[Row]:
        return self._connection.execute(sql.encode(), values).fetchall()


@contextmanager
def looked_at(url: str) -> Iterator[Look]:
    """Look at a database; raises DataFileError when it cannot be reached or its tables are not of this program."""
    try:
        with connect(url) as connection:
            earlier = check_step(connection, place_of(url))
            refuse_half_moved(connection, place_of(url))
            yield Look(connection, earlier)
    except psycopg.Error as error:
        raise DataFileError(f"{place_of(url)} cannot be read: {reason(error, url)}") from None


def check_step(connection: Connection, place: str) -> bool:
    """Whether a start will change the tables; raises DataFileError for tables of a newer program, or none.

    All questions are understood by tables of every step so far.
    """
    step = step_of(connection)
    if not 0 < step <= len(STEPS):
        has = f"its tables are of step {step}, this program knows {len(STEPS)}" if step else "it has no tables yet"
        raise DataFileError(f"{place}: {has}: {'install the newer program' if step else 'start the bot on it once'}")
    return step < len(STEPS)


def is_half_moved(connection: Connection) -> bool:
    """Whether a move into a database is not at its end."""
    found = connection.execute("SELECT to_regclass('moving') IS NOT NULL").fetchone()
    return bool(found and found[0])


def refuse_half_moved(connection: Connection, place: str) -> None:
    """Raise DataFileError when a move into a database is not at its end."""
    if is_half_moved(connection):
        raise DataFileError(f"{place}: a move into it was interrupted: run the same --move-storage again")


def state_of(url: str) -> str:
    """Whether a database can be used, in words: its version, the step of its tables; raises DataFileError."""
    try:
        with connect(url) as connection:
            version, step = connection.info.server_version, step_of(connection)
            if step > len(STEPS):
                raise DataFileError(
                    f"its tables are of step {step}, this program knows {len(STEPS)}: install the newer"
                )
            refuse_half_moved(connection, "it is half filled")
            server = f"PostgreSQL {version // 10_000}.{version % 10_000}"
            if not step:
                return f"{server}, tables will be made at the first start"
            upgrade = "" if step == len(STEPS) else f", the next start brings them to {len(STEPS)}"
            found = connection.execute("SELECT count(*) FROM records").fetchone()
            return f"{server}, tables of step {step}{upgrade}, {found[0] if found else 0} records"
    except psycopg.Error as error:
        raise DataFileError(f"it cannot be reached: {reason(error, url)}") from None
