"""The bot put together from its parts, started and stopped in order."""

import faulthandler
import logging
import os
import signal
import threading
import time

from telebot.apihelper import ApiTelegramException

import presets
from admin_log import AdminLog
from alerts import Alerts
from bot_commands import menus
from bot_commands.dispatch import Dispatch
from bot_commands.request import Tools
from config import Config
from daily import Daily
from delivery import Answers
from forgetting import Forgetting
from heartbeat import Heartbeat
from lanes import Job, Lanes
from logs import ErrorTimes
from originals import Originals
from polling import Poller
from reconciliation import Reconciliation
from records import Rules
from retirement import Retirement
from services import catalogue, tokens
from services.images import Painter
from services.listener import Listener
from services.models import Models
from services.prices import Prices
from storage import Store
from telegram_io import AwayUnsent, Telegram, Unreachable
from telegram_io.pacer import Leaving
from texts import dollars

log = logging.getLogger(__name__)

QUICK_THREADS = 256  # commands and buttons; one waits as long as a 429 of its chat asks, the others must not
LONG_THREADS = 1000  # answers under way at once
CHECKOUT_THREADS = 16  # payments that Telegram waits for
ALERTS_LANE = 0  # no chat has this id

REFUSALS = (ApiTelegramException, Unreachable, AwayUnsent, Leaving)  # errors of a message that was surely not sent

# An update that was being served at so many ends of the process may be the cause: it runs alone. One that saw even
# more is given up; far more, since a machine that loses power again and again kills the innocent too.
DEATHS, LAST_DEATH = 5, 25
ALONE_SECONDS = 60.0

# Leaving takes at most 10 seconds: so long for quick work, for answers to end by themselves, for cut ones to be said,
# for the last word to the admin. A Telegram that is away uses up the time of what comes later, never more than all.
QUICK_SECONDS, PATIENCE_SECONDS, CUT_SECONDS, LAST_WORD_SECONDS = 1.5, 3.0, 3.0, 1.0
LEAVING_SECONDS = 9.0

# A turn of the polling loop takes half a minute. One that takes so long is no sign of life any more; after so many
# looks at it, a second apart, the process ends, for whatever started it to start it again. Looks, not seconds: a
# machine that slept took none.
LATE_SECONDS, HUNG_LOOKS = 120.0, 180
HUNG = 1  # the exit code


def _rules(config: Config) -> Rules:
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


