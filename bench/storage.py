"""P4: what one durable change costs with 100, 10,000 and 100,000 users: time, and bytes that go to the disk.

`python -m bench.storage` measures ours beside the whole file written anew with `json` and with `orjson`, and beside
SQLite (WAL, synchronous FULL), all in the same run on the same disk.
"""

import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from bench.many_users import FIRST_ID, fill
from engine.datafile import load
from engine.disk import write_content
from proof.deeds import RULES
from storage import Store

SIZES = (100, 10_000, 100_000)
CHANGES = 500  # of the cheap ones; of the others as many as fit into some seconds
SECONDS = 6.0


class Cost(NamedTuple):
    """Median milliseconds of a change, and the bytes it wrote."""

    ms: float
    written: float


Change = Callable[[int], int]  # is given a user id, returns the bytes written


def main() -> None:
    """Print the table."""
    costs = {size: _all(size) for size in SIZES}
    names = list(costs[SIZES[0]])
    print(f"| ms a change (bytes written) | {' | '.join(f'{size:,} users' for size in SIZES)} | most to least |")
    print("|---|" + "---|" * (len(SIZES) + 1))
    for name in names:
        row = [costs[size][name] for size in SIZES]
        cells = " | ".join(f"{cost.ms:,.3f} ({cost.written:,.0f})" for cost in row)
        print(f"| {name} | {cells} | {max(cost.ms for cost in row) / min(cost.ms for cost in row):.2f} |")
    for name in names[1:]:
        ratios = (f"{costs[size][names[0]].ms / costs[size][name].ms:.4f}" for size in SIZES)
        print(f"| ratio, ours to {name} | {' | '.join(ratios)} | |")


def _all(size: int) -> dict[str, Cost]:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "data.json"
        fill(path, size)
        snapshot = load(path)
        assert snapshot is not None
        records = snapshot.records
        return {
            "ours": _ours(path, size),
            "`json`, all anew": _measured(_with_json(Path(name) / "json.json", records), size),
            "`orjson`, all anew": _measured(_with_orjson(Path(name) / "orjson.json", records), size),
            "SQLite": _measured(_with_sqlite(Path(name) / "users.db", records), size),
        }


def _measured(change: Change, size: int) -> Cost:
    """Change users all over the place, one after another."""
    times: list[float] = []
    written = 0
    change(FIRST_ID)  # not measured: files and pages that later changes find there
    until = time.monotonic() + SECONDS
    while len(times) < CHANGES and (time.monotonic() < until or not times):
        user = FIRST_ID + len(times) * 7919 % size
        begun = time.perf_counter()
        written += change(user)
        times.append(time.perf_counter() - begun)
    return Cost(statistics.median(times) * 1000, written / len(times))


def _ours(path: Path, size: int) -> Cost:
    store = Store(path, RULES)

    def refill(user: int) -> int:
        before = _bytes_of(path)
        store.refill(user, "balance", 5)
        return _bytes_of(path) - before

    try:
        return _measured(refill, size)
    finally:
        store.close()


def _bytes_of(path: Path) -> int:
    return sum(each.stat().st_size for each in path.parent.glob("data-journal-*"))


def _with_json(path: Path, records: dict[str, dict[str, Any]]) -> Change:
    def change(user: int) -> int:
        records[str(user)]["balance"] += 5
        content = json.dumps(records, ensure_ascii=False, indent=2).encode()
        write_content(path, content)
        return len(content)

    return change


def _with_orjson(path: Path, records: dict[str, dict[str, Any]]) -> Change:
    def change(user: int) -> int:
        records[str(user)]["balance"] += 5
        content = orjson.dumps(records, option=orjson.OPT_INDENT_2)
        write_content(path, content)
        return len(content)

    return change


def _with_sqlite(path: Path, records: dict[str, dict[str, Any]]) -> Change:
    """A table of users and a ledger, as a bot on SQLite would have them; what its checkpoints cost is not counted."""
    base = sqlite3.connect(path, isolation_level=None)
    base.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;")
    base.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, balance INTEGER, record TEXT)")
    base.execute("CREATE TABLE ledger (n INTEGER PRIMARY KEY, time REAL, user INTEGER, amount INTEGER, reason TEXT)")
    rows = ((int(key), record["balance"], json.dumps(record)) for key, record in records.items() if key.isdecimal())
    base.execute("BEGIN")
    base.executemany("INSERT INTO users VALUES (?, ?, ?)", rows)
    base.execute("COMMIT")
    base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    log = path.with_name(path.name + "-wal")

    def change(user: int) -> int:
        before = log.stat().st_size
        base.execute("BEGIN IMMEDIATE")
        base.execute("UPDATE users SET balance = balance + 5 WHERE id = ?", (user,))
        base.execute("INSERT INTO ledger (time, user, amount, reason) VALUES (?, ?, 5, 'refill')", (time.time(), user))
        base.execute("COMMIT")
        return log.stat().st_size - before

    return change


if __name__ == "__main__":
    main()
