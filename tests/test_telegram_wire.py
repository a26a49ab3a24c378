"""What leaves over the wire, when, and what is taken for an answer; over real HTTP."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from telegram_io import UNCERTAIN
from telegram_io.wire import DownloadError, Wire, _Body, retry_after


class Server(ThreadingHTTPServer):
    """Answers every request with the next of `answers`, the last for ever; `asked` are the paths."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, bytes]] = [(200, b'{"ok":true,"result":true}')]
        self.asked: list[str] = []
        self.drip: float | None = None  # seconds between two bytes of an answer
        self.url = f"http://127.0.0.1:{self.server_address[1]}/bot1:token"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(self.path)
        status, body = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        if self.server.drip is None:
            self.wfile.write(body)
            return
        with contextlib.suppress(ConnectionError):
            for byte in body:
                self.wfile.write(bytes([byte]))
                time.sleep(self.server.drip)

    def do_GET(self) -> None:
        """A file that breaks off in the middle."""
        chunked = self.path.endswith("chunked")
        self.send_response(200)
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", "1000")))
        self.end_headers()
        self.wfile.write(b"5\r\nonce \r\n" if chunked else b"once ")
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()


class Paces:
    """A pacer that notes who waited."""

    def __init__(self) -> None:
        self.waited: list[tuple[str, str]] = []

    def wait(self, chat: str, urgency: str) -> None:
        self.waited.append((chat, urgency))


def refusal(seconds: object) -> tuple[int, bytes]:
    body = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": seconds}}
    return 429, json.dumps(body).encode()


@pytest.mark.parametrize(
    ("method", "counted"),
    [
        *((name, True) for name in ("sendMessage", "sendRichMessage", "sendDocument", "sendInvoice", "sendMediaGroup")),
        *((name, True) for name in ("editMessageText", "editMessageReplyMarkup", "copyMessage", "forwardMessage")),
        *((name, False) for name in ("sendMessageDraft", "sendRichMessageDraft", "sendChatAction")),
        *((name, False) for name in ("answerCallbackQuery", "answerPreCheckoutQuery", "getChatMember", "getUpdates")),
    ],
)
def test_what_counts_as_a_message(server: Server, method: str, counted: bool) -> None:
    wire, paces = Wire(None, 30, threading.Event()), Paces()
    wire.pacer = paces
    wire.post("post", f"{server.url}/{method}", {"chat_id": 101})
    assert paces.waited == ([("101", "answer")] if counted else [])


def test_a_chat_is_left_alone_by_everybody_and_others_are_not(server: Server) -> None:
    wire = Wire(None, 0, threading.Event())
    server.answers = [refusal(300), (200, b'{"ok":true,"result":true}')]
    assert wire.post("post", f"{server.url}/sendMessage", {"chat_id": 101}).status_code == 429
    for method in ("sendMessage", "editMessageText", "sendMessageDraft", "sendChatAction"):
        answer = wire.post("post", f"{server.url}/{method}", {"chat_id": "101"})
        assert 299 < retry_after(answer.json()) <= 300
    assert len(server.asked) == 1
    assert wire.post("post", f"{server.url}/sendMessage", {"chat_id": 102}).status_code == 200
    assert wire.post("post", f"{server.url}/getUpdates").status_code == 200


def test_a_shorter_wish_does_not_end_a_longer_one(server: Server) -> None:
    wire = Wire(None, 0, threading.Event())
    wire._keep_quiet("101", 300)
    wire._keep_quiet("101", 1)
    assert wire._quiet_left("101") > 299


def test_who_waited_for_a_turn_hears_of_a_429_in_the_meantime(server: Server) -> None:
    wire = Wire(None, 30, threading.Event())

    class Told(Paces):
        def wait(self, chat: str, urgency: str) -> None:
            wire._keep_quiet(chat, 300)

    wire.pacer = Told()
    assert wire.post("post", f"{server.url}/sendMessage", {"chat_id": 101}).status_code == 429
    assert server.asked == []


@pytest.mark.parametrize(
    ("parameters", "seconds"),
    [
        ({"retry_after": 5}, 5.0),
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": 10**9}, 86_400.0),
        *((each, 0.0) for each in ({"retry_after": -5}, {"retry_after": float("nan")}, {"retry_after": None}, {})),
        *((each, 0.0) for each in ({"retry_after": "soon"}, {"retry_after": [5]}, None, [5], "5")),
    ],
)
def test_the_time_a_429_asks_for(parameters: Any, seconds: float) -> None:
    assert retry_after({"parameters": parameters}) == seconds


@pytest.mark.parametrize(
    "content",
    [
        *("", "null", "[]", "{}", '"ok"', '{"ok":true}', '{"ok":false}', '{"result":1}', "<html>", '{"ok":true,"resul'),
        *('{"ok":false,"error_code":"5","description":"x"}', '{"ok":false,"error_code":500}', '{"ok":1,"result":1}'),
    ],
)
def test_what_is_no_answer_of_the_bot_api(content: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what telebot waits for
        _Body(200, "OK", content.encode()).json()


def test_a_redirect_is_not_followed(server: Server) -> None:
    server.answers = [(302, b"")]
    assert Wire(None, 0, threading.Event()).post("post", f"{server.url}/getMe").status_code == 302
    assert server.asked == ["/bot1:token/getMe"]


def test_an_answer_that_drips_is_given_up(server: Server) -> None:
    server.drip = 0.02
    server.answers = [(200, b" " * 3_000 + b'{"ok":true,"result":true}')]
    begun = time.monotonic()
    with pytest.raises(UNCERTAIN):
        Wire(None, 0, threading.Event()).post("post", f"{server.url}/sendMessage", {"chat_id": 101}, timeout=(5, 0.5))
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("how", ["with its length", "chunked"])
def test_half_a_file_is_not_taken_for_a_whole_one(server: Server, how: str) -> None:
    pieces = Wire(None, 0, threading.Event()).pieces(f"{server.url}/{how.replace(' ', '-')}", time.monotonic() + 60)
    assert next(pieces) == b"once "
    with pytest.raises(DownloadError, match="stalled"):
        next(pieces)
