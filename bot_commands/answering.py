"""An answer: reserved, asked for, settled, delivered; and how it ends when it does not come to its end."""

import logging
import time
from contextlib import ExitStack
from dataclasses import replace

from bot_commands import asking, attachments, context, enclosures, offers, outcomes, window
from bot_commands.context import Asked
from bot_commands.failures import leave, said, write_off
from bot_commands.guard import refused
from bot_commands.outcomes import Outcome
from bot_commands.request import Request, UserError
from bot_commands.standing_in import stand_in
from bot_commands.wallet import SHORTEST_ANSWER, empty, pays
from bot_commands.window import Fitted
from delivery import Doing, Screen
from formatting import open_fence
from records import Delivery, Reservation, Turn
from services.provider import MOST_CALLS, ModelError
from services.question import TOTAL_SECONDS, Answer, Question
from services.wire import Call, CutError
from storage import BudgetError, StorageError

log = logging.getLogger(__name__)

LONG_QUESTION = 3000  # characters; who sent more sees it being read


def answer(request: Request, asked: Asked, call: Call | None = None) -> None:
    """Reserve, ask, settle, deliver; nothing for who was blocked while the question waited.

    An answer that was paid before a crash is only delivered. A `call` cut by "more" leaves no trace: the question goes
    on, and is asked anew.
    """
    store = request.tools.store
    if _is_shut_out(request) or store.inbox.was_sent(request.update_id, "end"):
        return
    paid = store.delivery(request.update_id)
    if paid is not None:
        _put(request, asked, paid, _screen(request, Answer()))
        return
    asked = replace(asked, conversation=replace(asked.conversation, topic=request.topic))
    received, call = Answer(), call or Call()
    screen = _screen(request, received, _doing(request, asked))
    waited = bool(enclosures.expected(request, asked)) and not asked.enclosed.parts
    try:
        _answer(request, asked, received, screen, call)
    except (UserError, BudgetError) as error:
        if not (waited and screen.is_shown):
            raise
        reply = refused(request, error)  # in the place of what was said meanwhile
        screen.conclude(reply.text, reply.rows)
    except CutError as cut:  # while its files came
        if cut.kind == "leaving":
            leave(request, screen)
        elif cut.kind != "more":
            _fail(request, asked, cut, screen)


def _is_shut_out(request: Request) -> bool:
    """Whether who asked was blocked or erased since."""
    user = request.tools.store.user(request.writer.id)
    return user is None or user.banned


def _answer(request: Request, asked: Asked, received: Answer, screen: Screen, call: Call) -> None:
    with ExitStack() as reserved:
        with request.tools.answers.growing(screen, request.writer.id, call.cut, TOTAL_SECONDS):
            asked = enclosures.along(request, asked, call)
            if _is_shut_out(request):  # while its files came
                screen.vanish()
                return
            screen.lead = _lead(asked) + open_fence(asked.answer_cut)
            fitted, question, reservation = _prepare(request, asked)
            reserved.callback(request.tools.store.release, reservation)
            outcome = _receive(request, asked, Outcome(fitted, question, received), call)
        _end(request, asked, reservation, outcome, screen, call)


def _end(
    request: Request, asked: Asked, reservation: Reservation, outcome: Outcome, screen: Screen, call: Call
) -> None:
    """Deliver what came; nothing of a question that goes on, or that the next process asks."""
    received, failure = outcome.received, outcome.failure
    unfinished = not call.cut("over") and call.reason == "more"
    goes_on = failure is None and not unfinished and not asked.answer_cut  # else it is half of a turn
    asking.leave(request, asked, outcome.question, received, whole=goes_on)
    if unfinished:
        write_off(request, reservation, outcomes.bill(request, asked, outcome))
    elif failure is not None and failure.kind == "leaving":
        leave(request, screen)
    elif not received.is_blank:
        _deliver(request, asked, reservation, outcome, screen)
    else:
        if isinstance(failure, CutError) or received.usage:  # the provider had begun, or has counted
            write_off(request, reservation, outcomes.bill(request, asked, outcome))
        request.tools.store.release(reservation)
        if not _taken_over(request, asked, failure, call):
            _fail(request, asked, failure or ModelError("empty"), screen)


def _taken_over(request: Request, asked: Asked, failure: ModelError | CutError | None, call: Call) -> bool:
    """Whether another model has taken the question; one that cannot be paid for does not."""
    another = stand_in(request, asked, failure, call)
    if another is None:
        return False
    try:
        answer(request, another, Call(call.sent))
    except (UserError, BudgetError) as error:
        log.info("no answer by %s instead: %s", another.model, type(error).__name__)
        return False
    return True


def _doing(request: Request, asked: Asked) -> Doing:
    """What is said to be done until the first word."""
    shown = enclosures.expected(request, asked)
    if any(map(attachments.looks_like_picture, shown)):
        return "looking"
    if asked.conversation.web and asked.row.searches:
        return "searching"
    return "reading" if shown or len(asked.text) > LONG_QUESTION else "thinking"


def _lead(asked: Asked) -> str:
    """The first line names the documents that are read; code, so that nothing in a name is formatting."""
    names = ", ".join(f"`{name}`" for name in asked.enclosed.names if name)
    return f"📄 {names}\n\n" if names and not asked.answer_cut else ""


