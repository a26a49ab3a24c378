"""`python -m proof.storage_child FOLDER LIFE [URL PROCESS]`: threads change a store and write down what was accepted.

Each thread has users of its own, so that after a kill at most its last deed is in doubt. With a URL the store is there,
and may have several processes.
"""

import random
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from engine.datafile import DataFileError
from proof import notes
from proof.deeds import RULES, Deed, by_chance, perform
from storage import StorageError, Store

THREADS = 4
ALL = range(THREADS)
USERS = 6  # of each thread
LIFE_UPDATES = 1_000_000  # update ids of one life
THREAD_UPDATES = 100_000


class Note(NamedTuple):
    """What a thread wrote down: a deed that begins, or one that was accepted."""

    thread: int
    accepted: bool
    deed: Deed


def users_of(thread: int) -> range:
    """Whom a thread may touch."""
    return range(1000 + 100 * thread, 1000 + 100 * thread + USERS)


def read_notes(folder: Path) -> list[Note]:
    """What the lives so far wrote down."""
    return [Note(thread, accepted, Deed(*deed)) for thread, accepted, deed in notes.read(folder / "notes")]


def live(
    folder: Path, life: int, known: Callable[[int], set[int]], act: Callable[[Deed], None], threads: range = ALL
) -> None:
    """Start the threads; `known` says which of a thread's users are there already. Returns when one of them raised."""
    file = notes.opened(folder / "notes")
    broken = threading.Event()

    def note(thread: int, accepted: bool, deed: Deed) -> None:
        notes.write(file, [thread, accepted, deed])

    def run(thread: int) -> None:
        dice = random.Random(f"{folder.name} {life} {thread}")
        first = life * LIFE_UPDATES + thread * THREAD_UPDATES
        try:
            for deed in by_chance(dice, users_of(thread), known(thread), first):
                note(thread, False, deed)
                act(deed)
                note(thread, True, deed)
        finally:
            broken.set()

    for thread in threads:
        threading.Thread(target=run, args=(thread,), daemon=True).start()
    broken.wait()


def _checkpoints(store: Store, dice: random.Random) -> None:
    longest = dice.choice((0.005, 0.05, 2.0))
    while True:
        time.sleep(dice.uniform(0, longest))
        store.file_engine.checkpoint()


def registered(known: Callable[[int], object], users: Iterable[int]) -> set[int]:
    """Those of the users that are there."""
    return {user for user in users if known(user)}


def _among_many(folder: Path, life: int, url: str, process: int) -> None:
    """One life as one of several processes."""
    store, first = _opened(url), process * THREADS
    live(
        folder,
        life,
        lambda thread: registered(store.user, users_of(thread)),
        lambda deed: _perform_or_rest(store, deed),
        range(first, first + THREADS),
    )


def _opened(url: str) -> Store:
    """As a service manager does it: a start is tried again while the server is away."""
    while True:
        try:
            return Store(url, RULES)
        except DataFileError:
            time.sleep(0.1)


def _perform_or_rest(store: Store, deed: Deed) -> None:
    """What the server's end has cut off may have happened: this thread does nothing more."""
    try:
        perform(store, deed)
    except StorageError:
        threading.Event().wait()


def main() -> None:
    """Live one life with our store, checkpoints all the time."""
    folder, life = Path(sys.argv[1]), int(sys.argv[2])
    if len(sys.argv) > 3:
        _among_many(folder, life, sys.argv[3], int(sys.argv[4]))
        return
    store = Store(folder / "data.json", RULES)
    dice = random.Random(f"{folder.name} {life}")
    threading.Thread(target=_checkpoints, args=(store, dice), daemon=True).start()
    live(
        folder,
        life,
        lambda thread: registered(store.user, users_of(thread)),
        lambda deed: perform(store, deed),
    )


if __name__ == "__main__":
    main()
