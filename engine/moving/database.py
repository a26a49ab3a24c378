"""A database as the source or the target of a move."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from engine.datafile import DataFileError
from engine.ledger import Entry, plain
from engine.moving.ends import Done, Item, MoveError, Service
from engine.postgres import looking, schema
from engine.postgres.claims import NOBODY
from engine.postgres.database import Row, json, place_of, reason
from engine.postgres.queues import chat_of, is_urgent, sender_of
from engine.postgres.records import DELETED, LEDGER_COLUMNS, USAGE, WHOLE, entry_of, whole
from engine.postgres.schema import MOVING, NAMES, WORKERS, Connection
from engine.postgres.writing import ledger_row, said_row
from engine.state import WIDE, Records

_AT_ONCE = 1_000  # rows on their way from the server

# What changes with any deed, or any update taken in; the sums do not depend on an order.
_FINGERPRINT = """
SELECT (SELECT last_value FROM deeds), (SELECT last_value FROM places), (SELECT count(*) FROM ledger),
    (SELECT coalesce(sum(hashtextextended(key || fields::text, 0)), 0) FROM records),
    (SELECT coalesce(sum(hashtextextended(key || name || value::text, 0)), 0) FROM wide),
    (SELECT coalesce(sum(hashtextextended(key || message::text, n)), 0) FROM history),
    (SELECT coalesce(sum(hashtextextended(inbox::text, 0)), 0) FROM inbox), (SELECT count(*) FROM seen),
    (SELECT count(*) FROM sends), (SELECT coalesce(max(n), 0) FROM aside)
