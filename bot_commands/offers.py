"""What is offered under an answer: one row of buttons, and the note of the question that lets them work."""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict

from bot_commands.context import Asked
from bot_commands.request import Request
from formatting import open_fence
from lanes import LaneFullError
from records import PastQuestion
from storage import StorageError
from telegram_io import Button, Rows

ROWS_LANE = 1  # no chat has this id: rows that fade hold no question up
FADING = 50  # rows that may wait there; one more stays where it is, and goes when it is pressed
SPARE_SECONDS = 1.1  # after an answer: earlier its chat has no turn to spare

# What a button presses, and its label.
AGAIN, RETRY, CONTINUE = ("again", "button_again"), ("retry", "button_retry"), ("continue", "button_continue")
EDITED = ("edited", "button_edited")

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


def past_question(request: Request, asked: Asked, failed: bool = False, answer_cut: str = "") -> PastQuestion:
    """A question as it is kept for the buttons under its answer."""
    attachment, replied = asked.attachment, asked.replied
    return PastQuestion(
        number=request.update_id,
        asked_by=request.writer.id,
        asked_in=request.incoming.message_id,
        text=asked.text,
        premium=asked.premium,
        attachment=attachment._asdict() if attachment else None,
        replied=asdict(replied) if replied else None,  # with the file it holds
        answer_cut=answer_cut,
        failed=failed,
    )


def row(request: Request) -> Rows:
    """The buttons under the answer to this request, as its question stands now; none when it is forgotten."""
    past = request.tools.store.past_question(request.topic, request.update_id)
    if past is None or request.keyboard is not None:  # a message carries keys or buttons
        return []
    return buttons(request, past)


def buttons(request: Request, past: PastQuestion) -> Rows:
    """One row: what a person most likely wants next stands first."""
    if past.failed:
        names = [RETRY]
    elif past.edited:
        names = [EDITED]
    else:
        names = [CONTINUE, AGAIN] if past.answer_cut else [AGAIN]
    return [[Button(request.say(label), f"{press}:{past.number}") for press, label in names]]


def retry(request: Request, asked: Asked) -> Rows:
    """The button of an answer that did not come; none while the disk takes nothing."""
    past = past_question(request, asked, failed=True, answer_cut=asked.answer_cut)
    try:
        request.tools.store.keep_failed(request.topic, past)
    except StorageError:
        return []
    return buttons(request, past)


def stands(request: Request, message_id: int, rows: Rows) -> None:
    """An answer has arrived, its row under this message: the row before it fades; an edit meanwhile changes it."""
    store, topic, number = request.tools.store, request.topic, request.update_id
    if before := store.set_buttons(topic, number, message_id):
        fade(request, before, lambda: store.buttons_under(topic, number) == message_id)
    if rows and (now := row(request)) and now != rows:
        request.tools.telegram.set_buttons(topic.chat_id, message_id, now)


def fade(request: Request, message_id: int, is_due: Callable[[], bool] = lambda: True) -> None:
    """Take the buttons of an older answer away a moment later, if nobody waits for Telegram then; else they stay.

    It is a request of its own: of answers that follow each other at once only the last one takes buttons away.
    """
    tools, chat_id, due = request.tools, request.topic.chat_id, time.monotonic() + SPARE_SECONDS

    def job() -> None:
        if not tools.leaving.wait(max(0.0, due - time.monotonic())) and is_due():
            tools.telegram.fade_buttons(chat_id, message_id)

    with suppress(LaneFullError):
        tools.lanes.put(ROWS_LANE, job, FADING)


# -- an answer that goes on


def joined(before: str, more: str) -> tuple[str, str]:
    """How an answer goes on in its own message, and the whole of it; a cut code block is opened once more."""
    fence = open_fence(before)
    if not fence:
        apart = before[-1:].isalnum() and more[:1].isalnum()
        return more, f"{before} {more}" if apart else before + more
    first, _, rest = more.lstrip().partition("\n")
    found = _FENCE.fullmatch(first)
    if found is None:
        return fence + more, before + more
    if found[2].strip() or open_fence(rest):  # the model has opened it by itself
        return more, f"{before.rstrip()}\n{rest}"
    return (rest if rest.strip() else more), f"{before.rstrip()}\n{more.lstrip()}"
