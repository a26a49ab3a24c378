"""What must hold of the files of a store that was stopped: whole, private, nothing left over, the ledger adds up."""

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

from proof.trial import must
from records import WALLETS

NAMES = re.compile(
    r"data(-backup|-\d{4}-\d\d-\d\d)?\.json(\.(before-import|damaged))?|data\.json\.lock|data-(ledger|pictures)"
)

Json = dict[str, Any]


def check_stopped(path: Path, tokens: int | None = None) -> None:
    """After a clean stop: data.json and its backup hold all, the journal is empty; `tokens` are counted in all."""
    records = json.loads(path.read_bytes())
    backup = json.loads(path.with_name("data-backup.json").read_bytes())
    must(records == backup, "the backup holds something else than data.json")
    left = sorted(each.name for each in path.parent.glob("data*") if not NAMES.fullmatch(each.name))
    must(not left, f"left over: {left}")
    check_private(path.parent)
    if tokens is not None:
        must(records["global"]["tokens"] == tokens, f"{records['global']['tokens']} tokens counted, not {tokens}")
    check_sums(records, entries(path))


def check_private(folder: Path) -> None:
    """Nobody but the owner reads any of the files."""
    for path in folder.rglob("data*"):
        want = 0o700 if path.is_dir() else 0o600
        must(path.stat().st_mode & 0o777 == want, f"{path} has mode {path.stat().st_mode & 0o777:o}")


def entries(path: Path) -> list[Json]:
    """The ledger of a data file, in the order of its files."""
    files = sorted((path.parent / "data-ledger").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]


def check_sums(records: dict[str, Json], ledger: list[Json]) -> None:
    """No line twice; every wallet is the sum of its lines and was never below zero; the deleted have nothing."""
    keys = [(line["n"], line["k"]) for line in ledger]
    must(all(before < after for before, after in pairwise(keys)), "lines of the ledger twice or out of order")
    sums: Counter[tuple[str, str]] = Counter()
    for line in ledger:
        wallet = (str(line["user"]), line["wallet"])
        sums[wallet] += line["amount"]
        must(sums[wallet] >= 0, f"{wallet} fell to {sums[wallet]} in line {line['n']} of the ledger")
    held = {
        (key, wallet): int(record[wallet])
        for key, record in records.items()
        if key.isdecimal()
        for wallet in WALLETS
        if record.get(wallet)
    }
    booked = {wallet: amount for wallet, amount in sums.items() if amount}
    must(held == booked, f"wallets and ledger differ: {sorted(held.items() ^ booked.items())[:4]}")
