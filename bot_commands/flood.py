"""Floods: how much of one person the bot holds at once, so that nobody fills its memory."""

import threading
from typing import Literal

from bot_commands.table import BY_NAME
from incoming import Incoming

MOST_HELD = 120  # updates of one person that wait to be served; a hundred messages are forwarded at once


class Held:
    """Counts what waits of each person."""

    def __init__(self) -> None:
        self._waiting: dict[int, int] = {}
        self._told: set[int] = set()
        self._lock = threading.Lock()

    def take(self, person_id: int) -> Literal["taken", "full", "full before"]:
        """Whether one more is taken; who is told that it is not hears so once, until nothing waits any more."""
        with self._lock:
            waiting = self._waiting.get(person_id, 0)
            if waiting < MOST_HELD:
                self._waiting[person_id] = waiting + 1
                return "taken"
            if person_id in self._told:
                return "full before"
            self._told.add(person_id)
            return "full"

    def give_back(self, person_id: int) -> None:
        """One that was taken is served."""
        with self._lock:
            self._waiting[person_id] -= 1
            if not self._waiting[person_id]:
                del self._waiting[person_id]
                self._told.discard(person_id)


def is_counted(incoming: Incoming) -> bool:
    """What always comes through: payments, Stop, /start, and what Telegram tells of chats."""
    row = BY_NAME.get(incoming.command)
    if incoming.kind == "button":
        return incoming.data.partition(":")[0] != "stop"
    return incoming.kind in ("message", "edited") and not incoming.payment and not (row and row.name == "start")
