"""A provider's models over one pooled connection, by whichever API a question travels."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import openai

from config import Api
from services import chat, provider, responses, wire
from services.provider import MOST_CALLS, decoded, failures, twice
from services.question import Answer, Question, complete

COUNTED = "stream_options"  # without it a stream carries no usage, but older servers refuse what they do not know


class Language(NamedTuple):
    """How one API is spoken: what is sent, by which calls of the SDK, and what each event of an answer means."""

    body: Callable[[Question], dict[str, Any]]
    at_once: Callable[..., Any]  # raw: the SDK's typed answers cost milliseconds each
    streamed: Callable[..., Any]
    take: Callable[[dict[str, Any], Answer], None]  # one event of a stream, or a whole answer
    in_pieces: dict[str, Any]  # what is sent besides for a stream


class Models:
    """Safe to call from many threads."""

    def __init__(self, base_url: str, key: str, proxy: str | None = None) -> None:
        self.client = provider.client(base_url, key, proxy)
        self._languages = _languages(self.client)

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
            except openai.APIStatusError as error:
                again = self._put_right(question, answer, error)
                if again is None or call.sent >= MOST_CALLS:
                    raise
                twice(call, partial(read, again, answer), lambda: bool(answer.pieces))
        complete(question, answer)

    def _put_right(self, question: Question, answer: Answer, error: openai.APIStatusError) -> Question | None:
        """What to send after a refusal that can be helped: a chain that is not known any more is left, what it stood
        for is sent; a server that can't count a stream is not asked to any more. None for any other refusal.
        """
        if question.previous is not None and responses.is_lost(error):
            answer.lost = True
            return replace(question, previous=None)
        if question.api == "chat" and error.status_code in (400, 422) and COUNTED in error.message:
            self._languages["chat"] = self._languages["chat"]._replace(in_pieces={"stream": True})
            return question
        return None

    def _read_stream(self, question: Question, answer: Answer) -> None:
        language = self._languages[question.api]
        body = language.body(question) | language.in_pieces
        with language.streamed(model=question.model, stream=True, extra_body=body) as response:
            for event in events(response.iter_bytes()):
                language.take(event, answer)

    def _read_whole(self, question: Question, answer: Answer) -> None:
        language = self._languages[question.api]
        raw = language.at_once(model=question.model, extra_body=language.body(question))
        language.take(decoded(raw.content), answer)

    def forget(self, response: str) -> None:
        """Delete what the provider keeps of an answer, if it still does; raise `ModelError`."""
        with failures():
            try:
                self.client.responses.with_raw_response.delete(response, timeout=provider.CONNECT_SECONDS)
            except openai.NotFoundError:
                return


def _languages(client: openai.OpenAI) -> dict[Api, Language]:
    completions, stored = client.chat.completions, client.responses
    return {
        "chat": Language(
            chat.body,
            partial(completions.with_raw_response.create, messages=[]),
            partial(completions.with_streaming_response.create, messages=[]),
            chat.take,
            {"stream": True, COUNTED: {"include_usage": True}},
        ),
        "responses": Language(
            responses.body,
            stored.with_raw_response.create,
            stored.with_streaming_response.create,
            responses.take,
            {"stream": True},
        ),
    }


def events(chunks: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """Server-sent events of a stream, decoded."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            data = line.removeprefix(b"data:").strip() if line.startswith(b"data:") else b""
            if data and data != b"[DONE]":
                yield decoded(data)
