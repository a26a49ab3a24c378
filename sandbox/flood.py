"""Telegram's flood limits, off until asked for.

https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from typing import Final

from sandbox.refusal import too_many_requests

Window = tuple[int, float]  # at most so many calls in so many seconds

OVERALL: Final[tuple[Window, ...]] = ((30, 1.0),)
A_CHAT: Final[tuple[Window, ...]] = ((5, 5.0), (60, 60.0))  # about one a second, short bursts forgiven
A_GROUP: Final[tuple[Window, ...]] = ((20, 60.0),)
LIVELY: Final[tuple[Window, ...]] = ((20, 5.0), (40, 30.0))  # drafts and chat actions, as reported by bot authors
_LIVELY_METHODS: Final = frozenset({"sendmessagedraft", "sendrichmessagedraft", "sendchataction"})


class Flood:
    """Counts calls in sliding windows; `check` raises the 429 a too hasty bot gets."""

    def __init__(self) -> None:
        self.on = False
        self._times: dict[tuple[str, str], deque[float]] = defaultdict(lambda: deque(maxlen=64))

    def check(self, method: str, chat_id: str | None) -> None:
        """Count this call (a lower-case method name), or raise a 429 that says how many seconds to wait."""
        if not self.on or chat_id is None or not method.startswith(("send", "edit", "copy", "forward")):
            return
        lively = method in _LIVELY_METHODS
        rules = [(("lively", chat_id), LIVELY)] if lively else [(("chat", chat_id), A_CHAT), (("all", ""), OVERALL)]
        if not lively and chat_id.startswith("-"):
            rules[0] = (("group", chat_id), A_GROUP)
        now = time.monotonic()
        pause = max(self._pause(key, windows, now) for key, windows in rules)
        if pause > 0:
            raise too_many_requests(math.ceil(pause))
        for key, _ in rules:
            self._times[key].append(now)

    def _pause(self, key: tuple[str, str], windows: tuple[Window, ...], now: float) -> float:
        times = self._times[key]
        full = [times[-most] + seconds - now for most, seconds in windows if len(times) >= most]
        return max(full, default=0.0)
