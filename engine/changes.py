"""What a deed changes: copies of the records it touches, and what else is to be written with them."""

from collections.abc import Mapping, MutableMapping
from typing import Any

from engine.journal import Line
from engine.ledger import Entry, plain
from engine.state import WIDE

Record = dict[str, Any]


class StorageError(Exception):
    """A change could not be written to the disk: it did not happen."""


class Changes:
    """Copies of the records a deed touches, and what else its line says."""

    def __init__(self, records: Mapping[str, Mapping[str, Any]]) -> None:
        self._records = records
        self._copies: dict[str, Record] = {}
        self.line: Line = {}
        self.done_before = False  # for this update, by a run that did not get to its end: nothing is to be done
        self.gives: Any = None  # what the deed returns, as JSON

    def record(self, key: str) -> dict[str, Any]:
        """The record to be changed, made empty when there is none; raises ValueError for one of `engine.state.WIDE`."""
        if key in WIDE:
            raise ValueError(f"{key} is changed through `wide`")
        return self._copy(key)

    def wide(self, key: str) -> MutableMapping[str, Any]:
        """The same for those of `engine.state.WIDE`, which are not read whole by every engine."""
        return self._copy(key)

    def _copy(self, key: str) -> dict[str, Any]:
        if key not in self._copies:
            self._copies[key] = dict(self._records.get(key, {}))
        return self._copies[key]

    def drop_history(self, key: str) -> int:
        """Forget what was said under a key; returns how many messages that were."""
        return len(self.record(key).pop("history", ()))

    def said(self, key: str, dropped: int, messages: list[dict[str, Any]], replaced: int = 0) -> None:
        """Add messages to a history, in the place of so many at its end; take so many off its beginning."""
        self.line["said"] = {key: [dropped, messages, replaced] if replaced else [dropped, messages]}

    def entry(self, entry: Entry) -> None:
        """Add a line to the ledger."""
        values = plain(entry)
        del values["n"], values["k"]  # where the line comes to stand
        self.line.setdefault("ledger", []).append(values)

    def whole(self) -> Line:
        """The line: of the touched records only what is different now."""
        patches = {key: patch for key, copy in self._copies.items() if (patch := _patch(self._records.get(key), copy))}
        return ({"set": patches} if patches else {}) | self.line


def _patch(old: Mapping[str, Any] | None, new: dict[str, Any]) -> dict[str, Any]:
    was = old or {}
    patch = {name: value for name, value in new.items() if name not in was or was[name] != value}
    return patch | {name: None for name in was if name not in new}
