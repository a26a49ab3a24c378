"""Exports hold the whole ledger and nobody's words; they are there whole, or not at all."""

import csv
import errno
import os
import sqlite3
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import export
from engine.ledger import Entry
from export import ExportError, to_csv, to_sqlite

RECORDS: dict[str, dict[str, Any]] = {
    "global": {"requests": 4, "tokens": 400, "journal": 9},
    "101": {
        "balance": 29_900,
        "premium_balance": 5,
        "name": 'Алиса, «the "first"»\n',
        "username": "@alice",
        "requests": 3,
        "tokens": 100,
        "last_request": "2026-11-21 09:30:00",
        "language": "ru",
        "ref_id": 102,
        "prompt": "SECRET prompt",
        "history": [{"role": "user", "content": "SECRET words"}],
    },
    "102": {"balance": 0, "name": "=cmd|' /C calc'!A0", "username": "None", "blacklist": True},
    "-1001": {"prompt": "SECRET of a group", "history": [{"role": "user", "content": "SECRET"}]},
    "-1001/3": {"balance": 5, "history": [{"role": "user", "content": "SECRET"}]},
    "103": {"language": "en", "prompt": "SECRET of somebody who never registered"},
}


def entry(number: int, **fields: Any) -> Entry:
    given = {"time": "2026-11-21T09:30:00+03:00", "user": 101, "wallet": "balance", "amount": 0, "reason": "answer"}
    return Entry(n=number, k=0, **(given | fields))


ENTRIES = [
    entry(1, amount=30_000, reason="start", time="2026-11-20T23:59:59+03:00"),
    entry(2, amount=-60, model="luna", tokens_in=50, tokens_out=10, tokens_cached=20, usd=0.1, update=7),
    entry(3, amount=-40, model="luna", tokens_in=30, tokens_out=10, tokens_reasoning=5, usd=0.2, update=8),
    entry(4, amount=-9, model="luna", tokens_in=9, usd=None, note="=1+1"),
    entry(5, amount=-12, wallet="premium_balance", model="whisper", seconds=2.5, usd=0.0002, reason="-voice"),
    entry(6, user="deleted 1e5", amount=-1, wallet="image_balance", model="flare", pictures=1, usd=0.04),
    entry(7, user="77", amount=3, time="2026-11-22T00:00:00+03:00"),
    entry(8, model="luna", note="asked, nothing used"),
    entry(9, seconds=4.0, note="no model"),
]
USAGE = [  # day, user, model, requests, tokens in, cached, out, reasoning, seconds, pictures, usd, unknown prices
    ("2026-11-21", 101, "luna", 3, 89, 20, 20, 5, 0, 0, 0.3, 1),
    ("2026-11-21", 101, "whisper", 1, 0, 0, 0, 0, 2.5, 0, 0.0002, 0),
    ("2026-11-21", "deleted 1e5", "flare", 1, 0, 0, 0, 0, 0, 1, 0.04, 0),
]
ROWS = {"users": 2, "ledger": 9, "usage": 3}


