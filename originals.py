"""Drawn pictures as they came from the provider, kept for a day: of a photo Telegram has only a smaller copy."""

import logging
import os
import secrets
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from engine.postgres.database import Database
from engine.postgres.engine import PostgresEngine
from storage import Store

log = logging.getLogger(__name__)

KEPT_SECONDS = 86_400.0  # what is older is not given out, and goes at the next look: daily, or when one is kept
MOST_BYTES = 300_000_000  # of all together; the oldest go first
MODE, FOLDER_MODE = 0o600, 0o700


class Original(NamedTuple):
    """A picture as it came; `name` is its file's for whoever gets it."""

    name: str
    content: bytes


class Originals(Protocol):
    """Where pictures are kept for a day."""

    def keep(self, user_id: int, number: int, content: bytes, ending: str) -> bool:
        """Keep a picture; False when that is not possible now."""

    def find(self, user_id: int, number: int) -> Original | None:
        """A person's picture, None when it is not there any more."""

    def drop(self, user_id: int, number: int | None = None) -> None:
        """Delete a person's picture, or all of them."""

    def look(self) -> None:
        """Delete what is too old, and what is too much."""


def folder_of_pictures(data_file: Path) -> Path:
    """Where they lie: `data-pictures/` beside `data.json`."""
    return data_file.with_name(f"{data_file.stem}-pictures")


class PictureFolder:
    """A folder beside the data file; its names say whose picture it is and by which number it is asked for."""

    def __init__(self, data_file: Path) -> None:
        self._folder = folder_of_pictures(data_file)
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


class PictureTable:
    """A table, which all processes see."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, user_id: int, number: int, content: bytes, ending: str) -> bool:
        """Keep a picture; False while the database is away, or when the person is deleted."""
        kept = self._database.ask_once(
            "INSERT INTO pictures (person, number, ending, content)"
            " SELECT %s, %s, %s, %s FROM records WHERE key = %s FOR KEY SHARE"  # after a deletion there is none
            " ON CONFLICT (person, number)"
            " DO UPDATE SET ending = excluded.ending, content = excluded.content, kept = now() RETURNING 1",
            *(user_id, number, ending, content, str(user_id)),
        )
        self.look()
        return bool(kept)

    def find(self, user_id: int, number: int) -> Original | None:
        """A person's picture, None when it is not there any more."""
        found = self._database.ask(
            "SELECT ending, content FROM pictures WHERE person = %s AND number = %s"
            " AND kept > now() - %s * interval '1 second'",
            *(user_id, number, KEPT_SECONDS),
        )
        return Original(f"picture.{found[0][0]}", bytes(found[0][1])) if found else None

    def drop(self, user_id: int, number: int | None = None) -> None:
        """Delete a person's picture, or all of them."""
        self._database.ask(
            "DELETE FROM pictures WHERE person = %s AND (%s::bigint IS NULL OR number = %s)", user_id, number, number
        )

    def look(self) -> None:
        """Delete what is too old, and what is too much."""
        self._database.ask_once(
            "DELETE FROM pictures USING (SELECT person, number, sum(octet_length(content)) OVER (ORDER BY kept DESC)"
            " AS size FROM pictures) AS sizes WHERE pictures.person = sizes.person AND pictures.number = sizes.number"
            " AND (size > %s OR kept <= now() - %s * interval '1 second')",
            *(MOST_BYTES, KEPT_SECONDS),
        )


def originals(store: Store) -> Originals:
    """Where the pictures of a store lie: beside its file, or in its database."""
    if isinstance(store.engine, PostgresEngine):
        return PictureTable(store.engine.database)
    return PictureFolder(store.file_engine.path)
