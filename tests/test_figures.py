"""Figures agree with what was used, also between two checkpoints, and put the newest and the most first."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from accounts.figures import Days, Measure, by_model, by_period, since, together
from engine import usage
from engine.ledger import plain
from records import Bill, Delivery, Person, Topic, Usage
from storage import Store
from tests import places
from tests.test_storage import rules

TODAY = date(2026, 11, 21)  # a Saturday


@pytest.fixture(params=places.KINDS)
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    with places.place(request.param, tmp_path) as place:
        opened = place.open(rules())
        for user, name in ((103, "Cleo"), (102, "Boris"), (101, "Alice")):
            opened.register(Person(user, name, None, "en"), None)
        yield opened


def answer(store: Store, user: int, tokens: int, usd: float | None, model: str = "gpt-6-luna") -> None:
    reservation = store.reserve(user, "balance", tokens)
    bill = Bill(model, tokens - 10, 10, usd=usd)
    store.settle(reservation, bill, store.conversation(Topic(user)), None, Delivery("a"))


def on(store: Store, day: date, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the ledger shows noon of a day."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    monkeypatch.setattr(store, "_timestamp", lambda: noon.isoformat(timespec="seconds"))


def test_active_are_newest_first_and_within_their_days(store: Store) -> None:
    now = datetime.now(UTC)
    for user, hours in ((101, 25), (102, 1), (103, 23)):
        past = now - timedelta(hours=hours)
        store.set_fields(str(user), last_request=past.strftime("%Y-%m-%d %H:%M:%S"))
    assert [user.id for user in store.active(1)] == [102, 103]
    assert [user.id for user in store.active(2)] == [102, 103, 101]


def test_top_counts_each_measure_and_breaks_ties_by_id(store: Store) -> None:
    fields = {each: each for each in get_args(Measure) if each not in ("refs", "cost")} | {"voice": "whisper_seconds"}
    for place, field in enumerate(fields.values()):
        for user, more in (("103", place + 1), ("101", 0), ("102", 0)):
            store.set_fields(user, **{field: 900_000 + more})
    for place, measure in enumerate(fields):
        found = [(user.id, amount) for user, amount in store.top(measure, 2)]
        assert found == [(103, 900_001 + place), (101, 900_000)], measure
    assert [user.id for user, _ in store.top("requests", 3)] == [103, 101, 102]
    assert store.top("refs", 3) == []


def test_who_invited_most_and_whom(store: Store) -> None:
    for user, inviter in ((201, 102), (202, 102), (203, 101)):
        store.register(Person(user, f"Guest {user}", None, "en"), inviter)
    assert [(user.id, amount) for user, amount in store.top("refs", 5)] == [(102, 2), (101, 1)]
    assert [user.name for user in store.invited_by(102)] == ["Guest 201", "Guest 202"]


def test_the_dearest_are_the_same_by_record_and_by_ledger(store: Store) -> None:
    answer(store, 101, 100, 0.1)
    answer(store, 102, 100, 0.3)
    places.checkpoint(store)  # part of the ledger in its file, part only in the journal
    answer(store, 101, 50, 0.7, "gpt-6.1-terra")
    answer(store, 103, 50, None)
    answer(store, 102, 20, None)
    expected = [
        (101, Usage(2, 150, 0.0, 0, 0.8, 0)),
        (102, Usage(2, 120, 0.0, 0, 0.3, 1)),
        (103, Usage(1, 50, 0.0, 0, 0.0, 1)),
    ]
    assert [(user.id, used) for user, used in store.dearest(5)] == expected
    assert [(user.id, used) for user, used in store.dearest(5, store.today())] == expected
    assert [(user.id, used) for user, used in store.top("cost", 2)] == expected[:2]
    answer(store, 103, 10, 0.8)
    answer(store, 103, 10, None)
    answer(store, 101, 10, None)
    answer(store, 101, 10, None)
    assert [user.id for user, _ in store.dearest(5)] == [101, 103, 102], "ties by id"
    store.erase(101)
    assert [user.id for user, _ in store.dearest(5, store.today())] == [103, 102]


def test_who_was_dear_in_a_period_only(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for day, user in ((TODAY - timedelta(40), 101), (TODAY - timedelta(6), 102), (TODAY, 103)):
        on(store, day, monkeypatch)
        answer(store, user, 100, 1.0)
    assert [user.id for user, _ in store.dearest(5, TODAY)] == [103]
    assert [user.id for user, _ in store.dearest(5, TODAY - timedelta(6))] == [102, 103]
    assert [user.id for user, _ in store.dearest(5, TODAY - timedelta(40))] == [101, 102, 103]


def test_days_months_and_totals_are_sums_of_the_ledger(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for ago, user, tokens, usd in ((40, 101, 100, 0.1), (1, 101, 200, None), (0, 102, 300, 0.25), (0, 101, 40, 0.5)):
        on(store, TODAY - timedelta(ago), monkeypatch)
        answer(store, user, tokens, usd)
    days = store.usage()
    assert {day: together(models.values()).tokens for day, models in days.items()} == {
        TODAY - timedelta(40): 100,
        TODAY - timedelta(1): 200,
        TODAY: 340,
    }
    assert store.usage_of(101) == {
        date(2026, 10, 1): {"gpt-6-luna": Usage(1, 100, 0.0, 0, 0.1, 0)},
        date(2026, 11, 1): {"gpt-6-luna": Usage(2, 240, 0.0, 0, 0.5, 1)},
    }
    entries = [plain(each) for each in places.entries(store)]
    assert sum(each["tokens_in"] + each["tokens_out"] for each in entries if "model" in each) == 640
    assert store.totals() == (4, 4, 640, 0, 0, 0)
    assert usage.USD_DIGITS == 9


DAYS: Days = {
    TODAY - timedelta(days=ago): {"a": Usage(1, 10, 0.0, 0, 0.1, 0), "b": Usage(2, 20, 0.0, 0, 0.0, 2)}
    for ago in (0, 5, 6, 12, 21, 51)
}


def test_sums_by_day_week_and_month_begin_where_calendars_do() -> None:
    assert list(by_period(DAYS, "day")) == sorted(DAYS, reverse=True)
    assert {begin.isoformat(): used.calls for begin, used in by_period(DAYS, "week").items()} == {
        "2026-11-16": 6,
        "2026-11-09": 6,
        "2026-10-26": 3,
        "2026-09-28": 3,
    }
    assert {begin.isoformat(): used.usd for begin, used in by_period(DAYS, "month").items()} == {
        "2026-11-01": 0.4,
        "2026-10-01": 0.2,
    }


def test_models_stand_by_cost_and_an_unknown_price_stays_unknown() -> None:
    assert by_model(since(DAYS, TODAY - timedelta(5))) == {
        "a": Usage(2, 20, 0.0, 0, 0.2, 0),
        "b": Usage(4, 40, 0.0, 0, 0.0, 4),
    }
    assert list(by_model(DAYS)) == ["a", "b"]
    assert together([]) == Usage()
