"""A simple rule in place of a tokenizer: one token for every four bytes of UTF-8, rounded up; see each function."""

from collections.abc import Iterable
from typing import Any

BYTES_A_TOKEN = 4
A_MESSAGE = 4  # tokens for the frame round each message


def in_text(text: str) -> int:
    """Tokens of a text; lone surrogates count as three bytes."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // BYTES_A_TOKEN)


def in_content(content: object) -> int:
    """Tokens of the words of a message's content; `parts` weighs its pictures and files."""
    if isinstance(content, str):
        return in_text(content)
    parts = content if isinstance(content, list) else []
    return sum(in_text(part["text"]) for part in parts if isinstance(part.get("text"), str))


def in_messages(messages: Iterable[dict[str, Any]]) -> int:
    """Tokens of a prompt: its contents and four a message."""
    return sum(A_MESSAGE + in_content(message.get("content")) for message in messages)


def words_of(content: object) -> str:
    """The plain text in a message's content."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(part["text"] for part in parts if isinstance(part.get("text"), str))


def clip(deltas: list[str], limit: int | None) -> tuple[list[str], bool]:
    """The deltas that fit in `limit` tokens, and whether something was cut off."""
    if limit is None:
        return deltas, False
    kept: list[str] = []
    left = limit * BYTES_A_TOKEN
    for delta in deltas:
        raw = delta.encode("utf-8", "surrogatepass")
        if len(raw) > left:
            kept.append(raw[:left].decode("utf-8", "ignore"))
            return kept, True
        kept.append(delta)
        left -= len(raw)
    return kept, False
