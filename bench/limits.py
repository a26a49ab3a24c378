"""What docs/limits.md tells: answers a second, memory and disk of one process with data.json and with PostgreSQL.

`python -m bench.limits` lets the model answer at once, so that nothing but the bot and its storage is at work; then it
fills either storage with 100,000 users. PostgreSQL is one of its own, started for this.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench.many_users import FIRST_ID, USERS, fill
from bench.process import HERE, OURS
from bench.workers import measure
from proof import tables
from proof.deeds import RULES
from proof.server import Server
from sandbox.client import Sandbox
from storage import Store

CHATS, QUESTIONS = 200, 5  # more at once of one chat would be refused
LANES = 200
MB = 1_000_000


class Filled(NamedTuple):
    """One process with 100,000 users: seconds of its start, megabytes of memory and of disk."""

    start: float
    memory: float
    disk: float


def main() -> None:
    """Print both tables."""
    sandbox = Sandbox.start("--model", "scripted")
    print("| instantaneous answers, one process | answers/s | CPU ms an answer | most MB | bytes an answer |")
    print("|---|---|---|---|---|", flush=True)
    try:
        for name, shared in (("data.json", False), ("PostgreSQL", True)):
            found = measure(sandbox, 1, LANES, CHATS, QUESTIONS, 0.0, shared)
            print(f"| {name} | {found.answers / found.wall:.0f} | {found.cpu_ms:.1f} | {found.megabytes:.0f} ", end="")
            print(f"| {found.written:,.0f} |", flush=True)
    finally:
        sandbox.stop()
    print(f"\n| {USERS:,} users | start s | memory MB | disk MB |\n|---|---|---|---|")
    for name, filled in (("data.json", _file()), ("PostgreSQL", _database())):
        print(f"| {name} | {filled.start:.1f} | {filled.memory:.0f} | {filled.disk:.0f} |", flush=True)


def _file() -> Filled:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "data.json"
        _fill(path)
        start, memory = _opened(str(path))
        disk = sum(each.stat().st_size for each in path.parent.rglob("*") if each.is_file())
    return Filled(start, memory, disk / MB)


def _database() -> Filled:
    server = Server()
    try:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / "data.json"
            _fill(path)
            moved = subprocess.run(
                [sys.executable, *OURS, "--move-storage", str(path), server.url],
                cwd=HERE,
                capture_output=True,
                text=True,
            )
            if moved.returncode:
                raise RuntimeError(moved.stdout[-300:] + moved.stderr[-300:])
        start, memory = _opened(server.url)
        with tables.connected(server.url) as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        return Filled(start, memory, int(row[0]) / MB if row else 0.0)
    finally:
        server.close()


def _fill(path: Path) -> None:
    """Users as an older bot left them, taken over: each wallet has its line in the ledger, and there is a backup."""
    fill(path, USERS)
    records = json.loads(path.read_bytes())
    records["global"] = {"requests": 0, "tokens": 0}
    path.write_text(json.dumps(records))
    _opened(str(path))


def _opened(where: str) -> tuple[float, float]:
    """Seconds until a process of its own has opened the store and asked for a user; megabytes it had at most."""
    ended = subprocess.run(
        [sys.executable, "-m", "bench.limits", where], capture_output=True, text=True, check=True, timeout=300
    )
    start, memory = ended.stdout.split()
    return float(start), float(memory)


def _open(where: str) -> None:
    begun = time.monotonic()
    store = Store(where if where.startswith("postgresql:") else Path(where), RULES)
    store.user(FIRST_ID)
    start = time.monotonic() - begun
    memory = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1000
    store.close()
    print(start, memory)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _open(sys.argv[1])
    else:
        main()
