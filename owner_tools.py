"""What the owner does with the data while the bot is stopped: verify it, restore a copy, take it out for their own SQL.

Each returns an exit code: 0 done, 1 not, with one message that says why and what to do.
"""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import export
from config import Config
from engine import journal, usage
from engine.datafile import DataFile, DataFileError, Snapshot, encode, load
from engine.disk import write_content
from engine.ledger import Entry, Ledger, LedgerError, plain, sums
from engine.migrations import migrate
from engine.moving.ends import MoveError
from engine.moving.move import is_database, move
from engine.opening import aside, book, differences, look, refuse_newer
from engine.postgres.database import place_of
from engine.postgres.looking import looked_at
from engine.state import SERVICE, Records, State, erase_person, remains
from originals import folder_of_pictures

REPORTED = 100_000  # ledger lines from one word about the progress to the next


class _Looked(NamedTuple):
    """What is kept, as it is at one moment."""

    name: str
    records: Records
    waiting: int  # updates that are not done
    books: str  # where the ledger is
    entries: Callable[[], Iterator[Entry]]
    earlier: bool = False  # whether an earlier version wrote it


def verify(config: Config) -> int:
    """Prove that each wallet holds the sum of its ledger lines."""
    return _looking(config, _verify)


def prove(path: Path, say: Callable[[str], None]) -> int:
    """The same of a data file that nobody uses; what was found is said line by line."""
    return _verify(_in_file(path), say)


def restore(config: Config, copy: Path) -> int:
    """Put a copy in the place of data.json: what is there is set aside, deleted people stay deleted."""
    if config.storage_url:
        print("STORAGE_URL is set, so the data is in PostgreSQL: restore it there with pg_restore.", file=sys.stderr)
        return 1
    return _stopped(config, lambda file: _restore(config, file, copy))


def export_csv(config: Config, folder: Path) -> int:
    """Write users, ledger and usage as CSV files."""
    return _export(config, folder, export.to_csv)


def export_sqlite(config: Config, database: Path) -> int:
    """Write the same as tables of a SQLite database."""
    return _export(config, database, export.to_sqlite)


def move_storage(source: str, target: str) -> int:
    """Move everything from one place to another, each a path or an address `postgresql://`."""
    begun = time.monotonic()
    try:
        moved = move(source, target, lambda said: print(said, file=sys.stderr, flush=True))
    except (MoveError, DataFileError, LedgerError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror}: done again, the move goes on where it was", file=sys.stderr)
        return 1
    amount = f"{moved.records:,} records and {moved.lines:,} lines of the ledger"
    print(f"{amount} are the same in both, after {time.monotonic() - begun:.0f} s.")
    if not is_database(source) and (pictures := folder_of_pictures(Path(source))).exists():
        print(f"{pictures} holds pictures as they were drawn, for a day, and was not moved: delete it after the start.")
    print("The old place is as it was. Let STORAGE_URL or DATA_FILE name the new one before the next start.")
    return 0


def _stopped(config: Config, work: Callable[[DataFile], int]) -> int:
    """Do something with the data while no bot uses it; every trouble is one message and exit code 1."""

    def locked() -> int:
        file = DataFile(config.data_file)
        try:
            return work(file)
        finally:
            file.close()

    return _told(config, locked)


def _told(config: Config, work: Callable[[], int]) -> int:
    try:
        return work()
    except (DataFileError, LedgerError, export.ExportError) as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(f"{error.filename or config.data_file}: {error.strerror}: nothing was done", file=sys.stderr)
    return 1


def _looking(config: Config, work: Callable[[_Looked], int]) -> int:
    """Look at the data of a stopped bot, or at a database, whoever works on it."""
    url = config.storage_url
    if not url:
        return _stopped(config, lambda _: work(_in_file(config.data_file)))

    def look_there() -> int:
        with looked_at(url) as found:
            place = place_of(url)
            records, books = found.records_without_histories(), f"{place}: ledger"
            return work(_Looked(place, records, found.unanswered(), books, found.entries, found.earlier))

    return _told(config, look_there)


def _in_file(path: Path) -> _Looked:
    state, ledger = look(path), Ledger(path)
    books = f"{ledger.folder}: {len(ledger.files())} monthly files"
    return _Looked(
        str(path),
        state.records,
        len(state.pending),
        books,
        lambda: ledger.everything(state.entries, state.redactions),
        bool(state.migrated),
    )


def _verify(looked: _Looked, say: Callable[[str], None] = print) -> int:
    records = looked.records
    counted = _Counted(looked.entries(), records)
    found = differences(records, sums(counted), "")
    if looked.earlier:
        say("The data are of an earlier version: the next start upgrades them.")
    say(f"{looked.name}: {_users(records)} users, {looked.waiting} unanswered updates")
    say(f"{looked.books}, {counted.number} lines")
    for each in found:
        held = int(records.get(str(each.user_id), {}).get(each.wallet, 0))
        say(f"user {each.user_id}: {each.wallet} holds {held}, the ledger says {held - each.amount}")
    if found:
        say("The sums differ. If the file was edited, the next start books the difference as `by hand`.")
        return 1
    say("Every wallet holds what the ledger says.")
    return _verify_usage(looked, counted.usage, say)


