"""Work on files of unknown senders, in a child process: bounded time, memory and output, two at a time, no keys."""

import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from services import wire
from services.reader import CODES, ChildError, Kind

__all__ = ["ChildError", "decoding", "run"]

log = logging.getLogger(__name__)

DECODERS = 2  # at once in the whole bot: as many as the smallest machine has cores
ROOT = Path(__file__).resolve().parent.parent
PROGRAM = "services.reader"
PATIENCE = 3  # times the time of the processor by the clock: the child is nice, and others may be busy
LOOKS = 0.1  # seconds between two looks at the clock and at Stop
LEAVING = 5.0  # seconds that a child may need to leave when it has said everything
# Signals of a library that stumbles over a file; every other end by a signal is one of our limits.
CRASHES = {-getattr(signal, name, 0) for name in ("SIGSEGV", "SIGBUS", "SIGFPE")}

_lock = threading.Lock()
_waiting: deque[threading.Event] = deque()
_decoding = 0


@contextmanager
def decoding(call: wire.Call | None = None) -> Iterator[None]:
    """Hold one of the `DECODERS` places; who came first is first. Raises `wire.CutError` when the call is cut."""
    _enter(call)
    try:
        yield
    finally:
        _leave()


def _enter(call: wire.Call | None) -> None:
    global _decoding
    with _lock:
        if _decoding < DECODERS:
            _decoding += 1
            return
        turn = threading.Event()
        _waiting.append(turn)
    try:
        while not turn.wait(LOOKS):
            if call is not None:
                call.check()
    except BaseException:
        with _lock:
            given = turn.is_set()
            if not given:
                _waiting.remove(turn)
        if given:
            _leave()
        raise


def _leave() -> None:
    """Hand the place on to who has waited longest, so that nobody slips in between."""
    global _decoding
    with _lock:
        if _waiting:
            _waiting.popleft().set()
        else:
            _decoding -= 1


def run(
    job: str,
    file: IO[bytes],
    *arguments: str,
    seconds: float,
    memory: int,
    output: int,
    call: wire.Call | None = None,
) -> bytes:
    """Do a job of `services.reader` on a real file; waits for its place first.

    `seconds` of the processor, `PATIENCE` times that by the clock; `memory` and `output` in bytes. Raises ChildError,
    or `wire.CutError` when the call is cut, waiting or working.
    """
    file.flush()
    os.lseek(file.fileno(), 0, os.SEEK_SET)  # `seek` may move within a buffer that the child does not have
    limits = (str(max(1, round(seconds))), str(memory))
    with decoding(call), _started((*limits, job, *arguments), file) as process:
        code, content = _Child(process).answer(PATIENCE * seconds, output, call)
    if call is not None:
        call.check()
    if code:
        kind = _kind(code)
        log.info("reading a file, job %s: %s, exit code %d%s", job, kind, code, _place(content))
        raise ChildError(kind)
    return content


def _started(arguments: tuple[str, ...], file: IO[bytes]) -> subprocess.Popen[bytes]:
    environment = {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),  # packages may lie in a home that it is not told of
        "SYSTEMROOT": r"C:\Windows",  # Python on Windows asks for it
    }
    return subprocess.Popen(
        [sys.executable, "-m", PROGRAM, *arguments],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment,
        start_new_session=True,  # then it ends together with whatever it began
    )


class _Child:
    """A running child, ended from a second thread when it takes too long."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._said_all = threading.Event()
        self._killed = False

    def answer(self, seconds: float, output: int, call: wire.Call | None) -> tuple[int, bytes]:
        """Its exit code and its words; one that says more than `output` bytes is ended too."""
        assert self._process.stdout is not None
        watcher = threading.Thread(target=self._watch, args=(seconds, call), name="child", daemon=True)
        watcher.start()
        content = None
        try:
            content = self._process.stdout.read(output + 1)
        finally:
            self._said_all.set()
            watcher.join()
            self._leave(LEAVING if content is not None and len(content) <= output else 0)
        too_much = self._killed or len(content) > output  # it may be gone before it is ended
        return (CODES["too_large"] if too_much else self._process.returncode), content

    def _watch(self, seconds: float, call: wire.Call | None) -> None:
        until = time.monotonic() + seconds
        while not self._said_all.wait(LOOKS):
            if time.monotonic() > until or (call is not None and call.reason is not None):
                self._kill()
                return

    def _leave(self, seconds: float) -> None:
        """Let it go in so many seconds; only now, as until then its number could not become another process's."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
            return
        self._kill()
        self._process.wait()

    def _kill(self) -> None:
        self._killed = True
        if sys.platform == "win32":
            self._process.kill()
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


def _place(content: bytes) -> str:
    """Where the child failed, as the last line tells; before it may stand the words of a file that broke midway."""
    found = re.search(rb"([A-Za-z_]{1,60} at [\w.]{1,60}:\d{1,6})\n$", content)
    return f" {found[1].decode()}" if found else ""


def _kind(code: int) -> Kind:
    if code in CRASHES:
        return "unreadable"
    said: Kind = "unreadable" if code > 0 else "too_large"
    return next((kind for kind, number in CODES.items() if number == code), said)
