"""Records with very many fields: on PostgreSQL each field is a row, and a deed reads the few that it is about."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

import config
import owner_tools
from accounts import kept, people
from config import Package
from engine.datafile import DataFileError
from engine.moving.move import move
from engine.opening import look
from engine.postgres import schema
from engine.postgres.database import Database, connect
from records import Person, Topic
from storage import StorageError, Store
from tests import places
from tests.test_storage import rules

RULES = rules(default_context=1000)
ALICE, BOB = Person(101, "Alice", "alice", "en"), Person(102, "Bob", None, "en")
PACKAGE = Package(stars=50, amount=100, wallet="balance")


@pytest.fixture(params=["file", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[places.Place]:
    with places.place(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def database(tmp_path: Path) -> Iterator[places.Place]:
    with places.place("postgres", tmp_path) as found:
        yield found


def test_who_was_deleted_is_known_again(place: places.Place) -> None:
    store = place.open(RULES)
    for number in range(3):
        store.register(Person(200 + number, "X", None, "en"), None)
        store.erase(200 + number)
        store.erase(200 + number)
    deleted = place.records()["global"]["deleted"]
    assert len(deleted) == 3 == len(set(deleted))
    store = place.again(RULES)
    store.register(Person(202, "X", None, "en"), None)
    store.register(Person(203, "X", None, "en"), None)
    assert [store.user(user).balance for user in (202, 203)] == [0, 30_000]
    assert place.records()["global"]["deleted"] == deleted


def test_a_deed_reads_only_what_it_is_about(database: places.Place, monkeypatch: pytest.MonkeyPatch) -> None:
    store = database.open(RULES)
    for person in (ALICE, BOB):
        store.register(person, None)
    for number in range(5):
        store.buy(f"charge {number}", 101, PACKAGE)
        store.turn_away(900 + number, "stranger")
        store.leave("p", [f"r{number}"])
    asked: list[str] = []
    real = Database.ask

    def ask(self: Database, sql: str, *values: Any) -> Any:
        asked.append(sql)
        return real(self, sql, *values)

    monkeypatch.setattr(Database, "ask", ask)
    assert store.was_paid()
    assert store.purchase("charge 3").amount == 100
    assert store.purchase("no \0 charge") is None is store.purchase("half \ud83d")
    assert [each.charge for each in store.purchases(101)] == [f"charge {number}" for number in (4, 3, 2, 1, 0)]
    assert store.purchases(102) == []
    assert store.buy("charge 3", 101, PACKAGE) == "known"
    assert store.buy("another", 102, PACKAGE) == "credited"
    assert store.keep_unassigned("odd", 102, 5) == "unassigned"
    store.keep_missing("missing", 102, 5)
    assert store.take_back("another", 102, 50)
    assert not store.take_back("another", 102, 50)
    assert store.purchase("another").taken == 100
    assert not store.turn_away(903, "stranger")
    assert store.turn_away(903, "banned")
    store.ban(102, True)
    store.ban(102, False)
    store.leave("p", ["r9"])
    store.deleted(["r1", "no such"])
    store.erase(101)
    store.register(ALICE, None)
    assert [sql for sql in asked if "FROM wide WHERE key = %s ORDER" in sql] == []
    assert [each.id for each in store.left()] == ["r0", "r2", "r3", "r4", "r9"]
    assert len(store.all_purchases()) == 8
    assert store.purchase("charge 3").user == store.purchase("charge 0").user != 101


def test_a_change_of_a_wide_record_is_seen_by_the_deed_that_makes_it(place: places.Place) -> None:
    store = place.open(RULES)
    for name in ("a", "b", "c"):
        store.leave("p", [name])
    with store.engine.change() as change:
        left = change.wide("to_delete_at_provider")
        left["d"] = {"provider": "q", "since": "2026-01-01"}
        del left["b"]
        assert left.pop("no such", None) is None
        with pytest.raises(KeyError):
            del left["b"]
        assert ("b" in left, left.get("b"), len(left), list(left)) == (False, None, 3, ["a", "c", "d"])
    assert [each.id for each in store.left()] == ["a", "c", "d"]
    with pytest.raises(ValueError, match="changed through `wide`"), store.engine.change() as change:
        change.record("payments")


def test_many_are_taken_off_the_list_in_lots(place: places.Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "AT_ONCE", 4)
    store = place.open(RULES)
    ids = [f"r{number}" for number in range(11)]
    store.leave("p", ids)
    store.deleted(ids[:10])
    assert [each.id for each in store.left()] == ids[10:]


def test_once_a_day_what_is_not_needed_any_more_is_forgotten(
    place: places.Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = place.open(RULES)
    for number in range(5, 8):
        places.accept(store, [{"update_id": number, "message": {"chat": {"id": 9}, "from": {"id": 9}}}])
    day = people.SILENCE_SECONDS
    now = [1_000_000]
    monkeypatch.setattr(people.time, "time", lambda: now[0])
    store.turn_away(900, "stranger")
    now[0] += day // 2
    store.turn_away(901, "stranger")
    store.tidy()
    assert len(place.records()["turned_away"]) == 2
    now[0] += day // 2
    store.tidy()
    assert list(place.records()["turned_away"].values()) == [1_000_000 + day // 2]
    if not isinstance(place.where, Path):
        with psycopg.connect(place.where) as connection:
            connection.execute("UPDATE seen SET day = day - 3 WHERE update_id < 7")
        store.tidy()
        with psycopg.connect(place.where) as connection:
            assert connection.execute("SELECT update_id FROM seen").fetchall() == [(7,)]


def of_step_one(url: str, everything: dict[str, Any]) -> None:
    """A database as a program of the first step had left it."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE schema (step integer NOT NULL)")
        connection.execute(schema.STEPS[0].encode())
        connection.execute("INSERT INTO schema VALUES (1)")
        connection.execute("UPDATE records SET fields = %s WHERE key = 'global'", (json.dumps(everything),))


