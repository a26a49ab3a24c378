"""How a question ended, and what follows from that: its bill, the remark under its answer, whether that can go on."""

from dataclasses import dataclass

from bot_commands.context import Asked
from bot_commands.request import Request
from bot_commands.window import Fitted
from records import Bill
from services.provider import ModelError
from services.question import Answer, Question, estimated_usage
from services.wire import CutError


@dataclass(frozen=True)
class Outcome:
    """How a question ended: what came, and what went wrong if anything did."""

    fitted: Fitted
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


def unfinished(asked: Asked, outcome: Outcome, answered: str) -> str:
    """The answer as far as it could go on from there, "" when it has come to its end."""
    if outcome.broken:
        return asked.answer_cut
    return answered if outcome.received.finish == "length" and not outcome.stopped else ""


def bill(request: Request, asked: Asked, outcome: Outcome, took: float = 0.0) -> Bill:
    """What an answer is charged and counted as; it `took` so many seconds."""
    usage = outcome.received.usage or estimated_usage(outcome.question, outcome.received)
    return Bill(
        model=asked.model,
        tokens_in=usage.prompt,
        tokens_out=usage.answer,
        tokens_cached=usage.cached,
        tokens_reasoning=usage.reasoning,
        usd=request.tools.catalogue.usd(asked.row, usage.prompt, usage.cached, usage.answer),
        estimated=usage.estimated,
        looked=asked.enclosed.looks,
        took=took,
    )


def is_lost(asked: Asked, outcome: Outcome, answered: str) -> bool:
    """Whether a question and its answer alone are longer than the memory, which is then empty."""
    memory = asked.conversation.memory
    return not outcome.broken and 0 < memory < len(outcome.fitted.given.question) + len(answered)


def note(request: Request, asked: Asked, outcome: Outcome, warned: bool, lost: bool) -> str:
    """What a person must know: not whole, by another model than theirs, a dialogue that does not fit (much longer)."""
    other = asked.instead_of and request.say("answered_instead", model=asked.model, instead_of=asked.instead_of)
    if outcome.broken:
        return other
    warning = "" if warned else request.say("dialogue_full", model=asked.model)
    if lost:
        warning = request.say("dialogue_lost", memory=asked.conversation.memory)
    return "\n".join(filter(None, [_cut(request, asked, outcome), other, asked.enclosed.remark, asked.remark, warning]))


def _cut(request: Request, asked: Asked, outcome: Outcome) -> str:
    if outcome.stopped:
        return request.say("stopped")
    if outcome.received.refused:
        return request.say("refused")
    if outcome.received.finish == "content_filter":
        return request.say("cut_filtered")
    if outcome.received.finish != "length":
        return ""
    limit, longest = outcome.question.limit, outcome.fitted.longest
    if limit < longest:
        return request.say("cut_wallet", tokens=limit)
    if longest < request.tools.config.max_request_tokens:
        return request.say("cut_window", model=asked.model)
    return request.say("cut_length")
