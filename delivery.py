"""The only way an answer reaches a chat: it grows on the screen while it is written, and then stands there whole."""

import itertools
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from telebot.apihelper import ApiTelegramException

from formatting import LONGEST_TEXT, Part, parts, units
from telegram_io import UNCERTAIN, Button, Place, Rows, Telegram, patience
from texts import Language, say

log = logging.getLogger(__name__)

# Reported budget of drafts and chat actions together: 20 calls in 5 s and 40 in 30 s a chat. One draft a second and an
# action every 4.5 s make 37 in 30 s; a chat action shows for at most 5 s, a draft for 30.
DRAFT_SECONDS = 1.0
ACTION_SECONDS = 4.5
DRAFT_RENEW_SECONDS = 8.0
EDIT_SECONDS = 3.0  # groups take 20 messages and edits a minute. https://core.telegram.org/bots/faq
SAY_SECONDS_FROM = 5.0  # from here on the wait is counted out
TICK_SECONDS = 0.25

Doing = Literal["thinking", "listening", "looking", "drawing"]
# The words for a longer wait, and what Telegram shows meanwhile. https://core.telegram.org/bots/api#sendchataction
DOING: dict[Doing, tuple[str, str]] = {
    "thinking": ("thinking_long", "typing"),
    "listening": ("listening_long", "typing"),
    "looking": ("looking_long", "typing"),
    "drawing": ("drawing_long", "upload_photo"),
}

_draft_ids = itertools.count(random.randrange(1, 2**30))


Keyboard = Sequence[Sequence[str]] | None


class Screen:
    """One answer as a person sees it: `grown` tells its text so far, `Answers` calls `beat` to send it."""

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
    ) -> None:
        """`keyboard` goes along with the first part of the answer; `doing` is said until that begins."""
        self.telegram, self.place, self.language, self.grown, self._once = telegram, place, language, grown, once
        self._keyboard = keyboard
        self.doing = doing
        self.started = time.monotonic()
        self.draft_id = next(_draft_ids) if private and streaming else 0
        self.message_id = 0  # of the placeholder in a group
        self._shown: str | None = None  # nothing yet
        self._next_words = self._next_action = self.started
        self._last_words = self.started
        self._closed = False
        self._one_call = threading.Lock()
        if not private and streaming:
            words = say(language, doing)
            self.message_id = once("placeholder", lambda _: telegram.send(place, words, rows=self._stop_row()))
            self._shown, self._next_words = words, self.started + EDIT_SECONDS

    def beat(self) -> None:
        """Send what is due, at most one draft or edit and one chat action; never raises, never waits for a 429."""
        with self._one_call:
            now = time.monotonic()
            if self._closed:
                return
            if now >= self._next_action:
                self._next_action = now + ACTION_SECONDS
                self._try(lambda: self.telegram.try_action(self.place, DOING[self.doing][1]))
            if now >= self._next_words and (self.draft_id or self.message_id):
                self._words(now)

    def due(self, now: float) -> bool:
        """Whether `beat` would have something to send."""
        words = self.draft_id or self.message_id
        return now >= self._next_action or bool(words and now >= self._next_words)

    def _words(self, now: float) -> None:
        self._next_words = now + (DRAFT_SECONDS if self.draft_id else EDIT_SECONDS)
        text, entities = self._part(now)
        stale = bool(self.draft_id) and now - self._last_words > DRAFT_RENEW_SECONDS
        if text == self._shown and not stale:
            return
        self._shown, self._last_words = text, now
        if self.draft_id:
            self._try(lambda: self.telegram.try_draft(self.place, self.draft_id, text, entities))
        else:
            chat, message = self.place.chat_id, self.message_id
            self._try(lambda: self.telegram.try_edit(chat, message, text, entities, self._stop_row()))

    def _part(self, now: float) -> Part:
        """The end of the growing text, or what is being done and for how long."""
        if grown := parts(self.grown()):
            return grown[-1]
        waited = int(now - self.started)
        if waited < SAY_SECONDS_FROM:
            by_itself = self.draft_id and self.doing == "thinking"  # an empty draft says so
            return Part("" if by_itself else say(self.language, self.doing), [])
        return Part(say(self.language, DOING[self.doing][0], seconds=waited), [])

    def _stop_row(self) -> Rows:
        return [[Button(say(self.language, "button_stop"), "stop")]]

    def _try(self, send: Callable[[], None]) -> None:
        """Words that will be replaced soon are not worth insisting on; what Telegram asks for is respected."""
        try:
            send()
        except ApiTelegramException as error:
            wait = patience(error, DRAFT_SECONDS)
            if wait is None:  # drafts or edits are not possible here: go on without
                log.info("growing answer not shown: %s", error.description)
                self.draft_id = 0
                self._next_words = float("inf")
            else:
                self._next_words = self._next_action = time.monotonic() + wait
        except UNCERTAIN as error:
            log.info("growing answer not shown: %s", type(error).__name__)

    def close(self) -> None:
        """Nothing of the growing answer is sent after this returns."""
        with self._one_call:
            self._closed = True

    def finish(self, answer: str, note: str = "") -> None:
        """Put the whole answer into the chat, a remark under its last part."""
        self.close()
        messages = parts(answer)
        for number, part in enumerate(_with_note(messages, note) if note else messages):
            self._place_part(number, part)

    def conclude(self, sentence: str, rows: Rows = ()) -> None:
        """End without an answer: one literal sentence in its place."""
        self.close()
        self._place_part(0, Part(sentence, []), rows, key="end")

    def vanish(self) -> None:
        """End without a word of its own: what was waited for stands elsewhere."""
        self.close()
        if self.message_id:
            self.telegram.delete(self.place.chat_id, self.message_id)

    def hold(self, sentence: str) -> None:
        """Stop growing; a placeholder says for how long."""
        self.close()
        if self.message_id:
            chat, message = self.place.chat_id, self.message_id
            self._try(lambda: self.telegram.edit(chat, message, sentence, urgency="first"))

    def _place_part(self, number: int, part: Part, rows: Rows = (), key: str = "") -> None:
        """Put a part into the chat, once; marked when a crash left open whether it had arrived."""

        def put(again: bool) -> int:
            if not again:
                return self._formatted(number, part, rows)
            marked, *mark = _with_note([part], say(self.language, "maybe_again"))
            message_id = self._formatted(number, marked, rows)
            for apart in mark:  # a part without room for it
                self.telegram.send(Place(self.place.chat_id, self.place.thread), apart.text, apart.entities)
            return message_id

        self._once(key or f"part {number}", put)

    def _formatted(self, number: int, part: Part, rows: Rows) -> int:
        if number == 0 and self.draft_id and self._shown is not None:
            self._try(lambda: self.telegram.try_draft(self.place, self.draft_id, part.text, part.entities))
        try:
            return self._put(number, part, rows)
        except ApiTelegramException as error:
            if "entit" not in error.description.lower():
                raise
            log.warning("formatting refused, sending plain words: %s", error.description)
            return self._put(number, Part(part.text, []), rows)

    def _put(self, number: int, part: Part, rows: Rows) -> int:
        """The first part takes the placeholder's place while that is there; all others are messages of their own."""
        if number == 0 and self.message_id:
            try:
                self.telegram.edit(self.place.chat_id, self.message_id, part.text, part.entities, rows)
                return self.message_id
            except ApiTelegramException as error:
                if "entit" in error.description.lower():
                    raise
                log.info("placeholder gone, sending anew: %s", error.description)
        place = self.place if number == 0 else Place(self.place.chat_id, self.place.thread)
        return self.telegram.send(place, part.text, part.entities, rows, None if number else self._keyboard)


