"""`python -m proof.storage_child FOLDER LIFE`: threads change a store and write down what was accepted.

Each thread has users of its own, so that after a kill at most its last deed is in doubt.
"""

import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from proof.deeds import RULES, Deed, by_chance, perform
from storage import Store

THREADS = 4
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
    path = folder / "notes"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [Note(thread, accepted, Deed(*deed)) for thread, accepted, deed in map(json.loads, lines)]


def live(folder: Path, life: int, known: Callable[[int], set[int]], act: Callable[[Deed], None]) -> None:
    """Start the threads; `known` says which of a thread's users are there already. Returns when one of them raised."""
    notes = os.open(folder / "notes", os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    broken = threading.Event()

    def note(thread: int, accepted: bool, deed: Deed) -> None:
        os.write(notes, json.dumps([thread, accepted, deed]).encode() + b"\n")

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

    for thread in range(THREADS):
        threading.Thread(target=run, args=(thread,), daemon=True).start()
    broken.wait()


def _checkpoints(store: Store, dice: random.Random) -> None:
    longest = dice.choice((0.005, 0.05, 2.0))
    while True:
        time.sleep(dice.uniform(0, longest))
        store.engine.checkpoint()


def registered(known: Callable[[int], object], users: Iterable[int]) -> set[int]:
    """Those of the users that are there."""
    return {user for user in users if known(user)}


def main() -> None:
    """Live one life with our store, checkpoints all the time."""
    folder, life = Path(sys.argv[1]), int(sys.argv[2])
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
