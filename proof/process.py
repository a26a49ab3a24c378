"""What a running process holds at this moment (Linux)."""

from pathlib import Path
from typing import NamedTuple


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
