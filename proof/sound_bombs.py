"""Sounds that mean harm: small files that claim or unfold hours, name other files, or break what reads them."""

import random
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from services import voice

DAY, HOUR = 86_400, 3_600  # seconds
MEGABYTE = 1_048_576
SIDE = 30_000  # pixels of a cover: 900 MB once unpacked


def cases() -> Iterator[tuple[str, bytes]]:
    """Twenty of them, each with what it is; some hold a second of real sound."""
    yield ("a day of silence in Opus", _opus_day())
    yield ("a day of silence in AMR", b"#!AMR\n" + b"\x7c" * (DAY * 50))
    yield ("an hour of empty MP3 frames", _mp3_hour())
    yield ("a day of constant FLAC frames", _flac_day())
    yield ("a week at one sample a second", _wav(1, 1, 8, bytes([0, 255]) * (DAY * 7 // 2)))
    yield ("an Ogg that ends in a hundred years", _late_ogg())
    yield ("an MP4 that claims a month", _claiming_mp4())
    yield ("an MP4 with four thousand million samples of one length", _wrong_table(b"stts", 0xFFFFFFFF))
    yield ("an MP4 whose table is larger than its file", _wrong_table(b"stsz", 0x7FFFFFFF))
    yield ("boxes inside of boxes inside of boxes", _nested_boxes())
    yield ("a Matroska whose sizes are beyond all bounds", _matroska())
    yield ("a WAV that claims four gigabytes", _wav(8_000, 1, 16, _tone(8_000), size=0xFFFFFFFF))
    yield ("four thousand million samples a second", _wav(0xFFFFFFFF, 1, 16, _tone(MEGABYTE)))
    yield ("sixty-five thousand channels", _wav(48_000, 65_535, 16, _tone(MEGABYTE)))
    yield (
        "a playlist that names our files",
        b"#EXTM3U\n#EXTINF:9,\n/etc/passwd\n#EXTINF:9,\nfile:///proc/self/environ\n",
    )
    yield (
        "a script that joins our files",
        b"ffconcat version 1.0\nfile '/etc/passwd'\nfile 'pipe:0'\nduration 99999\n",
    )
    yield ("a cover of nine hundred megabytes", _with_cover())
    yield ("twenty thousand streams in a chain", _chained())
    yield ("half an Ogg, then noise", _tone_in("ogg")[:3_000] + random.Random(1).randbytes(2 * MEGABYTE))
    yield ("packets of a broadcast full of noise", _broadcast())


@cache
def _tone_in(kind: str) -> bytes:
    """A second of a tone as ffmpeg writes it into a container."""
    codec = {"mp4": "aac", "mp3": "libmp3lame"}.get(kind, "libopus")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"tone.{kind}"
        tone = ["-f", "lavfi", "-i", "sine=frequency=440:duration=1", "-c:a", codec, str(file)]
        subprocess.run([voice.ffmpeg(), "-loglevel", "error", *tone], check=True)
        return file.read_bytes()


def _tone(size: int) -> bytes:
    """Bytes of something that is not silent."""
    return bytes(range(256)) * (size // 256)


def _wav(rate: int, channels: int, bits: int, samples: bytes, size: int = 0) -> bytes:
    block = channels * bits // 8
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * block & 0xFFFFFFFF, block & 0xFFFF, bits)
    length = struct.pack("<I", size or len(samples))
    return b"RIFF" + length + b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + length + samples


# -- Ogg: https://datatracker.ietf.org/doc/html/rfc3533


def _checksums() -> Iterator[int]:
    for value in range(256):
        rest = value << 24
        for _ in range(8):
            rest = (rest << 1 ^ (0x04C11DB7 if rest & 0x80000000 else 0)) & 0xFFFFFFFF
        yield rest


_CHECKSUMS = tuple(_checksums())


def _page(serial: int, number: int, granule: int, flags: int, packets: list[bytes]) -> bytes:
    """A page of packets that are shorter than 255 bytes each."""
    sizes = bytes(map(len, packets))
    head = struct.pack("<4sBBQIII", b"OggS", 0, flags, granule, serial, number, 0) + bytes([len(sizes)]) + sizes
    content, rest = bytearray(head + b"".join(packets)), 0
    for byte in content:
        rest = (rest << 8 & 0xFFFFFFFF) ^ _CHECKSUMS[rest >> 24 ^ byte]
    content[22:26] = struct.pack("<I", rest)
    return bytes(content)


def _opus_head(serial: int) -> bytes:
    about = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I1sI", 1, b"x", 0)
    return _page(serial, 0, 0, 2, [about]) + _page(serial, 1, 0, 0, [tags])


def _opus_day() -> bytes:
    """Packets of one byte, each of them 120 ms in which nothing is said."""
    packets, samples = [bytes([3 << 3 | 1])] * 255, 5_760
    pages = range(DAY * 48_000 // (255 * samples))
    return _opus_head(1) + b"".join(_page(1, n + 2, (n + 1) * 255 * samples, 0, packets) for n in pages)


def _late_ogg() -> bytes:
    """A day's first second, and one packet that says it ends in a hundred years."""
    first = _page(1, 2, 48_000, 0, [bytes([3 << 3 | 1])] * 8)
    return _opus_head(1) + first + _page(1, 3, 100 * 365 * DAY * 48_000, 4, [bytes([3 << 3 | 1])])


def _chained() -> bytes:
    return b"".join(_opus_head(n) + _page(n, 2, 5_760, 4, [bytes([3 << 3 | 1])]) for n in range(1, 20_001))


# -- other containers


def _mp3_hour() -> bytes:
    """Frames of 72 bytes for 72 ms, with nothing in them."""
    return (b"\xff\xe3\x18\xc4" + bytes(68)) * (HOUR * 1000 // 72)


def _flac_day() -> bytes:
    """Frames of 65,535 samples that are all the same: https://datatracker.ietf.org/doc/html/rfc9639."""
    bits = (65_535 << 112) | (65_535 << 96) | (8_000 << 44) | (15 << 36)
    about = b"fLaC\x80" + (34).to_bytes(3, "big") + bits.to_bytes(18, "big") + bytes(16)
    return about + b"".join(_flac_frame(number) for number in range(DAY * 8_000 // 65_535))


def _flac_frame(number: int) -> bytes:
    head = b"\xff\xf8\x74\x08" + chr(number).encode("utf-8", "surrogatepass") + b"\xff\xfe"
    content = head + bytes([_crc(head, 8, 0x07)]) + b"\x00\x00\x00"
    return content + _crc(content, 16, 0x8005).to_bytes(2, "big")


def _crc(content: bytes, width: int, polynomial: int) -> int:
    rest, top = 0, 1 << width - 1
    for byte in content:
        rest ^= byte << width - 8
        for _ in range(8):
            rest = (rest << 1 ^ (polynomial if rest & top else 0)) & (2 * top - 1)
    return rest


def _claiming_mp4() -> bytes:
    """Its headers say a month, its sound is a second."""
    sound = bytearray(_tone_in("mp4"))
    for name, place in ((b"mvhd", 20), (b"mdhd", 20), (b"tkhd", 24)):
        at = sound.find(name) + place
        sound[at : at + 4] = struct.pack(">I", 0xF0000000)
    return bytes(sound)


def _wrong_table(name: bytes, number: int) -> bytes:
    """A table of so many entries, with but one or none of them."""
    sound = bytearray(_tone_in("mp4"))
    at = sound.find(name) + 12
    sound[at : at + 4] = struct.pack(">I", number)
    return bytes(sound)


def _nested_boxes() -> bytes:
    depth = 100_000
    boxes = b"".join(struct.pack(">I4s", 8 * (depth - level), b"moov") for level in range(depth))
    return struct.pack(">I4s4sI", 16, b"ftyp", b"isom", 0) + boxes


def _matroska() -> bytes:
    """Every size of an element of the second half is the largest there is."""
    sound = _tone_in("mkv")
    half = len(sound) // 2
    return (
        sound[:half]
        + sound[half:].replace(b"\xa3", b"\xa3\x01\xff\xff\xff\xff\xff\xff\xfe")
        + b"\x1f\x43\xb6\x75\xff" * 9_999
    )


def _with_cover() -> bytes:
    """An MP3 with a picture of nothing, packed a thousandfold."""
    cover = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0))
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(SIDE + 1)) for _ in range(SIDE)) + packer.flush()
    cover += _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")
    frame = b"\x00image/png\x00\x03\x00" + cover
    tag = b"APIC" + struct.pack(">I", len(frame)) + b"\x00\x00" + frame
    size = bytes(len(tag) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\x00\x00" + size + tag + _tone_in("mp3")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _broadcast() -> bytes:
    dice = random.Random(2)
    return b"".join(b"\x47" + dice.randbytes(187) for _ in range(4 * MEGABYTE // 188))
