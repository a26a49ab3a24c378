"""R20 once more, as people meet it: files of each kind that stall, drip or are larger than said, in a running bot.

Whoever sent one is told within a minute, an album in no more than that; meanwhile others are answered as ever.
"""

import base64
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from proof import downloads, papers
from proof.stage import FIRST_ID, Json, Stage
from proof.trial import Outcome, Ran, must, run_in_one, run_trials
from texts import say

HARMS = ("larger", "stall", "drip")
MINUTE = 60.0  # seconds that a file may take
LIMIT = 1  # MB that the bot takes
SAID, REAL, JUST = 1_000, 6_000_000, 1_000_000  # bytes: said, larger than said, just not too large
STALL, DRIP = 300.0, 0.3  # seconds of silence; between two pieces of 4 KiB
ANSWER = "Four."
ALBUM = 4
GRACE = 6.0  # seconds to come to an answer, with the waiting for a first byte
ASKED_EVERY = 1.0  # seconds between two questions of others
P95_SECONDS = 2.0
OTHERS = range(FIRST_ID, FIRST_ID + 5)
FIRST = OTHERS.stop
SETTINGS = {"MAX_FILE_MB": str(LIMIT), "NEW_USER_PREMIUM_BALANCE": "10000000", "BUDGET_USD_PER_DAY": "0"}


class Told(NamedTuple):
    """How long who sent a file waited for a word, and how long the slowest twentieth of the others for theirs."""

    seconds: float
    others: float


def file(kind: str, data: bytes, name: str, mime_type: str) -> Json:
    """One file as it is sent."""
    coded = base64.b64encode(data).decode()
    return {"kind": kind, "name": name, "mime_type": mime_type, "data": coded, "duration": 2}


def sendings() -> dict[str, list[Json]]:
    """What is sent, an album being several files."""
    words, picture = papers.text("Two and two are four."), papers.picture("Four.")
    pdf, sound = papers.pdf("Two and two are four."), papers.sound()
    text = file("document", words, "a.txt", "text/plain")
    photo = file("photo", picture, "a.png", "image/png")
    return {
        "voice": [file("voice", sound, "a.wav", "audio/wav")],
        "audio": [file("audio", sound, "a.wav", "audio/wav")],
        "text": [text],
        "pdf": [file("document", pdf, "a.pdf", "application/pdf")],
        "picture file": [file("document", picture, "a.png", "image/png")],
        "photo": [photo],
        "album of photos": [photo] * ALBUM,
        "album of files": [text] * ALBUM,
    }


CASES = tuple((harm, kind) for harm in HARMS for kind in sendings() if harm != "larger" or "photo" not in kind)
QUICK = sum(harm == "larger" for harm, _ in CASES)  # of them, what is over at once


def bounded(trials: int) -> Outcome:
    """R20: downloads by themselves, and the first of the cases; few trials take those that are over at once."""
    cases = len(CASES) if trials > len(CASES) * 2 else QUICK
    met, alone = told(cases), downloads.bounded(trials - cases)
    return Outcome(trials, met.failures + alone.failures, f"{alone.figure}; {met.figure}")


def told(trials: int) -> Outcome:
    """The first `trials` of the cases, those of one harm together."""
    cases = CASES[:trials]
    harms = list(dict.fromkeys(harm for harm, _ in cases))
    with ThreadPoolExecutor(len(harms)) as pool:
        ran = list(pool.map(lambda harm: _one_harm(harm, [kind for each, kind in cases if each == harm]), harms))
    found = [each for one in ran for each in one.found]
    longest = max((each.seconds for each in found), default=0.0)
    others = max((each.others for each in found), default=0.0)
    figure = f"people told after {longest:.0f} s at most, others' p95 {others:.2f} s"
    return Outcome(len(cases), sum(one.failures for one in ran), figure)


def _one_harm(harm: str, kinds: list[str]) -> Ran[Told]:
    return run_in_one(lambda folder: _run(folder, harm, kinds))


