"""Telegram posts its updates here instead of being asked for them; each is saved before it is told so.

Telegram posts the messages of a chat one after another, the next one when the one before was taken, and those of other
chats beside them: https://github.com/tdlib/telegram-bot-api/blob/master/telegram-bot-api/WebhookActor.cpp. So no order
is to be mended between two batches; in a batch, what a proxy may have swapped is put in the order of its numbers.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from telebot.apihelper import ApiTelegramException

from telegram_io import LONGEST_PAUSE, UNCERTAIN, Telegram, patience
from webhook.door import CONNECTIONS, Door, DoorError, Update

__all__ = ["DoorError", "Webhook"]

log = logging.getLogger(__name__)

BATCH = 100  # updates that are saved together
ANSWER_SECONDS = 40.0  # Telegram waits 60 for an answer
WATCH_SECONDS = 60.0  # between two looks at what Telegram says of the webhook
SHORT_SECRET = 16  # characters; a shorter one could be guessed


class _Posted:
    """An update that somebody waits with for its end."""

    def __init__(self, update: Update) -> None:
        self.update, self.kept, self.settled = update, False, threading.Event()

    def settle(self, kept: bool) -> None:
        self.kept = kept
        self.settled.set()


class Webhook:
    """Takes what Telegram posts until told to stop, and keeps Telegram posting here."""

    def __init__(
        self,
        url: str,
        secret: str,
        listen: tuple[str, int],
        telegram: Telegram,
        tell: Callable[..., None],
        take: Callable[[list[Update]], bool],
        able: Callable[[], bool],
    ) -> None:
        """`take` gets batches from one thread and says whether they are saved, `able` whether one could be.

        Raises DoorError when nobody can listen on that address.
        """
        self._url, self._secret, self._telegram, self._tell, self._take = url, secret, telegram, tell, take
        self._door = Door(listen, urlsplit(url).path or "/", secret, self._receive, able)
        self._over = threading.Event()
        self._posted = threading.Condition()
        self._waiting: list[_Posted] = []
        self._turn = time.monotonic()
        self._is_set, self._told = False, 0
        self._threads = [threading.Thread(target=run, name="webhook", daemon=True) for run in (self._run, self._keep)]
        log.info("updates are posted to %s:%s", *listen)
        if len(secret) < SHORT_SECRET:
            log.warning("WEBHOOK_SECRET is short: anyone who guesses it can write in anybody's name")

    def start(self) -> None:
        """Begin to take updates, and ask Telegram to post them here, however long that takes."""
        self._turn = time.monotonic()
        self._door.start()
        for thread in self._threads:
            thread.start()

    def late(self) -> float:
        """Seconds since the newest turn of either loop, of which each takes one second at most when all is well."""
        return max(self._door.late(), time.monotonic() - self._turn)

    def stop(self) -> None:
        """Take no more updates; Telegram keeps them for a day. The webhook stays set."""
        with self._posted:
            self._over.set()
            self._posted.notify_all()
        self._threads[0].join(1.0)
        self._door.stop()

    # -- what is posted

    def _receive(self, update: Update) -> bool:
        """Wait until an update is saved; False when it is not, or nobody knows."""
        posted = _Posted(update)
        with self._posted:
            if self._over.is_set():
                return False
            self._waiting.append(posted)
            self._posted.notify_all()
        posted.settled.wait(ANSWER_SECONDS)
        return posted.kept

    def _run(self) -> None:
        while not self._over.is_set():
            if batch := self._gathered():
                kept = self._taken([each.update for each in batch])
                for each in batch:
                    each.settle(kept)
        for each in self._waiting:
            each.settle(False)

    def _gathered(self) -> list[_Posted]:
        """What has come in the meantime; the disk takes it in one go."""
        with self._posted:
            self._turn = time.monotonic()
            if not self._waiting and not self._over.is_set():
                self._posted.wait(1.0)
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        return sorted(batch, key=lambda each: int(each.update["update_id"]))

    def _taken(self, batch: list[Update]) -> bool:
        """This thread must live: what it could not take Telegram offers again."""
        try:
            return self._take(batch)
        except Exception:
            log.exception("updates could not be taken")
            return False

    # -- what Telegram knows

    def _keep(self) -> None:
        pause = 0.5
        while not self._over.is_set():
            try:
                self._look()
                wait, pause = WATCH_SECONDS, 0.5
            except (ApiTelegramException, *UNCERTAIN) as error:
                wait, pause = self._trouble(error, pause), min(pause * 2, LONGEST_PAUSE)
            except Exception:  # an answer of somebody who is not Telegram
                log.exception("nothing is known of the webhook")
                wait = LONGEST_PAUSE
            self._over.wait(wait)

    def _look(self) -> None:
        found = self._telegram.webhook()
        if self._is_set and found.get("url") == self._url:
            self._look_at_errors(found)
            return
        if self._is_set:
            log.error("another program has taken the webhook away")
            self._tell("admin_alert_webhook_gone")
        # One connection more or less: Telegram takes it for a new webhook, and offers at once all that waits. For the
        # same one it would keep to its pauses, which have grown to two minutes while nobody was here.
        self._telegram.set_webhook(self._url, self._secret, CONNECTIONS - (found.get("max_connections") == CONNECTIONS))
        found = self._telegram.webhook()
        self._is_set = found.get("url") == self._url
        log.info("Telegram posts to %s; %s updates wait", found.get("url"), found.get("pending_update_count"))

    def _look_at_errors(self, found: dict[str, Any]) -> None:
        """Tell of what Telegram met since the last look, unless it got over that by itself."""
        newest, words = int(found.get("last_error_date") or 0), str(found.get("last_error_message"))
        if newest > self._told:
            self._told = newest
            log.warning("Telegram could not post an update: %s", words)
            if found.get("pending_update_count"):
                self._tell("admin_alert_webhook_fails")

    def _trouble(self, error: Exception, pause: float) -> float:
        """Say what is wrong; how many seconds to wait. What Telegram refuses is told, and tried again all the same."""
        wait = patience(error, pause)
        if wait is None and isinstance(error, ApiTelegramException):
            log.error("Telegram refuses the webhook: %s", error)
            self._tell("admin_alert_webhook_refused")
            return WATCH_SECONDS
        log.warning("the webhook could not be set or looked at: %s", type(error).__name__)
        return wait or LONGEST_PAUSE
