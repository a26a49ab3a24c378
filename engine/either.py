"""One of the two engines and its inbox: the same questions and deeds, data.json or PostgreSQL behind them."""

from datetime import tzinfo
from pathlib import Path

from engine.engine import Engine
from engine.inbox import Inbox
from engine.postgres.engine import PostgresEngine
from engine.postgres.inbox import SharedInbox

AnyEngine = Engine | PostgresEngine
AnyInbox = Inbox | SharedInbox


def open_storage(
    where: Path | str, zone: tzinfo, refusals: tuple[type[Exception], ...] = ()
) -> tuple[AnyEngine, AnyInbox]:
    """The engine for a path or an address `postgresql://`; raises DataFileError with what to do.

    `refusals` are the errors of a message that was surely not sent.
    """
    if isinstance(where, Path):
        engine = Engine(where, zone)
        return engine, Inbox(engine, refusals)
    shared = PostgresEngine(where, zone)
    return shared, SharedInbox(shared, refusals)
