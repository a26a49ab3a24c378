"""An announcement on its way: one receiver after another, each once, whatever happens to the process."""

import logging
import math
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from telebot.apihelper import ApiTelegramException

from bot_commands.guard import guarded
from bot_commands.request import Request
from records import Announcement
from storage import StorageError
from telegram_io import UNCERTAIN, Button, Place, Rows, Unreachable

log = logging.getLogger(__name__)

LANE = 0  # no chat has this id: one announcement after the other, one message at a time
SHARE = 0.9  # of Telegram's rate: the rest is for answers, and lets a message arrive late without crowding the next
PROGRESS_SECONDS = 3.0  # between two edits of the line that tells how far it is
INSIST_SECONDS = 10.0  # on one receiver, before it is looked whether to stop
BLOCKED, FAILED = -1, -2  # kept in the place of a message's id
STOPPED = "stopped"  # what is kept for an announcement that an admin has stopped

End = Literal["done", "stopped", "gone", "leaving"]
REPORTS = {"done": "announce_report", "stopped": "announce_report_stopped", "gone": "announce_report_gone"}


@dataclass
class Tally:
    """How many took it, cannot be written to, or refused it."""

    total: int
    delivered: int = 0
    blocked: int = 0
    failed: int = 0

    def add(self, outcome: int) -> None:
        """Count a message's id, or what is kept in its place."""
        self.delivered += outcome > 0
        self.blocked += outcome == BLOCKED
        self.failed += outcome == FAILED

    @property
    def done(self) -> int:
        return self.delivered + self.blocked + self.failed

    def words(self) -> dict[str, int]:
        """The blanks of the sentences about it."""
        numbers = {"total": self.total, "delivered": self.delivered, "blocked": self.blocked, "failed": self.failed}
        return numbers | {"done": self.done, "left": self.total - self.done}


class Progress:
    """The line that tells how far it is, in the place of the question that was pressed."""

    def __init__(self, request: Request) -> None:
        self._request, self._next = request, 0.0
        self._rows: Rows = [[Button(request.say("button_stop_announcement"), f"stop_announcement:{request.update_id}")]]

    def show(self, tally: Tally) -> None:
        """Tell it, if that is due."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + PROGRESS_SECONDS
            self._try("announce_progress", tally, self._rows)

    def pause(self, tally: Tally) -> None:
        """Say that the next process goes on."""
        self._try("announce_paused", tally, ())

    def _try(self, key: str, tally: Tally, rows: Rows) -> None:
        incoming, words = self._request.incoming, self._request.say(key, **tally.words())
        try:
            self._request.tools.telegram.try_edit(incoming.chat_id, incoming.message_id, words, (), rows, "last")
        except (ApiTelegramException, *UNCERTAIN) as error:  # deleted, or Telegram is busy: the next one may do
            log.info("progress not shown: %s", type(error).__name__)

    def end(self, tally: Tally) -> None:
        """Say that it is over; insists, for a line that says otherwise would stay for ever."""
        incoming, words = self._request.incoming, self._request.say("announce_ended", **tally.words())
        try:
            self._request.tools.telegram.edit(incoming.chat_id, incoming.message_id, words, urgency="last")
        except (ApiTelegramException, Unreachable) as error:
            log.info("end not shown: %s", error)


def begin(request: Request, announcement: Announcement) -> None:
    """Put an announcement into its lane, where it may have to wait for another one."""
    progress = Progress(request)
    progress.show(so_far(request, announcement))
    request.later(LANE, partial(guarded, request, partial(deliver, request, announcement, progress)))


def so_far(request: Request, announcement: Announcement) -> Tally:
    """What is known of an announcement, also from earlier processes."""
    sends, tally = request.tools.store.inbox.sends(request.update_id), Tally(len(announcement.receivers))
    for receiver in announcement.receivers:
        tally.add(sends.get(_key(receiver), 0))
    return tally


def _key(receiver: int) -> str:
    return f"to {receiver}"


def deliver(request: Request, announcement: Announcement, progress: Progress) -> None:
    """Copy the message to all who have not got it, and say what came of it; parked when the bot leaves.

    What Telegram takes nothing of for long raises Away: the guard begins here again, and it goes on where it was.
    """
    tally = so_far(request, announcement)
    end = _go_on(request, announcement, tally, progress)
    if end == "leaving":
        request.tools.store.inbox.park(request.update_id)
        progress.pause(tally)
    else:
        progress.end(tally)
        line = replace(request.place, reply_to=request.incoming.message_id)
        request.post("report", line, request.say(REPORTS[end], **tally.words()))


def _go_on(request: Request, announcement: Announcement, tally: Tally, progress: Progress) -> End:
    """Serve one receiver after another until all are, or something ends it."""
    inbox, rate = request.tools.store.inbox, request.tools.config.telegram_rate
    sends, begun, pause = inbox.sends(request.update_id), -math.inf, 1 / (SHARE * rate) if rate else 0.0
    for receiver in announcement.receivers:
        if sends.get(_key(receiver)):
            continue
        if inbox.was_sent(request.update_id, STOPPED):
            return "stopped"
        if request.tools.leaving.wait(max(0.0, begun + pause - time.monotonic())):
            return "leaving"
        begun = time.monotonic()
        progress.show(tally)
        if receiver > 0 and request.tools.store.user(receiver) is None:
            tally.add(BLOCKED)  # deleted since it began: not even their id is noted
            continue
        try:
            tally.add(request.once(_key(receiver), partial(_copy, request, announcement, receiver)))
        except ApiTelegramException as error:
            log.info("an announcement cannot be copied any more: %s", error)
            return "gone"
    return "done"


def _copy(request: Request, announcement: Announcement, receiver: int, again: bool) -> int:
    """Copy the preview to one receiver; the message's id, or what stands for its refusal.

    A copy carries no mark where it may be there `again`. Raises ApiTelegramException when nothing is left to copy.
    """
    tools, source = request.tools, Place(request.incoming.chat_id)
    try:
        return tools.telegram.copy(Place(receiver), source, announcement.message_id, seconds=INSIST_SECONDS)
    except Unreachable:
        _remember(request, receiver)
        return BLOCKED
    except ApiTelegramException as error:
        if "message to copy not found" in error.description or "can't be copied" in error.description:
            raise
        log.info("an announcement was not taken: %s", error)
        return FAILED


def _remember(request: Request, receiver: int) -> None:
    try:
        request.tools.store.set_reachable(receiver, False)
    except StorageError:  # costs the next announcement one message in vain
        log.warning("not remembered that a receiver cannot be written to")
