"""`--move-storage`: the order of a move, and the proof at its end that both places hold the same."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar

import psycopg

from engine.ledger import Entry, plain, sums
from engine.moving.database import DatabaseSource, DatabaseTarget
from engine.moving.ends import LINES_AT_ONCE, RECORDS_AT_ONCE, Done, MoveError, Source, Target
from engine.moving.file import FileSource, FileTarget
from engine.opening import differences
from engine.postgres.database import as_kept
from engine.state import Records
from records import WALLETS

T = TypeVar("T")
Say = Callable[[str], None]


class _Digest(NamedTuple):
    """What a place holds, in a few bytes: records in their order, lines of the ledger in any."""

    records: int
    content: str
    lines: int
    ledger: int
    problem: str  # a wallet that is not the sum of its lines


class Moved(NamedTuple):
    """How much both places hold now."""

    records: int
    lines: int


def move(source: str, target: str, say: Say) -> Moved:
    """Move everything, each place a path or an address `postgresql://`; the source stays as it was.

    Raises MoveError, DataFileError and LedgerError with what to do; done again, a move goes on where it was.
    """
    if source == target:
        raise MoveError("both places are the same one: name two")
    try:
        return _move(source, target, say)
    except psycopg.Error as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise MoveError(f"PostgreSQL: {said[0]}: done again, the move goes on where it was") from None


def _move(source: str, target: str, say: Say) -> Moved:
    with ExitStack() as opened:
        old: Source = DatabaseSource(source) if is_database(source) else FileSource(Path(source))
        opened.callback(old.close)
        new: Target = DatabaseTarget(target) if is_database(target) else FileTarget(Path(target))
        opened.callback(new.close)
        fingerprint = old.fingerprint()
        done = new.begin(fingerprint)
        say(f"reading {old.place}")
        all_of_it = _digest(old)
        if all_of_it.problem:
            raise MoveError(f"{old.place}: {all_of_it.problem}: start the bot on it once, or see --verify")
        _transfer(old, new, done, all_of_it, say)
        say(f"comparing {old.place} with {new.place}")
        written = new.written()
        opened.callback(written.close)
        _prove_same(old, all_of_it, written)
        if old.fingerprint() != fingerprint:
            raise MoveError(f"{old.place} was changed meanwhile: begin anew with an empty place")
        written.close()
        new.finish()
        return Moved(all_of_it.records, all_of_it.lines)


def is_database(place: str) -> bool:
    """Whether a place is one by its address."""
    return place.startswith(("postgresql://", "postgres://"))


def _transfer(old: Source, new: Target, done: Done, whole: _Digest, say: Say) -> None:
    if any(done):
        say(f"going on after {done.records:,} records and {done.lines:,} lines of the ledger")
    for some in _some(old.records(done.records), RECORDS_AT_ONCE):
        new.put_records(some)
        done = done._replace(records=done.records + len(some))
        say(f"{done.records:,} of {whole.records:,} records")
    for lot in _some(old.entries(done.lines), LINES_AT_ONCE):
        new.put_entries(lot)
        done = done._replace(lines=done.lines + len(lot))
        say(f"{done.lines:,} of {whole.lines:,} lines of the ledger")
    if not done.service:
        new.put_service(old.service())


def _some(items: Iterator[T], number: int) -> Iterator[list[T]]:
    while some := list(islice(items, number)):
        yield some


def _prove_same(old: Source, ours: _Digest, new: Source) -> None:
    theirs, rest, their_rest = _digest(new), old.service(), new.service()
    differ = [name for name, one, other in zip(_Digest._fields, ours, theirs, strict=True) if one != other]
    for name in ("seen", "inbox", "aside"):
        if as_kept(getattr(rest, name)) != as_kept(getattr(their_rest, name)):
            differ.append(name)
    if differ:
        raise MoveError(f"{new.place} does not hold what {old.place} does ({', '.join(differ)}): it must not be used")


def _digest(place: Source) -> _Digest:
    """Read everything once more."""
    wallets: Records = {}
    records, content = 0, hashlib.sha256()
    for key, record in place.records():
        records += 1
        content.update(as_kept([key, record]))
        content.update(b"\n")
        if "balance" in record:
            wallets[key] = {wallet: record.get(wallet, 0) for wallet in WALLETS}
    lines = _Lines()
    wrong = differences(wallets, sums(lines.through(place.entries())), "")
    problem = f"user {wrong[0].user_id}: {wrong[0].wallet} is not the sum of its ledger lines" if wrong else ""
    return _Digest(records, content.hexdigest(), lines.number, lines.sum, problem)


class _Lines:
    """Lines of the ledger on their way: how many, and the sum of what each of them comes to, in whatever order."""

    def __init__(self) -> None:
        self.number = self.sum = 0

    def through(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for entry in entries:
            self.number += 1
            self.sum += int.from_bytes(hashlib.sha256(as_kept(plain(entry))).digest())
            yield entry
