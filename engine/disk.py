"""Files that are whole or not there, and stay so through a power cut."""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

BYTES = getattr(os, "O_BINARY", 0)  # a flag of `os.open`: Windows would write two bytes for a line break


def write_atomically(path: Path, fill: Callable[[BinaryIO], None], keep_as: Path | None = None) -> None:
    """Write a file of mode 0600 that is either the old or the new one, whole, whatever happens in between.

    The old one stays under the name `keep_as`, if there is one.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        if keep_as and path.exists():
            _move_copy(path, keep_as)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _move_copy(path: Path, other: Path) -> None:
    """Give a file a second name, in place of what had it; never a moment without either."""
    link = other.with_name(other.name + ".link.part")
    link.unlink(missing_ok=True)
    try:
        os.link(path, link)
    except OSError:  # a file system without links
        shutil.copy2(path, link)
    try:
        link.replace(other)
    finally:
        link.unlink(missing_ok=True)  # left when both names are of the same file already


def write_content(path: Path, content: bytes) -> None:
    """The same for content that is at hand."""

    def fill(file: BinaryIO) -> None:
        file.write(content)

    write_atomically(path, fill)


def remove_parts(folder: Path, names: str) -> None:
    """Delete what an earlier process left when it was killed while writing files of such names, a pattern of glob."""
    for part in folder.glob(f"{names}.*.part"):
        part.unlink(missing_ok=True)


def write_all(file: int, content: bytes) -> None:
    """Write everything to a file handle or raise OSError; a disk that takes only a part is full."""
    if os.write(file, content) != len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def sync_folder(folder: Path) -> None:
    """Make new and renamed files survive a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
