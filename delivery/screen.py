"""How an answer ends: whole, formatted, in parts that fit, each put into the chat once."""

import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from telebot.apihelper import ApiTelegramException

from delivery.growing import Growing
from formatting import LONGEST_TEXT, Part, parts, rich, split, units, whole_characters
from telegram_io import Place, RichRefused, Rows
from texts import say

log = logging.getLogger(__name__)

NOT_RICH = -1  # in the place of an id: it was decided, also for a process that takes over
MOST_PARTS = 5  # an answer of more is hard to keep and to search
NAME_WORDS, NAME_LETTERS = 6, 48  # of the file's name


class Screen(Growing):
    """One answer as a person sees it: it grows, and then stands there whole."""

    def finish(self, answer: str, note: str = "", question: str = "", rows: Rows = ()) -> int:
        """Put the whole answer into the chat, a remark and buttons under its end; a very long one as a file, too.

        Tables and formulas make a rich message; where Telegram takes none, as everything else does: text with entities.
        Returns the id of the message with its end.
        """
        self.close()
        messages, whole = _read(answer, note)
        if whole:
            whole_id = self._once("rich", partial(self._put_rich, answer, note, rows))
            if whole_id != NOT_RICH:
                return whole_id
        *before, last = _with_note(messages, note) if note else messages
        for number, part in enumerate(before):
            self._place_part(number, part)
        last_id = self._place_part(len(before), last, rows)
        if len(messages) > MOST_PARTS:
            self._place_file(answer, question)
        return last_id

    def conclude(self, sentence: str, rows: Rows = ()) -> None:
        """End without an answer: one literal sentence in its place."""
        self.close()
        self._place_part(0, Part(sentence, []), rows, key="end")

    def quote(self, messages: Sequence[Part], whole: str) -> None:
        """End with somebody's words as they are, in so many messages; of very many `whole` comes as a file, too."""
        self.close()
        first, *more = messages
        self._place_part(0, first, key="end")
        for number, part in enumerate(more, 1):
            self._place_part(number, part)
        if len(messages) > MOST_PARTS:
            self._place_file(whole, whole, ".txt")

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
            self._try(lambda: self.telegram.edit(chat, message, sentence, urgency="first"), lambda _: None)

    def _put_rich(self, answer: str, note: str, rows: Rows, again: bool) -> int:
        """The answer as a rich message, its id; NOT_RICH when Telegram surely did not take it."""
        notes = [note, say(self.language, "maybe_again")] if again else [note]
        whole = rich(answer, "\n".join(filter(None, notes))) or ""
        try:
            if self.draft_id and self._shown is not None:
                last = partial(self.telegram.try_rich_draft, self.place, self.draft_id, whole)
                self._try(last, lambda _: None)
            if self.message_id:
                with suppress(ApiTelegramException):  # the placeholder is gone
                    self.telegram.edit_rich(self.place.chat_id, self.message_id, whole, rows)
                    return self.message_id
            return self.telegram.send_rich(self.place, whole, rows, self._keyboard)
        except (RichRefused, ApiTelegramException) as error:
            log.info("no rich message: %s", error)
            return NOT_RICH

    def _place_file(self, answer: str, question: str, ending: str = ".md") -> None:
        """The whole answer as a file, once; it is said already when Telegram takes none."""

        def put(again: bool) -> int:
            caption = say(self.language, "maybe_again") if again else ""
            place = Place(self.place.chat_id, self.place.thread)
            return self.telegram.send_file(
                place, file_name(question, ending), whole_characters(answer).encode(), caption
            )

        try:
            self._once("file", put)
        except ApiTelegramException as error:
            log.warning("the answer was not sent as a file: %s", error)

    def _place_part(self, number: int, part: Part, rows: Rows = (), key: str = "") -> int:
        """Put a part into the chat, once; marked when a crash left open whether it had arrived."""

        def put(again: bool) -> int:
            if not again:
                return self._formatted(number, part, rows)
            marked, *mark = _with_note([part], say(self.language, "maybe_again"))
            message_id = self._formatted(number, marked, rows)
            for apart in mark:  # a part without room for it
                self.telegram.send(Place(self.place.chat_id, self.place.thread), apart.text, apart.entities)
            return message_id

        return self._once(key or f"part {number}", put)

    def _formatted(self, number: int, part: Part, rows: Rows) -> int:
        if number == 0 and self.draft_id and self._shown is not None:
            last = partial(self.telegram.try_draft, self.place, self.draft_id, part.text, part.entities, "answer")
            self._try(last, lambda _: None)
        try:
            return self._put(number, part, rows)
        except ApiTelegramException as error:
            if "entit" not in error.description.lower():
                raise
            log.warning("formatting refused, sending plain words: %s", error)
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
                log.info("placeholder gone, sending anew: %s", error)
        place = self.place if number == 0 else Place(self.place.chat_id, self.place.thread)
        return self.telegram.send(place, part.text, part.entities, rows, None if number else self._keyboard)


def _read(answer: str, note: str) -> tuple[list[Part], str | None]:
    """The answer in messages, and as a rich one; plain words where it can't be read: it is paid and must arrive."""
    try:
        return parts(answer), rich(answer, note)
    except Exception:
        log.exception("an answer could not be read as Markdown, sending plain words")
        return split(whole_characters(answer), []), None


def file_name(question: str, ending: str = ".md") -> str:
    """A name that says what was asked."""
    words = "-".join(re.findall(r"[^\W_]+", question)[:NAME_WORDS])[:NAME_LETTERS].strip("-")
    return f"{words or 'answer'}{ending}"


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
