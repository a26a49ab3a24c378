"""data.json on the disk: one program at a time, always a whole file, readable by its owner only."""

import os
import tempfile
from pathlib import Path
from typing import Any

import filelock
import orjson

_FORMAT = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE

Records = dict[str, dict[str, Any]]


class DataFileError(Exception):
    """The data file cannot be used; the message says why and what to do."""


class DataFile:
    """The lock on a data file, held as long as this object is open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pid = path.with_name(path.name + ".pid")
        self._lock = filelock.FileLock(path.with_name(path.name + ".lock"), mode=0o600)
        try:
            self._lock.acquire(blocking=False)
        except filelock.Timeout:
            raise DataFileError(
                f"{path} is in use by another bot, pid {_pid_in(self._pid)}: stop that one first"
            ) from None
        except OSError as error:
            raise DataFileError(
                f"{path.parent} cannot be written to ({error.strerror}): mend its permissions"
            ) from None
        self._pid.write_text(str(os.getpid()))
        self._pid.chmod(0o600)

    def load(self) -> Records | None:
        """The records, or None when there is no file yet; `DataFileError` when it is there and not readable."""
        try:
            records = orjson.loads(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, orjson.JSONDecodeError) as error:
            raise DataFileError(f"{self.path} is not readable ({error}): mend it or put a copy in its place") from None
        if not isinstance(records, dict) or not all(isinstance(record, dict) for record in records.values()):
            raise DataFileError(f"{self.path} is JSON, but not an object of records: put a copy in its place")
        return records

    def save(self, content: bytes) -> None:
        """Put `content` in place of the file at one stroke; after an OSError the old file still stands."""
        write_atomically(self.path, content)

    def close(self) -> None:
        """Let another bot have the file."""
        self._pid.unlink(missing_ok=True)
        self._lock.release()


def encode(records: Records) -> bytes:
    """Records as the file holds them, as a person would like to read them."""
    return orjson.dumps(records, option=_FORMAT)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 that is either the old or the new one, whole, whatever happens in between."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _pid_in(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return "unknown"
