"""R18: updates of every kind with unknown fields, and malformed ones; none may stop the next."""

import random
import time
from pathlib import Path

from proof.kinds import HOPELESS, Json, malformed, samples, with_unknown
from proof.stage import FIRST_ID, OWNER, Stage
from proof.trial import Outcome, Ran, must, run_in_one, run_trials
from texts import TEXTS

KINDS = 27
SERVED_SECONDS = 2.0
TRIES = 3
READ = ("message", "edited_message", "callback_query", "my_chat_member", "stopped_message_generation")
HELP = "/balance — what is left"  # stands in what /help says
USERS = range(FIRST_ID, FIRST_ID + 5)
BYSTANDER = FIRST_ID + 5


def survived(trials: int) -> Outcome:
    """R18: the 27 kinds, and as many malformed updates as trials are left."""
    ran = run_in_one(lambda folder: _run(folder, trials))
    slowest = max(ran.found, default=0.0)
    figure = f"{KINDS} kinds, {trials - KINDS} malformed; next update served after {slowest * 1000:.0f} ms at most"
    return Outcome(trials, ran.failures, figure)


def _run(folder: Path, trials: int) -> Ran[float]:
    dice = random.Random(trials)
    with Stage(folder) as stage:
        stage.start()
        stage.register(range(USERS.start, BYSTANDER + 1))
        updates = _updates(trials, dice)
        ran = run_trials(trials, lambda number, _: _one(stage, number, updates[number]), 1, folder)
        _told(stage)
        tracebacks = (folder / "log").read_text(errors="replace").count("Traceback (most recent call last)")
        must(tracebacks <= TRIES * trials, f"{tracebacks} tracebacks for {trials} updates")
        for end in (stage.kill, stage.leave):
            end()
            stage.start()
            for user in (*USERS, BYSTANDER):
                _served(stage, user, "after a restart")
        stage.leave()
        stage.verify()
        return ran


def _updates(trials: int, dice: random.Random) -> list[Json]:
    """What is delivered, each in the name of the user whose turn it is."""
    found: list[Json] = []
    for number in range(trials):
        user = {"id": _user(number), "is_bot": False, "first_name": "Kim", "language_code": "en"}
        kinds = samples(user)
        if number < KINDS:
            name = list(kinds)[number]
            found.append({name: with_unknown(kinds[name])})
        elif number < KINDS + len(HOPELESS):
            found.append(HOPELESS[number - KINDS])
        else:
            name = dice.choice(READ) if dice.random() < 0.8 else dice.choice(list(kinds))
            found.append(malformed({name: kinds[name]}, dice))
    return found


def _user(number: int) -> int:
    return USERS[number % len(USERS)]


def _one(stage: Stage, number: int, update: Json) -> float:
    stage.world.update(update)
    seconds = _served(stage, _user(number), f"after {update}")
    if number % 10 == 0:
        _served(stage, BYSTANDER, f"a bystander, after {update}")
    return seconds


def _served(stage: Stage, user: int, when: str) -> float:
    """Seconds until a person's next /help is answered."""
    before = stage.count(user, HELP)
    begun = time.monotonic()
    stage.world.send("/help", user=user)
    stage.until(lambda: stage.count(user, HELP) > before, f"an answer to /help, {when}", 30)
    seconds = time.monotonic() - begun
    must(seconds <= SERVED_SECONDS, f"/help was answered after {seconds:.1f} s, {when}")
    return seconds


def _told(stage: Stage) -> None:
    """The owner knows that something was set aside."""
    beginnings = [words.split("(")[0] for words in TEXTS["admin_alert_poison"]]
    told = [text for text in stage.said(OWNER) if any(text.startswith(words) for words in beginnings)]
    must(told, "the owner was not told")
