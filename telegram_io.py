"""Telegram's edge: everything the bot says goes out here, and updates come in; limits and refusals are met here."""

import io
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import IO, Any, Literal, TypeVar
from urllib.parse import quote

import telebot
import urllib3
from telebot import apihelper, types
from telebot.apihelper import ApiHTTPException, ApiInvalidJSONException, ApiTelegramException

from incoming import ALLOWED_UPDATES
from pacer import Leaving, Urgency
from stars import CURRENCY, Invoice, Transaction, read_transaction
from telegram_wire import STILL_SECONDS, DownloadError, NoSpareTurn, Wire, Wish, retry_after, wishing

log = logging.getLogger(__name__)
T = TypeVar("T")

QUERY_ANSWER_LIMIT = 200  # characters. https://core.telegram.org/bots/api#answercallbackquery
INSIST_SECONDS = 900.0  # how long a message is offered to a Telegram that is away or says 429
LONGEST_PAUSE = 5.0  # seconds between two tries when Telegram names no time itself
DOWNLOAD_SECONDS = 60.0  # a file may take in all
POLL_SECONDS = 25  # of a long poll
LOOKS = 1_000  # edited messages whose look is remembered
BATCH = 100  # updates a poll
CHECKOUT_SECONDS = 9.0  # for the answer to a checkout; Telegram waits 10. #answerprecheckoutquery
CHECKOUT_TRY_SECONDS = 2.5  # of one try: a second and a third must fit in
TRANSACTIONS = 100  # a call. https://core.telegram.org/bots/api#getstartransactions

LONGEST_TEXT = 4096  # UTF-16 units of a message. https://core.telegram.org/bots/api#sendmessage

Entity = dict[str, Any]  # MessageEntity of the Bot API


class Away(Exception):
    """Telegram took nothing for as long as it was worth insisting, or asked for a longer pause than that."""


class AwayUnsent(Away):
    """The same, and it said so each time: it has surely not taken the request."""


class Unreachable(Exception):
    """The chat cannot be written to: blocked, kicked, gone; nobody's fault and nothing to retry."""


class NotRefunded(Exception):
    """Telegram does not give a payment back; the message is its reason, such as CHARGE_NOT_FOUND."""


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button: pressed it sends `data` (1–64 bytes) back, or opens `url`."""

    label: str
    data: str = ""
    url: str = ""


Rows = Sequence[Sequence[Button]]


def units(text: str) -> int:
    """The length of a text as Telegram counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True, slots=True)
class Place:
    """Where to write: a chat, a topic in it (0: none), a message to reply to (0: none)."""

    chat_id: int
    thread: int = 0
    reply_to: int = 0


