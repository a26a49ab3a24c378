"""The guarded loop: updates from Telegram, on the disk before Telegram is told so, each read on its own."""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

from telebot.apihelper import ApiTelegramException

from alerts import Alerts
from engine.inbox import Inbox
from engine.state import Pending
from incoming import Incoming, read, whole_characters
from telegram_io import LONGEST_PAUSE, UNCERTAIN, Telegram, patience

log = logging.getLogger(__name__)

# Between two polls under load: a poll costs as much as a sent message, and most would bring a single update.
BREATH_SECONDS = 0.02
TROUBLE_SECONDS = 1.0  # between two polls while the disk takes nothing: Telegram offers the same updates again


class Poller:
    """Asks for updates until told to stop; comes back alone when Telegram or the network was away."""

    def __init__(self, telegram: Telegram, alerts: Alerts, inbox: Inbox, accept: Callable[[Incoming], None]) -> None:
        self._telegram, self._alerts, self._inbox, self._accept = telegram, alerts, inbox, accept
        self._offset = 0
        self._over = threading.Event()
        self._due = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="poller", daemon=True)

    def start(self) -> None:
        """Begin to poll in a thread of its own."""
        self._due = time.monotonic()
        self._thread.start()

    def late(self) -> float:
        """Seconds since the newest turn of the loop should have begun; many more than a poll takes: it hangs."""
        return time.monotonic() - self._due

    def stop(self) -> None:
        """Take no more updates, and tell Telegram which ones were taken: they must not come again."""
        self._over.set()
        try:
            self._telegram.confirm(self._offset)
        except (ApiTelegramException, *UNCERTAIN) as error:
            log.warning("the last updates could not be confirmed: %s", type(error).__name__)

    def _run(self) -> None:
        pause = 0.5
        while not self._over.is_set():
            self._due = time.monotonic()
            try:
                batch = self._telegram.updates(self._offset)
            except (ApiTelegramException, *UNCERTAIN) as error:
                if self._over.is_set():
                    return  # `stop` confirms by a poll of its own, which ends this one
                self._rest(self._trouble(error, pause))
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception:  # an answer of somebody who is not Telegram, such as a hotel's login page
                log.exception("no updates")
                self._rest(LONGEST_PAUSE)
            else:
                pause = 0.5
                self._take_guarded(batch)
                if batch:
                    self._rest(TROUBLE_SECONDS if self._inbox.in_trouble else BREATH_SECONDS)

    def _rest(self, seconds: float) -> None:
        """Wait on purpose, as long as Telegram asks for, too."""
        self._due = time.monotonic() + seconds
        self._over.wait(seconds)

    def _take_guarded(self, batch: list[dict[str, Any]]) -> None:
        """This thread must live: what it could not take Telegram offers again."""
        try:
            self._take(batch)
        except Exception:
            log.exception("updates could not be taken")
            self._rest(LONGEST_PAUSE)

    def _take(self, batch: list[dict[str, Any]]) -> None:
        """Put updates on the disk and hand them on, one by one; what comes after `stop` is for the next start."""
        if self._over.is_set() or not batch:
            return
        for pending in self._accepted([whole_characters(raw) for raw in batch]):
            self.hand_on(pending)
        if self._inbox.in_trouble:
            self._alerts.tell("admin_alert_storage")
        self._offset = self._inbox.confirmable(max(int(raw["update_id"]) for raw in batch) + 1)

    def _accepted(self, batch: list[dict[str, Any]]) -> list[Pending]:
        try:
            return self._inbox.accept(batch)
        except TypeError:  # something in it that no file can hold, such as a number of a hundred digits
            if len(batch) > 1:
                return [pending for raw in batch for pending in self._accepted([raw])]
            self._set_aside(int(batch[0]["update_id"]))
            return []

    def hand_on(self, pending: Pending) -> None:
        """Read one accepted update and give it to the gate; a broken one is set aside, as it will not mend."""
        update_id = int(pending.update["update_id"])
        try:
            incoming = read(pending.update, self._telegram.id, self._telegram.username)
            if incoming is None:
                self._inbox.done(update_id)
            else:
                self._accept(incoming)
        except Exception:
            log.exception("update %s cannot be read", update_id)
            self._set_aside(update_id)

    def set_aside(self, pending: Pending) -> None:
        """Give an update up and tell the admin."""
        self._set_aside(int(pending.update["update_id"]))

    def _set_aside(self, update_id: int) -> None:
        reference = secrets.token_hex(3)
        log.error("update %s set aside, reference %s", update_id, reference)
        self._inbox.set_aside(update_id, reference)
        self._alerts.tell("admin_alert_poison", reference=reference)

    def _trouble(self, error: Exception, pause: float) -> float:
        """Say what is wrong, once; how many seconds to wait."""
        if isinstance(error, ApiTelegramException) and error.error_code == 409:
            log.error("another program polls with this token")
            self._alerts.tell("admin_alert_conflict")
            return LONGEST_PAUSE
        log.warning("no updates: %s", type(error).__name__)
        return patience(error, pause) or LONGEST_PAUSE
