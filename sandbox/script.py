"""Drives the scripted model from Python, with the standard library alone: what it will answer, what it was asked."""

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote, urlencode
from urllib.request import ProxyHandler, Request, build_opener

T = TypeVar("T")
Reply = dict[str, Any]
Record = dict[str, Any]
DIRECT = build_opener(ProxyHandler({}))  # a proxy of the environment knows nothing of this computer's loopback


class Script:
    """One API key of the model server at `url` (its root, without `/v1`); the key is made known to it."""

    def __init__(self, url: str, key: str) -> None:
        self.key = key
        self.base_url = f"{url.rstrip('/')}/v1"  # for OPENAI_BASE_URL
        self._place = f"{self.base_url}/_script"
        self._call("", {"key": key})
        self._place += f"/{quote(key, safe='')}"

    def queue(self, *replies: Reply) -> None:
        """Answers to come, each for the first request that it fits.

        A reply may have: text | deltas, refusal, finish_reason, usage (None: not sent), delay, per_delta (s),
        hold and hold_after (deltas), match (part of the user's last text), path (part of the URL's path),
        times (uses), seconds (of sound), sources (address → title, given when the request lets it search),
        fault: {kind: status (status, code, type, message, param, retry_after) | garbage | empty | reset |
        stall (seconds, after) | cut (after) | event_error (after, as, code)}; `after` in deltas.
        A server without uploads is {"path": "files", "times": 99, "fault": {"kind": "status", "status": 404}}.
        """
        self._call("/queue", list(replies))

    def default(self, reply: Reply) -> None:
        """The answer when no queued reply fits; an empty one brings back the echo."""
        self._call("/default", reply)

    def release(self) -> int:
        """Lets held replies go on; says how many there were."""
        count: int = self._call("/release", {})["released"]
        return count

    def expire(self) -> None:
        """All stored responses are forgotten, as after their 30 days."""
        self._call("/expire", {})

    def later(self, seconds: int) -> None:
        """The provider's clock goes on by so much: uploads expire."""
        self._call("/later", seconds)

    def files(self) -> list[Record]:
        """The uploads that are stored now: id, filename, bytes, purpose, created_at, expires_at."""
        rows: list[Record] = self._call("/files")
        return rows

    def requests(self, path: str | None = None) -> list[Record]:
        """What was asked so far: n, method, path, headers, body, files, time, held, aborted (by the client), status."""
        rows: list[Record] = self._look(path, 0, -1)["requests"]
        return rows

    def wait(self, ready: Callable[[list[Record]], T | None], path: str | None = None, timeout: float = 10) -> T:
        """What `ready` makes of the requests, as soon as that is true. Raises TimeoutError with the last look."""
        deadline, changes = time.monotonic() + timeout, -1
        while True:
            seen = self._look(path, max(0.0, deadline - time.monotonic()), changes)
            changes = seen["changes"]
            found = ready(seen["requests"])
            if found:
                return found
            if time.monotonic() >= deadline:
                raise TimeoutError(f"not within {timeout} s; requests seen: {seen['requests'][-3:]}")

    def _look(self, path: str | None, wait: float, changes: int) -> Any:
        query = urlencode({"path": path or "", "wait": f"{wait:.3f}", "changes": changes})
        return self._call(f"/requests?{query}")

    def _call(self, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with DIRECT.open(Request(self._place + path, data), timeout=60) as answer:
            return json.loads(answer.read())
