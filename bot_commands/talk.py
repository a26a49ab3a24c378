"""Questions and answers: what a model is asked, what it costs, and how it ends on the screen."""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bot_commands import choice
from bot_commands.failures import leave, said, write_off
from bot_commands.guard import guarded
from bot_commands.request import Reply, Request, UserError
from bot_commands.wallet import SHORTEST_ANSWER, empty
from delivery import Doing, Screen
from incoming import Replied, without_command
from lanes import LaneFullError
from records import Bill, Conversation, Delivery, Reservation, Turn, Wallet
from services import chat
from services.catalogue import Purse, Row
from services.chat import Answer, Question
from services.provider import ModelError
from services.wire import Call, CutError
from storage import StorageError
from telegram_io import Button, Rows

log = logging.getLogger(__name__)

CALL = "//"  # begins a reply to somebody else in a group that is meant for the bot
WAITING_LIMIT = 5  # messages a chat that may wait behind a running answer
REFUSALS_LIMIT = 5  # said in a row while a chat's queue is full; who floods on is refused in silence
EFFORTS: dict[Purse, str] = {"ordinary": "none", "premium": "low"}  # more would eat up the longest answer allowed


@dataclass(frozen=True)
class Asked:
    """A question with everything that was in force when it arrived."""

    text: str
    replied: Replied | None
    conversation: Conversation
    row: Row
    premium: bool | None = None  # asked for with this question; None: as the conversation has it
    picture: str = ""  # a data URL

    @property
    def model(self) -> str:
        return self.row.name

    @property
    def wallet(self) -> Wallet:
        return "premium_balance" if self.row.wallet == "premium" else "balance"


@dataclass(frozen=True)
class Outcome:
    """How a question ended: what came, and what went wrong if anything did."""

    question: Question
    received: Answer
    failure: ModelError | CutError | None = None

    @property
    def stopped(self) -> bool:
        """By the asker, who wanted no more."""
        return self.failure is not None and self.failure.kind == "stop"

    @property
    def broken(self) -> bool:
        return self.failure is not None and not self.stopped


def ask(request: Request) -> None:
    """Answer a message when its turn in the chat comes; the sixth in a row is refused."""
    text = without_mention(request.incoming.text, request.tools.telegram.username)
    replied = request.incoming.replied
    if replied and not request.incoming.private:
        text = text.removeprefix(CALL).strip()
    if not text and replied and replied.text:
        text, replied = replied.text, None
    if not text:
        raise UserError("question_missing")
    enqueue(request, text, replied)


def enqueue(request: Request, text: str, replied: Replied | None, premium: bool | None = None) -> None:
    """Put a question into its chat's lane; `premium` chooses a model for it."""
    queue(request, partial(answer, request, asked(request, text, replied, premium)))


def asked(
    request: Request, text: str, replied: Replied | None, premium: bool | None = None, row: Row | None = None
) -> Asked:
    """A question with prompt and model as they are now; refused when its wallet is empty, unless it is paid for.

    `premium` chooses a model for it, `row` says which.
    """
    store = request.tools.store
    conversation = store.conversation(request.topic)
    chosen = row or choice.model(request.tools, conversation, premium)
    question = Asked(text, replied, conversation, chosen, premium)
    paid = any(store.given(request.update_id, deed) is not None for deed in ("settle", "voice"))
    if not paid and pays(request) and store.available(request.registered.id, question.wallet) < SHORTEST_ANSWER:
        raise empty(request, question.wallet)
    return question


def queue(request: Request, job: Callable[[], Reply | str | None]) -> None:
    """Put long work into its chat's lane; the sixth in a row is refused."""
    pending = request.tools.store.inbox.pending(request.update_id)
    limit = None if pending and pending.replayed else WAITING_LIMIT  # who waited already before a crash stays admitted
    try:
        request.later(request.incoming.chat_id, partial(guarded, request, job), limit)
    except LaneFullError as full:
        if full.refused <= REFUSALS_LIMIT:
            raise UserError("queue_full", waiting=WAITING_LIMIT) from None


def pays(request: Request) -> bool:
    """Whether this person's wallets are charged."""
    return request.tools.config.wallets and not request.registered.is_admin


def without_mention(text: str, username: str) -> str:
    """A text without the bot's name in it, by which a group calls it."""
    return re.sub(rf"@{re.escape(username)}\b[,:]?\s*", "", text, flags=re.IGNORECASE).strip()


