"""A disk that fails on purpose: the k-th operation of this process that could change a file, once or from then on."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

OPERATIONS = ("write", "fsync", "replace", "rename", "open", "ftruncate", "link", "mkdir", "unlink")
# short: a part is written, then the disk is full. kill: the same, and the process is gone.
Kind = Literal["ENOSPC", "EIO", "EACCES", "short", "kill"]
GONE = 9  # the exit code of a process that was taken away
KINDS: tuple[Kind, ...] = ("ENOSPC", "EIO", "EACCES", "short")


class FaultyDisk:
    """Counts what the process asks of the disk; put on once, for the life of the process."""

    def __init__(self) -> None:
        self._count = self._fails_at = 0
        self.failed = False  # since it was armed
        self._kind: Kind = "EIO"
        self._lasting = False
        self._write = os.write
        self._fdopen = os.fdopen
        for name in OPERATIONS:
            setattr(os, name, self._guarded(name, getattr(os, name)))
        setattr(os, "fdopen", self._open_guarded)  # noqa: B010 - a plain assignment is refused by mypy

    def arm(self, at: int, kind: Kind, lasting: bool) -> None:
        """Count from here on, and fail at the operation of this number."""
        self._count, self._fails_at, self._kind, self._lasting = 0, at, kind, lasting
        self.failed = False

    @property
    def _number(self) -> int:
        return int(getattr(errno, "ENOSPC" if self._kind == "short" else self._kind))

    @property
    def reason(self) -> str:
        """What the system calls this failure."""
        return os.strerror(self._number)

    def mend(self) -> None:
        """From now on nothing fails."""
        self._fails_at = 0

    @contextmanager
    def resting(self) -> Iterator[None]:
        """Inside the block nothing fails and nothing counts."""
        before, self._fails_at = (self._fails_at, self._count), 0
        try:
            yield
        finally:
            self._fails_at, self._count = before

    def check(self, write: Callable[[bytes], object] | None = None, content: bytes = b"") -> None:
        """Fail when it is time to."""
        self._count += 1
        if not self._fails_at or not (
            self._count == self._fails_at or (self._lasting and self._count > self._fails_at)
        ):
            return
        self.failed = True
        if self._kind in ("short", "kill") and write is not None and self._count == self._fails_at:
            write(content[: len(content) // 2])
        if self._kind == "kill":
            os._exit(GONE)
        raise OSError(self._number, self.reason)

    def _guarded(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*arguments: Any, **options: Any) -> Any:
            if name == "write":
                return self._write_guarded(*arguments)
            self.check()
            return real(*arguments, **options)

        return guarded

    def _write_guarded(self, file: int, content: bytes) -> int:
        """A full disk takes a part of what it is given and says so; the next time it takes nothing."""
        written: list[int] = []
        try:
            self.check(lambda part: written.append(self._write(file, part)), content)
        except OSError:
            if written:
                return written[0]
            raise
        return self._write(file, content)

    def _open_guarded(self, *arguments: Any, **options: Any) -> "_File":
        return _File(self._fdopen(*arguments, **options), self)


class _File:
    """A file object whose writing can fail."""

    def __init__(self, file: Any, disk: FaultyDisk) -> None:
        self._file, self._disk = file, disk

    def write(self, content: bytes) -> int:
        self._disk.check(self._file.write, content)
        return int(self._file.write(content))

    def flush(self) -> None:
        self._disk.check()
        self._file.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "_File":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