def _with_note(messages: Sequence[Part], note: str) -> list[Part]:
    """Add a remark in italics under the last part, or as a part of its own when it does not fit."""
    length = units(note)
    if not messages:
        return [Part(note, [])]
    *before, last = messages
    offset = units(last.text) + 2
    if offset + length > LONGEST_TEXT:
        return [*messages, Part(note, [{"type": "italic", "offset": 0, "length": length}])]
    italic = {"type": "italic", "offset": offset, "length": length}
    return [*before, Part(f"{last.text}\n\n{note}", [*last.entities, italic])]


@dataclass(frozen=True)
class _Growing:
    """An answer under way: whose it is, how to cut it, and when it must be cut at the latest (monotonic seconds)."""

    asker: int
    cut: Callable[[str], None]
    latest: float


class Answers:
    """All answers under way: one clock and a few threads keep them moving on the screens; any of them can be cut."""

    def __init__(self, threads: int = 16) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="screen")
        self._growing: dict[Screen, _Growing] = {}
        self._busy: set[Screen] = set()
        self._leaving = ""
        self._lock = threading.Lock()
        self._over = threading.Event()
        threading.Thread(target=self._run, name="screens", daemon=True).start()

    @contextmanager
    def growing(self, screen: Screen, asker: int, cut: Callable[[str], None], seconds: float) -> Iterator[None]:
        """Keep a screen moving inside the block; `cut` is called with "total" after so many seconds."""
        with self._lock:
            self._growing[screen] = _Growing(asker, cut, screen.started + seconds)
        if self._leaving:
            cut(self._leaving)
        try:
            yield
        finally:
            with self._lock:
                del self._growing[screen]
            screen.close()

    def stop(self, chat_id: int, identity: int, person_id: int) -> Literal["cut", "gone", "foreign"]:
        """Cut the answer with this draft or message id, if this person asked for it."""
        with self._lock:
            found = [
                (screen, growing)
                for screen, growing in self._growing.items()
                if screen.place.chat_id == chat_id and identity and identity in (screen.draft_id, screen.message_id)
            ]
        for _, growing in found:
            if growing.asker != person_id:
                return "foreign"
            growing.cut("stop")
            return "cut"
        return "gone"

    def cut_all(self, reason: str) -> None:
        """Cut every answer under way, and every later one as soon as it begins."""
        self._leaving = reason
        with self._lock:
            under_way = list(self._growing.values())
        for growing in under_way:
            growing.cut(reason)

    def _run(self) -> None:
        while not self._over.wait(TICK_SECONDS):
            with self._lock:
                under_way = list(self._growing.items())
            now = time.monotonic()
            for screen, growing in under_way:
                if now > growing.latest:
                    growing.cut("total")
                if screen not in self._busy and screen.due(now):
                    self._busy.add(screen)
                    self._pool.submit(self._beat, screen)

    def _beat(self, screen: Screen) -> None:
        try:
            screen.beat()
        except Exception:
            log.exception("a growing answer could not be shown")
        finally:
            self._busy.discard(screen)

    def close(self) -> None:
        """Stop the clock."""
        self._over.set()
        self._pool.shutdown(wait=False, cancel_futures=True)