class Telegram:
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
        self.upgraded: Callable[[int, int], None] = lambda old, new: None  # told of a group's new id
        self._looks: dict[tuple[int, int], int] = {}  # chat and message → hash of what `edit` made of it, the latest

    def introduce(self, seconds: float = float("inf")) -> None:
        """Ask Telegram who this bot is, for so long (0: once); ApiTelegramException when the token is wrong, Away."""
        me = self._insist(self._bot.get_me, seconds=seconds)
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
        urgency: Urgency = "answer",
        silent: bool = False,
    ) -> int:
        """Send one message of 1–4,096 UTF-16 units and return its id; insists until it is there. `silent`: no sound.

        A group that has been upgraded is written to under its new id.
        """
        markup = _markup(rows, keyboard)
        return self._arrive(place, lambda to: self._send(to, text, entities, markup, silent), urgency)

    def copy(self, place: Place, source: Place, message_id: int, *, seconds: float = INSIST_SECONDS) -> int:
        """Send what a message of `source` holds, of any kind and with its formatting, as the bot's own; its new id.

        It leaves after all that is more urgent, and is offered for so many seconds (0: once) before Away is raised.
        What cannot be copied raises ApiTelegramException: invoices, games, giveaways, and what was deleted.
        https://core.telegram.org/bots/api#copymessage
        """

        def attempt(to: Place) -> Any:
            return apihelper.copy_message(
                self._token, to.chat_id, source.chat_id, message_id, message_thread_id=to.thread or None
            )

        return self._arrive(place, attempt, "last", seconds)

    def _arrive(
        self,
        place: Place,
        attempt: Callable[[Place], Any],
        urgency: Urgency,
        seconds: float = INSIST_SECONDS,
    ) -> int:
        """Insist until a message is there, under a group's new id where it has been upgraded; the message's id."""
        try:
            sent = self._insist(lambda: attempt(place), urgency, seconds=seconds)
        except ApiTelegramException as error:
            if not (upgraded := _upgraded_to(error, place.chat_id)):
                raise
            self.upgraded(place.chat_id, upgraded)
            return self._arrive(replace(place, chat_id=upgraded), attempt, urgency, seconds)
        return int(sent["message_id"])

    def _send(
        self,
        place: Place,
        text: str,
        entities: Sequence[Entity],
        markup: types.JsonSerializable | None,
        silent: bool = False,
    ) -> Any:
        return apihelper.send_message(
            self._token,
            place.chat_id,
            text,
            reply_markup=markup,
            entities=_entities(entities),
            message_thread_id=place.thread or None,
            reply_parameters=_reply(place),
            disable_notification=silent or None,
            link_preview_options=types.LinkPreviewOptions(is_disabled=True),
        )

    def edit(
        self,
        chat_id: int,
        message_id: int,
        text: str,
        entities: Sequence[Entity] = (),
        rows: Rows = (),
        urgency: Urgency = "answer",
    ) -> None:
        """Give a message new words and buttons; a text that stays the same is a success.

        Telegram counts an edit that changes nothing, too: many presses of a button would use up the chat's allowance.
        """
        message, look = (chat_id, message_id), hash(repr((text, entities, rows)))
        if self._looks.get(message) != look:
            self._insist(lambda: self._edit(chat_id, message_id, text, entities, rows), urgency)
            self._looks[message] = look
            if len(self._looks) > LOOKS:
                self._looks.pop(next(iter(self._looks)), None)

    def try_edit(
        self,
        chat_id: int,
        message_id: int,
        text: str,
        entities: Sequence[Entity],
        rows: Rows,
        wish: Wish = "spare",
    ) -> None:
        """The same without insisting, for words that will be replaced soon anyway; raises what the wire raised.

        "spare": they are dropped when they would have to wait for their turn, or would take it from whole texts.
        """
        try:
            with wishing(wish):
                self._edit(chat_id, message_id, text, entities, rows)
        except NoSpareTurn:
            log.debug("words of a growing answer left out in chat %s", chat_id)

    def _edit(self, chat_id: int, message_id: int, text: str, entities: Sequence[Entity], rows: Rows) -> None:
        self._looks.pop((chat_id, message_id), None)
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

    def edit_if_there(self, chat_id: int, message_id: int, text: str, rows: Rows = ()) -> None:
        """The same for a message that its reader may have deleted, or whose chat is gone."""
        try:
            self.edit(chat_id, message_id, text, rows=rows)
        except (ApiTelegramException, Unreachable) as error:
            log.info("message %s stays as it is: %s", message_id, error)

    def drop_buttons(self, chat_id: int, message_id: int) -> None:
        """Take the buttons off a message that has been decided; one that is gone is a success."""
        self._looks.pop((chat_id, message_id), None)
        try:
            self._insist(lambda: apihelper.edit_message_reply_markup(self._token, chat_id, message_id))
        except ApiTelegramException as error:
            log.info("buttons of message %s stay: %s", message_id, error.description)

    def delete(self, chat_id: int, message_id: int) -> None:
        """Take one of the bot's own messages away; one that is gone is a success."""
        try:
            self._insist(lambda: apihelper.delete_message(self._token, chat_id, message_id))
        except (ApiTelegramException, Unreachable) as error:
            log.info("message %s stays: %s", message_id, error)

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

    def send_file(self, place: Place, name: str, content: bytes, caption: str = "", urgency: Urgency = "answer") -> int:
        """Send a document of at most 50 MB and return its message's id."""
        sent = self._insist(
            lambda: self._bot.send_document(
                place.chat_id,
                types.InputFile(io.BytesIO(content)),
                visible_file_name=name,
                caption=caption or None,
                message_thread_id=place.thread or None,
            ),
            urgency,
        )
        return int(sent.message_id)

    def send_photo(
        self, place: Place, content: bytes, caption: str = "", rows: Rows = (), urgency: Urgency = "answer"
    ) -> int:
        """Send a picture of at most 10 MB with a caption of at most 1,024 UTF-16 units; its message's id.

        Telegram makes a JPEG of it: what has to arrive byte by byte goes through `send_file`.
        https://core.telegram.org/bots/api#sendphoto
        """
        markup = _markup(rows)

        def attempt(to: Place) -> Any:
            return apihelper.send_photo(
                self._token,
                to.chat_id,
                types.InputFile(io.BytesIO(content)),
                caption=caption or None,
                reply_markup=markup,
                message_thread_id=to.thread or None,
                reply_parameters=_reply(to),
            )

        return self._arrive(place, attempt, urgency)

    def send_invoice(self, place: Place, invoice: Invoice) -> int:
        """Offer something for Stars and return the message's id; forwarded, it leads to the bot and cannot be paid."""
        sent = self._insist(
            lambda: apihelper.send_invoice(
                self._token,
                place.chat_id,
                invoice.title,
                invoice.description,
                invoice.payload,
                "",
                CURRENCY,
                [types.LabeledPrice(invoice.title, invoice.stars)],
                start_parameter="topup",
                message_thread_id=place.thread or None,
            )
        )
        return int(sent["message_id"])

    def answer_checkout(self, query_id: str, refusal: str = "") -> None:
        """Let a payment go on, or refuse it with a sentence; an answer that comes too late changes nothing."""
        asked = {"pre_checkout_query_id": query_id, "ok": not refusal, "timeout": CHECKOUT_TRY_SECONDS}
        asked |= {"error_message": refusal} if refusal else {}
        try:
            self._insist(
                lambda: apihelper._make_request(self._token, "answerPreCheckoutQuery", params=dict(asked)),
                "first",
                seconds=CHECKOUT_SECONDS,
            )
        except (ApiTelegramException, Unreachable, Away, *UNCERTAIN) as error:
            log.warning("checkout not answered: %s", type(error).__name__)

    def refund(self, user_id: int, charge: str) -> None:
        """Give a payment's Stars back; once only, however often this is asked. Raises NotRefunded."""
        refusal = self._insist(lambda: self._refund(user_id, charge), "first")
        if refusal and "CHARGE_ALREADY_REFUNDED" not in refusal:
            raise NotRefunded(refusal)

    def _refund(self, user_id: int, charge: str) -> str:
        """Why Telegram does not, "" when it did: a refusal after a lost answer is as good as any."""
        try:
            apihelper.refund_star_payment(self._token, user_id, charge)
        except ApiTelegramException as error:
            if error.error_code not in (400, 403):
                raise
            return str(error.description)
        return ""

    def transactions(self) -> Iterator[Transaction]:
        """All payments in Stars and their refunds, oldest first."""
        for offset in itertools.count(0, TRANSACTIONS):
            page = self._transactions(offset)
            yield from filter(None, map(read_transaction, page))
            if len(page) < TRANSACTIONS:
                return

    def _transactions(self, offset: int) -> list[dict[str, Any]]:
        answer = self._insist(lambda: apihelper.get_star_transactions(self._token, offset, TRANSACTIONS))
        return list(answer["transactions"])

    def download(self, file_id: str, into: IO[bytes], limit: int) -> int:
        """Write a file of at most `limit` bytes into `into` and say how many they are.

        Raises DownloadError after 60 seconds at the latest, and Leaving; `into` may hold a part of the file then.
        """
        until = time.monotonic() + DOWNLOAD_SECONDS
        url, pause = self._files + quote(self._file_path(file_id, limit)), 1.0
        while True:
            size = 0
            try:
                with closing(self._wire.pieces(url, until)) as pieces:
                    for piece in pieces:
                        size += len(piece)
                        if size > limit:
                            raise DownloadError("too_large")
                        into.write(piece)
                return size
            except DownloadError as error:
                late = time.monotonic() + LONGEST_PAUSE + 2 * STILL_SECONDS > until
                if error.kind != "stalled" or size or late:
                    raise
                log.warning("a file did not begin to come, asked for again")
            if self.leaving.wait(pause):
                raise Leaving("the bot leaves")
            pause = min(pause * 2, LONGEST_PAUSE)

    def _file_path(self, file_id: str, limit: int) -> str:
        """Where a file lies on Telegram's server; raises DownloadError, also for one that is said to be too large."""
        asked = {"file_id": file_id, "timeout": STILL_SECONDS}  # the time limit of telebot, Telegram does not see it
        try:
            file = self._insist(
                lambda: apihelper._make_request(self._token, "getFile", params=dict(asked)),
                seconds=DOWNLOAD_SECONDS - 4 * STILL_SECONDS,  # to connect and to answer, here and for the file
            )
        except (ApiTelegramException, Unreachable, Away, *UNCERTAIN) as error:
            raise self._no_file(error) from None
        if int(file.get("file_size") or 0) > limit:
            raise DownloadError("too_large")
        return str(file.get("file_path") or "")

    def _no_file(self, error: Exception) -> Exception:
        """What keeps a file from coming when this keeps its path from coming."""
        if self.leaving.is_set():
            return Leaving("the bot leaves")
        if "too big" in str(error):
            return DownloadError("too_large")
        return DownloadError("gone" if patience(error, 0.0) is None else "stalled")

    def is_chat_admin(self, chat_id: int, user_id: int) -> bool:
        """Whether a member may decide for a group."""
        member = self._insist(lambda: self._bot.get_chat_member(chat_id, user_id))
        return member.status in ("creator", "administrator")

    def is_member(self, chat_id: int) -> bool:
        """Whether the bot is in a group that there is."""
        try:
            return self._insist(lambda: self._bot.get_chat_member(chat_id, self.id)).status not in ("left", "kicked")
        except (ApiTelegramException, Unreachable):
            return False

    def set_menu(
        self, commands: Sequence[tuple[str, str]], scope: Literal["private", "group"] | int, language: str
    ) -> None:
        """Set the command menu of all private chats, all groups or one chat, in a language ("" for all others)."""
        menu = [types.BotCommand(name, description) for name, description in commands]
        self._insist(lambda: self._bot.set_my_commands(menu, _scope(scope), language or None))

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