def answer(request: Request, asked: Asked) -> None:
    """Reserve, ask, settle, deliver; nothing for who was blocked while the question waited.

    An answer that was paid before a crash is only delivered.
    """
    store = request.tools.store
    user = store.user(request.writer.id)
    if user is None or user.banned or store.inbox.was_sent(request.update_id, "end"):
        return
    paid = store.delivery(request.update_id)
    if paid is not None:
        _put(request, asked, paid, _screen(request, Answer()))
        return
    question, reservation = _prepare(request, asked)
    try:
        received, call = Answer(), Call()
        screen = _screen(request, received, "looking" if asked.picture else "thinking")
        with request.tools.answers.growing(screen, request.writer.id, call.cut, chat.TOTAL_SECONDS):
            outcome = _receive(request, asked, question, received, call)
        if outcome.failure is not None and outcome.failure.kind == "leaving":
            leave(request, screen)
        elif not received.is_blank:
            _deliver(request, asked, reservation, outcome, screen)
        elif stand_in := _stand_in(request, asked, outcome):
            store.release(reservation)
            answer(request, replace(asked, row=stand_in))
        else:
            if isinstance(outcome.failure, CutError) or received.usage:  # the provider had begun, or has counted
                write_off(request, reservation, _bill(request, asked, outcome))
            _fail(request, asked, outcome.failure or ModelError("empty"), screen)
    finally:
        store.release(reservation)


def _stand_in(request: Request, asked: Asked, outcome: Outcome) -> Row | None:
    """Who answers in place of a model that turned out not to be served any more; the admin is told."""
    catalogue = request.tools.catalogue
    if outcome.failure is None or outcome.failure.kind != "no_model":
        return None
    catalogue.retire(asked.row)
    found = catalogue.in_service(asked.row)
    if found == asked.row or (asked.picture and not found.sees):
        return None
    request.tools.alerts.tell_of_model("admin_model_gone", asked.model, instead=found.name)
    return found


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
    )


def _prepare(request: Request, asked: Asked) -> tuple[Question, Reservation]:
    """The question as it goes out, its answer limited to what the wallet can pay."""
    messages = _messages(request, asked)
    prompt = chat.estimate_messages(messages)
    wanted = prompt + request.tools.config.max_request_tokens
    usd = request.tools.catalogue.usd(asked.row, prompt, 0, request.tools.config.max_request_tokens)
    reservation = request.tools.store.reserve(request.registered.id, asked.wallet, wanted, usd)
    limit = reservation.amount - prompt
    if limit < SHORTEST_ANSWER:
        request.tools.store.release(reservation)
        raise empty(request, asked.wallet)
    effort, search = EFFORTS[asked.row.wallet], asked.conversation.web and asked.row.searches
    return Question(asked.model, messages, limit, effort, search, asked.row.thinks), reservation


def _messages(request: Request, asked: Asked) -> list[dict[str, Any]]:
    """System prompt, what is remembered, the message replied to if it is not among that, the question."""
    history = request.tools.store.history(asked.conversation.topic) if asked.conversation.memory else []
    system = asked.conversation.prompt or request.tools.config.system_prompt
    messages = [{"role": "system", "content": system}, *history]
    replied = asked.replied
    if replied and replied.text and not any(replied.text in said["content"] for said in history):
        role = "assistant" if replied.from_id == request.tools.telegram.id else "user"
        messages.append({"role": role, "content": replied.text})
    messages.append({"role": "user", "content": _content(_signed(request, asked.text), asked.picture)})
    return messages


def _content(text: str, picture: str) -> str | list[dict[str, Any]]:
    """The question's words, with its picture if it has one: always the bytes, Telegram's addresses carry the token."""
    if not picture:
        return text
    return [{"type": "text", "text": text}, {"type": "image_url", "image_url": {"url": picture}}]


def _signed(request: Request, text: str) -> str:
    """In a group each question carries its asker's first name."""
    return text if request.incoming.private else f"{_first_name(request)}: {text}"


def _first_name(request: Request) -> str:
    """As shown; some names are nothing but blanks."""
    return (request.writer.name.split() or [f"User {request.writer.id}"])[0]


def _receive(request: Request, asked: Asked, question: Question, received: Answer, call: Call) -> Outcome:
    """Fill the answer, and say how it ended."""
    models = request.tools.catalogue.models(asked.row)
    try:
        (models.stream if request.tools.config.streaming else models.ask)(question, received, call)
    except (ModelError, CutError) as failure:
        log.info("answer by %s ended early: %s", question.model, failure.kind)
        log.debug("the provider's words: %s", failure)  # may repeat what people wrote
        return Outcome(question, received, failure)
    return Outcome(question, received)


