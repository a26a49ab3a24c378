"""The wire to the model: one pooled HTTP client whose running call another thread can cut at once."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, suppress
from functools import cache, partial
from typing import Any

import httpcore2
import httpx2

GATHER_SECONDS = 0.1  # nobody sees a word sooner than that: a growing answer is shown about once a second
SHORT_READS = 25  # so many of a stream are read as they come: a short answer is there at once

_running = threading.local()
Connecting = Future[httpcore2.NetworkStream]


class CutError(BaseException):
    """The call was cut on purpose; not an `Exception`, so that the SDK does not take it for a fault and try again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.kind = reason


class Call:
    """One call of a model that may be cut from outside: by Stop, by the total time limit, or when the bot leaves."""

    def __init__(self, sent: int = 0) -> None:
        """`sent` is how often its question went out before, to whichever model."""
        self.reason: str | None = None
        self.sent = sent
        self.in_pieces = False  # its answer is a stream
        self._reads = 0
        self._socket: socket.socket | None = None
        self._connecting: Connecting | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()

    def cut(self, reason: str) -> bool:
        """Make the thread inside the call raise `CutError`, now or at its next byte; False: the first reason stays."""
        with self._lock:
            if self.reason is not None:
                return False
            self.reason = reason
            self._over.set()
            if self._socket is not None:
                _shut(self._socket)
            if self._connecting is not None:
                with suppress(InvalidStateError):  # it has just been made
                    self._connecting.set_exception(CutError(reason))
            return True

    @contextmanager
    def running(self) -> Iterator[None]:
        """Everything this thread sends and reads inside the block belongs to this call."""
        _running.call = self
        try:
            self.check()
            yield
        finally:
            _running.call = None
            with self._lock:
                self._socket = self._connecting = None

    def check(self) -> None:
        """Raise `CutError` when the call has been cut."""
        if self.reason is not None:
            raise CutError(self.reason)

    def pause(self, seconds: float) -> None:
        """Sleep before another try; raise `CutError` as soon as the call is cut."""
        self._over.wait(seconds)
        self.check()

    def gather(self) -> None:
        """Let more of a stream come before it is read: reading costs far more than the few bytes of a word."""
        self._reads += 1
        if self.in_pieces and self._reads > SHORT_READS:
            self._over.wait(GATHER_SECONDS)

    def uses(self, sock: socket.socket) -> None:
        """Remember the connection in use, so that `cut` can wake a thread that waits on it."""
        with self._lock:
            self._socket = sock
        self.check()

    def connects(self, connect: Callable[[], httpcore2.NetworkStream]) -> httpcore2.NetworkStream:
        """Connect in a thread of its own: nothing wakes one that looks up a name or shakes hands."""
        connecting = Connecting()
        with self._lock:
            self._connecting = connecting
        self.check()
        threading.Thread(target=_connect, args=(connecting, connect), name="connecting", daemon=True).start()
        return connecting.result()


def _connect(connecting: Connecting, connect: Callable[[], httpcore2.NetworkStream]) -> None:
    try:
        stream = connect()
    except Exception as error:
        with suppress(InvalidStateError):
            connecting.set_exception(error)
        return
    try:
        connecting.set_result(stream)
    except InvalidStateError:  # the call was cut meanwhile
        stream.close()


def _shut(sock: socket.socket) -> None:
    """End a connection under the feet of the thread that reads it; TLS is not asked, it could block."""
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return  # already closed: the reader knows


def _made(connect: Callable[[], httpcore2.NetworkStream]) -> httpcore2.NetworkStream:
    call: Call | None = getattr(_running, "call", None)
    return connect() if call is None else call.connects(connect)


class _Stream(httpcore2.NetworkStream):
    """A connection that tells the running call about itself."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        call: Call | None = getattr(_running, "call", None)
        if call is None:
            return self._inner.read(max_bytes, timeout)
        call.gather()
        try:
            return self._inner.read(max_bytes, timeout)
        finally:
            call.check()

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        call: Call | None = getattr(_running, "call", None)
        if call is not None:
            call.uses(self._inner.get_extra_info("socket"))
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(_made(lambda: self._inner.start_tls(ssl_context, server_hostname, timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Network(httpcore2.SyncBackend):
    """The ordinary network, with streams that can be cut."""

    def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore2.NetworkStream:
        return _Stream(_made(partial(super().connect_tcp, *args, **kwargs)))


@cache
def _trusted() -> ssl.SSLContext:
    """Whom this machine trusts; to read that takes longer than the rest of a start, so all clients share it."""
    return httpx2.create_ssl_context()


def client(*, timeout: httpx2.Timeout, connections: int, proxy: str | None) -> httpx2.Client:
    """An HTTP client with a pool of at most `connections`; `proxy` is a URL or None."""
    limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections // 4)
    transport = httpx2.HTTPTransport(verify=_trusted(), limits=limits, proxy=proxy)
    # The transport has no parameter for the network underneath; the pool that it builds takes one.
    transport._pool._network_backend = _Network()
    return httpx2.Client(transport=transport, timeout=timeout, follow_redirects=True)
