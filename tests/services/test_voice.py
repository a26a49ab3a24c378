"""Recordings of all kinds and lengths, and what a recogniser makes of them."""

import io
import tempfile
import threading
import wave
from pathlib import Path

import openai
import pytest

from sandbox.script import Script
from services import voice
from services.provider import ModelError
from services.voice import Sound, SoundError, transcribe
from services.wire import Call, CutError
from tests.sounds import film, tone

SOUND = Sound(b"RIFF....WAVE", 3)


def convert(recording: bytes) -> Sound:
    with tempfile.TemporaryFile() as file:
        file.write(recording)
        return voice.convert(file, 300)


@pytest.mark.parametrize(
    ("recording", "seconds"),
    [
        (tone(3.6), 4),
        (tone(0.2), 1),
        (tone(2.4, "mp3", "libmp3lame"), 2),
        (tone(2.0, "wav", "pcm_s16le"), 2),
        (film(2.0), 2),
    ],
)
def test_the_true_length_counts_to_the_nearest_second(recording: bytes, seconds: int) -> None:
    sound = convert(recording)
    assert sound.seconds == seconds
    with wave.open(io.BytesIO(sound.wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
        assert file.getnframes() / 16_000 == pytest.approx(seconds, abs=0.81)


def test_three_hundred_seconds_are_taken_and_no_more() -> None:
    assert [convert(tone(300.3)).seconds for _ in range(10)] == [300] * 10
    for long in (301, 900):
        with pytest.raises(SoundError, match="too_long"):
            convert(tone(long))


@pytest.mark.parametrize(
    "file",
    [b"", b"no sound", film(1.0, sound=False), Path(__file__).read_bytes()],
    ids=["empty", "words", "silent film", "code"],
)
def test_what_holds_no_sound_is_unreadable(file: bytes) -> None:
    with pytest.raises(SoundError, match="unreadable"):
        convert(file)


def test_only_listed_kinds_are_opened() -> None:
    """Among the others are playlists and descriptions of broadcasts, which make ffmpeg open files and connections."""
    with pytest.raises(SoundError, match="unreadable"):
        convert(tone(1.0, "nut"))


def test_half_a_conversion_counts_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "ffmpeg"
    broken.write_text("#!/bin/sh\ncat > /dev/null\nprintf 'samples'\nexit 1\n")
    broken.chmod(0o700)
    monkeypatch.setattr(voice.shutil, "which", lambda _: str(broken))
    with pytest.raises(SoundError, match="unreadable"):
        convert(b"")


def test_without_ffmpeg_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise RuntimeError("no ffmpeg")

    monkeypatch.setattr(voice.shutil, "which", lambda _: None)
    monkeypatch.setattr(voice.imageio_ffmpeg, "get_ffmpeg_exe", none)
    with pytest.raises(SoundError, match="no_ffmpeg"):
        convert(b"")


def test_words_come_back(client: openai.OpenAI, script: Script) -> None:
    script.queue({"text": " Сколько будет дважды два? "})
    assert transcribe(client, convert(tone(2.0)), "whisper-1", "ru", Call()) == "Сколько будет дважды два?"
    (asked,) = script.requests("audio/transcriptions")
    assert asked["body"] == {"model": "whisper-1", "response_format": "json", "language": "ru"}
    assert [(file["name"], file["kind"]) for file in asked["files"]] == [("voice.wav", "audio/wav")]


def test_no_words_are_no_failure(client: openai.OpenAI, script: Script) -> None:
    script.queue({"fault": {"kind": "empty"}})
    assert transcribe(client, SOUND, "gpt-transcribe", "", Call()) == ""
    assert "language" not in script.requests("audio/transcriptions")[0]["body"]


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
def test_failures(client: openai.OpenAI, script: Script, fault: dict[str, object], kind: str, tries: int) -> None:
    script.default({"fault": fault})
    with pytest.raises(ModelError, match=kind):
        transcribe(client, SOUND, "whisper-1", "", Call())
    assert len(script.requests("audio/transcriptions")) == tries


def test_a_second_try_helps(client: openai.OpenAI, script: Script) -> None:
    script.queue({"fault": {"kind": "status", "status": 503}}, {"text": "words"})
    assert transcribe(client, SOUND, "whisper-1", "", Call()) == "words"


def test_a_call_can_be_cut(client: openai.OpenAI, script: Script) -> None:
    script.queue({"fault": {"kind": "stall"}})
    call = Call()
    cutter = threading.Thread(target=lambda: (script.wait(lambda seen: seen or None), call.cut("stop")))
    cutter.start()
    with pytest.raises(CutError, match="stop"):
        transcribe(client, SOUND, "whisper-1", "", call)
    cutter.join()
