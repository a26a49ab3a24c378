"""R4: the disk fails at each of its operations in turn, once or for longer; a bot whose disk is full."""

import resource
from pathlib import Path

from proof.disk_faults import KINDS
from proof.kept import check_stopped
from proof.operations import tried
from proof.stage import FIRST_ID, OWNER, Stage
from proof.trial import Outcome, must, run_trials
from texts import TEXTS

LIVES = 1900  # about as many as all kinds of failure at every operation are
HELP = "/balance — what is left"  # stands in what /help says
USER = FIRST_ID
REFUSED_SECONDS = 5.0  # while nobody may be answered as if all were well


def survived(trials: int) -> Outcome:
    """R4: every kind of failure at every n-th operation of a scripted life, so that `trials` are about reached."""
    step = max(1, LIVES // trials)
    cases = [(kind, lasting) for kind in KINDS for lasting in ("once", "lasting")]
    ran = run_trials(len(cases), lambda number, folder: tried("proof.fault_child", folder, *cases[number], str(step)))
    bots = run_trials(1, _full)
    lives, wrong = sum(each[0] for each in ran.found), sum(each[1] for each in ran.found)
    figure = f"{len(KINDS)} kinds, once and lasting, at every operation" + (f" of {step}" if step > 1 else "")
    figure += "; a full bot told the owner once and went on" if bots.found else ""
    return Outcome(lives + 1, wrong + ran.failures + bots.failures, figure)


def _full(number: int, folder: Path) -> None:
    """No file of the bot may grow any more for a while; then again."""
    with Stage(folder) as full:
        full.start()
        full.register(range(OWNER, OWNER + 1))
        full.register(range(USER, USER + 1))
        resource.prlimit(full.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        full.world.send("Is anybody there?", user=USER)
        full.world.send("/help", user=USER)
        full.world.send(f"/refill {USER} 5", user=OWNER)
        full.until(lambda: full.count(USER, HELP) > 0, "an answer to /help on a full disk")
        full.until(lambda: _told(full) > 0, "a word to the owner")
        full.let_pass(REFUSED_SECONDS)
        must(not full.count(OWNER, "+5"), "a refill that is not on the disk was said to be done")
        must(not full.count(USER, "You said"), "an answer that is not on the disk was given")
        must(_told(full) == 1, f"the owner was told {_told(full)} times")
        resource.prlimit(full.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        _goes_on(full)
        full.leave()
        full.verify()
    check_stopped(folder / "data.json")


def _told(full: Stage) -> int:
    return sum(text in TEXTS["admin_alert_storage"] for text in full.said(OWNER))


def _goes_on(full: Stage) -> None:
    """Paid work and deeds are taken again."""
    full.world.send("Is anybody there now?", user=USER)
    full.until(lambda: full.count(USER, "anybody there now") > 0, "an answer once the disk is back")
    full.world.send(f"/refill {USER} 7", user=OWNER)
    full.until(lambda: full.count(OWNER, "+7") > 0, "a refill once the disk is back")
