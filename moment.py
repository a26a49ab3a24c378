"""The figures of this moment: the one place where /status and the metrics ask for them."""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from lanes import Lanes
from logs import ErrorTimes
from storage import Store

HOUR_SECONDS = 3600.0


class Work(NamedTuple):
    """How many chats are served, and how many jobs wait behind others of their chats."""

    running: int
    waiting: int


class Backlog(NamedTuple):
    """How many updates are accepted and not done; for how many seconds the oldest of them has been, 0 without any."""

    updates: int
    oldest: float


class Moment:
    """Asks the parts that know; of this process, where several share the work."""

    def __init__(self, lanes: Sequence[Lanes], store: Store, errors: ErrorTimes) -> None:
        """Those named "answer" are for models."""
        self._lanes, self._store, self._errors = lanes, store, errors
        self.started = time.time()
        self.processes: Callable[[], int] = lambda: 1  # that share the work

    def work(self) -> dict[str, Work]:
        """What goes on in each kind of lanes."""
        return {each.name: Work(each.running(), each.waiting()) for each in self._lanes}

    def answering(self) -> Work:
        """Chats that are answered by models, and the messages that wait there."""
        return self.work()["answer"]

    def backlog(self) -> Backlog | None:
        """The inbox; None while the database is away."""
        found = self._store.inbox.waiting()
        return Backlog(*found) if found else None

    def errors(self) -> int:
        """Logged since the start."""
        return self._errors.count

    def errors_last_hour(self) -> int:
        """Of the newest thousand."""
        return self._errors.within(HOUR_SECONDS)
