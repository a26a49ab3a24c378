"""What is kept for each API key: the replies it will be given, the requests it made, its answers and files."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aiohttp import web

REQUESTS_KEPT = 5_000  # the last ones of each key; a bench must not fill the memory

Reply = dict[str, Any]
Record = dict[str, Any]


class Kept(NamedTuple):
    """A file that was uploaded: what the server says of it, and its content."""

    row: dict[str, Any]
    data: bytes


@dataclass
class Key:
    """One key's side of the server. `changed` is set, and replaced, at each of the `changes` of a record.

    `expired` are names of answers and files that were here; `ahead` is how many seconds its clock is ahead of ours.
    """

    queue: list[Reply] = field(default_factory=list)
    default: Reply = field(default_factory=dict)
    requests: deque[Record] = field(default_factory=lambda: deque(maxlen=REQUESTS_KEPT))
    held: list[asyncio.Event] = field(default_factory=list)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    expired: set[str] = field(default_factory=set)
    files: dict[str, Kept] = field(default_factory=dict)
    ahead: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    changes: int = 0
    count: int = 0

    def note(self, record: Record, **news: object) -> None:
        """Puts news into a record and wakes whoever waits for them."""
        record.update(news)
        self.changes += 1
        self.changed.set()
        self.changed = asyncio.Event()

    def now(self) -> int:
        """The time on this key's clock, in seconds since 1970."""
        return int(time.time()) + self.ahead

    def file(self, name: str) -> Kept | None:
        """The upload of that id, unless it is gone: what has expired goes at the first look."""
        for each, kept in list(self.files.items()):
            if kept.row["expires_at"] is not None and kept.row["expires_at"] <= self.now():
                self.forget(each)
        return self.files.get(name)

    def forget(self, name: str) -> None:
        """An upload ends."""
        del self.files[name]
        self.expired.add(name)

    def begin(self, method: str, path: str, headers: dict[str, str]) -> Record:
        """A new record, to be kept once the request is read; `time` is when it began, in seconds since 1970."""
        record: Record = {"method": method, "path": path, "headers": headers, "body": None, "files": []}
        return record | {"time": time.time(), "held": False, "aborted": False, "status": None}

    def keep(self, record: Record) -> None:
        """Puts a record among the requests, which thus are never seen half read."""
        self.count += 1
        self.requests.append(record)
        self.note(record, n=self.count)

    def take(self, path: str, text: str, spoken: bool) -> Reply:
        """The first queued reply meant for this path and text; one without `path` serves only what a model speaks."""
        for index, reply in enumerate(self.queue):
            meant = reply["path"] in path if "path" in reply else spoken
            if not meant or reply.get("match", "") not in text:
                continue
            reply["times"] = reply.get("times", 1) - 1
            if reply["times"] < 1:
                del self.queue[index]
            return reply
        meant = self.default["path"] in path if "path" in self.default else spoken
        return self.default if meant and self.default.get("match", "") in text else {}

    def release(self) -> int:
        """Lets all held replies go on; says how many there were."""
        released, self.held = self.held, []
        for event in released:
            event.set()
        return len(released)


@dataclass
class Keys:
    """All keys; an `open` server makes an unknown key known instead of refusing it."""

    open: bool = False
    known: dict[str, Key] = field(default_factory=dict)

    def make(self, name: str) -> Key:
        """The key of that name, made when it is new."""
        return self.known.setdefault(name, Key())


KEYS = web.AppKey("model_keys", Keys)