class Bot:
    """All parts of one bot; `exit_code` says how it was asked to leave."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.exit_code = 0
        self._leave = threading.Event()
        self.models = Models(config.openai_base_url, config.openai_api_key, config.proxy)
        self.listener = Listener(*config.listens_at, config.proxy)
        prices = _prices(config)
        self.catalogue = catalogue.load(config, self.models, prices)
        ready_prompts = presets.load(config)
        self.telegram = Telegram(config.telegram_api_key, config.telegram_api_url, config.proxy, config.telegram_rate)
        self.telegram.introduce()
        self.store = Store(config.data_file, _rules(config), REFUSALS)
        self.quick, self.long = Lanes("quick", QUICK_THREADS), Lanes("answer", LONG_THREADS)
        self.checkouts = Lanes("checkout", CHECKOUT_THREADS)
        self.answers, self.errors, self.originals = Answers(), ErrorTimes(), Originals(config.data_file)
        self.alerts = Alerts(self.telegram, self.store, config.admin_ids[0], self._note_later)
        self.admin_log = AdminLog(config.admin_log, self.alerts, self.store, self._note_later)
        self.tools = Tools(
            config,
            self.store,
            self.telegram,
            self.models,
            self.listener,
            prices,
            self.catalogue,
            ready_prompts,
            self.long,
            self.answers,
            self.alerts,
            self.errors,
            self._leave.set,
            self._leave,
            time.time(),
            Painter(self.models.client, config.image_model, config.image_quality, config.streaming),
            self.originals,
        )
        dispatch = Dispatch(self.tools, self.quick, self.checkouts)
        self.poller = Poller(self.telegram, self.alerts, self.store.inbox, dispatch.accept)
        self._arrange_background()
        self._connect()

    def _arrange_background(self) -> None:
        """What the bot does by itself."""
        config = self.config
        self.retirement = Retirement(self.catalogue, self.alerts, config.time_zone)
        self.reconciliation = Reconciliation(self.telegram, self.store, self.alerts, bool(config.topup_packages))
        self.forgetting = Forgetting(self.catalogue, self.store, config.time_zone)
        self.daily = Daily(self.reconciliation.compare, self.retirement.look, self.originals.look)

    def _connect(self) -> None:
        """What one part tells another."""
        logging.getLogger().addHandler(self.errors)
        self.telegram.upgraded = self.store.move_chat
        self.store.engine.trouble = lambda: self.alerts.tell("admin_alert_storage")
        self.store.budget_reached = self._tell_budget
        self.store.parted = self.forgetting.wake
        self.store.spent = self.admin_log.take

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
        for key, blanks in self.store.engine.opened.notices:
            self.alerts.note(key, **blanks)
        self.admin_log.start()
        self._go_on()
        self.poller.start()
        self.daily.start()
        self.forgetting.start()
        log.info("running as @%s, data in %s", self.telegram.username, self.config.data_file)

    def _go_on(self) -> None:
        """Updates that are not done, oldest first; those that saw the process end again and again run alone, last."""
        left = self.store.inbox.begin()
        if left:
            log.info("going on with %s updates of an earlier process", len(left))
        suspects = [pending for pending in left if pending.deaths >= DEATHS]
        for pending in left:
            if pending not in suspects:
                self.poller.hand_on(pending)
        for pending in suspects:
            self._wait_idle(ALONE_SECONDS)
            if pending.deaths >= LAST_DEATH:
                self.poller.set_aside(pending)
            else:
                self.poller.hand_on(pending)
        if suspects:
            self._wait_idle(ALONE_SECONDS)

    def _wait_idle(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._leave.is_set() and (self.quick.running() or self.long.running()) and time.monotonic() < until:
            self.quick.wait_idle(0.1) and self.long.wait_idle(0.1)

    def run(self, heartbeat: Heartbeat | None = None) -> int:
        """Run until /stop, Ctrl-C (exit code 0) or SIGTERM (143); a second signal does not wait any longer."""
        heartbeat = heartbeat or Heartbeat()
        signal.signal(signal.SIGINT, lambda *_: self.leave(0))
        signal.signal(signal.SIGTERM, lambda *_: self.leave(143))
        self.start()
        heartbeat.ready()
        self._stay(heartbeat)
        heartbeat.leaving()
        self.stop()
        lanes = (self.quick, self.long, self.checkouts)
        if any(each.running() for each in lanes):  # held up by a Telegram that does not answer
            logging.shutdown()
            os._exit(self.exit_code)  # else Python waits for their threads
        return self.exit_code

    def _stay(self, heartbeat: Heartbeat) -> None:
        """Wait until somebody asks to leave; the bot lives while updates are asked for, saved and handed on."""
        looks = 0  # at a late turn
        while not self._leave.wait(1.0):  # waiting in slices lets signals through on Windows
            late = self.poller.late() > LATE_SECONDS
            looks = looks + 1 if late else 0
            if not late:
                heartbeat.beat()
            elif looks > HUNG_LOOKS:
                self._give_up()

    def _give_up(self) -> None:
        """Leave at once, as after a crash."""
        log.critical("no update could be taken for %d seconds: leaving at once", self.poller.late())
        faulthandler.dump_traceback()
        logging.shutdown()
        os._exit(HUNG)

    @property
    def asked_to_leave(self) -> bool:
        """Whether somebody has asked the bot to stop."""
        return self._leave.is_set()

    def leave(self, exit_code: int) -> None:
        """Ask the bot to stop; called from signal handlers."""
        if self._leave.is_set():
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        self.exit_code = exit_code
        self._leave.set()

    def stop(self) -> None:
        """Finish what can be finished, say what cannot, save everything; within 10 seconds."""
        log.info("leaving")
        self._leave.set()
        until = time.monotonic() + LEAVING_SECONDS - LAST_WORD_SECONDS
        self.poller.stop()
        self.daily.stop()
        self.forgetting.stop()
        self.quick.wait_idle(QUICK_SECONDS)
        if not self.long.wait_idle(min(PATIENCE_SECONDS, until - CUT_SECONDS - time.monotonic())):
            self.answers.cut_all("leaving")
            self.long.wait_idle(min(CUT_SECONDS, until - time.monotonic()))
        self.admin_log.stop()
        self.alerts.note("left")
        self.quick.wait_idle(LAST_WORD_SECONDS)
        self.telegram.leaving.set()
        for part in (self.answers, self.quick, self.long, self.checkouts):
            part.close()
        self.store.close()
        logging.getLogger().removeHandler(self.errors)
        self.catalogue.close()
        self.listener.close()
        log.info("everything is saved")
