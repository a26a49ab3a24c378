"""Trials of one row: each in a folder of its own, which stays when the trial fails and says in one line why."""

import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

SIDE_BY_SIDE = 2  # trials at once: as many as the smallest machine has cores


class Wrong(Exception):
    """Something that must hold did not; the sentence says what was seen."""


class Outcome(NamedTuple):
    """What a row showed: trials, how many of them failed, and its figure in words."""

    trials: int
    failures: int
    figure: str


class Ran(NamedTuple, Generic[T]):
    """What the good trials returned, in order, and how many were not good."""

    found: list[T]
    failures: int


class _Count:
    """How far the trials of a row are."""

    def __init__(self, trials: int) -> None:
        self.trials, self.done, self.failures = trials, 0, 0
        self._lock = threading.Lock()

    def add(self, failed: bool) -> None:
        with self._lock:
            self.done += 1
            self.failures += failed
            if sys.stderr.isatty():
                print(f"\r  {self.done}/{self.trials}, {self.failures} failed ", end="", file=sys.stderr, flush=True)


def run_trials(
    trials: int, trial: Callable[[int, Path], T], side_by_side: int = SIDE_BY_SIDE, shared: Path | None = None
) -> Ran[T]:
    """Run `trial(number, folder)` so often, each in its own folder or all in a shared one; it raises when wrong."""
    count = _Count(trials)
    with ThreadPoolExecutor(side_by_side) as pool:
        found = list(pool.map(lambda number: _one(number, trial, count, shared), range(trials)))
    return Ran([each[0] for each in found if each], count.failures)


def _one(number: int, trial: Callable[[int, Path], T], count: _Count, shared: Path | None) -> tuple[T] | None:
    folder = shared or _new_folder()
    try:
        found = trial(number, folder)
    except Exception as error:
        report(number, error, folder)
        count.add(failed=True)
        return None
    if shared is None:
        shutil.rmtree(folder, ignore_errors=True)
    count.add(failed=False)
    return (found,)


def run_in_one(run: Callable[[Path], Ran[T]]) -> Ran[T]:
    """All trials of a row in one go and one folder; when `run` itself raises, that is one failure."""
    folder = _new_folder()
    try:
        ran = run(folder)
    except Exception as error:
        report(0, error, folder)
        return Ran([], 1)
    if not ran.failures:
        shutil.rmtree(folder, ignore_errors=True)
    return ran


def _new_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="proof-"))


def report(number: int, error: Exception, folder: Path) -> None:
    """Say in one line what was wrong in a trial."""
    kind = "" if isinstance(error, Wrong) else f"{type(error).__name__}: "
    words = " ".join(str(error).split())
    print(f"  trial {number}: {kind}{words[:400]}; see {folder}", file=sys.stderr, flush=True)


def must(holds: object, sentence: str) -> None:
    """Raise `Wrong` with the sentence unless it holds."""
    if not holds:
        raise Wrong(sentence)
