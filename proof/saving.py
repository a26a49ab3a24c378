"""R1: `kill -9` while a store is changed by many threads, at its start, amid checkpoints."""

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from proof import stage
from proof.deeds import RULES, Deed, Expected, Held, Json, found, update
from proof.kept import check_stopped
from proof.operations import tried
from proof.storage_child import THREADS, Note, read_notes, users_of
from proof.trial import Outcome, Wrong, must, run_trials
from storage import Store

LIVES = 5  # of one data file, each ended by a kill
AT_START = 0.25  # share of the kills that may come before the store is open
START_SECONDS, WORK_SECONDS = 0.6, 0.4  # the latest moments of a kill
OLD_SHARE = 3  # every third file is one that an older bot left

STARTS = ("new", "old", "edited")  # of the processes that are killed at each disk operation
OPERATIONS = 270  # about as many as such a process asks of the disk

Lives = list[Expected]  # what must be there, thread by thread


def kills(trials: int) -> Outcome:
    """R1: `trials` kills at random moments, some at each data file; and one at every n-th disk operation."""
    ours = stage.command() == stage.OURS
    lives = LIVES if ours else 1
    ran = run_trials(trials // lives, lambda number, folder: _one_file(number, folder, lives, ours))
    deeds, done = sum(ran.found), lives * (trials // lives)
    figure = f"{deeds:,} accepted deeds were there after the kills, none that was not begun"
    if not ours:
        return Outcome(done, ran.failures, figure)
    step = str(max(1, OPERATIONS // trials))
    every = run_trials(len(STARTS), lambda number, folder: tried("proof.kill_child", folder, STARTS[number], step))
    tries, wrong = sum(each[0] for each in every.found), sum(each[1] for each in every.found)
    return Outcome(
        done + tries,
        ran.failures + every.failures + wrong,
        f"{figure}; {tries} of them at one disk operation after another",
    )


def _one_file(number: int, folder: Path, lives: int, ours: bool) -> int:
    """How many deeds one data file took in all its lives."""
    dice = random.Random(number)
    expected = [Expected() for _ in range(THREADS)]
    if ours and number % OLD_SHARE == 0:
        expected[0] = _old_file(folder)
    seen = 0
    for life in range(1, lives + 1):
        _live_and_die(folder, life, seen, dice, ours)
        notes = read_notes(folder)
        new, seen = notes[seen:], len(notes)
        expected = _check_ours(folder, new, expected, life) if ours else _check_plain(folder, new, expected)
    return sum(note.accepted for note in notes)


def _old_file(folder: Path) -> Expected:
    user = users_of(0)[0]
    record = {"balance": 777, "requests": 3, "tokens": 40, "name": "Old", "username": "None"}
    records = {"global": {"requests": 3, "tokens": 40}, str(user): record}
    (folder / "data.json").write_text(json.dumps(records))
    return Expected({user: Held(777, 3, 40)}, tokens=40)


def _live_and_die(folder: Path, life: int, seen: int, dice: random.Random, ours: bool) -> None:
    """One process, killed at a random moment; data.json is whole and private all the time."""
    command = ("-m", "proof.storage_child") if ours else stage.command()
    early = dice.random() < AT_START
    with (folder / "log").open("ab") as log:
        arguments = [sys.executable, *command, str(folder), str(life)]
        process = subprocess.Popen(arguments, cwd=stage.HERE, stdout=log, stderr=log)
    try:
        if not early:
            await_work(process, folder, seen)
        until = time.monotonic() + dice.uniform(0, START_SECONDS if early else WORK_SECONDS)
        while time.monotonic() < until:
            if ours:
                _look(folder)
            time.sleep(0.002)
        must(process.poll() is None, f"the program ended by itself: {(folder / 'log').read_text()[-300:]}")
    finally:
        process.kill()
        process.wait()


def await_work(process: "subprocess.Popen[bytes]", folder: Path, seen: int) -> None:
    """Wait until a process writes down what it does."""
    deadline = time.monotonic() + stage.START_SECONDS
    while len(read_notes(folder)) <= seen:
        must(process.poll() is None, f"the program did not start: {(folder / 'log').read_text()[-300:]}")
        must(time.monotonic() < deadline, "the program did not begin to work")
        time.sleep(0.005)


def _look(folder: Path) -> None:
    """What any reader must find at any moment."""
    path = folder / "data.json"
    if path.exists():
        try:
            json.loads(path.read_bytes())
        except ValueError as error:
            raise Wrong(f"data.json cannot be read while the bot runs: {error}") from None


def _check_ours(folder: Path, notes: Sequence[Note], before: Lives, life: int) -> Lives:
    """Open a copy of what the kill left, compare, close it, compare again; what the next life begins with."""
    copy = folder / f"after-{life}"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("after-*", "notes", "log"))
    store = Store(copy / "data.json", RULES)
    try:
        pending = {number: each.update for number, each in store.file_engine.state.pending.items()}
        now = [which(store, pending, thread, *told(notes, thread), before[thread]) for thread in range(THREADS)]
        _taken(store, notes)
    finally:
        store.close()
    check_stopped(copy / "data.json", tokens=sum(each.tokens for each in now))
    shutil.rmtree(copy)
    return now


def told(notes: Sequence[Note], thread: int) -> tuple[list[Deed], list[Deed]]:
    """The deeds of a thread that were accepted, and the one that may have been."""
    own = [note for note in notes if note.thread == thread]
    in_doubt = [own[-1].deed] if own and not own[-1].accepted else []
    return [note.deed for note in own if note.accepted], in_doubt


def which(
    store: Store, waiting: dict[int, Json], thread: int, accepted: list[Deed], in_doubt: list[Deed], before: Expected
) -> Expected:
    """What must be there without the deed in doubt, or with the whole of it; `waiting` are all open updates."""
    users = found(store, users_of(thread))
    pending = {update_id for update_id, each in waiting.items() if _user_of(each) in users}
    known = before.after(accepted)
    for possible in (known, known.after(in_doubt)):
        if users == possible.users and pending == set(possible.pending):
            return possible
    wrong = [user for user in users_of(thread) if users.get(user) != known.users.get(user)]
    seen = [f"{users.get(user)}, not {known.users.get(user)}" for user in wrong[:1]]
    raise Wrong(f"thread {thread}: users {wrong} differ: {seen}; updates {pending ^ set(known.pending)}; {in_doubt}")


def _user_of(raw: Json) -> int:
    return int(raw["message"]["from"]["id"])


def _taken(store: Store, notes: Sequence[Note]) -> None:
    """Updates that were accepted are not taken a second time."""
    again = [update(note.deed) for note in notes if note.accepted and note.deed.kind == "accept"]
    anew = store.inbox.accept(again)
    must(not anew, f"{len(anew)} accepted updates were taken anew")


def _check_plain(folder: Path, notes: Sequence[Note], before: Lives) -> Lives:
    """The same for a file that is nothing but a dict of users."""
    try:
        kept = json.loads((folder / "data.json").read_bytes()) if notes else {}
    except (ValueError, FileNotFoundError) as error:
        raise Wrong(f"data.json cannot be read: {error}") from None
    for thread in range(THREADS):
        accepted, in_doubt = told(notes, thread)
        known = before[thread].after(accepted)
        balances = [
            {user: held.balance for user, held in each.users.items()} for each in (known, known.after(in_doubt))
        ]
        here = {int(key): record["balance"] for key, record in kept.items() if int(key) in users_of(thread)}
        must(here in balances, f"thread {thread} has {here}, not {balances[0]}")
    return before
