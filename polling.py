"""The guarded loop: updates from Telegram, on the disk before Telegram is told so, each read on its own."""

import logging
import threading
import time
from typing import Any

from telebot.apihelper import ApiTelegramException

from alerts import Alerts
from intake import Intake
from telegram_io import LONGEST_PAUSE, UNCERTAIN, Telegram, patience

log = logging.getLogger(__name__)

# Between two polls under load: a poll costs as much as a sent message, and most would bring a single update.
BREATH_SECONDS = 0.02
TROUBLE_SECONDS = 1.0  # between two polls while the disk takes nothing: Telegram offers the same updates again


class Poller:
    """Asks for updates until told to stop; comes back alone when Telegram or the network was away."""

    def __init__(self, telegram: Telegram, alerts: Alerts, intake: Intake) -> None:
        self._telegram, self._alerts, self._intake = telegram, alerts, intake
        self._offset = 0
        self._leftover = True  # a webhook that is set before the first poll is one of ours
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
                batch = self._updates()
            except (ApiTelegramException, *UNCERTAIN) as error:
                if self._over.is_set():
                    return  # `stop` confirms by a poll of its own, which ends this one
                self._rest(self._trouble(error, pause))
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception:  # an answer of somebody who is not Telegram, such as a hotel's login page
                log.exception("no updates")
                self._rest(LONGEST_PAUSE)
            else:
                pause, self._leftover = 0.5, False
                self._take_guarded(batch)
                if batch:
                    self._rest(TROUBLE_SECONDS if self._intake.in_trouble else BREATH_SECONDS)

    def _updates(self) -> list[dict[str, Any]]:
        """Poll; a webhook that was set in an earlier run is taken back, one that comes later is somebody else's."""
        try:
            return self._telegram.updates(self._offset)
        except ApiTelegramException as error:
            if not (self._leftover and _of_webhook(error)):
                raise
        self._telegram.leave_webhook()
        log.info("the webhook of an earlier run is taken back: WEBHOOK_URL is empty now")
        return []

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
        """Save and hand on; what comes after `stop` is for the next start."""
        if self._over.is_set() or not batch:
            return
        self._intake.take(batch)
        self._offset = self._intake.confirmable(max(int(raw["update_id"]) for raw in batch) + 1)

    def _trouble(self, error: Exception, pause: float) -> float:
        """Say what is wrong, once; how many seconds to wait."""
        if isinstance(error, ApiTelegramException) and error.error_code == 409:
            log.error("another program takes the updates of this bot")
            self._alerts.tell("admin_alert_other_webhook" if _of_webhook(error) else "admin_alert_conflict")
            return LONGEST_PAUSE
        wait = patience(error, pause)
        if wait is None and isinstance(error, ApiTelegramException):
            log.error("Telegram refuses to give updates: error %d", error.error_code)
        else:
            log.warning("no updates: %s", type(error).__name__)
        return wait or LONGEST_PAUSE


def _of_webhook(error: ApiTelegramException) -> bool:
    """Whether Telegram refuses a poll because updates go to a webhook."""
    return bool(error.error_code == 409 and "webhook" in error.description.lower())
