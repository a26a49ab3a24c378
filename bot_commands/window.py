"""The model's window: what is given and the longest answer fit into it; what is oldest is left out by whole turns."""

from dataclasses import dataclass, replace

from bot_commands.context import Exchange, Given
from bot_commands.request import UserError
from bot_commands.wallet import SHORTEST_ANSWER
from services import tokens
from services.catalogue import Row

FULL = 0.8  # of the room for a dialogue: from here on its person is warned
ROOMY = 0.5  # what was full is not full any more


@dataclass(frozen=True)
class Fitted:
    """What goes out, counted: `prompt` and `longest` answer in tokens; `filled` tells how full the room was, 1 is all.

    `filled` counts what was left out, too.
    """

    given: Given
    prompt: int
    longest: int
    filled: float


def longest_answer(row: Row, longest: int) -> int:
    """The longest answer of a model: half of a small window belongs to the question."""
    return min(longest, row.window // 2)


def room(row: Row, longest: int) -> int:
    """Tokens of prompt and dialogue that fit beside the longest answer."""
    return row.window - longest_answer(row, longest)


def fit(given: Given, row: Row, longest: int) -> Fitted:
    """Leave the oldest turns out until all fits, then shorten the answer; UserError for a question too long alone."""
    alone = tokens.estimate_messages(replace(given, before=()).messages, row.factor) + given.enclosed.tokens
    before, sizes = list(given.before), [_size(exchange, row) for exchange in given.before]
    whole = prompt = alone + sum(sizes)
    space = room(row, longest)
    while before and prompt > space:
        before.pop(0)
        prompt -= sizes[len(sizes) - len(before) - 1]
    answer = min(longest_answer(row, longest), row.window - prompt)
    if answer < SHORTEST_ANSWER:
        raise UserError("question_too_long", tokens=alone, limit=row.window - SHORTEST_ANSWER, model=row.name)
    return Fitted(replace(given, before=before), prompt, answer, whole / space)


def _size(exchange: Exchange, row: Row) -> int:
    return tokens.estimate_messages(exchange, row.factor)


def is_full(fitted: Fitted, row: Row, answer: str, was: bool) -> bool:
    """Whether a dialogue has little room left with this answer; one that `was` full stays so until it has plenty."""
    filled = fitted.filled + tokens.estimate(answer, row.factor) / room(row, fitted.longest)
    return filled >= (ROOMY if was else FULL)


def halved(fitted: Fitted) -> Fitted | None:
    """The newer half of the turns, for a model that takes less than is known of it; None when there are none."""
    before = fitted.given.before
    if not before:
        return None
    return replace(fitted, given=replace(fitted.given, before=before[(len(before) + 1) // 2 :]))
