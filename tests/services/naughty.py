"""A reader that does what files may make a reader do, each in a job of its own; run as `services.reader` is."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from services.reader import ChildError
from services.reader import __main__ as reader


def work(file: IO[bytes], deed: str, *arguments: str) -> Iterator[bytes]:
    yield from DEEDS[deed](file, *arguments)


def read(file: IO[bytes], place: str = "0") -> Iterator[bytes]:
    file.seek(int(place))
    yield file.read()


def think(_: IO[bytes]) -> Iterator[bytes]:
    while True:
        yield b""


def sleep(_: IO[bytes]) -> Iterator[bytes]:
    time.sleep(60)
    yield b""


def swell(_: IO[bytes]) -> Iterator[bytes]:
    yield b"much"[: len(bytearray(400 << 20)) and 4]


def chatter(_: IO[bytes]) -> Iterator[bytes]:
    while True:
        yield bytes(1 << 16)


def environment(_: IO[bytes]) -> Iterator[bytes]:
    yield " ".join(sorted(os.environ)).encode()


def offer(_: IO[bytes]) -> Iterator[bytes]:
    """How gladly the system may end it when memory runs out."""
    yield Path("/proc/self/oom_score_adj").read_bytes()


def write(_: IO[bytes], path: str) -> Iterator[bytes]:
    with Path(path).open("wb", buffering=0) as file:
        file.write(b"x")
    yield b"written"


def spoil(file: IO[bytes]) -> Iterator[bytes]:
    """Write over the very file that is read: its descriptor is there."""
    os.pwrite(file.fileno(), b"spoiled", 0)
    yield b"written"


def hoard(_: IO[bytes]) -> Iterator[bytes]:
    kept = [socket.socket() for _ in range(100)]
    yield str(len(kept)).encode()


def crash(_: IO[bytes], number: str) -> Iterator[bytes]:
    os.kill(os.getpid(), int(number))
    yield b""


def fail(_: IO[bytes]) -> Iterator[bytes]:
    raise ValueError("the secret of the file")


def refuse(_: IO[bytes], kind: str) -> Iterator[bytes]:
    raise ChildError(kind)  # type: ignore[arg-type]


def linger(_: IO[bytes]) -> Iterator[bytes]:
    """Say all, and then don't go."""
    yield b"all"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    time.sleep(60)


def multiply(_: IO[bytes]) -> Iterator[bytes]:
    """A child that holds on to the answer's pipe when its parent has gone."""
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield b"gone"


DEEDS = {
    deed.__name__: deed
    for deed in (
        read, think, sleep, swell, chatter, environment, offer, write,
        spoil, hoard, crash, fail, refuse, linger, multiply
    )
}  # fmt: skip

if __name__ == "__main__":
    reader.JOBS["naughty"] = "tests.services.naughty"
    code = reader.main(*sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)
