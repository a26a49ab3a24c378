"""The bot put together from its parts, started and stopped in order."""

import logging
import time

from telebot.apihelper import ApiTelegramException

import presets
import watched
from admin_log import AdminLog
from alerts import Alerts
from bot_commands import menus
from bot_commands.dialogue import VERSION
from bot_commands.dispatch import Dispatch
from bot_commands.request import Tools
from config import Config
from daily import Daily
from delivery import Answers
from forgetting import Forgetting
from intake import Intake
from lanes import Job, Lanes
from logs import ErrorTimes
from moment import Moment
from originals import originals
from polling import Poller
from process import OUTDATED, Process
from reconciliation import Reconciliation
from records import Rules, Spent
from retirement import Retirement
from services import catalogue, tokens
from services.images import Painter
from services.listener import Listener
from services.models import Models
from services.prices import Prices
from storage import Store
from tally import Tally
from telegram_io import AwayUnsent, Telegram, Unreachable
from telegram_io.pacer import Leaving
from texts import dollars
from webhook import Webhook
from workers import LAST_DEATH, Elsewhere, Role, Workers

log = logging.getLogger(__name__)

QUICK_THREADS = 256  # commands and buttons; one waits as long as a 429 of its chat asks, the others must not
LONG_THREADS = 1000  # answers under way at once
CHECKOUT_THREADS = 16  # payments that Telegram waits for
ALERTS_LANE = 0  # no chat has this id

REFUSALS = (ApiTelegramException, Unreachable, AwayUnsent, Leaving)  # errors of a message that was surely not sent

# An update that was being served at so many ends of the process may be the cause: it runs alone. One that saw even
# more is given up; far more, since a machine that loses power again and again kills the innocent too.
DEATHS = 5
ALONE_SECONDS = 60.0

# Leaving takes at most 10 seconds: so long for quick work, for answers to end by themselves, for cut ones to be said,
# for the last word to the admin. A Telegram that is away uses up the time of what comes later, never more than all.
QUICK_SECONDS, PATIENCE_SECONDS, CUT_SECONDS, LAST_WORD_SECONDS = 1.5, 3.0, 3.0, 1.0
LEAVING_SECONDS = 9.0


def rules(config: Config) -> Rules:
    """What the settings say about wallets."""
    return Rules(
        gifts={
            "balance": config.new_user_balance,
            "premium_balance": config.new_user_premium_balance,
            "image_balance": config.new_user_image_balance,
        },
        referral_bonus=config.referral_bonus,
        referral_daily_limit=config.referral_daily_limit,
        default_context=config.default_context,
        admins=config.admin_ids,
        charging=config.wallets,
        zone=config.time_zone,
        budget=config.budget_usd_per_day,
    )


def _prices(config: Config) -> Prices:
    overrides = (config.openai_price_per_1k_tokens, config.whisper_price, config.dalle_price)
    return Prices(config.openai_base_url, *overrides, listening_url=config.listens_at[0])


