"""This process among others on one PostgreSQL: whose chats it serves, what the others tell it, which one leads.

With data.json there are no others: then nothing here does anything, and this process leads.
"""

import logging
from collections.abc import Callable
from typing import Literal

from engine.postgres.claims import Claims
from engine.postgres.engine import ERASED, PostgresEngine
from engine.postgres.inbox import SharedInbox
from engine.state import Pending
from intake import Intake
from records import Topic
from storage import Store

log = logging.getLogger(__name__)

Role = Literal["all", "worker", "webhook"]
FORGOTTEN, MOVED, PARTED, STOP = "forgotten", "moved", "parted", "stop"

LAST_DEATH = 25  # an update that so many processes died of is given up


class Elsewhere:
    """In the place of a poller: updates come in by other processes."""

    def start(self) -> None:
        """There is nothing to begin."""

    def stop(self) -> None:
        """Nor to end."""

    def late(self) -> float:
        """Nobody waits for it."""
        return 0.0


class Workers:
    """Started after everything that serves updates, closed before the store."""

    def __init__(self, store: Store, intake: Intake, lanes: int, stop: Callable[[], None]) -> None:
        """At most `lanes` chats are served at once; `stop` is called when the owner has stopped all workers."""
        self._store, self._intake, self._stop = store, intake, stop
        self.parted: Callable[[], None] = lambda: None  # called in the process that leads
        self.outdated: Callable[[], None] = lambda: None  # called when this program is too old for the tables
        engine, inbox = store.engine, store.inbox
        self._claims: Claims | None = None
        if isinstance(engine, PostgresEngine) and isinstance(inbox, SharedInbox):
            self._claims = Claims(engine, inbox, lanes, self._hand_on)
            self._claims.heard = {
                ERASED: self._erased,
                FORGOTTEN: lambda about: store.forget_chain(Topic(*about)),
                MOVED: lambda about: store.know_moved(*about),
                PARTED: lambda _: self._parted(),
                STOP: lambda _: self._leave(),
            }
            self._claims.returned = self._catch_up
            self._claims.outdated = lambda: self.outdated()
            store.forgotten = lambda topic: self._tell(FORGOTTEN, list(topic))
            store.moved = lambda old, new: self._tell(MOVED, [old, new])

    def _tell(self, what: str, about: object = None) -> None:
        if self._claims:
            self._claims.tell(what, about)

    def _erased(self, user_id: int) -> None:
        if isinstance(self._store.engine, PostgresEngine):
            self._store.engine.forget_updates(user_id)
        self._store.forget_chains_of(user_id)

    def _catch_up(self) -> None:
        """News may have been missed; what is to be deleted at a provider is looked for every hour anyway."""
        self._store.catch_up()
        if self._store.engine.together and self._store.engine.together.is_stopped():
            self._leave()

    def _hand_on(self, pending: Pending) -> None:
        if pending.deaths >= LAST_DEATH:
            self._intake.set_aside(pending)
        else:
            self._intake.hand_on(pending)

    def start(self) -> None:
        """Serve chats from now on."""
        if self._claims:
            self._claims.start()

    def rest(self) -> None:
        """Begin nothing any more."""
        if self._claims:
            self._claims.stop()

    def close(self) -> None:
        """Leave what is not done to the others."""
        if self._claims:
            self._claims.close()

    def late(self) -> float:
        """Seconds since new work was last looked for; 0.0 where nobody looks."""
        return self._claims.late() if self._claims else 0.0

    def leads(self) -> bool:
        """Whether what is done once for all workers is done by this one."""
        return self._claims is None or self._claims.leads

    def count(self) -> int:
        """How many processes serve chats."""
        return self._claims.workers() if self._claims else 1

    def part(self) -> None:
        """There is something to be deleted at a provider: the one that leads does it."""
        if self.leads():
            self.parted()
        else:
            self._tell(PARTED)

    def _parted(self) -> None:
        """Another process has told so; to tell it on would never end."""
        if self.leads():
            self.parted()

    def stop_all(self) -> None:
        """The owner has stopped the bot: every process of it leaves."""
        if self._store.engine.together:
            self._store.engine.together.stop()
        self._tell(STOP)
        self._leave()

    def _leave(self) -> None:
        """Whoever leaves first gives back what it has not done: nobody who leaves too takes it on."""
        self.rest()
        self._stop()
