"""`--move-storage`: everything arrives, whatever is killed on the way, and nothing is overwritten."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import psycopg
import pytest

from bench.moving import fill
from engine import opening
from engine.datafile import DataFileError
from engine.ledger import Ledger, folder_of
from engine.moving.ends import MoveError, Service
from engine.moving.file import FileTarget
from engine.moving.move import Moved, move
from engine.postgres.database import json as json_value
from records import Bill, Delivery, Person, Topic, Turn
from storage import Store
from tests import places
from tests.test_storage import rules

HERE = Path(__file__).resolve().parent.parent.parent
RULES = rules(default_context=2_000)
BILL = Bill("gpt-6-luna", 20, 10, usd=0.000123)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The data of a bot that was stopped while it had work."""
    path = tmp_path / "data.json"
    store = Store(path, RULES)
    live(store)
    store.close()
    return path


@pytest.fixture
def place(tmp_path: Path) -> Iterator[places.Place]:
    with places.place("postgres", tmp_path) as found:
        yield found


@pytest.fixture
def url(place: places.Place) -> str:
    return str(place.where)


def live(store: Store) -> None:
    """Some of everything that is kept."""
    for user in (101, 102, 103):
        store.register(Person(user, f"Человек {user} \\ %", f"u{user}", "ru"), 101 if user > 101 else None)
    for number in range(1, 9):
        places.accept(store, [update(number)])
    for topic, number in ((Topic(101), 5), (Topic(-5, 7), 4), (Topic(-5), 0)):
        turn = Turn("q \x01 \u2028 👋", "a" * 100, 102, asked_in=topic.thread)
        store.settle(store.reserve(101, "balance", 100), BILL, store.conversation(topic), turn, Delivery("a"), number)
    store.forget(Topic(-5), 6)
    store.inbox.once(7, "reply", lambda again: 70)
    store.inbox.once(7, "another", lambda again: 71)
    store.inbox.run(7)
    store.inbox.set_aside(3, "abc")
    for number in (1, 2, 4, 5, 6):
        store.inbox.done(number)
    store.turn_away(103, "banned")
    store.keep_missing("charge", 101, 50)
    store.leave("p", ["r1", "r2"])
    store.erase(103)


def update(number: int) -> dict[str, object]:
    chat = 102 if number > 6 else 101
    return {"update_id": number, "message": {"chat": {"id": chat}, "from": {"id": chat}, "text": f"hello {number}"}}


def silent(said: str) -> None:
    pass


def all_files(path: Path) -> dict[str, bytes]:
    ledger = sorted(folder_of(path).glob("*"))
    return {each.name: each.read_bytes() for each in (path, path.with_name("data-backup.json"), *ledger)}


def test_there_and_back_again_are_the_same_bytes(path: Path, url: str, tmp_path: Path) -> None:
    back = tmp_path / "back" / "data.json"
    back.parent.mkdir()
    before = all_files(path)
    there = move(str(path), url, silent)
    assert there == Moved(len(opening.look(path).records), len(Ledger(path).files()[0].read_bytes().splitlines()))
    assert move(url, str(back), silent) == there
    assert all_files(back) == before == all_files(path)
    again = tmp_path / "again" / "data.json"
    again.parent.mkdir()
    move(str(back), str(again), silent)
    assert all_files(again) == before


def test_a_bot_goes_on_with_what_was_moved(path: Path, place: places.Place) -> None:
    move(str(path), str(place.where), silent)
    store = place.open(RULES)
    assert [pending.update for pending in places.left(store)] == [update(7), update(8)]
    assert store.inbox.sends(7) == {"reply": 70, "another": 71}
    assert store.inbox.pending(7).deaths == 1
    assert places.accept(store, [update(4), update(8), update(9)]) == 1
    assert place.aside() == {"3": ("abc", update(3))}
    assert len(store.history(Topic(-5, 7))) == 2
    assert store.conversation(Topic(-5)).began == ""
    turn = Turn("old", "a")
    store.settle(store.reserve(101, "balance", 100), BILL, store.conversation(Topic(-5)), turn, Delivery("a"), 9)
    assert len(store.history(Topic(-5))) == 2, "updates go on after the place of the forgetting"
    assert store.register(Person(103, "C", None, "en"), 101).newcomer_bonus == 0, "who was deleted is known again"
    assert store.purchase("charge") is not None
    numbers = [each.n for each in places.entries(store)]
    assert numbers == sorted(numbers)
    assert numbers[-1] > numbers[-2]


