"""HTTP connections on which the head of an answer must be there in time: urllib3's limit counts from byte to byte."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

LOOK_SECONDS = 0.5  # between two looks at what is due


class _Watch:
    """One thread that ends the connections which are late; it begins with the first."""

    def __init__(self) -> None:
        self._due: dict[int, tuple[float, socket.socket]] = {}
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def within(self, sock: socket.socket, seconds: float) -> Iterator[None]:
        """Cut the line under a block that takes longer; raises TimeoutError then."""
        self._begin()
        self._due[id(sock)] = (time.monotonic() + seconds, sock)
        try:
            yield
        finally:
            in_time = self._due.pop(id(sock), None)
        if not in_time:  # http.client takes a line that was cut for the end of the head
            raise TimeoutError("the head of an answer took too long")

    def _begin(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="punctual", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            now = time.monotonic()
            for key, (until, sock) in tuple(self._due.items()):
                if now > until:
                    self._due.pop(key, None)
                    with contextlib.suppress(OSError):
                        sock.shutdown(socket.SHUT_RDWR)


_watch = _Watch()


class _Connection(HTTPConnection):
    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # the annotation of urllib3 itself
        """The head; its limit is that of a read."""
        with _watch.within(self.sock, float(self.timeout or 0)):
            return super().getresponse()


class _SafeConnection(HTTPSConnection):
    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]
        """The same."""
        with _watch.within(self.sock, float(self.timeout or 0)):
            return super().getresponse()


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SafePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SafeConnection


def make(pool: urllib3.PoolManager) -> urllib3.PoolManager:
    """Let a pool have such connections; it is given back."""
    pool.pool_classes_by_scheme = {"http": _Pool, "https": _SafePool}
    return pool
