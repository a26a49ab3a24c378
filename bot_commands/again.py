"""Buttons under an answer that ask once more; each works once, and only for who asked."""

import logging
from dataclasses import replace
from functools import partial
from typing import Any

from bot_commands import attachments, offers, talk
from bot_commands.answering import answer
from bot_commands.request import Request, UserError
from incoming import File, Replied
from records import PastQuestion, packed, unpacked
from storage import StorageError
from telegram_io import Rows

log = logging.getLogger(__name__)


def again(request: Request) -> None:
    """Answer the same question anew; in the history the new answer takes the place of the old one."""
    past = _offered(request)
    _ask(request, past, past._replace(answer_cut=""))


def retry(request: Request) -> None:
    """Try once more what failed: an answer, or how one goes on."""
    past = _offered(request)
    _ask(request, past, _as_edited(past))


def go_on(request: Request) -> None:
    """Let an answer that was cut by its length go on; in the history the two are one turn."""
    past = _offered(request)
    if not past.answer_cut:
        raise UserError("used_up")
    _ask(request, past, past)


def beginning(request: Request) -> None:
    """Answer about as much of a document as the wallet pays."""
    past = _offered(request)
    _ask(request, past, _as_edited(past), beginning=True)


def ask_edited(request: Request) -> None:
    """Answer the question as it reads since it was edited."""
    past = _offered(request)
    _ask(request, past, _as_edited(past)._replace(answer_cut=""))


def _as_edited(past: PastQuestion) -> PastQuestion:
    return past._replace(answer_cut="", **past.edited) if past.edited else past


def _offered(request: Request) -> PastQuestion:
    """The question whose button is pressed, by who asked it; a row that is left over from an older answer goes."""
    number = int(request.argument) if request.argument.isdecimal() else 0
    past = request.tools.store.past_question(request.topic, number, request.update_id)
    if past is None:
        offers.fade(request, request.incoming.message_id, (request.topic, request.incoming.message_id))
        raise UserError("used_up")
    if past.asked_by != request.writer.id:
        raise UserError("not_yours")
    return past


def _ask(request: Request, past: PastQuestion, question: PastQuestion, beginning: bool = False) -> None:
    """Queue a question once more; a wallet that cannot pay for it leaves the button as it is.

    There is no limit to how many wait: a topic has but a few such buttons, and each works once.
    """
    shown = unpacked(question.attachment)
    replied = _replied(question)
    message = replace(
        request.incoming,
        kind="message",
        message_id=question.asked_in,
        text=question.text,
        replied=replied,
        file=File(*shown[0]) if shown and not replied else None,  # else it may be that of the message replied to
    )
    once_more = replace(request, incoming=message)
    asked = talk.asked(once_more, question.text, replied, question.premium, shown)
    borrowed = replied is not None  # perhaps
    asked = replace(asked, answer_cut=question.answer_cut, own=question.own, borrowed=borrowed, beginning=beginning)
    if request.tools.store.take_question(request.topic, past.number, request.update_id) is None:
        raise UserError("used_up")
    request.tools.telegram.drop_buttons(request.topic.chat_id, request.incoming.message_id)
    talk.queue(once_more, partial(answer, once_more, asked), limit=None)


def _replied(question: PastQuestion) -> Replied | None:
    if question.replied is None:
        return None
    file = question.replied["file"]
    return Replied(**{**question.replied, "file": File(**file) if file else None})


def edited(request: Request) -> None:
    """A message was edited: if it is the question answered last, the row under its answer offers to answer it anew."""
    user, store, message_id = request.user, request.tools.store, request.incoming.message_id
    reads = _reads(request)
    if user is None or user.banned or reads is None:
        return
    try:
        past = store.edit_question(request.topic, user.id, message_id, reads)
    except StorageError:
        log.warning("an edited question is not offered: the disk takes nothing")
        return
    if past and not past.pressed and (under := store.buttons_under(request.topic, past.number)):
        request.tools.telegram.set_buttons(request.topic.chat_id, under, offers.buttons(request, past))


def _reads(request: Request) -> dict[str, Any] | None:
    """How an edited message reads as a question, None for one that is none."""
    incoming, words = request.incoming, talk.words(request)
    shown = attachments.sent(request)
    if shown:
        reads = {"text": words or attachments.question_about(request, shown)}
        return reads if incoming.album else reads | {"attachment": packed(shown)}  # of an album only this part comes
    if incoming.content != "text" or not words:
        return None
    return {"text": words, "premium": True if incoming.command else None}


def pressed_for(request: Request, others: Rows = ()) -> Replied:
    """The message that a message with a button replies to; the button works once, and only for who wrote it.

    What it stands beside goes with it, but for the `others`.
    """
    incoming = request.incoming
    question = incoming.replied
    if question is None or not (question.text or question.file):
        raise UserError("used_up")
    if question.from_id != request.writer.id:
        raise UserError("not_yours")
    if not request.tools.store.first_press(incoming.chat_id, incoming.message_id, request.update_id):
        raise UserError("used_up")
    if others:
        request.tools.telegram.set_buttons(incoming.chat_id, incoming.message_id, others)
    else:
        request.tools.telegram.drop_buttons(incoming.chat_id, incoming.message_id)
    return question