def test_a_file_that_comes_back_from_a_database_is_gone_on_with(place: places.Place, tmp_path: Path) -> None:
    store = place.open(RULES)
    live(store)
    for number in range(20, 60):  # more updates than lines of the ledger
        places.accept(store, [update(number)])
        store.inbox.done(number)
    places.accept(store, [update(60)])
    store.forget(Topic(101), 60)
    store.inbox.done(60)
    store.close()
    path = tmp_path / "data.json"
    move(str(place.where), str(path), silent)
    store = Store(path, RULES)
    assert [pending.update["update_id"] for pending in store.inbox.begin()] == [7, 8]
    store.inbox.accept([update(61)])
    conversation = store.conversation(Topic(101))
    store.settle(store.reserve(101, "balance", 100), BILL, conversation, Turn("new", "a"), Delivery("a"), 61)
    assert len(store.history(Topic(101))) == 2
    store.close()


def test_nothing_is_overwritten(path: Path, url: str, tmp_path: Path) -> None:
    other = tmp_path / "other" / "data.json"
    other.parent.mkdir()
    Store(other, RULES).close()
    before = other.read_bytes()
    with pytest.raises(MoveError, match="is there already"):
        move(str(path), str(other), silent)
    other.unlink()
    with pytest.raises(MoveError, match=r"data-backup\.json is there already|2026"):
        move(str(path), str(other), silent)
    assert other.with_name("data-backup.json").read_bytes() == before
    store = Store(url, RULES)
    store.close()
    with pytest.raises(MoveError, match="is not empty"):
        move(str(path), url, silent)
    with pytest.raises(MoveError, match="both places are the same"):
        move(url, url, silent)


def test_what_a_bot_uses_is_not_moved(path: Path, url: str, tmp_path: Path) -> None:
    store = Store(path, RULES)
    with pytest.raises(DataFileError, match="in use by another bot"):
        move(str(path), url, silent)
    store.close()
    worker = Store(url, RULES)
    for source, target in ((str(path), url), (url, str(tmp_path / "new.json"))):
        with pytest.raises(MoveError, match="is in use by bots: stop all of them first"):
            move(source, target, silent)
    worker.close()
    assert not (tmp_path / "new.json").exists()