def _deliver(request: Request, asked: Asked, reservation: Reservation, outcome: Outcome, screen: Screen) -> None:
    """Charge and remember first, then put the text into the chat: a whole answer, or what came of it."""
    text = outcome.received.text
    author = 0 if request.incoming.private else request.writer.id
    turn = None if outcome.broken else Turn(_signed(request, asked.text), text, author)
    delivery = Delivery(text, "" if outcome.broken else _note(request, outcome), outcome.broken)
    try:
        request.tools.store.settle(
            reservation,
            _bill(request, asked, outcome, time.monotonic() - screen.started),
            asked.conversation,
            turn,
            delivery,
            request.update_id,
        )
    except StorageError:  # what cannot be charged is not given away, and its placeholder must not think for ever
        request.tools.alerts.tell("admin_alert_storage")
        screen.conclude(request.say("storage_failed"))
        return
    _put(request, asked, delivery, screen)


def _bill(request: Request, asked: Asked, outcome: Outcome, took: float = 0.0) -> Bill:
    usage = outcome.received.usage or chat.estimated_usage(outcome.question, outcome.received)
    return Bill(
        model=asked.model,
        tokens_in=usage.prompt,
        tokens_out=usage.answer,
        tokens_cached=usage.cached,
        tokens_reasoning=usage.reasoning,
        usd=request.tools.catalogue.usd(asked.row, usage.prompt, usage.cached, usage.answer),
        estimated=usage.estimated,
        looked=bool(asked.picture),
        took=took,
    )


def _put(request: Request, asked: Asked, delivery: Delivery, screen: Screen) -> None:
    """Bring an answer that is paid into its chat."""
    screen.finish(delivery.text, delivery.note)
    if delivery.broken:
        notice = replace(request.place, reply_to=request.incoming.message_id)
        request.post("notice", notice, request.say("cut_broken"), rows=_retry_row(request, asked))


def _note(request: Request, outcome: Outcome) -> str:
    """What a person must know about an answer that is not whole."""
    if outcome.stopped:
        return request.say("stopped")
    if outcome.received.finish == "content_filter":
        return request.say("cut_filtered")
    if outcome.received.finish != "length":
        return ""
    limit = outcome.question.limit
    lowered = limit < request.tools.config.max_request_tokens
    return request.say("cut_wallet", tokens=limit) if lowered else request.say("cut_length")


def _fail(request: Request, asked: Asked, failure: ModelError | CutError, screen: Screen) -> None:
    """One calm sentence and a way on; no answer was charged, nothing is remembered."""
    screen.place = replace(screen.place, reply_to=request.incoming.message_id)
    heard_paid = pays(request) and request.tools.store.given(request.update_id, "voice") is not None
    failed = said(request, asked.model, failure, _retry_row(request, asked), heard_paid)
    screen.conclude(failed.text, failed.rows)


def _retry_row(request: Request, asked: Asked) -> Rows:
    """What was sent as a file has to be fetched again."""
    file = request.incoming.file
    again = "retry:premium" if asked.premium else "retry"
    if file is not None:
        again = "look" if file.kind == "photo" else "hear"
    return [[Button(request.say("button_retry"), again)]]


def stop(request: Request) -> Reply | None:
    """Stop of a draft, or of a growing message in a group: only who asked may."""
    incoming = request.incoming
    found = request.tools.answers.stop(incoming.chat_id, incoming.draft_id or incoming.message_id, request.writer.id)
    if incoming.kind == "button":
        words = {"cut": "stopping", "gone": "nothing_to_stop", "foreign": "not_yours"}[found]
        request.tools.telegram.answer_button(incoming.query_id, request.say(words))
    return None


def retry(request: Request) -> None:
    """Ask the question once more that the failure notice replies to: once, and only for its asker."""
    incoming, question = request.incoming, pressed_for(request)
    text = without_mention(without_command(question.text), request.tools.telegram.username)
    if not text:  # a bare /pro: Telegram does not send along what it replied to
        raise UserError("retry_anew")
    again = replace(request, incoming=replace(incoming, kind="message", message_id=question.message_id, replied=None))
    enqueue(again, text, None, premium=True if request.argument == "premium" else None)


def pressed_for(request: Request) -> Replied:
    """The message that a message with a button replies to; the button works once, and only for who wrote it."""
    incoming = request.incoming
    question = incoming.replied
    if question is None or not (question.text or question.file):
        raise UserError("used_up")
    if question.from_id != request.writer.id:
        raise UserError("not_yours")
    if not request.tools.store.first_press(incoming.chat_id, incoming.message_id, request.update_id):
        raise UserError("used_up")
    request.tools.telegram.drop_buttons(incoming.chat_id, incoming.message_id)
    return question
