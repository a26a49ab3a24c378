"""What happened in a world, numbered, for the page and the tests to follow."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any

KEPT_EVENTS = 50_000


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; `number` grows by one from 1 within a world."""

    number: int
    kind: str
    data: dict[str, Any]

    def wire(self) -> dict[str, Any]:
        """The event as JSON: its fields beside `event_id` and `type`."""
        return {"event_id": self.number, "type": self.kind, **self.data}


class Events:
    """A ring of the latest events; whoever is slower than the ring misses the oldest."""

    def __init__(self) -> None:
        self.last = 0
        self._ring: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self._waiting: set[asyncio.Future[None]] = set()

    def add(self, kind: str, **data: Any) -> None:
        """Number the event and wake all who wait."""
        self.last += 1
        self._ring.append(Event(self.last, kind, data))
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    def since(self, after: int, calls: bool = False) -> list[Event]:
        """Events with a number above `after`, oldest first; calls of the bot and its webhook only when asked for."""
        missed = min(self.last - after, len(self._ring))
        newest = [self._ring[-back] for back in range(missed, 0, -1)] if missed > 0 else []
        return newest if calls else [event for event in newest if event.kind not in ("call", "delivery")]

    async def wait(self, after: int, seconds: float, calls: bool = False) -> list[Event]:
        """Like `since`, but waits up to `seconds` until there is at least one."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while not (found := self.since(after, calls)) and loop.time() < deadline:
            waiting: asyncio.Future[None] = loop.create_future()
            self._waiting.add(waiting)
            try:
                await asyncio.wait_for(waiting, deadline - loop.time())
            except TimeoutError:
                break
            finally:
                self._waiting.discard(waiting)
        return found
