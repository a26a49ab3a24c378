"""What lies in a PostgreSQL database, in the form that data.json and the monthly files of the ledger have."""

import json
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Json as AsJson

from engine.ledger import plain
from engine.postgres import schema
from engine.postgres.records import DELETED, USAGE, entry_of
from proof.trial import must
from records import WALLETS

QUIET_SECONDS = 30.0
COLUMNS = "n, k, time, person, wallet, amount, reason, more"  # as `entry_of` reads them

Json = dict[str, Any]
Connection = psycopg.Connection[Any]


def connected(url: str) -> Connection:
    """A connection of ours, that no bot mistakes for one of its own."""
    return psycopg.connect(url, autocommit=True, application_name="proof")


def records(url: str) -> dict[str, Json]:
    """All records, with their histories."""
    with connected(url) as connection, connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        found: dict[str, Json] = dict(connection.execute("SELECT key, fields FROM records ORDER BY place").fetchall())
        for key, said in connection.execute("SELECT key, message FROM history ORDER BY n"):
            found.setdefault(key, {}).setdefault("history", []).append(said)
        for key, name, value in connection.execute("SELECT key, name, value FROM wide ORDER BY place"):
            if key == DELETED:
                found["global"].setdefault(DELETED, []).append(name)
                continue
            place = found["global"].setdefault(USAGE, {}) if key == USAGE else found.setdefault(key, {})
            place[name] = value
        return found


def ledger(url: str) -> list[Json]:
    """All lines, oldest first."""
    with connected(url) as connection:
        rows = connection.execute(f"SELECT {COLUMNS} FROM ledger ORDER BY n, k".encode()).fetchall()
    return [plain(entry_of(row)) for row in rows]


def pending(url: str) -> dict[int, Json]:
    """The updates that are not done, by their ids."""
    with connected(url) as connection:
        return dict(connection.execute("SELECT update_id, update FROM inbox").fetchall())


def workers(url: str) -> dict[int, int]:
    """Of each process that serves chats the system's number and its own."""
    with connected(url) as connection:
        rows = connection.execute(
            "SELECT split_part(application_name, ' ', 2)::integer, objid::bigint FROM pg_locks"
            " JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2"
            " AND granted",
            (schema.WORKERS,),
        ).fetchall()
    return dict(rows)


def dump(url: str, path: Path) -> None:
    """Write what matters into a file, to be looked at."""
    found: dict[str, object] = {"workers": workers(url), "sessions": sessions(url)}
    with connected(url) as connection:
        for table in ("inbox", "sends", "ledger", "reservations"):
            rows = connection.execute(f"SELECT row_to_json({table}) FROM {table}".encode()).fetchall()
            found[table] = [row for (row,) in rows]
        found["locks"] = connection.execute(
            "SELECT pid, classid::bigint, objid::bigint, objsubid, granted FROM pg_locks WHERE locktype = 'advisory'"
        ).fetchall()
    path.write_text(json.dumps(found, indent=1))


def serving(url: str, what: str = "true") -> set[int]:
    """The numbers of the processes that serve an open update now, of those with a condition."""
    with connected(url) as connection:
        rows = connection.execute(f"SELECT DISTINCT worker FROM inbox WHERE begun AND {what}".encode()).fetchall()
    return {worker for (worker,) in rows}


def sessions(url: str) -> list[tuple[int, str, str]]:
    """Of each connection of a bot the system's number of its process, its state and its last statement."""
    with connected(url) as connection:
        return connection.execute(
            "SELECT split_part(application_name, ' ', 2)::integer, coalesce(state, ''), query FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE 'assistant %'"
        ).fetchall()


def wait_quiet(url: str) -> None:
    """Wait until the server has ended what processes that were killed had asked of it."""
    deadline = time.monotonic() + QUIET_SECONDS
    while left := sessions(url):
        must(time.monotonic() < deadline, f"the server still works for processes that are gone: {left[:3]}")
        time.sleep(0.01)


def fill(url: str, content: dict[str, Json]) -> None:
    """Put records into an empty database, each wallet with its line of the ledger."""
    with connected(url) as connection:
        schema.upgrade(connection)
        with connection.transaction(), connection.cursor() as cursor:
            put = "INSERT INTO records (key, fields) VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET fields = %s"
            cursor.executemany(put, [(key, AsJson(fields), AsJson(fields)) for key, fields in content.items()])
            lines = [
                (place, key, wallet, fields[wallet])
                for place, (key, fields) in enumerate(content.items())
                for wallet in WALLETS
                if fields.get(wallet)
            ]
            cursor.executemany(
                "INSERT INTO ledger (n, k, time, person, wallet, amount, reason, more)"
                " VALUES (nextval('deeds'), %s, '2026-11-20T10:00:00+00:00', %s, %s, %s, 'start', '{}')",
                lines,
            )
