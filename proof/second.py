"""R6: two programs want the same data file, or the same bot's updates."""

from itertools import pairwise
from pathlib import Path

from proof.stage import FIRST_ID, OWNER, Stage
from proof.trial import Outcome, Ran, Wrong, must, run_in_one, run_trials
from texts import TEXTS

FILE_SHARE = 0.6  # of the trials are about the file, the others about the updates
POLLERS_AT_ONCE = 8  # these trials mostly wait
CONFLICTS = 2  # polls that are refused, a trial
POLITE_SECONDS = 2.0  # the least between two polls while somebody else polls
HELP = "/balance — what is left"  # stands in what /help says
USER = FIRST_ID


def instances(trials: int) -> Outcome:
    """R6: `trials` second programs in sum."""
    of_file = round(trials * FILE_SHARE)
    file = run_in_one(lambda folder: _one_file(folder, of_file))
    polls = run_trials(trials - of_file, _conflict, POLLERS_AT_ONCE)
    pause = min(polls.found, default=0.0)
    figure = f"{len(file.found)} refused at the file; polls {pause:.1f} s apart at least while refused with 409"
    return Outcome(trials, file.failures + polls.failures, figure)


def _one_file(folder: Path, trials: int) -> Ran[None]:
    """The first instance serves all the while, the second ones leave as they must."""
    with Stage(folder) as stage:
        stage.start()
        stage.register(range(USER, USER + 1))
        ran = run_trials(trials, lambda number, _: _refused(stage), shared=folder)
        _serves(stage)
        stage.leave()
        stage.verify()
        return ran


def _refused(stage: Stage) -> None:
    code, words = stage.run_to_end()
    must(code == 1, f"the second instance ended with exit code {code}: {words[-200:]}")
    must(f"pid {stage.pid}" in words, f"the second instance does not name pid {stage.pid}: {words[-200:]}")
    must("Traceback" not in words, "the second instance shows a traceback")


def _serves(stage: Stage) -> None:
    """One more question for help is answered."""
    before = stage.count(USER, HELP)
    stage.world.send("/help", user=USER)
    stage.until(lambda: stage.count(USER, HELP) > before, "an answer to /help", 30)


def _conflict(number: int, folder: Path) -> float:
    """The shortest time between polls while another program polls; the owner is told once."""
    with Stage(folder) as stage:
        stage.start()
        stage.register(range(USER, USER + 1))
        stage.world.fault(method="getUpdates", kind="409", times=CONFLICTS)
        for _ in range(CONFLICTS + 1):
            _serves(stage)
        pauses = _pauses(stage)
        told = sum(text in TEXTS["admin_alert_conflict"] for text in stage.said(OWNER))
        must(told == 1, f"the owner was told {told} times")
        must(min(pauses) >= POLITE_SECONDS, f"polls {min(pauses):.2f} s apart while somebody else polls")
        must("another program polls" in (folder / "log").read_text(), "the log does not say why")
        return min(pauses)


def _pauses(stage: Stage) -> list[float]:
    """From each refused poll to the next one, in seconds."""
    polls = pairwise(stage.world.calls("getUpdates"))
    found = [after["time"] - call["time"] for call, after in polls if call["status"] == 409]
    if len(found) < CONFLICTS:
        raise Wrong(f"only {len(found)} polls came after a refusal")
    return found
