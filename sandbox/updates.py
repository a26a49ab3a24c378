"""The queue of updates of one bot: confirmed by a later offset, delivered again until then.

https://core.telegram.org/bots/api#getupdates
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from sandbox.refusal import TERMINATED, PeopleError, Refusal

FIRST_UPDATE_ID = 500_000_001
LONGEST_POLL = 50  # seconds
MOST_UPDATES = 100
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


class Updates:
    """Updates that wait for the bot, and the one poll that may wait for them."""

    def __init__(self, older: int = 0) -> None:
        self.pending: deque[dict[str, Any]] = deque()
        self.allowed: list[str] = []
        self.added: Callable[[], None] = lambda: None  # told of each new update: the webhook's
        self._next_id = FIRST_UPDATE_ID + older
        self._again: set[int] = set()  # ids delivered before, on purpose: no offset confirms them beforehand
        self._poll: asyncio.Future[None] | None = None

    def add(self, kind: str, content: dict[str, Any]) -> int | None:
        """Queue an update and say its id; None when the bot did not ask for this kind."""
        wanted = kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT
        return self.add_raw({kind: content}) if wanted else None

    def add_raw(self, update: dict[str, Any]) -> int:
        """Queue whatever it is, numbered unless it brings an `update_id` of its own."""
        number = update.get("update_id", self._next_id)
        if not isinstance(number, int):
            raise PeopleError("update_id must be a whole number")
        if number < self._next_id:
            self._again.add(number)
        self._next_id = max(self._next_id, number + 1)
        self.pending.append({"update_id": number, **update})
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)
        self.added()
        return number

    def forget(self, update: dict[str, Any]) -> None:
        """The webhook has taken this one."""
        self.pending = deque(each for each in self.pending if each is not update)
        self._again.discard(update["update_id"])

    def confirm(self, offset: int) -> None:
        """Forget updates below `offset`; a negative one keeps only the last -offset updates."""
        if offset < 0:
            while len(self.pending) > -offset:
                self.pending.popleft()
        if self._again:
            kept = [each for each in self.pending if each["update_id"] >= offset or each["update_id"] in self._again]
            self.pending = deque(kept)
            return
        while offset > 0 and self.pending and self.pending[0]["update_id"] < offset:
            self.pending.popleft()

    async def poll(self, offset: int, limit: int, seconds: int) -> list[dict[str, Any]]:
        """The oldest unconfirmed updates; a newer poll ends an older one that waits with a 409."""
        self.end_poll(Refusal(409, TERMINATED))
        self.confirm(offset)
        if not self.pending and seconds > 0:
            await self._wait(min(seconds, LONGEST_POLL))
        most = max(1, min(limit, MOST_UPDATES))
        oldest = [self.pending[place] for place in range(min(most, len(self.pending)))]
        if self._again:
            self._again.difference_update(each["update_id"] for each in oldest)
        return oldest

    def end_poll(self, refusal: Refusal) -> None:
        """Refuse the poll that waits now, if there is one."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(refusal)

    async def _wait(self, seconds: int) -> None:
        poll = self._poll = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(poll, seconds)
        except TimeoutError:
            pass
        finally:
            if self._poll is poll:
                self._poll = None
