"""Sounds: any recording of bounded length into what recognisers take, decoded within bounds by ffmpeg."""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Literal, NamedTuple

import imageio_ffmpeg

from services import child, wire

if sys.platform != "win32":
    import resource

with warnings.catch_warnings():  # it looks for an ffmpeg of the system, and is never asked to use it
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

RATE = 16_000  # samples a second, one channel of 16 bits: recognisers use no more
SHORT = 60  # seconds up to which a recording is sent as it is; longer ones as mp3, a quarter as large
# A longer recording is cut into pieces of so many seconds at most: gpt-4o-transcribe writes down 2,000 tokens at once,
# which are seven minutes of quick speech, and OpenAI takes 25 MB, which are an hour.
# https://platform.openai.com/docs/guides/speech-to-text, https://platform.openai.com/docs/models/gpt-4o-transcribe
PIECE = 300
# Seconds of which the loudness is told: a piece ends in the last such moment of its second half that is a pause, of at
# most so many dB, else in the quietest.
WINDOW, PAUSE = 0.25, -45.0
SILENT = -72.0  # dB below full scale: what is nowhere louder has no words, whatever a recogniser would make of it

BYTES_A_SECOND, FRAME = 8_000, 288  # of mp3 at 64 kbit/s; each of its frames is as long as all others
FRAME_SECONDS, ENCODER_DELAY = 0.036, 2.5  # of a frame; frames more than there is sound, give or take a half

# Of work for ffmpeg, and what is added for each second that is listened to: it takes one for five minutes of sound, 25
# for two hours.
CONVERT_SECONDS, CONVERT_RATE = 30.0, 1 / 60
MEMORY = 768 << 20  # bytes of addresses for ffmpeg, which uses 400 MB of them and 40 MB of memory for any honest file
NO_KEYS = {"SYSTEMROOT": r"C:\Windows"}  # nothing of our environment but what programs on Windows ask for
NICENESS = 10  # the bot that answers everybody else comes first
LOOKS = 0.1  # seconds between two looks at the clock and at Stop

# A recording may be any of these, and nothing that names other files or addresses: playlists are no recordings.
FORMATS = "ogg,mov,matroska,mp3,wav,flac,aac,amr,aiff,caf,asf,mpegts,mpeg,avi"
# ffmpeg looks back and forth in a file: its `pipe:` cannot, its `cache:` loses a second of a long one now and then, and
# `fd:` came with its version 6, which Windows has.
STDIN = "fd:" if os.name == "nt" else "/dev/stdin"
READING = [
    *("-loglevel", "quiet", "-nostdin", "-threads", "1"),
    *("-protocol_whitelist", "file,fd", "-format_whitelist", FORMATS, "-i", STDIN),
    *("-map", "0:a:0", "-vn", "-sn", "-dn", "-ac", "1", "-ar", str(RATE)),
]
SAMPLES = ["-f", "s16le", "pipe:1"]
LEVELS = (
    f"aresample={RATE},asetnsamples={int(RATE * WINDOW)}:p=0,astats=metadata=1:reset=1:measure_perchannel=none"
    ":measure_overall=RMS_level,ametadata=print:key=lavfi.astats.Overall.RMS_level:file=pipe\\\\:2"
)
# Without the reservoir a frame needs no other one; without the header there is nothing but frames.
MP3 = ["-c:a", "libmp3lame", "-b:a", "64k", "-compression_level", "9", "-reservoir", "0", "-write_xing", "0"]
FRAMES = ["-af", LEVELS, *MP3, "-id3v2_version", "0", "-f", "mp3", "pipe:1"]


class SoundError(Exception):
    """A file that cannot be heard: without a sound in it, too long, or no ffmpeg is there to open it."""

    def __init__(self, kind: Literal["unreadable", "too_long", "no_ffmpeg"]) -> None:
        super().__init__(kind)
        self.kind = kind


class Piece(NamedTuple):
    """What is sent to a recogniser at once, as a file of this name."""

    name: str
    content: bytes
    mime_type: str
    seconds: float


class Sound(NamedTuple):
    """A recording as recognisers take it; `seconds` is its true length to the nearest, at least 1."""

    content: IO[bytes]
    seconds: int
    silent: bool = False
    ends: tuple[int, ...] = ()  # of its pieces, in bytes; of a wav none: it is one

    def pieces(self) -> Iterator[Piece]:
        """One after the other, so that never more than one is in memory."""
        begin = 0
        self.content.seek(0)
        if not self.ends:
            yield Piece("voice.wav", self.content.read(), "audio/wav", self.seconds)
        for end in self.ends:
            content = self.content.read(end - begin)
            yield Piece("voice.mp3", content, "audio/mpeg", len(content) / BYTES_A_SECOND)
            begin = end


