"""data.json on the disk: one program at a time, always a whole file, readable by its owner only; and its copies."""

import contextlib
import hashlib
import io
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from glob import escape
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import filelock
import orjson

from engine.disk import remove_parts, write_atomically, write_content

_FORMAT = orjson.OPT_INDENT_2
_CHUNK = 200  # records encoded at a time: nobody waits for the processor longer than that takes
DAY = "[0-9]" * 4 + "-[0-9][0-9]-[0-9][0-9]"  # in names of daily copies
KEPT_DAYS = 7  # of the daily copies, and of what an upgrade has replaced
BEFORE_UPGRADE = "before-upgrade"  # so ends the name of the file as an earlier version has left it

Records = dict[str, dict[str, Any]]

_SEAL = re.compile(rb'"seal": "([0-9a-f]{64})"')
_UNSEALED = b"0" * 64
UNSEALED = {"seal": _UNSEALED.decode()}


class DataFileError(Exception):
    """The data file cannot be used; the message says why and what to do."""


class InUse(DataFileError):
    """Another process has the file."""


class Snapshot(NamedTuple):
    """What a file holds; `sealed`: exactly as it was written, not edited by hand since; `foreign`: not by this bot."""

    records: Records
    sealed: bool
    foreign: bool


class DataFile:
    """The lock on a data file, held as long as this object is open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.backup = path.with_name(f"{path.stem}-backup{path.suffix}")
        self._pid = path.with_name(path.name + ".pid")
        self._lock = filelock.FileLock(path.with_name(path.name + ".lock"), mode=0o600)
        try:
            self._lock.acquire(blocking=False)
        except filelock.Timeout:
            raise InUse(f"{path} is in use by another bot, pid {_pid_in(self._pid)}: stop that one first") from None
        except OSError as error:
            raise _unwritable(path, error) from None
        try:
            write_content(self._pid, str(os.getpid()).encode())
        except OSError as error:
            self._lock.release()
            raise _unwritable(path, error) from None
        for name in (f"{escape(path.name)}*", escape(self.backup.name), self._daily(DAY, escape).name):
            remove_parts(path.parent, name)

    def save(self, records: Records, alone: bool = False) -> None:
        """Put a snapshot in place at one stroke, the one before becomes the backup; `records` begins with global.

        Or it stays alone, because nothing of the ones before may be kept or used.
        """
        if alone:
            self.backup.unlink(missing_ok=True)
        write_atomically(self.path, lambda file: _fill(file, records), keep_as=None if alone else self.backup)

    def copy_to_backup(self) -> None:
        """Make the backup hold the same as the file, for instance because nothing else may be kept."""
        write_content(self.backup, self.path.read_bytes())

    def daily_copy(self, today: date) -> None:
        """Keep one copy a day of the newest snapshot, for seven days."""
        copy = self._daily(today.isoformat())
        if copy.exists() or not self.path.exists():
            return
        write_content(copy, self.path.read_bytes())

    def drop_old_copies(self, today: date) -> None:
        """Delete the copies of more than a week ago: they may hold who was deleted since."""
        oldest = self._daily((today - timedelta(days=KEPT_DAYS - 1)).isoformat())
        for copy in self.daily_copies():
            if copy.name < oldest.name:
                copy.unlink(missing_ok=True)
        for original in self.path.parent.glob(f"{escape(self.path.name)}.{BEFORE_UPGRADE}*"):
            if date.fromtimestamp(original.stat().st_mtime) <= today - timedelta(days=KEPT_DAYS):
                original.unlink(missing_ok=True)

    def daily_copies(self) -> list[Path]:
        """The copies there are, newest first."""
        return sorted(self.path.parent.glob(self._daily(DAY, escape).name), reverse=True)

    def _daily(self, day: str, put: Callable[[str], str] = str) -> Path:
        return self.path.with_name(f"{put(self.path.stem)}-{day}{put(self.path.suffix)}")

    def close(self) -> None:
        """Let another bot have the file."""
        with contextlib.suppress(OSError):  # only a hint for whom the lock refuses
            self._pid.unlink(missing_ok=True)
        self._lock.release()


def load(path: Path) -> Snapshot | None:
    """The records of a file, None when it is not there; `DataFileError` when it is there and not readable."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataFileError(f"{path} is not readable ({error.strerror}): mend its permissions") from None
    try:
        records = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise DataFileError(f"{path} is damaged ({error}): mend it or put a copy in its place") from None
    if not isinstance(records, dict) or not all(isinstance(record, dict) for record in records.values()):
        raise DataFileError(f"{path} is JSON, but not an object of records: put a copy in its place")
    records.get("global", {}).pop("seal", None)
    return Snapshot(records, _sealed(content), foreign="journal" not in records.get("global", {}))


def _sealed(content: bytes) -> bool:
    """Whether a file is byte for byte as it was written."""
    found = _SEAL.search(content)
    if found is None:
        return False
    view, digest = memoryview(content), hashlib.sha256()
    for piece in (view[: found.start(1)], _UNSEALED, view[found.end(1) :]):
        digest.update(piece)
    return digest.hexdigest().encode() == found[1]


def encode(records: Records) -> Iterator[bytes]:
    """Records as the file holds them, as a person would like to read them, in pieces."""
    keys = list(records)
    yield b"{"
    for start in range(0, len(keys), _CHUNK):
        piece = {key: records[key] for key in keys[start : start + _CHUNK]}
        yield (b"," if start else b"") + body(piece)
    yield b"\n}\n"


def body(records: Records) -> bytes:
    """Some records as they stand in the midst of a file."""
    return orjson.dumps(records, option=_FORMAT)[1:-2]


def sealed(records: Records) -> bytes:
    """Records as `save` would write them."""
    content = io.BytesIO()
    _fill(content, records)
    return content.getvalue()


def _fill(file: BinaryIO, records: Records) -> None:
    fill(file, encode({**records, "global": {**UNSEALED, **records["global"]}}))


def fill(file: BinaryIO, pieces: Iterable[bytes]) -> None:
    """Write and seal a file whose `global` begins with UNSEALED.

    The seal is the SHA-256 of the whole with nothing but zeros in the seal's place.
    """
    digest, place = hashlib.sha256(), 0
    for piece in pieces:
        if not place and (found := _SEAL.search(piece)):
            place = file.tell() + found.start(1)
        file.write(piece)
        digest.update(piece)
        time.sleep(0)  # let others have the processor
    file.seek(place)
    file.write(digest.hexdigest().encode())


def _unwritable(path: Path, error: OSError) -> DataFileError:
    return DataFileError(f"{path.parent} cannot be written to ({error.strerror}): mend its permissions")


def _pid_in(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return "unknown"
