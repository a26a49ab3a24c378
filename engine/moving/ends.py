"""What the two ends of a move say to each other."""

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from engine.ledger import Entry
from engine.state import Records

Item = tuple[str, dict[str, Any]]  # a record under its key, histories and payments in it, as data.json has it

RECORDS_AT_ONCE, LINES_AT_ONCE = 10_000, 25_000  # so much is done again after an interruption, at most


class MoveError(Exception):
    """Nothing, or not all, was moved; the message says why and what to do."""


class Service(NamedTuple):
    """What stands beside records and ledger; `inbox`, `aside` and `seen` as in data.json.

    `number` is that of the last deed, `orders` the place of the newest update.
    """

    number: int
    orders: int
    seen: dict[str, list[list[int]]]
    inbox: Records
    aside: Records


class Done(NamedTuple):
    """How much has arrived: records, lines of the ledger, and whether the rest has."""

    records: int = 0
    lines: int = 0
    service: bool = False


class Source(Protocol):
    """Everything at one moment, always in the same order."""

    place: str

    def fingerprint(self) -> str:
        """The same as long as nothing has changed."""

    def records(self, skip: int = 0) -> Iterator[Item]:
        """The records from one on, `global` first."""

    def entries(self, skip: int = 0) -> Iterator[Entry]:
        """The ledger from a line on; within a month the oldest first."""

    def service(self) -> Service:
        """The rest."""

    def close(self) -> None:
        """Let others have it."""


class Target(Protocol):
    """An empty place, or one that a move from the same source has begun to fill; what it was given stays."""

    place: str

    def begin(self, fingerprint: str) -> Done:
        """How much is there already; raises MoveError when that is something else."""

    def put_records(self, items: list[Item]) -> None:
        """Add records."""

    def put_entries(self, entries: list[Entry]) -> None:
        """Add lines of the ledger."""

    def put_service(self, service: Service) -> None:
        """Add the rest: with it everything is there."""

    def written(self) -> Source:
        """What is there now, read anew."""

    def finish(self) -> None:
        """Everything is there and right: a bot may use it."""

    def close(self) -> None:
        """Let others have it."""
