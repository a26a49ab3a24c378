"""Pictures people send: upright, no larger than models look at, and without what a camera wrote about the place."""

import json
from typing import IO, Literal, NamedTuple

from services import child, wire

SIDE = 2048  # pixels: what models look at most finely
# The hardest picture within our pixels, a transparent PNG, takes 3 seconds and 350 MB; a photo a tenth of the time.
SECONDS = 15.0
MEMORY = 512 << 20  # bytes of address space, about 60 MB of them the libraries'
OUTPUT = 16 << 20  # bytes: a picture of `SIDE` × `SIDE` without any compression takes 12


class PictureError(Exception):
    """A file that is no picture Pillow can read, or one of too many pixels."""

    def __init__(self, kind: Literal["unreadable", "too_large"]) -> None:
        super().__init__(kind)
        self.kind = kind


class Picture(NamedTuple):
    """A picture as a model takes it; width and height in pixels."""

    content: bytes
    mime_type: str
    width: int
    height: int


def is_one(file: IO[bytes]) -> bool:
    """Whether a file begins as a picture does, whatever its sender calls it."""
    file.seek(0)
    start = file.read(16)
    known = start.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*"))
    inside = start[:4] == b"RIFF" and start[8:12] == b"WEBP"
    return known or inside or start[4:12] in (b"ftypavif", b"ftypavis") or (start[:2] == b"BM" and not any(start[6:10]))


def fit(file: IO[bytes], side: int = SIDE, call: wire.Call | None = None) -> Picture:
    """The picture of a real file as JPEG or PNG within `side` pixels; of an animation its first frame.

    Raises PictureError; `wire.CutError` when the call is cut. Limits of pixels: `services.reader.pictures`.
    """
    try:
        answer = child.run("picture", file, str(side), seconds=SECONDS, memory=MEMORY, output=OUTPUT, call=call)
    except child.ChildError as error:
        raise PictureError("too_large" if error.kind == "too_large" else "unreadable") from None
    return picture(answer)


def picture(answer: bytes) -> Picture:
    """A picture out of what the child says: a line of JSON about it, then its bytes."""
    about, _, content = answer.partition(b"\n")
    return Picture(content=content, **json.loads(about))
