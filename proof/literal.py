"""S4: names, prompts and captions full of markup are shown as they are, wherever the bot shows them."""

import time
from pathlib import Path

from proof.scenes import ACTS, AT_ONCE, OWNERS_NAME, Cast, Shown, meet
from proof.stage import OWNER, Stage
from proof.trial import Outcome, Ran, Wrong, must, run_in_one, run_trials

SHOWN_SECONDS = 15.0
SETTINGS = {
    "ADMIN_LOG": "full",
    "FAVOR_MIN_LIMIT": "1000000000",  # a favour may always be asked for
    "NEW_USER_PREMIUM_BALANCE": "1000000",
    "NEW_USER_IMAGE_BALANCE": "10",
    "BUDGET_USD_PER_DAY": "0",
}


def as_they_are(trials: int) -> Outcome:
    """S4: `trials` casts, ten at a time."""
    ran = run_in_one(lambda folder: _run(folder, [Cast(number) for number in range(trials)]))
    shown = sum(ran.found)
    return Outcome(trials, ran.failures, f"{shown} notices, reports and copies show what they should as it is")


def _run(folder: Path, casts: list[Cast]) -> Ran[int]:
    with Stage(folder, **SETTINGS) as stage:
        stage.start()
        meet(stage, OWNER, OWNERS_NAME)
        stage.world.send("/start", user=OWNER)
        stage.until(lambda: bool(stage.said(OWNER)), "a greeting")
        counts = dict.fromkeys(range(len(casts)), 0)
        for begin in range(0, len(casts), AT_ONCE):
            some = casts[begin : begin + AT_ONCE]
            stage.messages.clear()
            _next_second()
            for act in ACTS:
                expected = [(cast, shown) for cast in some for shown in act(stage, cast)]
                _all_shown(stage, expected)
                for cast, _ in expected:
                    counts[cast.number] += 1
        parsed = [call["method"] for call in stage.world.calls() if "parse_mode" in call["params"]]
        must(not parsed, f"texts were sent to be parsed, by {set(parsed)}")
        stage.leave()
        stage.verify()
        return run_trials(len(casts), lambda number, _: _judged(casts[number], counts[number]), 1, folder)


def _next_second() -> None:
    """/recent knows whole seconds and one message takes some sixty people: of one second there must not be more."""
    time.sleep(1.0 - time.time() % 1.0)


def _judged(cast: Cast, count: int) -> int:
    must(not cast.missing, f"not shown as it is: {cast.missing}")
    return count


def _all_shown(stage: Stage, expected: list[tuple[Cast, Shown]]) -> None:
    """Wait for all of them; those that do not come are noted with their cast."""
    left = list(expected)

    def over() -> bool:
        left[:] = [each for each in left if each[1].stands(stage) is None]
        return not left

    try:
        stage.until(over, "all that is shown", SHOWN_SECONDS)
    except Wrong:
        if stage.process is None or stage.process.poll() is not None:
            raise
        for cast, shown in left:
            cast.missing.append(f"{shown.key or 'a copy'} in {shown.chat}")
