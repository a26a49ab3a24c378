"""The storage engine on PostgreSQL: each deed is a transaction, one at a time over all workers, as in one process.

So a deed sees the same world as with data.json, and what it says about wallets holds. Questions are not held up.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import tzinfo
from typing import Any

import psycopg

from engine.changes import StorageError
from engine.datafile import DataFileError
from engine.postgres import schema
from engine.postgres.database import Database, Overtaken, connect, json, place_of, reason
from engine.postgres.looking import refuse_half_moved
from engine.postgres.records import Lookups
from engine.postgres.reservations import Reservations
from engine.postgres.schema import BOTS, MOVING, NAMES, Connection
from engine.postgres.together import Together
from engine.postgres.writing import TableChanges, write
from engine.state import Pending, sent_by

log = logging.getLogger(__name__)

ERASED = "erased"

_OTHERS = (
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid::bigint <> %s AND objsubid = 2"
    " AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class PostgresEngine(Lookups):
    """Every worker has one; safe to call from many threads."""

    database: Database

    def __init__(self, url: str, zone: tzinfo) -> None:
        """Open the database and bring its tables up to date; raises DataFileError with what to do."""
        self.zone = zone
        self.lock: AbstractContextManager[object] = nullcontext()  # a question is one statement, and sees one moment
        self.trouble: Callable[[], None] = lambda: None
        self.notices: list[tuple[str, dict[str, object]]] = []
        self.mine: dict[int, Pending] = {}  # the updates that this process serves
        self.lost: set[int] = set()  # those it served until another did
        self.bot = 0  # whose processes work here, as a number for a lock
        self.tell: Callable[[str, Any], None] = lambda what, about: None  # the other workers
        _prepare(url)
        super().__init__(Database(url))
        self.worker = int(self.database.ask("SELECT nextval('workers')")[0][0])
        self.channel = f"worker_{self.worker}"  # on which it is told that it has room again
        self.reservations = Reservations(self.database, self.worker)
        self.together: Together | None = Together(self.database)

    def start(self) -> None:
        """Nothing is to be done in the background."""

    def belong_to(self, bot_id: int) -> None:
        """Work for this bot; raises DataFileError while processes of another one work here.

        Two bots would take each other's updates for seen, and answer each other's people.
        """
        self.bot = bot_id % 2**31  # a lock has so much room
        if self.database.ask(_OTHERS, BOTS, self.bot):
            place = place_of(self.database.url)
            raise DataFileError(f"STORAGE_URL: another bot works on {place}: each bot needs a database of its own")

    def alone(self) -> AbstractContextManager[object]:
        """A block in which nobody changes anything, in no process."""
        return self.database.alone()

    @contextmanager
    def change(self, update_id: int = 0, deed: str = "", wait: bool = True) -> Iterator[TableChanges]:
        """Change records, and return when that is committed; a block that raises changes nothing.

        A deed with a name is done once for an update: run again, it finds `done_before` and what it gave.
        """
        known = self.mine.get(update_id)
        with self.database.alone() as connection:
            if update_id in self.lost or self.mine.get(update_id) is not known:  # since, while the server was away
                raise Overtaken("it is another's")
            if not deed:
                self._see_whose_job_it_is(connection)
            changes = TableChanges(connection, self.records)
            pending = known if deed else None
            if pending is not None and deed in pending.gives:
                changes.done_before, changes.gives = True, pending.gives[deed]
            yield changes
            line = {} if changes.done_before else changes.whole()
            gives = self._write(connection, line, pending, {deed: changes.gives}) if line else {}
            if "erase" in line:
                self.tell(ERASED, int(line["erase"]))  # heard by the others if this is committed
        if pending is not None:
            pending.gives |= gives
        if "erase" in line:
            self.forget_updates(int(line["erase"]))

    def _see_whose_job_it_is(self, connection: Connection) -> None:
        """A deed that keeps nothing with its update is not done when that is another's by now, or erased."""
        job = self.database.job
        ours = "SELECT 1 FROM inbox WHERE update_id = %s AND worker = %s"
        if job in self.mine and not connection.execute(ours, (job, self.worker)).fetchone():
            raise self.overtaken(job)

    def _write(
        self, connection: Connection, line: dict[str, Any], pending: Pending | None, gives: dict[str, Any]
    ) -> dict[str, Any]:
        try:
            if pending is not None:
                self._keep(connection, pending, gives)
            write(connection, self.records, line, pending.order if pending else None)
            if "erase" in line:
                self._erase_updates(connection, int(line["erase"]))
        except (TypeError, UnicodeError, psycopg.DataError) as error:  # what JSON, or a column, cannot hold
            raise StorageError(f"a change could not be written: {error}") from error
        except psycopg.IntegrityError as error:  # a wallet below zero, or charged for a second time
            raise StorageError(f"refused by the database: {error.diag.constraint_name}") from error
        self.database.forget()
        return gives

    def _keep(self, connection: Connection, pending: Pending, gives: dict[str, Any]) -> None:
        """What a deed gave is kept with its update, as long as that is ours."""
        update_id = int(pending.update["update_id"])
        whole = self.given(update_id) | gives
        connection.execute("UPDATE inbox SET gives = %s WHERE update_id = %s", (json(whole), update_id))

    def given(self, update_id: int) -> dict[str, Any]:
        """What an update of ours has given so far, for a deed that adds to it."""
        ours = "SELECT gives FROM inbox WHERE update_id = %s AND worker = %s FOR UPDATE"
        if not (found := self.database.ask(ours, update_id, self.worker)):
            raise self.overtaken(update_id)
        gives: dict[str, Any] = found[0][0]
        return gives

    def _erase_updates(self, connection: Connection, user_id: int) -> None:
        """What a person sent is not answered any more, wherever it waits; no announcement reaches them."""
        connection.execute("DELETE FROM inbox WHERE sender = %s OR chat = %s", (user_id, user_id))
        for update_id, update in connection.execute("SELECT update_id, update FROM aside").fetchall():
            if sent_by(update, user_id):
                connection.execute("DELETE FROM aside WHERE update_id = %s", (update_id,))
        connection.execute("DELETE FROM sends WHERE key = %s", (f"to {user_id}",))
        for update_id, gives in connection.execute(
            "SELECT update_id, gives FROM inbox WHERE gives -> 'announce' IS NOT NULL"
        ).fetchall():
            left = without_receiver(gives, user_id)
            connection.execute("UPDATE inbox SET gives = %s WHERE update_id = %s", (json(left), update_id))

    def overtaken(self, update_id: int) -> Overtaken:
        """What is to be raised when an update proves not to be ours any more; it ends the job of another one, too."""
        for each in {update_id, self.database.job} - {0}:
            self.database.overtaken(each)
        return Overtaken("it is another's")

    def forget_updates(self, user_id: int) -> None:
        """A person was deleted, here or by another worker: what they sent is not ours any more."""
        for update_id, pending in list(self.mine.items()):
            if sent_by(pending.update, user_id):
                self.mine.pop(update_id, None)
            elif "announce" in pending.gives:
                pending.gives = without_receiver(pending.gives, user_id)
                pending.sends.pop(f"to {user_id}", None)

    def catch_up(self, connection: Connection) -> None:
        """The same for those whose deletion was not heard: their updates are gone, announcements don't name them."""
        announced = {each: pending.gives.get("announce") for each, pending in list(self.mine.items())}
        left = "SELECT update_id, gives -> 'announce' -> 1 FROM inbox WHERE update_id = ANY(%s)"
        receivers = dict(connection.execute(left, (list(announced),)).fetchall())
        for update_id, known in announced.items():
            pending = self.mine.get(update_id)
            if pending is None or update_id not in receivers:
                self.mine.pop(update_id, None)
            elif known:
                for user_id in set(known[1]) - set(receivers[update_id]):
                    pending.gives = without_receiver(pending.gives, user_id)
                    pending.sends.pop(f"to {user_id}", None)

    def takes_lines(self) -> bool:
        """Whether something could be charged now: what is asked waits for the server by itself."""
        return True

    def expunge(self) -> None:
        """Nothing is kept elsewhere: a transaction has taken out everything."""

    def close(self) -> None:
        """Let the database go; what was set aside is given back."""
        self.database.close()


def without_receiver(gives: dict[str, Any], user_id: int) -> dict[str, Any]:
    """What an announcement's update gave, without one of its receivers."""
    preview, receivers = gives["announce"]
    return gives | {"announce": [preview, [each for each in receivers if each != user_id]]}


def _prepare(url: str) -> None:
    try:
        with connect(url) as connection:
            found = connection.execute("SELECT pg_try_advisory_lock_shared(%s, %s)", (NAMES, MOVING)).fetchone()
            if not found or not found[0]:
                raise DataFileError(f"STORAGE_URL: {place_of(url)} is being moved: wait for the end of that")
            refuse_half_moved(connection, "STORAGE_URL")
            schema.upgrade(connection)
    except schema.SchemaError as error:
        raise DataFileError(f"STORAGE_URL: {error}") from None
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidSchemaName) as error:
        right = "make the user who enters the owner of the database, or grant the right"
        raise DataFileError(f"STORAGE_URL: {place_of(url)}: {reason(error, url)}: {right}") from None
    except psycopg.Error as error:
        raise DataFileError(f"STORAGE_URL: {place_of(url)} cannot be opened: {reason(error, url)}") from None
