"""A call is cut at once, wherever it hangs."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import httpx2
import pytest

from sandbox.client import Sandbox
from services import wire
from services.models import Models
from services.question import Answer, Question
from services.wire import Call, CutError

HANG = 20.0  # seconds that the call would wait by itself


@pytest.fixture
def deaf() -> Iterator[tuple[str, int]]:
    """Somebody who lets connections be made and says nothing on them."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield server.getsockname()


@pytest.fixture
def full() -> Iterator[tuple[str, int]]:
    """Somebody with whom no connection comes to be: others wait already."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                caller.connect(server.getsockname())
        yield server.getsockname()


def seconds_to_cut(url: str) -> float:
    """How long a call that hangs there takes to end after it was cut."""
    client = wire.client(timeout=httpx2.Timeout(HANG), connections=5, proxy=None)
    call, ended = Call(), []

    def ask() -> None:
        try:
            with call.running():
                client.get(url)
        except BaseException as error:
            ended.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    while not (call._connecting or call._socket):
        time.sleep(0.001)
    asking.join(0.2)
    assert not ended, "it did not hang"
    begun_to_cut = time.monotonic()
    call.cut("stop")
    asking.join(HANG)
    assert [type(error) for error in ended] == [CutError]
    return time.monotonic() - begun_to_cut


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_before_the_first_byte_and_in_the_handshake(deaf: tuple[str, int], scheme: str) -> None:
    assert seconds_to_cut(f"{scheme}://{deaf[0]}:{deaf[1]}/") < 1.0


def test_while_the_connection_is_made(full: tuple[str, int]) -> None:
    assert seconds_to_cut(f"http://{full[0]}:{full[1]}/") < 1.0


def test_while_a_name_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(HANG) and [])
    assert seconds_to_cut("http://somewhere.invalid/") < 1.0
    over.set()


def test_what_was_connected_too_late_is_closed() -> None:
    call, ours = Call(), socket.socketpair()
    let_go, entered = threading.Event(), threading.Event()

    class Stream(wire.httpcore2.NetworkStream):
        def close(self) -> None:
            ours[0].close()

    def connect() -> Stream:
        entered.set()
        let_go.wait(10)
        return Stream()

    def ask() -> None:
        with pytest.raises(CutError):
            call.connects(connect)

    waiting = threading.Thread(target=ask)
    waiting.start()
    entered.wait(10)
    call.cut("stop")
    waiting.join(10)
    let_go.set()
    ours[1].settimeout(10)
    assert ours[1].recv(1) == b""


def test_a_long_stream_is_read_in_handfuls_until_it_is_cut(sandbox: Sandbox) -> None:
    script = sandbox.script("sk-handfuls")
    words = [f"word {number} " for number in range(100)]
    script.queue({"deltas": words, "per_delta": 0.01}, {"deltas": words, "per_delta": 0.01, "hold": True})
    models, whole, part = Models(f"{sandbox.url}/v1", "sk-handfuls"), Answer(), Answer()
    question, reads = Question("gpt-6-luna", [{"role": "user", "content": "Go on"}], 1000), Call()
    models.stream(question, whole, reads)
    assert whole.text == "".join(words)
    assert wire.SHORT_READS < reads._reads < 60
    call = Call()
    call.in_pieces, call._reads = True, wire.SHORT_READS
    threading.Timer(0.05, call.cut, ["stop"]).start()
    begun = time.monotonic()
    with pytest.raises(CutError):
        models.stream(question, part, call)
    assert time.monotonic() - begun < 1.0
    models.close()
