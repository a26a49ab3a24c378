"""Questions that come in several messages: a long paste that Telegram cut, albums, forwarded messages, words on them.

They come as updates of their own, in order, a moment apart; the first of them is asked, answered and paid for all.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from formatting import LONGEST_TEXT, units
from incoming import Incoming
from records import Attachments

NEXT_SECONDS = 1.5  # within them the next message of the same question comes
NEXT_DATE = 2  # the same by Telegram's clock, which shows whole seconds: after a restart all come at once
# A text is cut at the end of a paragraph where there is one in the second half of what fits (Telegram Desktop).
CUT_UNITS = LONGEST_TEXT // 2
MOST = 100  # pieces; so many messages are forwarded at once, and who goes on for ever would hold their group up
MISSING_SECONDS = 10.0  # for pieces that an earlier process knew

Key = tuple[int, int, int]  # chat, topic, person


class Piece(NamedTuple):
    """What one message brings to a question."""

    words: str
    attachments: Attachments = ()


@dataclass(eq=False)
class Whole:
    """A question as far as it has come; `cut` withdraws its answer, False when that stands already."""

    first: int  # the update that asks it
    key: Key
    pieces: list[Piece] = field(default_factory=list)
    album: str = ""  # of its newest message
    missing: set[int] = field(default_factory=set)  # updates that belong to it, and have not come again yet
    newest: float = 0.0  # monotonic seconds
    date: int = 0
    goes_on: bool = False  # the newest message looks as if another came after it
    cut: Callable[[str], bool] | None = None
    withdrawn: bool = False  # an answer was: the next one begins when nothing more comes

    @property
    def text(self) -> str:
        """All its words."""
        return _together([piece.words for piece in self.pieces])

    @property
    def attachments(self) -> Attachments:
        """All its files."""
        return tuple(each for piece in self.pieces for each in piece.attachments)

    def add(self, incoming: Incoming, piece: Piece) -> None:
        """Put a message behind the others."""
        self.pieces.append(piece)
        self.missing.discard(incoming.update_id)
        self.newest, self.date, self.album = time.monotonic(), incoming.date, incoming.album
        self.goes_on = bool(incoming.forwarded or incoming.album) or units(piece.words) >= CUT_UNITS

    def is_followed_by(self, incoming: Incoming) -> bool:
        """Whether a message is the next of this question: soon after one that goes on, or forwarded after words.

        Two albums are two questions, unless they were forwarded.
        """
        soon = time.monotonic() - self.newest <= NEXT_SECONDS and abs(incoming.date - self.date) <= NEXT_DATE
        apart = (self.album or incoming.album) and self.album != incoming.album and not incoming.forwarded
        fits = (self.goes_on or bool(incoming.forwarded)) and not apart and len(self.pieces) < MOST
        return incoming.update_id in self.missing or (soon and fits)

    @property
    def wait(self) -> float:
        """Seconds to wait for the next message."""
        quiet = time.monotonic() - self.newest
        more = self.goes_on or self.withdrawn
        return (MISSING_SECONDS if self.missing else NEXT_SECONDS if more else 0.0) - quiet


class Pieces:
    """The questions that are not answered yet, the newest of each person in each place."""

    def __init__(self) -> None:
        self._wholes: dict[Key, Whole] = {}
        self._left: dict[tuple[Key, str], str] = {}  # album → words of a file of it that was refused, the last few
        self._changed = threading.Condition()

    def begin(self, incoming: Incoming, piece: Piece, missing: set[int]) -> Whole:
        """A message that may be the first of several; `missing` came with it to an earlier process."""
        whole = Whole(incoming.update_id, _key(incoming), missing=missing)
        with self._changed:
            words = self._left.pop((whole.key, incoming.album), "")
            whole.add(incoming, piece._replace(words=_together([words, piece.words])))
            self._wholes[whole.key] = whole
        return whole

    def goes_on(self, incoming: Incoming) -> bool:
        """Whether a message goes on with a question."""
        with self._changed:
            whole = self._wholes.get(_key(incoming))
            return whole is not None and whole.is_followed_by(incoming)

    def join(self, incoming: Incoming, piece: Piece, keep: Callable[[int], None]) -> bool:
        """Add a message to the question that it goes on with; its answer, if it has begun, is withdrawn.

        `keep` is told which update asks that question, before the message counts.
        """
        with self._changed:
            whole = self._wholes.get(_key(incoming))
            if whole is None or not whole.is_followed_by(incoming):
                return False
            if whole.cut is not None:
                if not whole.cut("more"):
                    return False
                whole.cut, whole.withdrawn = None, True
            keep(whole.first)
            whole.add(incoming, piece)
            self._changed.notify_all()
            return True

    def leave(self, incoming: Incoming, words: str) -> None:
        """Words for the next file of an album."""
        with self._changed:
            self._left[_key(incoming), incoming.album] = words
            while len(self._left) > MOST:
                del self._left[next(iter(self._left))]

    def gather(self, whole: Whole, cut: Callable[[str], bool]) -> None:
        """Wait until no more is to be expected; from then on more of it calls `cut`."""
        with self._changed:
            whole.cut = None
            while (wait := whole.wait) > 0:
                self._changed.wait(wait)
            whole.cut = cut

    def end(self, whole: Whole) -> None:
        """The question is answered, or will not be."""
        with self._changed:
            if self._wholes.get(whole.key) is whole:
                del self._wholes[whole.key]


def _key(incoming: Incoming) -> Key:
    return incoming.chat_id, incoming.thread, incoming.person.id if incoming.person else 0


def _together(words: Sequence[str]) -> str:
    """A message that is full to the last unit was cut inside a line."""
    text, before = "", ""
    for each in filter(None, words):
        text += ("\n" if before and units(before) != LONGEST_TEXT else "") + each
        before = each
    return text
