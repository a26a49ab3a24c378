"""Chat Completions: one question streamed from OpenAI or any compatible provider, its usage and its failures."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from services import provider, wire
from services.provider import ModelError, decoded, failures, twice

TOTAL_SECONDS = 600.0  # the longest answer; enforced by whoever watches the `wire.Call`
LARGEST_COUNT = 10**9  # tokens of one call; a provider that counts more, or less than none, is not believed
# A picture looked at takes 1,536 patches at most, some models count more a patch.
# https://platform.openai.com/docs/guides/images-vision
PICTURE_TOKENS = 2_500

Message = dict[str, Any]

# These names think before they answer, take `max_completion_tokens` and a reasoning effort; others take `max_tokens`.
# https://platform.openai.com/docs/guides/reasoning
_THINKING = re.compile(r"^(gpt-[5-9]|o\d)")


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
    search: bool = False  # whether it may search the web
    thinks: bool | None = None  # whether it takes an effort; None: as far as its name tells


@dataclass
class Answer:
    """What came back so far, readable from other threads while it grows; complete when `finish` is set."""

    pieces: list[str] = field(default_factory=list)
    finish: str | None = None
    usage: Usage | None = None
    sources: dict[str, str] = field(default_factory=dict)  # of a search: address → title

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to see: Telegram takes no message of spaces and zero-width characters."""
        return not any(letter.isprintable() and letter != " " for letter in self.text)


def thinks(model: str) -> bool:
    """Whether the name of a model tells that it thinks before it answers."""
    return bool(_THINKING.match(model))


def estimate(text: str) -> int:
    """Tokens of a text, guessed without any download: a quarter per ASCII character, half for all others."""
    ascii_length = len(text.encode("ascii", "ignore"))
    return (ascii_length + 2 * (len(text) - ascii_length) + 3) // 4


def estimate_messages(messages: list[Message]) -> int:
    """Tokens of a prompt, with OpenAI's four a message and three for the answer's beginning."""
    return sum(_estimate_content(message["content"]) + 4 for message in messages) + 3


def _estimate_content(content: str | list[dict[str, Any]]) -> int:
    if isinstance(content, str):
        return estimate(content)
    return sum(estimate(part["text"]) if part["type"] == "text" else PICTURE_TOKENS for part in content)


class Models:
    """The provider's chat models over one pooled connection; safe to call from many threads."""

    def __init__(self, base_url: str, key: str, proxy: str | None = None) -> None:
        self.client = provider.client(base_url, key, proxy)
        completions = self.client.chat.completions  # raw: the SDK's typed answers cost milliseconds each
        self._at_once = completions.with_raw_response.create
        self._streamed = completions.with_streaming_response.create

    def close(self) -> None:
        """Give the connections back."""
        self.client.close()

    def stream(self, question: Question, answer: Answer, call: wire.Call) -> None:
        """Fill `answer` piece by piece; raise `ModelError`, or `wire.CutError` when cut."""
        with failures(), call.running():
            twice(call, partial(self._read_stream, question, answer), lambda: bool(answer.pieces))
        _complete(question, answer)

    def _read_stream(self, question: Question, answer: Answer) -> None:
        body = _body(question) | {"stream": True, "stream_options": {"include_usage": True}}
        with self._streamed(model=question.model, messages=[], stream=True, extra_body=body) as response:
            for event in _events(response.iter_bytes()):
                _take(event, answer)

    def ask(self, question: Question, answer: Answer, call: wire.Call) -> None:
        """Fill `answer` at once; raise `ModelError`, or `wire.CutError` when cut."""
        with failures(), call.running():
            send = partial(self._at_once, model=question.model, messages=[], extra_body=_body(question))
            _take(decoded(twice(call, send).content), answer)
        _complete(question, answer)


def _body(question: Question) -> dict[str, Any]:
    """The parameters that the SDK need not look at: typed arguments cost it milliseconds on a long history."""
    body: dict[str, Any] = {"messages": question.messages}
    if question.search:
        body["web_search_options"] = {}  # https://platform.openai.com/docs/guides/tools-web-search
    if thinks(question.model) if question.thinks is None else question.thinks:
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
                yield decoded(data)


def _take(event: dict[str, Any], answer: Answer) -> None:
    """Put one event, or one whole completion, into the answer."""
    if event.get("error"):
        raise ModelError("broken", str(event["error"])[:500])
    if event.get("usage"):
        answer.usage = _usage(event["usage"]) or answer.usage
    for choice in event.get("choices") or ():
        said = choice.get("delta") or choice.get("message") or {}
        piece = said.get("content") or said.get("refusal")
        answer.finish = choice.get("finish_reason") or answer.finish
        _cite(said.get("annotations") or (), answer)
        if piece:
            answer.pieces.append(piece)


def _cite(annotations: Iterable[Any], answer: Answer) -> None:
    """Keep the sources that an answer names; annotations of other kinds are passed over."""
    for annotation in annotations:
        source = annotation.get("url_citation") if isinstance(annotation, dict) else None
        if not isinstance(source, dict):
            continue
        url = str(source.get("url") or "")
        if re.fullmatch(r"https?://[^\s<>]+", url):
            answer.sources.setdefault(url, " ".join(str(source.get("title") or url).split()))


def _listed(sources: dict[str, str]) -> str:
    """Sources as links of Markdown, numbered."""
    links = []
    for number, (url, title) in enumerate(sources.items(), 1):
        name = re.sub(r"([\\\[\]*_`~<>|])", r"\\\1", title)
        links.append(f"{number}. [{name}]({url.replace('(', '%28').replace(')', '%29')})")
    return "\n\n" + "\n".join(links)


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
        raise ModelError("filtered")
    if answer.finish is None:
        raise ModelError("broken", "the stream ended without a finish_reason")
    if answer.is_blank:
        raise ModelError("empty", f"finish_reason {answer.finish}")
    answer.usage = answer.usage or estimated_usage(question, answer)
    if further := {url: title for url, title in answer.sources.items() if url not in answer.text}:
        answer.pieces.append(_listed(further))
