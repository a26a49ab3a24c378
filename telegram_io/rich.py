"""Rich messages, as long as Telegram takes them: formatted text that its server reads."""

import json
import logging
import re
from collections.abc import Callable, Sequence
from typing import Any

from telebot import apihelper, types
from telebot.apihelper import ApiTelegramException

from telegram_io.line import Place
from telegram_io.messages import Rows, markup_of, reply_to
from telegram_io.passing import Passing

log = logging.getLogger(__name__)

MOST_REFUSALS = 3  # then this Telegram reads them otherwise, or does not know them: none until the restart

# What a 400 says that is about the content; others are about the place. An older server knows neither field nor method.
_ABOUT_CONTENT = re.compile(
    r"rich|pars|entit|block|table|math|markdown|format|unsupported|empty|too long", re.IGNORECASE
)


class RichRefused(Exception):
    """Telegram surely did not take a rich message: the same has to be said in another way."""


class Rich(Passing):
    """What has tables and formulas."""

    def __init__(self, token: str, api_url: str, proxy: str | None = None, rate: int = 0) -> None:
        super().__init__(token, api_url, proxy, rate)
        self._rich_refusals = 0

    def send_rich(
        self, place: Place, markdown: str, rows: Rows = (), keyboard: Sequence[Sequence[str]] | None = None
    ) -> int:
        """Send a rich message and return its id; insists until it is there, or raises RichRefused."""
        markup, content = markup_of(rows, keyboard), types.InputRichMessage(markdown=markdown)

        def attempt(to: Place) -> Any:
            return self._taken(
                lambda: apihelper.send_rich_message(
                    self._token,
                    to.chat_id,
                    content,
                    reply_markup=markup,
                    message_thread_id=to.thread or None,
                    reply_parameters=reply_to(to),
                )
            )

        return self._arrive(place, attempt, "answer")

    def edit_rich(self, chat_id: int, message_id: int, markdown: str, rows: Rows = ()) -> None:
        """Put a rich message in the place of another message; raises RichRefused."""
        self._looks.pop((chat_id, message_id), None)
        message = {"chat_id": chat_id, "message_id": message_id, "reply_markup": markup_of(rows)}
        content = types.InputRichMessage(markdown=markdown)
        try:
            self._insist(
                lambda: self._taken(lambda: apihelper.edit_message_text(self._token, **message, rich_message=content))
            )
        except ApiTelegramException as error:
            if "message is not modified" not in error.description:
                raise

    def try_rich_draft(self, place: Place, draft_id: int, markdown: str) -> bool:
        """Show a draft of what comes next; see `try_draft`."""
        draft = {"chat_id": place.chat_id, "draft_id": draft_id, "rich_message": json.dumps({"markdown": markdown})}
        return self._show("sendRichMessageDraft", place, draft, "answer")

    def _taken(self, send: Callable[[], Any]) -> Any:
        """What a call gives; raises RichRefused where the content was refused, or was so too often before."""
        if self._rich_refusals >= MOST_REFUSALS:
            raise RichRefused("off until the restart")
        try:
            return send()
        except ApiTelegramException as error:
            unknown = error.error_code == 404
            if not unknown and (error.error_code != 400 or not _ABOUT_CONTENT.search(error.description)):
                raise
            self._rich_refusals += 1
            log.warning("rich message refused, the %s. time: %s", self._rich_refusals, error)
            raise RichRefused(error.description) from error
