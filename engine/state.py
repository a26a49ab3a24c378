"""Everything the bot knows, in memory: records, updates not finished, updates seen; changed only by journal lines."""

import hashlib
import hmac
import time
import zlib
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine import usage
from engine.journal import Line
from engine.ledger import Redaction

Records = dict[str, dict[str, Any]]

SERVICE = ("inbox", "aside")  # records of data.json that belong to no chat
TURNED_AWAY = "turned_away"  # the record of who was told today that they may not use the bot, as keyed hashes
PAYMENTS = "payments"  # the record of all payments in Stars, by their telegram_payment_charge_id
LEFT = "to_delete_at_provider"  # the record of all that nobody goes on from, by its id there
WIDE = (PAYMENTS, TURNED_AWAY, LEFT)  # records with very many fields, which a database has as rows of their own
KEPT_DAYS = 3  # Telegram offers an update again for 24 hours. https://core.telegram.org/bots/api#getupdates
KEPT_ASIDE = 20  # updates set aside that are kept to be looked at

# Fields of `global` that are not sums.
BOOKKEEPING = ("journal", "seen", "deleted", "deletion_key", "schema")


@dataclass(slots=True)
class Pending:
    """An update that was accepted and is not finished.

    `order` grows in the order of acceptance. `gives` holds what its deeds returned: run again, they return the same
    and do nothing. `sends` holds the message ids of what it sent, 0 while nobody knows whether that arrived.
    """

    update: dict[str, Any]
    order: int
    begun: bool = False
    deaths: int = 0  # how often the process ended while it ran, since something was last sent for it
    gives: dict[str, Any] = field(default_factory=dict)
    sends: dict[str, int] = field(default_factory=dict)
    jobs: int = 0  # of this process that work on it
    replayed: bool = False  # accepted by an earlier process
    since: float = field(default_factory=time.time)  # when this process came to know of it
    chat: int = 0  # whose lock this process holds for it, where there are many


class Seen:
    """Ids of accepted updates, as ranges by day: Telegram may start the numbers anew after a quiet week."""

    def __init__(self, days: dict[str, list[list[int]]] | None = None) -> None:
        self.days = days or {}

    def __contains__(self, update_id: int) -> bool:
        for ranges in self.days.values():
            place = bisect_right(ranges, update_id, key=lambda each: each[0]) - 1
            if place >= 0 and update_id <= ranges[place][1]:
                return True
        return False

    def add(self, update_id: int, day: str) -> None:
        """Remember an id; days before the last three are forgotten."""
        if day not in self.days:
            self.days[day] = []
            for old in sorted(set(self.days) - {day})[: 1 - KEPT_DAYS]:
                del self.days[old]
        ranges = self.days.get(day, [])
        place = bisect_right(ranges, update_id, key=lambda each: each[0])
        if place and ranges[place - 1][1] >= update_id - 1:
            ranges[place - 1][1] = max(ranges[place - 1][1], update_id)
        else:
            ranges.insert(place, [update_id, update_id])


class Erased(NamedTuple):
    """A person who was taken out, and the updates that went with them, kept until the ledger is redacted."""

    redaction: Redaction
    pending: dict[int, Pending]
    aside: dict[str, Any]
    receiver_of: dict[int, tuple[dict[str, Any], dict[str, int]]]  # announcements as they were with this receiver


