"""What the chat service makes of a provider's bytes."""

import pytest

from services.chat import PICTURE_TOKENS, Answer, _events, _take, estimate, estimate_messages
from services.provider import ModelError


def test_half_characters_in_a_stream_become_replacement_characters() -> None:
    chunk = rb'data: {"choices": [{"delta": {"content": "half \ud83d"}}]}' + b"\n\n"
    answer = Answer()
    for event in _events(iter([chunk[:30], chunk[30:], b"data: [DONE]\n"])):
        _take(event, answer)
    assert answer.text == "half \ufffd"


def test_garbage_is_no_event() -> None:
    with pytest.raises(ValueError, match=r"."):
        list(_events(iter([b"data: {oops\n"])))


def test_an_error_inside_a_stream_is_a_failure() -> None:
    with pytest.raises(ModelError, match="broken"):
        _take({"error": {"message": "overloaded"}}, Answer())


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("word", 1), ("слово", 3), ("😀", 1)])
def test_estimates(text: str, tokens: int) -> None:
    assert estimate(text) == tokens


def test_a_picture_counts_whatever_its_bytes() -> None:
    words = {"type": "text", "text": "word"}
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{'A' * 10**6}"}}
    assert estimate_messages([{"role": "user", "content": [words, picture]}]) == 1 + PICTURE_TOKENS + 4 + 3
