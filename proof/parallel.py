"""R9: one user asks in fifty chats at once and can pay for five answers."""

import random
from pathlib import Path
from typing import NamedTuple

from proof.stage import FIRST_ID, Stage
from proof.trial import Outcome, Ran, must, run_in_one, run_trials
from services.tokens import estimate_messages
from texts import TEXTS

CHATS, PAID = 50, 5
LANES = 20  # of one process among several: no one of them has room for all fifty
LONGEST = 4000  # tokens of an answer, as MAX_REQUEST_TOKENS has it
PROMPT = "You are a helpful assistant"
NAME, WORDS = "Kim", "What is it worth?"
GROUPS = [-1_001_000_001_000 - number for number in range(CHATS)]
REFUSED = TEXTS["empty_balance"].en.split("{")[0]
DECIDED_SECONDS = 30.0

# What an answer sets aside: the estimate of its prompt and the longest answer.
ESTIMATE = estimate_messages([{"content": PROMPT}, {"content": f"{NAME}: {WORDS}"}])
EACH = ESTIMATE + LONGEST


class Trial(NamedTuple):
    """What came of fifty questions: calls of the model, refusals, and what must be left in the wallet."""

    calls: int
    refusals: int
    left: int


def bounded(trials: int, on: type[Stage] = Stage) -> Outcome:
    """R9: `trials` users, one after another, each in all fifty groups at once."""
    ran = run_in_one(lambda folder: _run(folder, trials, on))
    calls, refusals = sum(each.calls for each in ran.found), sum(each.refusals for each in ran.found)
    least = min((each.left for each in ran.found), default=0)
    figure = f"{calls} calls and {refusals} refusals in {len(ran.found)} trials; {least} tokens left at least"
    return Outcome(trials, ran.failures, figure)


def _run(folder: Path, trials: int, on: type[Stage]) -> Ran[Trial]:
    settings = {
        "WORKER_LANES": str(LANES),
        "NEW_USER_BALANCE": str(PAID * EACH),
        "MAX_REQUEST_TOKENS": str(LONGEST),
        "SYSTEM_PROMPT": PROMPT,
    }
    users = range(FIRST_ID, FIRST_ID + trials)
    with on(folder, STREAMING="on", BUDGET_USD_PER_DAY="0", **settings) as stage:
        stage.start()
        _meet(stage, users)
        ran = run_trials(trials, lambda number, _: _one(stage, users[number], _cost(number)), 1, folder)
        stage.leave()
        stage.verify()
        if not ran.failures:
            _paid(stage, ran.found)
        return ran


def _meet(stage: Stage, users: range) -> None:
    for user in users:
        stage.world.user(user, first_name=NAME, language_code="en")
        stage.world.send("/start", user=user)
    stage.until(lambda: all(stage.said(user) for user in users), "greetings")
    for group in GROUPS:
        stage.world.group(group, title="Friends", members=list(users))


def _cost(number: int) -> int:
    """What each answer of a trial costs in tokens; in every third more than was set aside."""
    dice = random.Random(number)
    return dice.randrange(EACH + 1, EACH * 5 // 4) if number % 3 == 1 else dice.randrange(EACH // 2, EACH)


def _one(stage: Stage, user: int, cost: int) -> Trial:
    """The model holds its answers until every question is either with it or refused."""
    before = len(stage.script.requests("chat/completions"))
    stage.messages.clear()
    usage = {"prompt_tokens": ESTIMATE, "completion_tokens": cost - ESTIMATE}
    answer = f"As much as it costs user {user}."  # an earlier trial's answers are edited when their buttons go
    stage.script.default({"text": answer, "usage": usage, "hold": True})
    for group in GROUPS:
        stage.world.send(f"@{stage.world.bot['username']} {WORDS}", user=user, chat=group)
    try:
        stage.until(lambda: _calls(stage, before) + _count(stage, REFUSED) >= CHATS, "all decided", DECIDED_SECONDS)
        must(not _count(stage, answer), "an answer came before all were decided: the trial shows nothing")
    finally:
        stage.script.release()
    calls, refusals = _calls(stage, before), _count(stage, REFUSED)
    must(calls == PAID, f"{calls} calls of the model, not {PAID}: {refusals} refusals")
    must(refusals == CHATS - PAID, f"{refusals} refusals, not {CHATS - PAID}")
    limits = [
        request["body"].get("max_completion_tokens") for request in stage.script.requests("chat/completions")[before:]
    ]
    must(limits == [LONGEST] * PAID, f"answers were limited to {limits}: not what the wallet could pay for")
    stage.until(lambda: _count(stage, answer) == PAID, "the paid answers", DECIDED_SECONDS)
    return Trial(calls, refusals, max(0, PAID * (EACH - cost)))


def _calls(stage: Stage, before: int) -> int:
    return len(stage.script.requests("chat/completions")) - before


def _count(stage: Stage, words: str) -> int:
    """How many messages of the bot begin with these words, in all chats."""
    me = stage.world.bot["id"]
    mine = [each for each in stage.messages.values() if each["from"]["id"] == me]
    return sum(str(each.get("text", "")).startswith(words) for each in mine)


def _paid(stage: Stage, trials: list[Trial]) -> None:
    """With the bot stopped: each wallet holds what five answers have left of it, nothing at the worst."""
    asked = len(stage.script.requests("chat/completions"))
    must(asked == PAID * len(trials), f"the model was asked {asked} times in {len(trials)} trials")
    records = stage.records()
    for user, trial in enumerate(trials, FIRST_ID):
        left = records[str(user)]["balance"]
        must(left == trial.left, f"user {user} has {left} tokens left, not {trial.left}")