def _screen(request: Request, received: Answer, doing: Doing = "thinking") -> Screen:
    return Screen(
        request.tools.telegram,
        request.place,
        request.language,
        lambda: received.text,
        request.once,
        private=request.incoming.private,
        streaming=request.tools.config.streaming,
        keyboard=request.keyboard,
        doing=doing,
        placed=request.sent("placeholder"),
    )


def _prepare(request: Request, asked: Asked) -> tuple[Fitted, Question, Reservation]:
    """The question as it goes out, its answer limited to what fits into the model and what the wallet can pay."""
    fitted = window.fit(context.given(request, asked), asked.row, request.tools.config.max_request_tokens)
    wanted = fitted.prompt + fitted.longest
    usd = request.tools.catalogue.usd(asked.row, fitted.prompt, 0, fitted.longest)
    reservation = request.tools.store.reserve(request.registered.id, asked.wallet, wanted, usd)
    limit = reservation.amount - fitted.prompt
    if limit < SHORTEST_ANSWER:
        request.tools.store.release(reservation)
        raise empty(request, asked.wallet, looks=asked.enclosed.looks)
    return fitted, asking.question(request, asked, fitted.given.messages, limit), reservation


def _receive(request: Request, asked: Asked, outcome: Outcome, call: Call) -> Outcome:
    """Fill the answer, and say how it ended; what is too long for the model goes out once more with half of it."""
    models, question = request.tools.catalogue.models(asked.row), outcome.question
    try:
        (models.stream if request.tools.config.streaming else models.ask)(question, outcome.received, call)
    except (ModelError, CutError) as failure:
        log.info("answer by %s ended early: %s", question.model, failure.kind)
        log.debug("the provider's words: %s", failure)  # may repeat what people wrote
        once_more = failure.kind == "too_long" and not outcome.failure and call.sent < MOST_CALLS
        shorter = window.halved(outcome.fitted) if once_more else None
        ended = replace(outcome, failure=failure)
        if shorter is None:
            return ended
        again = replace(question, messages=shorter.given.messages, previous=None)
        return _receive(request, asked, replace(ended, fitted=shorter, question=again), call)
    return replace(outcome, failure=None)


def _deliver(request: Request, asked: Asked, reservation: Reservation, outcome: Outcome, screen: Screen) -> None:
    """Charge and remember first, then put the text into the chat: a whole answer, or what came of it."""
    text, whole = offers.joined(asked.answer_cut, outcome.received.text)
    was_full = request.tools.store.conversation(asked.conversation.topic).full
    lost = outcomes.is_lost(asked, outcome, whole)
    full = asked.conversation.memory > 0 and not lost and window.is_full(outcome.fitted, asked.row, text, was_full)
    note = outcomes.note(request, asked, outcome, warned=was_full or not full, lost=lost)
    delivery = Delivery(text, note, outcome.broken, _lead(asked))
    try:
        request.tools.store.settle(
            reservation,
            outcomes.bill(request, asked, outcome, time.monotonic() - screen.started),
            asked.conversation,
            None if outcome.broken else _turn(request, asked, outcome, whole, full),
            delivery,
            request.update_id,
            offers.past_question(request, asked, outcome.broken, outcomes.unfinished(asked, outcome, whole)),
        )
    except StorageError:  # what cannot be charged is not given away, and its placeholder must not think for ever
        request.tools.alerts.tell("admin_alert_storage")
        screen.conclude(request.say("storage_failed"))
        return
    _put(request, asked, delivery, screen)


def _turn(request: Request, asked: Asked, outcome: Outcome, answered: str, full: bool) -> Turn:
    whole = outcome.failure is None and not asked.answer_cut
    return Turn(
        outcome.fitted.given.question,
        answered,
        0 if request.incoming.private else request.writer.id,
        attachments.kept(asked.attachments),
        asked.lost,
        full,
        kept=asking.kept(request, asked, outcome.question, outcome.received) if whole else None,
        asked_in=request.incoming.message_id,
        attached=asked.enclosed.used if asked.attachments else 0,
    )


def _put(request: Request, asked: Asked, delivery: Delivery, screen: Screen) -> None:
    """Bring an answer that is paid into its chat."""
    rows = offers.row(request)
    if delivery.broken:
        request.ends("failed", "broken off")
    if not delivery.broken:
        message_id = screen.finish(delivery.lead + delivery.text, delivery.note, asked.text, rows)
        context.know_again(request, asked, offers.joined(asked.answer_cut, delivery.text)[1])
        offers.stands(request, message_id, rows)
    else:
        screen.finish(delivery.lead + delivery.text, delivery.note, asked.text)
        notice = replace(request.place, reply_to=request.incoming.message_id)
        request.post("notice", notice, request.say("cut_broken"), rows=rows)
    request.tools.tally.answers(request.update_id, asked.model, screen.first_word)


def _fail(request: Request, asked: Asked, failure: ModelError | CutError, screen: Screen) -> None:
    """One calm sentence and a way on; no answer was charged, nothing is remembered."""
    screen.place = replace(screen.place, reply_to=request.incoming.message_id)
    heard_paid = pays(request) and request.tools.store.given(request.update_id, "voice") is not None
    stopped = isinstance(failure, CutError) and failure.kind == "stop"
    rows = [] if stopped else offers.retry(request, asked)
    if failure.kind == "broken" and asked.enclosed.looks and asked.row.can is None:
        failure = ModelError("unseen")
    failed = said(request, asked.model, failure, rows, heard_paid)
    screen.conclude(failed.text, failed.rows)