def _final(error: Exception) -> Exception:
    gone = ("chat not found", "user is deactivated", "kicked", "blocked", "not enough rights", "PEER_ID_INVALID")
    if isinstance(error, ApiTelegramException) and (
        error.error_code == 403 or any(word in error.description for word in gone)
    ):
        return Unreachable(error.description)
    return error


def _upgraded_to(error: ApiTelegramException, chat_id: int) -> int:
    """The new id of a group that became a supergroup, 0 for any other refusal."""
    parameters = error.result_json.get("parameters")
    new = parameters.get("migrate_to_chat_id") if isinstance(parameters, dict) else None
    return new if isinstance(new, int) and new != chat_id else 0


def _entities(entities: Sequence[Entity]) -> list[types.MessageEntity] | None:
    return [types.MessageEntity(**entity) for entity in entities] or None


def _reply(place: Place) -> types.ReplyParameters | None:
    return types.ReplyParameters(place.reply_to, allow_sending_without_reply=True) if place.reply_to else None


def _scope(scope: Literal["private", "group"] | int) -> types.BotCommandScope:
    kinds = {"private": "all_private_chats", "group": "all_group_chats"}
    return types.BotCommandScope("chat", scope) if isinstance(scope, int) else types.BotCommandScope(kinds[scope])


def _markup(
    rows: Rows, keyboard: Sequence[Sequence[str]] | None = None
) -> types.InlineKeyboardMarkup | types.ReplyKeyboardMarkup | types.ReplyKeyboardRemove | None:
    """Buttons, or keys; an empty list of keys takes them away."""
    if rows:
        return types.InlineKeyboardMarkup([[_button(button) for button in row] for row in rows])
    if keyboard is not None:
        if not keyboard:
            return types.ReplyKeyboardRemove()
        markup = types.ReplyKeyboardMarkup(resize_keyboard=True, is_persistent=True)
        for row in keyboard:
            markup.row(*row)
        return markup
    return None


def _button(button: Button) -> types.InlineKeyboardButton:
    return types.InlineKeyboardButton(button.label, callback_data=button.data or None, url=button.url or None)
