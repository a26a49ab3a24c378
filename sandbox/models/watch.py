"""Who waits for a slow answer, and whether they are still there: aiohttp tells a handler so only when it writes."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from aiohttp import web

T = TypeVar("T")
LOOK_EVERY = 0.1  # seconds


class Gone(Exception):
    """The client closed the connection."""


class Watch:
    """One timer looks at all waiting clients, so that a thousand of them cost next to nothing."""

    def __init__(self) -> None:
        self._works: dict[asyncio.Future[Any], web.Request] = {}
        self._looking = False

    async def over(self, request: web.Request, work: Awaitable[T]) -> T:
        """The work's result; raises Gone soon after the client has left, and then the work is cancelled."""
        task: asyncio.Future[T] = asyncio.ensure_future(work)
        self._works[task] = request
        if not self._looking:
            self._plan()
        try:
            return await task
        except asyncio.CancelledError:
            if request.transport is None:
                raise Gone from None
            raise
        finally:
            task.cancel()
            del self._works[task]

    def _plan(self) -> None:
        self._looking = True
        asyncio.get_running_loop().call_later(LOOK_EVERY, self._look)

    def _look(self) -> None:
        self._looking = False
        for work, request in self._works.items():
            if request.transport is None:
                work.cancel()
        if self._works:
            self._plan()


WATCH = web.AppKey("model_watch", Watch)