def back_to_step_one(url: str, everything: dict[str, Any]) -> None:
    """Undo the second step."""
    with connect(url) as connection:
        connection.execute("ALTER TABLE records DROP CONSTRAINT deleted_are_rows")
        connection.execute("DELETE FROM wide WHERE key = 'deleted'")
        connection.execute("DROP INDEX wide_expr_idx")
        connection.execute("UPDATE records SET fields = %s WHERE key = 'global'", (json.dumps(everything),))
        connection.execute("DELETE FROM schema WHERE step = 2")


def test_tables_of_the_first_step_are_brought_up_to_date(database: places.Place, tmp_path: Path) -> None:
    store = database.open(RULES)
    for user in (101, 102, 103):
        store.register(Person(user, "X", None, "en"), None)
    store.buy("charge", 103, PACKAGE)
    for user in (102, 101):
        store.erase(user)
    now, url = database.records(), str(database.where)
    store.close()
    back_to_step_one(url, now["global"])
    store = database.open(RULES)
    assert database.records() == now
    assert list(database.records()["global"]) == list(now["global"])
    assert store.records["global"]["deleted"] == [], "they are rows now"
    assert [each.charge for each in store.purchases(103)] == ["charge"]
    for user in (101, 104):
        store.register(Person(user, "X", None, "en"), None)
    assert [store.user(user).balance for user in (101, 104)] == [0, 30_000]
    store.erase(104)
    assert database.records()["global"]["deleted"][:2] == now["global"]["deleted"]
    store.close()
    move(url, str(tmp_path / "back.json"), lambda said: None)
    assert len(look(tmp_path / "back.json").records["global"]["deleted"]) == 3


def test_tables_of_the_first_step_where_nobody_was_deleted(database: places.Place) -> None:
    of_step_one(str(database.where), {"schema": 4, "usage": {}, "tokens": 7})
    store = database.open(RULES)
    assert list(store.records["global"]) == ["schema", "usage", "tokens", *list(store.records["global"])[3:]]
    assert "deleted" not in database.records()["global"]
    assert store.history(Topic(101)) == []


def test_tables_are_not_changed_under_processes_of_before(database: places.Place) -> None:
    url = str(database.where)
    of_step_one(url, {"schema": 4, "usage": {}, "deleted": ["a" * 32]})
    with psycopg.connect(url, autocommit=True) as earlier:
        earlier.execute("SELECT pg_advisory_lock_shared(%s, %s)", (schema.BOTS, 5))
        with pytest.raises(DataFileError, match="an earlier version work on it: stop all of them, then start the new"):
            Store(url, RULES)
        assert earlier.execute("SELECT max(step) FROM schema").fetchone() == (1,)
    assert database.open(RULES).engine.is_deleted("a" * 32)


def test_a_program_of_the_first_step_cannot_hide_whom_it_deletes(database: places.Place) -> None:
    store = database.open(RULES)
    store.register(ALICE, None)
    with pytest.raises(StorageError, match="deleted_are_rows"):
        store.set_fields("global", deleted=["a" * 32])
    store.erase(101)
    store.set_fields("global", tokens=5)
    assert len(database.records()["global"]["deleted"]) == 1


def test_tables_of_the_first_step_are_looked_at_and_moved_as_they_are(
    database: places.Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = database.open(RULES)
    store.register(ALICE, None)
    store.erase(101)
    now, url = database.records(), str(database.where)
    store.close()
    back_to_step_one(url, now["global"])
    settings = config.load(
        {"TELEGRAM_API_KEY": "1:a", "OPENAI_API_KEY": "k", "ADMIN_CHAT_ID": "1", "STORAGE_URL": url}, tmp_path
    )
    assert owner_tools.verify(settings) == 0
    assert "The data are of an earlier version: the next start upgrades them." in capsys.readouterr().out
    assert owner_tools.export_csv(settings, tmp_path / "csv") == 0
    move(url, str(tmp_path / "back.json"), lambda said: None)
    assert look(tmp_path / "back.json").records["global"]["deleted"] == now["global"]["deleted"]
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT max(step) FROM schema").fetchone() == (1,)
    database.open(RULES)
    assert owner_tools.verify(settings) == 0
    assert "earlier version" not in capsys.readouterr().out