def test_no_bot_begins_on_a_half_filled_database(path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("engine.moving.database.DatabaseTarget.put_service", interrupted)
        with pytest.raises(KeyboardInterrupt):
            move(str(path), url, silent)
    with pytest.raises(DataFileError, match="run the same --move-storage again"):
        Store(url, RULES)
    with pytest.raises(DataFileError, match="run the same --move-storage again"):
        move(url, str(path.with_name("new.json")), silent)
    store = Store(path, RULES)
    store.refill(101, "balance", 5)
    store.close()
    with pytest.raises(MoveError, match="from before a change"):
        move(str(path), url, silent)


def test_what_does_not_arrive_whole_is_not_used(path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("engine.moving.database.said_row", lambda key, said: (key, 1, 1, json_value({**said, "x": 1})))
        with pytest.raises(MoveError, match=r"does not hold what .* does \(content\): it must not be used"):
            move(str(path), url, silent)
    with pytest.raises(DataFileError, match="run the same --move-storage again"):
        Store(url, RULES)


def test_wallets_that_a_database_refuses_are_named_before_anything_is_moved(path: Path, url: str) -> None:
    whole = json.loads(path.read_bytes())
    whole["101"]["balance"] = -7
    path.write_text(json.dumps(whole))
    with pytest.raises(MoveError, match="user 101: balance is not the sum of its ledger lines"):
        move(str(path), url, silent)


def test_data_of_an_earlier_version_is_upgraded_by_a_start_first(path: Path, url: str) -> None:
    whole = json.loads(path.read_bytes())
    whole["global"]["schema"] = 1
    path.write_text(json.dumps(whole))
    with pytest.raises(MoveError, match="written by an earlier version: start this one on it once"):
        move(str(path), url, silent)
    Store(path, RULES).close()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE schema (step integer NOT NULL)")
        connection.execute("INSERT INTO schema VALUES (99)")
    with pytest.raises(DataFileError, match="step 99"):
        move(str(path), url, silent)


def test_a_database_that_was_changed_meanwhile_is_not_taken_for_moved(
    place: places.Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = place.open(RULES)
    live(store)
    store.close()
    put = FileTarget.put_service

    def changed(self: FileTarget, service: Service) -> None:
        with psycopg.connect(str(place.where)) as connection:
            connection.execute("UPDATE records SET fields = fields WHERE key = '101'")
            connection.execute('UPDATE history SET message = \'{"content": "other"}\'')
        put(self, service)

    monkeypatch.setattr(FileTarget, "put_service", changed)
    with pytest.raises(MoveError, match="was changed meanwhile: begin anew"):
        move(str(place.where), str(tmp_path / "data.json"), silent)


SMALL_PIECES = """
import sys
import engine.moving.move as moving
moving.RECORDS_AT_ONCE, moving.LINES_AT_ONCE = 500, 2_000
import owner_tools
sys.exit(owner_tools.move_storage(*sys.argv[1:]))
"""


def run(source: str, target: str, kill_after: int = 0, kill_at: str = "none") -> tuple[int, str, str]:
    """The command in a process of its own, killed after so many lines of its progress, or at one that begins so."""
    command = [sys.executable, "-c", SMALL_PIECES, source, target]
    environment = {"PATH": os.environ["PATH"]}
    with subprocess.Popen(
        command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stderr is not None
        said = ""
        for number, line in enumerate(process.stderr, 1):
            said += line
            if number == kill_after or line.startswith(kill_at):
                process.send_signal(signal.SIGKILL)
        assert process.stdout is not None
        out = process.stdout.read()
    return process.returncode, out, said


def test_a_move_that_was_killed_goes_on_where_it_was(tmp_path: Path, url: str) -> None:
    path, back = tmp_path / "data.json", tmp_path / "back" / "data.json"
    back.parent.mkdir()
    fill(path, 2_000)
    for source, target in ((str(path), url), (url, str(back))):
        begun: list[str] = []
        for kill_after in (3, 4, 4):  # among the records, again, among the lines of the ledger
            code, _, said = run(source, target, kill_after)
            assert code == -signal.SIGKILL, said
            begun += [line for line in said.splitlines() if "going on after" in line]
        code, _, said = run(source, target, kill_at="comparing")
        assert code == -signal.SIGKILL, said
        begun += [line for line in said.splitlines() if "going on after" in line]
        code, out, said = run(source, target)
        assert code == 0, said
        assert "2,001 records and 6,000 lines of the ledger are the same in both, after " in out
        begun += [line for line in said.splitlines() if "going on after" in line]
        assert len(set(begun)) == len(begun) == 4, begun
        assert all("after 0 records" not in line for line in begun)
    assert back.read_bytes() == path.read_bytes()
    for month in sorted(folder_of(path).glob("*")):
        assert (folder_of(back) / month.name).read_bytes() == month.read_bytes()
    assert opening.read(back, UTC).notices == []


def test_an_address_is_never_shown_with_its_password(path: Path, tmp_path: Path) -> None:
    for source, target in ((str(path), "postgresql://me:s3cret@127.0.0.1:1/none"), ("postgresql://me:s3cret@h", "x")):
        command = [sys.executable, str(HERE / "main.py"), "--move-storage", source, target]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        assert (ended.returncode, ended.stdout) == (1, "")
        assert "cannot be opened" in ended.stderr
        assert "s3cret" not in ended.stderr
        assert "Traceback" not in ended.stderr
