"""R10: many threads at the same wallets, killed again and again: the ledger adds up to the balances, always.

`python -m proof.wallets FOLDER LIFE [URL]` is one of the processes that are killed; with a URL the wallets are there,
and as many processes are at them as were started.
"""

import random
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from proof import notes, stage
from proof.deeds import RULES, Deed, Json, perform
from proof.kept import check_stopped, entries
from proof.trial import Outcome, must, run_trials
from records import WALLETS, Bill, Wallet
from storage import StorageError, Store

USERS = range(2000, 2020)
THREADS = 6
LIFE_UPDATES = 1_000_000  # update ids of one life
THREAD_UPDATES = 100_000
AT_ONCE = 2  # processes at most, whose lives follow each other in number
LONGEST_LIFE = 0.3  # seconds of work
KINDS = {"register": 10, "refill": 30, "answer": 25, "voice": 10, "picture": 10, "give back": 5, "ban": 5, "erase": 5}
PAID: dict[str, Wallet] = {"voice": "premium_balance", "picture": "image_balance"}


def add_up(trials: int) -> Outcome:
    """R10: `trials` operations on one data file, with as many kills as that takes."""
    ran = run_trials(1, lambda _, folder: _operate(folder, trials))
    if not ran.found:
        return Outcome(trials, 1, "")
    done, kills, lines = ran.found[0]
    return Outcome(done, 0, f"{kills} kills, {lines:,} ledger lines; no wallet was ever below zero")


def _operate(folder: Path, operations: int) -> tuple[int, int, int]:
    dice = random.Random(operations)
    life = done = 0
    while done < operations:
        life += 1
        _live_and_die(folder, life, dice)
        noted = noted_in(folder)
        done, lines = len(noted.accepted), _check(folder, noted)
    return done, life, lines


def _live_and_die(folder: Path, life: int, dice: random.Random) -> None:
    with (folder / "log").open("ab") as log:
        command = [sys.executable, "-m", "proof.wallets", str(folder), str(life)]
        process = subprocess.Popen(command, cwd=stage.HERE, stdout=log, stderr=log)
    try:
        started = folder / f"started-{life}"
        deadline = time.monotonic() + stage.START_SECONDS
        while not started.exists():
            must(process.poll() is None and time.monotonic() < deadline, "the program did not start")
            time.sleep(0.005)
        time.sleep(dice.uniform(0, LONGEST_LIFE))
        must(process.poll() is None, f"the program ended by itself: {(folder / 'log').read_text()[-300:]}")
    finally:
        process.kill()
        process.wait()


class Noted(NamedTuple):
    """What was begun, what was accepted, by the ids of their updates; the answers whose people stayed all the time."""

    begun: dict[int, Deed]
    accepted: dict[int, Deed]
    answers: set[int]


def noted_in(folder: Path) -> Noted:
    """What all processes have noted so far, in the order in which they did."""
    noted = Noted({}, {}, set())
    open_erasures: dict[int, set[int]] = {}  # by user: those begun and not known to be over
    open_answers: dict[int, set[int]] = {}
    for accepted, fields in notes.read(folder / "notes"):
        deed = Deed(*fields)
        (noted.accepted if accepted else noted.begun)[deed.update] = deed
        erasures, answers = (each.setdefault(deed.user, set()) for each in (open_erasures, open_answers))
        if deed.kind == "erase":
            (erasures.discard if accepted else erasures.add)(deed.update)
            answers.clear()
        elif deed.kind == "answer" and not accepted and not any(_side_by_side(deed.update, each) for each in erasures):
            answers.add(deed.update)
        elif deed.kind == "answer" and accepted and deed.update in answers:
            noted.answers.add(deed.update)
    return noted


