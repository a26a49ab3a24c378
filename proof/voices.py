"""V1: very many voices at once, each from somebody else, and what the machine bears for them."""

import base64
import subprocess
import time
from functools import cache
from pathlib import Path

from proof.others import ASKED_EVERY, Others
from proof.process import Family
from proof.stage import FIRST_ID, Stage
from proof.trial import Outcome, Ran, must, run_in_one
from services import voice
from services.child import DECODERS

OTHERS = range(FIRST_ID, FIRST_ID + 20)
LENGTHS = (2, 15, 59, 61, 180, 300)  # seconds of the voices, in turn
SPOKEN, ANSWER = "A spoken question, please?", "Heard and answered."
LISTENING = 0.5  # seconds until the recogniser has its words
MOST_MEGABYTES = 500  # of the bot and its children together
LONGEST = 180.0  # seconds for all of them


def all_heard(trials: int) -> Outcome:
    """V1: `trials` voices at once, each of a user's own."""
    ran = run_in_one(lambda folder: Ran([_run(folder, trials)], 0))
    return Outcome(trials, ran.failures, "".join(ran.found))


def _run(folder: Path, voices: int) -> str:
    with Stage(folder, NEW_USER_PREMIUM_BALANCE="10000", BUDGET_USD_PER_DAY="0") as stage:
        stage.script.queue(
            {"path": "transcriptions", "text": SPOKEN, "delay": LISTENING, "times": 10**6},
            {"match": SPOKEN, "text": ANSWER, "times": 10**6},
        )
        stage.start()
        speakers = range(OTHERS.stop, OTHERS.stop + voices)
        stage.register(range(OTHERS.start, speakers.stop))
        recordings = {seconds: _recording(seconds) for seconds in LENGTHS}
        others, begun = Others(stage, OTHERS), time.monotonic()
        with Family(stage.pid, "ffmpeg") as family:
            for user in speakers:
                file = {"kind": "voice", "data": recordings[_length(user)], "duration": 1}
                stage.world.send(file=file, user=user)
            _wait(stage, others, speakers)
        seconds = time.monotonic() - begun
        others.check("beside the voices")
        _bounded(family)
        stage.leave()
        _paid(stage, speakers)
    return (
        f"all answered in {seconds:.0f} s, {family.most} decoders at a time, {family.megabytes:.0f} MB with children, "
        f"others' p95 {others.p95():.2f} s"
    )


def _wait(stage: Stage, others: Others, speakers: range) -> None:
    """Until everybody is answered, while others go on."""
    until = time.monotonic() + LONGEST
    while unanswered := [user for user in speakers if ANSWER not in stage.said(user)]:
        must(time.monotonic() < until, f"{len(unanswered)} voices are not answered after {LONGEST:.0f} s")
        others.live(time.monotonic() + ASKED_EVERY)


def _bounded(family: Family) -> None:
    must(0 < family.most <= DECODERS, f"{family.most} decoders at a time")
    must(family.megabytes < MOST_MEGABYTES, f"{family.megabytes:.0f} MB of the bot and its children")


def _paid(stage: Stage, speakers: range) -> None:
    """Everybody has paid for what was in the recording, not for what was said of it, and nothing lies about."""
    records = stage.records()
    heard = {user: records[str(user)].get("whisper_seconds") for user in speakers}
    wrong = {user: seconds for user, seconds in heard.items() if seconds != _length(user)}
    must(not wrong, f"paid by other lengths than the true ones: {wrong}")
    left = [path.name for path in stage.temporary.iterdir()]
    must(not left, f"left in the temporary folder: {left[:5]}")
    stage.verify()


def _length(user: int) -> int:
    return LENGTHS[user % len(LENGTHS)]


@cache
def _recording(seconds: int) -> str:
    """A tone as a voice message of Telegram has it, in base64."""
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}"]
    command = [voice.ffmpeg(), "-loglevel", "error", *tone, "-c:a", "libopus", "-b:a", "24k", "-f", "ogg", "pipe:1"]
    return base64.b64encode(subprocess.run(command, capture_output=True, check=True).stdout).decode()
