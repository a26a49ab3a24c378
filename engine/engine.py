"""The storage engine: state in memory, a journal that makes changes durable, checkpoints that write data.json."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, tzinfo
from glob import escape
from pathlib import Path
from typing import Any, NamedTuple

from engine import journal, opening
from engine.changes import Changes, StorageError
from engine.datafile import DataFile, DataFileError
from engine.disk import remove_parts
from engine.journal import Journal, Line, NotWrittenError
from engine.ledger import Ledger, LedgerError
from engine.lookups import Lookups
from engine.reservations import Reservations
from engine.state import State

log = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 60.0  # data.json is at most so old
NOTE_SECONDS = 0.2  # until what is noted about updates survives a power cut; a killed process loses nothing of it
CHECKPOINT_SHARE = 20.0  # ... or so many times as old as writing it takes
WAITING_ENTRIES = 500  # of the ledger, in memory until a checkpoint: more of them bring it forward


class _Undo(NamedTuple):
    """How to take a line back that did not get onto the disk."""

    number: int
    before: dict[str, dict[str, Any] | None]
    line: Line
    deed: bool  # else a note about an update, which is not taken back but owed


class Engine(Lookups):
    """The only owner of the state; safe to call from many threads."""

    def __init__(self, path: Path, zone: tzinfo) -> None:
        """Open the data; raises DataFileError with what to do."""
        self.path, self.zone = path, zone
        self.lock = threading.Condition(threading.RLock())
        self.trouble: Callable[[], None] = lambda: None  # told when a checkpoint fails
        self.reservations = Reservations()
        self.together = None  # there are no other workers
        self._undo: deque[_Undo] = deque()
        self._owed: list[Line] = []  # lines about updates that the disk has not taken yet
        self._checkpointing = threading.Lock()
        self._over = threading.Event()
        self._noted = threading.Event()
        self._thread = threading.Thread(target=self._checkpoint_forever, name="checkpoints", daemon=True)
        self.file = DataFile(path)
        try:
            self.opened = opening.read(path, zone)
            self.state: State = self.opened.state
            self._checkpointed = self.opened.number
            self.ledger = Ledger(path)
            remove_parts(self.ledger.folder, "*.jsonl")
            self.journal = Journal(path, self.state.number, self.lock, self._take_back)
            self._tidy()
        except (OSError, LedgerError) as error:
            self.file.close()
            raise DataFileError(f"{path} cannot be opened: {error}") from error
        except BaseException:
            self.file.close()
            raise

    def _tidy(self) -> None:
        """Write what is not in data.json before the first line of the journal, which goes on from there."""
        if self.opened.stale or self.state.erased:
            self.checkpoint(anyway=True)
        elif not self.file.backup.exists():  # a deletion was interrupted: nothing older may be kept
            self.file.copy_to_backup()
            self.journal.drop(self._checkpointed)

    @property
    def notices(self) -> list[tuple[str, dict[str, object]]]:
        """What the admins have to know of the opening: keys of texts.TEXTS with their blanks."""
        return self.opened.notices

    def start(self) -> None:
        """Begin to write checkpoints in the background; the first at once where there was no data.json."""
        if self.opened.stale:
            self.checkpoint()
        self._thread.start()
        threading.Thread(target=self._sync_notes, name="notes", daemon=True).start()

    @contextmanager
    def change(self, update_id: int = 0, deed: str = "", wait: bool = True) -> Iterator[Changes]:
        """Change records, and return when that is on the disk; a block that raises changes nothing.

        A deed with a name is done once for an update: run again, it finds `done_before` and what it gave.
        Without `wait` a power cut may still undo it for a moment; the end of the process does not.
        """
        with self.lock:
            changes = Changes(self.state.records)
            pending = self.state.pending.get(update_id) if deed else None
            if pending is not None and deed in pending.gives:
                changes.done_before, changes.gives = True, pending.gives[deed]
            yield changes
            line = {} if changes.done_before else changes.whole()
            if not line:
                return
            number = self._commit(line | ({"for": update_id, "gives": {deed: changes.gives}} if pending else {}))
        if wait:
            self._sync(number)
        else:
            self._noted.set()

    def alone(self) -> AbstractContextManager[object]:
        """A block in which nobody changes anything."""
        return self.lock

    def _sync(self, number: int) -> None:
        try:
            self.journal.sync(number)
        except NotWrittenError:
            raise StorageError("the journal could not be written") from None

    def _commit(self, line: Line) -> int:
        if self._over.is_set():
            raise StorageError("the bot has left")
        try:
            self._pay()
            number = self.journal.append(line)
        except (OSError, TypeError) as error:  # TypeError: what JSON cannot hold
            raise StorageError(f"the journal could not be written: {error}") from error
        self._remember(_Undo(number, self.state.apply(number, line), line, deed=True))
        if len(self.state.entries) > WAITING_ENTRIES:
            self.lock.notify_all()
        return number

    def note(self, line: Line) -> int | None:
        """Say something about updates: true at once, written when the disk takes it; its number if that was now.

        Raises TypeError for what JSON cannot hold.
        """
        with self.lock:
            if self._over.is_set():
                return None
            journal.encode(line, 0)
            self.state.apply(self.state.number, line)
            self._owed.append(line)
            try:
                self._pay()
            except OSError as error:
                log.warning("the journal takes nothing: %s", error)
                return None
            self._noted.set()
            return self.journal.written

    def _pay(self) -> None:
        """Write what is owed to the journal; raises OSError."""
        while self._owed:
            number = self.journal.append(self._owed[0])
            self._remember(_Undo(number, {}, self._owed.pop(0), deed=False))

    def _remember(self, undo: _Undo) -> None:
        while self._undo and self._undo[0].number <= self.journal.synced:
            self._undo.popleft()
        self._undo.append(undo)

    def _take_back(self, after: int) -> None:
        """The disk lost every line `after` this one: deeds did not happen, what is noted about updates is owed."""
        lost = [undo for undo in self._undo if undo.number > after]
        self._undo.clear()
        for undo in reversed(lost):
            if undo.deed:
                self.state.take_back(undo.before, undo.line, after)
        self._owed = [undo.line for undo in lost if not undo.deed] + self._owed

    def is_kept(self, number: int | None) -> bool:
        """Wait until a noted line is on the disk; False when the disk has trouble."""
        if number is None:
            return False
        try:
            self.journal.sync(number)
        except NotWrittenError:
            return False
        return True

    def _sync_notes(self) -> None:
        """Nobody waits for a note, but a power cut may not find it unwritten for long."""
        while not self._over.is_set():
            self._noted.wait()
            self._noted.clear()
            self._over.wait(NOTE_SECONDS)
            self.is_kept(self.journal.written)

    def takes_lines(self) -> bool:
        """Whether the disk took the last line, or takes it now."""
        return not self._owed or self.owes_nothing()

    def owes_nothing(self) -> bool:
        """Whether the disk has taken everything that was noted; tries once more."""
        with self.lock:
            try:
                self._pay()
            except OSError:
                return False
            number = self.journal.written
        return self.is_kept(number)

    # -- checkpoints

    def _checkpoint_forever(self) -> None:
        took = 0.0
        while not self._wait(took):
            begun = time.monotonic()
            try:
                self.checkpoint()
            except Exception:
                log.exception("data.json could not be written; the journal holds everything")
                self.trouble()
            took = time.monotonic() - begun

    def _wait(self, took: float) -> bool:
        """Wait for the next checkpoint, longer when one takes long; True when there is to be none."""
        least = max(CHECKPOINT_SECONDS / 60, CHECKPOINT_SHARE * took)
        with self.lock:
            if not self.lock.wait_for(self._over.is_set, least):
                self.lock.wait_for(
                    lambda: self._over.is_set() or len(self.state.entries) > WAITING_ENTRIES,
                    max(0.0, CHECKPOINT_SECONDS - least),
                )
        return self._over.is_set()

    def checkpoint(self, anyway: bool = False) -> None:
        """Write ledger and data.json, drop the journal that both hold; raises OSError and has lost nothing then."""
        with self._checkpointing:
            self._write(anyway)
            today = datetime.now(self.zone).date()
            self.file.daily_copy(today)
            self.file.drop_old_copies(today)

    def _write(self, anyway: bool) -> None:
        with self.journal.syncing, self.lock:
            self._pay()
            number = self.state.number = self.journal.rotate()
            if number == self._checkpointed and not anyway:
                return
            whole, entries, erased = self.state.snapshot(), list(self.state.entries), self.state.redactions
        self.ledger.append(entries)
        if erased:
            self.ledger.redact(erased)
        alone = bool(erased) or self.state.migrated  # lines of two versions can't be read as one journal
        self.file.save(whole, alone)
        with self.lock:
            del self.state.entries[: len(entries)]
            del self.state.erased[: len(erased)]
            self.state.migrated = False
        if alone:
            self.file.copy_to_backup()
        self.journal.drop(number if alone else self._checkpointed)
        self._checkpointed = number

    def expunge(self) -> None:
        """Take who was deleted out of the files, too."""
        try:
            self.checkpoint()
        except OSError:  # out of all records and of what will be written; the next checkpoint rewrites the files
            log.exception("the files still hold a deleted person")
            self.trouble()

    def bytes_on_disk(self) -> int:
        """What data.json, its copies, its journal and its ledger take."""
        path = self.path
        stem = escape(path.stem)
        own = [*path.parent.glob(f"{stem}.*"), *path.parent.glob(f"{stem}-*"), *self.ledger.files()]
        return sum(each.stat().st_size for each in own if each.is_file())

    def ledger_of(self, user_id: int) -> list[dict[str, Any]]:
        """One person's lines of the ledger, oldest first; reads all of its files."""
        with self._checkpointing:
            with self.lock:
                waiting, erased = list(self.state.entries), self.state.redactions
            gone = max((each.number for each in erased if each.user_id == user_id), default=0)
            return [line for line in self.ledger.lines_of(user_id, waiting) if line["n"] > gone]

    def close(self) -> None:
        """Write everything into data.json and its backup, so that the journal is empty; let the file go."""
        with self.lock:
            self._over.set()
            self._noted.set()
            self.lock.notify_all()
        try:
            if self._thread.is_alive():
                self._thread.join()
            self.checkpoint()
            self.file.copy_to_backup()
            self.journal.drop(self._checkpointed)
        except Exception:
            log.exception("data.json could not be written; the journal holds everything")
        finally:
            self.journal.close()
            self.file.close()
