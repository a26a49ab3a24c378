"""What processes write down that are killed at any moment: a kill cuts a line off, which then counts for nothing."""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any


def opened(path: Path) -> int:
    """A file for the notes of several threads and processes."""
    return os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)


def write(file: int, note: list[Any]) -> None:
    """Add a note; it begins a new line, whatever stands before it."""
    os.write(file, b"\n" + json.dumps(note).encode())


def read(path: Path) -> Iterator[Any]:
    """All whole notes, in the order in which they were written."""
    for line in path.read_bytes().split(b"\n") if path.exists() else ():
        with suppress(ValueError):  # no list without its end is JSON
            yield json.loads(line)