class Bot(Process):
    """All parts of one bot."""

    def __init__(self, config: Config, role: Role = "all") -> None:
        """As a `worker` it serves updates that others take in."""
        super().__init__()
        self.config, self.role = config, role
        self._open(config)
        self.answers, self.errors, self.originals = Answers(), ErrorTimes(), originals(self.store)
        self.alerts = Alerts(self.telegram, self.store, config.admin_ids[0], self._note_later)
        self.admin_log = AdminLog(config.admin_log, self.alerts, self.store, self._note_later)
        self.moment = Moment((self.quick, self.long, self.checkouts), self.store, self.errors)
        self.tally = Tally(self.store.log_key())
        self.tools = self._tools()
        self._arrange_updates()
        self._arrange_background()
        self._connect()

    def _open(self, config: Config) -> None:
        """Models, Telegram and data, in the order in which trouble is told."""
        self.models = Models(config.openai_base_url, config.openai_api_key, config.proxy)
        self.listener, self.prices = Listener(*config.listens_at, config.proxy), _prices(config)
        self.catalogue = catalogue.load(config, self.models, self.prices)
        self.ready_prompts = presets.load(config)
        self.metrics = watched.opened(config, [row.name for row in self.catalogue.rows], VERSION)
        self.telegram = Telegram(config.telegram_api_key, config.telegram_api_url, config.proxy, config.telegram_rate)
        self.telegram.introduce()
        self.store = Store(config.kept_in, rules(config), REFUSALS)
        self.store.belong_to(self.telegram.id)
        self.quick, self.long = Lanes("quick", QUICK_THREADS), Lanes("answer", LONG_THREADS)
        self.checkouts = Lanes("checkout", CHECKOUT_THREADS)

    def _tools(self) -> Tools:
        config = self.config
        return Tools(
            config,
            self.store,
            self.telegram,
            self.models,
            self.listener,
            self.prices,
            self.catalogue,
            self.ready_prompts,
            self.long,
            self.answers,
            self.alerts,
            self.moment,
            self.tally,
            lambda: self.workers.stop_all(),
            self.leaving,
            Painter(self.models.client, config.image_model, config.image_quality, config.streaming),
            self.originals,
        )

    def _arrange_updates(self) -> None:
        """How they come in."""
        dispatch = Dispatch(self.tools, self.quick, self.checkouts)
        self.intake = Intake(self.telegram, self.alerts, self.store.inbox, dispatch.accept)
        self.workers = Workers(self.store, self.intake, self.config.worker_lanes, self.leaving.set)
        self.workers.outdated = lambda: self.leave(OUTDATED)
        self.updates = self._source()

    def _source(self) -> Poller | Webhook | Elsewhere:
        if self.role == "worker":
            return Elsewhere()
        url, secret, listen = self.config.webhook_url, self.config.webhook_secret, self.config.webhook_listen
        if not url or not secret:
            return Poller(self.telegram, self.alerts, self.intake)
        return Webhook(url, secret, listen, self.telegram, self.alerts.tell, self.intake.take, self.intake.able)

    def _arrange_background(self) -> None:
        """What the bot does by itself."""
        config = self.config
        self.retirement = Retirement(self.catalogue, self.alerts, config.time_zone)
        self.reconciliation = Reconciliation(self.telegram, self.store, self.alerts, bool(config.topup_packages))
        leads = self.workers.leads
        self.forgetting = Forgetting(self.catalogue, self.store, config.time_zone, leads)
        daily = (self.reconciliation.compare, self.retirement.look, self.originals.look, self.store.tidy)
        self.daily = Daily(leads, *daily)

    def _connect(self) -> None:
        """What one part tells another."""
        logging.getLogger().addHandler(self.errors)
        self.telegram.upgraded = self.store.move_chat
        self.store.engine.trouble = lambda: self.alerts.tell("admin_alert_storage")
        self.store.budget_reached = self._tell_budget
        self.store.parted = self.workers.part
        self.workers.parted, self.moment.processes = self.forgetting.wake, self.workers.count
        self.store.spent = self._note_spent
        if self.store.engine.together:
            self.telegram.share_pace(self.store.engine.together)
            self.alerts.together = self.store.engine.together
        if self.metrics:
            watched.connect(self.metrics, self.moment, self.tally, self.telegram)

    def _note_spent(self, spent: Spent) -> None:
        self.admin_log.take(spent)
        self.tally.pays(spent.update_id, spent.bill)

    def _note_later(self, job: Job) -> None:
        self.quick.put(ALERTS_LANE, job)

    def _tell_budget(self, percent: int, usd: float) -> None:
        language = self.alerts.language
        budget = dollars(language, self.config.budget_usd_per_day)
        self.alerts.note(f"admin_budget_{percent}", spent=dollars(language, usd), budget=budget)

    def start(self) -> None:
        """Finish what an earlier process left, then take updates."""
        tokens.warm()
        self.quick.put(ALERTS_LANE, lambda: menus.set_all(self.tools))
        for key, blanks in self.store.engine.notices:
            self.alerts.note(key, **blanks)
        self.admin_log.start()
        self._go_on()
        self.workers.start()
        self.updates.start()
        self.daily.start()
        self.forgetting.start()
        where = "PostgreSQL" if self.config.storage_url else self.config.data_file
        role = "" if self.role == "all" else f", role {self.role}"
        log.info("running as @%s, data in %s%s", self.telegram.username, where, role)

    def _go_on(self) -> None:
        """Updates that are not done, oldest first; those that saw the process end again and again run alone, last."""
        left = self.store.inbox.begin()
        if left:
            log.info("going on with %s updates of an earlier process", len(left))
        suspects = [pending for pending in left if pending.deaths >= DEATHS]
        for pending in left:
            if pending not in suspects:
                self.intake.hand_on(pending)
        for pending in suspects:
            self._wait_idle(ALONE_SECONDS)
            if pending.deaths >= LAST_DEATH:
                self.intake.set_aside(pending)
            else:
                self.intake.hand_on(pending)
        if suspects:
            self._wait_idle(ALONE_SECONDS)

    def _wait_idle(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.leaving.is_set() and (self.quick.running() or self.long.running()) and time.monotonic() < until:
            self.quick.wait_idle(0.1) and self.long.wait_idle(0.1)

    def late(self) -> float:
        """Seconds since updates were last asked for, or chats looked for."""
        return max(self.updates.late(), self.workers.late())

    def held_up(self) -> bool:
        """Whether work is still under way, with a Telegram that does not answer."""
        return any(each.running() for each in (self.quick, self.long, self.checkouts))

    def stop(self) -> None:
        """Finish what can be finished, say what cannot, save everything; within 10 seconds."""
        log.info("leaving")
        self.leaving.set()
        until = time.monotonic() + LEAVING_SECONDS - LAST_WORD_SECONDS
        self.updates.stop()
        self.workers.rest()
        self.daily.stop()
        self.forgetting.stop()
        self.quick.wait_idle(QUICK_SECONDS)
        if not self.long.wait_idle(min(PATIENCE_SECONDS, until - CUT_SECONDS - time.monotonic())):
            self.answers.cut_all("leaving")
            self.long.wait_idle(min(CUT_SECONDS, until - time.monotonic()))
        self.admin_log.stop()
        self.alerts.tell_once("left")
        self.quick.wait_idle(LAST_WORD_SECONDS)
        self.telegram.leaving.set()
        for part in (self.answers, self.quick, self.long, self.checkouts):
            part.close()
        self.workers.close()
        self.store.close()
        logging.getLogger().removeHandler(self.errors)
        self.catalogue.close()
        if self.metrics:
            self.metrics.close()
        self.listener.close()
        log.info("everything is saved")
