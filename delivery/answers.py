"""All answers under way at once: what keeps them moving, and what cuts them."""

import logging
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Literal

from delivery.screen import Screen

log = logging.getLogger(__name__)

TICK_SECONDS = 0.05  # edits that are due take turns with all messages of the bot: one a tick at most is shown


@dataclass(frozen=True)
class _Growing:
    """An answer under way: whose it is, how to cut it, and when it must be cut at the latest (monotonic seconds)."""

    asker: int
    cut: Callable[[str], object]
    latest: float


class Answers:
    """All answers under way: one clock and a few threads keep them moving on the screens; any of them can be cut."""

    def __init__(self, threads: int = 48) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="screen")
        self._growing: dict[Screen, _Growing] = {}
        self._busy: set[Screen] = set()
        self._later: dict[Hashable, tuple[float, Callable[[], object]]] = {}
        self._leaving = ""
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._clock = threading.Thread(target=self._run, name="screens", daemon=True)
        self._clock.start()

    @contextmanager
    def growing(self, screen: Screen, asker: int, cut: Callable[[str], object], seconds: float) -> Iterator[None]:
        """Keep a screen moving inside the block; `cut` is called with "total" after so many seconds."""
        with self._lock:
            self._growing[screen] = _Growing(asker, cut, screen.started + seconds)
        if self._leaving:
            cut(self._leaving)
        try:
            yield
        finally:
            with self._lock:
                del self._growing[screen]
            screen.close()

    def later(self, key: Hashable, seconds: float, job: Callable[[], object]) -> None:
        """Do what no answer waits for in so many seconds; what comes under the same key until then takes its place."""
        with self._lock:
            self._later[key] = time.monotonic() + seconds, job

    def stop(self, chat_id: int, identity: int, person_id: int) -> Literal["cut", "gone", "foreign"]:
        """Cut the answer with this draft or message id, if this person asked for it."""
        with self._lock:
            found = [
                (screen, growing)
                for screen, growing in self._growing.items()
                if screen.place.chat_id == chat_id and identity and identity in (screen.draft_id, screen.message_id)
            ]
        for _, growing in found:
            if growing.asker != person_id:
                return "foreign"
            growing.cut("stop")
            return "cut"
        return "gone"

    def cut_all(self, reason: str) -> None:
        """Cut every answer under way, and every later one as soon as it begins."""
        self._leaving = reason
        with self._lock:
            under_way = list(self._growing.values())
        for growing in under_way:
            growing.cut(reason)

    def _run(self) -> None:
        while not self._over.wait(TICK_SECONDS):
            with self._lock:
                under_way = list(self._growing.items())
                now = time.monotonic()
                jobs = [self._later.pop(key)[1] for key, (due, _) in list(self._later.items()) if due <= now]
            for job in jobs:
                self._submit(job)
            for _, growing in under_way:
                if now > growing.latest:
                    growing.cut("total")
            due = [screen for screen, _ in under_way if screen not in self._busy and screen.due(now)]
            for screen in sorted(due, key=lambda screen: screen.last_words):  # there may not be turns for all
                self._busy.add(screen)
                self._submit(partial(self._beat, screen))

    def _submit(self, job: Callable[[], object]) -> None:
        try:
            self._pool.submit(job)
        except RuntimeError as error:  # no thread to be had: the pool keeps it for the next that is free
            log.warning("short of threads: %s", error)

    def _beat(self, screen: Screen) -> None:
        try:
            screen.beat()
        except Exception:
            log.exception("a growing answer could not be shown")
        finally:
            self._busy.discard(screen)

    def close(self) -> None:
        """Stop the clock."""
        self._over.set()
        self._clock.join()
        self._pool.shutdown(wait=False, cancel_futures=True)
