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


@pytest.mark.parametrize("size", [1, 2, 3, 7, 20, 1000])
def test_events_are_the_same_wherever_a_stream_is_cut(size: int) -> None:
    raw = b'event: a\ndata: {"n": 1}\n\n\ndata: {"long": "' + b"x" * 300 + b'"}\r\n: note\ndata:{"n": 3}'
    chunks = (raw[start : start + size] for start in range(0, len(raw), size))
    assert list(events(chunks)) == [{"n": 1}, {"long": "x" * 300}, {"n": 3}]


def test_an_error_inside_a_stream_is_a_failure() -> None:
    with pytest.raises(ModelError, match="broken"):
        take({"error": {"message": "overloaded"}}, Answer())