def _run(folder: Path, harm: str, kinds: list[str]) -> Ran[Told]:
    with Stage(folder, **SETTINGS) as stage:
        stage.script.default({"text": ANSWER})
        senders = {FIRST + number: kind for number, kind in enumerate(kinds)}
        stage.start()
        stage.register(range(FIRST_ID, FIRST + len(kinds)))
        if harm != "larger":
            pause = STALL if harm == "stall" else DRIP
            stage.world.fault(method="file", kind=harm, seconds=pause, times=None)
        others = _Others(stage)
        waited = _waits(stage, senders, harm, others)
        stage.world.clear_faults()
        left = [each.name for each in stage.temporary.rglob("*")]
        must(not left, f"{harm}: left behind: {left}")
        p95 = others.p95()
        must(p95 < P95_SECONDS, f"{harm}: others waited {p95:.2f} s")
        for user in senders:
            stage.world.send("And two and three?", user=user)
        stage.until(lambda: all(stage.count(user, ANSWER) for user in senders), f"{harm}: an answer to what comes next")
        stage.leave()
        stage.verify()
    users = list(senders)
    return run_trials(
        len(users), lambda number, _: _judged(senders[users[number]], harm, waited[users[number]], p95), 1
    )


def _waits(stage: Stage, senders: dict[int, str], harm: str, others: "_Others") -> dict[int, float]:
    """Send to each what is theirs; after how many seconds they were told, 0 for who was not."""
    begun, waited = time.monotonic(), dict.fromkeys(senders, 0.0)
    for user, kind in senders.items():
        files = [(_lying if harm == "larger" else _large)(each) for each in sendings()[kind]]
        stage.world.send("What is this?", user=user, files=files)
    words = say("en", "file_too_large", limit=LIMIT) if harm == "larger" else say("en", "file_stalled")
    while not all(waited.values()) and time.monotonic() < begun + MINUTE + GRACE:
        others.ask()
        stage.listen(0.1)
        for user in senders:
            if not waited[user] and stage.count(user, words):
                waited[user] = time.monotonic() - begun
    return waited


def _judged(kind: str, harm: str, seconds: float, others: float) -> Told:
    must(seconds, f"{kind}, {harm}: not told within {MINUTE + GRACE:.0f} s")
    return Told(seconds, others)


def _lying(about: Json) -> Json:
    """Far more comes than was said."""
    return about | {"file_size": SAID, "data": _padded(about["data"], REAL)}


def _large(about: Json) -> Json:
    """Just not too large, so that it takes its time."""
    return about | {"data": _padded(about["data"], JUST)}


def _padded(coded: str, size: int) -> str:
    return base64.b64encode(base64.b64decode(coded).ljust(size, b"\n")).decode()


class _Others:
    """People who have the bot do something small all the time, one after another."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._asked: dict[int, tuple[float, int]] = {}  # when, and after how many words of the bot
        self._next = 0.0
        self._seconds: list[float] = []

    def ask(self) -> None:
        """The next question if it is time; answers that came are noted."""
        now = time.monotonic()
        for user, (asked, before) in list(self._asked.items()):
            if len(self._stage.said(user)) > before:
                self._seconds.append(now - asked)
                del self._asked[user]
        free = [user for user in OTHERS if user not in self._asked]
        if free and now >= self._next:
            self._next = now + ASKED_EVERY
            user = free[len(self._seconds) % len(free)]
            self._asked[user] = now, len(self._stage.said(user))
            self._stage.world.send("/balance", user=user)

    def p95(self) -> float:
        """Of the seconds waited, those who still wait among them."""
        now = time.monotonic()
        waits = sorted(
            [*self._seconds, *(now - asked for asked, _ in self._asked.values() if now - asked > P95_SECONDS)]
        )
        return waits[int(0.95 * (len(waits) - 1))] if waits else 0.0
