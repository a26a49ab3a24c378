"""Figures: who is active, who uses most, what it costs. Questions only: they hold nobody up."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple, TypeVar

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
T = TypeVar("T")
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
    """Records are looked at one after another and never changed: nobody waits for the counting."""

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
        field, amounts, people = "whisper_seconds" if measure == "voice" else measure, Counter[str](), set[str]()
        for key, record in self.engine.each():
            if "balance" in record:
                people.add(key)
            if measure == "refs" and record.get("ref_id"):
                amounts[str(record["ref_id"])] += 1
            elif measure != "refs" and record.get(field):
                amounts[key] = int(record[field])
        return self._known((user_id, amounts[str(user_id)]) for user_id in _first(amounts, people, count))

    def dearest(self, count: int, since: date | None = None) -> list[tuple[User, Usage]]:
        """The `count` users who cost most since the beginning or a day; what has no known price comes last."""
        used, people = self._used_since(since) if since else {}, set[str]()
        for key, record in self.engine.each():
            if "balance" in record:
                people.add(key)
                if since is None and record.get("usage"):
                    used[key] = _of_all(record)
        known = [key for key in people & used.keys() if used[key].calls]
        first = sorted(known, key=lambda key: (-used[key].usd, -used[key].unpriced, int(key)))[:count]
        return self._known((int(key), used[key]) for key in first)

    def _known(self, found: Iterable[tuple[int, T]]) -> list[tuple[User, T]]:
        """Each with their user, but for who was deleted in this very moment."""
        users = ((self.user(user_id), amount) for user_id, amount in found)
        return [(user, amount) for user, amount in users if user]

    def _used_since(self, since: date) -> dict[str, Usage]:
        """What each person used, out of the ledger: records hold it by month only."""
        used: dict[str, list[Usage]] = {}
        for entry in self.engine.entries(since.isoformat()):
            if entry.model:
                tokens, unpriced = entry.tokens_in + entry.tokens_out, int(entry.usd is None)
                usage = Usage(1, tokens, entry.seconds, entry.pictures, entry.usd or 0.0, unpriced)
                used.setdefault(str(entry.user), []).append(usage)
        return {user: together(usages) for user, usages in used.items()}

    def totals(self) -> Totals:
        """The sums of all since the beginning; what was used by who is deleted stays in them."""
        everything = self.records["global"]
        return Totals(self.users_count(), *(int(everything.get(name, 0)) for name in COUNTERS))

    def usage(self) -> Days:
        """What was used by everybody, by day and model."""
        return {date.fromisoformat(day): _by_model(models) for day, models in self.engine.days().items()}

    def usage_of(self, user_id: int) -> Days:
        """What one person used, by month (its first day) and model."""
        months = self.records.get(str(user_id), {}).get("usage", {})
        return {date.fromisoformat(f"{month}-01"): _by_model(models) for month, models in months.items()}

    def invited_by(self, user_id: int) -> list[User]:
        """Whom a person invited, in the order of registration."""
        found = self.engine.invited_by(user_id).items()
        return [self._user(int(key), record) for key, record in found if "balance" in record]

    def _people(self, wanted: Callable[[Mapping[str, Any]], bool]) -> list[User]:
        found = ((key, record) for key, record in self.engine.each() if "balance" in record and wanted(record))
        return [self._user(int(key), record) for key, record in found]


def _first(amounts: Counter[str], people: set[str], count: int) -> list[int]:
    """The ids of people with the largest amounts, ties by id."""
    known = [int(key) for key, amount in amounts.items() if amount > 0 and key in people]
    return sorted(known, key=lambda user_id: (-amounts[str(user_id)], user_id))[:count]


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
