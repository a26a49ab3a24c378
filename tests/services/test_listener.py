"""What a recogniser makes of recordings, and how it fails."""

import io
import threading
from collections.abc import Iterator

import pytest

from sandbox.script import Script
from services import voice
from services.listener import Heard, Listener, total_seconds
from services.provider import ModelError
from services.voice import FRAME, Sound
from services.wire import Call, CutError

SOUND = voice.silence()
LONG = Sound(io.BytesIO(bytes(3 * 1000 * FRAME)), 108, ends=(1000 * FRAME, 2000 * FRAME, 3000 * FRAME))
REFUSED = {"fault": {"kind": "status", "status": 400, "code": "unsupported_value"}}


@pytest.fixture
def listener(script: Script) -> Iterator[Listener]:
    listener = Listener(script.base_url, script.key)
    yield listener
    listener.close()


def hear(listener: Listener, model: str = "whisper-1", language: str = "", sound: Sound = SOUND) -> Heard:
    heard = Heard()
    listener.listen(sound, model, language, heard, Call())
    return heard


def asked(script: Script) -> list[dict[str, str]]:
    return [each["body"] for each in script.requests("audio/transcriptions")]


def test_words_come_back_with_their_language(listener: Listener, script: Script) -> None:
    script.queue({"text": " Сколько будет дважды два? "})
    heard = hear(listener)
    assert (heard.words, heard.languages) == ("Сколько будет дважды два?", ["russian"])
    assert asked(script) == [{"model": "whisper-1", "response_format": "verbose_json"}]
    (request,) = script.requests("audio/transcriptions")
    assert [(file["name"], file["kind"]) for file in request["files"]] == [("voice.wav", "audio/wav")]


def test_a_language_that_is_known_is_asked_for_and_named(listener: Listener, script: Script) -> None:
    script.queue({"text": "Bonjour", "language": "en"})
    assert hear(listener, language="fr").languages == ["fr"]
    assert asked(script)[0]["language"] == "fr"


def test_newer_models_tell_the_language_in_their_own_way(listener: Listener, script: Script) -> None:
    script.queue({"text": "Hello"})
    heard = hear(listener, "gpt-transcribe")
    assert (heard.words, heard.languages) == ("Hello", ["en"])
    assert asked(script) == [{"model": "gpt-transcribe", "response_format": "json"}]


def test_a_server_that_refuses_the_longer_format_is_asked_plainly_from_then_on(
    listener: Listener, script: Script
) -> None:
    script.queue(REFUSED, {"text": "one"}, {"text": "two"})
    assert [hear(listener).words for _ in range(2)] == ["one", "two"]
    assert [each["response_format"] for each in asked(script)] == ["verbose_json", "json", "json"]


def test_a_sound_that_is_refused_in_both_formats_says_nothing_of_the_next(listener: Listener, script: Script) -> None:
    script.queue(REFUSED, REFUSED, {"text": "words"})
    with pytest.raises(ModelError):
        hear(listener)
    assert hear(listener).words == "words"
    assert [each["response_format"] for each in asked(script)] == ["verbose_json", "json", "verbose_json"]


def test_the_words_of_all_pieces_are_joined(listener: Listener, script: Script) -> None:
    script.queue({"text": "First. "}, {"text": ""}, {"text": "И последнее."})
    heard = hear(listener, sound=LONG)
    assert (heard.words, heard.languages) == ("First. И последнее.", ["english", "russian"])
    assert (heard.sent, heard.answered) == (108.0, 108.0)
    files = [each["files"][0] for each in script.requests("audio/transcriptions")]
    assert [(file["name"], file["size"]) for file in files] == [("voice.mp3", 1000 * FRAME)] * 3


def test_each_piece_is_tried_twice(listener: Listener, script: Script) -> None:
    busy = {"fault": {"kind": "status", "status": 503}}
    script.queue(*(each for word in ("one", "two", "three") for each in (busy, {"text": word})))
    assert hear(listener, sound=LONG).words == "one two three"


def test_what_was_sent_and_answered_is_known_when_a_piece_fails(listener: Listener, script: Script) -> None:
    script.queue({"text": "one"}, {"fault": {"kind": "status", "status": 401}})
    heard = Heard()
    with pytest.raises(ModelError, match="auth"):
        listener.listen(LONG, "whisper-1", "", heard, Call())
    assert (heard.words, heard.answered, heard.sent) == ("one", 36.0, 72.0)


def test_no_words_are_no_failure(listener: Listener, script: Script) -> None:
    script.queue({"fault": {"kind": "empty"}})
    heard = hear(listener, "gpt-transcribe")
    assert (heard.words, heard.languages) == ("", [])
    assert "language" not in asked(script)[0]


@pytest.mark.parametrize(
    ("fault", "kind", "tries"),
    [
        ({"kind": "status", "status": 401}, "auth", 1),
        ({"kind": "status", "status": 429, "code": "insufficient_quota"}, "quota", 1),
        ({"kind": "status", "status": 503}, "busy", 2),
        ({"kind": "reset"}, "network", 2),
        ({"kind": "garbage"}, "broken", 1),
    ],
)
def test_failures(listener: Listener, script: Script, fault: dict[str, object], kind: str, tries: int) -> None:
    script.default({"fault": fault})
    with pytest.raises(ModelError, match=kind):
        hear(listener)
    assert len(asked(script)) == tries


@pytest.mark.parametrize("sound", [SOUND, LONG], ids=["one piece", "the second of three"])
def test_listening_can_be_cut(listener: Listener, script: Script, sound: Sound) -> None:
    script.queue(*[{"text": "one"}] * (len(sound.ends) > 1), {"fault": {"kind": "stall"}})
    call, heard, number = Call(), Heard(), 1 + (len(sound.ends) > 1)
    cutter = threading.Thread(
        target=lambda: (script.wait(lambda seen: len(seen) == number or None), call.cut("stop")),
    )
    cutter.start()
    with pytest.raises(CutError, match="stop"):
        listener.listen(sound, "whisper-1", "", heard, call)
    cutter.join()
    assert len(heard.pieces) == number - 1


def test_long_recordings_are_given_time() -> None:
    assert (total_seconds(300), total_seconds(7200)) == (180.0, 3600.0)
