"""The owner's data for their own SQL and spreadsheets: users, ledger, and usage by day, user and model.

Neither dialogues nor prompts get into an export: what people said is not for sums.
"""

import csv
import io
import itertools
import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from glob import escape
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO

from engine.disk import remove_parts, sync_folder, write_atomically
from engine.ledger import Entry
from records import COUNTERS, WALLETS

STEP = 10_000  # rows from one report of progress to the next

# Columns and their SQL types. What is left of a deleted user is a text: `user` takes ids and texts as they are.
_USED = dict.fromkeys(("tokens_in", "tokens_cached", "tokens_out", "tokens_reasoning"), "INTEGER") | {
    "seconds": "REAL",
    "pictures": "INTEGER",
}
_TABLES = {
    "users": {"id": "INTEGER PRIMARY KEY", "name": "TEXT", "username": "TEXT"}
    | dict.fromkeys((*WALLETS, *COUNTERS), "INTEGER")
    | {"last_request": "TEXT", "language": "TEXT", "referrer": "INTEGER", "banned": "INTEGER"},
    "ledger": {"time": "TEXT", "user": "", "wallet": "TEXT", "amount": "INTEGER", "reason": "TEXT"}
    | {"update_id": "INTEGER", "model": "TEXT"}
    | _USED
    | {"usd": "REAL", "note": "TEXT"},
    "usage": {"day": "TEXT", "user": "", "model": "TEXT", "requests": "INTEGER"}
    | _USED
    | {"usd": "REAL", "unknown_price": "INTEGER"},  # requests whose price nobody knows; `usd` is without them
}
_INDEXES = {
    "ledger_by_user": "ledger (user, time)",
    "ledger_by_time": "ledger (time)",
    "usage_by_day": "usage (day, user, model)",
    "usage_by_user": "usage (user, day)",
}
_PLACES = 9  # of a sum of USD; more is the noise of adding

_SUM_UP = f"""
    INSERT INTO usage
    SELECT substr(time, 1, 10), user, model, count(*), {", ".join(f"sum({column})" for column in _USED)},
        round(coalesce(sum(usd), 0.0), {_PLACES}), sum(usd IS NULL)
    FROM ledger WHERE model <> '' AND {" + ".join(_USED)} > 0
    GROUP BY 1, 2, 3
"""

# A cell that begins so is a formula for spreadsheets; an apostrophe before it, as they write it themselves, makes it
# text. The wide signs are formulas where Japanese is set.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_used = attrgetter(*_USED)
_entry = attrgetter(*("update" if column == "update_id" else column for column in _TABLES["ledger"]))

Records = Mapping[str, Mapping[str, Any]]
Progress = Callable[[int], None]  # rows read so far, every 10,000
Rows = Iterable[tuple[Any, ...]]


class ExportError(Exception):
    """Nothing was exported; the message says why and what to do."""


def to_csv(folder: Path, records: Records, entries: Iterable[Entry], progress: Progress) -> dict[str, int]:
    """Write users.csv, ledger.csv and usage.csv (UTF-8) into a folder, made if need be; returns rows by table.

    Texts that a spreadsheet would run as a formula get an apostrophe in front. After an ExportError no file is left.
    """
    targets = {table: folder / f"{table}.csv" for table in _TABLES}
    usage: dict[tuple[str, int | str, str], list[Any]] = {}
    told = _told(progress)
    sources: dict[str, Rows] = {
        "users": told(_users(records)),
        "ledger": told(_counted(entries, usage)),
        "usage": _usage_rows(usage),  # not begun before the ledger is through
    }
    with _all_or_nothing(folder, [*targets.values()]):
        folder.mkdir(mode=0o700, exist_ok=True)
        return {table: _write_csv(target, _TABLES[table], sources[table]) for table, target in targets.items()}


