"""What was used and what it cost the owner, summed as lines of the ledger come true: no line of its own is needed.

In `global` stand the days, in each person's record the months: period → model → figures.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Records = dict[str, dict[str, Any]]
Figures = dict[str, float]

COUNTED = ("tokens_in", "tokens_cached", "tokens_out", "tokens_reasoning", "seconds", "pictures")
USD_DIGITS = 9  # behind the point, in the ledger too: sums of such numbers are exact up to millions


def begin(records: Records) -> None:
    """Take all sums out, to count from nothing."""
    for key, record in records.items():
        records[key] = {name: value for name, value in record.items() if name != "usage"}
    records["global"]["usage"] = {}


def add(records: Records, entry: Mapping[str, Any]) -> None:
    """Count one paid step; records are replaced, not changed."""
    if not entry.get("model"):
        return
    for key, period in (("global", entry["time"][:10]), (str(entry["user"]), entry["time"][:7])):
        record = records.get(key)
        if record is not None:
            usage = record.get("usage", {})
            models = usage.get(period, {})
            summed = {**models, entry["model"]: _sum(models.get(entry["model"], {}), entry)}
            records[key] = {**record, "usage": {**usage, period: summed}}


def touched(entries: Iterable[Mapping[str, Any]]) -> set[str]:
    """The records that these entries are counted in."""
    paid = [str(entry["user"]) for entry in entries if entry.get("model")]
    return {"global", *paid} if paid else set()


def _sum(figures: Figures, entry: Mapping[str, Any]) -> Figures:
    """Figures with one more call: `usd` is what is known of its price, `unpriced` counts the calls without one."""
    found = {**figures, "calls": figures.get("calls", 0) + 1}
    for name in COUNTED:
        if entry.get(name):
            found[name] = round(found.get(name, 0) + entry[name], 3)
    if entry.get("usd") is None:
        found["unpriced"] = found.get("unpriced", 0) + 1
    else:
        found["usd"] = round(found.get("usd", 0.0) + entry["usd"], USD_DIGITS)
    return found
