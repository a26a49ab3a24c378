"""What the chat service makes of a provider's bytes."""

import pytest

from services.chat import take
from services.models import events
from services.provider import ModelError
from services.question import Answer


def test_half_characters_in_a_stream_become_replacement_characters() -> None:
    chunk = rb'data: {"choices": [{"delta": {"content": "half \ud83d"}}]}' + b"\n\n"
    answer = Answer()
    for event in events(iter([chunk[:30], chunk[30:], b"data: [DONE]\n"])):
        take(event, answer)
    assert answer.text == "half \ufffd"


def test_garbage_is_no_event() -> None:
    with pytest.raises(ValueError, match=r"."):
        list(events(iter([b"data: {oops\n"])))


def test_an_error_inside_a_stream_is_a_failure() -> None:
    with pytest.raises(ModelError, match="broken"):
        take({"error": {"message": "overloaded"}}, Answer())