def ffmpeg() -> str:
    """The ffmpeg of this machine, else the one of imageio-ffmpeg; raises SoundError when there is none."""
    try:
        return shutil.which("ffmpeg") or str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        raise SoundError("no_ffmpeg") from None


def silence() -> Sound:
    """A second without a word, to see whether somebody listens."""
    return _wav(bytes(2 * RATE), io.BytesIO())


def convert(recording: IO[bytes], into: IO[bytes], longest: int, call: wire.Call) -> Sound:
    """Decode at most a second more than `longest` seconds, whatever the file says of itself, into a file.

    Both are real files, best without names: then nothing stays on the disk, however this ends. Raises SoundError, or
    `wire.CutError` when the call is cut.
    """
    short = min(longest, SHORT)
    with child.decoding(call):
        program = ffmpeg()  # that of imageio-ffmpeg is run to see whether it works, the first time
        _run([program, *READING, "-t", str(short + 1), *SAMPLES], recording, into, short + 2, call)
        into.seek(0)
        sound = _wav(into.read(), into)
        if sound.seconds > short and longest > short:
            levels = _run([program, *READING, "-t", str(longest + 1), *FRAMES], recording, into, longest + 2, call)
            sound = _mp3(into, levels)
    if sound.seconds > longest:
        raise SoundError("too_long")
    return sound


def _wav(samples: bytes, into: IO[bytes]) -> Sound:
    track = AudioSegment(data=samples[: len(samples) // 2 * 2], sample_width=2, frame_rate=RATE, channels=1)
    if not len(samples) // 2:
        raise SoundError("unreadable")
    into.seek(0)
    into.truncate()
    track.export(into, format="wav")
    return Sound(into, max(1, int(track.duration_seconds + 0.5)), track.max_dBFS < SILENT)


def _mp3(content: IO[bytes], levels: list[float]) -> Sound:
    """Its true length is told by its frames, as no file can lie about what was made of it."""
    size = content.seek(0, os.SEEK_END)
    seconds = (size / FRAME - ENCODER_DELAY) * FRAME_SECONDS
    ends = (*(_frame_at(end) for end in _cuts(levels)), size)
    return Sound(content, max(1, int(seconds + 0.5)), max(levels, default=0.0) < SILENT, ends)


def _frame_at(window: int) -> int:
    """Where the sound of the middle of a window begins, in bytes."""
    return int((window + 0.5) * WINDOW / FRAME_SECONDS + ENCODER_DELAY) * FRAME


def _cuts(levels: list[float]) -> Iterator[int]:
    """The windows in which pieces end: none is longer than `PIECE`, none but the last shorter than half of it."""
    begin, longest = 0, int(PIECE / WINDOW)
    while len(levels) - begin > longest:
        second_half = range(begin + longest // 2, begin + longest)
        begin = min(second_half, key=lambda window: (max(levels[window], PAUSE), -window))
        yield begin


def _run(command: list[str], recording: IO[bytes], into: IO[bytes], seconds: int, call: wire.Call) -> list[float]:
    """Let ffmpeg write at most so many seconds of sound `into` a file; the loudness of its windows, if it is told."""
    most, patience = seconds * 2 * RATE, CONVERT_SECONDS + seconds * CONVERT_RATE
    for file in (recording, into):
        file.seek(0)
    into.truncate()
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(command, stdin=recording, stdout=into, stderr=told, env=NO_KEYS)
        try:
            _limit(process.pid, most, patience)
            _wait(process, patience, call)
        finally:
            process.kill()
            process.wait()
        told.seek(0)
        return [float(level) for level in re.findall(rb"RMS_level=(-?[0-9.]+|-inf)\n", told.read(most))]


def _limit(pid: int, most: int, patience: float) -> None:
    """So much memory, so long a file, so much time of the processor even if the bot dies; where the system has it."""
    if sys.platform != "linux":
        return
    with suppress(OSError):  # it has ended already
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
        for name, value in (
            (resource.RLIMIT_AS, MEMORY),
            (resource.RLIMIT_FSIZE, most),
            (resource.RLIMIT_CPU, round(patience)),
            (resource.RLIMIT_CORE, 0),
        ):
            resource.prlimit(pid, name, (value, value))


def _wait(process: subprocess.Popen[bytes], seconds: float, call: wire.Call) -> None:
    """Until it has done its work; raises SoundError when it fails or takes longer."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(subprocess.TimeoutExpired):
            if process.wait(LOOKS):
                raise SoundError("unreadable")
            return
        call.check()
    raise SoundError("unreadable")
