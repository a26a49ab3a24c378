"""Who serves which chat: a session-level advisory lock a chat, so that a worker that dies gives its work back at once.

All locks of a worker are of one connection. The server takes them with it: of a process that ends, of a machine that
is gone (after half a minute), of all when the server restarts. One that only hangs keeps them: nobody overtakes it.
A chat stays with its worker for a while after its last update: what that knows of it need not be learned again.
"""

import logging
import threading
import time
from collections.abc import Callable, Container
from typing import Any

import orjson
from psycopg import sql

from engine.postgres import schema
from engine.postgres.database import GONE, connect
from engine.postgres.engine import PostgresEngine
from engine.postgres.inbox import WORK, SharedInbox
from engine.postgres.schema import BOTS, LEADING, NAMES, WORKERS, Connection
from engine.postgres.taking import ALIVE, CLAIM, WAKE, YOUNG, take
from engine.state import Pending

log = logging.getLogger(__name__)

NEWS = "news"  # the channel on which workers tell each other what is not in a table

LOOK_SECONDS = 0.25  # between two looks when nobody calls
ALIVE_SECONDS = 1.0  # until it is asked again which workers live
# After the server was away all workers come back one by one: so long nobody takes what was another's.
GRACE_SECONDS = 5.0
IDLE_SECONDS = 600.0  # a chat stays
IDLE_CHATS = 500  # at most; a server has room for 64 locks a connection that it allows
# An update that so many workers died of waits for one that serves nothing else, and is alone with it for a minute.
SUSPECT_DEATHS, SUSPECT_SECONDS = 5, 60.0
URGENT = 5  # urgent chats taken at once by a worker without room
LOCKED = 500  # chats that may be tried in vain, because their workers have not taken all of their updates yet
NOBODY = 0  # the worker of an update that was served and is to be served again


