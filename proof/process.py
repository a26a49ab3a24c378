"""What a running process holds at this moment (Linux)."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self


class Held(NamedTuple):
    """Resident memory in MB, threads, open files."""

    megabytes: float
    threads: int
    files: int


def held(pid: int) -> Held:
    """From /proc."""
    process = Path(f"/proc/{pid}")
    resident = next(line for line in (process / "status").read_text().splitlines() if line.startswith("VmRSS"))
    tasks, files = ((process / name).iterdir() for name in ("task", "fd"))
    return Held(int(resident.split()[1]) / 1024, sum(1 for _ in tasks), sum(1 for _ in files))


class Family(threading.Thread):
    """Looks a hundred times a second at a process and all that it began, inside of a `with` block.

    A child that is not yet a program of its own has its parent's memory and is not counted.
    """

    def __init__(self, pid: int, program: str) -> None:
        """`program` is a word in the name of the children that are counted."""
        super().__init__(name="family", daemon=True)
        self.megabytes = 0.0  # resident in all of them together, at most; what they share counts for each
        self.own = 0.0  # resident in the process itself, at most
        self.children = 0  # of any name at once
        self.most = 0  # of the program at once
        self._pid, self._program = pid, program
        self._over = threading.Event()

    def run(self) -> None:
        """Until the block ends."""
        while not self._over.wait(0.01):
            born = set(_family(self._pid)) - {self._pid}
            members = [self._pid, *(each for each in born if _command(each) != _command(self._pid))]
            self.megabytes = max(self.megabytes, sum(_megabytes(member) for member in members))
            self.own = max(self.own, _megabytes(self._pid))
            self.children = max(self.children, sum(bool(_name(member)) for member in members[1:]))  # some have gone
            self.most = max(self.most, sum(self._program in _name(member) for member in members))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()


def _family(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):  # it has just ended
        for task in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                for child in (task / "children").read_text().split():
                    yield from _family(int(child))


def _megabytes(pid: int) -> float:
    with suppress(OSError, StopIteration):
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024
    return 0.0


def _command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _name(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text()
    return ""
