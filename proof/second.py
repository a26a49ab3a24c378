"""R6: two programs want the same data file, or the same bot's updates."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from urllib.error import HTTPError

from proof.stage import FIRST_ID, OWNER, Stage
from proof.trial import Outcome, Ran, must, run_in_one, run_trials
from sandbox.script import DIRECT
from texts import TEXTS

FILE_SHARE = 0.6  # of the trials are about the file, the others about the updates
POLLERS_AT_ONCE = 8  # these trials mostly wait
CONFLICTS = 2  # polls that are refused, a trial
POLITE_SECONDS = 2.0  # the least between two polls while somebody else polls
RIVAL_TIMEOUT, RIVAL_SECONDS = "1", 6.0  # of the other program's polls; how long it goes on
HELP = "/balance — what is left"  # stands in what /help says
USER = FIRST_ID


def instances(trials: int) -> Outcome:
    """R6: `trials` second programs in sum."""
    of_file = round(trials * FILE_SHARE)
    with ThreadPoolExecutor(1) as beside:
        polling = beside.submit(run_trials, trials - of_file, _second_poller, POLLERS_AT_ONCE)
        file = run_in_one(lambda folder: _one_file(folder, of_file))
        polls = polling.result()
    pause = min(polls.found, default=0.0)
    figure = f"{len(file.found)} refused at the file; polls {pause:.1f} s apart at least after a 409"
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


def _second_poller(number: int, folder: Path) -> float:
    """Refused as if somebody else polled, or with somebody who does; the shortest time from a refusal to a poll."""
    with Stage(folder) as stage:
        stage.start()
        stage.register(range(USER, USER + 1))
        if number % 2:
            _rival(stage)
        else:
            stage.world.fault(method="getUpdates", kind="409", times=CONFLICTS)
        for _ in range(CONFLICTS + 1):
            _serves(stage)
        told = sum(text in TEXTS["admin_alert_conflict"] for text in stage.said(OWNER))
        must(told == 1, f"the owner was told {told} times")
        must("another program takes the updates" in (folder / "log").read_text(), "the log does not say why")
        shortest = min(_pauses(stage))
        must(shortest >= POLITE_SECONDS, f"a poll {shortest:.2f} s after a refusal")
        return shortest


def _rival(stage: Stage) -> None:
    """Another program asks for the same updates for some seconds, and confirms none."""
    url = f"{stage.world.url}/bot{stage.world.token}/getUpdates?timeout={RIVAL_TIMEOUT}"
    until = time.monotonic() + RIVAL_SECONDS
    while time.monotonic() < until:
        try:
            DIRECT.open(url, timeout=60).close()
        except HTTPError as refused:
            refused.close()


def _pauses(stage: Stage) -> list[float]:
    """From each refusal of the bot's polls to its next poll, in seconds."""
    calls = stage.world.calls("getUpdates")
    rival = [call["time"] for call in calls if call["params"].get("timeout") == RIVAL_TIMEOUT]
    own = [call for call in calls if call["params"].get("timeout") != RIVAL_TIMEOUT]
    found = []
    for call, after in pairwise(own):
        if call["status"] == 409:
            refused = next((seconds for seconds in rival if seconds >= call["time"]), call["time"])
            found.append(after["time"] - refused)
    must(found, "no poll was refused: the trial shows nothing")
    return found
