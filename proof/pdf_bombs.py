"""Thirty PDFs that swell, loop, lie or never end; none is larger than a few megabytes."""

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence

MEGA = 1 << 20
PAGE = "/Type /Page /Parent 2 0 R /MediaBox [0 0 600 800]"
CATALOGUE, TREE = "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
Objects = list[str | bytes]


def cases() -> Iterator[tuple[str, bytes]]:
    """Each with what is wrong with it."""
    return ((f"{bomb.__name__.strip('_').replace('_', ' ')}.pdf", bomb()) for bomb in BOMBS)


def pdf(objects: Objects, trailer: str = "", version: str = "1.7") -> bytes:
    """A file of these objects, the first its catalogue, with an honest table."""
    out, places = bytearray(f"%PDF-{version}\n".encode()), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        body = content.encode("latin-1") if isinstance(content, str) else content
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += "".join(f"{place:010} 00000 n \n" for place in places).encode()
    end = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    return bytes(out + end.encode())


def stream(content: bytes, about: str = "") -> bytes:
    """A stream object, its bytes as they are."""
    return f"<< /Length {len(content)} {about} >>\nstream\n".encode("latin-1") + content + b"\nendstream"


def packed(piece: bytes, times: int) -> bytes:
    """A piece so many times over, deflated: what is repeated is the packed piece, not the work."""
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    again = squeezer.compress(piece) + squeezer.flush(zlib.Z_FULL_FLUSH)
    checksum = 1
    for _ in range(times):
        checksum = zlib.adler32(piece, checksum)
    return b"\x78\xda" + again * times + squeezer.flush() + checksum.to_bytes(4, "big")


def drawn(content: bytes, more: Sequence[str | bytes] = (), resources: str = "", page: str = PAGE) -> bytes:
    """One page that draws this content, already deflated; `more` objects begin with number 5."""
    first = f"<< {page} /Contents 4 0 R /Resources << {resources} >> >>"
    return pdf([CATALOGUE, TREE, first, stream(content, "/Filter /FlateDecode"), *more])


def image(about: str, content: bytes) -> bytes:
    """A page that shows one picture."""
    shown = zlib.compress(b"q 600 0 0 800 0 0 cm /I Do Q")
    return drawn(shown, [stream(content, f"/Type /XObject /Subtype /Image {about}")], "/XObject << /I 5 0 R >>")


def _gigabyte_of_blanks() -> bytes:
    return drawn(packed(b" " * MEGA, 1000))


def _deflated_twice() -> bytes:
    twice = zlib.compress(packed(b" " * MEGA, 2000), 9)
    content = stream(twice, "/Filter [/FlateDecode /FlateDecode]")
    return pdf([CATALOGUE, TREE, f"<< {PAGE} /Contents 4 0 R >>", content])


def _a_hundred_filters() -> bytes:
    content = stream(zlib.compress(b" " * MEGA), "/Filter [" + "/FlateDecode " * 100 + "]")
    return pdf([CATALOGUE, TREE, f"<< {PAGE} /Contents 4 0 R >>", content])


