"""Updates on their way in, polled or posted: on the disk first, then each read on its own and handed on."""

import logging
import secrets
from collections.abc import Callable
from typing import Any

from alerts import Alerts
from engine.either import AnyInbox
from engine.state import Pending
from incoming import Incoming, read, whole_characters
from telegram_io import Telegram

log = logging.getLogger(__name__)


class Intake:
    """What comes before the gate; one thread at a time may call `take`, which keeps the order of each chat."""

    def __init__(self, telegram: Telegram, alerts: Alerts, inbox: AnyInbox, accept: Callable[[Incoming], None]) -> None:
        self._telegram, self._alerts, self._inbox, self._accept = telegram, alerts, inbox, accept

    def take(self, batch: list[dict[str, Any]]) -> bool:
        """Save updates and hand on those never seen before; False: Telegram must offer them again, the disk has them
        not."""
        if not batch:
            return True
        for pending in self._accepted([whole_characters(raw) for raw in batch]):
            self.hand_on(pending)
        if self._inbox.in_trouble:
            self._alerts.tell("admin_alert_storage")
        behind = max(int(raw["update_id"]) for raw in batch) + 1
        return self._inbox.confirmable(behind) == behind

    def confirmable(self, offset: int) -> int:
        """As far as `offset` Telegram may be told that we have its updates."""
        return self._inbox.confirmable(offset)

    @property
    def in_trouble(self) -> bool:
        """Whether the disk takes nothing."""
        return self._inbox.in_trouble

    def able(self) -> bool:
        """Whether an update could be saved now."""
        return self._inbox.able()

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
