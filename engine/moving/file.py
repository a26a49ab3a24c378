"""A data file as the source or the target of a move."""

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

import orjson

from engine import journal
from engine.datafile import UNSEALED, DataFile, body, fill
from engine.disk import sync_folder, write_atomically, write_content
from engine.ledger import Entry, Ledger, plain
from engine.moving.ends import Done, Item, MoveError, Service
from engine.opening import look
from engine.state import Records, as_kept, sealed_number


class FileSource:
    """Read as a start would read it, and locked: no bot changes it meanwhile."""

    def __init__(self, path: Path, file: DataFile | None = None) -> None:
        """`file` is the lock on it, where somebody has it; raises DataFileError."""
        self.place, self._path = str(path), path
        self._file = file or DataFile(path)
        self._owns = file is None
        try:
            self._state, self._ledger = look(path), Ledger(path)
            if self._state.migrated:
                raise MoveError(f"{path} was written by an earlier version: start this one on it once, and stop it")
        except BaseException:
            self.close()
            raise

    def fingerprint(self) -> str:
        """Of the file and its journal: whatever changes stands in one of them."""
        digest = hashlib.sha256()
        for path in (self._path, *journal.paths(self._path)):
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    def records(self, skip: int = 0) -> Iterator[Item]:
        """In the order of the file."""
        records = self._state.records
        others = (item for item in records.items() if item[0] != "global")
        return islice(chain([("global", records["global"])], others), skip, None)

    def entries(self, skip: int = 0) -> Iterator[Entry]:
        """Month by month."""
        return islice(self._ledger.everything(self._state.entries, self._state.redactions), skip, None)

    def service(self) -> Service:
        """The inbox of the file, and what was seen."""
        state = self._state
        waiting = {str(key): as_kept(each) for key, each in state.pending.items()}
        return Service(state.number, state.orders, state.seen.days, waiting, state.aside)

    def close(self) -> None:
        """Let a bot have the file."""
        if self._owns:
            self._file.close()


class FileTarget:
    """Pieces gather in a folder beside the file that is to be; at the end they become the file at one stroke."""

    def __init__(self, path: Path) -> None:
        """Raises DataFileError when a bot uses the file."""
        self.place, self._path = str(path), path
        self._folder = path.with_name(f"{path.name}.moving")
        self._file = DataFile(path)
        self._ledger = Ledger(path)
        self._done = Done()

    def begin(self, fingerprint: str) -> Done:
        """What the folder says, where there is one."""
        source = self._folder / "source"
        if source.exists():
            if source.read_text() != fingerprint:
                raise MoveError(f"{self._folder} is of a move from elsewhere, or from before a change: delete it first")
        else:
            self._must_be_empty()
            self._folder.mkdir(mode=0o700, exist_ok=True)
            write_content(source, fingerprint.encode())
        self._done = self._known()
        return self._done

    def _must_be_empty(self) -> None:
        path, others = self._path, [*self._ledger.files(), *journal.paths(self._path), self._file.backup]
        there = [each for each in (path, *others, *self._file.daily_copies()) if each.exists()]
        if there:
            raise MoveError(f"{there[0]} is there already: nothing is overwritten, name another place")

    def _known(self) -> Done:
        progress = self._folder / "progress"
        return Done(*orjson.loads(progress.read_bytes())) if progress.exists() else Done()

    def _note(self, done: Done) -> None:
        self._done = done
        write_content(self._folder / "progress", orjson.dumps([*done]))

    def put_records(self, items: list[Item]) -> None:
        """A piece of the file; `global` waits for what else it is to hold."""
        records = dict(items)
        if everything := records.pop("global", None):
            write_content(self._folder / "global", orjson.dumps(everything))
        write_content(self._folder / f"records-{self._done.records:012}", body(records) if records else b"")
        self._note(self._done._replace(records=self._done.records + len(items)))

    def put_entries(self, entries: list[Entry]) -> None:
        """At the end of their months; what an interrupted call has written is not written again."""
        self._ledger.append(map(plain, entries))
        self._note(self._done._replace(lines=self._done.lines + len(entries)))

    def put_service(self, service: Service) -> None:
        """Make the file of its pieces."""
        everything = orjson.loads((self._folder / "global").read_bytes())
        # A start takes the places of updates from the number and what waits: none may come that was there before.
        number = max(service.number, service.orders - len(service.inbox))
        whole = {**UNSEALED, **everything, "journal": sealed_number(number), "seen": service.seen}
        pieces = sorted(self._folder.glob("records-*"))
        rest: Records = {name: each for name, each in (("inbox", service.inbox), ("aside", service.aside)) if each}

        def fill_it(file: BinaryIO) -> None:
            fill(file, _joined(chain([body({"global": whole})], (each.read_bytes() for each in pieces), [_body(rest)])))

        write_atomically(self._path, fill_it)
        self._note(self._done._replace(service=True))

    def written(self) -> FileSource:
        """The file as a start will read it."""
        return FileSource(self._path, self._file)

    def finish(self) -> None:
        """The backup holds the same, as after a stop in good order."""
        self._file.copy_to_backup()
        shutil.rmtree(self._folder)
        sync_folder(self._path.parent)

    def close(self) -> None:
        """Let a bot have the file."""
        self._file.close()


def _body(records: Records) -> bytes:
    return body(records) if records else b""


def _joined(bodies: Iterable[bytes]) -> Iterator[bytes]:
    yield b"{"
    for place, each in enumerate(filter(None, bodies)):
        yield b"," + each if place else each
    yield b"\n}\n"
