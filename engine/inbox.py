"""Updates from their acceptance to their end: nothing is lost, done twice or sent twice, whenever the process ends."""

import logging
import time
from collections.abc import Callable, Set
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

from engine.engine import Engine
from engine.state import Pending, sent_by

log = logging.getLogger(__name__)

Update = dict[str, Any]

PIECE = "piece of"  # among what the deeds of an update gave: the update that it belongs to


class Inbox:
    """The durable list of updates; a number that is not in it stands for no update and changes nothing."""

    def __init__(self, engine: Engine, refusals: tuple[type[Exception], ...] = ()) -> None:
        """`refusals` are the errors of a message that was surely not sent."""
        self._engine, self._refusals = engine, refusals
        self._unsafe: set[int] = set()  # accepted while the disk took nothing
        self._parked: set[int] = set()
        self._pieces: dict[int, list[int]] = {}  # update → those that belong to what it asks

    def begin(self) -> list[Pending]:
        """A new process: who ran when the last one ended is counted; what is to be done again, oldest first."""
        with self._engine.lock:
            pending = sorted(self._engine.state.pending.values(), key=lambda each: each.order)
            for each in pending:
                if first := each.gives.get(PIECE):
                    self._pieces.setdefault(first, []).append(int(each.update["update_id"]))
            if pending:
                self._engine.note({"start": 1})
            return pending

    def accept(self, updates: list[Update]) -> list[Pending]:
        """Put updates on the disk and return those never seen before; raises TypeError for what JSON cannot hold."""
        with self._engine.lock:
            seen, pending = self._engine.state.seen, self._engine.state.pending
            new = {number_of(each): each for each in updates if number_of(each) not in seen}
            number = None
            if new:
                day = datetime.now(self._engine.zone).date().isoformat()
                order = self._engine.state.orders + 1
                number = self._engine.note({"got": list(new.values()), "day": day, "order": order})
            accepted = [pending[update_id] for update_id in new]
        if new and not self._engine.is_kept(number):
            self._unsafe.update(new)
        return accepted

    def confirmable(self, offset: int) -> int:
        """As far as `offset` Telegram may be told that we have its updates: on the disk, or done."""
        if not self._unsafe:
            return offset
        if self._engine.owes_nothing():
            self._unsafe.clear()
        with self._engine.lock:
            self._unsafe &= self._engine.state.pending.keys()
            return min([offset, *self._unsafe])

    @property
    def in_trouble(self) -> bool:
        """Whether there are updates that only the memory holds."""
        return bool(self._unsafe)

    def able(self) -> bool:
        """Whether the disk takes updates."""
        return self._engine.takes_lines()

    def pending(self, update_id: int) -> Pending | None:
        """An update that is not finished, else None."""
        with self._engine.lock:
            return self._engine.state.pending.get(update_id)

    def waiting(self) -> tuple[int, float]:
        """How many updates are not done, and for how many seconds this process has known the oldest of them."""
        with self._engine.lock:
            known = [each.since for each in self._engine.state.pending.values()]
        return len(known), max(0.0, time.time() - min(known)) if known else 0.0

    def pending_message(self, chat_id: int, message_id: int) -> Pending | None:
        """The unfinished update that brought a message, else None."""
        with self._engine.lock:
            everything = list(self._engine.state.pending.values())
        return next((each for each in everything if brought(each.update) == (chat_id, message_id)), None)

    def amend(self, pending: Pending, name: str, value: Any, unless: Set[str] = frozenset()) -> bool:
        """Keep with an unfinished update what came later about it, unless a deed of these names was done for it.

        The newest value stays.
        """
        with self._engine.lock:
            if pending.gives.keys() & unless:
                return False
            self._engine.note({"for": pending.update["update_id"], "gives": {name: value}})
        return True

    def tidy(self) -> None:
        """Nothing: days of seen updates are forgotten as new ones come."""

    def order(self, update_id: int) -> int:
        """The place of an update among all; 0 for none."""
        pending = self.pending(update_id)
        return pending.order if pending else 0

    def newest(self) -> int:
        """The place of the newest update so far."""
        return self._engine.state.orders

    def of_person(self, user_id: int) -> tuple[list[Update], list[Update]]:
        """The updates that a person sent and that are not done, and those set aside."""
        with self._engine.lock:
            waiting = [each.update for each in self._engine.state.pending.values()]
            aside = [each["update"] for each in self._engine.state.aside.values()]
        return [each for each in waiting if sent_by(each, user_id)], [each for each in aside if sent_by(each, user_id)]

    def serving(self, update_id: int) -> AbstractContextManager[None]:
        """A job of an update; nobody else can have taken it over."""
        return nullcontext()

    def hold(self, update_id: int) -> None:
        """One job more works on an update."""
        if pending := self.pending(update_id):
            pending.jobs += 1

    def run(self, update_id: int) -> None:
        """Its handler begins: if the process ends now, this update may be why."""
        pending = self.pending(update_id)
        if pending and not pending.begun:
            self._engine.note({"for": update_id, "begun": 1})

    def let_go(self, update_id: int) -> None:
        """A job has ended; with the last one the update is done, unless it was parked."""
        with self._engine.lock:
            pending = self.pending(update_id)
            if pending is None:
                return
            pending.jobs -= 1
            if pending.jobs <= 0 and update_id not in self._parked:
                self.done(update_id)

    def done(self, update_id: int) -> None:
        """Nothing is to be done for this update and its pieces, or nothing any more."""
        with self._engine.lock:
            if update_id in self._engine.state.pending:
                self._engine.note({"done": [update_id, *self.pieces(update_id)]})
                self._pieces.pop(update_id, None)

    def join(self, update_id: int, first: int) -> None:
        """An update belongs to what `first` asks: they are done, parked and set aside together."""
        with self._engine.lock:
            if update_id not in self.pieces(first):
                self._pieces.setdefault(first, []).append(update_id)
                self._engine.note({"for": update_id, "gives": {PIECE: first}})
            self.hold(update_id)

    def pieces(self, first: int) -> list[int]:
        """The unfinished updates that belong to what `first` asks."""
        with self._engine.lock:
            return [each for each in self._pieces.get(first, ()) if each in self._engine.state.pending]

    def park(self, update_id: int) -> None:
        """The process leaves in good order: the next one goes on with this update."""
        for each in (update_id, *self.pieces(update_id)):
            self._parked.add(each)
            if self.pending(each):
                self._engine.note({"for": each, "parked": 1})

    def set_aside(self, update_id: int, reference: str) -> None:
        """Give an update up that no try could serve; it is kept to be looked at."""
        with self._engine.lock:
            if update_id in self._engine.state.pending:
                self._engine.note({"aside": update_id, "reference": reference, "done": self.pieces(update_id)})
                self._pieces.pop(update_id, None)

    def once(self, update_id: int, key: str, send: Callable[[bool], int]) -> int:
        """Send what `key` names if that was not done for this update; `send` is told whether it may be there already.

        Returns the message id. What Telegram refuses was not sent, and may be tried again.
        """
        pending = self.pending(update_id)
        if pending is None:
            return send(False)
        known = pending.sends.get(key)
        if known:
            return known
        if known is None:
            self._engine.note({"for": update_id, "sends": {key: 0}})
        try:
            message_id = send(known == 0)
        except self._refusals:
            self._engine.note({"for": update_id, "unsent": key})
            raise
        self._engine.note({"for": update_id, "sends": {key: message_id}})
        return message_id

    def was_sent(self, update_id: int, key: str) -> bool:
        """Whether what `key` names surely arrived."""
        pending = self.pending(update_id)
        return bool(pending and pending.sends.get(key))

    def sends(self, update_id: int) -> dict[str, int]:
        """What was sent for an update, as `once` keeps it: message ids, 0 while nobody knows whether that arrived."""
        with self._engine.lock:
            pending = self.pending(update_id)
            return dict(pending.sends) if pending else {}


def number_of(update: Update) -> int:
    """The update_id; raises TypeError for one that no database can hold."""
    if not abs(number := int(update["update_id"])) < 2**63:
        raise TypeError(f"{number} is no update_id")
    return number


def brought(update: Update) -> tuple[Any, Any]:
    """Chat and id of the message in an update; what is malformed brings none."""
    try:
        return update["message"]["chat"]["id"], update["message"]["message_id"]
    except (LookupError, TypeError):
        return None, None
