"""Once a day: Telegram's own list of payments in Stars beside ours; the main admin is told what differs."""

import time
from datetime import UTC, datetime

from alerts import Alerts
from stars import Transaction
from storage import Store
from telegram_io import Telegram

YOUNGEST = 600.0  # seconds; the update about a younger one may be on its way
LISTED = 10  # differences in one note


class Reconciliation:
    """Compares; where nothing is sold and nothing was, it asks Telegram nothing."""

    def __init__(self, telegram: Telegram, store: Store, alerts: Alerts, sells: bool) -> None:
        self._telegram, self._store, self._alerts, self._sells = telegram, store, alerts, sells

    def compare(self) -> None:
        """Tell what was paid and not added, once, and what was given back and not taken, until it is."""
        if not self._sells and not self._store.was_paid():
            return
        oldest_young = time.time() - YOUNGEST
        settled = [each for each in self._telegram.transactions() if each.time < oldest_young]
        known = self._store.all_purchases()
        given_back = {each.charge: each for each in settled if each.is_refund}
        missing = [each for each in settled if not each.is_refund and each.charge not in known]
        lost = [each for each in missing if each.charge not in given_back]
        kept = [each for charge, each in given_back.items() if charge in known and not known[charge].refunded]
        if lost or kept:
            self._tell(lost, kept)
        for each in lost:
            self._store.keep_missing(each.charge, each.user_id, each.stars)

    def _tell(self, lost: list[Transaction], kept: list[Transaction]) -> None:
        """Notes to the main admin, sent before anything is remembered as told."""
        words = self._alerts.in_words
        lines = [
            words(
                "admin_missing",
                stars=each.stars,
                id=str(each.user_id),
                time=datetime.fromtimestamp(each.time, UTC).strftime("%Y-%m-%d %H:%M UTC"),
                charge=each.charge,
            )
            for each in lost
        ]
        lines += [words("admin_returned", stars=each.stars, id=str(each.user_id), charge=each.charge) for each in kept]
        for first in range(0, len(lines), LISTED):
            self._alerts.send("\n\n".join([words("admin_differences"), *lines[first : first + LISTED]]))
