"""The ledger: one line for every change of a wallet and every paid step, in monthly files beside data.json.

The journal holds each line first; a checkpoint writes it on into `data-ledger/2026-11.jsonl`, once.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from engine.disk import BYTES, sync_folder, write_all, write_content
from records import Wallet


@dataclass(frozen=True, slots=True)
class Entry:
    """A change of one wallet; `amount` in tokens or pictures, negative when taken away.

    `n` is the number of its line in the journal and `k` its place in that line: together the key of the entry. `time`
    is ISO 8601, `user` an id or what is left of a deleted one, `usd` what the provider took, None for an unknown
    price, `note` anything a person should know, such as an estimate or what was written off.
    """

    n: int
    k: int
    time: str
    user: int | str
    wallet: Wallet
    amount: int
    reason: str
    update: int | None = None
    model: str = ""
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    tokens_reasoning: int = 0
    seconds: float = 0.0
    pictures: int = 0
    usd: float | None = None
    note: str = ""


class Redaction(NamedTuple):
    """In the place of an id stands what is left of it, up to line `number`: who was deleted may come back."""

    user_id: int
    remains: str
    number: int


Key = tuple[int, int]  # `n` and `k` of an entry
Sums = dict[tuple[int | str, Wallet], int]

_FIELDS = tuple(field.name for field in fields(Entry))
_ALWAYS = ("n", "k", "time", "user", "wallet", "amount", "reason")


def plain(entry: Entry) -> dict[str, Any]:
    """An entry as it is written: what says nothing is left out, an unknown price is not."""
    values = {name: getattr(entry, name) for name in _FIELDS}
    paid = bool(entry.model)
    return {
        name: value
        for name, value in values.items()
        if name in _ALWAYS or (value not in (None, "", 0)) or (name == "usd" and paid)
    }


def folder_of(data_file: Path) -> Path:
    """Where the monthly files of a data file lie: `data-ledger/` beside `data.json`."""
    return data_file.with_name(f"{data_file.stem}-ledger")


class LedgerError(Exception):
    """A monthly file cannot be read; the message says which line."""


class Ledger:
    """The monthly files of one data file."""

    def __init__(self, data_file: Path) -> None:
        self.folder = folder_of(data_file)
        self._last: dict[Path, Key] = {}  # of the newest entry in a file, as far as known

    def files(self) -> list[Path]:
        """Oldest first."""
        return sorted(self.folder.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9].jsonl"))

    def entries(self, since: str = "") -> Iterator[Entry]:
        """All of them, file by file, from a month (`2026-11`) on; raises LedgerError at a damaged line."""
        for path in (path for path in self.files() if path.stem >= since):
            with path.open("rb") as file:
                for number, content in enumerate(file, 1):
                    if not content.endswith(b"\n"):
                        break  # torn: the journal has it still
                    yield _read(content, path, number)

    def everything(
        self, waiting: Iterable[dict[str, Any]], redactions: list[Redaction], since: str = ""
    ) -> Iterator[Entry]:
        """The entries of the files, then those that only the journal has yet, nobody in them who was deleted.

        From the day `since` (`2026-11-21`) on. What a checkpoint moves into the files meanwhile is met once.
        """
        last: dict[str, Key] = {}
        new = (Entry(**line) for line in waiting if _key(line) > last.get(line["time"][:7], (0, -1)))
        for entry in chain(self._noted(since[:7], last), new):
            if entry.time >= since:
                gone = [each for each in redactions if entry.user == each.user_id and entry.n <= each.number]
                yield replace(entry, user=gone[0].remains) if gone else entry

    def _noted(self, since: str, last: dict[str, Key]) -> Iterator[Entry]:
        """The entries of the files; `last` gets the key of the newest one read from each month."""
        for entry in self.entries(since):
            last[entry.time[:7]] = (entry.n, entry.k)
            yield entry

    def lines_of(self, user_id: int, waiting: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """The entries of one person as they are written, those included that only the journal has yet."""
        found = []
        for path in self.files():
            with path.open("rb") as file:
                lines = (orjson.loads(line) for line in file if line.endswith(b"\n") and _names(line, user_id))
                found += [line for line in lines if line["user"] == user_id]
        return found + [line for line in waiting if line["user"] == user_id and self._is_new(line)]

    @property
    def last_number(self) -> int:
        """The journal line of the newest entry in the files."""
        return max((self._last_in(path)[0] for path in self.files()), default=0)

    def append(self, lines: Iterable[dict[str, Any]]) -> None:
        """Write what is not there yet; all is on the disk when it returns."""
        months: dict[Path, list[dict[str, Any]]] = {}
        for line in lines:
            if self._is_new(line):
                months.setdefault(self._file_of(line), []).append(line)
        for path, new in months.items():
            self._append(path, b"".join(orjson.dumps(line) + b"\n" for line in new))
            self._last[path] = _key(new[-1])

    def _file_of(self, line: dict[str, Any]) -> Path:
        return self.folder / f"{line['time'][:7]}.jsonl"

    def _is_new(self, line: dict[str, Any]) -> bool:
        """Whether its file does not have it: a file grows in the order of the journal, whatever the clock does."""
        return _key(line) > self._last_in(self._file_of(line))

    def _append(self, path: Path, content: bytes) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._last.pop(path, None)  # until this has worked the file itself knows best
        file = os.open(path, os.O_CREAT | os.O_RDWR | BYTES, 0o600)
        try:
            end = _whole_lines(file)
            os.ftruncate(file, end)
            os.lseek(file, end, os.SEEK_SET)
            write_all(file, content)
            os.fsync(file)
        finally:
            os.close(file)
        sync_folder(self.folder)

    def _last_in(self, path: Path) -> Key:
        """The key of the newest entry in a file."""
        if path not in self._last:
            self._last[path] = _last_of(path)
        return self._last[path]

    def redact(self, redactions: list[Redaction]) -> None:
        """Put what is left of deleted ids in place of the ids, file by file, each at one stroke."""
        for path in self.files():
            content = path.read_bytes()
            for each in redactions:
                if _names(content, each.user_id):
                    content = b"".join(_redacted(line, each) for line in content.splitlines(keepends=True))
                    write_content(path, content)


def _key(line: dict[str, Any]) -> Key:
    return line["n"], line["k"]


def _names(content: bytes, user_id: int) -> bool:
    """Whether an id stands in lines as they are written: faster than reading each."""
    return b'"user":%d,' % user_id in content


def _redacted(content: bytes, redaction: Redaction) -> bytes:
    if not _names(content, redaction.user_id):
        return content
    line = orjson.loads(content)
    if line["user"] != redaction.user_id or line["n"] > redaction.number:
        return content
    return orjson.dumps(line | {"user": redaction.remains}) + b"\n"


def _read(content: bytes, path: Path, number: int) -> Entry:
    try:
        return Entry(**orjson.loads(content))
    except (orjson.JSONDecodeError, TypeError):
        raise LedgerError(f"{path}, line {number}, is damaged: put a copy of the file in its place") from None


def _whole_lines(file: int) -> int:
    """The length of a file without a torn last line."""
    size = os.fstat(file).st_size
    os.lseek(file, max(0, size - (1 << 20)), os.SEEK_SET)
    tail = os.read(file, 1 << 20)
    return size - len(tail) + tail.rfind(b"\n") + 1


def _last_of(path: Path) -> Key:
    if not path.exists():
        return (0, -1)
    with path.open("rb") as file:
        end = _whole_lines(file.fileno())
        file.seek(max(0, end - (1 << 16)))
        lines = file.read(end - file.tell()).splitlines()
    if not lines:
        return (0, -1)
    entry = _read(lines[-1], path, -1)
    return entry.n, entry.k


def sums(entries: Iterable[Entry], upto: int | None = None) -> Sums:
    """What the wallets must hold after line `upto` of the journal (None: after all)."""
    found: Sums = {}
    for entry in entries:
        if entry.amount and (upto is None or entry.n <= upto):
            key = (entry.user, entry.wallet)
            found[key] = found.get(key, 0) + entry.amount
    return found
