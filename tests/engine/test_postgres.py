"""What is special about the engine on PostgreSQL: what the database itself refuses, what happens while it is away."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

import checkup
import config
from engine import migrations
from engine.datafile import DataFileError
from engine.postgres import schema
from engine.postgres.database import connect, reason
from engine.postgres.looking import looked_at, state_of
from engine.state import Pending
from originals import PictureTable
from records import Bill, Delivery, Person, Topic, Turn
from storage import StorageError, Store
from tests import places
from tests.test_storage import rules, settle

ALICE = Person(101, "Alice", "alice", "en")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[places.Place]:
    with places.place("postgres", tmp_path) as found:
        yield found


@pytest.fixture
def store(place: places.Place) -> Store:
    opened = place.open(rules(default_context=1000))
    opened.register(ALICE, None)
    return opened


def url(store: Store) -> str:
    return str(store.engine.database.url)


def question(number: int) -> dict[str, Any]:
    return {"update_id": number, "message": {"chat": {"id": 101}, "from": {"id": 101}, "text": "q"}}


def test_no_wallet_goes_below_zero_whatever_the_program_says(store: Store, place: places.Place) -> None:
    before = place.records()
    for wallet in ("balance", "premium_balance", "image_balance"):
        with pytest.raises(StorageError, match=f"refused by the database: records_{wallet}_check"):
            store.set_fields("101", **{wallet: -1})
    assert place.records() == before


def test_an_update_is_not_charged_twice_even_if_its_worker_forgets(store: Store, place: places.Place) -> None:
    places.accept(store, [question(5)])
    bill, where = Bill("gpt-6-luna", 20, 10), store.conversation(Topic(101))
    store.settle(store.reserve(101, "balance", 100), bill, where, None, Delivery("a"), 5)
    kept = store.engine.mine[5]
    store.engine.mine[5] = Pending(kept.update, kept.order)  # as if it had been taken before it was charged
    again = store.reserve(101, "balance", 100)
    with pytest.raises(StorageError, match="charged_once"):
        store.settle(again, bill, where, None, Delivery("a"), 5)
    assert place.records()["101"]["balance"] == 29_970


def test_what_no_column_can_hold_changes_nothing(store: Store, place: places.Place) -> None:
    before = place.records()
    for values in ({"balance": 2**63}, {"balance": "much"}, {"prompt": "half \ud83d"}, {"odd": 2**64}):
        with pytest.raises(StorageError):
            store.set_fields("101", **values)
    with pytest.raises(StorageError):
        store.keep_missing("half \ud83d", 101, 5)
    with pytest.raises(StorageError):
        store.keep_missing("\0", 101, 5)
    assert place.records() == before
    assert store.refill(101, "balance", 1) == 30_001


def test_zero_bytes_become_a_sign_that_says_so(store: Store, place: places.Place) -> None:
    for text in ("\0", "a\0\0b", "\\\0", "\\u0000", "\\\\u0000\\\0"):
        store.set_prompt(101, text)
        assert place.records()["101"]["prompt"] == text.replace("\0", "\ufffd")


def test_two_hundred_at_once_are_all_served(store: Store, place: places.Place) -> None:
    store.refill(101, "balance", 970_000)
    problems: list[BaseException] = []

    def live(number: int) -> None:
        try:
            settle(store, store.reserve(101, "balance", 30), 30, Topic(101), Turn(str(number), "a"))
            assert len(store.history(Topic(101))) > 0
            assert store.user(101) is not None
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=live, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert place.records()["101"]["balance"] == 1_000_000 - 200 * 30
    assert len(store.history(Topic(101))) == 400
    assert store.engine.reservations.amount(101, "balance") == 0


def test_a_question_is_not_held_up_by_a_deed(store: Store) -> None:
    asked, held = threading.Event(), threading.Event()

    def deed() -> None:
        with store.engine.change() as change:
            change.record("101")["odd"] = 1
            held.set()
            assert asked.wait(20)

    threads = [threading.Thread(target=deed) for _ in range(20)]
    for thread in threads:
        thread.start()
    assert held.wait(20)
    assert store.user(101) is not None
    assert len(store.engine.everything()) == 3
    asked.set()
    for thread in threads:
        thread.join()
    assert store.records["101"]["odd"] == 1


def test_inside_a_block_alone_what_was_changed_is_seen(store: Store) -> None:
    with store.engine.alone():
        assert store.available(101, "balance") == 30_000
        store.refill(101, "balance", 5)
        assert store.available(101, "balance") == 30_005
        assert store.history(Topic(101)) == []


def test_a_deed_whose_connection_ends_did_not_happen(store: Store, place: places.Place) -> None:
    before = place.records()

    def interrupted() -> None:
        with store.engine.change() as change:
            change.record("101")["odd"] = 1
            end_all_sessions(store)

    with pytest.raises(StorageError, match="PostgreSQL is away"):
        interrupted()
    assert place.records() == before
    assert store.refill(101, "balance", 1) == 30_001, "and the next one does"


def test_a_question_is_asked_again_when_its_connection_ended(store: Store) -> None:
    assert store.user(101) is not None
    end_all_sessions(store)
    assert store.user(101) is not None


def end_all_sessions(store: Store) -> None:
    with psycopg.connect(url(store), autocommit=True) as other:
        ended = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
        )
        other.execute(ended, (other.info.backend_pid,))


def test_ids_that_begin_alike_are_not_taken_for_each_other(store: Store) -> None:
    for user in (10, 1010):
        store.register(Person(user, str(user), None, "en"), None)
    for topic, author in ((Topic(-5), 10), (Topic(-5), 101), (Topic(-51), 101), (Topic(-5, 1), 1010)):
        settle(store, store.reserve(author, "balance", 9), 9, topic, Turn("q", "a", author))
    store.erase(10)
    assert store.user(1010) is not None
    assert [said["from"] for said in store.engine.history("-5")] == [101, 101]
    store.move_chat(-5, -6)
    assert sorted(store.engine.having("forgotten")) == []
    assert len(store.history(Topic(-6))) == len(store.history(Topic(-6, 1))) == len(store.history(Topic(-51))) == 2
    assert store.history(Topic(-5)) == []


def test_one_look_sees_one_moment(store: Store) -> None:
    with looked_at(url(store)) as look:
        before = look.records_without_histories()
        store.refill(101, "balance", 7)
        assert look.records_without_histories() == before
        assert sum(each.amount for each in look.entries() if each.user == 101) == 30_000


def test_the_state_of_a_database_is_told(store: Store) -> None:
    assert f", tables of step {len(schema.STEPS)}, 3 records" in state_of(url(store))
    with psycopg.connect(url(store)) as connection:
        connection.execute("UPDATE schema SET step = step + 1")
    with pytest.raises(DataFileError, match="install the newer"):
        state_of(url(store))
    with pytest.raises(DataFileError, match="install the newer"):
        Store(url(store), rules())
    with psycopg.connect(url(store)) as connection:
        connection.execute("DROP TABLE schema")
    assert state_of(url(store)).endswith("tables will be made at the first start")
    with pytest.raises(DataFileError, match="it cannot be reached: connection failed"):
        state_of("postgresql://me:s3cret@127.0.0.1:1/none")


def test_a_database_that_is_half_filled_is_not_taken_for_a_whole_one(store: Store) -> None:
    with psycopg.connect(url(store)) as connection:
        connection.execute("CREATE TABLE moving ()")
    with pytest.raises(DataFileError, match="a move into it was interrupted"):
        state_of(url(store))
    with pytest.raises(DataFileError, match="a move into it was interrupted"), looked_at(url(store)):
        pass


def test_new_tables_hold_data_of_this_version(store: Store) -> None:
    assert store.records["global"]["schema"] == migrations.SCHEMA


def test_the_tables_are_made_once_by_whoever_comes_first(store: Store) -> None:
    with psycopg.connect(url(store), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    opened: list[Store] = []
    threads = [threading.Thread(target=lambda: opened.append(Store(url(store), rules()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    assert {each.engine.worker for each in opened} == {1, 2, 3, 4}
    assert len(places.entries(opened[0])) == 3, "the admin's gifts, once"
    for each in opened:
        each.close()


class Cut:
    """In the place of a connection: ends before or after the server has heard the end of a deed."""

    def __init__(self, connection: Any, heard: bool) -> None:
        self._connection, self._heard = connection, heard

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: Any, *values: Any) -> Any:
        if sql != "COMMIT":
            return self._connection.execute(sql, *values)
        if self._heard:
            self._connection.execute(sql)
        self._connection.close()
        raise psycopg.OperationalError("the connection is lost")


@pytest.mark.parametrize("heard", [False, True])
def test_an_answer_is_charged_once_whether_or_not_the_end_of_its_deed_was_heard(
    store: Store, heard: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    places.accept(store, [question(5)])
    bill, where = Bill("gpt-6-luna", 20, 10), store.conversation(Topic(101))

    def answer() -> None:
        held = store.reserve(101, "balance", 100)
        try:
            store.settle(held, bill, where, Turn("q", "a"), Delivery("a"), 5)
        finally:
            store.release(held)

    begin = store.engine.database._begin
    held = store.reserve(101, "balance", 100)
    with store.inbox.serving(5), monkeypatch.context() as patched:
        patched.setattr(store.engine.database, "_begin", lambda until: Cut(begin(until), heard))
        patched.setattr(
            store.engine.database, "_give_back", lambda each: store.engine.database._pool.putconn(each._connection)
        )
        store.settle(held, bill, where, Turn("q", "a"), Delivery("a"), 5)
    store.release(held)
    assert store.inbox.pending(5) is None, "it is left to the next try"
    store.engine.database.ask("UPDATE inbox SET worker = 0")
    assert places.serve(store) == 1
    assert (store.delivery(5) is not None) is heard
    with store.inbox.serving(5):
        answer()
    assert store.delivery(5) == Delivery("a")
    assert store.user(101).balance == 29_970
    assert len(store.history(Topic(101))) == 2
    assert len([each for each in places.entries(store) if each.reason == "answer"]) == 1
    assert store.engine.reservations.amount(101, "balance") == 0


def test_an_edit_that_comes_while_an_answer_is_settled_takes_nothing_away(store: Store) -> None:
    places.accept(store, [question(5)])
    pending, held = store.engine.mine[5], store.reserve(101, "balance", 100)
    begun, went_on = threading.Event(), []

    def edit() -> None:
        begun.set()
        went_on.append(store.inbox.amend(pending, "edited", {"text": "Q"}, unless={"settle"}))

    editor = threading.Thread(target=edit)
    with store.inbox.serving(5):
        with store.engine.alone():  # the answer's deed is inside of it: the edit comes before its end
            editor.start()
            begun.wait(5)
            store.settle(
                held, Bill("gpt-6-luna", 20, 10), store.conversation(Topic(101)), Turn("q", "a"), Delivery("a"), 5
            )
        editor.join()
        assert went_on == [False], "it is known that the answer is there"
        assert store.inbox.amend(pending, "later", 1)
        assert store.engine.database.ask("SELECT gives FROM inbox")[0][0].keys() == {"settle", "later"}
    store.release(held)
    store.engine.mine.clear()
    store.engine.database.ask("UPDATE inbox SET worker = 0")
    assert places.serve(store) == 1
    assert store.delivery(5) == Delivery("a")


def test_a_deed_adds_to_what_the_row_holds_and_not_to_what_was_known(store: Store) -> None:
    places.accept(store, [question(5)])
    store.engine.database.ask("UPDATE inbox SET gives = '{\"edited\": 1}'")
    with store.inbox.serving(5), store.engine.change(5, "failed") as change:
        change.record("101")["odd"] = 1
    assert store.engine.database.ask("SELECT gives FROM inbox")[0][0].keys() == {"edited", "failed"}
    store.engine.mine[5].gives.clear()
    assert not store.inbox.amend(store.engine.mine[5], "edited", 2, unless={"failed"})
    assert store.inbox.amend(store.engine.mine[5], "edited", 2)
    assert store.engine.database.ask("SELECT gives FROM inbox")[0][0].keys() == {"edited", "failed"}


def test_deeds_wait_for_each_other_whatever_the_level_of_the_server(store: Store, place: places.Place) -> None:
    name = urlsplit(url(store)).path[1:]
    store.engine.database.ask(f"ALTER DATABASE \"{name}\" SET default_transaction_isolation = 'repeatable read'")
    others = [place.open(rules()) for _ in range(2)]
    try:
        refill = [
            threading.Thread(target=lambda one=each: [one.refill(101, "balance", 1) for _ in range(10)])
            for each in others
        ]
        for each in refill:
            each.start()
        for each in refill:
            each.join()
        assert store.user(101).balance == 30_020
    finally:
        store.engine.database.ask(f'ALTER DATABASE "{name}" RESET default_transaction_isolation')
        for each in others:
            each.close()


def test_a_picture_of_who_is_deleted_is_not_kept(store: Store) -> None:
    table = PictureTable(store.engine.database)
    assert table.keep(101, 5, b"picture", "png")
    store.erase(101)
    assert table.find(101, 5) is None
    assert not table.keep(101, 6, b"drawn meanwhile", "png")
    assert store.engine.database.ask("SELECT count(*) FROM pictures") == [(0,)]


def test_a_deed_of_which_a_part_was_refused_is_not_said_to_be_done(store: Store) -> None:
    def deed() -> None:
        with store.engine.change() as change:
            change.record("101")["odd"] = 1
            with pytest.raises(psycopg.Error):
                store.engine.database.ask("SELECT 1 / 0")

    with pytest.raises((StorageError, psycopg.Error)):
        deed()
    assert "odd" not in store.records["101"]

    def asked() -> None:
        with store.engine.alone(), pytest.raises(psycopg.Error):
            store.engine.database.ask("SELECT 1 / 0")

    with pytest.raises(StorageError, match="nothing of it was done"):
        asked()


def test_a_deed_during_which_the_process_stood_still_ends_like_one_cut_off(store: Store, place: places.Place) -> None:
    before = place.records()

    def frozen() -> None:
        with store.engine.change() as change:
            store.engine.database.ask("SET LOCAL idle_in_transaction_session_timeout = '50ms'")
            time.sleep(0.5)
            change.record("101")["odd"] = 1
            store.engine.database.ask("SELECT 1")

    with pytest.raises(StorageError, match="PostgreSQL is away"):
        frozen()
    assert place.records() == before


def test_what_an_address_says_about_its_sessions_holds(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    given = f"{url(store)}?options=-csearch_path%3Dodd&connect_timeout=3&application_name=me"
    with connect(given) as connection:
        shown = [
            connection.execute(f"SHOW {name}".encode()).fetchone()
            for name in ("search_path", "client_encoding", "application_name", "idle_in_transaction_session_timeout")
        ]
        assert shown == [("odd",), ("UTF8",), ("me",), ("5s",)]
        assert connection.info.get_parameters()["connect_timeout"] == "3"
        assert connection.info.get_parameters()["tcp_user_timeout"] == "30000"


@pytest.mark.parametrize(
    ("address", "said", "shown"),
    [
        ("postgresql://bot:bot@host/bot", 'role "bot" does not exist', 'role "bot" does not exist'),
        ("postgresql://bot:s3cret@host/bot", "s3cret is no user", "… is no user"),
        ("postgresql://bot:sec/ret@host/bot", "failed to resolve host 'bot'", "the address is not understood"),
        ("postgresql://bot:a%zz@host/bot", 'invalid percent-encoded token: "a%zz"', "the address is not understood"),
    ],
)
def test_why_an_address_fails_is_said_without_its_password(address: str, said: str, shown: str) -> None:
    found = reason(psycopg.OperationalError(said), address)
    assert found.startswith(shown)
    assert "s3cret" not in found
    assert "ret@" not in found


def test_a_database_that_cannot_hold_every_language_is_refused(place: places.Place) -> None:
    name = f"assistant_test_{os.getpid()}_latin"
    made = f"CREATE DATABASE {name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    with psycopg.connect(places.SERVER, autocommit=True) as server:
        server.execute(made.encode())
        try:
            with pytest.raises(DataFileError, match=r"^STORAGE_URL: the database is of encoding LATIN1, make it anew"):
                Store(urlsplit(places.SERVER)._replace(path=f"/{name}").geturl(), rules())
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_who_may_not_make_tables_is_told_what_to_do_and_may_use_those_that_are_there(store: Store) -> None:
    role = f"assistant_test_{os.getpid()}"
    weak = f"{url(store)}?user={role}"
    with psycopg.connect(url(store), autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {role} LOGIN".encode())
        try:
            with pytest.raises(DataFileError, match=r"no schema .*: make the user who enters the owner"):
                Store(weak, rules())
            owner.execute(f"GRANT USAGE ON SCHEMA public TO {role}".encode())
            with pytest.raises(DataFileError, match=r"permission denied for .*: make the user who enters the owner"):
                Store(weak, rules())
            owner.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}".encode())
            owner.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}".encode())
            used = Store(weak, rules())
            assert used.refill(101, "balance", 1) == 30_001
            used.close()
        finally:
            owner.execute(f"DROP OWNED BY {role}".encode())
            owner.execute(f"DROP ROLE {role}".encode())


def test_the_check_before_a_start_looks_at_the_database(store: Store, tmp_path: Path) -> None:
    settings = {"TELEGRAM_API_KEY": "1:none", "OPENAI_API_KEY": "none", "ADMIN_CHAT_ID": "1", "STORAGE_URL": url(store)}
    found = checkup._storage(config.load(settings, tmp_path))
    assert found.sound
    assert found.part.startswith("PostgreSQL ")
    assert found.told.endswith("3 records")
    settings["STORAGE_URL"] = "postgresql://me:s3cret@127.0.0.1:1/none"
    found = checkup._storage(config.load(settings, tmp_path))
    assert not found.sound
    assert found.told.endswith(": mend STORAGE_URL, or start the server")
    assert "s3cret" not in found.part + found.told
    assert list(tmp_path.iterdir()) == []
