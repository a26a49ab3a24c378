"""Recordings for the tests, made by the ffmpeg that the bot uses."""

import base64
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from services import voice


@cache
def tone(seconds: float, kind: str = "ogg", codec: str = "libopus") -> bytes:
    """A tone of so many seconds, in a container that can be written without looking back."""
    sound = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"]
    return _made(*sound, "-c:a", codec, "-b:a", "16k", "-f", kind, "pipe:1")


@cache
def speech(seconds: int, every: int) -> bytes:
    """Noise of so many seconds that pauses for the last one of `every` so many, or is silence if that is all."""
    loud = f"0.3*sin(2000*t)*lt(mod(t\\,{every})\\,{every - 1})" if every else "0.3*sin(2000*t)"
    sound = f"aevalsrc=exprs='{loud}':d={seconds}:s=16000" if every != seconds else f"anullsrc=d={seconds}:r=16000"
    return _made("-f", "lavfi", "-i", sound, "-c:a", "libopus", "-b:a", "16k", "-f", "ogg", "pipe:1")


@cache
def film(seconds: float, sound: bool = True) -> bytes:
    """A film of so many seconds, silent without a `sound`; like a phone's it says at its end what is where."""
    picture = ["-f", "lavfi", "-i", f"color=c=red:s=64x64:d={seconds}"]
    track = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}", "-c:a", "aac"] if sound else []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "film.mp4"
        _made(*picture, *track, str(file))
        return file.read_bytes()


def _made(*arguments: str) -> bytes:
    command = [voice.ffmpeg(), "-loglevel", "error", *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


def sent(data: bytes, kind: str = "voice", **about: object) -> dict[str, object]:
    """A file as a person's app uploads it."""
    name, mime = {
        "voice": ("voice.ogg", "audio/ogg"),
        "audio": ("song.ogg", "audio/ogg"),
        "video_note": ("note.mp4", "video/mp4"),
        "video": ("film.mp4", "video/mp4"),
        "document": ("file.bin", "application/octet-stream"),
        "photo": ("photo.png", "image/png"),
        "sticker": ("sticker.webp", "image/webp"),
    }[kind]
    return {"kind": kind, "name": name, "mime_type": mime, "data": base64.b64encode(data).decode()} | about
