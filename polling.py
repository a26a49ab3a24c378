"""The guarded loop: updates from Telegram, each read on its own, so that a broken one stops nobody."""

import logging
import secrets
import threading
from collections.abc import Callable
from typing import Any

from telebot.apihelper import ApiTelegramException

from alerts import Alerts
from incoming import Incoming, read
from telegram_io import LONGEST_PAUSE, UNCERTAIN, Telegram, patience

log = logging.getLogger(__name__)

# Between two polls under load: a poll costs as much as a sent message, and most would bring a single update.
BREATH_SECONDS = 0.02


class Poller:
    """Asks for updates until told to stop; comes back alone when Telegram or the network was away."""

    def __init__(self, telegram: Telegram, alerts: Alerts, accept: Callable[[Incoming], None]) -> None:
        self._telegram, self._alerts, self._accept = telegram, alerts, accept
        self._offset = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="poller", daemon=True)

    def start(self) -> None:
        """Begin to poll in a thread of its own."""
        self._thread.start()

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
            try:
                batch = self._telegram.updates(self._offset)
            except (ApiTelegramException, *UNCERTAIN) as error:
                if self._over.is_set():
                    return  # `stop` confirms by a poll of its own, which ends this one
                self._over.wait(self._trouble(error, pause))
                pause = min(pause * 2, LONGEST_PAUSE)
            except Exception:  # an answer of somebody who is not Telegram, such as a hotel's login page
                log.exception("no updates")
                self._over.wait(LONGEST_PAUSE)
            else:
                pause = 0.5
                self._take(batch)
                if batch:
                    self._over.wait(BREATH_SECONDS)

    def _take(self, batch: list[dict[str, Any]]) -> None:
        """Hand updates on, one by one; what arrives after `stop` is left for the next start."""
        for raw in batch:
            if self._over.is_set():
                return
            self._offset = max(self._offset, int(raw["update_id"]) + 1)
            try:
                incoming = read(raw, self._telegram.id, self._telegram.username)
                if incoming is not None:
                    self._accept(incoming)
            except Exception:
                reference = secrets.token_hex(3)
                log.exception("update %s set aside, reference %s", raw["update_id"], reference)
                self._alerts.tell("admin_alert_poison", reference=reference)

    def _trouble(self, error: Exception, pause: float) -> float:
        """Say what is wrong, once; how many seconds to wait."""
        if isinstance(error, ApiTelegramException) and error.error_code == 409:
            log.error("another program polls with this token")
            self._alerts.tell("admin_alert_conflict")
            return LONGEST_PAUSE
        log.warning("no updates: %s", type(error).__name__)
        return patience(error, pause) or LONGEST_PAUSE
