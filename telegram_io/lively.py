"""How often a chat is shown that work goes on: drafts and chat actions have a budget of their own, counted together."""

import itertools
import math
import threading
import time
from collections import deque
from collections.abc import Callable

# Reported by bot authors: 20 calls in 5 s and 40 in 30 s a chat. Telegram counts arrivals, which bunch up on their way:
# each window is taken half a second longer.
SHORT_SECONDS, SHORT_CALLS = 5.5, 20
LONG_SECONDS, LONG_CALLS = 30.5, 40
# What a growing answer leaves for the beginnings of whole ones, and these for those that have been silent for long.
SPARE, KEPT = 7, 3
SILENT_SECONDS = 7.0


class Lively:
    """The budget of all chats; safe to use from many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._calls: dict[str, deque[float]] = {}  # chat → when it was called for, the longest unused chat first
        self._lock = threading.Lock()

    def take(self, chat: str, spare: bool) -> bool:
        """Whether a call may be made now; it is counted if so. `spare`: nobody would miss this one."""
        now = self._clock()
        with self._lock:
            calls = self._calls.pop(chat, None) or deque(maxlen=LONG_CALLS)
            self._calls[chat] = calls
            self._forget(now)
            is_silent = now - (calls[-1] if calls else -math.inf) > SILENT_SECONDS
            kept = 0 if is_silent else SPARE if spare else KEPT
            if _full(calls, SHORT_CALLS - kept, now - SHORT_SECONDS) or _full(
                calls, LONG_CALLS - kept, now - LONG_SECONDS
            ):
                return False
            calls.append(now)
            return True

    def _forget(self, now: float) -> None:
        for idle in list(itertools.islice(self._calls, 2)):  # two for one: what is kept does not grow
            calls = self._calls[idle]
            if calls and calls[-1] + LONG_SECONDS < now:
                del self._calls[idle]


def _full(calls: deque[float], most: int, since: float) -> bool:
    """Whether so many calls were made since then."""
    return len(calls) >= most and calls[-most] > since
