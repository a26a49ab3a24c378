"""What a deed costs where long lists are kept: payments, deleted people, strangers turned away, parts to be deleted.

`python -m bench.long_lists` does the same deeds to two stores of each kind in the same run, one of them just begun, one
with years behind it. Each PostgreSQL is one of its own, started for this.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench.many_users import FIRST_ID, fill
from config import Package
from engine.datafile import DataFile, load
from engine.moving.move import move
from proof.deeds import RULES, Deed, perform
from proof.server import Server
from records import Person
from storage import Store

USERS, PAYMENTS, OTHERS = 1_000, 50_000, 20_000
TIMES = 40
PACKAGE = Package(50, 100, "balance")

Deeds = dict[str, Callable[[int], object]]


def main() -> None:
    """Print the table."""
    print(f"| ms a deed | just begun | {PAYMENTS:,} payments, {OTHERS:,} of all else | ratio |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        paths = [Path(name) / kind / "data.json" for kind in ("short", "long")]
        for path in paths:
            path.parent.mkdir()
            _fill(path)
        _lengthen(paths[1])
        servers = [Server(), Server()]
        try:
            for path, server in zip(paths, servers, strict=True):
                move(str(path), server.url, lambda said: None)
            _compare("PostgreSQL", [Store(server.url, RULES) for server in servers])
        finally:
            for server in servers:
                server.close()
        _compare("data.json", [Store(path, RULES) for path in paths])


def _fill(path: Path) -> None:
    """Users as an older bot left them, taken over: each wallet has its line in the ledger."""
    fill(path, USERS)
    records = json.loads(path.read_bytes())
    path.write_text(json.dumps(records | {"global": {"requests": 0, "tokens": 0}}))
    Store(path, RULES).close()


def _lengthen(path: Path) -> None:
    snapshot, file = load(path), DataFile(path)
    assert snapshot is not None
    records = snapshot.records
    paid = {"time": "2026-01-01T00:00:00+00:00", "stars": 50, "wallet": "balance", "amount": 100}
    part = {"provider": "p", "since": datetime.now(UTC).date().isoformat()}
    records["global"]["deleted"] = [f"{n:032x}" for n in range(OTHERS)]
    records["payments"] = {f"charge {n}": {"user": FIRST_ID + n % USERS, **paid} for n in range(PAYMENTS)}
    records["turned_away"] = {f"stranger {n:032x}": int(time.time()) for n in range(OTHERS)}
    records["to_delete_at_provider"] = {f"resp_{n:048x}": part for n in range(OTHERS)}
    file.save(records)
    file.close()


def _compare(kind: str, stores: list[Store]) -> None:
    """Both at each number, so that what else this machine does hits both."""
    try:
        all_of_them = [_deeds(store) for store in stores]
        for name in all_of_them[0]:
            times: list[list[float]] = [[], []]
            for number in range(TIMES):
                for deeds, taken in zip(all_of_them, times, strict=True):
                    begun = time.perf_counter()
                    deeds[name](number)
                    taken.append(time.perf_counter() - begun)
            short, long = (statistics.median(taken) * 1000 for taken in times)
            print(f"| {kind}: {name} | {short:.2f} | {long:.2f} | {long / short:.2f} |", flush=True)
    finally:
        for store in stores:
            store.close()


def _deeds(store: Store) -> Deeds:
    def person(number: int) -> Person:
        return Person(10 * FIRST_ID + number, "New", None, "en")

    return {
        "an answer": lambda number: perform(store, Deed("answer", FIRST_ID + number, 10)),
        "a payment": lambda number: store.buy(f"new {number}", FIRST_ID + number, PACKAGE),
        "a refund": lambda number: store.take_back(f"new {number}", FIRST_ID + number, 50),
        "somebody's payments": lambda number: store.purchases(FIRST_ID + number),
        "a stranger": lambda number: store.turn_away(number, "stranger"),
        "a newcomer": lambda number: store.register(person(number), None),
        "a deletion": lambda number: store.erase(person(number).id),
        "a part to delete": lambda number: store.leave("p", [f"new {number}"]),
        "a part deleted": lambda number: store.deleted([f"new {number}"]),
    }


if __name__ == "__main__":
    main()
