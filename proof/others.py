"""People who want something short while something else goes on, and how long they wait for it."""

import itertools
import time

from proof.stage import Stage
from proof.trial import must

ASKED_EVERY = 0.4  # seconds between two questions of other people
P95_SECONDS = 2.0  # of their waiting


class Others:
    """They ask one after another; nobody of them may take part in what goes on."""

    def __init__(self, stage: Stage, people: range) -> None:
        self._stage, self._turn = stage, itertools.cycle(people)
        self._asked: dict[int, float] = {}
        self._waited: list[float] = []
        self._next = time.monotonic()

    def live(self, until: float) -> None:
        """Ask what is due and look for answers up to a moment; at least once."""
        while True:
            now = time.monotonic()
            if now >= self._next and (user := next(self._turn)) not in self._asked:
                self._asked[user], self._next = now, now + ASKED_EVERY
                self._stage.world.send("/balance", user=user)
            self._stage.listen(max(0.0, min(until, self._next) - time.monotonic()))
            for user in self._asked.keys() & self._stage.answered:
                self._waited.append(time.monotonic() - self._asked.pop(user))
            self._stage.answered.clear()
            if time.monotonic() >= until:
                return

    def p95(self) -> float:
        """Seconds that all but one in twenty waited at most; who still waits counts as having waited until now."""
        waited = sorted([*self._waited, *(time.monotonic() - asked for asked in self._asked.values())])
        return waited[int(len(waited) * 0.95)] if waited else 0.0

    def check(self, meanwhile: str) -> None:
        """Nobody may have been held up."""
        must(self._waited, f"{meanwhile}: nobody else was answered at all")
        must(self.p95() < P95_SECONDS, f"{meanwhile}: others' p95 was {self.p95():.1f} s")
