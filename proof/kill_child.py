"""`python -m proof.kill_child FOLDER START STEP`: a process that is gone at its k-th disk operation, for every k.

START is `new`, `old` (the file of an older bot) or `edited` (a wallet changed by hand). Prints a line for each k: k and
what was wrong with what was left, or nothing.
"""

import json
import logging
import os
import shutil
import sys
from pathlib import Path

from proof.deeds import RULES, Deed, Expected, Held, found, perform
from proof.disk_faults import GONE, FaultyDisk
from proof.fault_child import CHECKPOINT, SCRIPT, USERS
from proof.kept import check_stopped
from proof.trial import Wrong, must
from storage import Store

OLD = 1003  # a user who was there before, in the file of an older bot
DEEDS = (*SCRIPT, Deed("refill", 1002, 250, 21), CHECKPOINT, Deed("refill", 1002, 5, 22))


def begin(folder: Path, start: str) -> Expected:
    """What lies there before, and what must be known of it."""
    path = folder / "data.json"
    if start == "old":
        path.write_text(json.dumps({"global": {}, str(OLD): {"balance": 777, "username": "None"}}))
        return Expected({OLD: Held(777)})
    if start == "edited":
        store = Store(path, RULES)
        perform(store, Deed("register", OLD))
        store.close()
        path.write_text(path.read_text().replace('"balance": 30000', '"balance": 30001'))
        return Expected({OLD: Held(30_001)})
    return Expected()


def _works(folder: Path, at: int, known: set[int]) -> bool:
    """Whether a process gets through all deeds before its disk operation of that number, which is its end."""
    if pid := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != GONE
    with (folder / "notes").open("w", buffering=1) as notes:
        disk = FaultyDisk()
        disk.arm(at, "kill", lasting=False)
        store = Store(folder / "data.json", RULES)
        for deed in DEEDS:
            if deed.kind == "register" and deed.user in known:
                continue
            notes.write(json.dumps([False, deed]) + "\n")
            store.file_engine.checkpoint() if deed == CHECKPOINT else perform(store, deed)
            notes.write(json.dumps([True, deed]) + "\n")
        store.close()
    os._exit(0)


def _check(folder: Path, before: Expected) -> None:
    """All that was accepted is there, and perhaps the deed that was under way; after it nothing."""
    notes = [(accepted, Deed(*deed)) for accepted, deed in map(json.loads, (folder / "notes").open())]
    deeds = [deed for accepted, deed in notes if accepted and deed != CHECKPOINT]
    in_doubt = [notes[-1][1]] if notes and not notes[-1][0] and notes[-1][1] != CHECKPOINT else []
    store = Store(folder / "data.json", RULES)
    try:
        users, pending = found(store, USERS), set(store.file_engine.state.pending)
        known = before.after(deeds)
        possible = [each for each in (known, known.after(in_doubt)) if each.users == users]
        must(possible, f"found {users}, not {known.users}")
        must(any(pending == set(each.pending) for each in possible), f"found {pending}, not {set(known.pending)}")
        _no_trace(folder, {deed.user for deed in (*deeds, *in_doubt) if deed.kind == "erase"} - set(users))
    finally:
        store.close()
    check_stopped(folder / "data.json", tokens=possible[0].tokens)


def _no_trace(folder: Path, erased: set[int]) -> None:
    """Who was deleted is gone from all files by the time the next process has opened them."""
    files = [each for each in folder.rglob("data*") if each.is_file() and not each.name.startswith("data-20")]
    for user in erased:
        names = [each.name for each in files if f"name_{user}".encode() in each.read_bytes()]
        must(not names, f"traces of deleted {user} in {names}")


def main() -> None:
    """Process after process."""
    folder, start, step = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    logging.disable()
    at, done = 1, False
    while not done:
        place = folder / f"{at}"
        place.mkdir()
        wrong = ""
        before = begin(place, start)
        done = _works(place, at, set(before.users))
        try:
            _check(place, before)
        except Exception as error:
            wrong = str(error) if isinstance(error, Wrong) else f"{type(error).__name__}: {error}"
        if not wrong:
            shutil.rmtree(place)
        print(json.dumps([at, wrong]), flush=True)
        at += step


if __name__ == "__main__":
    main()
