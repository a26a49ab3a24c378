"""The order of work: one lane per chat, many lanes at once; a lane runs its jobs one after another."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

log = logging.getLogger(__name__)

Job = Callable[[], None]


class LaneFullError(Exception):
    """The lane already has as many waiting jobs as it may; `refused` counts what it turned away since it last took."""

    def __init__(self, refused: int) -> None:
        super().__init__(f"full, {refused} refused")
        self.refused = refused


class Lanes:
    """Order inside a lane, and nobody in another lane waits for it; a job that raises is logged and over."""

    def __init__(self, name: str, threads: int) -> None:
        self.name = name
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._lanes: dict[int, deque[Job]] = {}
        self._refused: dict[int, int] = {}
        self._changed = threading.Condition()
        self._closed = False

    def put(self, lane_id: int, job: Job, limit: int | None = None) -> None:
        """Run `job` after everything already in its lane; `LaneFullError` when `limit` others wait."""
        with self._changed:
            if self._closed:
                return
            waiting = self._lanes.get(lane_id)
            if waiting is None:
                self._lanes[lane_id] = deque()
                self._submit(lane_id, job)
            elif limit is not None and len(waiting) >= limit:
                self._refused[lane_id] = self._refused.get(lane_id, 0) + 1
                raise LaneFullError(self._refused[lane_id])
            else:
                waiting.append(job)
                self._refused.pop(lane_id, None)

    def _submit(self, lane_id: int, job: Job) -> None:
        try:
            self._pool.submit(self._run, lane_id, job)
        except RuntimeError as error:  # no thread to be had: the pool keeps the job for the next that is free
            log.warning("short of threads: %s", error)

    def _run(self, lane_id: int, job: Job) -> None:
        """Work a lane off: the thread stays until nothing is left, so that nothing can overtake."""
        following: Job | None = job
        while following is not None:
            try:
                following()
            except BaseException:  # whatever it is, those behind it must not wait for ever
                log.exception("a job failed")
            with self._changed:
                waiting = self._lanes[lane_id]
                following = waiting.popleft() if waiting else None
                if following is None:
                    del self._lanes[lane_id]
                    self._refused.pop(lane_id, None)
                    self._changed.notify_all()

    def running(self) -> int:
        """How many lanes have work."""
        with self._changed:
            return len(self._lanes)

    def waiting(self) -> int:
        """How many jobs wait behind others of their lanes."""
        with self._changed:
            return sum(len(lane) for lane in self._lanes.values())

    def wait_idle(self, seconds: float) -> bool:
        """Wait until no lane has work; False when it took longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._lanes, seconds)

    def close(self) -> None:
        """Take nothing more, silently; threads end with their work."""
        with self._changed:
            self._closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)
