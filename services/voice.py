"""Sounds: any recording of bounded length into what a recogniser takes, and its words."""

import io
import os
import shutil
import subprocess
import warnings
from functools import partial
from typing import IO, Literal, NamedTuple

import imageio_ffmpeg
import openai

from services import wire
from services.provider import ModelError, decoded, failures, twice

with warnings.catch_warnings():  # it looks for an ffmpeg of the system, and is never asked to use it
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

TOTAL_SECONDS = 180.0  # the longest transcription; enforced by whoever watches the `wire.Call`
CONVERT_SECONDS = 60.0  # of work for ffmpeg, which takes less than one for the longest recording
RATE = 16_000  # samples a second, one channel of 16 bits: recognisers use no more
# A recording may be any of these, and nothing that names other files or addresses: playlists are no recordings.
FORMATS = "ogg,mov,matroska,mp3,wav,flac,aac,amr,aiff,caf,asf,mpegts,mpeg,avi"


# ffmpeg looks back and forth in a file: its `pipe:` cannot, its `cache:` loses a second of a long one now and then, and
# `fd:` came with its version 6, which Windows has.
STDIN = "fd:" if os.name == "nt" else "/dev/stdin"


class SoundError(Exception):
    """A file that cannot be heard: without a sound in it, too long, or no ffmpeg is there to open it."""

    def __init__(self, kind: Literal["unreadable", "too_long", "no_ffmpeg"]) -> None:
        super().__init__(kind)
        self.kind = kind


class Sound(NamedTuple):
    """A recording as it is sent to a recogniser; `seconds` is its true length to the nearest, at least 1."""

    wav: bytes
    seconds: int


def ffmpeg() -> str:
    """The ffmpeg of this machine, else the one of imageio-ffmpeg; raises SoundError when there is none."""
    try:
        return shutil.which("ffmpeg") or str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        raise SoundError("no_ffmpeg") from None


def silence() -> Sound:
    """A second without a word, to see whether somebody listens."""
    return _sound(bytes(2 * RATE))


def convert(recording: IO[bytes], longest: int) -> Sound:
    """Decode at most a second more than `longest` seconds, whatever the file says of itself; raises SoundError.

    `recording` is a real file, best one without a name: then nothing of it stays on the disk, however this ends.
    """
    sound = _sound(_decoded(recording, longest + 1))
    if sound.seconds > longest:
        raise SoundError("too_long")
    return sound


def _sound(samples: bytes) -> Sound:
    track = AudioSegment(data=samples, sample_width=2, frame_rate=RATE, channels=1)
    wav = io.BytesIO()
    track.export(wav, format="wav")
    return Sound(wav.getvalue(), max(1, int(track.duration_seconds + 0.5)))


def _decoded(recording: IO[bytes], seconds: int) -> bytes:
    """The first sound track of a file as bare samples, so many seconds of it."""
    reading = ["-protocol_whitelist", "file,fd", "-format_whitelist", FORMATS, "-i", STDIN]
    track = ["-map", "0:a:0", "-t", str(seconds), "-ac", "1", "-ar", str(RATE), "-f", "s16le", "pipe:1"]
    command = [ffmpeg(), "-loglevel", "quiet", "-threads", "1", *reading, *track]
    recording.seek(0)
    try:
        done = subprocess.run(command, stdin=recording, capture_output=True, timeout=CONVERT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise SoundError("unreadable") from None
    if done.returncode or len(done.stdout) < 2:
        raise SoundError("unreadable")
    return done.stdout[: len(done.stdout) // 2 * 2]


def transcribe(client: openai.OpenAI, sound: Sound, model: str, language: str, call: wire.Call) -> str:
    """The words of a sound, empty when there are none; `language` is ISO 639-1, empty for "guess".

    Raises `ModelError`, or `wire.CutError` when cut. https://platform.openai.com/docs/api-reference/audio
    """
    send = partial(
        client.audio.transcriptions.with_raw_response.create,
        file=("voice.wav", sound.wav, "audio/wav"),
        model=model,
        response_format="json",
        language=language or openai.omit,
    )
    with failures(), call.running():
        words = decoded(twice(call, send).content).get("text")
    if not isinstance(words, str):
        raise ModelError("broken", "a transcription without text")
    return words.strip()
