"""Sums of usage are those of the ledger, whatever happens between."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import usage
from engine.ledger import plain
from records import Bill, Delivery, Person, Topic
from storage import StorageError, Store
from tests import places
from tests.engine import test_opening
from tests.test_storage import rules

ALICE, BORIS = Person(101, "Alice", "alice", "en"), Person(102, "Boris", None, "ru")
Start = Callable[[], Store]
path, start_file = test_opening.path, test_opening.start  # fixtures


@pytest.fixture(params=places.KINDS)
def start(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Start]:
    """Opens the store as after a kill, of each engine."""
    with places.place(request.param, tmp_path) as place:
        yield lambda: place.again(rules())


def answer(store: Store, user: int, tokens: int, usd: float | None, model: str = "gpt-6-luna") -> None:
    reservation = store.reserve(user, "balance", tokens)
    bill = Bill(model, tokens - 10, 10, usd=usd)
    store.settle(reservation, bill, store.conversation(Topic(user)), None, Delivery("a"))


def listen(store: Store, user: int, seconds: float) -> None:
    reservation = store.reserve(user, "premium_balance", round(seconds) * 6)
    bill = Bill("whisper-1", seconds=seconds, usd=0.0006, price=round(seconds) * 6)
    store.charge(reservation, bill, "voice", 0)


def counted(store: Store) -> dict[str, Any]:
    """What the sums must be: those of the ledger, counted here."""
    records: dict[str, Any] = {key: {} for key in store.records}
    for entry in places.entries(store):
        usage.add(records, plain(entry))
    return {key: record["usage"] for key, record in records.items() if record}


def kept(store: Store) -> dict[str, Any]:
    return {key: record["usage"] for key, record in store.engine.everything().items() if "usage" in record}


def lived(start: Start) -> Store:
    store = start()
    store.register(ALICE, None)
    store.register(BORIS, None)
    answer(store, 101, 100, 0.1)
    answer(store, 102, 50, 0.2)
    places.checkpoint(store)
    answer(store, 101, 30, None)
    answer(store, 101, 30, 0.7, "gpt-6.1-terra")
    listen(store, 101, 6.2)
    return store


def test_days_for_all_and_months_for_each(start: Start) -> None:
    store = lived(start)
    assert kept(store) == counted(store)
    (day,) = kept(store)["global"].values()
    (month,) = kept(store)["101"].values()
    assert day["gpt-6-luna"] == {"calls": 3, "tokens_in": 150, "tokens_out": 30, "usd": 0.3, "unpriced": 1}
    assert month["whisper-1"] == {"calls": 1, "seconds": 6.2, "usd": 0.0006}
    assert store.records["101"]["whisper_seconds"] == 6


def test_a_killed_process_loses_nothing_and_counts_nothing_twice(start: Start) -> None:
    before = kept(lived(start))
    store = start()
    assert kept(store) == before == counted(store)


def test_a_step_that_was_not_written_is_not_counted(start_file: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    store = lived(start_file)
    before = kept(store)
    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", lambda file: (_ for _ in ()).throw(OSError("no")))
        with pytest.raises(StorageError):
            answer(store, 101, 100, 0.1)
    assert kept(store) == before


def test_data_of_an_earlier_version_is_counted_from_its_ledger(start_file: Start, path: Path) -> None:
    store = lived(start_file)
    before = kept(store)
    store.close()
    whole = json.loads(path.read_text())
    del whole["global"]["usage"]
    path.write_text(json.dumps(whole))
    assert kept(start_file()) == before


def test_an_earlier_versions_journal_is_counted_once_too(start_file: Start, path: Path) -> None:
    lived(start_file)
    whole = json.loads(path.read_text())
    del whole["global"]["usage"]
    for key in ("101", "102"):
        whole[key].pop("usage", None)
    path.write_text(json.dumps(whole))  # the third to fifth step are only in the journal
    store = start_file()
    assert kept(store) == counted(store)
    assert sum(figures["calls"] for figures in next(iter(kept(store)["101"].values())).values()) == 4


def test_a_process_killed_before_its_first_checkpoint_has_counted(start: Start) -> None:
    store = start()
    store.register(ALICE, None)
    answer(store, 101, 100, 0.1)
    again = start()
    assert kept(again) == counted(again) != {}


def test_of_the_erased_only_the_sums_of_all_stay(start: Start) -> None:
    store = lived(start)
    before = kept(store)
    store.erase(101)
    assert kept(store) == {"global": before["global"], "102": before["102"]} == counted(store)
