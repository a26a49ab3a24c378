"""R15: everything that Telegram and the network can do to a bot, a case each."""

from pathlib import Path

from proof import floods, outages, refusals
from proof.chats import Case
from proof.trial import Outcome, Wrong, run_trials

QUICK: dict[str, Case] = {**floods.QUICK, **refusals.CASES, **outages.QUICK}
CASES: dict[str, Case] = {**outages.SLOW, **floods.SLOW, **QUICK}  # the longest one begins first
SAMPLE = 5  # of the quick ones every fifth stands for the others in CI
AT_ONCE = 5  # most of them wait most of the time


def met(trials: int) -> Outcome:
    """R15: all cases, or a sample of so many of the quick ones."""
    names = list(CASES) if trials >= len(CASES) else list(QUICK)[::SAMPLE][:trials]
    ran = run_trials(len(names), lambda number, folder: _case(names[number], folder), AT_ONCE)
    figure = f"{len(names)} cases; the longest pause is watched for {floods.WATCHED:.0f} s of its 300"
    return Outcome(len(names), ran.failures, figure)


def _case(name: str, folder: Path) -> None:
    try:
        CASES[name](folder)
    except Wrong as wrong:
        raise Wrong(f"{name}: {wrong}") from None
