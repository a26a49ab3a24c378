"""A provider's models over one pooled connection, by whichever API a question travels."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import IO, Any, NamedTuple

import httpx2
import openai
import orjson

from config import Api
from services import chat, provider, responses, wire
from services.provider import MOST_CALLS, decoded, failures, refusal, twice
from services.question import Answer, Question, complete

KEPT_SECONDS = 86_400  # a file that was asked about
NO_SUCH_DOOR = (404, 405, 501)  # a server that keeps no files
COUNTED = "stream_options"  # without it a stream carries no usage, but older servers refuse what they do not know


class Language(NamedTuple):
    """How one API is spoken: where a question goes, what is sent, and what each event of an answer means."""

    path: str
    body: Callable[[Question], dict[str, Any]]
    take: Callable[[dict[str, Any], Answer], None]  # one event of a stream, or a whole answer
    in_pieces: dict[str, Any]  # what is sent besides for a stream


LANGUAGES: dict[Api, Language] = {
    "chat": Language("chat/completions", chat.body, chat.take, {"stream": True, COUNTED: {"include_usage": True}}),
    "responses": Language("responses", responses.body, responses.take, {"stream": True}),
}


class Models:
    """Safe to call from many threads."""

    def __init__(self, base_url: str, key: str, proxy: str | None = None) -> None:
        self._http = provider.http(proxy)
        self.client = provider.client(base_url, key, self._http)
        base, query = self.client.base_url, httpx2.URL(base_url).params
        self._urls = {api: base.join(each.path).copy_merge_params(query) for api, each in LANGUAGES.items()}
        head = self.client.default_headers | self.client.auth_headers
        self._head = {name: value for name, value in head.items() if isinstance(value, str)}
        self._languages = dict(LANGUAGES)
        self._takes_files = True

    def close(self) -> None:
        """Give the connections back."""
        self.client.close()

    def stream(self, question: Question, answer: Answer, call: wire.Call) -> None:
        """Fill `answer` piece by piece; raise `ModelError`, or `wire.CutError` when cut."""
        call.in_pieces = True
        self._fill(question, answer, call, self._read_stream)

    def ask(self, question: Question, answer: Answer, call: wire.Call) -> None:
        """Fill `answer` at once; raise `ModelError`, or `wire.CutError` when cut."""
        self._fill(question, answer, call, self._read_whole)

    def _fill(
        self, question: Question, answer: Answer, call: wire.Call, read: Callable[[Question, Answer], None]
    ) -> None:
        with failures(), call.running():
            try:
                twice(call, partial(read, question, answer), lambda: bool(answer.pieces))
            except (openai.APIStatusError, responses.LostError) as error:
                again = self._put_right(question, answer, error)
                if again is None or answer.pieces or call.sent >= MOST_CALLS:
                    raise
                twice(call, partial(read, again, answer), lambda: bool(answer.pieces))
        complete(question, answer)

    def _put_right(
        self, question: Question, answer: Answer, error: openai.APIStatusError | responses.LostError
    ) -> Question | None:
        """What to send after a refusal that can be helped: a chain that is not known any more is left, what it stood
        for is sent; a server that can't count a stream is not asked to any more. None for any other refusal.
        """
        if question.previous is not None and responses.is_lost(error):
            answer.lost = True
            return replace(question, previous=None)
        refused = isinstance(error, openai.APIStatusError) and error.status_code in (400, 422)
        if question.api == "chat" and refused and COUNTED in str(error):
            self._languages["chat"] = self._languages["chat"]._replace(in_pieces={"stream": True})
            return question
        return None

    def _read_stream(self, question: Question, answer: Answer) -> None:
        language = self._languages[question.api]
        with self._sent(question, language, True) as response:
            chunks = response.iter_bytes()
            first = next(chunks, b"")
            if first.lstrip().startswith(b"{"):  # some servers know no streams, or no failures inside of them
                language.take(decoded(b"".join([first, *chunks])), answer)
                return
            for event in events(chain([first], chunks)):
                language.take(event, answer)

    def _read_whole(self, question: Question, answer: Answer) -> None:
        language = self._languages[question.api]
        with self._sent(question, language, False) as response:
            language.take(decoded(response.read()), answer)

    @contextmanager
    def _sent(self, question: Question, language: Language, in_pieces: bool) -> Iterator[httpx2.Response]:
        """What comes back, not read yet; raise `openai.APIStatusError`.

        By the SDK's own client and headers, not by its typed calls: those take a fifth of an answer's processor time.
        """
        body = {"model": question.model, **language.body(question), **(language.in_pieces if in_pieces else {})}
        url = self._urls[question.api]
        request = self._http.build_request("POST", url, content=orjson.dumps(body), headers=self._head)
        response = self._http.send(request, stream=True)
        try:
            if response.is_error:
                raise refusal(response)
            yield response
        finally:
            response.close()

    def forget(self, response: str) -> None:
        """Delete what the provider keeps of an answer, if it still does; raise `ModelError`."""
        with failures(), suppress(openai.NotFoundError):
            self.client.responses.with_raw_response.delete(response, timeout=provider.CONNECT_SECONDS)

    def upload(self, name: str, file: IO[bytes], call: wire.Call) -> str:
        """Let the provider keep a PDF for a day; its id, "" where none are taken. Raise ModelError, CutError.

        https://platform.openai.com/docs/api-reference/files/create
        """
        if not self._takes_files:
            return ""
        file.seek(0)
        with failures(), call.running():
            try:
                kept = self.client.files.with_raw_response.create(
                    file=(name, file, "application/pdf"),
                    purpose="user_data",
                    expires_after={"anchor": "created_at", "seconds": KEPT_SECONDS},
                )
            except openai.APIStatusError as error:
                self._takes_files = error.status_code not in NO_SUCH_DOOR
                raise
            return str(decoded(kept.content)["id"])

    def forget_file(self, file: str) -> None:
        """Delete a file at the provider, if it still keeps it; raise `ModelError`."""
        with failures(), suppress(openai.NotFoundError):
            self.client.files.with_raw_response.delete(file, timeout=provider.CONNECT_SECONDS)


def events(chunks: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """Server-sent events of a stream, decoded; a line may be megabytes long, a picture."""
    begun: list[bytes] = []  # pieces of a line whose end has not come
    for chunk in chain(chunks, [b"\n"]):  # the last line may have no end
        *lines, rest = chunk.split(b"\n")
        if lines and begun:
            lines[0] = b"".join([*begun, lines[0]])
            begun.clear()
        begun.append(rest)
        for line in lines:
            data = line.removeprefix(b"data:").strip() if line.startswith(b"data:") else b""
            if data and data != b"[DONE]":
                yield decoded(data)
