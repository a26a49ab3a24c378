"""Connections to PostgreSQL: a transaction a deed, one deed at a time over all workers, patience while it is away."""

import logging
import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import orjson
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.types.json import Json, set_json_loads
from psycopg_pool import ConnectionPool, PoolTimeout

from engine.changes import StorageError
from engine.postgres.schema import NAMES, WRITING, Connection

log = logging.getLogger(__name__)

CONNECTIONS = 8  # at most, beside the one of the locks
PATIENCE_SECONDS = 60.0  # a restarting server is waited for
PAUSE_SECONDS = 0.2
ONCE_SECONDS = 0.5
RECONNECT_SECONDS = 1.0  # until the pool begins anew to connect
# A process that stopped in the middle of a deed would hold up everybody's: the server ends its session. One that has
# gone without a word, with its machine, is found out by the same server after half a minute.
_SESSION = (
    "-c idle_in_transaction_session_timeout=5s -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 "
    "-c tcp_keepalives_count=4 -c timezone=UTC -c jit=off"
)
# The other way round, too: a machine that is gone must not be waited for as long as the network has patience.
_ALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 4, "tcp_user_timeout": 30_000}
# The connection, not what was asked: among them a session that the server ended, a server that only reads by now.
GONE = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.ReadOnlySqlTransaction,
    PoolTimeout,
)

_LEVEL = "ISOLATION LEVEL READ COMMITTED"  # whatever the server's default: a deed sees all before its turn
_BEGIN = f"BEGIN {_LEVEL}; SELECT pg_advisory_xact_lock({NAMES}, {WRITING})".encode()  # one trip to the server and back
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")  # no text of PostgreSQL may hold it
set_json_loads(orjson.loads)

Row = tuple[Any, ...]
T = TypeVar("T")


_NOT_UNDERSTOOD = "the address is not understood: signs such as @ : / ? # % in a password are written as %40 and so on"


class Overtaken(BaseException):
    """The update under way is another worker's by now, or will be served again: nothing more is done for it here."""


def as_kept(value: Any) -> bytes:
    """A value as JSON that a database takes; raises TypeError for what JSON cannot hold."""
    content = orjson.dumps(value)
    return _NUL.sub(rb"\1\\ufffd", content) if b"\\u0000" in content else content


def json(value: Any) -> Json:
    """A value as a parameter of type json; raises TypeError for what JSON cannot hold."""
    content = as_kept(value)
    return Json(value, dumps=lambda _: content)


def connect(url: str) -> Connection:
    """A connection of its own, which commits every statement."""
    return psycopg.connect(url, **_manner(url))


def _manner(url: str) -> dict[str, Any]:
    """How to connect, where the address does not say it; who looks at the server's sessions sees whose each is."""
    given = conninfo_to_dict(url)
    manner = {"application_name": f"assistant {os.getpid()}", "connect_timeout": 5, **_ALIVE}
    options = f"{given.get('options') or ''} {_SESSION}".strip()
    left = {name: value for name, value in manner.items() if name not in given}
    return {"autocommit": True, "client_encoding": "UTF8", "options": options} | left