class Claims:
    """A thread that claims chats for this process, as long as it has room, and hands their updates on."""

    def __init__(
        self, engine: PostgresEngine, inbox: SharedInbox, lanes: int, hand_on: Callable[[Pending], None]
    ) -> None:
        """At most `lanes` chats are served at once, but for urgent updates: those are served whatever else runs."""
        self._engine, self._inbox, self._lanes, self._hand_on = engine, inbox, lanes, hand_on
        self.heard: dict[str, Callable[[Any], None]] = {}  # what is done at news of other workers
        self.returned: Callable[[], None] = lambda: None  # called when some may have been missed
        self.outdated: Callable[[], None] = lambda: None  # called when the tables are a newer program's
        self._held: dict[int, float] = {}  # chats whose locks we have: until when they had work (monotonic seconds)
        self._alive: list[int] = [engine.worker]
        self._asked, self._since, self._looked = 0.0, -GRACE_SECONDS, 0.0
        self._away = False  # whether the server was away
        self.leads = False  # whether what is done once for all workers is done here
        self._resting, self._over, self._ready = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="claims", daemon=True)
        engine.tell = self.tell

    def start(self) -> None:
        """Begin to claim."""
        self._looked = time.monotonic()
        self._thread.start()
        self._ready.wait(10.0)

    def stop(self) -> None:
        """Claim nothing more; the locks stay until `close`."""
        self._resting.set()

    def close(self) -> None:
        """Give back what is not done, and the locks with it."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def late(self) -> float:
        """Seconds since the last look; many: it hangs. While PostgreSQL is away there is nothing to look at."""
        return 0.0 if self._away else time.monotonic() - self._looked

    def workers(self) -> int:
        """How many processes serve chats, as of a moment ago."""
        return len(self._alive)

    def tell(self, what: str, about: Any) -> None:
        """Let the other workers know."""
        news = orjson.dumps({"worker": self._engine.worker, "what": what, "about": about}).decode()
        self._engine.database.ask("SELECT pg_notify(%s, %s)", NEWS, news)

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                with connect(self._engine.database.url) as connection:
                    self._begin(connection)
                    self._ready.set()
                    self._work(connection)
                    self._give_back(connection)
            except schema.SchemaError:
                log.error("a newer program has changed the tables: leaving")
                self._leave_all()
                return
            except GONE as error:
                self._away, self.leads = True, False
                log.warning("PostgreSQL is away: %s", type(error).__name__)
                self._over.wait(LOOK_SECONDS)
            except Exception:
                log.exception("nothing could be claimed")
                self._over.wait(1.0)

    def _work(self, connection: Connection) -> None:
        while not self._over.is_set():
            self._looked = time.monotonic()
            if not self._resting.is_set():
                self._look(connection)
            for news in connection.notifies(timeout=LOOK_SECONDS, stop_after=1):
                if news.channel == NEWS:
                    self._hear(news.payload)

    def _hear(self, payload: str) -> None:
        try:
            news = orjson.loads(payload)
            if news["worker"] != self._engine.worker and (react := self.heard.get(news["what"])):
                react(news["about"])
        except Exception:  # no reason to let all locks go
            log.exception("news of another worker were not understood")

    def _begin(self, connection: Connection) -> None:
        """Be known as alive, and get back the chats that are under way; those that another has by now are its own.

        Raises SchemaError when a newer program has changed the tables meanwhile.
        """
        connection.execute("SELECT pg_advisory_lock(%s, %s)", (WORKERS, self._engine.worker))
        connection.execute("SELECT pg_advisory_lock_shared(%s, %s)", (BOTS, self._engine.bot))
        schema.check_newest(connection)
        for channel in (WORK, NEWS, self._engine.channel):
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        # What was taken in a statement whose answer never came is nobody's, as far as anybody knows.
        unknown = "UPDATE inbox SET worker = %s WHERE worker = %s AND update_id <> ALL(%s)"
        connection.execute(unknown, (NOBODY, self._engine.worker, list(self._engine.mine)))
        self._engine.catch_up(connection)
        self.returned()
        self._held = {}
        for chat, updates in self._busy().items():
            found = connection.execute("SELECT pg_try_advisory_lock(%s)", (chat,)).fetchone()
            if found and found[0]:
                self._held[chat] = time.monotonic()
            else:
                for update_id in updates:
                    self._inbox.lose(update_id)
        young = connection.execute(YOUNG, (GRACE_SECONDS,)).fetchone()
        self._since = time.monotonic() if self._away or (young and young[0]) else self._since
        self._away, self._asked, self.leads = False, 0.0, False
        self._try_to_lead(connection)

    def _leave_all(self) -> None:
        """These tables are not ours any more: whatever is under way is another's."""
        self._resting.set()
        for updates in self._busy().values():
            for update_id in updates:
                self._inbox.lose(update_id)
        self._ready.set()
        self.outdated()

    def _busy(self) -> dict[int, list[int]]:
        """The updates of this process by chat."""
        found: dict[int, list[int]] = {}
        for update_id, pending in list(self._engine.mine.items()):
            found.setdefault(pending.chat, []).append(update_id)
        return found

    def _look(self, connection: Connection) -> None:
        """Take what has come for our chats, then other chats as long as there is room."""
        busy, now = self._busy(), time.monotonic()
        room = self._lanes - len(busy)
        self._ask_who_lives(connection, now)
        lost = list(self._engine.lost)
        self._engine.reservations.drop_doubtful(connection)  # what they have set aside is in nobody's way
        self._offer(connection, lost)
        self._hand_out(connection, list(busy))
        if any(now - self._held.get(each.chat, now) < SUSPECT_SECONDS for each in self._suspects()):
            return
        new = self._wake(connection, room, busy)
        new += self._claim(connection, room - len(new), now, alone=not busy)
        self._held |= dict.fromkeys([*busy, *new], now)
        self._hand_out(connection, new)
        self._leave_idle(connection, now, room)

    def _ask_who_lives(self, connection: Connection, now: float) -> None:
        """Every second; what workers had set aside that are missed for the second time is given back.

        One that has only lost its connection is back by then, and its answers are still to be paid.
        """
        if now - self._asked < ALIVE_SECONDS:
            return
        known = self._alive if self._asked else None
        self._asked = now
        self._alive = [worker for (worker,) in connection.execute(ALIVE, (WORKERS,)).fetchall()]
        self._try_to_lead(connection)
        if known is not None and not self._is_grace(now):
            gone = f"DELETE FROM reservations WHERE worker <> ALL(%s) AND worker NOT IN ({ALIVE})"
            connection.execute(gone.encode(), ([*known, *self._alive], WORKERS))

    def _try_to_lead(self, connection: Connection) -> None:
        if not self.leads and not self._resting.is_set():
            found = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (NAMES, LEADING)).fetchone()
            self.leads = bool(found and found[0])

    def _is_grace(self, now: float) -> bool:
        return now - self._since < GRACE_SECONDS

    def _suspects(self) -> list[Pending]:
        return [each for each in list(self._engine.mine.values()) if each.deaths >= SUSPECT_DEATHS]

    def _offer(self, connection: Connection, lost: list[int]) -> None:
        """Updates whose jobs ended with the server: whoever comes first serves them again."""
        if lost:
            given = "UPDATE inbox SET worker = %s WHERE worker = %s AND update_id = ANY(%s)"
            connection.execute(given, (NOBODY, self._engine.worker, lost))
            self._inbox.forget_lost(lost)

    def _wake(self, connection: Connection, room: int, busy: Container[int]) -> list[int]:
        """Chats of ours that have work again: as many as there is room for, else a few with something urgent."""
        idle = [chat for chat in self._held if chat not in busy]
        values = {"idle": idle, "any": room > 0, "room": room if room > 0 else URGENT}
        return [chat for (chat,) in connection.execute(WAKE, values).fetchall()] if idle else []

    def _claim(self, connection: Connection, room: int, now: float, alone: bool) -> list[int]:
        """New chats: any as long as there is room, then a few with something urgent."""
        values = {
            "alive": self._alive,
            "held": list(self._held),
            "grace": self._is_grace(now),
            "any": room > 0,
            "alone": alone,
            "suspect": SUSPECT_DEATHS,
            "look": max(room, URGENT) + LOCKED,
            "room": room if room > 0 else URGENT,
        }
        return [chat for (chat,) in connection.execute(CLAIM, values).fetchall()]

    def _hand_out(self, connection: Connection, chats: list[int]) -> None:
        for pending in take(self._engine, self._inbox, connection, chats) if chats else ():
            update_id = int(pending.update["update_id"])
            if self._inbox.pending(update_id) is not pending:
                continue  # lost with the one before it
            try:
                with self._inbox.serving(update_id):
                    self._hand_on(pending)
            except Exception:
                log.exception("update %s is not served now", update_id)
                self._inbox.lose(update_id)

    def _leave_idle(self, connection: Connection, now: float, room: int) -> None:
        """Let chats go that have had no work for long, or have some while there is no room for it."""
        busy = self._busy()
        idle = [chat for chat in self._held if chat not in busy]
        leave = [chat for chat in idle if now - self._held[chat] > IDLE_SECONDS]
        leave += idle[: max(0, len(idle) - IDLE_CHATS)]
        if idle and room <= 0:
            waiting = connection.execute("SELECT DISTINCT chat FROM inbox WHERE chat = ANY(%s)", (idle,)).fetchall()
            leave += [chat for (chat,) in waiting]
        for chat in set(leave):
            connection.execute("SELECT pg_advisory_unlock(%s)", (chat,))
            del self._held[chat]
        if leave:
            connection.execute("SELECT pg_notify(%s, '')", (WORK,))

    def _give_back(self, connection: Connection) -> None:
        """Whatever is not done is for the others."""
        connection.execute("UPDATE inbox SET worker = %s WHERE worker = %s", (NOBODY, self._engine.worker))
        connection.execute("SELECT pg_advisory_unlock_all()")
        connection.execute("SELECT pg_notify(%s, '')", (WORK,))
