"""Figures: who is active, who uses most, what it costs. Questions only, each to one moment's state of all records."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple

from accounts.people import People
from records import COUNTERS, Usage, User

Measure = Literal[
    "requests",
    "tokens",
    "premium_tokens",
    "balance",
    "premium_balance",
    "images",
    "image_balance",
    "favors",
    "refs",
    "cost",
    "voice",
]
Days = dict[date, dict[str, Usage]]  # what was used on a day, by model


class Totals(NamedTuple):
    """What `global` holds since the beginning, and how many are registered; tokens, pictures, seconds."""

    users: int
    requests: int
    tokens: int
    premium_tokens: int
    images: int
    whisper_seconds: int


class Figures(People):
    """Records are replaced, never changed: a copy of the dict is one moment, and nobody waits for the counting."""

    def today(self) -> date:
        """The day it is in the time zone of reports."""
        return datetime.now(self.rules.zone).date()

    def active(self, days: int) -> list[User]:
        """Who wrote in the last `days` times 24 hours, newest first, ties by id; a newcomer's start counts."""
        since = (datetime.now(self.rules.zone) - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S")
        found = self._people(lambda record: str(record.get("last_request", "")) >= since)
        return sorted(sorted(found, key=lambda user: user.id), key=lambda user: user.last_request, reverse=True)

    def top(self, measure: Measure, count: int) -> Sequence[tuple[User, int | Usage]]:
        """The `count` users with the most of something, ties by id; who has none of it is left out."""
        if measure == "cost":
            return self.dearest(count)
        records = self._moment()
        if measure == "refs":
            amounts = Counter(str(record["ref_id"]) for record in records.values() if record.get("ref_id"))
        else:
            field = "whisper_seconds" if measure == "voice" else measure
            amounts = Counter({key: int(record.get(field) or 0) for key, record in records.items()})
        known = [int(key) for key, amount in amounts.items() if amount > 0 and "balance" in records.get(key, {})]
        first = sorted(known, key=lambda user_id: (-amounts[str(user_id)], user_id))[:count]
        return [(self._user(user_id, records[str(user_id)]), amounts[str(user_id)]) for user_id in first]

    def dearest(self, count: int, since: date | None = None) -> list[tuple[User, Usage]]:
        """The `count` users who cost most since the beginning or a day; what has no known price comes last."""
        records = self._moment()
        used = self._used_since(since) if since else {key: _of_all(record) for key, record in records.items()}
        known = [key for key, usage in used.items() if usage.calls and "balance" in records.get(key, {})]
        first = sorted(known, key=lambda key: (-used[key].usd, -used[key].unpriced, int(key)))[:count]
        return [(self._user(int(key), records[key]), used[key]) for key in first]

    def _used_since(self, since: date) -> dict[str, Usage]:
        """What each person used, out of the ledger: records hold it by month only."""
        with self.lock:
            waiting, redactions = list(self.engine.state.entries), self.engine.state.redactions
        used: dict[str, list[Usage]] = {}
        for entry in self.engine.ledger.everything(waiting, redactions, since.isoformat()):
            if entry.model:
                tokens, unpriced = entry.tokens_in + entry.tokens_out, int(entry.usd is None)
                usage = Usage(1, tokens, entry.seconds, entry.pictures, entry.usd or 0.0, unpriced)
                used.setdefault(str(entry.user), []).append(usage)
        return {user: together(usages) for user, usages in used.items()}

    def totals(self) -> Totals:
        """The sums of all since the beginning; what was used by who is deleted stays in them."""
        everything = self._moment()["global"]
        return Totals(self.users_count(), *(int(everything.get(name, 0)) for name in COUNTERS))

    def usage(self) -> Days:
        """What was used by everybody, by day and model."""
        days = self._moment()["global"].get("usage", {})
        return {date.fromisoformat(day): _by_model(models) for day, models in days.items()}

    def usage_of(self, user_id: int) -> Days:
        """What one person used, by month (its first day) and model."""
        months = self._moment().get(str(user_id), {}).get("usage", {})
        return {date.fromisoformat(f"{month}-01"): _by_model(models) for month, models in months.items()}

    def invited_by(self, user_id: int) -> list[User]:
        """Whom a person invited, in the order of registration."""
        return self._people(lambda record: str(record.get("ref_id")) == str(user_id))

    def _people(self, wanted: Callable[[Mapping[str, Any]], bool]) -> list[User]:
        records = self._moment().items()
        return [self._user(int(key), record) for key, record in records if "balance" in record and wanted(record)]

    def _moment(self) -> dict[str, dict[str, Any]]:
        with self.lock:
            return dict(self.records)


def together(usages: Iterable[Usage]) -> Usage:
    """One sum; USD to nine digits behind the point, as the ledger has them."""
    columns = list(zip(*usages, strict=True))
    if not columns:
        return Usage()
    calls, tokens, seconds, pictures, usd, unpriced = map(sum, columns)
    return Usage(int(calls), int(tokens), round(seconds, 3), int(pictures), round(usd, 9), int(unpriced))


def by_model(days: Days) -> dict[str, Usage]:
    """The dearest models first, those of unknown price last, ties by name."""
    found: dict[str, list[Usage]] = {}
    for models in days.values():
        for model, usage in models.items():
            found.setdefault(model, []).append(usage)
    sums = {model: together(usages) for model, usages in found.items()}
    return dict(sorted(sums.items(), key=lambda each: (-each[1].usd, -each[1].calls, each[0])))


def by_period(days: Days, length: Literal["day", "week", "month"]) -> dict[date, Usage]:
    """Sums by the first day of each day, week (Monday) or month, newest first; empty ones are left out."""
    found: dict[date, list[Usage]] = {}
    for day, models in days.items():
        begins = {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}[length]
        found.setdefault(begins, []).extend(models.values())
    return {begin: together(found[begin]) for begin in sorted(found, reverse=True)}


def since(days: Days, first: date | None) -> Days:
    """The days from one on; None: all of them."""
    return {day: models for day, models in days.items() if first is None or day >= first}


def _by_model(models: Mapping[str, Mapping[str, float]]) -> dict[str, Usage]:
    return {model: _usage(figures) for model, figures in models.items()}


def _usage(figures: Mapping[str, float]) -> Usage:
    return Usage(
        int(figures.get("calls", 0)),
        int(figures.get("tokens_in", 0) + figures.get("tokens_out", 0)),
        float(figures.get("seconds", 0.0)),
        int(figures.get("pictures", 0)),
        float(figures.get("usd", 0.0)),
        int(figures.get("unpriced", 0)),
    )


def _of_all(record: Mapping[str, Any]) -> Usage:
    return together(usage for models in record.get("usage", {}).values() for usage in _by_model(models).values())
