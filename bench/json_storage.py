"""Storage as small bots have it: all in one dict, the whole file written anew at each change. A baseline.

`python -m bench.json_storage FOLDER LIFE` lives as `proof.storage_child` does, for `python -m proof R1 --bot
bench.json_storage`.
"""

import json
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from proof.deeds import Deed, Expected, Held
from proof.storage_child import live, users_of

Records = dict[str, dict[str, Any]]


def save(path: Path, records: Records) -> None:
    """Write it all, over what was there."""
    with path.open("w", encoding="utf-8") as file:
        json.dump(records, file, ensure_ascii=False, indent=1)


def load(path: Path) -> dict[int, Held]:
    """The users of a file; ValueError when it cannot be read."""
    records: Records = json.loads(path.read_bytes()) if path.exists() else {}
    return {int(key): Held(**{**record, "history": tuple(record["history"])}) for key, record in records.items()}


class JsonStorage:
    """A dict and a lock; every deed is in the file when it returns."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self.known = Expected(load(path))

    def perform(self, deed: Deed) -> None:
        """Do it and write everything."""
        with self._lock:
            self.known = self.known.after([deed])
            save(self._path, {str(user): asdict(held) for user, held in self.known.users.items()})


def main() -> None:
    """Live one life."""
    folder, life = Path(sys.argv[1]), int(sys.argv[2])
    storage = JsonStorage(folder / "data.json")
    live(folder, life, lambda thread: {*users_of(thread)} & {*storage.known.users}, storage.perform)


if __name__ == "__main__":
    main()
