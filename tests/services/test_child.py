"""The child that reads files: whatever a file makes it do, it ends in time and the bot stays as it was."""

import logging
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from services import child, wire
from services.child import ChildError, decoding
from services.reader import CODES

LIMITS = {"seconds": 5.0, "memory": 256 << 20, "output": 1 << 20}
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")


@pytest.fixture(autouse=True)
def _naughty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "PROGRAM", "tests.services.naughty")


@pytest.fixture
def file() -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        file.write(b"what is in the file")
        file.flush()
        yield file


def run(file: IO[bytes], deed: str, *arguments: str, **limits: object) -> bytes:
    return child.run("naughty", file, deed, *arguments, **(LIMITS | limits))  # type: ignore[arg-type]


def kind(file: IO[bytes], deed: str, *arguments: str, **limits: object) -> str:
    with pytest.raises(ChildError) as caught:
        run(file, deed, *arguments, **limits)
    return caught.value.kind


def test_the_file_is_read_from_its_beginning_and_can_be_looked_at_anywhere(file: IO[bytes]) -> None:
    assert run(file, "read") == b"what is in the file"
    assert run(file, "read", "12") == b"he file"


def test_a_child_is_told_nothing_of_our_environment(file: IO[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    assert set(run(file, "environment").decode().split()) <= {"PYTHONPATH", "SYSTEMROOT", "LC_CTYPE"}


@posix
def test_one_that_thinks_for_ever_is_ended_by_the_processor_time(
    file: IO[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "PATIENCE", 60)
    begun = time.monotonic()
    assert kind(file, "think", seconds=1) == "too_large"
    assert time.monotonic() - begun < 30, "the clock ended it, not the processor"


def test_one_that_sleeps_is_ended_by_the_clock(file: IO[bytes]) -> None:
    begun = time.monotonic()
    assert kind(file, "sleep", seconds=0.5) == "too_large"
    assert 1.5 <= time.monotonic() - begun < 15


@posix
def test_one_that_swells_is_ended(file: IO[bytes]) -> None:
    assert kind(file, "swell") == "too_large"
    assert run(file, "swell", memory=1 << 30) == b"much"


def test_one_that_talks_for_ever_is_heard_to_its_limit(file: IO[bytes]) -> None:
    assert kind(file, "chatter") == "too_large"
    assert kind(file, "read", output=18) == "too_large"
    assert run(file, "read", output=19) == b"what is in the file"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux lets a process offer itself")
def test_where_memory_runs_out_the_child_goes_first(file: IO[bytes]) -> None:
    assert run(file, "offer") == b"1000\n"


@posix
def test_no_file_is_written(file: IO[bytes], tmp_path: Path) -> None:
    assert kind(file, "write", str(tmp_path / "written")) == "unreadable"
    assert (tmp_path / "written").stat().st_size == 0
    assert kind(file, "spoil") == "unreadable"
    assert run(file, "read") == b"what is in the file"


@posix
def test_few_files_can_be_open(file: IO[bytes]) -> None:
    assert kind(file, "hoard") == "unreadable"


@posix
@pytest.mark.parametrize(
    ("number", "said"),
    [(signal.SIGSEGV, "unreadable"), (signal.SIGABRT, "too_large"), (signal.SIGKILL, "too_large")],
)
def test_a_crash_is_no_limit(file: IO[bytes], number: int, said: str) -> None:
    assert kind(file, "crash", str(int(number))) == said


@pytest.mark.parametrize("name", CODES)
def test_it_says_what_is_wrong_with_the_file(file: IO[bytes], name: str) -> None:
    assert kind(file, "refuse", name) == name


def test_a_fault_is_told_to_the_log_without_a_word_of_the_file(
    file: IO[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert kind(file, "fail") == "unreadable"
    assert "ValueError at naughty.py:" in caplog.text
    assert "secret" not in caplog.text


def test_one_that_has_said_all_and_stays_is_ended(file: IO[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "LEAVING", 0.2)
    assert kind(file, "linger") == "too_large"


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() == 0, reason="root may begin as many as it likes")
def test_it_begins_no_process(file: IO[bytes]) -> None:
    assert kind(file, "multiply") == "unreadable"


@posix
def test_whatever_it_began_ends_with_it(file: IO[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    begun = time.monotonic()
    assert kind(file, "multiply", seconds=1) in ("too_large", "unreadable")
    assert time.monotonic() - begun < 15, "its child held the pipe"


def test_a_call_that_is_cut_ends_its_child(file: IO[bytes]) -> None:
    call = wire.Call()
    threading.Timer(0.3, call.cut, ["stop"]).start()
    begun = time.monotonic()
    with pytest.raises(wire.CutError):
        run(file, "sleep", seconds=20, call=call)
    assert time.monotonic() - begun < 15


def test_two_decode_at_a_time_and_who_came_first_is_first() -> None:
    order: list[int] = []
    inside, most, lock = [0], [0], threading.Lock()

    def work(number: int) -> None:
        with decoding():
            with lock:
                order.append(number)
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            time.sleep(0.02)
            with lock:
                inside[0] -= 1

    threads = []
    with decoding(), decoding():
        for number in range(8):
            threads.append(threading.Thread(target=work, args=(number,)))
            threads[-1].start()
            while len(child._waiting) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert most == [child.DECODERS]
    assert sorted(order[:2]) == [0, 1]
    assert order.index(7) > order.index(2)


def test_who_waits_for_a_place_leaves_when_cut() -> None:
    call = wire.Call()
    with decoding(), decoding():
        threading.Timer(0.1, call.cut, ["stop"]).start()
        with pytest.raises(wire.CutError), decoding(call):
            pass
        assert not child._waiting
    with decoding(), decoding():
        assert child._decoding == child.DECODERS
    assert child._decoding == 0
