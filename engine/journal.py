"""The journal: what happened since data.json was written, a JSON line each, on the disk before anybody is told.

A line is `{"crc":"1a2b3c4d","n":17,...}`: `n` counts the lines, `crc` is the CRC-32 of the rest. Lines lie in files
(segments) that begin with a line of their own, which says after which line it goes on: what an older segment holds
beyond that was never accepted.
"""

import logging
import os
import re
import threading
import zlib
from collections.abc import Callable
from glob import escape
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from engine.disk import BYTES, sync_folder, write_all

log = logging.getLogger(__name__)

Line = dict[str, Any]

_PREFIX = 18  # bytes of `{"crc":"1a2b3c4d",`


class JournalError(Exception):
    """The journal cannot be read to its end; the message says where and what to do."""


class NotWrittenError(Exception):
    """A line did not get onto the disk, so it did not happen."""


class _Segment(NamedTuple):
    path: Path
    first: int  # the number of its own first line, which is in its name


class Journal:
    """Appends lines; one fsync for all who wait. `append` and `rotate` are called under `lock`, the owner's."""

    def __init__(self, data_file: Path, last: int, lock: threading.Condition, take_back: Callable[[int], None]) -> None:
        """Go on after line `last`; `take_back` is told, under the lock, after which line nothing was kept."""
        self._data_file, self._lock, self._take_back = data_file, lock, take_back
        self.written = self.synced = last
        # Also counts lines that were taken back, in this process or an earlier one that got no further than a header.
        self._last = max([last, *(segment.first for segment in _segments(data_file))])
        self._void: list[tuple[int, int]] = []  # lines taken back: after .first, up to .second
        self._file: int | None = None
        self._size = self._synced_size = 0
        self.syncing = threading.Lock()  # taken before the owner's lock, never after it

    def append(self, line: Line) -> int:
        """Write a line and return its number; after an OSError nothing was written. `sync` makes it durable."""
        if self._file is None:
            self._begin_segment()
        content = encode(line, self._last + 1)
        self._write(content)
        self._last += 1
        self.written = self._last
        return self._last

    def _begin_segment(self) -> None:
        number = self._last + 1
        path = segment_path(self._data_file, number)
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_TRUNC | BYTES, 0o600)
        self._size = self._synced_size = 0
        try:
            self._write(encode({"after": self.written}, number))
            os.fsync(self._file)
            sync_folder(path.parent)
        except OSError:
            self._let_go()
            raise
        self._last = number
        self.written = self.synced = number
        self._synced_size = self._size

    def _write(self, content: bytes) -> None:
        assert self._file is not None
        try:
            write_all(self._file, content)
        except OSError:
            if not self._cut(self._size):
                self._lose()
            raise
        self._size += len(content)

    def _cut(self, size: int) -> bool:
        """Cut off what was not accepted; where that fails a new segment has to declare it void."""
        assert self._file is not None
        try:
            os.ftruncate(self._file, size)
        except OSError:
            log.warning("the journal could not be cut back, a new segment will go on")
            return False
        return True

    def _let_go(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def sync(self, number: int) -> None:
        """Wait until a line is on the disk; `NotWrittenError` when it is not and will never be."""
        with self.syncing:
            if self.synced < number:
                self._sync()
        if any(after < number <= last for after, last in self._void):
            raise NotWrittenError

    def _sync(self) -> None:
        with self._lock:
            if self._file is None:
                return
            written, size, losses = self.written, self._size, len(self._void)
            try:
                file = os.dup(self._file)
            except OSError:
                log.exception("the journal could not be written")
                self._lose()
                return
        try:
            os.fsync(file)
        except OSError:
            log.exception("the journal could not be written")
            with self._lock:
                self._lose()
        else:
            with self._lock:
                if len(self._void) == losses:  # else this was lost meanwhile, and the file is another one
                    self.synced, self._synced_size = max(self.synced, written), size
        finally:
            os.close(file)

    def _lose(self) -> None:
        """What may not be on the disk did not happen: cut it off, and go on in a new segment."""
        self._void.append((self.synced, self._last))
        if self._file is not None:
            self._cut(self._synced_size)
        self._let_go()
        self.written = self.synced
        self._take_back(self.synced)
        self.synced = self._last  # of these numbers nothing is to be waited for any more

    def rotate(self) -> int:
        """Make everything durable and go on in a new segment, under both locks; the last line of the old ones."""
        if self._file is not None:
            try:
                os.fsync(self._file)
            except OSError:
                self._lose()
                raise
            self.synced, self._synced_size = self.written, self._size
            self._let_go()
        return self.written

    def drop(self, last: int) -> None:
        """Delete the segments that hold nothing after line `last`."""
        segments = _segments(self._data_file)
        for segment, following in zip_longest(segments, segments[1:]):
            end = _goes_on_after(following) if following else self.written
            if end <= last and not (following is None and self._file is not None):
                segment.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let the file go."""
        self._let_go()


def encode(line: Line, number: int) -> bytes:
    """A line as it stands in the file; raises TypeError for what JSON cannot hold."""
    body = orjson.dumps({"n": number, **line})
    return b'{"crc":"%08x",' % zlib.crc32(body) + body[1:] + b"\n"


def decode(content: bytes) -> Line | None:
    """The line without its line break, None when its checksum is wrong."""
    body = b"{" + content[_PREFIX:]
    if content[:_PREFIX] != b'{"crc":"%08x",' % zlib.crc32(body):
        return None
    line: Line = orjson.loads(body)
    return line


def segment_path(data_file: Path, number: int) -> Path:
    """Where the segment that begins with this line lies: `data-journal-000000000001.jsonl` beside `data.json`."""
    return data_file.with_name(f"{data_file.stem}-journal-{number:012d}.jsonl")


def _segments(data_file: Path) -> list[_Segment]:
    found = []
    for path in data_file.parent.glob(f"{escape(data_file.stem)}-journal-*.jsonl"):
        if number := re.fullmatch(r".*-journal-(\d{12,})\.jsonl", path.name):
            found.append(_Segment(path, int(number[1])))
    return sorted(found, key=lambda segment: segment.first)


def _goes_on_after(segment: _Segment) -> int:
    """The last line of what lies before a segment, as its header says; else what its name leaves possible."""
    with segment.path.open("rb") as file:
        header = decode(file.readline().rstrip(b"\n"))
    return int(header["after"]) if header else segment.first - 1


def paths(data_file: Path) -> list[Path]:
    """The segments that lie beside a data file, oldest first."""
    return [segment.path for segment in _segments(data_file)]


def read(data_file: Path, after: int) -> list[Line]:
    """The accepted lines after a number, in order; a torn last line is no line, `JournalError` for other damage."""
    lines: list[Line] = []
    last: int | None = None  # of the lines read so far
    damage = ""
    for segment in _segments(data_file):
        if segment.first <= after:
            continue  # data.json was written at its end, and holds all of it
        *whole, tail = segment.path.read_bytes().split(b"\n")
        header = decode(whole[0]) if whole else _complete(tail)
        if header is None:
            damage = damage or (f"{segment.path} is damaged in line 1" if whole else "")
            continue
        goes_on_after = int(header["after"])
        if goes_on_after > (after if last is None else last):
            raise JournalError(_advice(damage or f"{segment.path} goes on after a line that is missing", data_file))
        lines = [line for line in lines if line["n"] <= goes_on_after]
        last, damage = header["n"], ""
        for number, content in enumerate(whole[1:], 2):
            line = decode(content)
            if line is None or line["n"] != last + 1:
                damage = f"{segment.path} is damaged in line {number}"
                break
            lines.append(line)
            last = line["n"]
        if not damage and whole and (line := _complete(tail)) and line["n"] == last + 1:
            lines.append(line)
            last = line["n"]
    if damage:
        raise JournalError(_advice(damage, data_file))
    return [line for line in lines if line["n"] > after]


def _complete(tail: bytes) -> Line | None:
    """What stands after the last line break: a whole line that lost only its own, or a torn one, which is none."""
    return decode(tail) or decode(tail[:-1])


def _advice(damage: str, data_file: Path) -> str:
    return (
        f"{damage}: changes accepted after that cannot be read. Put a copy of the file in its place, or give them up "
        f"with `python main.py --restore {data_file.name}`, which sets the journal aside"
    )