def to_sqlite(path: Path, records: Records, entries: Iterable[Entry], progress: Progress) -> dict[str, int]:
    """Write the same as tables of an SQLite database; returns rows by table. After an ExportError no file is left."""
    with _all_or_nothing(path, [path]):
        remove_parts(path.parent, escape(path.name))
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".", suffix=".part")
        os.close(handle)
        part = Path(name)
        try:
            rows = _fill_database(part, records, entries, progress)
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.rename(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
        return rows


@contextmanager
def _all_or_nothing(place: Path, targets: list[Path]) -> Iterator[None]:
    """Refuse to overwrite; after a failure take back what was written and say what happened."""
    for target in targets:
        if target.exists():
            raise ExportError(f"{target} is there already: move it away or name another place")
    try:
        yield
    except BaseException as error:
        for target in targets:
            target.unlink(missing_ok=True)
        if not isinstance(error, OSError | sqlite3.Error):
            raise
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise ExportError(f"nothing is exported to {place}: {reason}; mend that or name another place") from None


def _told(progress: Progress) -> Callable[[Rows], Rows]:
    """Rows pass through and are counted, over all tables."""
    numbers = itertools.count(1)

    def passing(rows: Rows) -> Rows:
        for row in rows:
            if (number := next(numbers)) % STEP == 0:
                progress(number)
            yield row

    return passing


def _users(records: Records) -> Rows:
    for key, record in records.items():
        if "balance" not in record or not key.removeprefix("-").isdecimal():
            continue
        username = record.get("username")
        yield (
            int(key),
            str(record.get("name", "")),
            None if username in (None, "None") else str(username).removeprefix("@"),
            *(int(record.get(field, 0)) for field in (*WALLETS, *COUNTERS)),
            *(record.get(field) for field in ("last_request", "language", "ref_id")),
            int(bool(record.get("blacklist"))),
        )


def _counted(entries: Iterable[Entry], usage: dict[tuple[str, int | str, str], list[Any]]) -> Rows:
    """The ledger's rows, added up on the way; the memory grows with users, days and models, not with the ledger."""
    for entry in entries:
        if entry.model and any(_used(entry)):
            sums = usage.setdefault((entry.time[:10], entry.user, entry.model), [0] * (len(_USED) + 3))
            unknown = entry.usd is None
            for place, amount in enumerate((1, *_used(entry), entry.usd or 0.0, unknown)):
                sums[place] += amount
        yield _entry(entry)


def _usage_rows(usage: dict[tuple[str, int | str, str], list[Any]]) -> Rows:
    for key in sorted(usage, key=lambda key: (key[0], str(key[1]), key[2])):
        *counts, usd, unknown = usage[key]
        yield (*key, *counts, round(usd, _PLACES), unknown)


def _write_csv(path: Path, columns: Iterable[str], rows: Rows) -> int:
    """One file, whole or not at all; returns the rows under its heading."""
    count = 0

    def fill(file: BinaryIO) -> None:
        nonlocal count
        text = io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="")
        writer = csv.writer(text)
        writer.writerow(columns)
        for count, row in enumerate(rows, 1):  # noqa: B007 - the last one is the number of rows
            writer.writerow(map(_harmless, row))
        text.detach()  # flushes, and leaves the file to its owner

    remove_parts(path.parent, escape(path.name))
    write_atomically(path, fill)
    return count


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _fill_database(path: Path, records: Records, entries: Iterable[Entry], progress: Progress) -> dict[str, int]:
    told = _told(progress)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = OFF")  # a file that is whole or thrown away needs no way back
        database.execute("PRAGMA synchronous = OFF")
        for table, columns in _TABLES.items():
            database.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        database.execute("BEGIN")
        _insert(database, "users", told(_users(records)))
        _insert(database, "ledger", told(map(_entry, entries)))
        database.execute(_SUM_UP)
        for index, columns_of in _INDEXES.items():
            database.execute(f"CREATE INDEX {index} ON {columns_of}")
        database.execute("COMMIT")
        return {table: database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _TABLES}


def _insert(database: sqlite3.Connection, table: str, rows: Rows) -> None:
    places = ", ".join("?" * len(_TABLES[table]))
    database.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
