"""R2, R7, R8: the process is killed or told to leave in the middle of its work, and started again."""

import random
from collections import Counter
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from proof.questions import Question, await_answers, doubled, in_groups, prepare, put, settled, teach, unanswered
from proof.stage import FIRST_ID, Stage
from proof.trial import Outcome, Wrong, must, run_trials
from texts import TEXTS

CHATS = 10
GROUPS = 3
KILLS = 3
WAITED_SECONDS = 15.0  # for the answers when nothing is killed any more
AIMED = 5  # every fifth trial kills in the moment of a send, where an answer may stand there twice, marked
MOST_DOUBLED = 0.01  # share of answers; a kill may hit the moment of a send by chance, so one is borne in few trials
ASKERS = range(FIRST_ID, FIRST_ID + CHATS)
BYSTANDERS = range(FIRST_ID + CHATS, FIRST_ID + 2 * CHATS)
HELP = "/balance — what is left"  # stands in what /help says

SLOWEST = (2.0, 6.0, 15.0)  # seconds an answer takes: all, some and few end before the bot must be gone

RESTARTS, FEW_RESTARTS = 20, 5  # in full and in CI
PENDING = range(FIRST_ID, FIRST_ID + 20)


def answering(trials: int, on: type[Stage] = Stage) -> Outcome:
    """R2: `kill -9` while ten chats wait for answers, at random moments; every fifth trial in the moment of a send."""
    ran = run_trials(trials, lambda number, folder: _killed(number, folder, on))
    random_ones, aimed = ([each for each in ran.found if each.aimed is wanted] for wanted in (False, True))
    answers, twice = len(random_ones) * CHATS, sum(each.twice for each in random_ones)
    figure = (
        f"{sum(each.lost for each in ran.found)} of {len(ran.found) * CHATS} questions lost; "
        f"{twice} of {answers} answers stand there twice, {sum(each.waiting for each in random_ones)} were under way "
        f"at {len(random_ones) * KILLS} random kills; {sum(each.twice for each in aimed)} of {len(aimed) * CHATS} "
        f"twice, marked, after kills in the moment of a send; killed: {_named(each.killed for each in ran.found)}"
    )
    failures = ran.failures + sum(each.lost > 0 for each in ran.found) + (twice > max(1, answers * MOST_DOUBLED))
    return Outcome(trials, failures, figure)


class Killed(NamedTuple):
    """How many questions got no answer, how many two, and how many waited at the kills, summed up."""

    aimed: bool
    lost: int
    twice: int
    waiting: int
    killed: Counter[str]


def _named(killed: Iterable[Counter[str]]) -> str:
    """What was taken away how often."""
    return ", ".join(f"{name} {times}" for name, times in sorted(sum(killed, Counter[str]()).items()))


def _killed(number: int, folder: Path, on: type[Stage]) -> Killed:
    dice, aimed = random.Random(number), number % AIMED == AIMED - 1
    with on(folder, STREAMING="on" if number % 2 else "off", DEFAULT_CONTEXT="5000") as stage:
        stage.start()
        stage.register(ASKERS)
        asked = _questions(stage, dice)
        teach(stage, asked, 4.0, dice)
        put(stage, asked)
        waiting = 0
        for _ in range(KILLS):
            if aimed:
                before = len(unanswered(stage, asked))
                stage.until(partial(_fewer, stage, asked, before), "one answer more", WAITED_SECONDS)
            else:
                stage.let_pass(dice.uniform(0, 2.5))
            waiting += len(unanswered(stage, asked))
            stage.kill()
            stage.start(until="getMe")
        stage.is_up()
        lost = _lost(stage, asked)
        stage.leave()
        if not lost:
            settled(stage, asked)
            _marked(stage, asked)
        return Killed(aimed, lost, doubled(stage, asked), waiting, stage.killed)


def _lost(stage: Stage, asked: list[Question]) -> int:
    """How many questions stay without an answer; of our bot's one is wrong enough, others' are counted."""
    try:
        await_answers(stage, asked, WAITED_SECONDS)
    except Wrong:
        if stage.ours:
            raise
    return len(unanswered(stage, asked))


def _fewer(stage: Stage, asked: list[Question], before: int) -> bool:
    return len(unanswered(stage, asked)) < before or not before


def _marked(stage: Stage, asked: list[Question]) -> None:
    """Of an answer that stands there twice at most one copy bears no mark."""
    for question in asked:
        copies = [text for text in stage.said(question.place) if question.answer in text]
        bare = [text for text in copies if not any(mark in text for mark in TEXTS["maybe_again"])]
        must(len(bare) < 2 or not stage.ours, f"answer {question.number} stands there {len(bare)} times without a mark")


def _questions(stage: Stage, dice: random.Random) -> list[Question]:
    """One of each asker, three of them in groups."""
    asked = prepare(ASKERS, dice)
    return asked[GROUPS:] + in_groups(stage, asked[:GROUPS])


def leaving(trials: int) -> Outcome:
    """R7: SIGTERM while ten chats wait for answers and ten more have just sent a command."""
    ran = run_trials(trials, _told_to_leave)
    longest = max(ran.found, default=0.0)
    return Outcome(trials, ran.failures, f"gone after {longest:.1f} s at most")


def _told_to_leave(number: int, folder: Path) -> float:
    dice = random.Random(number)
    with Stage(folder, STREAMING="on" if number % 2 else "off", DEFAULT_CONTEXT="5000") as stage:
        stage.start()
        stage.register(range(ASKERS.start, BYSTANDERS.stop))
        asked = _questions(stage, dice)
        teach(stage, asked, SLOWEST[number // 2 % 3], dice)
        put(stage, asked)
        stage.let_pass(dice.uniform(0, 3))
        for user in BYSTANDERS:
            stage.world.send("/help", user=user)
        seconds = stage.leave()
        stage.start()
        await_answers(stage, asked)
        stage.until(lambda: all(stage.count(user, HELP) for user in BYSTANDERS), "answers to /help")
        stage.leave()
        settled(stage, asked)
        twice = doubled(stage, asked) + sum(stage.count(user, HELP) > 1 for user in BYSTANDERS)
        must(not twice, f"{twice} answers stand there twice")
        return seconds


def pending(trials: int) -> Outcome:
    """R8: twenty restarts in a row while twenty messages wait for their answers."""
    restarts = RESTARTS if trials > 1 else FEW_RESTARTS
    ran = run_trials(trials, lambda number, folder: _restarted(number, folder, restarts))
    answers = len(ran.found) * len(PENDING)
    return Outcome(trials, ran.failures, f"{answers} answers after {restarts} kills each")


def _restarted(number: int, folder: Path, restarts: int) -> None:
    dice = random.Random(number)
    with Stage(folder, STREAMING="on" if number % 2 else "off", DEFAULT_CONTEXT="5000") as stage:
        stage.start()
        stage.register(PENDING)
        asked = prepare(PENDING, dice)
        stage.script.default({"fault": {"kind": "stall", "seconds": 600}})
        put(stage, asked)
        for restart in range(restarts):
            stage.let_pass(dice.random() ** 2)
            if restart == restarts - 1:
                teach(stage, asked, 0.4, dice)
            stage.kill()
            stage.start(until="getMe")
        stage.is_up()
        await_answers(stage, asked, 60)
        stage.leave()
        settled(stage, asked)
        twice = doubled(stage, asked)
        must(not twice, f"{twice} of {len(PENDING)} answers stand there twice")
