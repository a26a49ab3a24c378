"""The inbox of all workers: a table is the queue; who serves an update is written in its row and holds its chat's lock.

The rows this process serves are known to it; every note about one says whose it must be, so that a worker which was
cut off from the database and has been replaced meanwhile changes nothing any more.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from typing import Any

from engine.inbox import PIECE, Update, brought, number_of
from engine.postgres.database import Overtaken, json
from engine.postgres.engine import PostgresEngine
from engine.postgres.queues import chat_of, is_urgent, sender_of
from engine.postgres.reservations import SOON
from engine.state import KEPT_ASIDE, KEPT_DAYS, Pending, sent_by

log = logging.getLogger(__name__)

WORK = "work"  # the channel on which all workers hear of new updates

_ACCEPT = """
WITH given AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[], %s::json[])
        AS given (update_id, chat, sender, urgent, update)
), new AS (
    INSERT INTO seen (update_id, day) SELECT update_id, current_date FROM given ON CONFLICT DO NOTHING
    RETURNING update_id
), kept AS (
    INSERT INTO inbox (update_id, chat, sender, urgent, update)
    SELECT update_id, chat, sender, urgent, update FROM given JOIN new USING (update_id) ORDER BY update_id
    RETURNING update_id
)
SELECT count(*), pg_notify('work', '') FROM kept
"""


class SharedInbox:
    """As `engine.inbox.Inbox`, for as many processes as there are."""

    def __init__(self, engine: PostgresEngine, refusals: tuple[type[Exception], ...] = ()) -> None:
        """`refusals` are the errors of a message that was surely not sent."""
        self._engine, self._database, self._refusals = engine, engine.database, refusals
        self._parked: set[int] = set()
        self._here = threading.local()  # the `served` of each thread's job
        self._serving: list[int] = []  # the updates of all threads' jobs
        self._pieces: dict[int, list[int]] = {}  # update → those that belong to what it asks
        engine.database.overtaken = self.lose

    def begin(self) -> list[Pending]:
        """What earlier processes left is claimed like everything else."""
        return []

    def accept(self, updates: list[Update]) -> list[Pending]:
        """Put updates into the table, those never seen before; whoever has room serves them.

        Raises TypeError for what JSON cannot hold, StorageError when the database is away for long.
        """
        new = list({number_of(each): each for each in updates}.values())
        columns = (
            [number_of(each) for each in new],
            [chat_of(each) for each in new],
            [sender_of(each) for each in new],
            [is_urgent(each) for each in new],
            [json(each) for each in new],
        )
        if new:
            self._database.ask(_ACCEPT, *columns)
        return []

    def tidy(self) -> None:
        """Forget the ids of updates that Telegram does not offer again, once a day."""
        self._database.ask("DELETE FROM seen WHERE day <= current_date - %s::integer", KEPT_DAYS)

    def confirmable(self, offset: int) -> int:
        """As far as Telegram may be told that we have its updates: what was accepted is committed."""
        return offset

    @property
    def in_trouble(self) -> bool:
        """Whether there are updates that only the memory holds."""
        return False

    def able(self) -> bool:
        """Whether the database takes updates."""
        return self._database.ask_once("SELECT 1") is not None

    @contextmanager
    def serving(self, update_id: int) -> Iterator[None]:
        """A job of an update: whatever else becomes of it, an update that is overtaken is silently let go."""
        before, self._database.job = self._database.job, update_id
        self._serving.append(update_id)
        served, self._here.served = getattr(self._here, "served", None), self.pending(update_id)
        try:
            yield
        except Overtaken as reason:
            log.warning("update %s is left to another try: %s", update_id, reason)
        finally:
            self._database.job, self._here.served = before, served
            self._serving.remove(update_id)

    def _is_of_before(self, pending: Pending) -> bool:
        """Whether the update was claimed anew since this thread's job began."""
        served: Pending | None = getattr(self._here, "served", None)
        return served is not None and served is not pending and served.order == pending.order

    def lose(self, update_id: int) -> None:
        """An update is not ours any more; should nobody else have it by now, it is claimed anew.

        So is what its chat has sent after it, which must not come before it.
        """
        together = {update_id, *self.pieces(update_id), *self._later(update_id)}
        for each in together:
            self._engine.mine.pop(each, None)
            self._pieces.pop(each, None)
        self._engine.lost.update(together)

    def forget_lost(self, given: list[int]) -> None:
        """These are anybody's by now: one that no job serves needs not be known. A job still in a lane finds it gone
        before it begins."""
        serving = set(self._serving)
        self._engine.lost.difference_update([each for each in given if each not in serving])

    def _later(self, update_id: int) -> list[int]:
        """The updates of the same chat that came after one."""
        pending, everything = self.pending(update_id), list(self._engine.mine.items())
        if pending is None:
            return []
        return [number for number, each in everything if each.chat == pending.chat and each.order > pending.order]

    def pending(self, update_id: int) -> Pending | None:
        """An update that this process serves, else None."""
        return self._engine.mine.get(update_id)

    def pending_message(self, chat_id: int, message_id: int) -> Pending | None:
        """The unfinished update of this process that brought a message, else None."""
        everything = list(self._engine.mine.values())
        return next((each for each in everything if brought(each.update) == (chat_id, message_id)), None)

    def amend(self, pending: Pending, name: str, value: Any, unless: Set[str] = frozenset()) -> bool:
        """Keep with an unfinished update what came later about it, unless a deed of these names was done for it.

        The newest value stays. It waits for a deed under way, and takes nothing away of what that gave.
        """
        with self._database.alone():
            gives = self._engine.given(int(pending.update["update_id"]))
            if gives.keys() & unless:
                return False
            self._note(pending, "gives = %s", json(gives | {name: value}))
            pending.gives[name] = value  # before the next deed looks at it
        return True

    def _note(self, pending: Pending, what: str, *values: Any, soon: bool = False) -> None:
        """Change the row of an update, as long as it is ours; on the disk now, or `soon`."""
        update_id = int(pending.update["update_id"])
        sql = f"UPDATE inbox SET {what} WHERE update_id = %s AND worker = %s RETURNING {SOON if soon else 1}"
        if not self._database.ask(sql, *values, update_id, self._engine.worker):
            raise self._engine.overtaken(update_id)

    def order(self, update_id: int) -> int:
        """The place of an update among all; 0 for none."""
        pending = self.pending(update_id)
        return pending.order if pending else 0

    def newest(self) -> int:
        """The place of the newest update so far."""
        return int(self._database.ask("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM places")[0][0])

    def of_person(self, user_id: int) -> tuple[list[Update], list[Update]]:
        """The updates that a person sent and that are not done, and those set aside."""
        waiting = self._database.ask(
            "SELECT update FROM inbox WHERE sender = %s OR chat = %s ORDER BY place", user_id, user_id
        )
        aside = [update for (update,) in self._database.ask("SELECT update FROM aside ORDER BY n")]
        return [update for (update,) in waiting], [each for each in aside if sent_by(each, user_id)]

    def hold(self, update_id: int) -> None:
        """One job more works on an update."""
        if pending := self.pending(update_id):
            pending.jobs += 1

    def run(self, update_id: int) -> None:
        """Its handler begins: if the process ends now, this update may be why."""
        pending = self.pending(update_id)
        if pending and not pending.begun:
            self._note(pending, "begun = true", soon=True)
            pending.begun = True

    def let_go(self, update_id: int) -> None:
        """A job has ended; with the last one the update is done, unless it was parked."""
        pending = self.pending(update_id)
        if pending is None or self._is_of_before(pending):
            return
        pending.jobs -= 1
        if pending.jobs <= 0 and update_id not in self._parked:
            self.done(update_id)

    def done(self, update_id: int) -> None:
        """Nothing is to be done for this update and its pieces, or nothing any more."""
        if update_id not in self._engine.mine:
            return
        together = [update_id, *self.pieces(update_id)]
        self._database.ask(
            "WITH done AS (DELETE FROM inbox WHERE update_id = ANY(%s) AND worker = %s) SELECT pg_notify(%s, '')",
            *(together, self._engine.worker, self._engine.channel),
        )
        self._drop(update_id, together)

    def _drop(self, update_id: int, together: list[int]) -> None:
        for each in together:
            self._engine.mine.pop(each, None)
        self._pieces.pop(update_id, None)

    def join(self, update_id: int, first: int) -> None:
        """An update belongs to what `first` asks: they are done, parked and set aside together."""
        pending = self.pending(update_id)
        if pending and first not in self._engine.mine:  # lost before its turn came: nobody here would end this one
            raise self._engine.overtaken(update_id)
        if pending and update_id not in self.pieces(first):
            self._pieces.setdefault(first, []).append(update_id)
            self.amend(pending, PIECE, first)
        self.hold(update_id)

    def know_pieces(self, pending: Pending) -> None:
        """An update was claimed: it may be a piece of another."""
        if first := pending.gives.get(PIECE):
            self._pieces.setdefault(first, []).append(int(pending.update["update_id"]))

    def pieces(self, first: int) -> list[int]:
        """The unfinished updates that belong to what `first` asks."""
        return [each for each in self._pieces.get(first, ()) if each in self._engine.mine]

    def park(self, update_id: int) -> None:
        """The process leaves in good order: another one goes on with this update."""
        for each in (update_id, *self.pieces(update_id)):
            self._parked.add(each)
            if pending := self.pending(each):
                self._note(pending, "begun = false")

    def set_aside(self, update_id: int, reference: str) -> None:
        """Give an update up that no try could serve; it is kept to be looked at."""
        pending = self.pending(update_id)
        if pending is None:
            return
        with self._database.alone() as connection:
            ours = "SELECT 1 FROM inbox WHERE update_id = %s AND worker = %s"
            if not connection.execute(ours, (update_id, self._engine.worker)).fetchone():
                raise self._engine.overtaken(update_id)  # or its sender is erased
            connection.execute(
                "INSERT INTO aside (update_id, reference, update) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                (update_id, reference, json(pending.update)),
            )
            connection.execute(
                "DELETE FROM aside WHERE n <= (SELECT n FROM aside ORDER BY n DESC OFFSET %s LIMIT 1)", (KEPT_ASIDE,)
            )
        self.done(update_id)

    def once(self, update_id: int, key: str, send: Callable[[bool], int]) -> int:
        """Send what `key` names if that was not done for this update; `send` is told whether it may be there already.

        Returns the message id. What Telegram refuses was not sent, and may be tried again.
        """
        pending = self.pending(update_id)
        if pending is None:
            if update_id in self._engine.lost:
                raise Overtaken("it is another's")
            return send(False)
        known = pending.sends.get(key)
        if known:
            return known
        self._keep_sent(pending, key, 0)
        try:
            message_id = send(known == 0)
        except self._refusals:
            self._database.ask("DELETE FROM sends WHERE update_id = %s AND key = %s", update_id, key)
            pending.sends.pop(key, None)
            raise
        self._keep_sent(pending, key, message_id)
        return message_id

    def _keep_sent(self, pending: Pending, key: str, message_id: int) -> None:
        """Note a message with its update, as long as that is ours; what gets on does not bring a process down."""
        update_id = int(pending.update["update_id"])
        kept = self._database.ask(
            "INSERT INTO sends (update_id, key, message_id)"
            " SELECT update_id, %s, %s FROM inbox WHERE update_id = %s AND worker = %s"
            " ON CONFLICT (update_id, key) DO UPDATE SET message_id = excluded.message_id RETURNING 1",
            *(key, message_id, update_id, self._engine.worker),
        )
        if not kept:
            raise self._engine.overtaken(update_id)
        pending.sends[key] = message_id
        if message_id and pending.deaths:
            self._note(pending, "deaths = 0")
            pending.deaths = 0

    def was_sent(self, update_id: int, key: str) -> bool:
        """Whether what `key` names surely arrived."""
        pending = self.pending(update_id)
        return bool(pending and pending.sends.get(key))

    def sends(self, update_id: int) -> dict[str, int]:
        """What was sent for an update, as `once` keeps it: message ids, 0 while nobody knows whether that arrived."""
        pending = self.pending(update_id)
        return dict(pending.sends) if pending else {}

    def waiting(self) -> tuple[int, float] | None:
        """How many updates are not done, and for how many seconds the oldest waits; None while the database is away."""
        found = self._database.ask_once(
            "SELECT count(*), coalesce(extract(epoch FROM now() - min(accepted)), 0) FROM inbox"
        )
        return (int(found[0][0]), float(found[0][1])) if found else None
