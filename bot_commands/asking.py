"""A question as it goes out: how the owner wants it thought over, and where what a provider keeps goes on."""

import json
import logging
from hashlib import blake2b

from bot_commands.context import Asked
from bot_commands.request import Request
from records import Kept
from services.question import Answer, Link, Question
from services.tokens import Message
from storage import StorageError

log = logging.getLogger(__name__)

LONGEST_CHAIN = 30  # answers; a new one begins then, so that the list of their ids in each journal line stays short


def question(request: Request, asked: Asked, messages: list[Message], limit: int) -> Question:
    """With the owner's settings, as far as the model takes them; a memory's answers are kept where that is of use."""
    config, catalogue, row = request.tools.config, request.tools.catalogue, asked.row
    premium, api = row.wallet == "premium", catalogue.api(row)
    keep = api == "responses" and asked.conversation.memory > 0
    return Question(
        asked.model,
        messages,
        limit,
        effort=config.premium_reasoning_effort if premium else config.reasoning_effort,
        search=asked.conversation.web and row.searches,
        thinks=row.thinks,
        api=api,
        verbosity=config.verbosity,
        temperature=config.temperature if row.warms else None,
        keep=keep,
        enclosed=asked.enclosed.tokens,
        factor=row.factor,
        previous=_previous(request, asked, messages) if keep else None,
    )


def _previous(request: Request, asked: Asked, messages: list[Message]) -> Link | None:
    """The end of the topic's chain, if that stands for how these messages begin.

    The kept history is the truth: trimmed, forgotten, edited or asked of another model, it begins a chain of its own.
    """
    chain = request.tools.store.kept_chain(asked.conversation.topic)
    if chain is None or len(chain.responses) >= LONGEST_CHAIN:
        return None
    if (chain.provider, chain.model) != (request.tools.catalogue.address(asked.row), asked.model):
        return None
    said = [message for message in messages if message["role"] != "system"]
    if chain.messages >= len(said) or _fingerprint(said[: chain.messages]) != chain.fingerprint:
        return None
    return Link(chain.responses[-1], chain.messages)


def kept(request: Request, asked: Asked, question: Question, received: Answer) -> Kept | None:
    """What the provider keeps of a whole answer, None where the next question cannot go on from it."""
    if not _goes_on(question, received):
        return None
    said = [*question.said, {"role": "assistant", "content": received.text}]
    after = question.previous.response if question.previous and not received.lost else ""
    provider = request.tools.catalogue.address(asked.row)
    return Kept(provider, asked.model, received.kept[-1], after, len(said), _fingerprint(said))


def leave(request: Request, asked: Asked, question: Question, received: Answer, whole: bool) -> None:
    """What the provider keeps and nobody goes on from is to be deleted there: tries, cut and broken answers."""
    useless = received.kept[:-1] if whole and _goes_on(question, received) else received.kept
    if not question.keep or not useless:
        return
    try:
        request.tools.store.leave(request.tools.catalogue.address(asked.row), useless)
    except StorageError:
        log.warning("an answer of no use stays at its provider until that forgets it")


def _goes_on(question: Question, received: Answer) -> bool:
    """Whether an answer came to its own end and is kept; what was cut by a limit or a filter is not relied on."""
    return question.keep and bool(received.kept) and received.finish == "stop"


def _fingerprint(messages: list[Message]) -> str:
    """Of exactly these messages; it tells nothing of them."""
    return blake2b(json.dumps(messages).encode(), digest_size=16).hexdigest()
