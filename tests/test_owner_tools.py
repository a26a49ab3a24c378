"""`--verify`, `--restore`, `--export-csv`, `--export-sqlite`: what they say, what they leave, their exit codes."""

import contextlib
import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from getpass import getuser
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import psycopg
import pytest

import config
import main
import owner_tools
from engine.ledger import Ledger
from records import Bill, Delivery, Person, Topic
from storage import Store
from tests import places
from tests.test_storage import rules

HERE = Path(__file__).resolve().parent.parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The data of a bot that was stopped."""
    path = tmp_path / "data.json"
    store = Store(path, rules())
    live(store)
    store.close()
    return path


def live(store: Store) -> None:
    store.register(Person(101, "Alice", "alice", "en"), None)
    store.register(Person(102, "Boris", None, "ru"), 101)
    reservation = store.reserve(101, "balance", 100)
    store.settle(reservation, Bill("gpt-6-luna", 20, 10), store.conversation(Topic(101)), None, Delivery("a"))


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Store]:
    """The same in a database, where a worker is still at it."""
    with places.place("postgres", tmp_path) as place:
        store = place.open(rules())
        live(store)
        yield store


def address(store: Store) -> str:
    """The database of a store, as somebody enters it with a password."""
    parts = urlsplit(str(store.engine.database.url))
    return parts._replace(netloc=f"{parts.username or getuser()}:s3cret@{parts.netloc.rpartition('@')[2]}").geturl()


def environment(path: Path) -> dict[str, str]:
    keys = {"TELEGRAM_API_KEY": "1:none", "OPENAI_API_KEY": "none"}
    return keys | {"PATH": os.environ["PATH"], "ADMIN_CHAT_ID": "1", "DATA_FILE": str(path)}


def run(path: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """What the program would do; a process of its own takes seconds to begin, so only some tests have one."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, environment(path) | settings, clear=True),
        mock.patch.object(sys, "argv", ["main.py", *arguments]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            code = main.main()
        except SystemExit as left:
            code = int(left.code or 0)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def run_process(path: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(HERE / "main.py"), *arguments]
    return subprocess.run(
        command, env=environment(path), capture_output=True, text=True, check=False, timeout=60, cwd=path.parent
    )


@pytest.mark.parametrize("run", [run, run_process])
def test_sums_that_agree(path: Path, run: Any) -> None:
    found = run(path, "--verify")
    assert (found.returncode, found.stderr) == (0, "")
    assert "3 users, 0 unanswered updates" in found.stdout
    assert "1 monthly files, 8 lines" in found.stdout
    assert "Every wallet holds what the ledger says.\n" in found.stdout
    assert found.stdout.endswith("Every sum of usage is that of the ledger.\n")


def test_a_sum_of_usage_that_differs_is_named_and_can_be_counted_anew(path: Path) -> None:
    whole = json.loads(path.read_text())
    (day,) = whole["global"]["usage"].values()
    day["gpt-6-luna"]["calls"] += 1
    path.write_text(json.dumps(whole))
    found = run(path, "--verify")
    assert found.returncode == 1
    assert "global: the sums of usage are not those of the ledger" in found.stdout
    del whole["global"]["usage"]
    path.write_text(json.dumps(whole))
    Store(path, rules()).close()
    assert run(path, "--verify").returncode == 0


def test_after_a_restore_what_was_used_since_the_copy_is_still_counted(path: Path) -> None:
    copy = path.with_name("copy.json")
    copy.write_bytes(path.read_bytes())
    store = Store(path, rules())
    reservation = store.reserve(102, "balance", 100)
    store.settle(reservation, Bill("gpt-6-luna", 20, 10), store.conversation(Topic(102)), None, Delivery("a"))
    store.close()
    assert run(path, "--restore", str(copy)).returncode == 0
    store = Store(path, rules())
    assert next(iter(store.records["102"]["usage"].values()))["gpt-6-luna"]["calls"] == 1
    store.close()
    assert run(path, "--verify").returncode == 0


def test_sums_that_differ_name_user_and_wallet(path: Path) -> None:
    before = json.loads(path.read_text())
    before["101"]["balance"] += 5
    path.write_text(json.dumps(before))
    found = run(path, "--verify")
    assert found.returncode == 1
    assert "user 101: balance holds 49975, the ledger says 49970" in found.stdout
    assert json.loads(path.read_text()) == before, "verifying changes nothing"


def test_a_running_bots_data_is_not_touched(path: Path) -> None:
    store = Store(path, rules())
    for arguments in (["--verify"], ["--restore", str(path)], ["--export-csv", str(path.parent / "csv")]):
        found = run(path, *arguments)
        assert (found.returncode, found.stdout) == (1, "")
        assert f"in use by another bot, pid {os.getpid()}: stop that one first" in found.stderr
    store.close()


def test_restore_puts_a_copy_in_place_and_books_the_difference(path: Path) -> None:
    copy = path.with_name("copy.json")
    copy.write_bytes(path.read_bytes())
    store = Store(path, rules())
    store.refill(101, "balance", 1000)
    store.erase(102)
    store.close()
    found = run(path, "--restore", copy.name)  # lies beside the data, wherever the owner stands
    assert found.returncode == 0, found.stderr
    assert "data.json is set aside as data.json.before-restore" in found.stdout
    assert "2 users, 1 records of deleted people left out" in found.stdout
    assert run(path, "--verify").returncode == 0
    records = json.loads(path.read_text())
    assert records["101"]["balance"] == 49_970
    assert "102" not in records
    assert [entry.amount for entry in Ledger(path).entries() if entry.reason == "restored"] == [-1000]
    assert json.loads(path.with_name("data.json.before-restore").read_text())["101"]["balance"] == 50_970
    store = Store(path, rules())
    assert store.register(Person(102, "Boris", None, "ru"), 101).newcomer_bonus == 0
    assert store.available(102, "balance") == 0
    store.close()
    assert run(path, "--verify").returncode == 0


@pytest.mark.parametrize("step", ["differences", "Ledger.append", "DataFile.save", "DataFile.copy_to_backup"])
def test_a_restore_that_is_interrupted_is_finished_by_the_next_start(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    copy = path.with_name("copy.json")
    copy.write_bytes(path.read_bytes())
    store = Store(path, rules())
    store.refill(101, "balance", 1000)
    store.close()

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    settings = {"TELEGRAM_API_KEY": "1:none", "OPENAI_API_KEY": "none", "ADMIN_CHAT_ID": "1", "DATA_FILE": str(path)}
    with monkeypatch.context() as patch:
        patch.setattr(f"owner_tools.{step}", interrupted)
        with pytest.raises(KeyboardInterrupt):
            owner_tools.restore(config.load(settings, path.parent), copy)
    store = Store(path, rules())
    assert store.available(101, "balance") == 49_970
    store.refill(101, "balance", 5)
    store.close()
    assert run(path, "--verify").returncode == 0


def test_restore_gives_up_a_damaged_journal(path: Path) -> None:
    store = Store(path, rules())
    store.refill(101, "balance", 1000)
    store.refill(101, "balance", 1000)
    store.engine._over.set()
    store.engine.file.close()
    (segment,) = path.parent.glob("data-journal-*")
    segment.write_bytes(segment.read_bytes().replace(b"50970", b"59970"))
    assert run(path, "--verify").returncode == 1
    found = run(path, "--restore", str(path))
    assert found.returncode == 0, found.stderr
    assert not list(path.parent.glob("data-journal-*.jsonl"))
    assert run(path, "--verify").returncode == 0


@pytest.mark.parametrize(("content", "words"), [(None, "is not there"), ("{", "is damaged"), ("[]", "not an object")])
def test_restore_refuses_what_is_no_copy_and_touches_nothing(path: Path, content: str | None, words: str) -> None:
    before, copy = path.read_bytes(), path.with_name("copy.json")
    if content is not None:
        copy.write_text(content)
    found = run(path, "--restore", str(copy))
    assert (found.returncode, found.stdout) == (1, "")
    assert words in found.stderr
    assert "Traceback" not in found.stderr
    assert path.read_bytes() == before


def test_exports_hold_users_ledger_and_usage(path: Path) -> None:
    folder, database = path.parent / "csv", path.parent / "bot.sqlite"
    assert run(path, "--export-csv", str(folder)).returncode == 0
    assert run(path, "--export-sqlite", str(database)).returncode == 0
    with (folder / "users.csv").open(newline="", encoding="utf-8") as file:
        users = {row["id"]: row for row in csv.DictReader(file)}
    assert (users["101"]["name"], users["101"]["balance"], users["102"]["referrer"]) == ("Alice", "49970", "101")
    with sqlite3.connect(database) as db:
        sums = dict(db.execute("select user, sum(amount) from ledger where wallet = 'balance' group by user"))
        assert sums == {1: 777_777, 101: 49_970, 102: 50_000}
        assert db.execute("select user, model, tokens_in, tokens_out from usage").fetchall() == [
            (101, "gpt-6-luna", 20, 10)
        ]
    again = run(path, "--export-sqlite", str(database))
    assert again.returncode == 1
    assert "bot.sqlite" in again.stderr


def test_a_database_is_verified_and_exported_while_workers_go_on(worker: Store, tmp_path: Path) -> None:
    def at(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return run(tmp_path / "none.json", *arguments, STORAGE_URL=address(worker))

    found = at("--verify")
    assert (found.returncode, found.stderr) == (0, "")
    assert "3 users, 0 unanswered updates" in found.stdout
    assert "ledger, 8 lines\nEvery wallet holds what the ledger says.\n" in found.stdout
    assert found.stdout.endswith("Every sum of usage is that of the ledger.\n")
    assert "s3cret" not in found.stdout
    assert at("--export-csv", str(tmp_path / "csv")).returncode == 0
    assert at("--export-sqlite", str(tmp_path / "bot.sqlite")).returncode == 0
    with sqlite3.connect(tmp_path / "bot.sqlite") as db:
        sums = dict(db.execute("select user, sum(amount) from ledger where wallet = 'balance' group by user"))
        assert sums == {1: 777_777, 101: 49_970, 102: 50_000}
    with psycopg.connect(worker.engine.database.url) as connection:
        connection.execute("""UPDATE records SET fields = '{"balance": 5}' WHERE key = '101'""")
        connection.execute("""UPDATE wide SET value = '{"gpt-6-luna": {"calls": 2}}'""")
    assert "user 101: balance holds 5, the ledger says 49970" in at("--verify").stdout
    assert not list(tmp_path.glob("none*"))


def test_a_database_is_not_restored_from_a_file(worker: Store, path: Path) -> None:
    found = run(path, "--restore", str(path), STORAGE_URL=address(worker))
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr == "STORAGE_URL is set, so the data is in PostgreSQL: restore it there with pg_restore.\n"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://me:s3cret@127.0.0.1:1/none", "PostgreSQL 127.0.0.1/none cannot be read: "),
        ("postgresql://me:s3@cret/x@127.0.0.1:1/none", "signs such as @ : / ? # % in a password"),
        ("postgresql://me:s3:cret@127.0.0.1:1/none?nonsense=1", "cannot be read: invalid URI query parameter"),
    ],
)
def test_a_database_that_cannot_be_reached_is_named_without_a_password(tmp_path: Path, url: str, words: str) -> None:
    found = run(tmp_path / "data.json", "--verify", STORAGE_URL=url)
    assert (found.returncode, found.stdout) == (1, "")
    assert words in found.stderr
    assert "cret" not in found.stderr
    assert "Traceback" not in found.stderr


def test_a_database_without_tables_is_said_to_have_none(worker: Store, tmp_path: Path) -> None:
    with psycopg.connect(worker.engine.database.url) as connection:
        connection.execute("DROP TABLE schema")
    found = run(tmp_path / "data.json", "--verify", STORAGE_URL=address(worker))
    assert "it has no tables yet: start the bot on it once" in found.stderr


def test_a_missing_data_file_is_one_clear_message(tmp_path: Path) -> None:
    found = run(tmp_path / "data.json", "--verify")
    assert found.returncode == 1
    assert "is not there: nothing was kept yet" in found.stderr
    (tmp_path / "data-backup.json").write_text("{}")
    found = run(tmp_path / "data.json", "--verify")
    assert "data.json is gone: start the bot once, it goes on from data-backup.json" in found.stderr


def test_two_wishes_at_once_are_refused(path: Path) -> None:
    assert run_process(path, "--verify", "--export-csv", "x").returncode == 2
