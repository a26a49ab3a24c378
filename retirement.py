"""Once a day: which models of the catalogue are served no more or not for long; the main admin is told."""

import logging
from datetime import datetime, timedelta, tzinfo

from alerts import Alerts
from services import served
from services.catalogue import Catalogue, Row
from services.provider import ModelError
from services.served import Fate

log = logging.getLogger(__name__)

AHEAD = timedelta(days=30)


class Retirement:
    """Asks the providers; what they do not tell is believed to go on."""

    def __init__(self, catalogue: Catalogue, alerts: Alerts, zone: tzinfo) -> None:
        self._catalogue, self._alerts, self._zone = catalogue, alerts, zone

    def look(self) -> None:
        """Ask each provider about its models; one that cannot be asked now is asked again tomorrow."""
        for rows in self._catalogue.by_provider():
            try:
                found = served.look(self._catalogue.models(rows[0]), [row.name for row in rows])
            except ModelError as error:
                log.warning("no word about %s: %s", ", ".join(row.name for row in rows), error.kind)
                continue
            for row in rows:
                self._judge(row, found.fates[row.name])

    def _judge(self, row: Row, fate: Fate) -> None:
        today = datetime.now(self._zone).date()
        is_over = fate.is_over(today)
        self._catalogue.retire(row, is_over)
        stand_in = self._catalogue.in_service(row) if is_over else self._catalogue.fallback(row)
        instead = stand_in.name if stand_in and stand_in != row else self._alerts.in_words("no_fallback")
        if is_over:
            self._alerts.tell_of_model("admin_model_gone", row.name, instead=instead)
        elif fate.ends and fate.ends - today <= AHEAD:
            days = (fate.ends - today).days
            day = fate.ends.isoformat()
            self._alerts.tell_of_model("admin_model_ends", row.name, day=day, days=days, instead=instead)
