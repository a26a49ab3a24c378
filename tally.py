"""What each update comes to: a line in the log when it is done, and figures for whoever counts; never any words."""

import hashlib
import hmac
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Literal

from incoming import Incoming
from records import Bill

log = logging.getLogger(__name__)

ALIAS_LETTERS = 12  # hexadecimal: two of a million chats share a name once in 500 times

End = Literal["ok", "refused", "failed", "error", "away", "parked", "joined", "ignored", "lost"]
"""Served; said no; a model gave nothing; the bot broke; the chat can't be written to; for the next process; a piece of
another question; not meant for the bot; left to another process."""


@dataclass(frozen=True, slots=True)
class Served:
    """An update that is done: `seconds` since it was taken up; `usd` is None where a price is unknown."""

    update: int
    chat: str  # a name that tells nobody which chat it is
    command: str  # or kind: one of a few, whatever people type
    model: str  # several stand side by side; "" for none
    seconds: float
    tokens_in: int
    tokens_out: int
    usd: float | None
    outcome: str  # an `End`, and why

    @property
    def end(self) -> str:
        return self.outcome.partition(":")[0]


@dataclass(slots=True)
class _Open:
    """An update that is served."""

    chat_id: int
    command: str
    began: float  # monotonic seconds
    jobs: int = 0
    models: list[str] = field(default_factory=list)
    tokens_in: int = 0
    tokens_out: int = 0
    usd: float | None = 0.0
    outcome: str = "ok"


class Tally:
    """Told of each step from many threads; an update that it does not know counts for nothing."""

    def __init__(self, key: bytes) -> None:
        """With `key` chats are named so that without it nobody can tell which they are."""
        self._key = key
        self.served: Callable[[Served], None] = lambda served: None  # told of each
        self.paid: Callable[[Bill], None] = lambda bill: None  # told of each call of a model
        self.answer: Callable[[str, float, float], None] = lambda model, first, whole: None  # model, seconds
        self._open: dict[int, _Open] = {}
        self._lock = threading.Lock()

    def begin(self, incoming: Incoming) -> None:
        """A job works on an update."""
        kind = incoming.content if incoming.kind == "message" else incoming.kind
        with self._lock:
            update = self._open.setdefault(incoming.update_id, _Open(incoming.chat_id, kind, time.monotonic()))
            update.jobs += 1

    def hold(self, update_id: int) -> None:
        """One job more does."""
        with self._lock:
            if update := self._open.get(update_id):
                update.jobs += 1

    def let_go(self, update_id: int) -> None:
        """A job has ended; with the last one the update is done, and the log says how."""
        with self._lock:
            update = self._open.get(update_id)
            if update is None:
                return
            update.jobs -= 1
            if update.jobs > 0:
                return
            del self._open[update_id]
        self._say(update_id, update)

    def drop(self, update_id: int) -> None:
        """An update is nobody's business here any more."""
        with self._lock:
            self._open.pop(update_id, None)

    def names(self, update_id: int, command: str) -> None:
        """An update is a command or a button of the table."""
        if update := self._open.get(update_id):
            update.command = command

    def ends(self, update_id: int, end: End, why: str = "", model: str = "") -> None:
        """An update ends so; `why` is a word of ours."""
        if update := self._open.get(update_id):
            update.outcome = f"{end}: {why}" if why else end
            if model and model not in update.models:
                update.models.append(model)

    def pays(self, update_id: int, bill: Bill) -> None:
        """A model was called for an update, also one that is done already."""
        self.paid(bill)
        with self._lock:
            if update := self._open.get(update_id):
                update.models += [] if bill.model in update.models else [bill.model]
                update.tokens_in += bill.tokens_in
                update.tokens_out += bill.tokens_out
                update.usd = None if update.usd is None or bill.usd is None else update.usd + bill.usd

    def answers(self, update_id: int, model: str, first_word: float) -> None:
        """A model's answer stands in its chat; its first word did at `first_word` (monotonic), 0: only now."""
        if update := self._open.get(update_id):
            now = time.monotonic()
            self.answer(model, max(0.0, (first_word or now) - update.began), now - update.began)

    def alias(self, chat_id: int) -> str:
        """A short name, always the same for a chat."""
        return hmac.new(self._key, str(chat_id).encode(), hashlib.sha256).hexdigest()[:ALIAS_LETTERS]

    def _say(self, update_id: int, update: _Open) -> None:
        served = Served(
            update_id,
            self.alias(update.chat_id),
            update.command,
            ", ".join(update.models),
            round(time.monotonic() - update.began, 3),
            update.tokens_in,
            update.tokens_out,
            None if update.usd is None else round(update.usd, 9),
            update.outcome,
        )
        log.info("%s", _line(served), extra={"fields": asdict(served)})
        self.served(served)


def _line(served: Served) -> str:
    used = [served.model, f"{served.seconds:.2f} s"]
    if served.model:
        cost = "price unknown" if served.usd is None else f"${served.usd:.6f}"
        used += [f"{served.tokens_in} tokens in, {served.tokens_out} out", cost]
    shown = ", ".join(filter(None, [served.command, *used, served.outcome]))
    return f"update {served.update} of chat {served.chat}: {shown}"
