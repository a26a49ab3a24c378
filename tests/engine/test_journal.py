"""Lines of the journal: whole or not there, and damage is never taken for an end."""

import os
import threading
from pathlib import Path

import pytest

from engine import journal
from engine.journal import Journal, JournalError, NotWrittenError


class Book:
    """A journal with the lock of its owner."""

    def __init__(self, path: Path, last: int = 0) -> None:
        self.lock, self.lost_after = threading.Condition(threading.RLock()), -1
        self.journal = Journal(path, last, self.lock, self.lose)

    def lose(self, after: int) -> None:
        self.lost_after = after

    def write(self, word: str) -> int:
        with self.lock:
            number = self.journal.append({"word": word})
        self.journal.sync(number)
        return number

    def rotate(self) -> int:
        with self.journal.syncing, self.lock:
            return self.journal.rotate()


def words(path: Path, after: int = 0) -> list[str]:
    return [line["word"] for line in journal.read(path, after)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data.json"


def segment(path: Path, place: int = -1) -> Path:
    return journal.paths(path)[place]


def test_lines_come_back_in_order_over_segments(path: Path) -> None:
    book = Book(path)
    first = book.write("a")
    kept = book.rotate()
    assert kept == first
    book.write("b")
    book.write("c")
    assert words(path) == ["a", "b", "c"]
    assert words(path, first) == ["b", "c"]
    assert segment(path).stat().st_mode & 0o777 == 0o600
    book.journal.drop(kept)
    assert len(journal.paths(path)) == 1
    assert words(path, first) == ["b", "c"]


@pytest.mark.parametrize("length", range(1, 40))
def test_a_torn_last_line_is_no_line(path: Path, length: int) -> None:
    book = Book(path)
    book.write("a")
    whole = segment(path).read_bytes()
    book.write("b")
    segment(path).write_bytes(segment(path).read_bytes()[: len(whole) + length])
    expected = ["a", "b"] if segment(path).read_bytes()[len(whole) :].rstrip().endswith(b"}") else ["a"]
    assert words(path) == expected


def test_a_line_that_lost_only_its_line_break_counts(path: Path) -> None:
    book = Book(path)
    book.write("a")
    for ending in (b"", b"\x0b"):
        segment(path).write_bytes(segment(path).read_bytes().rstrip(b"\n\x0b") + ending)
        assert words(path) == ["a"]


def test_every_flipped_bit_is_refused_or_changes_nothing(path: Path) -> None:
    book = Book(path)
    for word in "abc":
        book.write(word)
    content = segment(path).read_bytes()
    survived = refused = 0
    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= 1 << (place % 8)
        segment(path).write_bytes(bytes(flipped))
        try:
            survived += words(path) == ["a", "b", "c"]
        except JournalError as error:
            refused += "--restore data.json" in str(error)
    assert (survived, refused) == (1, len(content) - 1), "only the last line break may be anything"


def test_a_missing_segment_is_told(path: Path) -> None:
    book = Book(path)
    for word in "abc":
        book.write(word)
        book.rotate()
    journal.paths(path)[1].unlink()
    with pytest.raises(JournalError, match="missing"):
        words(path)
    journal.paths(path)[0].unlink()
    with pytest.raises(JournalError, match="missing"):
        words(path)


def test_what_a_failed_fsync_lost_did_not_happen(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(path)
    kept = book.write("kept")

    def broken(*_: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        patch.setattr(os, "ftruncate", broken)  # the lost line stays in the file: the next segment makes it void
        with book.lock:
            number = book.journal.append({"word": "lost"})
        with pytest.raises(NotWrittenError):
            book.journal.sync(number)
    assert book.lost_after == kept
    book.write("later")
    assert b"lost" in segment(path, 0).read_bytes()
    assert words(path) == ["kept", "later"]


def test_a_full_disk_leaves_no_half_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(path)
    book.write("kept")
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda file, content: write(file, content[:7]))
        with pytest.raises(OSError, match="No space"):
            book.write("lost")
    assert words(path) == ["kept"]
    book.write("later")
    assert words(path) == ["kept", "later"]


def test_many_threads_share_the_waiting(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(path)
    book.write("first")
    fsync, calls, hold = os.fsync, [], threading.Event()

    def slow(file: int) -> None:
        calls.append(file)
        hold.wait(5)
        fsync(file)

    monkeypatch.setattr(os, "fsync", slow)
    threads = [threading.Thread(target=book.write, args=(str(number),)) for number in range(20)]
    for thread in threads:
        thread.start()
    while len(words(path)) < 21:
        pass
    hold.set()
    for thread in threads:
        thread.join()
    assert sorted(words(path)) == sorted(["first", *map(str, range(20))])
    assert len(calls) <= 3


def test_a_segment_that_got_no_further_than_its_header_voids_nothing_later(path: Path) -> None:
    book = Book(path)
    kept = book.write("kept")
    book.write("lost")
    with book.lock:
        book.journal._lose()  # as after a failed fsync; the process ends when the next segment has its header
        book.journal._begin_segment()
    book = Book(path, kept)
    book.write("accepted")
    assert words(path) == ["kept", "accepted"]
    book = Book(path, journal.read(path, 0)[-1]["n"])
    book.write("later")
    assert words(path) == ["kept", "accepted", "later"]
