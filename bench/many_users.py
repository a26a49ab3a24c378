"""P5: 100,000 users: how long a start takes, how much memory, how long anybody waits while data.json is written.

`python -m bench.many_users` measures a process with our store beside one that has the same records in a dict, read and
written with `json`.
"""

import json
import logging
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from bench.json_storage import save
from engine.datafile import DataFile
from engine.migrations import SCHEMA
from proof.deeds import RULES, Deed, perform
from storage import Store

USERS = 100_000
TALKERS = 20  # every so manieth user has a history
MESSAGES, LETTERS = 20, 100  # of such a history, and of one message
FIRST_ID = 1_000_000
THREADS = 8
PAUSE = 0.01  # seconds between two deeds of a thread
SNAPSHOTS = 3

Found = dict[str, float]


def main() -> None:
    """Print the table."""
    print(f"| {USERS:,} users | start s | memory MB, snapshots included | a snapshot s | longest wait ms |")
    print("|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "data.json"
        fill(path, USERS)
        ours, plain = _measured("ours", path), _measured("json", path)
    for title, found in (("ours", ours), ("a dict and `json`", plain)):
        print(f"| {title} | {' | '.join(f'{found[key]:,.2f}' for key in ('start', 'memory', 'snapshot', 'wait'))} |")
    print(
        f"| ratio | {' | '.join(f'{ours[key] / plain[key]:.3f}' for key in ('start', 'memory', 'snapshot', 'wait'))} |"
    )


def fill(path: Path, users: int) -> None:
    """Make a data.json as the bot would have written it."""
    records: dict[str, dict[str, Any]] = {
        "global": {"journal": 0, "schema": SCHEMA, "usage": {}, "tokens": 0, "requests": 0, "deletion_key": "00" * 32}
    }
    for number in range(users):
        records[str(FIRST_ID + number)] = _record(number)
    file = DataFile(path)
    file.save(records)
    file.close()


def _record(number: int) -> dict[str, Any]:
    """About 0.4 kB, as `json` writes it in a line."""
    record: dict[str, Any] = {"requests": number % 50, "tokens": number, "premium_tokens": 0, "images": 0}
    record |= {"whisper_seconds": 0, "balance": 30_000 + number, "premium_balance": 0, "image_balance": 3}
    record |= {"name": f"Somebody {number}", "username": f"@somebody_{number}", "language": "en"}
    record |= {"last_request": "2026-11-21 10:00:00", "prompt": f"You help number {number} with patience. " * 3}
    if number % TALKERS == 0:
        roles = ("user", "assistant") * (MESSAGES // 2)
        record["history"] = [
            {"role": role, "content": f"{place} of {number} ".ljust(LETTERS, "~"), "from": FIRST_ID + number}
            for place, role in enumerate(roles)
        ]
    return record


def _measured(which: str, path: Path) -> Found:
    command = [sys.executable, "-m", "bench.many_users", which, str(path)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=Path(__file__).parent.parent)
    found: Found = json.loads(ended.stdout)
    return found


def _ours(path: Path) -> Found:
    begun = time.monotonic()
    store = Store(path, RULES)
    start = time.monotonic() - begun
    over, waits = threading.Event(), [0.0] * THREADS

    def work(thread: int) -> None:
        number = 0
        while not over.wait(PAUSE):
            number += 1
            user = FIRST_ID + (number * 7919 + thread * 104_729) % USERS
            for deed in (Deed("refill", user, 5), Deed("answer", user, 7), Deed("prompt", user, number)):
                before = time.monotonic()
                perform(store, deed)
                store.user(user)
                waits[thread] = max(waits[thread], time.monotonic() - before)

    threads = [threading.Thread(target=work, args=(thread,)) for thread in range(THREADS)]
    for each in threads:
        each.start()
    snapshot = max(_seconds(store) for _ in range(SNAPSHOTS))
    over.set()
    for each in threads:
        each.join()
    return {"start": start, "memory": _memory(), "snapshot": snapshot, "wait": max(waits) * 1000}


def _seconds(store: Store) -> float:
    begun = time.monotonic()
    store.file_engine.checkpoint(anyway=True)
    return time.monotonic() - begun


def _json(path: Path) -> Found:
    """Everybody waits while it writes."""
    begun = time.monotonic()
    records = json.loads(path.read_bytes())
    start = time.monotonic() - begun
    begun = time.monotonic()
    save(path.with_name("plain.json"), records)
    snapshot = time.monotonic() - begun
    return {"start": start, "memory": _memory(), "snapshot": snapshot, "wait": snapshot * 1000}


def _memory() -> float:
    """The most this process ever had, in MB (Linux: ru_maxrss is in kB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    if len(sys.argv) > 1:
        logging.disable()
        print(json.dumps({"ours": _ours, "json": _json}[sys.argv[1]](Path(sys.argv[2]))))
    else:
        main()
