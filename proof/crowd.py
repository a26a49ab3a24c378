"""R19: very many updates from very many users, and what the process holds afterwards."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from proof.process import Held, held
from proof.stage import FIRST_ID, Stage
from proof.trial import Outcome, Ran, must, run_in_one

UPDATES_A_USER = 4
WARM_AT_ONCE, AT_ONCE = 150, 50  # updates under way: pools of threads and connections have grown when it counts
WARM, LEAST_WARM = 0.2, 600  # share and number of the updates after which nothing may grow
MOST_GROWTH = 0.10  # of the memory
FULL_POOLS, FULL_FILES = 200, 120  # threads and files of a bot that has had WARM_AT_ONCE updates under way for long
MORE = 3  # threads or files more than after the warm-up are none
QUESTION, ANSWER = "What do you say?", "I say this."


def many(trials: int) -> Outcome:
    """R19: `trials` updates, four from each user, without a pacer."""
    ran = run_in_one(lambda folder: Ran([_run(folder, trials)], 0))
    return Outcome(trials, ran.failures, "".join(ran.found))


def _run(folder: Path, updates: int) -> str:
    with Stage(folder) as stage:
        stage.script.default({"text": ANSWER, "usage": {"prompt_tokens": 300, "completion_tokens": 20}})
        stage.start()
        users = range(FIRST_ID, FIRST_ID + updates // UPDATES_A_USER)
        crowd = _Crowd(stage, _sequence(users))
        first = max(LEAST_WARM, int(updates * WARM))
        crowd.go_on(first, WARM_AT_ONCE)
        warm = held(stage.pid)
        crowd.go_on(updates - first, AT_ONCE)
        crowd.rest()
        end = held(stage.pid)
        _flat(warm, end)
        stage.leave()
        _whole(stage, users)
    return f"{len(users):,} users, {_words(warm, end)}"


def _sequence(users: range) -> Iterator[tuple[int, str]]:
    """Everybody registers and asks; then everybody looks at the balance and asks once more."""
    for first, second in (("/start", QUESTION), ("/balance", QUESTION)):
        for begin in range(users.start, users.stop, WARM_AT_ONCE):
            group = range(begin, min(begin + WARM_AT_ONCE, users.stop))
            yield from ((user, first) for user in group)
            yield from ((user, second) for user in group)


class _Crowd:
    """Users who each wait for an answer before they write again."""

    def __init__(self, stage: Stage, sequence: Iterator[tuple[int, str]]) -> None:
        self._stage, self._sequence = stage, sequence
        self._waiting: set[int] = set()

    def go_on(self, updates: int, at_once: int) -> None:
        """Send so many, at most `at_once` unanswered."""
        for _ in range(updates):
            user, words = next(self._sequence)
            self._stage.until(partial(self._free, user, at_once), "the next turn")
            if words == "/start":
                self._stage.world.user(user, first_name=f"User {user}", language_code="en")
            self._stage.world.send(words, user=user)
            self._waiting.add(user)

    def _free(self, user: int, at_once: int) -> bool:
        self._waiting -= self._stage.answered
        self._stage.answered.clear()
        return len(self._waiting) < at_once and user not in self._waiting

    def rest(self) -> None:
        """Wait for the last answers."""
        self._stage.until(lambda: self._free(0, 1), "the last answers")


def _whole(stage: Stage, users: range) -> None:
    """Everybody was answered and charged, and nothing lies about."""
    records = stage.records()
    missing = [user for user in users if records.get(str(user), {}).get("requests") != UPDATES_A_USER // 2]
    must(not missing, f"{len(missing)} users were not charged for what they asked: {missing[:5]}")
    left = [path.name for path in stage.temporary.iterdir()]
    must(not left, f"left in the temporary folder: {left[:5]}")
    stage.verify()


def _flat(warm: Held, end: Held) -> None:
    threads = MORE if warm.threads >= FULL_POOLS else WARM_AT_ONCE  # a short run ends before the pools are full
    files = MORE if warm.files >= FULL_FILES else WARM_AT_ONCE
    grown = end.threads > warm.threads + threads or end.files > warm.files + files
    must(not grown and end.megabytes < warm.megabytes * (1 + MOST_GROWTH), f"it grew: {_words(warm, end)}")


def _words(warm: Held, end: Held) -> str:
    memory = f"{warm.megabytes:.0f} → {end.megabytes:.0f} MB ({end.megabytes / warm.megabytes - 1:+.1%})"
    return f"{memory}, threads {warm.threads} → {end.threads}, files {warm.files} → {end.files}"
