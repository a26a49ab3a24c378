"""What a move of 100,000 users costs: a file into PostgreSQL and back again, by `main.py --move-storage`.

`python -m bench.moving` starts a PostgreSQL of its own; what comes back must be the same bytes.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.many_users import FIRST_ID, LETTERS, MESSAGES, TALKERS, USERS
from engine import migrations
from engine.datafile import DataFile
from engine.ledger import Ledger, folder_of
from engine.state import State
from proof.server import Server
from proof.trial import must

HERE = Path(__file__).resolve().parent.parent
ANSWERS = 2  # paid steps of each user, beside the gift of the start


def main() -> None:
    """Print the table."""
    server = Server()
    try:
        with tempfile.TemporaryDirectory() as name:
            _measure(Path(name), server.url)
    finally:
        server.close()


def _measure(folder: Path, url: str) -> None:
    path, back = folder / "data.json", folder / "back" / "data.json"
    fill(path, USERS)
    back.parent.mkdir()
    print(f"| {USERS:,} users, {USERS * (1 + ANSWERS):,} lines of the ledger | s | memory MB, at most |")
    print("|---|---|---|", flush=True)
    for title, source, target in (
        ("`data.json` → PostgreSQL", str(path), url),
        ("PostgreSQL → `data.json`", url, str(back)),
    ):
        begun = time.monotonic()
        megabytes = _moved(source, target)
        print(f"| {title} | {time.monotonic() - begun:.0f} | {megabytes:.0f} |", flush=True)
    pairs = [(path, back), *zip(Ledger(path).files(), Ledger(back).files(), strict=True)]
    same = all(one.read_bytes() == other.read_bytes() for one, other in pairs)
    print(f"\nThe bytes that came back are {'the same' if same else 'DIFFERENT'}.")


def _moved(source: str, target: str) -> float:
    """Run the command; the most memory that it took, in MB."""
    command = [sys.executable, str(HERE / "main.py"), "--move-storage", source, target]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, ended, used = os.wait4(process.pid, 0)
    must(ended == 0, f"the move from {source} failed")
    return used.ru_maxrss / 1000


def fill(path: Path, users: int) -> None:
    """Make a data.json and its ledger as the bot would have written them."""
    state = State({"global": {"schema": migrations.SCHEMA, "usage": {}, "deletion_key": "00" * 32}})
    for number in range(users):
        state.apply(2 * number + 1, {"set": {str(FIRST_ID + number): _record(number)}, "ledger": [_gift(number)]})
        state.apply(2 * number + 2, {"ledger": [_answer(number, each) for each in range(ANSWERS)]})
    ledger = Ledger(path)
    ledger.append(sorted(state.entries, key=lambda entry: (entry["time"][:7], entry["n"])))
    assert folder_of(path).exists()
    file = DataFile(path)
    file.save(state.snapshot())
    file.close()


def _record(number: int) -> dict[str, Any]:
    record: dict[str, Any] = {
        "requests": ANSWERS,
        "tokens": 300 * ANSWERS,
        "premium_tokens": 0,
        "images": 0,
        "whisper_seconds": 0,
        "balance": 30_000 - 300 * ANSWERS,
        "premium_balance": 0,
        "image_balance": 0,
        "name": f"Человек {number}",
        "username": f"@person_{number}",
        "last_request": "2026-11-21 12:00:00",
        "language": "ru",
        "prompt": "Отвечай коротко",
    }
    if number % TALKERS == 0:
        words = "слово " * (LETTERS // 6)
        record["history"] = [
            {"role": role, "content": f"{words}{place}"}
            for place in range(MESSAGES // 2)
            for role in ("user", "assistant")
        ]
    return record


def _gift(number: int) -> dict[str, Any]:
    about = {"time": f"2026-10-{1 + number % 28:02}T12:00:00+00:00", "user": FIRST_ID + number, "wallet": "balance"}
    return about | {"amount": 30_000, "reason": "start"}


def _answer(number: int, place: int) -> dict[str, Any]:
    about = {"time": f"2026-11-{1 + place:02}T12:00:00+00:00", "user": FIRST_ID + number, "wallet": "balance"}
    used = {"model": "gpt-6-luna", "tokens_in": 200, "tokens_out": 100, "usd": 0.000123}
    return about | {"amount": -300, "reason": "answer", "update": 5 * number + place + 1} | used


if __name__ == "__main__":
    main()