def _verify_usage(looked: _Looked, counted: Records, say: Callable[[str], None]) -> int:
    wrong = [key for key, record in counted.items() if record.get("usage", {}) != looked.records[key].get("usage", {})]
    for key in wrong:
        say(f"{key}: the sums of usage are not those of the ledger")
    if wrong:
        say('Take "usage" out of "global" in the data file, and the next start counts all of it anew.')
        return 1
    say("Every sum of usage is that of the ledger.")
    return 0


class _Counted:
    """Ledger lines on their way, their usage summed; a word about the progress now and then."""

    def __init__(self, entries: Iterator[Entry], records: Records) -> None:
        self._entries, self.number = entries, 0
        self.usage: Records = {key: {} for key in records}

    def __iter__(self) -> Iterator[Entry]:
        for entry in self._entries:
            self.number += 1
            usage.add(self.usage, plain(entry))
            if self.number % REPORTED == 0:
                _progress(self.number)
            yield entry


def _progress(number: int) -> None:
    print(f"{number:,} lines", file=sys.stderr, flush=True)


def _users(records: Records) -> int:
    return sum("balance" in record for record in records.values())


def _restore(config: Config, file: DataFile, copy: Path) -> int:
    path = config.data_file
    if not copy.exists():  # relative to where one stands, else beside the data file
        copy = path.parent / copy
    snapshot = load(copy)
    if snapshot is None:
        raise DataFileError(f"{copy} is not there: name a copy such as {file.backup.name}")
    deleted = _deleted(path, file.backup)
    refuse_newer(copy, snapshot)
    dropped = _drop_deleted(snapshot.records, deleted)
    _put(config, file, snapshot, deleted)
    print(f"{copy.name} is in place: {_users(snapshot.records)} users, {dropped} records of deleted people left out")
    return 0


def _deleted(path: Path, backup: Path) -> dict[str, Any]:
    """Who was deleted so far, from the present data or, where that cannot be read, from its backup."""
    sources: list[Callable[[], Records]] = [
        lambda: look(path).records,
        lambda: _records(path),
        lambda: _records(backup),
    ]
    for read in sources:
        try:
            everything = read().get("global", {})
        except DataFileError:
            continue
        return {name: everything[name] for name in ("deleted", "deletion_key") if name in everything}
    print("Who was deleted since that copy cannot be known: nothing else is readable.")
    return {}


def _records(path: Path) -> Records:
    found = load(path)
    return found.records if found else {}


def _drop_deleted(records: Records, deleted: dict[str, Any]) -> int:
    """Take who was deleted out of a copy, and what was under way when it was made; says how many records went."""
    for name in SERVICE:
        records.pop(name, None)
    key, gone, before = deleted.get("deletion_key", ""), set(deleted.get("deleted", ())), len(records)
    left = {name: remains(key, int(name)) for name in records if key and name.isdecimal()}
    for name, remain in left.items():
        if remain in gone:
            erase_person(records, int(name), remain)
    return before - len(records)


def _put(config: Config, file: DataFile, copy: Snapshot, deleted: dict[str, Any]) -> None:
    """Put the restored records in place; the ledger says what that changed, after everything it said before.

    The file is whole beside the old one before that is set aside. Without its seal the next start books what the
    ledger lacks, should this end before it has done so itself.
    """
    ledger, path = Ledger(file.path), file.path
    everything = {name: value for name, value in copy.records.get("global", {}).items() if name != "usage"}
    records = copy.records | {"global": everything | deleted}
    state = None if copy.foreign else State(records)
    if state:
        state.number = max(state.number, ledger.last_number)
        migrate(state, ledger)  # also counts what was used since the copy
        records = state.snapshot()
    ready = path.with_name(f"{path.name}.restored")
    write_content(ready, b"".join(encode(records)))
    for old in (path, *journal.paths(path), file.backup):
        if old.exists() and old.name != file.backup.name:
            print(f"{old.name} is set aside as {aside(old, 'before-restore').name}")
        if old.exists():
            old.rename(aside(old, "before-restore"))
    ready.replace(path)
    if state:  # else the next start takes it over
        book(state, differences(state.records, sums(ledger.entries()), "restored"), config.time_zone)
        ledger.append(state.entries)
        file.save(state.snapshot())
    file.copy_to_backup()


def _export(config: Config, target: Path, write: Callable[..., dict[str, int]]) -> int:
    def work(looked: _Looked) -> int:
        rows = write(target, looked.records, looked.entries(), _progress)
        print(f"{target}: " + ", ".join(f"{number:,} rows of {table}" for table, number in rows.items()))
        return 0

    return _looking(config, work)
