"""R15, outages: connections that break, hang or carry nonsense, and a Telegram that is away altogether."""

import random
from functools import partial
from pathlib import Path
from typing import Any

from proof.chats import CALLS, VICTIM, Call, Case, chats
from proof.process import Held, held
from proof.questions import await_answers, doubled, prepare, put, settled, teach
from proof.stage import FIRST_ID, Stage
from proof.trial import must

BACK = 10.0  # seconds within which all is as before
SHORT_STALL, LONG_STALL = 3.0, 60.0
LONGEST_HANG = 35.0  # seconds until a hanging request is given up and made again
QUICK_AWAY, LONG_AWAY = 8.0, 600.0  # seconds
TEN = range(FIRST_ID, FIRST_ID + 10)
MORE = 5  # threads or files more than before are none: pools grow by chance
KINDS = ("reset", "html", "garbage", "500")


def broken(kind: str, what: Call, folder: Path, **more: Any) -> None:
    """Two calls of a method fail on their way; what was asked is answered, once, and the other chat goes on."""
    with chats(folder) as people:
        people.fail(what, kind=kind, times=2, **more)
        question = people.ask(3.0, what.place)
        people.others_go_on(lambda: bool(people.has(question)), 3 + BACK + 2 * more.get("seconds", 0.0))
        people.once(question, 0.1)


def unheard(kind: str, folder: Path, **more: Any) -> None:
    """Two polls fail on their way: nobody is heard meanwhile, and everybody after it."""
    with chats(folder) as people:
        people.stage.world.fault(method="getUpdates", kind=kind, times=2, **more)
        question = people.ask(3.0)
        people.once(question, 3 + BACK + 2 * more.get("seconds", 0.0))


def hangs(folder: Path) -> None:
    """One message is sent into a connection that says nothing for a minute: it is sent again before that."""
    with chats(folder) as people:
        world = people.stage.world
        world.fault(method="sendMessage", chat_id=VICTIM, kind="stall", seconds=LONG_STALL, times=1)
        question = people.ask(0.5)
        people.others_go_on(lambda: bool(people.has(question)), LONGEST_HANG)
        people.once(question, 0.1)


def lost_answer(kind: str, folder: Path) -> None:
    """Telegram took the message and the answer got lost: it stands there, at most twice."""
    with chats(folder) as people:
        people.stage.world.fault(method="sendMessage", chat_id=VICTIM, kind=kind, done=True, times=1)
        people.once(people.ask(0.5), BACK, most=2)


def away(seconds: float, folder: Path) -> None:
    """Nothing comes through for a while, with ten answers under way and ten more questions put meanwhile."""
    dice = random.Random(0)
    rounds = [prepare(TEN, dice, first) for first in (0, 100, 200)]
    with Stage(folder, STREAMING="on", TELEGRAM_RATE="30", DEFAULT_CONTEXT="5000") as stage:
        stage.start()
        stage.register(TEN)
        for asked, thinking in zip(rounds, (0.5, 1.0, 0.5), strict=True):
            teach(stage, asked, thinking, dice)
        put(stage, rounds[0])
        await_answers(stage, rounds[0])
        before = held(stage.pid)
        stage.world.fault(method="*", kind="reset", times=None, after=1)
        put(stage, rounds[1])
        stage.let_pass(seconds / 4)
        early = held(stage.pid)
        put(stage, rounds[2])
        stage.let_pass(seconds * 3 / 4)
        late = held(stage.pid)
        stage.world.clear_faults()
        await_answers(stage, rounds[1] + rounds[2], BACK)
        _flat(before, early, late, held(stage.pid))
        stage.leave()
        settled(stage, [question for asked in rounds for question in asked])
        twice = sum(doubled(stage, asked) for asked in rounds)
        must(not twice, f"{twice} answers stand there twice")


def _flat(before: Held, early: Held, *later: Held) -> None:
    """A Telegram that is away costs no more threads and files than work under way, however long it lasts."""
    seen = ", ".join(map(str, (before, early, *later)))
    must(early.threads <= before.threads + 2 * len(TEN), f"more threads than work: {seen}")
    for each in later:
        grown = each.threads > early.threads + MORE or each.files > max(before.files, early.files) + MORE
        must(not grown, f"threads and files grew: {seen}")


QUICK: dict[str, Case] = {
    **{f"{kind}, {name}": partial(broken, kind, what) for kind in KINDS for name, what in CALLS.items()},
    **{f"{kind}, getUpdates": partial(unheard, kind) for kind in KINDS},
    **{f"a short stall, {name}": partial(broken, "stall", what, seconds=SHORT_STALL) for name, what in CALLS.items()},
    "a short stall, getUpdates": partial(unheard, "stall", seconds=SHORT_STALL),
    **{f"{kind} after it was taken": partial(lost_answer, kind) for kind in ("reset", "garbage")},
    "away for a moment": partial(away, QUICK_AWAY),
}
SLOW: dict[str, Case] = {"a minute's stall": hangs, f"away for {LONG_AWAY:.0f} s": partial(away, LONG_AWAY)}
