"""What zip files promise, checked before anything in them is read: sizes, ratio, and that they keep their promises."""

import zipfile
from typing import IO

from services.reader import ChildError

ENTRIES = 5000  # files inside; a workbook has some dozens, a document with many pictures some hundreds
XML = 200 << 20  # bytes of all texts inside, unpacked; a workbook of a million cells has 50 MB
LARGEST = {"word/": 24 << 20}  # bytes of one text: Word's are read as a whole, in 20 times the memory
RATIO = 250  # unpacked to packed; honest tables reach 100, deflate can do 1,032
CHUNK = 1 << 16
LYING = (zipfile.BadZipFile, NotImplementedError, EOFError, OSError)


def checked(file: IO[bytes]) -> list[str]:
    """The names inside an honest zip file of bounded size, else ChildError."""
    try:
        with zipfile.ZipFile(file) as opened:
            entries = opened.infolist()
            _promises(entries)
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels", ".bin")):
                    _kept(opened, entry)
    except LYING:
        raise ChildError("unreadable") from None
    file.seek(0)
    return [entry.filename for entry in entries]


def _promises(entries: list[zipfile.ZipInfo]) -> None:
    """Judge by the directory, nothing unpacked."""
    if any(entry.flag_bits & 1 for entry in entries):
        raise ChildError("encrypted")
    size, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    texts = [entry for entry in entries if entry.filename.endswith((".xml", ".rels", ".bin"))]
    huge = any(
        entry.file_size > most for entry in texts for start, most in LARGEST.items() if entry.filename.startswith(start)
    )
    if len(entries) > ENTRIES or sum(entry.file_size for entry in texts) > XML or huge:
        raise ChildError("too_large")
    if size > RATIO * packed + CHUNK:
        raise ChildError("too_large")
    ends = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < ends:  # one piece of data sold many times
            raise ChildError("too_large")
        ends = entry.header_offset + entry.compress_size


def _kept(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Unpack one text in pieces: it is as long as promised, and declares nothing that could swell."""
    with opened.open(entry) as content:
        if b"<!DOCTYPE" in content.read(CHUNK):  # no office writes one
            raise ChildError("unreadable")
        while content.read(CHUNK):  # a longer one than promised fails by its checksum
            pass
