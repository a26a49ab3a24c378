"""R13: all that a model can do wrong: one clear message, three calls at most, nothing charged but what arrived."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from proof.stage import FIRST_ID, OWNER, Json, Stage
from proof.trial import Outcome, Wrong, must, report, run_trials
from services.tokens import estimate_messages
from texts import TEXTS

EACH = 20  # trials of a fault, a quarter of them by each of the ways
WAYS = [(api, streaming) for api in ("chat", "responses") for streaming in ("on", "off")]
MOST_CALLS = 3
LONGEST = 4000  # tokens of an answer, as MAX_REQUEST_TOKENS has it
GIFT = LONGEST + 100  # tokens: an answer that is not given back leaves nothing for the next
PROMPT = "You are a helpful assistant"
QUICK_SECONDS, SILENT_SECONDS, TOTAL_SECONDS = 30.0, 60.0, 600.0
# Each of these words is one token of OpenAI's models: who counts words counts tokens.
STORY = (
    "The sea is blue and the sky is far away from here so we sat by the old boat and told each other how the day had "
    "been until the light was gone and the wind came up from the south with rain in it"
)
DELTAS = re.findall(r"\s*\S+", STORY)
HALF = len(DELTAS) // 2
DROPS = 25.0  # seconds between the words of an answer that takes longer than anybody waits
OFF = 0.1  # how far a charge may lie from what arrived


class Ending(NamedTuple):
    """What the model does, and the sentence that must come of it: "" for an answer, "part" for what came of one."""

    reply: Json
    words: str
    seconds: float = QUICK_SECONDS


class Case(NamedTuple):
    """A fault; where an answer comes at once, nothing of it can have arrived before."""

    streamed: Ending
    whole: Ending


def _refusal(words: str, status: int, **more: object) -> Case:
    ending = Ending({"fault": {"kind": "status", "status": status, **more}}, words)
    return Case(ending, ending)


def _midway(kind: str, whole: str, **more: object) -> Case:
    reply = {"deltas": DELTAS, "fault": {"kind": kind, "after": HALF, **more}}
    return Case(Ending(reply, "part"), Ending(reply, whole))


def _both(reply: Json, words: str) -> Case:
    return Case(Ending(reply, words), Ending(reply, words))


QUICK: dict[str, Case] = {
    "400 context": _refusal("fail_too_long", 400, code="context_length_exceeded"),
    "400 filter": _refusal("fail_filtered", 400, code="content_filter"),
    "401": _refusal("fail_auth", 401),
    "403": _refusal("fail_auth", 403),
    "404 retired": _refusal("fail_no_model", 404),
    "408": _refusal("fail_stalled", 408),
    "409": _refusal("fail_busy", 409),
    "429": _refusal("fail_busy", 429),
    "429, wait 1 s": _refusal("fail_busy", 429, retry_after=1),
    "429, wait 60 s": _refusal("fail_busy", 429, retry_after=60),
    "quota": _refusal("fail_quota", 429, code="insufficient_quota"),
    "500": _refusal("fail_busy", 500),
    "503": _refusal("fail_busy", 503),
    "503 once": _both({"fault": {"kind": "status", "status": 503}, "times": 1}, ""),
    "reset": _both({"fault": {"kind": "reset"}}, "fail_network"),
    "garbage": _both({"fault": {"kind": "garbage", "after": 0}}, "fail_broken"),
    "garbage midway": _midway("garbage", "fail_broken"),
    "empty": _both({"fault": {"kind": "empty"}}, "fail_empty"),
    "refusal": _both({"refusal": "I would rather not."}, ""),
    "cut midway": _midway("cut", "fail_network"),
    "error midway": _midway("event_error", "fail_busy"),
    "failed midway": _midway("event_error", "fail_busy", **{"as": "failed"}),
}


def _stalls(dice: random.Random) -> dict[str, Case]:
    """Silences of 60 to 600 seconds, and an answer so slow that it never ends."""
    seconds = dice.uniform(SILENT_SECONDS + 5, TOTAL_SECONDS)
    late = SILENT_SECONDS + QUICK_SECONDS
    silent = Ending({"fault": {"kind": "stall", "seconds": seconds}}, "fail_stalled", late)
    stops = {"deltas": DELTAS, "fault": {"kind": "stall", "seconds": seconds, "after": HALF}}
    drips = Ending({"deltas": DELTAS, "per_delta": DROPS}, "part", TOTAL_SECONDS + QUICK_SECONDS)
    return {
        "stall": Case(silent, silent),
        "stall midway": Case(Ending(stops, "part", late), silent),
        "drip": Case(drips, silent),
    }


FAULTS = [*QUICK, *_stalls(random.Random(0))]


class Trial(NamedTuple):
    """One fault for one user."""

    number: int
    user: int
    name: str
    ending: Ending

    @property
    def words(self) -> str:
        """What is asked; no other question contains it."""
        return f"Question {self.number}, please?"

    @property
    def again(self) -> str:
        """What is asked afterwards, and answered."""
        return f"And then {self.number}?"


def mended(trials: int) -> Outcome:
    """R13: every fault in turn, by each way in turn; the silent ones only in a full run."""
    names = FAULTS if trials > len(QUICK) else list(QUICK)
    ways: list[list[int]] = [[] for _ in WAYS]
    for number in range(trials):
        ways[(number + number // len(names)) % len(WAYS)].append(number)
    ran = run_trials(len(WAYS), lambda way, folder: _one_way(way, ways[way], names, folder), len(WAYS))
    failures = sum(found[0] for found in ran.found) + ran.failures
    calls = max((found[1] for found in ran.found), default=0)
    off = max((found[2] for found in ran.found), default=0.0)
    figure = f"{len(names)} faults; {calls} calls at most; parts charged within {off:.0%}; the owner told once of each"
    return Outcome(trials, failures, figure)


def _one_way(way: int, numbers: list[int], names: list[str], folder: Path) -> tuple[int, int, float]:
    """All trials of one way, side by side; failures, most calls, the charge that lay farthest off."""
    api, streaming = WAYS[way]
    settings = {"NEW_USER_BALANCE": str(GIFT), "MAX_REQUEST_TOKENS": str(LONGEST), "SYSTEM_PROMPT": PROMPT}
    with Stage(folder, OPENAI_API=api, STREAMING=streaming, BUDGET_USD_PER_DAY="0", **settings) as stage:
        stage.start()
        trials = [_trial(place, number, names, streaming == "on") for place, number in enumerate(numbers)]
        stage.register(range(OWNER, OWNER + 1))
        stage.register(range(FIRST_ID, FIRST_ID + len(trials)))
        _ask(stage, trials)
        stage.leave()
        stage.verify()
        _told(stage, {trial.ending.words for trial in trials})
        found = [_checked(stage, trial, folder, f"{api}, streaming {streaming}") for trial in trials]
    good = [each for each in found if each]
    calls, off = max((each[0] for each in good), default=0), max((each[1] for each in good), default=0.0)
    return len(found) - len(good), calls, off


def _trial(place: int, number: int, names: list[str], streaming: bool) -> Trial:
    name = names[number % len(names)]
    case = (QUICK | _stalls(random.Random(number)))[name]
    return Trial(number, FIRST_ID + place, name, case.streamed if streaming else case.whole)


def _ask(stage: Stage, trials: list[Trial]) -> None:
    """Everybody asks, and once more when the first question has ended; who waits for ever is found later."""
    for trial in trials:
        stage.script.queue({"times": 10**6, "match": trial.words} | trial.ending.reply)
        stage.world.send(trial.words, user=trial.user)
    _await(stage, trials, lambda trial: len(stage.said(trial.user)) > 1 + (trial.ending.words == "part"))
    for trial in trials:
        stage.world.send(trial.again, user=trial.user)
    _await(stage, trials, lambda trial: stage.count(trial.user, trial.again))


def _await(stage: Stage, trials: list[Trial], ready: Callable[[Trial], object]) -> None:
    seconds = max(trial.ending.seconds for trial in trials)
    try:
        stage.until(lambda: all(ready(trial) for trial in trials), "all endings", seconds)
    except Wrong:
        return  # each trial says what it misses


def _told(stage: Stage, words: set[str]) -> None:
    """What only the owner can mend was told once, however many it hit."""
    for kind in ("auth", "quota", "no_model"):
        if f"fail_{kind}" in words:
            told = stage.count(OWNER, TEXTS[f"reason_{kind}"].en)
            must(told == 1, f"the owner was told {told} times: {kind}")


def _checked(stage: Stage, trial: Trial, folder: Path, way: str) -> tuple[int, float] | None:
    try:
        return _calls(stage, trial), _charged(stage, trial)
    except Wrong as wrong:
        report(trial.number, Wrong(f"{trial.name}, {way}: {wrong}"), folder)
        return None


def _calls(stage: Stage, trial: Trial) -> int:
    asked = [each for each in stage.script.requests() if trial.words in json.dumps(each["body"], ensure_ascii=False)]
    calls = len([each for each in asked if each["method"] == "POST"])
    must(1 <= calls <= MOST_CALLS, f"{calls} calls")
    return calls


def _charged(stage: Stage, trial: Trial) -> float:
    """How far the charge lies from what arrived, as a share; raises Wrong when the chat or the wallet is not right."""
    _, *said = stage.said(trial.user)
    must(said and said[-1] == f"You said: {trial.again}", f"no answer afterwards, but {said}")
    charges = [-line["amount"] for line in stage.ledger() if line["user"] == trial.user and line["reason"] == "answer"]
    first, answer = said[:-1], charges[:-1]
    if trial.ending.words not in ("", "part"):
        want = TEXTS[trial.ending.words].en.split("{")[0]
        must(len(first) == 1 and first[0].startswith(want), f"said {first}")
        must(first[0].endswith(TEXTS["not_charged"].en) and not answer, f"charged {answer}, said {first}")
        return 0.0
    must(len(answer) == 1, f"charged {charges}")
    if not trial.ending.words:
        must(len(first) == 1, f"said {first}")
        return 0.0
    must(len(first) == 2 and first[1] == TEXTS["cut_broken"].en, f"said {first}")
    must(STORY.startswith(first[0]) and len(first[0].split()) >= HALF, f"came {first[0]!r}")
    arrived = len(first[0].split()) + estimate_messages([{"content": PROMPT}, {"content": trial.words}])
    off: float = abs(answer[0] - arrived) / arrived
    must(off <= OFF, f"charged {answer[0]} for {arrived} tokens")
    return off
