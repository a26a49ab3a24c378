"""Notes to the main admin about what needs a human, each kind at most once an hour."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from telebot.apihelper import ApiTelegramException

from storage import Store, Together
from telegram_io import Button, Place, Rows, Telegram, Unreachable
from texts import Language, guess, say

log = logging.getLogger(__name__)

QUIET_SECONDS, MINUTE_SECONDS = 3600.0, 60.0
SHOWN_TOGETHER = 10  # pictures that may wait: each is some megabytes
TOGETHER = 7  # notes in one message: two names each, of up to 129 characters that may count double


class Alerts:
    """Sends without holding anybody up; an alert that can't be delivered stands in the log."""

    def __init__(
        self, telegram: Telegram, store: Store, admin_id: int, later: Callable[[Callable[[], None]], None]
    ) -> None:
        self._telegram, self._store, self._admin_id, self._later = telegram, store, admin_id, later
        self._told: dict[str, float] = {}
        self._gathered: list[tuple[str, Sequence[Button]]] = []
        self._shown = 0  # pictures on their way
        self.together: Together | None = None  # with other processes
        self._lock = threading.Lock()

    def tell(self, key: str, subject: str = "", rows: Rows = (), **blanks: object) -> None:
        """Say a sentence of texts.TEXTS to the admin; again for the same key and subject only after an hour."""
        now = time.monotonic()
        with self._lock:
            if now - self._told.get(key + subject, -QUIET_SECONDS) < QUIET_SECONDS:
                return
            self._told[key + subject] = now
        self._later(lambda: self._tell(self.in_words(key, **blanks), key + subject, rows))

    def _tell(self, text: str, told: str, rows: Rows) -> None:
        """Say it unless another process has."""
        if self.together is None or self.together.is_first(told, QUIET_SECONDS):
            self.send(text, told, rows)

    def tell_of_model(self, key: str, model: str, **blanks: object) -> None:
        """The same about a model, with a button to the list of them."""
        self.tell(key, model, [[Button(self.in_words("button_models"), "/models")]], model=model, **blanks)

    def note(self, key: str, **blanks: object) -> None:
        """Say it every time."""
        self._later(lambda: self.send(self.in_words(key, **blanks)))

    def tell_once(self, key: str) -> None:
        """Say it, but only once a minute for all processes together."""
        if self.together is None or self.together.is_first(key, MINUTE_SECONDS):
            self.note(key)

    def show(self, picture: bytes, caption: str) -> None:
        """Send a picture to the admin, in silence; while Telegram takes none further ones are left out."""
        with self._lock:
            if self._shown >= SHOWN_TOGETHER:
                return
            self._shown += 1
        self._later(lambda: self._send_picture(picture, caption))

    def _send_picture(self, picture: bytes, caption: str) -> None:
        try:
            self._telegram.send_photo(Place(self._admin_id), picture, caption, urgency="last", silent=True)
        except (ApiTelegramException, Unreachable) as error:
            log.warning("a drawn picture was not shown to the admin: %s", error)
        finally:
            with self._lock:
                self._shown -= 1

    def gather(self, key: str, row: Sequence[Button], **blanks: object) -> None:
        """Say it every time, but in one message with all that comes while Telegram takes no more; `row` goes along."""
        with self._lock:
            self._gathered.append((self.in_words(key, **blanks), row))
        self._later(self._send_gathered)

    def _send_gathered(self) -> None:
        with self._lock:
            together, self._gathered = self._gathered[:TOGETHER], self._gathered[TOGETHER:]
        if together:
            self.send("\n".join(text for text, _ in together), rows=[row for _, row in together])

    @property
    def language(self) -> Language:
        """The main admin's."""
        return guess(self._store.language(self._admin_id))

    def in_words(self, key: str, **blanks: object) -> str:
        """A sentence in the admin's language."""
        return say(self.language, key, **blanks)

    def send(self, text: str, told: str = "", rows: Rows = (), silent: bool = False) -> None:
        """Send words at once; `told` names the alert that they were, to be told again when this fails."""
        try:
            self._telegram.send(Place(self._admin_id), text, rows=rows, urgency="last", silent=silent)
        except Unreachable:
            log.warning("the admin can't be reached: has the bot been started in their chat?")
        except Exception:
            with self._lock:
                self._told.pop(told, None)  # it was not: the next one may be
            if told and self.together:
                self.together.untell(told)
            raise
