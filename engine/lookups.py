"""What can be asked of the records in memory; each answer is of one moment, and nobody waits for who looks at it."""

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from engine.changes import Record
from engine.ledger import Entry, Ledger
from engine.state import PAYMENTS, State


class Lookups:
    """Questions to the state; records are replaced, never changed, so that a copy of the dict is a copy of all."""

    state: State
    ledger: Ledger
    lock: threading.Condition

    @property
    def records(self) -> Mapping[str, Mapping[str, Any]]:
        """All records by key, to be looked at under the lock and never changed."""
        return self.state.records

    def moment(self) -> dict[str, Record]:
        """All records as they are now."""
        with self.lock:
            return dict(self.state.records)

    def each(self) -> Iterator[tuple[str, Record]]:
        """All records under their keys, one after another, for who needs few of them in the end."""
        return iter(self.moment().items())

    def everything(self) -> dict[str, Record]:
        """The same, whole, as data.json has them."""
        return self.moment()

    def history(self, key: str) -> list[Record]:
        """What was said under a key, oldest first."""
        history: list[Record] = self.state.records.get(key, {}).get("history", [])
        return history

    def history_sizes(self, user_id: int | None = None) -> list[tuple[str, int, int]]:
        """Key, messages and characters of each history: a person's own and those they are quoted in, or all."""
        held = {key: record["history"] for key, record in self.moment().items() if record.get("history")}
        return [
            (key, len(history), sum(len(said["content"]) for said in history))
            for key, history in held.items()
            if user_id is None or key.split("/")[0] == str(user_id) or _quotes(history, user_id)
        ]

    def under(self, chat_id: int) -> list[str]:
        """The keys of a chat's topics."""
        return [key for key in self.moment() if key.startswith(f"{chat_id}/")]

    def topics_with(self, user_id: int) -> list[str]:
        """The keys of a person's own records, and of those that hold words or files of theirs."""
        own = str(user_id)
        return [key for key, record in self.moment().items() if key.split("/")[0] == own or _speaks_in(record, user_id)]

    def having(self, field: str) -> dict[str, Record]:
        """The records that have a field."""
        return {key: record for key, record in self.moment().items() if field in record}

    def named(self, username: str) -> dict[str, Record]:
        """The records with a @username, in any case."""
        wanted = username.lower()
        return {key: record for key, record in self.moment().items() if _username(record) == wanted}

    def invited_by(self, user_id: int) -> dict[str, Record]:
        """The records of whom a person has invited."""
        return {key: each for key, each in self.moment().items() if str(each.get("ref_id")) == str(user_id)}

    def people_count(self) -> int:
        """How many people have a wallet."""
        return sum("balance" in record for record in self.moment().values())

    def days(self, since: str = "") -> dict[str, dict[str, Any]]:
        """What was used by everybody, by day (YYYY-MM-DD) and model, from a day on."""
        usage = self.state.records["global"].get("usage", {})
        return {day: models for day, models in usage.items() if day >= since}

    def is_deleted(self, remains: str) -> bool:
        """Whether a person was deleted of whom this is left."""
        return remains in self.state.records["global"].get("deleted", ())

    def payments_of(self, user_id: int) -> dict[str, Record]:
        """What a person has paid, by its charge, oldest first."""
        payments = self.state.records.get(PAYMENTS, {})
        return {charge: paid for charge, paid in payments.items() if paid["user"] == user_id}

    def entries(self, since: str = "") -> Iterator[Entry]:
        """The ledger from a day (YYYY-MM-DD) on, oldest first."""
        with self.lock:
            waiting, redactions = list(self.state.entries), self.state.redactions
        return self.ledger.everything(waiting, redactions, since)


def _quotes(history: list[Record], user_id: int) -> bool:
    return any(said.get("from") == user_id for said in history)


def _speaks_in(record: Record, user_id: int) -> bool:
    """Whether a record holds something that a person said, asked or sent."""
    sent = record.get("attachment", {}).get("from") == user_id
    asked = any(past["asked_by"] == user_id for past in record.get("past_questions", ()))
    return sent or asked or _quotes(record.get("history", []), user_id)


def _username(record: Record) -> str:
    return str(record.get("username", "")).lower()
