"""Recordings for the tests, made by the ffmpeg that the bot uses."""

import subprocess
from functools import cache

from services import voice


@cache
def tone(seconds: float, kind: str = "ogg", codec: str = "libopus") -> bytes:
    """A tone of so many seconds, in a container that can be written without looking back."""
    sound = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"]
    return _made(*sound, "-c:a", codec, "-b:a", "16k", "-f", kind)


@cache
def film(seconds: float, sound: bool = True) -> bytes:
    """A film of so many seconds, silent without a `sound`."""
    picture = ["-f", "lavfi", "-i", f"color=c=red:s=64x64:d={seconds}"]
    track = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}", "-c:a", "aac"] if sound else []
    return _made(*picture, *track, "-movflags", "frag_keyframe+empty_moov", "-f", "mp4")


def _made(*arguments: str) -> bytes:
    command = [voice.ffmpeg(), "-loglevel", "error", *arguments, "pipe:1"]
    return subprocess.run(command, capture_output=True, check=True).stdout
