"""The line to Telegram: a request is offered until it is taken, in its turn, within Telegram's limits."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import telebot
import urllib3
from telebot import apihelper
from telebot.apihelper import ApiHTTPException, ApiInvalidJSONException, ApiTelegramException

from incoming import ALLOWED_UPDATES
from telegram_io.pacer import Leaving, SharedPace, Urgency
from telegram_io.wire import Wire, retry_after, wishing

log = logging.getLogger(__name__)
T = TypeVar("T")

INSIST_SECONDS = 900.0  # how long a message is offered to a Telegram that is away or says 429
LONGEST_PAUSE = 5.0  # seconds between two tries when Telegram names no time itself
POLL_SECONDS = 25  # of a long poll
BATCH = 100  # updates a poll


class Away(Exception):
    """Telegram took nothing for as long as it was worth insisting, or asked for a longer pause than that."""


class AwayUnsent(Away):
    """The same, and it said so each time: it has surely not taken the request."""


class Unreachable(Exception):
    """The chat cannot be written to: blocked, kicked, gone; nobody's fault and nothing to retry."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to write: a chat, a topic in it (0: none), a message to reply to (0: none)."""

    chat_id: int
    thread: int = 0
    reply_to: int = 0


class Line:
    """One bot's account; safe to call from many threads."""

    def __init__(self, token: str, api_url: str, proxy: str | None = None, rate: int = 0) -> None:
        self.leaving = threading.Event()  # set: nothing is waited for any more
        self._wire = Wire(proxy, rate, self.leaving)
        self._files = f"{api_url}/file/bot{token}/"
        apihelper.API_URL = f"{api_url}/bot{{0}}/{{1}}"
        apihelper.CUSTOM_REQUEST_SENDER = self._wire.post
        telebot.logger.setLevel(logging.CRITICAL)  # its debug lines carry what people wrote
        self._token = token
        self._bot = telebot.TeleBot(token, threaded=False)
        self.id, self.username = 0, ""
        self.sees_groups = False  # every message, not only what is for the bot: @BotFather's privacy mode is off
        self.upgraded: Callable[[int, int], None] = lambda old, new: None  # told of a group's new id

    def count_too_many(self, count: Callable[[], None]) -> None:
        """Be told of each 429."""
        self._wire.too_many = count

    def share_pace(self, pace: SharedPace) -> None:
        """Other processes write with the same token: all of them keep one pace."""
        self._wire.pacer.shared = pace

    def introduce(self, seconds: float = float("inf")) -> None:
        """Ask Telegram who this bot is, for so long (0: once); ApiTelegramException when the token is wrong, Away."""
        me = self._insist(self._bot.get_me, seconds=seconds)
        self.id, self.username = me.id, str(me.username)
        self.sees_groups = bool(me.can_read_all_group_messages)

    def updates(self, offset: int) -> list[dict[str, Any]]:
        """Wait for updates from `offset` on, as raw JSON; the call before confirmed everything below it."""
        from_telegram = apihelper.get_updates(
            self._token, offset, BATCH, allowed_updates=ALLOWED_UPDATES, long_polling_timeout=POLL_SECONDS
        )
        return list(from_telegram or [])

    def confirm(self, offset: int) -> None:
        """Tell Telegram that everything below `offset` was taken."""
        if offset:
            apihelper._make_request(self._token, "getUpdates", params={"offset": offset, "limit": 1, "timeout": 5})

    def _arrive(
        self,
        place: Place,
        attempt: Callable[[Place], Any],
        urgency: Urgency,
        seconds: float = INSIST_SECONDS,
    ) -> int:
        """Insist until a message is there; its id. Where a group was upgraded under its new id, of a topic that was
        deleted in its chat.
        """
        try:
            sent = self._insist(lambda: attempt(place), urgency, seconds=seconds)
        except ApiTelegramException as error:
            if upgraded := _upgraded_to(error, place.chat_id):
                self.upgraded(place.chat_id, upgraded)
                place = replace(place, chat_id=upgraded)
            elif place.thread and "thread not found" in error.description:
                place = replace(place, thread=0)
            else:
                raise
            return self._arrive(place, attempt, urgency, seconds)
        return int(sent["message_id"])

    def _insist(self, attempt: Callable[[], T], urgency: Urgency = "answer", *, seconds: float = INSIST_SECONDS) -> T:
        """Try until Telegram takes it: waits as long as a 429 asks, pauses up to 5 s when it is away."""
        pause, until = 0.5, time.monotonic() + seconds
        doubt: Exception | None = None  # the newest error that left open whether Telegram took the request
        while True:
            if self.leaving.is_set():
                raise doubt or Leaving("the bot leaves")
            try:
                with wishing(urgency):
                    return attempt()
            except (ApiTelegramException, *UNCERTAIN) as error:
                doubt = error if isinstance(error, UNCERTAIN) and not isinstance(error, Leaving) else doubt
                wait = patience(error, pause)
                if wait is not None and time.monotonic() + wait > until:
                    raise (Away if doubt else AwayUnsent)("Telegram takes nothing") from error
                if wait is None or self.leaving.wait(wait):
                    raise doubt or _final(error) from error
                log.warning(
                    "Telegram did not take a request (%s), tried again after %.1f s", type(error).__name__, wait
                )
                pause = min(pause * 2, LONGEST_PAUSE)


# After these nobody knows whether Telegram took the request.
UNCERTAIN = (urllib3.exceptions.HTTPError, ApiHTTPException, ApiInvalidJSONException, OSError)


def patience(error: Exception, pause: float) -> float | None:
    """Seconds to wait before the same request may be sent again; None: never."""
    if isinstance(error, ApiTelegramException):
        if error.error_code == 429:
            return retry_after(error.result_json) or pause
        return pause if error.error_code >= 500 else None
    return pause


# What a 400 says of a chat or a topic in which nobody, or not this bot, may write (any more).
GONE = (
    "chat not found", "user is deactivated", "kicked", "blocked", "not enough rights", "no rights to send",
    "group chat was deactivated", "PEER_ID_INVALID", "CHAT_WRITE_FORBIDDEN", "CHAT_RESTRICTED", "TOPIC_CLOSED",
)  # fmt: skip


def _final(error: Exception) -> Exception:
    if isinstance(error, ApiTelegramException) and (
        error.error_code == 403 or any(word in error.description for word in GONE)
    ):
        return Unreachable(error.description)
    return error


def _upgraded_to(error: ApiTelegramException, chat_id: int) -> int:
    """The new id of a group that became a supergroup, 0 for any other refusal."""
    parameters = error.result_json.get("parameters")
    new = parameters.get("migrate_to_chat_id") if isinstance(parameters, dict) else None
    return new if isinstance(new, int) and new != chat_id else 0
