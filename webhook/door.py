"""The door that Telegram posts to: who knocks is looked at before anything they bring is read.

waitress reads all connections in one thread, however slowly they come, and gives whole requests to others to answer.
"""

import hmac
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import orjson
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server

from incoming import whole_characters

log = logging.getLogger(__name__)

Update = dict[str, Any]

HEALTH = "/health"  # for a load balancer, beside the webhook's own path
SECRET_HEADER = "X_TELEGRAM_BOT_API_SECRET_TOKEN"  # as waitress writes names
LARGEST_BODY, LARGEST_HEADER = 1024 * 1024, 16 * 1024  # bytes; Telegram's updates have some thousand
BODY_SECONDS, IDLE_SECONDS = 10.0, 60.0  # for a request to come in, and between two on one connection
MOST_WAITING = 300  # connections that have not brought a whole request; the oldest beyond them are closed
CONNECTIONS = 40  # that Telegram opens at most: its default; an update takes some ms, so that is thousands a second
THREADS = CONNECTIONS + 8  # one for each, and some for /health while all the others wait for the disk
RETRY_SECONDS = 2  # after which Telegram offers again what could not be saved; untold it would wait up to two minutes
TURN_SECONDS = 1.0  # the longest turn of the loop
LEAVING_SECONDS = 1.0  # for the last answers

for _noisy in ("waitress", "waitress.queue"):  # it warns of clients that go away
    logging.getLogger(_noisy).setLevel(logging.ERROR)


class DoorError(Exception):
    """The address cannot be listened on."""


class _Refusal:
    """An answer without words, after which the connection is closed."""

    def __init__(self, status: str, *headers: tuple[str, str]) -> None:
        self.status, self.headers = status, list(headers)

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        return self.status, list(self.headers), b""


class _Request(HTTPRequestParser):  # type: ignore[misc]
    """A request that may be refused as soon as its header is there; what follows is thrown away unread."""

    def __init__(self, adj: object, refusal: Callable[["_Request"], _Refusal | None]) -> None:
        super().__init__(adj)
        self._refusal, self.begun = refusal, time.time()

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        self.error = self._refusal(self)
        if self.error:
            self.body_rcv, self.content_length, self.expect_continue = None, 0, False

    def received(self, data: bytes) -> int:
        consumed = int(super().received(data))
        return len(data) if self.error else consumed


class _Channel(HTTPChannel):  # type: ignore[misc]
    """A connection whose requests come through the door."""

    def parser_class(self, adj: object) -> _Request:
        return _Request(adj, self.server.refusal)

    def since(self) -> tuple[float, float]:
        """When what this connection waits for began, and how long that may take."""
        if self.request is not None:
            return self.request.begun, BODY_SECONDS
        return self.last_activity, IDLE_SECONDS


class Door:
    """Listens as soon as it is made, answers from `start` on; `take` and `able` are called by many threads."""

    def __init__(
        self,
        address: tuple[str, int],
        path: str,
        secret: str,
        take: Callable[[Update], bool],
        able: Callable[[], bool],
    ) -> None:
        """Raises DoorError. `take` says whether an update is saved, `able` whether one could be."""
        self._path, self._secret, self._take, self._able = path, secret.encode(), take, able
        self._sockets: dict[int, Any] = {}
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        try:
            listening = socket.create_server(address, family=family, backlog=1024)
        except OSError as error:
            raise DoorError(f"{address[0]}:{address[1]} can't be listened on ({error.strerror or error})") from None
        self._server = create_server(
            self._answer,
            map=self._sockets,
            sockets=[listening],
            threads=THREADS,
            connection_limit=4 * MOST_WAITING,
            channel_timeout=int(2 * IDLE_SECONDS),  # of answers that nobody fetches
            max_request_header_size=LARGEST_HEADER,
            max_request_body_size=LARGEST_BODY + 1,
            inbuf_overflow=2 * LARGEST_BODY,  # nothing goes to a file
            log_socket_errors=False,
            ident=None,
        )
        self._server.channel_class, self._server.refusal = _Channel, self._refusal
        self._over = threading.Event()
        self._turn = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="webhook door", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._turn = time.monotonic()
        self._thread.start()

    def late(self) -> float:
        """Seconds since the loop's newest turn; far more than `TURN_SECONDS`: nobody can come in."""
        return time.monotonic() - self._turn

    def stop(self) -> None:
        """Let nobody in any more; what is being answered gets a second for it."""
        self._over.set()
        with suppress(OSError):  # of a loop that something has closed
            self._server.pull_trigger()
        self._thread.join(2 * LEAVING_SECONDS)

    # -- who may come in

    def _refusal(self, request: _Request) -> _Refusal | None:
        """The path first: nobody learns at another one whether the secret was right."""
        if request.path == HEALTH:
            if request.command not in ("GET", "HEAD"):
                return _Refusal("405 Method Not Allowed", ("Allow", "GET, HEAD"))
            return None if request.body_rcv is None else _Refusal("400 Bad Request")
        if request.path != self._path:
            return _Refusal("404 Not Found")
        if request.command != "POST":
            return _Refusal("405 Method Not Allowed", ("Allow", "POST"))
        given = request.headers.get(SECRET_HEADER, "").encode("latin-1")
        return None if hmac.compare_digest(given, self._secret) else _Refusal("403 Forbidden")

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == HEALTH:
            done = self._able() and not self._over.is_set()
        else:
            update = read(environ["wsgi.input"].read())
            if update is None:
                start_response("400 Bad Request", [("Content-Length", "0")])
                return []
            done = self._take(update)
        status, pause = ("200 OK", []) if done else ("503 Service Unavailable", [("Retry-After", str(RETRY_SECONDS))])
        start_response(status, [("Content-Length", "0"), *pause])
        return []

    # -- the loop

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                wasyncore.loop(TURN_SECONDS, True, self._sockets, 1)
                self._close_slow()
            except Exception:
                log.exception("the door of the webhook")
                self._over.wait(TURN_SECONDS)
            if self._server.accepting:  # else something has closed it: late, and at last given up
                self._turn = time.monotonic()
        self._close()

    def _close_slow(self) -> None:
        """A connection may not bring its request for ever, nor may too many of them wait."""
        now, waiting = time.time(), []
        for channel in list(self._server.active_channels.values()):
            begun, patience = channel.since()
            if not channel.requests:
                waiting.append((begun, id(channel), channel, begun + patience < now))
        waiting.sort(reverse=True)
        for place, (_, _, channel, slow) in enumerate(waiting):
            if slow or place >= MOST_WAITING:
                channel.will_close = True

    def _close(self) -> None:
        wasyncore.dispatcher.close(self._server)  # the listening socket alone
        until = time.monotonic() + LEAVING_SECONDS
        while time.monotonic() < until and self._answering():
            wasyncore.loop(0.1, True, self._sockets, 1)
        self._server.task_dispatcher.shutdown(timeout=0)
        self._server.trigger.close()
        wasyncore.close_all(self._sockets)

    def _answering(self) -> bool:
        return any(each.requests or each.total_outbufs_len for each in self._server.active_channels.values())


def read(body: bytes) -> Update | None:
    """The update in a body, with whole characters; None for what is none, or what no file could hold."""
    try:
        update = orjson.loads(body)
    except orjson.JSONDecodeError:  # it refuses half characters
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return None
    number = update.get("update_id") if isinstance(update, dict) else None
    if type(number) is not int or not 0 <= number < 2**63:
        return None
    try:
        update = whole_characters(update)
        orjson.dumps(update)
    except (TypeError, ValueError, RecursionError):  # nested too deep
        return None
    return dict(update)
