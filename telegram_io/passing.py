"""What is shown in passing, and replaced soon: nothing of it is insisted on."""

import io
import json
import logging
from collections.abc import Callable, Sequence
from typing import Any

from telebot import apihelper, types
from telebot.apihelper import ApiTelegramException

from telegram_io.line import UNCERTAIN, Place
from telegram_io.messages import BARE, Entity, Messages, Rows, markup_of
from telegram_io.wire import NoSpareTurn, Wish, wishing

log = logging.getLogger(__name__)

PASSING_SECONDS = 5  # it is offered no longer: a Telegram that hangs must not hold up what comes after

PLACING_SECONDS = 15  # a message of which nobody knows whether it arrived would stand there for ever


class Passing(Messages):
    """Growing words, chat actions, buttons that go, each offered once; growing words raise what the wire raised."""

    def try_send(self, place: Place, text: str, rows: Rows) -> int:
        """Send a message in whose place others will come; its id."""
        return int(self._send(place, text, (), markup_of(rows), seconds=PLACING_SECONDS)["message_id"])

    def try_edit(
        self,
        chat_id: int,
        message_id: int,
        text: str,
        entities: Sequence[Entity],
        rows: Rows,
        wish: Wish = "spare",
    ) -> bool:
        """Give a message words that will be replaced soon anyway.

        "spare": they are dropped when they would have to wait for their turn, or would take it from whole texts. False
        when they were.
        """
        return _spared(wish, lambda: self._edit(chat_id, message_id, text, entities, rows, PASSING_SECONDS))

    def try_picture(self, chat_id: int, message_id: int, content: bytes, caption: str, rows: Rows) -> bool:
        """Put a picture that will be replaced soon in the place of a message's words or picture; see `try_edit`.

        https://core.telegram.org/bots/api#editmessagemedia
        """
        self._looks.pop((chat_id, message_id), None)
        media = types.InputMediaPhoto(types.InputFile(io.BytesIO(content)), caption=caption)
        where: dict[str, Any] = {"chat_id": chat_id, "message_id": message_id, "reply_markup": markup_of(rows)}
        return _spared(
            "spare", lambda: apihelper.edit_message_media(self._token, media, **where, timeout=PLACING_SECONDS)
        )

    def try_caption(self, chat_id: int, message_id: int, caption: str, rows: Rows) -> bool:
        """Give a picture words that will be replaced soon anyway; see `try_edit`."""
        return _spared("spare", lambda: self._caption(chat_id, message_id, caption, rows, PASSING_SECONDS))

    def try_draft(
        self, place: Place, draft_id: int, text: str, entities: Sequence[Entity], wish: Wish = "spare"
    ) -> bool:
        """Show a growing answer with a Stop button, private chats only; an empty text shows "Thinking…".

        Its chat's budget may not allow it: False then, least for a draft that is more than "spare".
        """
        draft = {"chat_id": place.chat_id, "draft_id": draft_id, "text": text, "can_stop": True}
        draft |= {"entities": json.dumps(entities)} if entities else {}
        return self._show("sendMessageDraft", place, draft, wish)

    def try_action(self, place: Place, action: str) -> bool:
        """Show `typing` or another action for at most 5 seconds; False when the chat's budget does not allow it."""
        return self._show("sendChatAction", place, {"chat_id": place.chat_id, "action": action}, "spare")

    def fade_buttons(self, chat_id: int, message_id: int) -> None:
        """Take the buttons off an older message if there is a spare turn for it now."""
        message = (chat_id, message_id)
        if self._looks.get(message) == BARE:
            return
        what = {"chat_id": chat_id, "message_id": message_id, "timeout": PASSING_SECONDS}
        try:
            if _spared("spare", lambda: self._call("editMessageReplyMarkup", what)):
                self._remember(message, BARE)
        except (ApiTelegramException, *UNCERTAIN) as error:
            log.debug("buttons of message %s stay: %s", message_id, type(error).__name__)

    def _call(self, method: str, what: dict[str, Any]) -> None:
        apihelper._make_request(self._token, method, method="post", params=what)

    def _show(self, method: str, place: Place, what: dict[str, Any], wish: Wish) -> bool:
        topic = {"message_thread_id": place.thread} if place.thread else {}
        what |= topic | {"timeout": PASSING_SECONDS}
        return _spared(wish, lambda: self._call(method, what))


def _spared(wish: Wish, send: Callable[[], object]) -> bool:
    """Send what may be dropped; whether there was a turn for it."""
    try:
        with wishing(wish):
            send()
    except NoSpareTurn:
        return False
    return True
