"""Telegram's edge: everything the bot says goes out here, and updates come in; limits and refusals are met here."""

import io
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import telebot
import urllib3
from telebot import apihelper, types
from telebot.apihelper import ApiHTTPException, ApiInvalidJSONException, ApiTelegramException

from incoming import ALLOWED_UPDATES
from telegram_wire import Wire

log = logging.getLogger(__name__)
T = TypeVar("T")

QUERY_ANSWER_LIMIT = 200  # characters. https://core.telegram.org/bots/api#answercallbackquery
INSIST_SECONDS = 900.0  # how long a message is offered to a Telegram that is away or says 429
LONGEST_PAUSE = 5.0  # seconds between two tries when Telegram names no time itself
POLL_SECONDS = 25  # of a long poll
BATCH = 100  # updates a poll

Entity = dict[str, Any]  # MessageEntity of the Bot API


class Unreachable(Exception):
    """The chat cannot be written to: blocked, kicked, gone; nobody's fault and nothing to retry."""


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button: pressed it sends `data` (1–64 bytes) back, or opens `url`."""

    label: str
    data: str = ""
    url: str = ""


Rows = Sequence[Sequence[Button]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where to write: a chat, a topic in it (0: none), a message to reply to (0: none)."""

    chat_id: int
    thread: int = 0
    reply_to: int = 0


class Telegram:
    """One bot's account; safe to call from many threads."""

    def __init__(self, token: str, api_url: str, proxy: str | None = None, rate: int = 0) -> None:
        apihelper.API_URL = f"{api_url}/bot{{0}}/{{1}}"
        apihelper.FILE_URL = f"{api_url}/file/bot{{0}}/{{1}}"
        apihelper.CUSTOM_REQUEST_SENDER = Wire(proxy, rate).post
        telebot.logger.setLevel(logging.CRITICAL)  # its debug lines carry what people wrote
        self._token = token
        self._bot = telebot.TeleBot(token, threaded=False)
        self.leaving = threading.Event()  # set: nothing is waited for any more
        self.id, self.username = 0, ""

    def introduce(self) -> None:
        """Ask Telegram who this bot is, until it answers; raises ApiTelegramException when the token is wrong."""
        me = self._insist(self._bot.get_me)
        self.id, self.username = me.id, str(me.username)

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

    def send(
        self,
        place: Place,
        text: str,
        entities: Sequence[Entity] = (),
        rows: Rows = (),
        keyboard: Sequence[Sequence[str]] | None = None,
    ) -> int:
        """Send one message of 1–4,096 UTF-16 units and return its id; insists until it is there."""
        markup = _markup(rows, keyboard)
        sent = self._insist(
            lambda: apihelper.send_message(
                self._token,
                place.chat_id,
                text,
                reply_markup=markup,
                entities=_entities(entities),
                message_thread_id=place.thread or None,
                reply_parameters=_reply(place),
                link_preview_options=types.LinkPreviewOptions(is_disabled=True),
            )
        )
        return int(sent["message_id"])

    def edit(self, chat_id: int, message_id: int, text: str, entities: Sequence[Entity] = (), rows: Rows = ()) -> None:
        """Give a message new words and buttons; a text that stays the same is a success."""
        self._insist(lambda: self.try_edit(chat_id, message_id, text, entities, rows))

    def try_edit(self, chat_id: int, message_id: int, text: str, entities: Sequence[Entity], rows: Rows) -> None:
        """The same without insisting, for words that will be replaced soon anyway; raises what the wire raised."""
        try:
            apihelper.edit_message_text(
                self._token,
                text,
                chat_id=chat_id,
                message_id=message_id,
                entities=_entities(entities),
                reply_markup=_markup(rows),
                link_preview_options=types.LinkPreviewOptions(is_disabled=True),
            )
        except ApiTelegramException as error:
            if "message is not modified" not in error.description:
                raise

    def drop_buttons(self, chat_id: int, message_id: int) -> None:
        """Take the buttons off a message that has been decided; one that is gone is a success."""
        try:
            self._insist(lambda: apihelper.edit_message_reply_markup(self._token, chat_id, message_id))
        except ApiTelegramException as error:
            log.info("buttons of message %s stay: %s", message_id, error.description)

    def try_draft(self, place: Place, draft_id: int, text: str, entities: Sequence[Entity]) -> None:
        """Show a growing answer with a Stop button, private chats only; an empty text shows "Thinking…"."""
        self._bot.send_message_draft(
            place.chat_id,
            draft_id,
            text,
            message_thread_id=place.thread or None,
            entities=_entities(entities),
            can_stop=True,
        )

    def try_action(self, place: Place, action: str) -> None:
        """Show `typing` or another action for at most 5 seconds."""
        apihelper.send_chat_action(self._token, place.chat_id, action, message_thread_id=place.thread or None)

    def answer_button(self, query_id: str, text: str = "", alert: bool = False) -> None:
        """Let the pressed button rest; an answer that comes too late changes nothing."""
        try:
            self._bot.answer_callback_query(query_id, text[:QUERY_ANSWER_LIMIT] or None, show_alert=alert)
        except (ApiTelegramException, *UNCERTAIN) as error:
            log.info("button not answered: %s", type(error).__name__)

    def send_file(self, place: Place, name: str, content: bytes, caption: str = "") -> None:
        """Send a document of at most 50 MB."""
        self._insist(
            lambda: self._bot.send_document(
                place.chat_id,
                types.InputFile(io.BytesIO(content)),
                visible_file_name=name,
                caption=caption or None,
                message_thread_id=place.thread or None,
            )
        )

    def is_chat_admin(self, chat_id: int, user_id: int) -> bool:
        """Whether a member may decide for a group."""
        member = self._insist(lambda: self._bot.get_chat_member(chat_id, user_id))
        return member.status in ("creator", "administrator")

    def set_menu(
        self, commands: Sequence[tuple[str, str]], scope: Literal["private", "group"] | int, language: str
    ) -> None:
        """Set the command menu of all private chats, all groups or one chat, in a language ("" for all others)."""
        menu = [types.BotCommand(name, description) for name, description in commands]
        self._insist(lambda: self._bot.set_my_commands(menu, _scope(scope), language or None))

    def _insist(self, attempt: Callable[[], T]) -> T:
        """Try until Telegram takes it: waits as long as a 429 asks, pauses up to 5 s when it is away."""
        pause, until = 0.5, time.monotonic() + INSIST_SECONDS
        while True:
            try:
                return attempt()
            except (ApiTelegramException, *UNCERTAIN) as error:
                wait = patience(error, pause)
                if wait is None or time.monotonic() + wait > until or self.leaving.wait(wait):
                    raise _final(error) from error
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
            return float((error.result_json.get("parameters") or {}).get("retry_after") or pause)
        return pause if error.error_code >= 500 else None
    return pause


