"""What is accepted is on the disk; what fails changes nothing; wallets never go below zero."""

import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from accounts.dialogues import trimmed
from engine import opening
from engine.datafile import DataFileError
from records import Bill, Delivery, Person, Reservation, Rules, Target, Topic, Turn
from storage import StorageError, Store
from tests import places

ALICE, BORIS, OWNER = Person(101, "Alice", "alice", "en"), Person(102, "Борис", None, "ru"), 1


def rules(**changes: object) -> Rules:
    given = {
        "gifts": {"balance": 30_000, "premium_balance": 0, "image_balance": 0},
        "referral_bonus": 20_000,
        "referral_daily_limit": 2,
        "default_context": 0,
        "admins": (OWNER,),
        "charging": True,
        "zone": UTC,
    }
    return Rules(**(given | changes))  # type: ignore[arg-type]


def settle(store: Store, reservation: Reservation, tokens: int, topic: Topic, turn: Turn | None = None) -> None:
    bill = Bill("gpt-6-luna", tokens - tokens // 3, tokens // 3)
    store.settle(reservation, bill, store.conversation(topic), turn, Delivery("said"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.json"


@pytest.fixture(params=places.KINDS)
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[places.Place]:
    """One of each engine."""
    with places.place(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def store(place: places.Place) -> Store:
    return place.open(rules())


@pytest.fixture
def file_store(path: Path) -> Iterator[Store]:
    opened = Store(path, rules())
    yield opened
    opened.close()


def on_disk(path: Path) -> dict[str, dict[str, Any]]:
    """What another process would find now: data.json with the journal on top."""
    return opening.read(path, UTC).state.records


def test_a_new_file_begins_with_the_sums_and_the_admin(file_store: Store, path: Path) -> None:
    assert list(on_disk(path)) == ["global", "1"]
    assert on_disk(path)["1"]["balance"] == 777_777
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_change_is_on_the_disk_when_it_returns(store: Store, place: places.Place) -> None:
    store.register(ALICE, None)
    assert place.records()["101"]["balance"] == 30_000
    store.refill(101, "balance", 5)
    assert place.records()["101"]["balance"] == 30_005


def test_unknown_fields_and_the_old_bots_records_are_kept(path: Path) -> None:
    old = {"5": {"balance": -40, "username": "None", "name": "X", "odd": [1]}, "global": {"requests": 3, "tokens": 9}}
    path.write_text(json.dumps(old))
    store = Store(path, rules())
    store.refill(5, "balance", 10)
    assert store.available(5, "balance") == 10, "what was owed is forgiven"
    store.close()
    assert json.loads((path.parent / "data.json.before-import").read_text()) == old
    assert on_disk(path)["5"]["odd"] == [1]
    assert on_disk(path)["global"]["requests"] == 3


def test_a_second_instance_names_the_first(file_store: Store, path: Path) -> None:
    with pytest.raises(DataFileError, match=f"pid {os.getpid()}"):
        Store(path, rules())


@pytest.mark.parametrize("content", [b"{", b"", b"[]", b'{"1": 5}', b"\xff"])
def test_a_damaged_file_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(DataFileError):
        Store(path, rules())
    assert path.read_bytes() == content
    path.unlink()
    Store(path, rules()).close()


def test_wallets_are_never_below_zero_whatever_runs_in_parallel(store: Store) -> None:
    store.register(ALICE, None)
    granted = []

    def spend() -> None:
        reservation = store.reserve(101, "balance", 4_000)
        granted.append(reservation.amount)
        settle(store, reservation, 4_500, Topic(101))

    threads = [threading.Thread(target=spend) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    user = store.user(101)
    assert user is not None
    assert user.balance == 0
    assert user.tokens == 20 * 4_500
    assert json.loads(store.file_content())["global"]["tokens"] == 20 * 4_500


def test_reservations_hold_tokens_back_and_give_them_back(store: Store) -> None:
    store.register(ALICE, None)
    first = store.reserve(101, "balance", 25_000)
    second = store.reserve(101, "balance", 25_000)
    assert (first.amount, second.amount) == (25_000, 5_000)
    store.release(first)
    assert store.available(101, "balance") == 25_000
    store.release(second)
    assert store.available(101, "balance") == 30_000


def test_the_daily_limit_of_bonuses(store: Store) -> None:
    store.register(ALICE, None)
    for number in range(3):
        registration = store.register(Person(200 + number, "N", None, "en"), 101)
        assert registration.newcomer_bonus == 20_000
    user = store.user(101)
    assert user is not None
    assert user.balance == 30_000 + 2 * 20_000


def test_a_block_that_raises_changes_nothing(store: Store, place: places.Place) -> None:
    store.register(ALICE, None)
    before = place.records()
    with pytest.raises(TypeError):
        store.refill(101, "balance", "much")  # type: ignore[arg-type]
    assert place.records() == before


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_full_disk_is_told_and_changes_nothing(
    file_store: Store, path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    file_store.register(ALICE, None)
    before = on_disk(path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(StorageError):
            file_store.refill(101, "balance", 1)
    assert on_disk(path) == before
    assert file_store.available(101, "balance") == 30_000
    file_store.refill(101, "balance", 1)
    assert on_disk(path)["101"]["balance"] == 30_001


def test_find_by_id_or_name_in_any_case(store: Store) -> None:
    store.register(ALICE, None)
    store.register(BORIS, None)
    for who in ("101", "@ALICE", "alice"):
        found = store.find(who)
        assert found is not None
        assert found.id == 101
    assert store.find("None") is None
    assert store.find("@") is None
    assert store.find("77") is None


def test_histories_belong_to_topics_and_settings_to_chats(store: Store, place: places.Place) -> None:
    store.register(ALICE, None)
    store.set_memory(-5, 1000)
    for thread in (0, 7):
        topic = Topic(-5, thread)
        settle(store, store.reserve(101, "balance", 9), 9, topic, Turn(f"q{thread}", f"a{thread}"))
    assert [said["content"] for said in store.history(Topic(-5, 7))] == ["q7", "a7"]
    assert place.records()["-5/7"]["history"] == store.history(Topic(-5, 7))
    store.forget(Topic(-5, 7))
    assert "history" not in place.records()["-5/7"]


def test_a_question_asked_again_takes_the_place_of_its_turn_and_the_oldest_make_room(
    store: Store, place: places.Place
) -> None:
    store.register(ALICE, None)
    store.set_memory(101, 8)
    for question, asked_in in (("q1", 1), ("q2", 2), ("Q2", 2), ("q3", 3), ("Q3", 3)):
        turn = Turn(question, question.replace("q", "a").replace("Q", "A"), asked_in=asked_in)
        settle(store, store.reserve(101, "balance", 9), 9, Topic(101), turn)
    assert [said["content"] for said in store.history(Topic(101))] == ["Q2", "A2", "Q3", "A3"]
    assert [said["content"] for said in place.records()["101"]["history"]] == ["Q2", "A2", "Q3", "A3"]


def test_only_whole_turns_are_kept() -> None:
    history = [{"role": role, "content": "12345"} for role in ("user", "assistant") * 3]
    assert trimmed(history, 30) == history
    assert trimmed(history, 29) == history[2:]
    assert trimmed(history, 9) == []
    assert trimmed([{"role": "assistant", "content": "left over"}, *history], 100) == history


def test_a_clean_stop_writes_everything_and_a_backup(path: Path) -> None:
    store = Store(path, rules())
    store.register(ALICE, None)
    backup = path.with_name("data-backup.json")
    store.close()
    assert backup.read_bytes() == path.read_bytes()
    assert not list(path.parent.glob("data-journal-*"))
    assert json.loads(path.read_text())["101"]["balance"] == 30_000
    assert backup.stat().st_mode & 0o777 == 0o600
    assert not path.with_name("data.json.pid").exists()


def test_the_example_is_what_the_bot_writes(path: Path) -> None:
    example = Path(__file__).resolve().parent.parent / "data.json.example"
    path.write_bytes(example.read_bytes())
    store = Store(path, rules(admins=(123456789,)))
    user, admin = store.user(987654321), store.user(123456789)
    assert user is not None
    assert (user.name, user.username, user.balance, user.referrer) == ("John", "johndoe", 49_943, 123456789)
    assert admin is not None
    assert admin.is_admin
    assert store.conversation(Topic(-1001234567890, 3)).memory == 15_000
    assert len(store.history(Topic(987654321))) == 2
    store.close()
    written, shown = json.loads(path.read_bytes()), json.loads(example.read_bytes())
    assert {name: written["global"].pop(name) for name in ("seal", "journal", "seen", "deletion_key", "schema")}
    assert written == shown


def test_what_no_file_can_hold_stops_nobody(store: Store, place: places.Place) -> None:
    store.register(ALICE, None)
    with pytest.raises(StorageError):
        store.set_prompt(101, "half a character \ud83d")
    store.set_prompt(101, "whole")
    assert place.records()["101"]["prompt"] == "whole"


def test_an_announcement_is_for_those_who_may_and_can_get_it(store: Store, place: places.Place) -> None:
    for person in (ALICE, BORIS, Person(103, "Carol", None, "en")):
        store.register(person, None)
    store.refill(102, "balance", 5)
    settle(store, store.reserve(101, "balance", 30), 30, Topic(101))
    store.set_prompt(-5, "A group has a record too")
    assert store.receivers(Target()) == [1, 101, 102, 103]
    assert store.receivers(Target(requests=1)) == [101]
    assert store.receivers(Target(balance=30_005)) == [1, 102]
    store.ban(103, True)
    store.set_reachable(102, False)
    assert store.receivers(Target()) == [1, 101]
    store.set_reachable(102, True)
    assert "unreachable" not in place.records()["102"]
    store.set_reachable(101, False)
    assert place.records()["101"]["unreachable"] is True
    store.refresh(ALICE)
    assert store.receivers(Target()) == [1, 101, 102]


def test_of_chats_without_a_record_nothing_is_kept(store: Store, place: places.Place) -> None:
    store.set_reachable(-7, False)
    store.set_reachable(104, False)
    assert list(place.records()) == ["global", "1"]


def test_nothing_is_kept_of_a_person_who_was_deleted_meanwhile(store: Store, place: places.Place) -> None:
    store.register(ALICE, None)
    store.erase(101)
    store.set_language(101, "en")
    store.set_prompt(101, "Be brief")
    assert store.refill(101, "balance", 1000) == 0
    assert not store.ban(101, True)
    assert "101" not in place.records()
    assert store.user(101) is None


def test_what_was_reserved_before_a_deletion_is_not_charged_to_who_came_back(store: Store, path: Path) -> None:
    store.register(ALICE, None)
    reservation = store.reserve(101, "balance", 5000)
    store.erase(101)
    store.register(ALICE, None)
    store.refill(101, "balance", 1000)
    store.set_memory(101, 5000)
    settle(store, reservation, 600, Topic(101), Turn("My secret", "Hush"))
    assert store.history(Topic(101)) == []
    assert store.available(101, "balance") == 1000
