"""R21: one of many processes hangs while others serve, and what an admin decides; PostgreSQL goes away for a while."""

import random
import signal
import time
from functools import partial
from pathlib import Path
from typing import NamedTuple

from proof import tables
from proof.crew import Crew
from proof.questions import Question, await_answers, doubled, prepare, settled, teach, unanswered
from proof.stage import FIRST_ID, GIFT, OWNER, Json
from proof.trial import Outcome, Wrong, must, run_trials

ROUNDS = 3  # questions of each asker, sent at once
ASKERS = range(FIRST_ID, FIRST_ID + 12)
POOR = range(FIRST_ID + 50, FIRST_ID + 59)  # they ask the owner for tokens
HANGS_SECONDS = 20.0
AWAY_SECONDS = 8.0
SLOWEST = 3.0  # seconds an answer takes
OTHERS_SECONDS = 15.0  # for three answers in a chat of somebody who does not hang
FIRM = 100  # looks for a moment at which the process that is to hang holds up nobody
GRANTED = "The admin gave you"
MOST_DECIDED = 2  # requests for tokens
LANES = 5  # of each process: none of them can have all the chats


class Hung(NamedTuple):
    """How many chats were those of who hung, and seconds until all others, and after it those, had their answers."""

    chats: int
    others: float
    after: float
    back: float


def not_overtaken(trials: int) -> Outcome:
    """R21: `trials` times a worker hangs, and after it the server goes away."""
    ran = run_trials(trials, _hangs, 1)
    if not ran.found:
        return Outcome(trials, ran.failures, "")
    answers = len(ran.found) * len(ASKERS) * ROUNDS * 2
    figure = (
        f"{answers} answers, each once and in the order of its chat; {sum(each.chats for each in ran.found)} chats of "
        f"workers that hung for {HANGS_SECONDS:.0f} s were not overtaken, all others had three answers within "
        f"{max(each.others for each in ran.found):.1f} s; all done {max(each.after for each in ran.found):.1f} s after "
        f"the hanging, {max(each.back for each in ran.found):.1f} s after the server was back from {AWAY_SECONDS:.0f} s"
    )
    return Outcome(trials, ran.failures, figure)


def _hangs(number: int, folder: Path) -> Hung:
    dice = random.Random(number)
    streaming, rich = "on" if number % 2 else "off", str(10 * GIFT)
    settings = {"DEFAULT_CONTEXT": "5000", "FAVOR_MIN_LIMIT": rich, "WORKER_LANES": str(LANES), "STREAMING": streaming}
    with Crew(folder, **settings) as stage:
        stage.start()
        stage.register(range(OWNER, OWNER + 1))
        stage.register(ASKERS)
        stage.register(POOR)
        asked = _asked(stage, dice, 0)
        chats, others, after = _while_one_hangs(stage, asked, dice)
        asked += _asked(stage, dice, len(asked))
        stage.let_pass(dice.uniform(0, SLOWEST))
        stage.server.restart("fast" if number % 2 else "immediate", AWAY_SECONDS)
        begun = time.monotonic()
        await_answers(stage, asked, 60)
        back = time.monotonic() - begun
        stage.leave()
        _in_order(stage, asked)
        twice = doubled(stage, asked)
        must(twice <= 1, f"{twice} answers stand there twice after one restart of the server")
        settled(stage, asked)
        return Hung(chats, others, after, back)


def _asked(stage: Crew, dice: random.Random, first: int) -> list[Question]:
    """Everybody sends three questions at once."""
    rounds = [prepare(ASKERS, dice, first + each * len(ASKERS)) for each in range(ROUNDS)]
    asked = [question for each in rounds for question in each]
    teach(stage, asked, SLOWEST, dice)
    for question in asked:
        stage.world.send(question.words, user=question.user)
    return asked