class State:
    """Applies lines. Records are replaced, never changed in place, so that a copy of the dict is a copy of all."""

    def __init__(self, records: Records) -> None:
        """From what data.json holds; raises ValueError when the number of its last line was changed."""
        inbox = records.pop("inbox", {})
        self.aside: dict[str, Any] = records.pop("aside", {})
        self.records = records
        everything = records.setdefault("global", {})
        self.number = _number(everything.pop("journal", 0))
        self.seen = Seen(everything.pop("seen", None))
        self.pending = {int(key): Pending(**each) for key, each in inbox.items()}
        self.entries: list[dict[str, Any]] = []  # of the ledger, not yet in its files
        self.erased: list[Erased] = []  # not yet out of the ledger
        self.migrated = False  # made of what an earlier version kept, and not written since
        # Every update that is done took a line of its own: no order so far is above this.
        self.orders = max([self.number + len(self.pending), *(each.order for each in self.pending.values())])

    def snapshot(self) -> Records:
        """What data.json is to hold; the records themselves are shared, not copied."""
        seen = {day: [list(each) for each in ranges] for day, ranges in self.seen.days.items()}
        everything = {**self.records["global"], "journal": sealed_number(self.number), "seen": seen}
        whole = {"global": everything, **{key: each for key, each in self.records.items() if key != "global"}}
        if self.pending:
            whole["inbox"] = {str(key): as_kept(each) for key, each in self.pending.items()}
        if self.aside:
            whole["aside"] = dict(self.aside)
        return whole

    @property
    def redactions(self) -> list[Redaction]:
        """What the files of the ledger may not show any more."""
        return [each.redaction for each in self.erased]

    def apply(self, number: int, line: Line) -> dict[str, dict[str, Any] | None]:
        """Make what a line says true; the records it replaced, None for those that were not there."""
        self.number = number
        before = {key: self.records.get(key) for key in _touched(line)}
        for key, patch in line.get("set", {}).items():
            self._set(key, patch)
        for key, (dropped, messages, *replaced) in line.get("said", {}).items():
            record = self.records.get(key, {})
            old = record.get("history", ())
            self.records[key] = {**record, "history": [*old[dropped : len(old) - sum(replaced)], *messages]}
        entries = [{"n": number, "k": place, **entry} for place, entry in enumerate(line.get("ledger", ()))]
        self.entries += entries
        for entry in entries if "usage" in self.records["global"] else ():  # else they are all counted by a migration
            usage.add(self.records, entry)
        if "move" in line:
            before = self._move(*line["move"]) | before
        if "erase" in line:
            before = self._erase(int(line["erase"]), line["as"]) | before
        self._apply_to_inbox(line)
        return before

    def _set(self, key: str, patch: dict[str, Any]) -> None:
        record = {**self.records.get(key, {}), **patch}
        for name in [name for name, value in patch.items() if value is None]:
            del record[name]
        self.records[key] = record

    def _apply_to_inbox(self, line: Line) -> None:
        for place, update in enumerate(line.get("got", ())):
            self._accept(update, line["order"] + place, line["day"])
        pending = self.pending.get(line.get("for", 0))
        if pending is not None:
            pending.gives |= line.get("gives", {})
            pending.sends |= line.get("sends", {})
            if any(line.get("sends", {}).values()):  # what gets on does not bring the process down
                pending.deaths = 0
            if "unsent" in line:
                pending.sends.pop(line["unsent"], None)
            pending.begun = (pending.begun or "begun" in line) and "parked" not in line
        for update_id in line.get("done", ()):
            self.pending.pop(update_id, None)
        for each in self.pending.values() if "start" in line else ():
            each.deaths += each.begun
            each.begun = False
        if "aside" in line and (poison := self.pending.pop(int(line["aside"]), None)):
            self.aside[str(line["aside"])] = {"reference": line["reference"], "update": poison.update}
            for old in list(self.aside)[:-KEPT_ASIDE]:
                del self.aside[old]

    def _accept(self, update: dict[str, Any], order: int, day: str) -> None:
        update_id = int(update["update_id"])
        self.seen.add(update_id, day)
        self.pending[update_id] = Pending(update, order)
        self.orders = order

    def take_back(self, before: dict[str, dict[str, Any] | None], line: Line, after: int) -> None:
        """Undo a deed: put its records back, forget what it gave and all of the ledger `after` this number."""
        for erased in [each for each in self.erased if each.redaction.number > after]:
            self.erased.remove(erased)
            self.pending |= erased.pending
            self.aside |= erased.aside
            for update_id, (gives, sends) in erased.receiver_of.items():
                self.pending[update_id].gives, self.pending[update_id].sends = gives, sends
        if pending := self.pending.get(line.get("for", 0)):
            for deed in line["gives"]:
                pending.gives.pop(deed, None)
        for key, record in before.items():
            if record is None:
                self.records.pop(key, None)
            else:
                self.records[key] = record
        self.entries = [entry for entry in self.entries if entry["n"] <= after]

    def _move(self, old: int, new: int) -> dict[str, dict[str, Any] | None]:
        """Give a chat's records a new name; returns the records as they were, under both."""
        before: dict[str, dict[str, Any] | None] = {}
        for key in [key for key in self.records if key == str(old) or key.startswith(f"{old}/")]:
            moved = str(new) + key.removeprefix(str(old))
            before[key], before[moved] = self.records[key], self.records.get(moved)
            self.records[moved] = self.records.pop(key) | self.records.get(moved, {})
        return before

    def _erase(self, user_id: int, remains: str) -> dict[str, dict[str, Any] | None]:
        """Take a person out of everything; returns the records as they were."""
        pending = {key: each for key, each in self.pending.items() if sent_by(each.update, user_id)}
        aside = {key: each for key, each in self.aside.items() if sent_by(each["update"], user_id)}
        self.pending = {key: each for key, each in self.pending.items() if key not in pending}
        self.aside = {key: each for key, each in self.aside.items() if key not in aside}
        kept = {key: (each.gives, each.sends) for key, each in self.pending.items() if _brings_to(each, user_id)}
        for each in map(self.pending.__getitem__, kept):
            each.gives, each.sends = _without_receiver(each, user_id)
        self.erased.append(Erased(Redaction(user_id, remains, self.number), pending, aside, kept))
        return erase_person(self.records, user_id, remains) | self._remember(remains)

    def _remember(self, remains: str) -> dict[str, dict[str, Any] | None]:
        """Keep what is left of a deleted id; returns the record as it was."""
        before = self.records["global"]
        self.records["global"] = {**before, "deleted": list(dict.fromkeys([*before.get("deleted", ()), remains]))}
        return {"global": before}


