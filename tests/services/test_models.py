"""What becomes of a question at a provider that is ill: over real sockets, answers byte by byte as given."""

import gzip
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from services import provider
from services.models import Models
from services.provider import ModelError
from services.question import Answer, Link, Question
from services.wire import Call

ASKED = [{"role": "user", "content": "Hello"}]
GOOD = b'data: {"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]}\n\n'


class Provider:
    """Gives each connection the next of `answers`, the last for ever; `asked` are its request lines and bodies."""

    def __init__(self) -> None:
        self.answers = [b""]
        self.asked: list[tuple[str, bytes]] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            with caller:
                self._serve(caller)

    def _serve(self, caller: socket.socket) -> None:
        given = b""
        while b"\r\n\r\n" not in given:
            given += caller.recv(65_536)
        head, _, body = given.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        while length and len(body) < int(length[1]):
            body += caller.recv(65_536)
        self.asked.append((head.decode().splitlines()[0], body))
        try:
            caller.sendall(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        except OSError:
            return  # it has heard enough

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def ill() -> Iterator[Provider]:
    running = Provider()
    yield running
    running.close()


def http(body: bytes, status: str = "200 OK", head: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body


def streamed(*events: object) -> bytes:
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)


def answered(url: str, question: Question | None = None) -> Answer:
    models, answer = Models(url, "key"), Answer()
    try:
        models.stream(question or Question("some-model", ASKED, 400), answer, Call())
    finally:
        models.close()
    return answer


def kind(ask: Callable[[], object]) -> str:
    with pytest.raises(ModelError) as caught:
        ask()
    return caught.value.kind


@pytest.mark.parametrize(
    ("base", "asked"),
    [
        ("", "/chat/completions"),
        ("/", "/chat/completions"),
        ("/v1", "/v1/chat/completions"),
        ("/v1/", "/v1/chat/completions"),
        ("/openai/v1?api-version=preview", "/openai/v1/chat/completions?api-version=preview"),
    ],
)
def test_where_a_question_goes(ill: Provider, base: str, asked: str) -> None:
    ill.answers = [http(GOOD)]
    assert answered(ill.url + base).text == "Hi"
    assert ill.asked[0][0] == f"POST {asked} HTTP/1.1"


def test_a_query_goes_along_with_the_other_calls(ill: Provider) -> None:
    ill.answers = [http(b'{"data": []}', head="Content-Type: application/json\r\n")]
    models = Models(f"{ill.url}/v1?api-version=preview", "key")
    models.client.models.with_raw_response.list()
    models.close()
    assert ill.asked[0][0] == "GET /v1/models?api-version=preview HTTP/1.1"


@pytest.mark.parametrize(
    "answer",
    [
        http(b"no gzip", head="Content-Encoding: gzip\r\n"),
        http(gzip.compress(GOOD)[:-30], head="Content-Encoding: gzip\r\n"),
        http(b"", "302 Found", "Location: /v1/chat/completions\r\n"),
        http(b"", "204 No Content"),
        http(b"data: {oops\n\n"),
        http(b"data: " + b'{"a":' * 5000 + b"\n\n"),
        http(streamed({"choices": [None]})),
        http(streamed({"choices": [{"delta": {"content": "Half"}, "finish_reason": "insufficient_system_resource"}]})),
    ],
)
def test_what_makes_no_sense_is_a_broken_answer(ill: Provider, answer: bytes) -> None:
    ill.answers = [answer]
    assert kind(lambda: answered(ill.url)) == "broken"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (http(b"\xff\xfe", "401 No", "Content-Type: text/html; charset=utf-16\r\n"), "auth"),
        (http(b"{}", "401 No", "Content-Type: application/json; charset=hex\r\n"), "auth"),
        (http(b"no gzip", "401 No", "Content-Encoding: gzip\r\n"), "auth"),
        (b"HTTP/1.1 401 No\r\nContent-Length: 1000\r\n\r\ncut", "auth"),
        (http(b'[{"error": {"code": 401}}]', "401 No"), "auth"),
        (http(b'{"error": {"code": "insufficient_quota", "message": "\\ud83d"}}', "400 No"), "quota"),
    ],
)
def test_a_refusal_counts_whatever_its_words_are(ill: Provider, answer: bytes, expected: str) -> None:
    ill.answers = [answer]
    assert kind(lambda: answered(ill.url)) == expected


def test_of_a_large_refusal_only_the_beginning_is_read() -> None:
    class Large:
        status_code, request, headers, taken = 400, None, {}, 0  # type: ignore[var-annotated]

        def iter_bytes(self) -> Iterator[bytes]:
            for _ in range(10_000):
                self.taken += 1
                yield b"x" * 10_000

    large = Large()
    assert len(str(provider.refusal(large))) < 100_000  # type: ignore[arg-type]
    assert large.taken < 10


def test_the_last_event_may_have_no_end(ill: Provider) -> None:
    ill.answers = [http(GOOD.rstrip())]
    assert answered(ill.url).text == "Hi"


def test_a_server_may_know_no_streams(ill: Provider) -> None:
    whole = {"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}
    ill.answers = [http(json.dumps(whole, indent=2).encode()), http(b'{"error": {"code": "insufficient_quota"}}')]
    assert answered(ill.url).text == "Hi"
    assert kind(lambda: answered(ill.url)) == "quota"


def test_a_torn_character_is_not_the_end_of_an_answer(ill: Provider) -> None:
    ill.answers = [http(b'data: {"choices": [{"delta": {"content": "a\xd0"}}]}\n\n' + GOOD)]
    assert answered(ill.url).text == "a\ufffdHi"


def test_words_in_parts_and_figures_that_are_none(ill: Provider) -> None:
    parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "hmm"}]}, {"type": "text", "text": "Hi"}]
    event = {"choices": [{"delta": {"content": parts}, "finish_reason": "stop"}], "usage": "none"}
    ill.answers = [http(streamed({"choices": [{"delta": {"content": 5}}]}, event))]
    answer = answered(ill.url)
    assert answer.text == "Hi"
    assert answer.usage is not None
    assert answer.usage.estimated


@pytest.mark.parametrize("event", [{"type": "response.output_text.delta"}, {"type": "response.created"}])
def test_an_event_without_what_belongs_to_it(ill: Provider, event: object) -> None:
    ill.answers = [http(streamed(event))]
    assert kind(lambda: answered(ill.url, Question("some-model", ASKED, 400, api="responses"))) == "broken"


@pytest.mark.parametrize("inside", [True, False])
def test_a_chain_lost_inside_a_stream_is_healed(ill: Provider, inside: bool) -> None:
    error = {"code": "previous_response_not_found", "message": "Previous response with id 'a' not found."}
    failed = {"type": "response.failed", "response": {"status": "failed", "error": error}}
    done = {"type": "response.completed", "response": {"status": "completed"}}
    good = http(streamed({"type": "response.output_text.delta", "delta": "Hi"}, done))
    ill.answers = [http(streamed(failed if inside else {"type": "error"} | error)), good]
    question = Question("some-model", ASKED, 400, api="responses", keep=True, previous=Link("a", 0))
    answer = answered(ill.url, question)
    assert (answer.text, answer.lost) == ("Hi", True)
    assert [b"previous_response_id" in body for _, body in ill.asked] == [True, False]