def _while_one_hangs(stage: Crew, asked: list[Question], dice: random.Random) -> tuple[int, float, float]:
    """Stop a worker that has chats to serve; the owner decides about tokens, all others are answered."""
    stage.until(lambda: len(_owners(stage)) > len(stage.crew) and len(set(_owners(stage).values())) > 1, "shared work")
    number, name = dice.choice(
        [each for each in stage.names().items() if each[1] != stage.taking and _chats(stage, each[0])]
    )
    process = stage.crew[name]
    assert process is not None
    _stop(stage, process.pid)
    begun = time.monotonic()
    try:
        hung = _chats(stage, number)
        stage.let_pass(0.5)  # what it had sent before
        locked = _locked(stage, process.pid)  # those it has just served are its own for a while, too
        before = {chat: len(stage.said(chat)) for chat in locked & set(ASKERS)}
        _decide(stage, [user for user in POOR if user not in locked][:MOST_DECIDED], OWNER in locked)
        theirs = [question for question in asked if question.user not in locked]
        stage.until(lambda: not unanswered(stage, theirs), "the others' answers", HANGS_SECONDS)
        others = time.monotonic() - begun
        must(others < OTHERS_SECONDS, f"the others waited {others:.1f} s")
        stage.let_pass(begun + HANGS_SECONDS - time.monotonic())
        overtaken = [chat for chat, said in before.items() if len(stage.said(chat)) > said]
        must(not overtaken, f"chats {overtaken} of a worker that hangs were served by another")
        must(_chats(stage, number) == hung, "updates of a worker that hangs were taken from it")
    finally:
        process.send_signal(signal.SIGCONT)
    begun = time.monotonic()
    await_answers(stage, asked, 60)
    return len(before), others, time.monotonic() - begun


def _owners(stage: Crew) -> dict[int, int]:
    """Which worker serves which chat."""
    with tables.connected(stage.server.url) as connection:
        rows = connection.execute("SELECT chat, worker FROM inbox WHERE worker IS NOT NULL").fetchall()
    return dict(rows)


def _chats(stage: Crew, worker: int) -> list[int]:
    return sorted(chat for chat, number in _owners(stage).items() if number == worker)


def _locked(stage: Crew, pid: int) -> set[int]:
    """The chats whose locks a process holds."""
    with tables.connected(stage.server.url) as connection:
        rows = connection.execute(
            "SELECT objid::bigint FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory'"
            " AND objsubid = 1 AND classid = 0 AND application_name = %s",
            (f"assistant {pid}",),
        ).fetchall()
    return {chat for (chat,) in rows}


def _stop(stage: Crew, pid: int) -> None:
    """Stop a process between two of its deeds: in the middle of one it would hold up all, until the server ends it."""
    for _ in range(FIRM):
        _signal(stage, pid, signal.SIGSTOP)
        time.sleep(0.05)
        if not any(state != "idle" for process, state, _ in tables.sessions(stage.server.url) if process == pid):
            return
        _signal(stage, pid, signal.SIGCONT)
        time.sleep(0.02)
    raise Wrong("no moment was found at which the process could hang")


def _signal(stage: Crew, pid: int, sign: signal.Signals) -> None:
    next(process for process in stage.processes() if process.pid == pid).send_signal(sign)


def _decide(stage: Crew, people: list[int], hangs: bool) -> None:
    """Each asks for tokens and is given some by the owner's button, unless it is the owner's chat that hangs."""
    for user in [] if hangs else people:
        stage.world.send("/ask_favor", user=user)
        stage.until(partial(_asks, stage, user), "a request to the owner", OTHERS_SECONDS)
        note = _asks(stage, user)
        assert note is not None
        data = note["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
        stage.world.press(note, data, user=OWNER)
        stage.until(partial(stage.count, user, GRANTED), "tokens from the owner", OTHERS_SECONDS)


def _asks(stage: Crew, user: int) -> Json | None:
    """The note to the owner by which somebody asks for tokens."""
    notes = [each for (chat, _), each in stage.messages.items() if chat == OWNER and "asks for" in each.get("text", "")]
    return next((each for each in notes if each["text"].startswith(f"User {user} ")), None)


def _in_order(stage: Crew, asked: list[Question]) -> None:
    """In each chat the first copies of the answers stand in the order of its questions."""
    for user in ASKERS:
        said = stage.said(user)
        places = [
            next(place for place, text in enumerate(said) if question.answer in text)
            for question in asked
            if question.user == user
        ]
        must(places == sorted(places), f"chat {user}: the answers stand at {places}")
