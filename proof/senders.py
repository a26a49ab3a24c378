"""S2: every admin command and every admin button, from everybody and everything that is not the admin in private."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import config
from bot import Bot
from bot_commands.request import Request
from bot_commands.table import ADMIN_KEYS, BY_NAME, BY_PRESS, COMMANDS, PRESSES
from proof import impostors
from proof.impostors import BLOCKED, USER, Json
from proof.stage import OWNER, Stage
from proof.trial import Outcome, Ran, must, run_in_one, run_trials
from texts import TEXTS

NAMES = [name for row in COMMANDS if row.role == "admin" for name in (row.name, *row.aliases)]
KEYS = [label for key, name in ADMIN_KEYS.items() if name in NAMES for label in TEXTS[key]]
CALLS = [*(f"/{name}" for name in NAMES), *KEYS]
BUTTONS = [row.name for row in PRESSES if row.role == "admin"]
DATA = [*BUTTONS, *(f"/{name}" for name in NAMES)]  # a button may carry a command, too
SETTLED_SECONDS = 60.0
ANSWER = "I am only a model."  # to what is no command


class Case(NamedTuple):
    """One command, label of a key, or button with one kind of sender."""

    call: str
    sender: str
    update: Callable[[str], Json]


CASES = [Case(call, *each) for call in CALLS for each in impostors.WRITERS.items()]
CASES += [Case(data, *each) for data in DATA for each in impostors.PRESSERS.items()]


class Reached(set[int]):
    """The numbers of the updates that got through to the handler of an admin's command or button."""

    def __call__(self, request: Request) -> None:
        self.add(request.update_id)


def locked_out(trials: int) -> Outcome:
    """S2: `trials` of the cases, spread over all; afterwards the admin's own must be let through, each of them."""
    cases = [CASES[number * len(CASES) // trials] for number in range(trials)]
    ran = run_in_one(lambda folder: _run(folder, cases))
    senders = len(impostors.WRITERS), len(impostors.PRESSERS)
    figure = (
        f"{len(NAMES)} commands and {len(KEYS)} keys from {senders[0]} senders, {len(DATA)} buttons from "
        f"{senders[1]}: 0 executed"
    )
    return Outcome(trials, ran.failures, "" if ran.failures else figure)


def _run(folder: Path, cases: list[Case]) -> Ran[None]:
    reached = Reached()
    with _bot(folder, reached) as (stage, bot):
        updates = [stage.world.update(case.update(case.call)) for case in cases]
        _settle(stage, bot)
        ran = run_trials(len(cases), lambda number, _: _kept_out(cases[number], updates[number], reached), 1, folder)
        _looks_unknown(stage)
        _lets_the_admin_in(stage, bot, reached)
        return ran


@contextmanager
def _bot(folder: Path, reached: Reached) -> Iterator[tuple[Stage, Bot]]:
    """A bot that knows the admin, a user and a blocked one; its admin handlers only note that they were reached."""
    commands = {name: BY_NAME[name]._replace(run=reached) for name in NAMES}
    buttons = {name: BY_PRESS[name]._replace(run=reached) for name in BUTTONS}
    with Stage(folder) as stage, patch.dict(BY_NAME, commands), patch.dict(BY_PRESS, buttons):
        stage.script.default({"text": ANSWER})
        bot = Bot(config.load(stage.environment(), folder))
        bot.start()
        try:
            _meet(stage, bot)
            yield stage, bot
        finally:
            bot.stop()


def _meet(stage: Stage, bot: Bot) -> None:
    everybody = (OWNER, USER, BLOCKED, impostors.NAMESAKE, impostors.COURIER)
    for user in everybody:
        stage.world.user(user, **impostors.about(user))
        stage.world.send("/start", user=user)
    stage.world.user(impostors.STRANGER, **impostors.about(impostors.STRANGER), started=True)
    stage.world.group(impostors.GROUP, type="supergroup", title="Friends", members=list(everybody))
    stage.until(lambda: all(stage.said(user) for user in everybody), "greetings")
    bot.store.ban(BLOCKED, True)


def _settle(stage: Stage, bot: Bot) -> None:
    """Wait until nothing is left to be served."""
    until = time.monotonic() + SETTLED_SECONDS
    while stage.world.pending() or bot.quick.running() or bot.long.running():
        must(time.monotonic() < until, "updates are left unserved")
        stage.listen(0.1)
    stage.listen(0.0)


def _kept_out(case: Case, update_id: int, reached: Reached) -> None:
    must(update_id not in reached, f"{case.sender} got {case.call} executed")


def _looks_unknown(stage: Stage) -> None:
    """What a user is told about an admin's command is what they are told about any word."""
    unknown = [TEXTS[key].en.split("{")[0] for key in ("command_unknown", "command_unknown_help")]
    for words in stage.said(USER)[1:]:
        must(words.startswith((*unknown, ANSWER)), f"a user was told: {words}")


def _lets_the_admin_in(stage: Stage, bot: Bot, reached: Reached) -> None:
    """The same updates from the admin in private do get through: what is measured is measured."""
    own = [(call, impostors.command(call)) for call in CALLS] + [(data, impostors.press(data)) for data in DATA]
    for call, update in own:
        update_id = stage.world.update(update)
        _settle(stage, bot)
        must(update_id in reached, f"the admin's own {call} was not executed: the trials show nothing")