def _side_by_side(one: int, other: int) -> bool:
    """Whether the processes of two updates may have lived at the same time."""
    return abs(one // LIFE_UPDATES - other // LIFE_UPDATES) < AT_ONCE


def _check(folder: Path, noted: Noted) -> int:
    """How many lines the ledger has; it must agree with what is noted."""
    copy = folder / "copy"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("notes", "log", "started-*", "copy"))
    Store(copy / "data.json", RULES).close()
    check_stopped(copy / "data.json")
    ledger = entries(copy / "data.json")
    shutil.rmtree(copy)
    check_lines(ledger, noted)
    return len(ledger)


def check_lines(ledger: Iterable[Json], noted: Noted) -> None:
    """No update is in the ledger twice, none that was not begun; all accepted answers are to people who stayed."""
    lines = Counter(line["update"] for line in ledger if line["reason"] in ("answer", "refill", *PAID))
    twice = [number for number, times in lines.items() if times > 1]
    must(not twice, f"updates {twice[:5]} are in the ledger more than once")
    unknown = [number for number in lines if number not in noted.begun]
    must(not unknown, f"updates {unknown[:5]} are in the ledger and were never begun")
    lost = noted.answers - lines.keys()
    must(not lost, f"accepted answers {sorted(lost)[:5]} are not in the ledger")


# -- the process that is killed


def main() -> None:
    """Operate until killed, with checkpoints all the time."""
    folder, life = Path(sys.argv[1]), int(sys.argv[2])
    shared = sys.argv[3] if len(sys.argv) > 3 else ""
    store = Store(shared or folder / "data.json", RULES)
    file = notes.opened(folder / "notes")
    for thread in range(THREADS):
        threading.Thread(target=_work, args=(store, file, life, thread), daemon=True).start()
    (folder / f"started-{life}").touch()
    dice = random.Random(life)
    longest = dice.choice((0.01, 0.1, 5.0))
    while True:
        time.sleep(dice.uniform(0, longest))
        if not shared:
            store.file_engine.checkpoint()


def _work(store: Store, file: int, life: int, thread: int) -> None:
    dice = random.Random(f"{life} {thread}")
    number = life * LIFE_UPDATES + thread * THREAD_UPDATES
    while True:
        number += 1
        kind = dice.choices(tuple(KINDS), tuple(KINDS.values()))[0]
        amount = {"register": dice.choice(USERS), "refill": dice.randrange(-9_000, 9_000), "ban": dice.randrange(2)}
        deed = Deed(kind, dice.choice(USERS), amount.get(kind, dice.randrange(1, 9_000)), number)
        if kind != "register" and not store.user(deed.user):
            continue
        notes.write(file, [False, deed])
        if _accepted(store, deed):
            notes.write(file, [True, deed])


def _accepted(store: Store, deed: Deed) -> bool:
    """Whether it is known to be done: what a server's end has cut off may be."""
    try:
        return _act(store, deed)
    except StorageError:
        return False


def _act(store: Store, deed: Deed) -> bool:
    """Whether it was done; to nobody, if another thread has deleted them meanwhile."""
    if deed.kind == "give back":
        reservation = store.reserve(deed.user, "balance", deed.number)
        must(0 <= reservation.amount <= deed.number, f"{reservation.amount} reserved, asked for {deed.number}")
        store.release(reservation)
    elif deed.kind == "refill":
        store.refill(deed.user, WALLETS[deed.update % len(WALLETS)], deed.number, deed.update)
    elif deed.kind in PAID:
        _pay(store, deed)
    elif deed.kind == "answer" and not store.user(deed.user):
        return False
    else:
        perform(store, deed)
    return True


def _pay(store: Store, deed: Deed) -> None:
    """More than the wallet holds is taken down to zero."""
    reservation = store.reserve(deed.user, PAID[deed.kind], deed.number)
    try:
        bill = Bill("whisper-1" if deed.kind == "voice" else "gpt-image-2.6-flare", price=deed.number)
        store.charge(reservation, bill, "voice" if deed.kind == "voice" else "picture", deed.update)
    finally:
        store.release(reservation)


if __name__ == "__main__":
    main()
