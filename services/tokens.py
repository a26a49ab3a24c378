"""Tokens of a text before its provider has counted them: exactly as OpenAI's tokenizer does, without any download."""

import math
from functools import cache
from typing import Any

import splintr

ENCODING = "o200k_base"  # of OpenAI's models since gpt-4o. https://github.com/openai/tiktoken
# A picture looked at takes 1,536 patches at most, some models count more a patch.
# Older ones count tiles of 512 pixels, the first with its frame for 300 at most.
# https://platform.openai.com/docs/guides/images-vision
PICTURE_TOKENS, SMALLEST_PICTURE_TOKENS = 2_500, 300
PATCH, MOST_A_PATCH = 32, 1.63  # pixels, tokens

PIECE = 50_000  # characters counted at a time, in about 6 ms: no other thread gets a turn meanwhile

Message = dict[str, Any]


def warm() -> None:
    """Read the vocabulary, and make what its first use makes, before the first question waits for that."""
    _counted("Привет, world")


def estimate(text: str, factor: float = 1.0) -> int:
    """Tokens of a text; `factor` is how many of the model's own tokens one of OpenAI's is taken for."""
    return math.ceil(_counted(text) * factor)


def estimate_messages(messages: list[Message], factor: float = 1.0) -> int:
    """Tokens of a prompt's words, with OpenAI's four a message and three for the answer's beginning."""
    parts = [part for message in messages for part in _parts(message["content"])]
    words = sum(_counted(part["text"]) for part in parts if part["type"] == "text")
    return math.ceil(words * factor) + len(messages) * 4 + 3


def picture_tokens(width: int, height: int) -> int:
    """Tokens of a picture of so many pixels at most, whichever way its model counts."""
    patches = math.ceil(width / PATCH) * math.ceil(height / PATCH)
    return min(PICTURE_TOKENS, max(SMALLEST_PICTURE_TOKENS, math.ceil(patches * MOST_A_PATCH)))


def _parts(content: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _counted(text: str) -> int:
    """What looks like a special token is words; half characters count as U+FFFD."""
    whole = text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    pieces = (whole[start : start + PIECE] for start in range(0, len(whole), PIECE))
    return sum(len(_tokenizer().encode_ordinary(piece)) for piece in pieces)


@cache
def _tokenizer() -> splintr.AnyTokenizer:
    """With its vocabulary, 32 MB; read in a twentieth of a second."""
    return splintr.Tokenizer.from_pretrained(ENCODING)
