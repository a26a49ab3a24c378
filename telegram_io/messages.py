"""Messages on their way to people: sent, copied, edited, growing as drafts; their buttons."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from telebot import apihelper, types
from telebot.apihelper import ApiTelegramException

from telegram_io.line import INSIST_SECONDS, UNCERTAIN, Line, Place, Unreachable
from telegram_io.pacer import Urgency

log = logging.getLogger(__name__)

QUERY_ANSWER_LIMIT = 200  # characters. https://core.telegram.org/bots/api#answercallbackquery
LOOKS = 1_000  # edited messages whose look is remembered
BARE = 0  # the look of a message whose buttons were taken off

Entity = dict[str, Any]  # MessageEntity of the Bot API


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button: pressed it sends `data` (1–64 bytes) back, or opens `url`."""

    label: str
    data: str = ""
    url: str = ""


Rows = Sequence[Sequence[Button]]


class Messages(Line):
    """What is written, and what is changed of it."""

    def __init__(self, token: str, api_url: str, proxy: str | None = None, rate: int = 0) -> None:
        super().__init__(token, api_url, proxy, rate)
        self._looks: dict[tuple[int, int], int] = {}  # chat and message → hash of what `edit` made of it, the latest

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
        markup = markup_of(rows, keyboard)
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

    def _send(
        self,
        place: Place,
        text: str,
        entities: Sequence[Entity],
        markup: types.JsonSerializable | None,
        silent: bool = False,
        seconds: int | None = None,
    ) -> Any:
        return apihelper.send_message(
            self._token,
            place.chat_id,
            text,
            reply_markup=markup,
            entities=_entities(entities),
            message_thread_id=place.thread or None,
            reply_parameters=reply_to(place),
            disable_notification=silent or None,
            link_preview_options=types.LinkPreviewOptions(is_disabled=True),
            timeout=seconds,
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
            self._remember(message, look)

    def _remember(self, message: tuple[int, int], look: int) -> None:
        self._looks[message] = look
        if len(self._looks) > LOOKS:
            self._looks.pop(next(iter(self._looks)), None)

    def _edit(
        self,
        chat_id: int,
        message_id: int,
        text: str,
        entities: Sequence[Entity],
        rows: Rows,
        seconds: int | None = None,
    ) -> None:
        self._looks.pop((chat_id, message_id), None)
        try:
            apihelper.edit_message_text(
                self._token,
                text,
                chat_id=chat_id,
                message_id=message_id,
                entities=_entities(entities),
                reply_markup=markup_of(rows),
                link_preview_options=types.LinkPreviewOptions(is_disabled=True),
                timeout=seconds,
            )
        except ApiTelegramException as error:
            if "message is not modified" not in error.description:
                raise

    def edit_caption(self, chat_id: int, message_id: int, caption: str, rows: Rows = ()) -> None:
        """Give a picture, or another file, new words of at most 1,024 UTF-16 units, and buttons."""
        self._insist(lambda: self._caption(chat_id, message_id, caption, rows), "first")

    def _caption(self, chat_id: int, message_id: int, caption: str, rows: Rows, seconds: int | None = None) -> None:
        self._looks.pop((chat_id, message_id), None)
        try:
            apihelper.edit_message_caption(
                self._token, caption, chat_id, message_id, reply_markup=markup_of(rows), timeout=seconds
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
            self._remember((chat_id, message_id), BARE)
        except ApiTelegramException as error:
            log.info("buttons of message %s stay: %s", message_id, error)

    def set_buttons(self, chat_id: int, message_id: int, rows: Rows) -> None:
        """Put other buttons under a message; one that is gone is a success."""
        self._looks.pop((chat_id, message_id), None)
        try:
            self._insist(
                lambda: apihelper.edit_message_reply_markup(
                    self._token, chat_id, message_id, reply_markup=markup_of(rows)
                )
            )
        except (ApiTelegramException, Unreachable) as error:
            log.info("buttons of message %s stay as they are: %s", message_id, error)

    def delete(self, chat_id: int, message_id: int) -> None:
        """Take one of the bot's own messages away; one that is gone is a success."""
        try:
            self._insist(lambda: apihelper.delete_message(self._token, chat_id, message_id))
        except (ApiTelegramException, Unreachable) as error:
            log.info("message %s stays: %s", message_id, error)

    def answer_button(self, query_id: str, text: str = "", alert: bool = False) -> None:
        """Let the pressed button rest; an answer that comes too late changes nothing."""
        try:
            self._bot.answer_callback_query(query_id, text[:QUERY_ANSWER_LIMIT] or None, show_alert=alert)
        except (ApiTelegramException, *UNCERTAIN) as error:
            log.info("button not answered: %s", type(error).__name__)


def _entities(entities: Sequence[Entity]) -> list[types.MessageEntity] | None:
    return [types.MessageEntity(**entity) for entity in entities] or None


def reply_to(place: Place) -> types.ReplyParameters | None:
    """Which message is replied to; one that is gone keeps nothing from being sent."""
    return types.ReplyParameters(place.reply_to, allow_sending_without_reply=True) if place.reply_to else None


def markup_of(
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
