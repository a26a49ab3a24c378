"""`--role webhook`: takes what Telegram posts into the shared inbox and serves nothing; any number of them may run."""

import logging

from alerts import Alerts
from bot import ALERTS_LANE, REFUSALS, rules
from config import Config
from intake import Intake
from lanes import Lanes
from process import OUTDATED, Process
from storage import Store
from telegram_io import Telegram
from webhook import Webhook
from workers import Workers

log = logging.getLogger(__name__)

NOTES_THREADS = 4
LAST_WORD_SECONDS = 1.0


class Reception(Process):
    """A door, and the inbox behind it."""

    def __init__(self, config: Config) -> None:
        """Raises what `Bot` raises; the settings must have a webhook and a database."""
        super().__init__()
        self.telegram = Telegram(config.telegram_api_key, config.telegram_api_url, config.proxy, config.telegram_rate)
        self.telegram.introduce()
        self.store = Store(config.kept_in, rules(config), REFUSALS)
        self.store.belong_to(self.telegram.id)
        self.notes = Lanes("notes", NOTES_THREADS)
        self.alerts = Alerts(
            self.telegram, self.store, config.admin_ids[0], lambda job: self.notes.put(ALERTS_LANE, job)
        )
        intake = Intake(self.telegram, self.alerts, self.store.inbox, lambda incoming: None)
        self.workers = Workers(self.store, intake, 0, self.leaving.set)
        self.workers.outdated = lambda: self.leave(OUTDATED)
        self.workers.rest()  # it hears what the workers tell each other, and claims no chat
        if self.store.engine.together:
            self.telegram.share_pace(self.store.engine.together)
            self.alerts.together = self.store.engine.together
        door = (str(config.webhook_url), str(config.webhook_secret), config.webhook_listen)
        self.webhook = Webhook(*door, self.telegram, self.alerts.tell, intake.take, intake.able)

    def start(self) -> None:
        """Take updates from now on."""
        self.workers.start()
        self.webhook.start()
        log.info("taking updates for @%s into PostgreSQL", self.telegram.username)

    def stop(self) -> None:
        """Take nothing more; what was taken is saved."""
        log.info("leaving")
        self.webhook.stop()
        self.notes.wait_idle(LAST_WORD_SECONDS)
        self.telegram.leaving.set()
        self.notes.close()
        self.workers.close()
        self.store.close()
        log.info("everything is saved")

    def late(self) -> float:
        """Seconds since the door was last looked after."""
        return max(self.webhook.late(), self.workers.late())

    def held_up(self) -> bool:
        """Whether a note to the admins is still on its way."""
        return bool(self.notes.running())
