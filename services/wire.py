"""The wire to the model: one pooled HTTP client whose running call another thread can cut at once."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2
import httpx2

_running = threading.local()


class CutError(BaseException):
    """The call was cut on purpose; not an `Exception`, so that the SDK does not take it for a fault and try again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.kind = reason


class Call:
    """One call of a model that may be cut from outside: by Stop, by the total time limit, or when the bot leaves."""

    def __init__(self) -> None:
        self.reason: str | None = None
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()

    def cut(self, reason: str) -> None:
        """Make the thread inside the call raise `CutError`, now or at its next byte; the first reason stays."""
        with self._lock:
            if self.reason is not None:
                return
            self.reason = reason
            self._over.set()
            if self._socket is not None:
                _shut(self._socket)

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
                self._socket = None

    def check(self) -> None:
        """Raise `CutError` when the call has been cut."""
        if self.reason is not None:
            raise CutError(self.reason)

    def pause(self, seconds: float) -> None:
        """Sleep before another try; raise `CutError` as soon as the call is cut."""
        self._over.wait(seconds)
        self.check()

    def uses(self, sock: socket.socket) -> None:
        """Remember the connection in use, so that `cut` can wake a thread that waits on it."""
        with self._lock:
            self._socket = sock
        self.check()


def _shut(sock: socket.socket) -> None:
    """End a connection under the feet of the thread that reads it; TLS is not asked, it could block."""
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return  # already closed: the reader knows


class _Stream(httpcore2.NetworkStream):
    """A connection that tells the running call about itself."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        call: Call | None = getattr(_running, "call", None)
        if call is None:
            return self._inner.read(max_bytes, timeout)
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
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Network(httpcore2.SyncBackend):
    """The ordinary network, with streams that can be cut."""

    def connect_tcp(self, *args: Any, **kwargs: Any) -> httpcore2.NetworkStream:
        return _Stream(super().connect_tcp(*args, **kwargs))


def client(*, timeout: httpx2.Timeout, connections: int, proxy: str | None) -> httpx2.Client:
    """An HTTP client with a pool of at most `connections`; `proxy` is a URL or None."""
    limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections // 4)
    transport = httpx2.HTTPTransport(limits=limits, proxy=proxy)
    # The transport has no parameter for the network underneath; the pool that it builds takes one.
    transport._pool._network_backend = _Network()
    return httpx2.Client(transport=transport, timeout=timeout, follow_redirects=True)
