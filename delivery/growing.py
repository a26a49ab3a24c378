"""An answer while it grows on the screen: drafts in a private chat, else a placeholder that is edited."""

import itertools
import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Literal

from telebot.apihelper import ApiTelegramException

from formatting import Part, growing
from telegram_io import UNCERTAIN, Button, Place, Rows, Telegram, patience
from texts import Language, say

log = logging.getLogger(__name__)

# Drafts and chat actions have one budget, telegram_io.lively: these two take 32 of the 40 calls in 30 s. A chat action
# shows for at most 5 s, a draft for 30. https://core.telegram.org/bots/api#sendmessagedraft
DRAFT_SECONDS = 1.2
ACTION_SECONDS = 4.5
RENEW_SECONDS = 7.0  # words that stay the same are shown again
# Groups take 20 messages and edits a minute: 15 of them grow. https://core.telegram.org/bots/faq
EDIT_SECONDS, GROUP_EDIT_SECONDS = 2.0, 4.0
QUICK_SECONDS = 0.2
NO_TURN_SECONDS = 0.2  # until words are offered again that there was no room for
PAUSE_SECONDS = 2.0  # after a failure for which Telegram names none
SAY_SECONDS_FROM = 5.0  # from here on the wait is counted out

Doing = Literal["thinking", "reading", "listening", "looking", "drawing", "searching"]
# The words for a longer wait, and what Telegram shows meanwhile. https://core.telegram.org/bots/api#sendchataction
DOING: dict[Doing, tuple[str, str]] = {
    "thinking": ("thinking_long", "typing"),
    "reading": ("reading_long", "typing"),
    "listening": ("listening_long", "typing"),
    "looking": ("looking_long", "typing"),
    "drawing": ("drawing_long", "upload_photo"),
    "searching": ("searching_long", "typing"),
}

_draft_ids = itertools.count(random.randrange(1, 2**30))


Keyboard = Sequence[Sequence[str]] | None


class Growing:
    """One answer under way: `grown` tells its text so far, `Answers` calls `beat` to send it."""

    def __init__(
        self,
        telegram: Telegram,
        place: Place,
        language: Language,
        grown: Callable[[], str],
        once: Callable[[str, Callable[[bool], int]], int],
        *,
        private: bool,
        streaming: bool,
        keyboard: Keyboard = None,
        doing: Doing = "thinking",
        placed: int = 0,
    ) -> None:
        """`keyboard` goes along with the first part of the answer; `doing` is said until that begins.

        `placed` is the placeholder that an earlier process left.
        """
        self.telegram, self.place, self.language, self.grown, self._once = telegram, place, language, grown, once
        self._keyboard = keyboard
        self.doing, self.lead = doing, ""  # what stands before the words as they grow
        self.started = time.monotonic()
        self.message_id = placed
        self.draft_id = next(_draft_ids) if private and streaming and not placed else 0
        self._edit_seconds = EDIT_SECONDS if private else GROUP_EDIT_SECONDS
        self._plain = False  # formatting was refused
        self._shown: str | None = None  # nothing yet
        self._next_action = self.started
        self.last_words = self.started  # when they were last shown
        self.first_word = 0.0  # when the first of its own words were shown; 0: none have been
        self._next_words = self.started if streaming else float("inf")
        self._closed = False
        self._one_call = threading.Lock()

    def beat(self) -> None:
        """Send what is due, at most one draft or edit and one chat action; never raises, never waits for a 429."""
        with self._one_call:
            now = time.monotonic()
            if not self._closed and now >= self._next_words:
                self._words(now)
            if not self._closed and now >= self._next_action:
                self._next_action = now + ACTION_SECONDS
                self._try(lambda: self.telegram.try_action(self.place, DOING[self.doing][1]), lambda _: None)

    @property
    def is_shown(self) -> bool:
        """Whether anything of it stands on the screen."""
        return self._shown is not None or bool(self.message_id)

    def due(self, now: float) -> bool:
        """Whether `beat` would have something to send; an answer that is there at once needs no announcement."""
        return now >= max(self.started + QUICK_SECONDS, min(self._next_action, self._next_words))

    def _words(self, now: float) -> None:
        """Show the words of now where they are new, or have stood for long."""
        self._next_words = now + (DRAFT_SECONDS if self.draft_id else self._edit_seconds)
        text, entities = self._part(now)
        stale = bool(self.draft_id) and now - self.last_words > RENEW_SECONDS
        if text == self._shown and not stale:
            return
        had_turn = self._try(lambda: self._show(text, [] if self._plain else entities), self._refused)
        if had_turn:
            self._shown, self.last_words = text, now
            self.first_word = self.first_word or (now if self.grown() else 0.0)
        elif had_turn is not None:
            self._next_words = now + NO_TURN_SECONDS

    def _show(self, text: str, entities: Sequence[dict[str, object]]) -> bool:
        if self.draft_id:
            return self.telegram.try_draft(self.place, self.draft_id, text, entities)
        if self.message_id:
            row = self._stop_row()
            return self.telegram.try_edit(self.place.chat_id, self.message_id, text, entities, row)
        self.message_id, self._shown = self._once("placeholder", self._place), say(self.language, self.doing)
        return False  # it does not say yet what has grown

    def _place(self, _: bool) -> int:
        return self.telegram.try_send(self.place, say(self.language, self.doing), self._stop_row())

    def _part(self, now: float) -> Part:
        """The end of the growing text, or what is being done and for how long."""
        grown = self.grown()
        if grown and (shown := growing(self.lead + grown)).text:
            return shown
        waited = int(now - self.started)
        if waited < SAY_SECONDS_FROM:
            by_itself = self.draft_id and self.doing == "thinking"  # an empty draft says so
            return Part("" if by_itself else say(self.language, self.doing), [])
        return Part(say(self.language, DOING[self.doing][0], seconds=waited), [])

    def _stop_row(self) -> Rows:
        return [[Button(say(self.language, "button_stop"), "stop")]]

    def _try(self, send: Callable[[], bool | None], refused: Callable[[ApiTelegramException], None]) -> bool | None:
        """Whether there was a turn for it, None when it failed: nothing of this is insisted on, a 429 is respected."""
        try:
            return send()
        except ApiTelegramException as error:
            log.info("growing answer not shown: %s", error)
            wait = patience(error, PAUSE_SECONDS)
            if wait is None:
                refused(error)
            else:
                self._next_words = self._next_action = time.monotonic() + wait
        except UNCERTAIN as error:
            log.info("growing answer not shown: %s", type(error).__name__)
            if not self.draft_id and not self.message_id:  # a placeholder may be there: not a second one
                self._next_words = float("inf")
        return None

    def _refused(self, error: ApiTelegramException) -> None:
        """Words that Telegram does not take here, and never will."""
        if "entit" in error.description.lower() and not self._plain:
            self._plain = True
        elif self.draft_id and error.error_code in (400, 404) and self._keyboard is None:
            log.info("no drafts here: a message that is edited takes their place")
            self.draft_id, self._next_words = 0, 0.0
        else:  # a placeholder could not take the keys of a keyboard along
            self._next_words = float("inf")

    def close(self) -> None:
        """Nothing of the growing answer is sent after this returns."""
        with self._one_call:
            self._closed = True