class Database:
    """Safe to call from many threads; what a thread asks inside its transaction belongs to that."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._here = threading.local()
        self._over = threading.Event()
        self.overtaken: Callable[[int], None] = lambda update_id: None  # told before `Overtaken` is raised
        self._turn = threading.Lock()  # who waits for it holds no connection that others could ask by
        self._pool = ConnectionPool(
            url,
            kwargs=_manner(url),
            min_size=1,
            max_size=CONNECTIONS,
            # A pool left to itself tries after 1, 2, 4, 8 … seconds: it would come back long after the server.
            reconnect_timeout=RECONNECT_SECONDS,
            reconnect_failed=ConnectionPool.check,
            open=True,
            name="storage",
        )

    @property
    def job(self) -> int:
        """The update that this thread serves, 0 for none."""
        return int(getattr(self._here, "job", 0))

    @job.setter
    def job(self, update_id: int) -> None:
        self._here.job = update_id

    @property
    def transaction_cache(self) -> dict[str, Any] | None:
        """What the transaction of this thread has read, None outside of one."""
        return getattr(self._here, "cache", None)

    def if_undone(self, then: Callable[[], None]) -> None:
        """Have something done should the transaction of this thread not be known as committed."""
        undone: list[Callable[[], None]] | None = getattr(self._here, "undone", None)
        if undone is not None:
            undone.append(then)

    def forget(self) -> None:
        """What this transaction has read is not so any more."""
        if self.transaction_cache:
            self.transaction_cache.clear()

    def ask(self, sql: str, *values: Any) -> list[Row]:
        """The rows of one statement, which may safely be sent twice: in this thread's transaction, or alone."""
        inside: Connection | None = getattr(self._here, "connection", None)
        if inside is not None:
            return _rows(inside, sql, values)
        return self.insisted(lambda connection: _rows(connection, sql, values))

    def ask_once(self, sql: str, *values: Any) -> list[Row] | None:
        """The same for what is not worth waiting for: None while the database is away."""
        try:
            with self._pool.connection(timeout=ONCE_SECONDS) as connection:
                return _rows(connection, sql, values)
        except GONE:
            return None

    def insisted(self, work: Callable[[Connection], T]) -> T:
        """Do something that may safely be done twice, as long as it takes to get through to the server."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                with self._pool.connection(timeout=max(0.1, until - time.monotonic())) as connection:
                    return work(connection)
            except GONE as error:
                self._again(error, until)

    def _again(self, error: Exception, until: float) -> None:
        """Rest before another try, or give up."""
        if time.monotonic() > until or self._over.is_set():
            raise self._lost(error) from None
        log.warning("PostgreSQL is away: %s", type(error).__name__)
        self._over.wait(PAUSE_SECONDS)

    def _lost(self, error: Exception) -> BaseException:
        """What is raised when something was not done: who serves an update leaves it to whoever comes next."""
        reason = f"PostgreSQL is away: {type(error).__name__}"
        if not self.job:
            return StorageError(reason)
        self.overtaken(self.job)
        return Overtaken(reason)

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """A transaction in which no other changes anything, in this process or another; inside of one it is that one.

        It is waited for; an end of the connection inside of it is the end of the deed.
        """
        inside: Connection | None = getattr(self._here, "connection", None)
        if inside is not None:
            yield inside
            return
        with self._alone_here():
            connection = self._begin(time.monotonic() + PATIENCE_SECONDS)
            self._here.connection, self._here.cache, self._here.undone = connection, {}, []
            try:
                with self._told_if_undone():
                    yield connection
                    if connection.execute("COMMIT").statusmessage != "COMMIT":  # after a statement that failed
                        raise StorageError("a part of it was refused, so nothing of it was done")
            except GONE as error:
                raise self._lost(error) from None
            finally:
                self._here.connection, self._here.cache, self._here.undone = None, None, None
                self._give_back(connection)

    @contextmanager
    def _told_if_undone(self) -> Iterator[None]:
        """Before anybody else may serve the update anew."""
        try:
            yield
        except BaseException:
            for then in self._here.undone:
                then()
            raise

    @contextmanager
    def _alone_here(self) -> Iterator[None]:
        """No other thread of this process waits for the same lock of the server meanwhile."""
        if not self._turn.acquire(timeout=PATIENCE_SECONDS):
            raise self._lost(TimeoutError())
        try:
            yield
        finally:
            self._turn.release()

    def _begin(self, until: float) -> Connection:
        """A connection inside a transaction that is the only one to write."""
        while True:
            connection: Connection | None = None
            try:
                connection = self._pool.getconn(timeout=max(0.1, until - time.monotonic()))
                connection.execute(_BEGIN)
                return connection
            except BaseException as error:
                if connection is not None:
                    self._give_back(connection)
                if not isinstance(error, GONE):
                    raise
                self._again(error, until)

    def _give_back(self, connection: Connection) -> None:
        """Return a connection; what was not committed did not happen."""
        try:
            if connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                connection.execute("ROLLBACK")
        except psycopg.Error:
            connection.close()
        self._pool.putconn(connection)

    def close(self) -> None:
        """Let all connections go; nobody waits for a server any more."""
        self._over.set()
        self._pool.close()


def place_of(url: str) -> str:
    """A database as it may be shown: the server and the name, never who enters with what."""
    try:
        named = conninfo_to_dict(url)
    except psycopg.Error:
        return "PostgreSQL"
    place = f"{named.get('host', 'on this machine')}/{named.get('dbname', '')}"
    return "PostgreSQL" if "@" in place else f"PostgreSQL {place}"  # then it has a piece of the password


def reason(error: Exception, url: str) -> str:
    """Why something failed, in the server's words, unless they quote the address."""
    words = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    try:
        named = conninfo_to_dict(url)
    except psycopg.Error:
        entry = url.partition("://")[2].rpartition("@")[0].partition(":")[2]
        quoted = any(part and part in words for part in re.split(r"[@:/?#&=]", entry))
        return _NOT_UNDERSTOOD if quoted else words
    if any("@" in str(named.get(part, "")) for part in ("host", "port", "dbname")):
        return _NOT_UNDERSTOOD
    password = str(named.get("password") or "")
    shown = password in (named.get("user"), named.get("host"), named.get("dbname"))
    return words if shown or not password else words.replace(password, "…")


def _rows(connection: Connection, sql: str, values: Sequence[Any]) -> list[Row]:
    found = connection.execute(sql.encode(), values)
    return found.fetchall() if found.description else []
