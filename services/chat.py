"""Chat Completions: one question streamed from OpenAI or any compatible provider, its usage and its failures."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal, TypeVar

import httpx2
import openai
import orjson

from services import wire

CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 60.0  # the longest gap between two bytes; afterwards the call counts as stalled
TOTAL_SECONDS = 600.0  # the longest answer; enforced by whoever watches the `wire.Call`
LARGEST_COUNT = 10**9  # tokens of one call; a provider that counts more, or less than none, is not believed
# A call that fails before its first byte is sent once more, after the pause its refusal asks for if that is short.
RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.5, 5.0

Failure = Literal["auth", "quota", "busy", "stalled", "network", "too_long", "filtered", "no_model", "broken", "empty"]
Message = dict[str, Any]
T = TypeVar("T")

# These names think before they answer, take `max_completion_tokens` and a reasoning effort; others take `max_tokens`.
# https://platform.openai.com/docs/guides/reasoning
_THINKING = re.compile(r"^(gpt-[5-9]|o\d)")


class ChatError(Exception):
    """The model gave no whole answer; `kind` says why in our own words, the provider's text goes to the log only."""

    def __init__(self, kind: Failure, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind = kind


@dataclass(frozen=True)
class Usage:
    """Tokens of one call as the provider counted them, or as we estimated them when it did not say."""

    prompt: int
    answer: int
    cached: int = 0
    reasoning: int = 0
    estimated: bool = False

    @property
    def total(self) -> int:
        return self.prompt + self.answer


@dataclass(frozen=True)
class Question:
    """What is sent to a model; `limit` is the longest answer in tokens."""

    model: str
    messages: list[Message]
    limit: int
    effort: str = "none"


@dataclass
class Answer:
    """What came back so far, readable from other threads while it grows; complete when `finish` is set."""

    pieces: list[str] = field(default_factory=list)
    finish: str | None = None
    usage: Usage | None = None

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to see: Telegram takes no message of spaces and zero-width characters."""
        return not any(letter.isprintable() and letter != " " for letter in self.text)


def estimate(text: str) -> int:
    """Tokens of a text, guessed without any download: a quarter per ASCII character, half for all others."""
    ascii_length = len(text.encode("ascii", "ignore"))
    return (ascii_length + 2 * (len(text) - ascii_length) + 3) // 4


def estimate_messages(messages: list[Message]) -> int:
    """Tokens of a prompt, with OpenAI's four a message and three for the answer's beginning."""
    return sum(estimate(message["content"]) + 4 for message in messages) + 3


class Models:
    """The provider's chat models over one pooled connection; safe to call from many threads."""

    def __init__(self, base_url: str, key: str, proxy: str | None = None) -> None:
        timeout = httpx2.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
        http = wire.client(timeout=timeout, connections=1000, proxy=proxy)
        self._client = openai.OpenAI(api_key=key, base_url=base_url, max_retries=0, http_client=http)
        completions = self._client.chat.completions  # raw: the SDK's typed answers cost milliseconds each
        self._at_once = completions.with_raw_response.create
        self._streamed = completions.with_streaming_response.create

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def stream(self, question: Question, answer: Answer, call: wire.Call) -> None:
        """Fill `answer` piece by piece; raise `ChatError`, or `wire.CutError` when cut."""
        with _failures(), call.running():
            _twice(call, answer, partial(self._read_stream, question, answer))
        _complete(question, answer)

    def _read_stream(self, question: Question, answer: Answer) -> None:
        body = _body(question) | {"stream": True, "stream_options": {"include_usage": True}}
        with self._streamed(model=question.model, messages=[], stream=True, extra_body=body) as response:
            for event in _events(response.iter_bytes()):
                _take(event, answer)

    def ask(self, question: Question, answer: Answer, call: wire.Call) -> None:
        """Fill `answer` at once; raise `ChatError`, or `wire.CutError` when cut."""
        with _failures(), call.running():
            send = partial(self._at_once, model=question.model, messages=[], extra_body=_body(question))
            _take(_json(_twice(call, answer, send).content), answer)
        _complete(question, answer)


def _twice(call: wire.Call, answer: Answer, send: Callable[[], T]) -> T:
    """Send, and before the first word once more if it may help; not by the SDK, whose pauses no Stop could end."""
    try:
        return send()
    except (openai.APIConnectionError, openai.APIStatusError) as error:
        pause = _pause(error)
        if pause is None or answer.pieces:
            raise
    call.pause(pause)
    return send()


def _pause(error: openai.APIError) -> float | None:
    """Seconds before the call may be tried again; None when that is far off or would not help."""
    if not isinstance(error, openai.APIStatusError):
        return RETRY_SECONDS
    if _status(error) not in ("busy", "stalled"):
        return None
    try:
        asked = float(error.response.headers.get("retry-after", RETRY_SECONDS))
    except ValueError:  # a date
        return None
    return asked if 0 <= asked <= LONGEST_RETRY_SECONDS else None


def _body(question: Question) -> dict[str, Any]:
    """The parameters that the SDK need not look at: typed arguments cost it milliseconds on a long history."""
    body: dict[str, Any] = {"messages": question.messages}
    if _THINKING.match(question.model):
        return body | {"max_completion_tokens": question.limit, "reasoning_effort": question.effort}
    return body | {"max_tokens": question.limit}


def _events(chunks: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """Server-sent events of a stream, decoded."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            data = line.removeprefix(b"data:").strip() if line.startswith(b"data:") else b""
            if data and data != b"[DONE]":
                yield _json(data)


def _json(data: bytes) -> dict[str, Any]:
    """An object of the provider; half characters, which the fast decoder refuses, become U+FFFD."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        whole = json.dumps(json.loads(data), ensure_ascii=False).encode("utf-16", "surrogatepass")
        found = json.loads(whole.decode("utf-16", "replace"))
    return found if isinstance(found, dict) else {}


def _take(event: dict[str, Any], answer: Answer) -> None:
    """Put one event, or one whole completion, into the answer."""
    if event.get("error"):
        raise ChatError("broken", str(event["error"])[:500])
    if event.get("usage"):
        answer.usage = _usage(event["usage"]) or answer.usage
    for choice in event.get("choices") or ():
        said = choice.get("delta") or choice.get("message") or {}
        piece = said.get("content") or said.get("refusal")
        answer.finish = choice.get("finish_reason") or answer.finish
        if piece:
            answer.pieces.append(piece)


def _usage(raw: dict[str, Any]) -> Usage | None:
    """The provider's figures, None when they are none: wallets are charged by them."""
    prompt = raw.get("prompt_tokens_details") or {}
    completion = raw.get("completion_tokens_details") or {}
    counts = [
        group.get(name) or 0
        for group, name in (
            (raw, "prompt_tokens"),
            (raw, "completion_tokens"),
            (prompt, "cached_tokens"),
            (completion, "reasoning_tokens"),
        )
    ]
    if not all(isinstance(count, int) and 0 <= count <= LARGEST_COUNT for count in counts):
        return None
    return Usage(counts[0], counts[1], cached=counts[2], reasoning=counts[3])


def estimated_usage(question: Question, answer: Answer) -> Usage:
    """What an answer without the provider's figures is taken to have cost."""
    return Usage(estimate_messages(question.messages), estimate(answer.text), estimated=True)


def _complete(question: Question, answer: Answer) -> None:
    """Judge an answer whose stream has ended: some providers end a broken one politely."""
    if answer.finish == "content_filter" and answer.is_blank:
        raise ChatError("filtered")
    if answer.finish is None:
        raise ChatError("broken", "the stream ended without a finish_reason")
    if answer.is_blank:
        raise ChatError("empty", f"finish_reason {answer.finish}")
    answer.usage = answer.usage or estimated_usage(question, answer)


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what the SDK and the wire raise into `ChatError`."""
    try:
        yield
    except openai.APITimeoutError as error:
        raise ChatError("stalled", str(error)) from error
    except openai.APIStatusError as error:
        raise ChatError(_status(error), f"{error.status_code} {error.message[:300]}") from error
    except httpx2.TimeoutException as error:
        raise ChatError("stalled", str(error)) from error
    except (openai.APIConnectionError, httpx2.TransportError) as error:
        raise ChatError("network", repr(error)) from error
    except (json.JSONDecodeError, UnicodeDecodeError, openai.OpenAIError, AttributeError, TypeError) as error:
        raise ChatError("broken", repr(error)[:300]) from error


def _status(error: openai.APIStatusError) -> Failure:
    """Our word for a refusal of the provider. https://platform.openai.com/docs/guides/error-codes"""
    code = str(error.code or "")
    if code == "insufficient_quota" or error.status_code == 402:
        return "quota"
    if code in ("context_length_exceeded", "string_above_max_length"):
        return "too_long"
    if code in ("content_filter", "content_policy_violation", "moderation_blocked"):
        return "filtered"
    by_status: dict[int, Failure] = {
        401: "auth",
        403: "auth",
        404: "no_model",
        408: "stalled",
        409: "busy",
        429: "busy",
    }
    return by_status.get(error.status_code, "busy" if error.status_code >= 500 else "broken")
