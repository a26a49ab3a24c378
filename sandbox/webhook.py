"""A bot's webhook: each update is posted until it is taken, so many at once, those of one chat one after another.

Queues, pauses and words are those of Telegram's own server:
https://github.com/tdlib/telegram-bot-api/blob/master/telegram-bot-api/WebhookActor.cpp
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from itertools import islice
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from sandbox.events import Events
from sandbox.updates import Updates

Json = dict[str, Any]
Queue = tuple[str, Any]

ANSWER_SECONDS: Final = 60  # a webhook has for its answer
LONGEST_PAUSE: Final = 60  # seconds between two tries, or up to twice as many
LONGEST_RETRY_AFTER: Final = 3600
# Which updates wait for each other, and by which of their fields; all others are posted as they come.
QUEUES: Final = {
    "message": "chat", "edited_message": "chat", "my_chat_member": "chat", "stopped_message_generation": "chat",
    "callback_query": "from", "pre_checkout_query": "from",
}  # fmt: skip


def queue_of(update: Json) -> Queue:
    """Updates of one queue are posted in turn, the next one when the one before was taken."""
    for kind, field in QUEUES.items():
        content = update.get(kind)
        if isinstance(content, dict) and isinstance(content.get(field), dict):
            return "message" if kind == "edited_message" else kind, content[field].get("id")
    return "alone", update["update_id"]


class Webhook:
    """Posts what waits in `updates` until `close`; only to addresses on this machine, over http."""

    def __init__(self, url: str, secret: str, connections: int, updates: Updates, events: Events) -> None:
        self.url, self.secret, self.connections = url, secret, connections
        self._updates, self._events = updates, events
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections), timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        )
        self._under_way: dict[Queue, asyncio.Task[None]] = {}
        self._free = asyncio.Semaphore(connections)
        self._wake = asyncio.Event()
        self._error: Json = {}
        updates.added = self._wake.set
        self._task = asyncio.create_task(self._run())

    def info(self) -> Json:
        """Its part of getWebhookInfo."""
        about = {"url": self.url, "max_connections": self.connections}
        return about | {"ip_address": urlsplit(self.url).hostname} | self._error

    async def close(self) -> None:
        """Post nothing more; what was not taken stays in the queue."""
        self._updates.added = lambda: None
        for task in (self._task, *self._under_way.values()):
            task.cancel()
        await self._session.close()

    async def _run(self) -> None:
        """Begin with the oldest update of each queue; the server looks only at twice as many as it may post."""
        while urlsplit(self.url).scheme == "http":
            self._wake.clear()
            for update in list(islice(self._updates.pending, 2 * self.connections)):
                queue = queue_of(update)
                if queue not in self._under_way:
                    self._under_way[queue] = asyncio.create_task(self._deliver(queue, update))
            await self._wake.wait()

    async def _deliver(self, queue: Queue, update: Json) -> None:
        failed, delay = 0, 1
        while (retry_after := await self._post(update)) is not None:
            if not retry_after and failed:
                delay = min(delay * 2, random.randint(LONGEST_PAUSE, 2 * LONGEST_PAUSE))
            await asyncio.sleep(retry_after or (delay if failed else 0))
            failed += 1
        self._updates.forget(update)
        del self._under_way[queue]
        self._wake.set()

    async def _post(self, update: Json) -> int | None:
        """None when the update was taken, else how many seconds the webhook asked to be left alone (0: it did not)."""
        headers = {"Content-Type": "application/json"}
        headers |= {"X-Telegram-Bot-Api-Secret-Token": self.secret} if self.secret else {}
        status = 0
        async with self._free:
            try:
                async with self._session.post(self.url, data=json.dumps(update), headers=headers) as answer:
                    await answer.read()
                    status, said = answer.status, f"{answer.status} {answer.reason}"
                    retry_after = answer.headers.get("Retry-After", "")
            except TimeoutError:
                said, retry_after = "Read timeout expired", ""
            except aiohttp.ClientError:
                said, retry_after = "Connection refused", ""
        self._events.add("delivery", update_id=update["update_id"], status=status)
        if 200 <= status <= 299:
            return None
        words = f"Wrong response from the webhook: {said}" if status else said
        self._error = {"last_error_date": int(time.time()), "last_error_message": words}
        return min(int(retry_after), LONGEST_RETRY_AFTER) if retry_after.isdecimal() else 0
