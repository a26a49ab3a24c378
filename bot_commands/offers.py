"""What is offered under an answer: one row of buttons, and the note of the question that lets them work."""

import re
from collections.abc import Hashable
from dataclasses import asdict

from bot_commands.context import Asked
from bot_commands.request import Request
from formatting import open_fence
from records import PastQuestion, packed
from storage import StorageError
from telegram_io import Button, Rows

SPARE_SECONDS = 1.1  # after an answer: earlier its chat has no turn to spare

# What a button presses, and its label.
AGAIN, RETRY, CONTINUE = ("again", "button_again"), ("retry", "button_retry"), ("continue", "button_continue")
EDITED = ("edited", "button_edited")

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


def past_question(request: Request, asked: Asked, failed: bool = False, answer_cut: str = "") -> PastQuestion:
    """A question as it is kept for the buttons under its answer."""
    replied = asked.replied
    return PastQuestion(
        number=request.update_id,
        asked_by=request.writer.id,
        asked_in=request.incoming.message_id,
        text=asked.text,
        premium=asked.premium,
        attachment=packed(asked.attachments),
        replied=asdict(replied) if replied else None,  # with the file it holds
        answer_cut=answer_cut,
        failed=failed,
        own=asked.own,
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


def beginning(request: Request, asked: Asked) -> Rows:
    """The button of a question whose document costs more than its wallet holds: to read as much as it pays."""
    kept = retry(request, asked)
    return [[Button(request.say("button_beginning"), f"beginning:{request.update_id}")]] if kept else []


def stands(request: Request, message_id: int, rows: Rows) -> None:
    """An answer has arrived, its row under this message: the row before it fades; an edit meanwhile changes it."""
    topic = request.topic
    if before := request.tools.store.set_buttons(topic, request.update_id, message_id):
        fade(request, before, topic)  # of answers that follow each other at once only the last one takes buttons away
    if rows and (now := row(request)) and now != rows:
        request.tools.telegram.set_buttons(topic.chat_id, message_id, now)


def fade(request: Request, message_id: int, key: Hashable) -> None:
    """Take the buttons of an older answer away a moment later, if nobody waits for Telegram then; else they stay."""
    telegram, chat_id = request.tools.telegram, request.topic.chat_id
    request.tools.answers.later(key, SPARE_SECONDS, lambda: telegram.fade_buttons(chat_id, message_id))


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