def _states_without_end() -> bytes:
    return drawn(packed(b"q " * (MEGA // 2), 200))


def _lines_without_end() -> bytes:
    return drawn(packed(b"0 0 m 600 800 l S\n" * 50_000, 400))


def _words_without_end() -> bytes:
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    words = packed(b"BT /F 9 Tf 9 9 Td (all work and no play makes a dull day) Tj ET\n" * 15_000, 300)
    return drawn(words, [font], "/Font << /F 5 0 R >>")


def _deep_tree() -> bytes:
    depth = 20_000
    nodes: Objects = [f"<< /Type /Pages /Count 1 /Kids [{number + 1} 0 R] >>" for number in range(2, depth)]
    return pdf([CATALOGUE, *nodes, f"<< /Type /Page /Parent {depth - 1} 0 R /MediaBox [0 0 9 9] >>"])


def _tree_that_holds_itself() -> bytes:
    return pdf([CATALOGUE, "<< /Type /Pages /Count 1000000 /Kids [2 0 R 2 0 R 2 0 R 2 0 R] /Parent 2 0 R >>"])


def _count_that_lies() -> bytes:
    return pdf([CATALOGUE, "<< /Type /Pages /Count 2147483647 /Kids [3 0 R] >>", f"<< {PAGE} >>"])


def _negative_count() -> bytes:
    return pdf([CATALOGUE, "<< /Type /Pages /Count -5 /Kids [3 0 R] >>", f"<< {PAGE} >>"])


def _one_page_a_million_times() -> bytes:
    kids = "3 0 R " * 1_000_000
    return pdf([CATALOGUE, f"<< /Type /Pages /Count 1000000 /Kids [{kids}] >>", f"<< {PAGE} >>"])


def _huge_sheet() -> bytes:
    return drawn(zlib.compress(b"0 0 1e9 1e9 re f"), page="/Type /Page /Parent 2 0 R /MediaBox [0 0 1e12 1e12]")


def _sheet_of_no_size() -> bytes:
    return drawn(zlib.compress(b"0 0 9 9 re f"), page="/Type /Page /Parent 2 0 R /MediaBox [0 0 0.000001 99999999]")


def _table_that_goes_round() -> bytes:
    good = pdf([CATALOGUE, TREE, f"<< {PAGE} >>"])
    start = good.rindex(b"xref\n0 ")
    return good.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % start)


def _table_without_end() -> bytes:
    return pdf([CATALOGUE, TREE, f"<< {PAGE} >>"]).replace(b"xref\n0 4", b"xref\n0 4294967295")


def _table_of_a_lying_stream() -> bytes:
    about = "/Type /XRef /Size 2147483647 /W [8 8 8] /Index [0 2147483647] /Root 1 0 R /Filter /FlateDecode"
    head = b"%PDF-1.7\n1 0 obj\n" + CATALOGUE.encode() + b"\nendobj\n"
    table = b"9 0 obj\n" + stream(packed(bytes(MEGA), 300), about) + b"\nendobj\n"
    return head + table + b"startxref\n%d\n%%%%EOF\n" % len(head)


def _objects_in_themselves() -> bytes:
    inside = stream(zlib.compress(b"5 0 " * 1000), "/Type /ObjStm /N 1000000000 /First 4000000 /Filter /FlateDecode")
    return pdf([CATALOGUE, "5 0 R", "3 0 R", inside, "2 0 R"])


def _drawing_of_itself() -> bytes:
    form = stream(
        b"/X Do /X Do", "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>"
    )
    return drawn(zlib.compress(b"/X Do"), [form], "/XObject << /X 5 0 R >>")


def _ten_drawings_in_ten_in_ten() -> bytes:
    forms: Objects = [
        stream(b"/X Do " * 10, f"/Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {number + 1} 0 R >> >>")
        for number in range(5, 15)
    ]
    last = stream(b"0 0 9 9 re f", "/Subtype /Form /BBox [0 0 9 9]")
    return drawn(zlib.compress(b"/X Do"), [*forms, last], "/XObject << /X 5 0 R >>")


def _tiles_beyond_number() -> bytes:
    tile = "/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 0.0001 /YStep 0.0001 /Resources << >>"
    return drawn(
        zlib.compress(b"/Pattern cs /P scn 0 0 600 800 re f"),
        [stream(b"0 0 1 1 re f", tile)],
        "/Pattern << /P 5 0 R >>",
    )


def _colours_that_are_programs() -> bytes:
    program = stream(b"{" + b"dup mul sqrt " * 200_000 + b"}", "/FunctionType 4 /Domain [0 1] /Range [0 1]")
    shading = "<< /ShadingType 2 /ColorSpace /DeviceGray /Coords [0 0 600 800] /Function 6 0 R /Extend [true true] >>"
    return drawn(zlib.compress(b"/S sh " * 50), [shading, program], "/Shading << /S 5 0 R >>")


def _picture_of_ten_gigapixels() -> bytes:
    about = "/Width 100000 /Height 100000 /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /FlateDecode"
    return image(about, packed(bytes(MEGA), 1000))


def _jbig2_of_sixteen_gigapixels() -> bytes:
    page = struct.pack(">IBBIIIIIBH", 0, 0x30, 1, 19, 0x1FFFF, 0x1FFFF, 0, 0, 0, 0)
    region = struct.pack(">IBBIIIIIBB8b", 1, 0x26, 1, 26, 0x1FFFF, 0x1FFFF, 0, 0, 0, 0, *(3, -1, -3, -1, 2, -2, -2, -2))
    about = "/Width 131071 /Height 131071 /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /JBIG2Decode"
    return image(about, page + region + bytes(1000))


def _jpeg_2000_that_lies() -> bytes:
    size = struct.pack(">HHIIIIIIIIH", 47, 0, 0xFFFFFFF0, 0xFFFFFFF0, 0, 0, 0x7FFFFFFF, 0x7FFFFFFF, 0, 0, 3)
    start = b"\xff\x4f\xff\x51" + size + b"\x07\x01\x01" * 3 + b"\xff\x52" + bytes(50)
    return image("/Width 60000 /Height 60000 /Filter /JPXDecode", start)


def _jpeg_that_lies() -> bytes:
    frame = b"\xff\xd8\xff\xc2" + struct.pack(">HBHHB", 17, 8, 65_500, 65_500, 3) + b"\1\x22\0\2\x11\0\3\x11\0"
    about = "/Width 65500 /Height 65500 /BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /DCTDecode"
    return image(about, frame + bytes(1000))


def _fax_without_end() -> bytes:
    about = "/Width 60000 /Height 2147483647 /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /CCITTFaxDecode"
    return image(about + " /DecodeParms << /K -1 /Columns 60000 /Rows 2147483647 >>", b"\xff" * 100_000)


def _brackets_beyond_depth() -> bytes:
    return pdf([CATALOGUE, TREE, f"<< {PAGE} /Extra {'[' * 1_000_000}{']' * 1_000_000} >>"])


def _letters_that_mean_too_much() -> bytes:
    ranges = b"begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange\n" + b"".join(
        b"100 beginbfrange\n" + b"<0000> <FFFF> <0041004100410041>\n" * 100 + b"endbfrange\n" for _ in range(300)
    )
    font = (
        "<< /Type /Font /Subtype /Type0 /BaseFont /F /Encoding /Identity-H /ToUnicode 6 0 R /DescendantFonts [7 0 R] >>"
    )
    child = "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /F /CIDSystemInfo << >> /W [0 4294967295 500] >>"
    words = zlib.compress(b"BT /F 9 Tf (" + b"\0A" * 100_000 + b") Tj ET")
    return drawn(words, [font, stream(zlib.compress(ranges), "/Filter /FlateDecode"), child], "/Font << /F 5 0 R >>")


def _half_a_million_objects() -> bytes:
    return pdf([CATALOGUE, TREE, f"<< {PAGE} >>", *(f"[{number} 0 R]" for number in range(5, 300_000))])


def _cut_off() -> bytes:
    return pdf([CATALOGUE, TREE, f"<< {PAGE} /Contents 4 0 R >>", stream(b"0 0 m " * 100_000)])[:300_000]


BOMBS: tuple[Callable[[], bytes], ...] = (
    _gigabyte_of_blanks,
    _deflated_twice,
    _a_hundred_filters,
    _states_without_end,
    _lines_without_end,
    _words_without_end,
    _deep_tree,
    _tree_that_holds_itself,
    _count_that_lies,
    _negative_count,
    _one_page_a_million_times,
    _huge_sheet,
    _sheet_of_no_size,
    _table_that_goes_round,
    _table_without_end,
    _table_of_a_lying_stream,
    _objects_in_themselves,
    _drawing_of_itself,
    _ten_drawings_in_ten_in_ten,
    _tiles_beyond_number,
    _colours_that_are_programs,
    _picture_of_ten_gigapixels,
    _jbig2_of_sixteen_gigapixels,
    _jpeg_2000_that_lies,
    _jpeg_that_lies,
    _fax_without_end,
    _brackets_beyond_depth,
    _letters_that_mean_too_much,
    _half_a_million_objects,
    _cut_off,
)
