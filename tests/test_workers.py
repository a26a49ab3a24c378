"""Processes that share a database, as far as one of them can be looked at alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage import Store
from tests import places
from tests.test_storage import rules
from workers import PARTED, STOP, Workers


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with places.place("postgres", tmp_path) as found:
        yield found.open(rules())


def test_what_is_told_to_all_is_not_told_on_by_those_who_hear_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    workers, told = Workers(store, None, 10, lambda: None), list[str]()
    claims: Any = workers._claims
    monkeypatch.setattr(claims, "tell", lambda what, about: told.append(what))
    done: list[bool] = []
    workers.parted = lambda: done.append(True)
    claims.heard[PARTED](None)
    assert (told, done) == ([], []), "another one leads, and has heard it too"
    claims.leads = True
    claims.heard[PARTED](None)
    assert (told, done) == ([], [True])
    claims.leads = False
    workers.part()
    assert told == [PARTED]


@pytest.mark.parametrize("told", [True, False])
def test_who_is_to_leave_takes_on_nothing_that_others_give_back(store: Store, told: bool) -> None:
    left: list[bool] = []
    workers = Workers(store, None, 10, lambda: left.append(claims._resting.is_set()))
    claims: Any = workers._claims
    if told:
        claims.heard[STOP](None)
    else:
        workers.stop_all()
    assert left == [True]