"""
_SEEN = """
SELECT day::text, min(update_id), max(update_id) FROM (
    SELECT day, update_id, update_id - row_number() OVER (PARTITION BY day ORDER BY update_id) AS island FROM seen
) AS islands GROUP BY day, island ORDER BY 1, 2
"""
_EMPTY = (
    "SELECT (SELECT count(*) FROM records) = 1"
    " AND (SELECT array_agg(name) FROM records, json_object_keys(fields) name) <@ '{schema,usage}'"
    " AND NOT EXISTS (SELECT FROM ledger) AND NOT EXISTS (SELECT FROM inbox) AND NOT EXISTS (SELECT FROM seen)"
)
_KEEP_UPDATE = (
    "INSERT INTO inbox (update_id, place, chat, sender, urgent, update, worker, begun, deaths, gives)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


class DatabaseSource:
    """One moment of a database that nobody uses."""

    def __init__(self, url: str, alone: bool = True) -> None:
        """Raises DataFileError, and with `alone` MoveError when workers live."""
        self.place, self._url = place_of(url), url
        self._connection = _connect(url)
        try:
            looking.check_step(self._connection, self.place)
            if alone:
                _keep_out(self._connection, self.place)
                looking.refuse_half_moved(self._connection, self.place)
            self._connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        except BaseException:
            self.close()
            raise

    def fingerprint(self) -> str:
        """Of all tables, as they are now."""
        with _connect(self._url) as now:
            return ".".join(map(str, now.execute(_FINGERPRINT).fetchone() or ()))

    def records(self, skip: int = 0) -> Iterator[Item]:
        """In the order of data.json."""
        for key, *parts in self._rows(f"{WHOLE} OFFSET %s", [*WIDE, "global"], skip):
            yield key, whole(key, *parts)

    def entries(self, skip: int = 0) -> Iterator[Entry]:
        """The oldest first."""
        sql = f"SELECT {LEDGER_COLUMNS} FROM ledger ORDER BY n, k OFFSET %s"
        return map(entry_of, self._rows(sql, skip))

    def _rows(self, sql: str, *values: Any) -> Iterator[Row]:
        with self._connection.cursor(name="moving") as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute(sql.encode(), values)
            yield from cursor

    def service(self) -> Service:
        """The tables of the inbox, in the form of data.json."""
        ask = self._connection.execute
        seen: dict[str, list[list[int]]] = {}
        for day, first, last in ask(_SEEN).fetchall():
            seen.setdefault(day, []).append([first, last])
        number, orders = ask(
            "SELECT (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM deeds),"
            " (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM places)"
        ).fetchone() or (0, 0)
        sends: dict[int, dict[str, int]] = {}
        for update_id, key, message_id in ask("SELECT update_id, key, message_id FROM sends ORDER BY n").fetchall():
            sends.setdefault(update_id, {})[key] = message_id
        inbox: Records = {}
        rows = ask("SELECT update_id, update, place, begun, deaths, gives FROM inbox ORDER BY place").fetchall()
        for update_id, *row in rows:
            names = ("update", "order", "begun", "deaths", "gives")
            inbox[str(update_id)] = dict(zip(names, row, strict=True)) | {"sends": sends.get(update_id, {})}
        aside = ask("SELECT update_id, reference, update FROM aside ORDER BY n").fetchall()
        given_up = {str(number): {"reference": reference, "update": update} for number, reference, update in aside}
        return Service(number, orders, seen, inbox, given_up)

    def close(self) -> None:
        """Let workers have it."""
        self._connection.close()


class DatabaseTarget:
    """Each piece is one transaction, with the note that it is there; the table of notes keeps bots out."""

    def __init__(self, url: str) -> None:
        """Make the tables if need be; raises DataFileError, and MoveError when workers live."""
        self.place, self._url = place_of(url), url
        self._connection = _connect(url)
        try:
            _keep_out(self._connection, self.place)
            schema.upgrade(self._connection)
        except schema.SchemaError as error:
            self.close()
            raise DataFileError(f"{self.place}: {error}") from None
        except BaseException:
            self.close()
            raise

    def begin(self, fingerprint: str) -> Done:
        """What the table of notes says, where there is one."""
        with self._piece() as connection:
            if not looking.is_half_moved(connection):
                self._must_be_empty(connection)
                connection.execute(
                    "CREATE TABLE moving (source text NOT NULL, records bigint NOT NULL, lines bigint NOT NULL,"
                    " service boolean NOT NULL)"
                )
                connection.execute("INSERT INTO moving VALUES (%s, 0, 0, false)", (fingerprint,))
            source, *done = connection.execute("SELECT source, records, lines, service FROM moving").fetchone() or ("",)
        if source != fingerprint:
            raise MoveError(f"{self.place} is half filled from elsewhere, or from before a change: name a new one")
        return Done(*done)

    def _must_be_empty(self, connection: Connection) -> None:
        found = connection.execute(_EMPTY).fetchone()
        if not found or not found[0]:
            raise MoveError(f"{self.place} is not empty: nothing is overwritten, name a new database")

    @contextmanager
    def _piece(self) -> Iterator[Connection]:
        try:
            with self._connection.transaction():
                yield self._connection
        except (psycopg.DataError, psycopg.IntegrityError, TypeError) as error:
            raise MoveError(f"{self.place} does not take it: {str(error).strip().splitlines()[0]}") from None

    def put_records(self, items: list[Item]) -> None:
        """By COPY; what stands in tables of its own leaves an empty field in its place."""
        with self._piece() as connection:
            if any(key == "global" for key, _ in items):
                connection.execute("DELETE FROM records WHERE key = 'global'")
            _copy(connection, "records (key, fields)", ((key, json(_fields(key, record))) for key, record in items))
            said = (said_row(key, each) for key, record in items for each in record.get("history", ()))
            _copy(connection, "history (key, author, characters, message)", said)
            _copy(connection, "wide (key, name, value)", (row for item in items for row in _wide(*item)))
            connection.execute("UPDATE moving SET records = records + %s", (len(items),))

    def put_entries(self, entries: list[Entry]) -> None:
        """By COPY, under their numbers."""
        rows = (ledger_row(each.n, each.k, plain(each), None) for each in entries)
        with self._piece() as connection:
            _copy(connection, "ledger (n, k, time, person, wallet, amount, reason, turn, more)", rows)
            connection.execute("UPDATE moving SET lines = lines + %s", (len(entries),))

    def put_service(self, service: Service) -> None:
        """The inbox is for whoever comes first; deeds and updates go on with the next numbers."""
        with self._piece() as connection:
            for day, ranges in service.seen.items():
                for first, last in ranges:
                    every = "INSERT INTO seen SELECT each, %s::date FROM generate_series(%s::bigint, %s::bigint) each"
                    connection.execute(f"{every} ON CONFLICT DO NOTHING", (day, first, last))
            for each in service.inbox.values():
                _keep(connection, each)
            for update_id, poison in service.aside.items():
                row = (int(update_id), poison["reference"], json(poison["update"]))
                connection.execute("INSERT INTO aside (update_id, reference, update) VALUES (%s, %s, %s)", row)
            for name, last in (("deeds", service.number), ("places", service.orders)):
                connection.execute("SELECT setval(%s::regclass, %s, %s)", (name, max(1, last), last > 0))
            connection.execute("UPDATE moving SET service = true")
        self._connection.execute("ANALYZE")

    def written(self) -> DatabaseSource:
        """All tables as they are now."""
        return DatabaseSource(self._url, alone=False)

    def finish(self) -> None:
        """Let bots in."""
        self._connection.execute("DROP TABLE moving")

    def close(self) -> None:
        """Let others have it."""
        self._connection.close()


def _connect(url: str) -> Connection:
    try:
        return psycopg.connect(url, autocommit=True, application_name="move of storage", connect_timeout=5)
    except psycopg.Error as error:
        raise DataFileError(f"{place_of(url)} cannot be opened: {reason(error, url)}") from None


def _keep_out(connection: Connection, place: str) -> None:
    """Nobody begins to use a database that is being moved; raises MoveError when somebody does already."""
    found = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (NAMES, MOVING)).fetchone()
    if not found or not found[0]:
        raise MoveError(f"{place} is in use by another move: wait for its end")
    used = connection.execute(
        "SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name LIKE 'assistant %%') + (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        " AND classid = %s AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname ="
        " current_database()))",
        (WORKERS,),
    ).fetchone()
    if used and used[0]:
        raise MoveError(f"{place} is in use by bots: stop all of them first")


def _fields(key: str, record: dict[str, Any]) -> dict[str, Any]:
    if key in WIDE:
        return {}
    empty: dict[str, Any] = {"history": []} if "history" in record else {}
    if key == "global":
        empty |= {USAGE: {}} | ({DELETED: []} if DELETED in record else {})
    return {**record, **empty}


def _wide(key: str, record: dict[str, Any]) -> Iterator[Row]:
    if key == "global":
        yield from ((DELETED, remains, json(True)) for remains in record.get(DELETED, ()))
        key, record = USAGE, record.get(USAGE, {})
    if key in (*WIDE, USAGE):
        yield from ((key, name, json(value)) for name, value in record.items())


def _copy(connection: Connection, table: str, rows: Iterable[Row]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)


def _keep(connection: Connection, each: dict[str, Any]) -> None:
    update = each["update"]
    update_id = int(update["update_id"])
    about = (chat_of(update), sender_of(update), is_urgent(update), json(update))
    kept = (NOBODY, each["begun"], each["deaths"], json(each["gives"]))
    connection.execute(_KEEP_UPDATE, (update_id, each["order"], *about, *kept))
    for key, message_id in each["sends"].items():
        sent = "INSERT INTO sends (update_id, key, message_id) VALUES (%s, %s, %s)"
        connection.execute(sent, (update_id, key, message_id))
