"""A question to a model and its answer, whichever API they travel by."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from config import Api
from formatting import is_blank
from services.provider import Failure, ModelError
from services.tokens import Message, estimate, estimate_messages

LARGEST_COUNT = 10**9  # tokens of one call; a provider that counts more, or less than none, is not believed
BROKEN = ("error", "insufficient_system_resource")  # so OpenRouter and DeepSeek end an answer that has failed
TOTAL_SECONDS = 600.0  # the longest answer; enforced by whoever watches the `wire.Call`

# These names think before they answer, take `max_completion_tokens` and a reasoning effort; others take `max_tokens`.
# https://platform.openai.com/docs/guides/reasoning
_THINKING = re.compile(r"^(gpt-[5-9]|o\d)")
_OPENAIS = re.compile(r"^(openai/)?(gpt-|chatgpt-|o\d)")


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


class Link(NamedTuple):
    """Words that a provider keeps: the id of their last answer, and how many messages after the prompt they are."""

    response: str
    messages: int


@dataclass(frozen=True)
class Question:
    """What is sent to a model; `limit` is the longest answer in tokens."""

    model: str
    messages: list[Message]  # all of them, the prompt first
    limit: int
    effort: str = "none"
    search: bool = False  # whether it may search the web
    thinks: bool | None = None  # whether it takes an effort; None: as far as its name tells
    api: Api = "chat"
    verbosity: str | None = None  # None: the model's own
    temperature: float | None = None  # None: the model's own
    keep: bool = False  # whether the provider is to keep it, so that the next question can go on from there
    previous: Link | None = None  # where this question goes on
    enclosed: int = 0  # tokens of pictures and files among the messages, an upper estimate
    factor: float = 1.0  # its own tokens for one of OpenAI's, where it counts none itself

    @property
    def said(self) -> list[Message]:
        """The messages after the prompt."""
        return [message for message in self.messages if message["role"] != "system"]

    @property
    def is_thoughtful(self) -> bool:
        """Whether the model takes an effort, and with it a verbosity."""
        return thinks(self.model) if self.thinks is None else self.thinks

    @property
    def heat(self) -> float | None:
        """The temperature as it may be sent: who thinks takes none."""
        return self.temperature if not self.is_thoughtful or self.effort == "none" else None


@dataclass
class Answer:
    """What came back so far, readable from other threads while it grows; complete when `finish` is set."""

    pieces: list[str] = field(default_factory=list)
    finish: str | None = None
    usage: Usage | None = None
    sources: dict[str, str] = field(default_factory=dict)  # of a search: address → title
    refused: bool = False  # the model's own words say why not
    kept: list[str] = field(default_factory=list)  # the ids of what the provider keeps, one for each try, it last
    lost: bool = False  # whether the provider did not know the answer before any more

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing to see: Telegram takes no message of spaces and zero-width characters."""
        return is_blank(self.text)

    def add(self, piece: object) -> None:
        """Put words behind the others; who sends them in parts has thoughts among them, which are not shown."""
        if isinstance(piece, str) and piece:
            self.pieces.append(piece)
        elif isinstance(piece, list):
            for part in piece:
                self.add(part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None)

    def cite(self, source: object) -> None:
        """Keep a source that the answer names; annotations of other kinds are passed over."""
        if not isinstance(source, dict):
            return
        url = str(source.get("url") or "")
        if re.fullmatch(r"https?://[^\s<>]+", url):
            self.sources.setdefault(url, " ".join(str(source.get("title") or url).split()))


def thinks(model: str) -> bool:
    """Whether the name of a model tells that it thinks before it answers."""
    return bool(_THINKING.match(model))


def counted(prompt: object, answer: object, cached: object, reasoning: object) -> Usage | None:
    """The provider's figures, None when they are none: wallets are charged by them."""
    counts = [count or 0 for count in (prompt, answer, cached, reasoning)]
    whole = [count for count in counts if isinstance(count, int) and 0 <= count <= LARGEST_COUNT]
    return Usage(whole[0], whole[1], cached=whole[2], reasoning=whole[3]) if len(whole) == len(counts) else None


def is_openais(model: str) -> bool:
    """Whether the name of a model tells that it counts tokens as OpenAI's models do."""
    return bool(_OPENAIS.match(model))


def estimated_usage(question: Question, answer: Answer) -> Usage:
    """What an answer without the provider's figures is taken to have cost."""
    prompt = estimate_messages(question.messages, question.factor) + question.enclosed
    return Usage(prompt, estimate(answer.text, question.factor), estimated=True)


def complete(question: Question, answer: Answer) -> None:
    """Judge an answer whose stream has ended: some providers end a broken one politely."""
    if answer.finish == "content_filter" and answer.is_blank:
        raise ModelError("filtered")
    if answer.finish is None or answer.finish in BROKEN:
        raise ModelError("broken", f"the stream ended with finish_reason {answer.finish}")
    if answer.is_blank:
        kind: Failure = "thought_too_long" if answer.finish == "length" else "empty"
        raise ModelError(kind, f"finish_reason {answer.finish}")
    answer.usage = answer.usage or estimated_usage(question, answer)
    if further := {url: title for url, title in answer.sources.items() if url not in answer.text}:
        answer.pieces.append(_listed(further))


def _listed(sources: dict[str, str]) -> str:
    """Sources as links of Markdown, numbered."""
    links = []
    for number, (url, title) in enumerate(sources.items(), 1):
        title = title.translate({ord("["): "(", ord("]"): ")"})  # escaped, they would be the marks of a formula
        name = re.sub(r"([\\*_`~<>|])", r"\\\1", title)
        links.append(f"{number}. [{name}]({url.replace('(', '%28').replace(')', '%29')})")
    return "\n\n" + "\n".join(links)