def _brings_to(pending: Pending, user_id: int) -> bool:
    """Whether an update that is not done writes to a person: an announcement on its way."""
    return "announce" in pending.gives and user_id in pending.gives["announce"][1]


def _without_receiver(pending: Pending, user_id: int) -> tuple[dict[str, Any], dict[str, int]]:
    preview, receivers = pending.gives["announce"]
    left = {"announce": [preview, [each for each in receivers if each != user_id]]}
    return pending.gives | left, {key: sent for key, sent in pending.sends.items() if key != f"to {user_id}"}


def sealed_number(number: int) -> str:
    """The number of the last line that data.json holds: one digit changed by hand would hide lines of the journal."""
    return f"{number}-{zlib.crc32(str(number).encode()):08x}"


def _number(sealed: str | int) -> int:
    number = int(str(sealed).partition("-")[0])
    if number and sealed != sealed_number(number):
        raise ValueError('"journal" does not fit its checksum')
    return number


def remains(key: str, user_id: int) -> str:
    """What is kept of a deleted id: a keyed hash, enough to know it again, too little to find it."""
    return hmac.new(bytes.fromhex(key), str(user_id).encode(), hashlib.sha256).hexdigest()[:32]


def _touched(line: Line) -> Iterable[str]:
    return {*line.get("set", ()), *line.get("said", ()), *usage.touched(line.get("ledger", ()))}


def as_kept(pending: Pending) -> dict[str, Any]:
    """A pending update as data.json holds it."""
    return {
        "update": pending.update,
        "order": pending.order,
        "begun": pending.begun,
        "deaths": pending.deaths,
        "gives": dict(pending.gives),
        "sends": dict(pending.sends),
    }


def erase_person(records: Records, user_id: int, remains: str) -> dict[str, dict[str, Any] | None]:
    """Take a person's records and words out, and their id out of what they paid; returns the records as they were."""
    own = str(user_id)
    before: dict[str, dict[str, Any] | None] = {}
    for key, record in list(records.items()):
        if key == own or key.startswith(f"{own}/"):
            before[key] = records.pop(key)
        elif key == PAYMENTS:
            before[key], records[key] = (
                record,
                {name: unnamed(each, user_id, remains) for name, each in record.items()},
            )
        elif (cleaned := without(record, user_id)) is not record:
            before[key], records[key] = record, cleaned
    return before


def without(record: dict[str, Any], user_id: int) -> dict[str, Any]:
    """A record without what a person said in it or was for it; the same record when there is nothing of them."""
    history = record.get("history", ())
    left = [said for said in history if said.get("from") != user_id]
    changed = dict(record, history=left) if len(left) != len(history) else record
    questions = record.get("past_questions", ())
    asked = [past for past in questions if past["asked_by"] != user_id]
    changed = dict(changed, past_questions=asked) if len(asked) != len(questions) else changed
    theirs = ["attachment"] if changed.get("attachment", {}).get("from") == user_id else []
    theirs += ["ref_id"] if changed.get("ref_id") == user_id else []
    return {name: value for name, value in changed.items() if name not in theirs} if theirs else changed


def unnamed(payment: Any, user_id: int, remains: str) -> Any:
    """A payment with what is left of its payer in the place of the id."""
    return {**payment, "user": remains} if payment.get("user") == user_id else payment


def sent_by(update: dict[str, Any], user_id: int) -> bool:
    """Whether a person sent an update, or it came in their private chat."""
    parts = [part for part in update.values() if isinstance(part, dict)]
    about = [part.get(name) for part in parts for name in ("from", "chat")]
    return any(isinstance(each, dict) and each.get("id") == user_id for each in about)
