"""What a start finds: whole files, damaged ones, edited ones, those of the old bot; never less than was accepted."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine import datafile, engine
from engine.datafile import DataFileError
from engine.ledger import Ledger, sums
from records import Bill, Delivery, Person, Topic, Turn
from storage import StorageError, Store
from tests.test_storage import rules

ALICE = Person(101, "Alice", "alice", "en")
Start = Callable[[], Store]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.json"


@pytest.fixture
def start(path: Path) -> Iterator[Start]:
    """Opens the store as after a kill: nothing of the one before was closed or saved."""
    opened: list[Store] = []

    def again() -> Store:
        if opened:
            opened[-1].engine._over.set()
            opened[-1].engine.file._lock.release()
        opened.append(Store(path, rules()))
        return opened[-1]

    yield again
    if opened:
        opened[-1].close()


def holds(store: Store) -> int:
    """What Alice holds, when the ledger says the same."""
    state = store.engine.state
    booked = sums(store.engine.ledger.everything(state.entries, state.redactions))
    for key, record in state.records.items():
        for wallet in ("balance", "premium_balance", "image_balance") if "balance" in record else ():
            assert booked.get((int(key), wallet), 0) == record.get(wallet, 0), (key, wallet)  # type: ignore[call-overload]
    return store.available(101, "balance")


def told(store: Store) -> list[str]:
    return [key for key, _ in store.engine.opened.notices]


def lived(start: Start) -> Store:
    """A store with two checkpoints behind it and lines after each."""
    store = start()
    store.register(ALICE, None)
    store.engine.checkpoint()
    store.refill(101, "balance", 1)
    store.engine.checkpoint()
    store.refill(101, "balance", 2)
    return store


def test_a_killed_process_loses_nothing(start: Start, path: Path) -> None:
    lived(start)
    assert json.loads(path.read_text())["101"]["balance"] == 30_001
    assert holds(start()) == 30_003


@pytest.mark.parametrize("content", [None, b"", b"{", b"\0" * 100, b"[]", b'{"1": 5}'])
def test_a_damaged_or_missing_file_is_replaced_by_backup_and_journal(
    start: Start, path: Path, content: bytes | None
) -> None:
    lived(start)
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    store = start()
    assert told(store) == ["admin_alert_backup"]
    assert holds(store) == 30_003
    if content is not None:
        assert path.with_name("data.json.damaged").read_bytes() == content
    assert json.loads(path.read_text())["101"]["balance"] == 30_003, "at once a whole file again"
    assert told(start()) == []


def test_without_a_good_backup_the_start_is_refused_and_nothing_touched(start: Start, path: Path) -> None:
    lived(start).engine.file.daily_copy(datafile.date(2020, 1, 1))
    path.write_bytes(b"{")
    path.with_name("data-backup.json").write_bytes(b"{")
    with pytest.raises(DataFileError, match=r"--restore data-20\d\d-\d\d-\d\d.json"):
        start()
    assert path.read_bytes() == b"{"
    path.write_bytes(path.with_name("data-2020-01-01.json").read_bytes())
    start()


def test_a_damaged_journal_is_refused(start: Start, path: Path) -> None:
    lived(start)
    *_, segment = sorted(path.parent.glob("data-journal-*"))
    segment.write_bytes(segment.read_bytes().replace(b"30003", b"30009"))
    with pytest.raises(DataFileError, match=r"damaged in line 2: .* --restore data.json"):
        start()
    segment.write_bytes(segment.read_bytes().replace(b"30009", b"30003"))
    assert holds(start()) == 30_003


def test_an_edit_by_hand_is_booked_and_told(start: Start, path: Path) -> None:
    store = start()
    store.register(ALICE, None)
    store.close()
    edited = json.loads(path.read_text())
    edited["101"] |= {"balance": 500, "prompt": "Be brief"}
    path.write_text(json.dumps(edited))
    store = Store(path, rules())
    assert (told(store), holds(store)) == (["admin_by_hand"], 500)
    assert store.conversation(Topic(101)).prompt == "Be brief"
    *_, last = Ledger(path).entries()
    assert (last.user, last.amount, last.reason) == (101, -29_500, "by hand")
    store.close()
    store = start()
    assert (told(store), holds(store)) == ([], 500)


def test_an_edit_by_hand_of_a_killed_bots_file_and_the_journal_both_count(start: Start, path: Path) -> None:
    lived(start)
    edited = json.loads(path.read_text())
    edited["101"]["balance"] += 1000
    path.write_text(json.dumps(edited, indent=1))
    assert holds(start()) == 31_003


def test_a_changed_number_of_the_last_line_is_refused(start: Start, path: Path) -> None:
    lived(start)
    content = path.read_text()
    number = json.loads(content)["global"]["journal"]
    for changed in (f"9{number}", f"1{number[1:]}" if number[0] != "1" else f"2{number[1:]}", "5"):
        path.write_text(content.replace(number, changed))
        with pytest.raises(DataFileError, match=r'edited so that it cannot be used \("journal" does not fit'):
            start()
    path.write_text(content)
    assert holds(start()) == 30_003


def test_an_edit_of_words_alone_is_nobodys_business(start: Start, path: Path) -> None:
    store = start()
    store.register(ALICE, None)
    store.close()
    path.write_text(path.read_text().replace("Alice", "Alicia"))
    store = start()
    assert told(store) == []
    user = store.user(101)
    assert user is not None
    assert user.name == "Alicia"


def test_the_old_bots_file_is_taken_over_once(start: Start, path: Path) -> None:
    old = {
        "global": {"requests": 3, "tokens": 9, "images": 0},
        "101": {"requests": 3, "tokens": 9, "balance": -40, "name": "Alice", "username": "@alice"}
        | {"lastdate": "05.04.2023 12:00:00", "premium_balance": 70, "odd": [1], "max_context_length": 2000},
    }
    path.write_text(json.dumps(old))
    (path.parent / "chat_context").mkdir()
    (path.parent / "chat_context" / "101.json").write_text('[{"role": "user", "content": "hi"}]')
    store = start()
    assert (told(store), holds(store), store.available(101, "premium_balance")) == (["admin_taken_over"], 0, 70)
    assert store.history(Topic(101)) == [{"role": "user", "content": "hi"}]
    assert "was -40" in [entry.note for entry in Ledger(path).entries()]
    assert json.loads(path.with_name("data.json.before-import").read_text()) == old
    entries = len(list(Ledger(path).entries()))
    store = start()
    assert (told(store), len(list(Ledger(path).entries()))) == ([], entries)
    assert not path.with_name("data.json.before-import-2").exists()


def test_a_takeover_that_is_killed_begins_again(start: Start, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text('{"101": {"balance": 5, "name": "A", "username": "None", "requests": 0, "tokens": 0}}')

    def killed(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(datafile.DataFile, "save", killed)
        with pytest.raises(DataFileError):
            start()
    assert holds(start()) == 5


def test_an_old_file_beside_a_journal_is_refused(start: Start, path: Path) -> None:
    lived(start)
    path.write_text('{"101": {"balance": 5}}')
    with pytest.raises(DataFileError, match="comes from another bot, but a journal of this one lies beside it"):
        start()


def test_daily_copies_are_kept_for_seven_days(start: Start, path: Path) -> None:
    store = start()
    for day in range(1, 12):
        store.engine.file.daily_copy(datafile.date(2020, 1, day))
    store.engine.file.drop_old_copies(datafile.date(2020, 1, 13))
    kept = [copy.name for copy in store.engine.file.daily_copies()]
    assert kept[1:] == [f"data-2020-01-{day:02}.json" for day in range(11, 6, -1)]
    store.engine.checkpoint()
    assert kept[:1] == [copy.name for copy in store.engine.file.daily_copies()]


def test_half_written_files_of_a_killed_process_are_removed(start: Start, path: Path) -> None:
    for name in ("data.json.abc.part", "data-backup.json.link.part", "data.json.pid.xyz.part"):
        (path.parent / name).write_text("half")
    start()
    assert not list(path.parent.glob("*.part"))


def test_what_another_bot_is_writing_beside_it_stays(start: Start, path: Path) -> None:
    others = {path.with_name(name) for name in ("data-dev.json.abc.part", "data2.json.abc.part", "data.jsonx.part")}
    for each in others:
        each.write_text("{")
    start()
    assert set(path.parent.glob("*.part")) == others


@pytest.mark.parametrize("name", ["data[1].json", "data*.json", "da?a.json"])
def test_signs_that_mean_something_in_patterns_are_part_of_a_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    store = Store(path, rules())
    try:
        store.register(ALICE, None)
        copy = store.engine.file.daily_copies()
        assert len(copy) == 1
        assert store.engine.bytes_on_disk() > copy[0].stat().st_size
    finally:
        store.engine._over.set()
        store.engine.file._lock.release()
    again = Store(path, rules())
    try:
        assert holds(again) == 30_000
    finally:
        again.close()


def test_a_checkpoint_holds_nobody_up(start: Start, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = start()
    store.register(ALICE, None)
    during = []

    def saved(*_: object, **__: object) -> None:
        during.append(store.refill(101, "balance", 1))

    with monkeypatch.context() as patch:
        patch.setattr(store.engine.file, "save", saved)
        store.engine.checkpoint()
    assert during == [30_001]
    store.engine.checkpoint()
    assert holds(start()) == 30_001


def test_a_failed_checkpoint_loses_nothing_and_is_told(
    start: Start, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "CHECKPOINT_SECONDS", 0.01)
    store, alerts = start(), []
    store.register(ALICE, None)
    replace = Path.replace

    def refused(self: Path, target: Path) -> Path:
        if target == path:
            raise OSError(13, "Permission denied")
        return replace(self, target)

    with monkeypatch.context() as patch:
        store.engine.trouble = lambda: alerts.append(1)
        patch.setattr(Path, "replace", refused)
        store.refill(101, "balance", 1)
        while not alerts:
            store.refill(101, "balance", 1)
    assert holds(store) == holds(start())


def test_a_folder_that_cannot_be_written_to_is_told(start: Start, path: Path) -> None:
    path.parent.chmod(0o500)
    try:
        if os.access(path.parent, os.W_OK):
            pytest.skip("this user may write anywhere")
        with pytest.raises(DataFileError, match="cannot be written to"):
            start()
    finally:
        path.parent.chmod(0o700)


def test_the_erased_leave_no_word_and_get_no_second_gift(start: Start, path: Path) -> None:
    store = start()
    store.register(ALICE, None)
    store.register(Person(102, "Boris", None, "ru"), 101)
    store.set_memory(-5, 1000)
    for user, words in ((101, "Rosebud"), (102, "Xanadu")):
        bill, conversation = Bill("m", 2, 1), store.conversation(Topic(-5))
        turn = Turn(words, f"said {words}", user)
        store.settle(store.reserve(user, "balance", 9), bill, conversation, turn, Delivery("a"))
    store.engine.checkpoint()
    store.erase(101)
    kept = "".join(each.read_text() for each in path.parent.rglob("*") if each.is_file() and "-20" not in each.name)
    assert "Rosebud" not in kept
    assert "Alice" not in kept
    assert not re.search(r"\b101\b", kept)
    assert "Xanadu" in kept
    assert store.register(ALICE, None).is_new
    assert holds(store) == 0
    invited = store.register(ALICE._replace(id=103), 101)
    assert (invited.newcomer_bonus, invited.referrer) == (20_000, None), "the returned earn nothing on that day"
    assert holds(start()) == 0


def announced(store: Store) -> None:
    """Alice and another are to get an announcement, and Alice has got it."""
    store.register(ALICE, None)
    store.inbox.accept([{"update_id": 7, "message": {"from": {"id": 1}}}])
    with store.engine.change(7, "announce") as change:
        change.record("1")["announced"] = 1
        change.gives = [55, [101, 102]]
    store.inbox.once(7, "to 101", lambda _: 9)


def test_an_announcement_on_its_way_forgets_the_erased(start: Start, path: Path) -> None:
    store = start()
    announced(store)
    store.engine.checkpoint()
    store.erase(101)
    kept = "".join(each.read_text() for each in path.parent.rglob("*") if each.is_file() and "-20" not in each.name)
    assert not re.search(r"\b101\b", kept)
    pending = start().inbox.pending(7)
    assert pending is not None
    assert (pending.gives, pending.sends) == ({"announce": [55, [102]]}, {})


def test_an_erasure_that_was_not_written_leaves_the_announcement(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    store = start()
    announced(store)
    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", lambda file: (_ for _ in ()).throw(OSError("no")))
        with pytest.raises(StorageError):
            store.erase(101)
    pending = store.inbox.pending(7)
    assert pending is not None
    assert (pending.gives, pending.sends) == ({"announce": [55, [101, 102]]}, {"to 101": 9})


def without_data(start: Start, path: Path) -> None:
    """A bot that worked here and was stopped; its data.json and the backup are gone."""
    lived(start).close()
    path.unlink()
    path.with_name("data-backup.json").unlink()


def test_nothing_is_begun_anew_beside_what_belongs_to_a_lost_file(start: Start, path: Path) -> None:
    without_data(start, path)
    with pytest.raises(DataFileError, match=r"--restore data-\d{4}-\d\d-\d\d.json.* data-ledger"):
        Store(path, rules())
    assert not path.exists()


def test_an_old_file_beside_a_ledger_goes_on_in_it(start: Start, path: Path) -> None:
    without_data(start, path)
    path.write_text(json.dumps({"global": {}, "101": {"balance": 55}, "102": {"balance": 7}}))
    store = Store(path, rules())
    store.refill(102, "balance", 1)
    assert holds(store) == 55
    store.close()
    again = Store(path, rules())
    assert holds(again) == 55
    again.close()


def test_a_length_measured_before_a_loss_is_not_taken_for_the_next_file(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = lived(start)
    fsync, journal = os.fsync, store.engine.journal

    def lose_meanwhile(file: int) -> None:
        monkeypatch.setattr(os, "fsync", fsync)
        with store.engine.lock:
            journal._lose()
        store.engine.note({"start": 1})  # begins another file
        fsync(file)

    monkeypatch.setattr(os, "fsync", lose_meanwhile)
    with pytest.raises(StorageError):
        store.refill(101, "balance", 4)
    assert journal._synced_size <= journal._size
    assert holds(start()) == 30_003
