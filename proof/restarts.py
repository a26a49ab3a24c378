"""R2, R7, R8: the process is killed or told to leave in the middle of its work, and started again."""

import random
from pathlib import Path

from proof.questions import Question, await_answers, doubled, in_groups, prepare, put, settled, teach, unanswered
from proof.stage import FIRST_ID, Stage
from proof.trial import Outcome, must, run_trials

CHATS = 10
GROUPS = 3
KILLS = 3
MOST_DOUBLED = 0.01  # share of answers
ASKERS = range(FIRST_ID, FIRST_ID + CHATS)
BYSTANDERS = range(FIRST_ID + CHATS, FIRST_ID + 2 * CHATS)
HELP = "/balance — what is left"  # stands in what /help says

SLOWEST = (2.0, 6.0, 15.0)  # seconds an answer takes: all, some and few end before the bot must be gone

RESTARTS = 20
PENDING = range(FIRST_ID, FIRST_ID + 20)


def answering(trials: int) -> Outcome:
    """R2: `kill -9` while ten chats wait for answers, three times a trial."""
    ran = run_trials(trials, _killed)
    answers, kills = len(ran.found) * CHATS, len(ran.found) * KILLS
    twice, waiting = (sum(each[place] for each in ran.found) for place in (0, 1))
    too_many = twice > answers * MOST_DOUBLED
    figure = f"{twice} of {answers} answers stand there twice; at {kills} kills {waiting} were under way"
    return Outcome(trials, ran.failures + too_many, figure)


def _killed(number: int, folder: Path) -> tuple[int, int]:
    """How many answers came twice, and how many were under way at the kills, summed up."""
    dice = random.Random(number)
    with Stage(folder, STREAMING="on" if number % 2 else "off", DEFAULT_CONTEXT="5000") as stage:
        stage.start()
        stage.register(ASKERS)
        asked = _questions(stage, dice)
        teach(stage, asked, 4.0, dice)
        put(stage, asked)
        waiting = 0
        for _ in range(KILLS):
            stage.let_pass(dice.uniform(0, 2.5))
            waiting += len(unanswered(stage, asked))
            stage.kill()
            stage.start(until="getMe")
        stage.is_up()
        await_answers(stage, asked)
        stage.leave()
        settled(stage, asked)
        return doubled(stage, asked), waiting


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
    ran = run_trials(trials, _twenty_restarts)
    answers = len(ran.found) * len(PENDING)
    return Outcome(trials, ran.failures, f"{answers} answers after {RESTARTS} kills each")


def _twenty_restarts(number: int, folder: Path) -> None:
    dice = random.Random(number)
    with Stage(folder, STREAMING="on" if number % 2 else "off", DEFAULT_CONTEXT="5000") as stage:
        stage.start()
        stage.register(PENDING)
        asked = prepare(PENDING, dice)
        stage.script.default({"fault": {"kind": "stall", "seconds": 600}})
        put(stage, asked)
        for restart in range(RESTARTS):
            stage.let_pass(dice.random() ** 2)
            if restart == RESTARTS - 1:
                teach(stage, asked, 0.4, dice)
            stage.kill()
            stage.start(until="getMe")
        stage.is_up()
        await_answers(stage, asked, 60)
        stage.leave()
        settled(stage, asked)
        twice = doubled(stage, asked)
        must(not twice, f"{twice} of {len(PENDING)} answers stand there twice")
