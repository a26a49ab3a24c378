"""A picture while it is drawn: the message that says so shows it as far as it has come."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from telebot.apihelper import ApiTelegramException

from delivery.growing import EDIT_SECONDS
from delivery.screen import Screen
from formatting import Part
from telegram_io import UNCERTAIN, Place, Rows, Telegram
from texts import Language

NOT_WORDS = "no text in the message"  # how Telegram refuses to edit a picture's words as a text


class Sketch(Screen):
    """A message in private chats too: a draft holds no picture. It goes when the whole picture comes as a new one."""

    def __init__(
        self,
        telegram: Telegram,
        place: Place,
        language: Language,
        newest: Callable[[], bytes | None],
        once: Callable[[str, Callable[[bool], int]], int],
        placed: int = 0,
    ) -> None:
        """`newest` tells the picture as far as it has come; `placed` is the message that an earlier process left."""
        super().__init__(
            telegram,
            place,
            language,
            lambda: "",
            once,
            private=False,
            streaming=True,
            doing="drawing",
            placed=placed,
        )
        if place.chat_id > 0:
            self._edit_seconds = EDIT_SECONDS
        self._newest = newest
        self._offered: bytes | None = None  # the picture that Telegram was given last
        self._has_picture = False  # for all that is known
        self._may_have_picture = bool(placed)
        self._only_words = False  # pictures were refused

    def _words(self, now: float) -> None:
        if self._is_news(self._newest()):
            self._shown = None  # the same words stand under another picture
        super()._words(now)

    def _show(self, text: str, entities: Sequence[dict[str, object]]) -> bool:
        picture, chat_id = self._newest(), self.place.chat_id
        if self.message_id and picture and self._is_news(picture):
            self._may_have_picture = True
            before, self._offered = self._offered, picture
            if not self.telegram.try_picture(chat_id, self.message_id, picture, text, self._stop_row()):
                self._offered = before
                return False
            self._has_picture = True
            return True
        if self._has_picture:
            return self.telegram.try_caption(chat_id, self.message_id, text, self._stop_row())
        return super()._show(text, entities)

    def _is_news(self, picture: bytes | None) -> bool:
        return picture is not None and picture is not self._offered and not self._only_words

    def _refused(self, error: ApiTelegramException) -> None:
        if NOT_WORDS in error.description and not self._has_picture:  # an earlier process had got so far
            self._has_picture, self._next_words = True, 0.0
        elif self._offered and not self._has_picture and not self._only_words:
            self._only_words, self._next_words = True, 0.0
        else:
            super()._refused(error)

    def hold(self, sentence: str) -> None:
        """Stop growing; the words under the picture say for how long."""
        self.close()
        if self._may_have_picture and self.message_id:
            with suppress(ApiTelegramException, *UNCERTAIN):
                self.telegram.edit_caption(self.place.chat_id, self.message_id, sentence)
                return
        super().hold(sentence)

    def _put(self, number: int, part: Part, rows: Rows) -> int:
        """Words alone cannot take a picture's place: it goes."""
        if number == 0 and self.message_id and self._may_have_picture:
            self.telegram.delete(self.place.chat_id, self.message_id)
            self.message_id = 0
        return super()._put(number, part, rows)
