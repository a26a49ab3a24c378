"""Tokens of a text before its provider has counted them: exactly as OpenAI's tokenizer does, without any download."""

import math
from typing import Any

import toktok

ENCODING = "o200k_base"  # of OpenAI's models since gpt-4o. https://github.com/openai/tiktoken
# A picture looked at takes 1,536 patches at most, some models count more a patch.
# https://platform.openai.com/docs/guides/images-vision
PICTURE_TOKENS = 2_500

Message = dict[str, Any]


def warm() -> None:
    """Unpack the vocabulary, which takes half a second, before the first question waits for it."""
    _counted([""])


def estimate(text: str, factor: float = 1.0) -> int:
    """Tokens of a text; `factor` is how many of the model's own tokens one of OpenAI's is taken for."""
    return math.ceil(_counted([text]) * factor)


def estimate_messages(messages: list[Message], factor: float = 1.0) -> int:
    """Tokens of a prompt, with OpenAI's four a message and three for the answer's beginning."""
    parts = [part for message in messages for part in _parts(message["content"])]
    words = _counted([part["text"] for part in parts if part["type"] == "text"])
    pictures = [part for part in parts if part["type"] != "text"]
    frame = len(messages) * 4 + 3
    return math.ceil(words * factor) + len(pictures) * PICTURE_TOKENS + frame


def _parts(content: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _counted(texts: list[str]) -> int:
    """In this thread: a pool for each question would cost more than it saves. Half characters count as U+FFFD."""
    whole = [text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for text in texts]
    counts: list[int] = toktok.batch_count(whole, ENCODING, threads=1)
    return sum(counts)
