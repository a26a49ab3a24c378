"""What a line makes of the records, and that it can be taken back whole."""

from copy import deepcopy
from typing import Any

import pytest

from engine.state import State

RECORDS: dict[str, dict[str, Any]] = {
    "global": {"tokens": 1, "deleted": ["a" * 32]},
    "5": {"balance": 10, "chain": {"responses": ["r1"]}},
    "5/7": {"title": "Cars"},
    "-6": {"history": [{"from": 5, "content": "q"}], "chain": {"responses": ["r2"]}},
    "payments": {"charge": {"user": 5}},
}


@pytest.mark.parametrize(
    "line",
    [
        {"set": {"5": {"chain": None}, "-6": {"chain": None}, "9": {"new": True}}, "erase": 5, "as": "b" * 32},
        {"set": {"global": {"tokens": 2}}, "erase": 5, "as": "b" * 32},
        {"set": {"-6": {"chain": None}, "-8": {"title": "Group"}}, "move": [-6, -8]},
        {"set": {"9": {"new": True}}, "said": {"9": [0, [{"content": "q"}]]}, "erase": 9, "as": "c" * 32},
    ],
)
def test_what_the_disk_lost_did_not_happen(line: dict[str, Any]) -> None:
    state = State(deepcopy(RECORDS))
    before = state.apply(1, line)
    assert state.records != RECORDS
    state.take_back(before, line, 0)
    assert state.records == RECORDS
