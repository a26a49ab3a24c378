"""R5: data.json, its backup and its journal cut off or with a bit turned: everything is found again, or nothing begins.

A newest journal that was cut off looks as if its last lines had never been written: what is left of it is kept. A bit
that leaves data.json readable is an edit by hand.
"""

import itertools
import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from engine import journal
from engine.datafile import DataFileError
from proof.deeds import RULES, Deed, Expected, by_chance, found, perform
from proof.kept import check_stopped, entries
from proof.trial import Outcome, must, run_trials
from storage import Store

USERS = range(1000, 1040)
BLOCK = 4096
EARLIER, LAST = 700, 150  # deeds before the newest data.json, and after it: they stand in the journal only
EDIT_SHARE = 20  # for so many damages one edit by hand
PRESENT = 1_000_000  # tokens given by hand: more than all that is charged later
CHECKPOINTS = 4  # among the earlier ones

Spoil = Callable[[Path], None]


class Case(NamedTuple):
    """One damage; `whole`: all must be there or the start be refused, else a beginning of it will do."""

    name: str
    spoil: Spoil
    whole: bool = True


class Base(NamedTuple):
    """A folder as `kill -9` left it; `states` of the users after each deed of the newest journal, the last is now."""

    folder: Path
    states: list[Expected]


def survived(trials: int) -> Outcome:
    """R5: `trials` damages, each to a copy of the same files."""
    made = run_trials(1, lambda _, folder: _all(folder, trials))
    if not made.found:
        return Outcome(trials, 1, "")
    done, failures, restored, refused = made.found[0]
    return Outcome(done, failures, f"{restored} found everything again, {refused} refused and left all as it was")


def _all(folder: Path, trials: int) -> tuple[int, int, int, int]:
    base = _base(folder / "base")
    cases = _cases(base, random.Random(trials), trials)
    ran = run_trials(len(cases), lambda number, place: _one(base, cases[number], place))
    edits = run_trials(trials // EDIT_SHARE, lambda number, place: _by_hand(base, USERS[number % len(USERS)], place))
    failures = ran.failures + edits.failures
    return len(cases) + trials // EDIT_SHARE, failures, sum(ran.found), len(ran.found) - sum(ran.found)


def _base(folder: Path) -> Base:
    """Some checkpoints, then more deeds, then the process is gone."""
    running = folder.with_name("running")
    running.mkdir()
    store = Store(running / "data.json", RULES)
    deeds = by_chance(random.Random(5), USERS, set(), 1, erasing=0)  # a deletion would write a checkpoint
    expected = Expected()
    for _ in range(CHECKPOINTS):
        expected = _do(store, itertools.islice(deeds, EARLIER // CHECKPOINTS), [expected])[-1]
        store.file_engine.checkpoint()
    states = _do(store, itertools.islice(deeds, LAST), [expected])
    shutil.copytree(running, folder)
    store.close()
    return Base(folder, states)


def _do(store: Store, deeds: Iterator[Deed], states: list[Expected]) -> list[Expected]:
    for deed in deeds:
        before = store.file_engine.journal.written
        perform(store, deed)
        if store.file_engine.journal.written > before:  # not so for a prompt that stood there already
            states.append(states[-1].after([deed]))
    return states


def _cases(base: Base, dice: random.Random, trials: int) -> list[Case]:
    """Every cut there is, and as many turned bits as are still wanted; of too many a choice."""
    newest = journal.paths(base.folder / "data.json")[-1]
    files = [base.folder / "data.json", base.folder / "data-backup.json", *journal.paths(base.folder / "data.json")]
    cuts = [
        Case(f"{file.name} cut at {size}", _cut(file.name, size), whole=file != newest)
        for file in files
        for size in range(0, file.stat().st_size, BLOCK)
    ]
    both = [
        Case("both copies cut", _cut_both),
        Case("data.json gone", lambda folder: (folder / "data.json").unlink()),
        Case("both copies gone", _lose_both),
    ]
    bits = [_turned(file, dice) for file, _ in zip(itertools.cycle(files), range(trials), strict=False)]
    if len(cuts) > trials // 2:
        return [*both, *dice.sample(cuts, trials // 2), *bits[: trials // 2]]
    return [*both, *cuts, *bits[: trials - len(cuts)]]


def _cut_both(folder: Path) -> None:
    for name in ("data.json", "data-backup.json"):
        _cut(name, BLOCK)(folder)


def _cut(name: str, size: int) -> Spoil:
    def spoil(folder: Path) -> None:
        (folder / name).write_bytes((folder / name).read_bytes()[:size])

    return spoil


def _lose_both(folder: Path) -> None:
    for name in ("data.json", "data-backup.json"):
        (folder / name).unlink()


def _turned(file: Path, dice: random.Random) -> Case:
    """One bit of a file turned; in data.json one that leaves it unreadable."""
    while True:
        content = bytearray(file.read_bytes())
        place, bit = dice.randrange(len(content)), dice.randrange(8)
        content[place] ^= 1 << bit
        if file.suffix == ".jsonl" or not _readable(content):
            break
    return Case(f"{file.name}: bit {bit} of byte {place} turned", lambda folder: _put(folder / file.name, content))


def _readable(content: bytes | bytearray) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


def _put(path: Path, content: bytes | bytearray) -> None:
    path.write_bytes(content)


def _one(base: Base, case: Case, place: Path) -> bool:
    """Whether everything was found again, else the start was refused."""
    folder = place / "copy"
    shutil.copytree(base.folder, folder)
    case.spoil(folder)
    damaged = _contents(folder)
    try:
        store = Store(folder / "data.json", RULES)
    except DataFileError as error:
        must("--restore" in str(error) or "copy" in str(error), f"{case.name}: does not say what to do: {error}")
        must(_contents(folder) == damaged, f"{case.name}: refused, and changed files")
        return False
    try:
        _complete(store, base, case)
    finally:
        store.close()
    left = _contents(folder).values()
    was = damaged.get("data.json")
    must(was is None or _readable(was) or was in left, f"{case.name}: the damaged file is gone")
    check_stopped(folder / "data.json")
    return True


def _contents(folder: Path) -> dict[str, bytes]:
    """All files but those of the lock."""
    return {
        path.name: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".lock", ".pid")
    }


def _by_hand(base: Base, user: int, place: Path) -> None:
    """A wallet that was changed in data.json is kept, booked as such, and the owner is told."""
    folder = place / "copy"
    shutil.copytree(base.folder, folder)
    path = folder / "data.json"
    records = json.loads(path.read_bytes())
    records[str(user)]["balance"] += PRESENT
    path.write_text(json.dumps(records))
    store = Store(path, RULES)
    try:
        told = [key for key, _ in store.file_engine.opened.notices]
        must(told == ["admin_by_hand"], f"the owner is told {told}")
        held, want = found(store, [user])[user].balance, base.states[-1].users[user].balance + PRESENT
        must(held == want, f"user {user} holds {held}, not {want}")
    finally:
        store.close()
    lines = [line["amount"] for line in entries(path) if line["user"] == user and line["reason"] == "by hand"]
    must(lines == [PRESENT], f"the ledger has {lines} by hand")
    check_stopped(path)


def _complete(store: Store, base: Base, case: Case) -> None:
    users, pending = found(store, USERS), set(store.file_engine.state.pending)
    possible = base.states if not case.whole else base.states[-1:]
    same = [each for each in possible if each.users == users and set(each.pending) == pending]
    must(same, f"{case.name}: started with less than everything, {len(pending)} updates")
