"""The table of rows: each a line with what it shows, the function that runs it, and its trials, in full and in CI."""

from collections.abc import Callable
from typing import NamedTuple

from proof import again, crowd, poison, restarts, saving, second, trouble
from proof.trial import Outcome


class Row(NamedTuple):
    """`run` is given the number of trials, `full` for `make proof` and `short` for CI."""

    name: str
    title: str
    run: Callable[[int], Outcome]
    full: int
    short: int


ROWS: tuple[Row, ...] = (
    Row("R1", "`kill -9` at random moments while saving", saving.kills, full=300, short=10),
    Row("R2", "`kill -9` while answering: 10 messages in flight, 3 kills", restarts.answering, full=50, short=1),
    Row("R3", "every update delivered again later, in random order", again.redelivered, full=1000, short=80),
    Row("R6", "second instance on one data file; second poller (409)", second.instances, full=100, short=5),
    Row("R7", "SIGTERM under load", restarts.leaving, full=40, short=2),
    Row("R8", "20 restarts in a row, 20 messages pending", restarts.pending, full=5, short=1),
    Row("R15", "Telegram refuses, breaks, hangs, is away", trouble.met, full=len(trouble.CASES), short=5),
    Row("R18", "every kind of update with unknown fields, and malformed ones", poison.survived, full=227, short=57),
    Row("R19", "very many updates, pacer off", crowd.many, full=20_000, short=1000),
)

BY_NAME = {row.name: row for row in ROWS}
