"""Drawn pictures as they came from the provider, kept for a day: of a photo Telegram has only a smaller copy."""

import logging
import os
import secrets
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

log = logging.getLogger(__name__)

KEPT_SECONDS = 86_400.0  # what is older is not given out, and goes at the next look: daily, or when one is kept
MOST_BYTES = 300_000_000  # of all together; the oldest go first
MODE, FOLDER_MODE = 0o600, 0o700


class Original(NamedTuple):
    """A picture as it came; `name` is its file's for whoever gets it."""

    name: str
    content: bytes


class Originals:
    """A folder beside the data file; its names say whose picture it is and by which number it is asked for."""

    def __init__(self, data_file: Path) -> None:
        self._folder = data_file.with_name(f"{data_file.stem}-pictures")
        self._lock = threading.Lock()

    def keep(self, user_id: int, number: int, content: bytes, ending: str) -> bool:
        """Keep a picture; False when the disk takes nothing."""
        try:
            with self._lock:
                self._folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
                new = self._folder / f".{secrets.token_hex(8)}"
                with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), "wb") as file:
                    file.write(content)
                new.replace(self._folder / f"{user_id}-{number}.{ending}")
            self.look()
        except OSError as error:
            log.warning("a picture is not kept as a file: %s", error.strerror)
            return False
        return True

    def find(self, user_id: int, number: int) -> Original | None:
        """A person's picture, None when it is not there any more."""
        with self._lock:
            for path in self._of(f"{user_id}-{number}.*"):
                if path.stat().st_mtime > time.time() - KEPT_SECONDS:
                    return Original(f"picture{path.suffix}", path.read_bytes())
        return None

    def drop(self, user_id: int, number: int | None = None) -> None:
        """Delete a person's picture, or all of them."""
        with self._lock:
            for path in self._of(f"{user_id}-{'*' if number is None else f'{number}.*'}"):
                path.unlink(missing_ok=True)

    def look(self) -> None:
        """Delete what is too old, and what is too much."""
        with self._lock:
            rest = MOST_BYTES
            found = [(path, path.stat()) for path in self._of("*")]
            for path, about in sorted(found, key=lambda each: each[1].st_mtime, reverse=True):
                rest -= about.st_size
                if rest < 0 or about.st_mtime <= time.time() - KEPT_SECONDS:
                    path.unlink(missing_ok=True)

    def _of(self, names: str) -> Iterator[Path]:
        return (path for path in self._folder.glob(names) if path.is_file())
