"""Twenty pictures that swell, loop or lie about their size; none is larger than a few megabytes."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator

from PIL import Image

from proof.pdf_bombs import MEGA, packed


def cases() -> Iterator[tuple[str, bytes]]:
    """Each with what is wrong with it."""
    return ((bomb.__name__.strip("_").replace("_", " ") + f".{ending}", bomb()) for bomb, ending in BOMBS)


def png(width: int, height: int, rows: bytes, kind: int = 2, more: bytes = b"") -> bytes:
    """A PNG of 8 bits whose header says so many pixels; kind 2 is RGB, 6 RGBA."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + more + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def chunk(name: bytes, data: bytes) -> bytes:
    """A piece of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _saved(form: str, **how: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(out, form, **how)
    return out.getvalue()


def _sixty_thousand_squared() -> bytes:
    return png(60_000, 60_000, packed(bytes(MEGA), 1000))


def _as_large_as_allowed() -> bytes:
    return png(5800, 5800, packed(bytes(1 + 4 * 5800), 5800), kind=6)


def _gigabyte_behind_a_small_header() -> bytes:
    return png(100, 100, packed(bytes(MEGA), 1000))


def _words_that_swell() -> bytes:
    words = b"".join(chunk(b"zTXt", b"Comment\0\0" + packed(b"x" * MEGA, 100)) for _ in range(20))
    return png(10, 10, zlib.compress(bytes(310)), more=words)


def _colours_that_swell() -> bytes:
    return png(10, 10, zlib.compress(bytes(310)), more=chunk(b"iCCP", b"ICC\0\0" + packed(b"x" * MEGA, 1000)))


def _frames_beyond_number() -> bytes:
    frame = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 60_000, 60_000, 0, 0, 1, 1, 0, 0))
    return png(10, 10, zlib.compress(bytes(310)), more=chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)) + frame)


def _million_pieces() -> bytes:
    return png(10, 10, zlib.compress(bytes(310)), more=chunk(b"tEXt", b"a\0b") * 500_000)


def _jpeg_header() -> bytes:
    good = _saved("JPEG")
    place = good.index(b"\xff\xc0") + 5
    return good[:place] + struct.pack(">HH", 65_500, 65_500) + good[place + 4 :]


def _progress_without_end() -> bytes:
    good = _saved("JPEG", progressive=True)
    place = good.index(b"\xff\xc2") + 5
    wide = good[:place] + struct.pack(">HH", 6000, 6000) + good[place + 4 : -2]
    return wide + b"\xff\xda\0\x08\x01\x01\0\x01\x05\x02\0" * 100_000 + b"\xff\xd9"


def _exif_that_goes_round() -> bytes:
    entries = b"".join(struct.pack("<HHII", tag, 4, 0xFFFFFFFF, 8) for tag in (0x8769, 0x8825, 0xA005, 0x0112))
    exif = b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 4) + entries + struct.pack("<I", 8)
    return _saved("JPEG", exif=exif)


def _screen_of_a_gif() -> bytes:
    good = _saved("GIF")
    return good[:6] + struct.pack("<HH", 65_535, 65_535) + good[10:]


def _frame_larger_than_its_screen() -> bytes:
    good = _saved("GIF")
    place = good.index(b"\x2c\0\0\0\0") + 5
    return good[:place] + struct.pack("<HH", 65_535, 65_535) + good[place + 4 :]


def _gif_without_end() -> bytes:
    good = _saved("GIF")
    frame = good[good.index(b"\x2c\0\0\0\0") : -1]
    return good[:-1] + frame * 20_000 + b";"


def _canvas_of_webp() -> bytes:
    good = _saved("WEBP", lossless=True)[12:]
    wide = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + b"\xff\xff\xff" * 2
    content = b"WEBP" + wide + b"ANIM\x06\0\0\0\0\0\0\0\0\0" + good
    return b"RIFF" + struct.pack("<I", len(content)) + content


def _webp_that_lies() -> bytes:
    bits = b"\x2f" + struct.pack("<I", 16_383 | 16_383 << 14 | 1 << 28) + bytes(500)
    content = b"WEBPVP8L" + struct.pack("<I", len(bits)) + bits
    return b"RIFF" + struct.pack("<I", len(content)) + content + b"\0"


def tiff(entries: list[tuple[int, int, int, int]], following: int = 0, data: bytes = b"") -> bytes:
    """A TIFF of one directory: tag, type, count and value of each entry."""
    fields = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + fields + struct.pack("<I", following) + data


def _tiff_of_a_hundred_gigapixels() -> bytes:
    shape = [(256, 4, 1, 300_000), (257, 4, 1, 300_000), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1)]
    strips = [(273, 4, 1, 134), (277, 3, 1, 1), (278, 4, 1, 300_000), (279, 4, 1, 1000)]
    return tiff(shape + strips, data=packed(bytes(MEGA), 1000))


def _tiff_that_goes_round() -> bytes:
    shape = [
        (256, 4, 1, 5000),
        (257, 4, 1, 5000),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 2**32 - 1, 8),
    ]
    return tiff(shape, following=8, data=bytes(1000))


def _bmp_that_lies() -> bytes:
    about = struct.pack("<IiiHHIIiiII", 40, 0x7FFFFFFF, -0x7FFFFFFF, 1, 8, 1, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 1000, 0, 0, 54) + about + bytes(1000)


def _large_picture_in_a_small_icon() -> bytes:
    inside = _sixty_thousand_squared()
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 16, 16, 0, 0, 1, 32, len(inside), 22) + inside


def _laughs() -> bytes:
    names = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 12))
    return f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY l0 "lol">{names}]><svg>&l11;</svg>'.encode()


BOMBS: tuple[tuple[Callable[[], bytes], str], ...] = (
    (_sixty_thousand_squared, "png"),
    (_as_large_as_allowed, "png"),
    (_gigabyte_behind_a_small_header, "png"),
    (_words_that_swell, "png"),
    (_colours_that_swell, "png"),
    (_frames_beyond_number, "png"),
    (_million_pieces, "png"),
    (_jpeg_header, "jpg"),
    (_progress_without_end, "jpg"),
    (_exif_that_goes_round, "jpg"),
    (_screen_of_a_gif, "gif"),
    (_frame_larger_than_its_screen, "gif"),
    (_gif_without_end, "gif"),
    (_canvas_of_webp, "webp"),
    (_webp_that_lies, "webp"),
    (_tiff_of_a_hundred_gigapixels, "tiff"),
    (_tiff_that_goes_round, "tiff"),
    (_bmp_that_lies, "bmp"),
    (_large_picture_in_a_small_icon, "ico"),
    (_laughs, "svg"),
)