def _final(error: Exception) -> Exception:
    gone = ("chat not found", "user is deactivated", "kicked", "blocked", "not enough rights", "PEER_ID_INVALID")
    if isinstance(error, ApiTelegramException) and (
        error.error_code == 403 or any(word in error.description for word in gone)
    ):
        return Unreachable(error.description)
    return error


def _entities(entities: Sequence[Entity]) -> list[types.MessageEntity] | None:
    return [types.MessageEntity(**entity) for entity in entities] or None


def _reply(place: Place) -> types.ReplyParameters | None:
    return types.ReplyParameters(place.reply_to, allow_sending_without_reply=True) if place.reply_to else None


def _scope(scope: Literal["private", "group"] | int) -> types.BotCommandScope:
    kinds = {"private": "all_private_chats", "group": "all_group_chats"}
    return types.BotCommandScope("chat", scope) if isinstance(scope, int) else types.BotCommandScope(kinds[scope])


def _markup(
    rows: Rows, keyboard: Sequence[Sequence[str]] | None = None
) -> types.InlineKeyboardMarkup | types.ReplyKeyboardMarkup | None:
    if rows:
        return types.InlineKeyboardMarkup([[_button(button) for button in row] for row in rows])
    if keyboard:
        markup = types.ReplyKeyboardMarkup(resize_keyboard=True, is_persistent=True)
        for row in keyboard:
            markup.row(*row)
        return markup
    return None


def _button(button: Button) -> types.InlineKeyboardButton:
    return types.InlineKeyboardButton(button.label, callback_data=button.data or None, url=button.url or None)
