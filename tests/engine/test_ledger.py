"""The monthly files: each entry once, whatever the clock and the crashes do."""

from pathlib import Path
from typing import Any

from engine.ledger import Ledger, sums


def entry(n: int, month: str, amount: int = 1) -> dict[str, Any]:
    about = {"time": f"{month}-15T12:00:00+00:00", "user": 5, "wallet": "balance", "reason": "refill"}
    return {"n": n, "k": 0, "amount": amount} | about


def test_entries_lie_by_month_and_are_written_once(tmp_path: Path) -> None:
    lines = [entry(1, "2026-10"), entry(2, "2026-11"), entry(3, "2026-11")]
    for given in (lines[:2], lines, lines):
        Ledger(tmp_path / "data.json").append(given)
    ledger = Ledger(tmp_path / "data.json")
    assert [path.name for path in ledger.files()] == ["2026-10.jsonl", "2026-11.jsonl"]
    assert [each.n for each in ledger.entries()] == [1, 2, 3]
    assert ledger.last_number == 3
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in ledger.files())


def test_a_clock_that_goes_back_over_a_months_end_changes_nothing(tmp_path: Path) -> None:
    lines = [entry(1, "2026-11"), entry(2, "2026-09"), entry(3, "2026-11"), entry(4, "2026-08")]
    for upto in (1, 2, 3, 4, 4):
        Ledger(tmp_path / "data.json").append(lines[:upto])
    assert sorted(each.n for each in Ledger(tmp_path / "data.json").entries()) == [1, 2, 3, 4]


def test_a_crash_between_two_months_leaves_the_second_to_be_written(tmp_path: Path) -> None:
    lines = [entry(1, "2026-11"), entry(2, "2026-10")]
    Ledger(tmp_path / "data.json").append(lines[1:])
    Ledger(tmp_path / "data.json").append(lines)
    assert sums(Ledger(tmp_path / "data.json").entries()) == {(5, "balance"): 2}


def test_a_torn_line_is_written_anew_and_hides_no_later_month(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "data.json")
    ledger.append([entry(1, "2026-10"), entry(2, "2026-11")])
    october = ledger.files()[0]
    october.write_bytes(october.read_bytes() + b'{"n":3,"k":0,"ti')
    ledger = Ledger(tmp_path / "data.json")
    assert [each.n for each in ledger.entries()] == [1, 2]
    assert [each.n for each in ledger.everything([entry(3, "2026-10")], [])] == [1, 2, 3]
    ledger.append([entry(3, "2026-10")])
    assert sorted(each.n for each in ledger.entries()) == [1, 2, 3]


def test_what_a_checkpoint_moves_meanwhile_is_met_once(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "data.json")
    ledger.append([entry(1, "2026-10"), entry(2, "2026-11")])
    waiting = [entry(3, "2026-10"), entry(4, "2026-11")]
    before, between = ledger.everything(waiting, []), ledger.everything(waiting, [])
    assert next(between).n == 1
    ledger.append(waiting)
    assert sorted(each.n for each in before) == [1, 2, 3, 4]
    assert sorted([1, *(each.n for each in between)]) == [1, 2, 3, 4]


def test_entries_from_a_day_on(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "data.json")
    ledger.append([entry(1, "2026-09"), entry(2, "2026-10"), entry(3, "2026-11")])
    waiting = [entry(4, "2026-09"), entry(5, "2026-11")]
    assert [each.n for each in ledger.everything(waiting, [], "2026-10-15")] == [2, 3, 5]
    assert [each.n for each in ledger.everything(waiting, [], "2026-10-16")] == [3, 5]
