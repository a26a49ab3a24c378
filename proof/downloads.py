"""R20: downloads that stall, drip, lie about their size or never end: over in a minute, never more than allowed."""

import io
import itertools
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from unittest import mock

from proof.trial import Outcome, Wrong, must, run_trials
from telegram_io import Telegram, files, wire
from telegram_io.wire import DownloadError

LIMIT = 1_000_000  # bytes allowed
AT_ONCE = 30  # downloads: they mostly wait
SHORT = 20  # fewer trials are run with a shorter minute
SHORT_MINUTE, SHORT_SILENCE = 8.0, 1.0
GRACE = 1.0  # seconds
LONGEST = 300.0  # seconds the server keeps silent
TOKEN = "123456:proof"
NEVER_ASKED = ("said to be huge", "no answer to getFile")  # no byte of these is wanted


def bounded(trials: int) -> Outcome:
    """R20: `trials` downloads of all kinds from a server that means harm."""
    server = _Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    telegram = Telegram(TOKEN, f"http://127.0.0.1:{server.server_port}")
    kinds = list(itertools.islice(itertools.cycle(HARMS), trials))
    try:
        with _shorter(trials < SHORT):
            ran = run_trials(trials, lambda number, _: _one(telegram, server, kinds[number]), AT_ONCE)
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
    longest = max((each[0] for each in ran.found), default=0.0)
    most = max((each[1] for each in ran.found), default=0)
    limit = f", with a minute of {SHORT_MINUTE:.0f} s" if trials < SHORT else ""
    return Outcome(
        trials, ran.failures, f"over after {longest:.1f} s at most, {most:,} bytes of {LIMIT:,} taken{limit}"
    )


@contextmanager
def _shorter(short: bool) -> Iterator[None]:
    with ExitStack() as changed:
        if short:
            changed.enter_context(mock.patch.object(files, "DOWNLOAD_SECONDS", SHORT_MINUTE))
            for module in (files, wire):
                changed.enter_context(mock.patch.object(module, "STILL_SECONDS", SHORT_SILENCE))
        yield


def _one(telegram: Telegram, server: "_Server", kind: str) -> tuple[float, int]:
    """Seconds until the worker was free, and bytes it had taken."""
    into, ends, begun = io.BytesIO(), SimpleQueue[str](), time.monotonic()
    threading.Thread(target=_download, args=(telegram, kind, into, ends), daemon=True).start()
    try:
        end = ends.get(timeout=files.DOWNLOAD_SECONDS + GRACE)
    except Empty:
        raise Wrong(f"{kind}: not over after {time.monotonic() - begun:.1f} s") from None
    must(end == "refused", f"{kind}: {end}")
    wanted = kind if kind in NEVER_ASKED else f"{kind}, asked for"
    must(wanted in server.met, f"{kind}: was not met")
    taken = into.getbuffer().nbytes
    must(taken <= LIMIT, f"{kind}: {taken} bytes were taken")
    return time.monotonic() - begun, taken


def _download(telegram: Telegram, kind: str, into: io.BytesIO, ends: "SimpleQueue[str]") -> None:
    try:
        ends.put(f"came as a file of {telegram.download(kind, into, LIMIT)} bytes")
    except DownloadError:
        ends.put("refused")
    except Exception as error:
        ends.put(f"raised {type(error).__name__}: {error}")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Harm)
        self.over = threading.Event()
        self.met: set[str] = set()  # kinds of harm that came to it

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever goes away in the middle is right."""


class _Harm(BaseHTTPRequestHandler):
    """Telegram's file server as it must not be; the id of a file is the kind of harm."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        """Nothing is said of it."""

    def do_POST(self) -> None:
        """getFile, with a lie about the size."""
        kind: str = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["file_id"]
        self.server.met.add(kind)
        if kind == "no answer to getFile":
            self.server.over.wait(LONGEST)
        size = {"said to be huge": 3_000_000_000, "size not said": None}.get(kind, 100)
        file = {"file_id": kind, "file_unique_id": kind, "file_path": kind} | ({"file_size": size} if size else {})
        content = json.dumps({"ok": True, "result": file}).encode()
        self._begin(len(content))
        self.wfile.write(content)

    def do_GET(self) -> None:
        """The file."""
        kind = self.path.rpartition("/")[2].replace("%20", " ")
        self.server.met.add(f"{kind}, asked for")
        self.close_connection = True
        HARMS[kind](self)

    def _begin(self, length: int | None, **headers: str) -> None:
        self.send_response(200)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def stall(self) -> None:
        """A beginning, then silence."""
        self._begin(500_000)
        self.wfile.write(b"x" * 1000)
        self.server.over.wait(LONGEST)

    def silent(self) -> None:
        """Nothing at all."""
        self.server.over.wait(LONGEST)

    def drip(self) -> None:
        """Never silent, never done."""
        self._begin(500_000)
        self._slowly()

    def drip_headers(self) -> None:
        """A headline without end."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        self._slowly()

    def _slowly(self) -> None:
        while not self.server.over.is_set():
            self.wfile.write(b"x")
            self.wfile.flush()
            self.server.over.wait(0.3)

    def endless(self) -> None:
        """As fast as it can, for ever, in chunks."""
        self._begin(None, Transfer_Encoding="chunked")
        while True:
            self.wfile.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")

    def longer(self) -> None:
        """Thirty megabytes instead of a hundred bytes."""
        self._begin(30_000_000)
        for _ in range(30):
            self.wfile.write(b"x" * 1_000_000)

    def shorter(self) -> None:
        """Less than was said, and gone."""
        self._begin(500_000)
        self.wfile.write(b"x" * 10_000)

    def reset(self) -> None:
        """The line is cut."""
        self._begin(500_000)
        self.wfile.write(b"x" * 10_000)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def elsewhere(self) -> None:
        """Sent to another address."""
        self.send_response(302)
        self.send_header("Location", "http://127.0.0.1:9/")
        self.send_header("Content-Length", "0")
        self.end_headers()


HARMS: dict[str, Callable[[_Harm], None]] = {
    "stall": _Harm.stall,
    "silent": _Harm.silent,
    "drip": _Harm.drip,
    "headers drip": _Harm.drip_headers,
    "endless": _Harm.endless,
    "size not said": _Harm.endless,
    "said to be huge": _Harm.silent,
    "longer than said": _Harm.longer,
    "shorter than said": _Harm.shorter,
    "reset": _Harm.reset,
    "elsewhere": _Harm.elsewhere,
    "no answer to getFile": _Harm.silent,
}