def silent(rows: int) -> None:
    """Progress that nobody reads."""


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ask(path: Path, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(question).fetchall()


def test_csv_files_hold_users_ledger_and_usage(tmp_path: Path) -> None:
    assert to_csv(tmp_path / "new", RECORDS, ENTRIES, silent) == ROWS
    alice, other = cells(tmp_path / "new" / "users.csv")
    assert ",".join(alice) == (
        "id,name,username,balance,premium_balance,image_balance,requests,tokens,premium_tokens,images,whisper_seconds,"
        "last_request,language,referrer,banned"
    )
    assert [*alice.values()] == [
        *("101", 'Алиса, «the "first"»\n', "alice", "29900", "5", "0", "3", "100", "0", "0", "0"),
        *("2026-11-21 09:30:00", "ru", "102", "0"),
    ]
    assert (other["username"], other["last_request"], other["referrer"], other["banned"]) == ("", "", "", "1")
    lines = cells(tmp_path / "new" / "ledger.csv")
    assert [int(line["amount"]) for line in lines] == [each.amount for each in ENTRIES]
    assert [line["update_id"] for line in lines[:3]] == ["", "7", "8"]
    assert [line["usd"] for line in lines[1:5]] == ["0.1", "0.2", "", "0.0002"]
    assert lines[4]["seconds"] == "2.5"


def test_both_exports_add_up_alike(tmp_path: Path) -> None:
    to_csv(tmp_path, RECORDS, ENTRIES, silent)
    with (tmp_path / "usage.csv").open(encoding="utf-8", newline="") as file:
        heading, *rows = csv.reader(file)
    assert to_sqlite(tmp_path / "a.sqlite", RECORDS, ENTRIES, silent) == ROWS
    assert [(column,) for column in heading] == ask(
        tmp_path / "a.sqlite", "SELECT name FROM pragma_table_info('usage')"
    )
    assert [row[:3] + [float(cell) for cell in row[3:]] for row in rows] == [
        [day, str(user), model, *numbers] for day, user, model, *numbers in USAGE
    ]
    assert ask(tmp_path / "a.sqlite", "SELECT * FROM usage ORDER BY day, user, model") == USAGE


def test_sqlite_takes_the_owners_questions(tmp_path: Path) -> None:
    path = tmp_path / "bot.sqlite"
    to_sqlite(path, RECORDS, ENTRIES, silent)
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    assert ask(path, "SELECT name, username, banned FROM users WHERE id = 102") == [("=cmd|' /C calc'!A0", None, 1)]
    joined = "SELECT u.username, sum(l.amount) FROM ledger l JOIN users u ON u.id = l.user GROUP BY u.id"
    assert ask(path, joined) == [("alice", sum(each.amount for each in ENTRIES if each.user == 101))]
    kinds = "SELECT DISTINCT user, typeof(user) FROM ledger ORDER BY user"
    assert ask(path, kinds) == [(101, "integer"), ("77", "text"), ("deleted 1e5", "text")]
    plan = "EXPLAIN QUERY PLAN SELECT * FROM ledger WHERE user = 101 ORDER BY time"
    assert "USING INDEX ledger_by_user" in str(ask(path, plan))


@pytest.mark.parametrize("name", ["=1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_no_cell_is_a_formula(tmp_path: Path, name: str) -> None:
    records = {"101": {"balance": 1, "name": name, "username": f"@{name}", "language": name, "last_request": name}}
    to_csv(tmp_path, records, [entry(1, amount=-5, reason=name, model=name, note=name, user=name)], silent)
    for path in tmp_path.iterdir():
        for row in cells(path):
            for column, cell in row.items():
                assert column == "amount" or not cell.startswith(export._FORMULA), column
    assert cells(tmp_path / "users.csv")[0]["name"] == f"'{name}"


def test_nobodys_words_are_exported(tmp_path: Path) -> None:
    to_csv(tmp_path, RECORDS, ENTRIES, silent)
    to_sqlite(tmp_path / "bot.sqlite", RECORDS, ENTRIES, silent)
    assert len(list(tmp_path.iterdir())) == 4
    for path in tmp_path.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        assert b"SECRET" not in path.read_bytes()


def csv_export(folder: Path, entries: Any) -> None:
    to_csv(folder, RECORDS, entries, silent)


def sqlite_export(folder: Path, entries: Any) -> None:
    to_sqlite(folder / "usage.csv", RECORDS, entries, silent)


EXPORTS = pytest.mark.parametrize("run", [csv_export, sqlite_export])
Run = Callable[[Path, Any], None]


@EXPORTS
def test_what_is_there_is_not_overwritten(tmp_path: Path, run: Run) -> None:
    (tmp_path / "usage.csv").write_text("mine")
    with pytest.raises(ExportError, match=r"usage\.csv is there already: move it away"):
        run(tmp_path, ENTRIES)
    assert [path.name for path in tmp_path.iterdir()] == ["usage.csv"]
    assert (tmp_path / "usage.csv").read_text() == "mine"


@EXPORTS
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), ValueError("line 3"), KeyboardInterrupt()]
)
def test_a_broken_export_leaves_nothing(tmp_path: Path, run: Run, error: BaseException) -> None:
    def broken() -> Iterator[Entry]:
        yield from ENTRIES
        raise error

    expected = ExportError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected, match="No space left on device; mend that" if expected is ExportError else None):
        run(tmp_path, broken())
    assert list(tmp_path.iterdir()) == []
    run(tmp_path, ENTRIES)


@EXPORTS
def test_a_disk_that_fails_late_leaves_nothing(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, real, failing = 0, os.fsync, 0

    def fsync(file: int) -> None:
        nonlocal calls
        calls += 1
        if calls == failing:
            raise OSError(errno.EIO, "Input/output error")
        real(file)

    def export_to(name: str) -> Path:
        nonlocal calls
        calls = 0
        (tmp_path / name).mkdir(exist_ok=True)
        run(tmp_path / name, ENTRIES)
        return tmp_path / name

    monkeypatch.setattr(os, "fsync", fsync)
    export_to("whole")
    assert calls >= 2, "neither the content nor the name survives a power cut"
    for failing in range(1, calls + 1):  # noqa: B007 - fsync reads it
        with pytest.raises(ExportError, match="Input/output error"):
            export_to("broken")
        assert list((tmp_path / "broken").iterdir()) == []


@EXPORTS
def test_what_a_killed_export_left_is_cleared_away(tmp_path: Path, run: Run) -> None:
    (tmp_path / "usage.csv.x1.part").write_text("half")
    run(tmp_path, ENTRIES)
    assert not list(tmp_path.glob("*.part"))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    for run in (lambda place: to_csv(place, {}, [], silent), lambda place: to_sqlite(place, {}, [], silent)):
        with pytest.raises(ExportError, match=r"nothing is exported to .*none.*: No such file or directory"):
            run(tmp_path / "none" / "x")


@pytest.mark.parametrize("run", [to_csv, to_sqlite])
def test_progress_is_told_over_all_tables_and_memory_stays_flat(tmp_path: Path, run: Callable[..., Any]) -> None:
    told: list[int] = []

    def peak(lines: int) -> int:
        tracemalloc.start()
        run(
            tmp_path / str(lines),
            RECORDS,
            (entry(n, amount=-1, model="luna", tokens_in=1) for n in range(lines)),
            told.append,
        )
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    small, large = peak(2_000), peak(35_000)
    assert told == [10_000, 20_000, 30_000]
    assert large < small + 100_000
