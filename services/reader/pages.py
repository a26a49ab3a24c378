"""The child's job "pages": the first pages of a PDF as pictures, for scans without words."""

import io
import json
from collections.abc import Iterator
from typing import IO

from PIL import Image
from pypdfium2 import PdfDocument

from services.reader.pdf import opened

SCALE = 200 / 72  # of a point, a 72nd of an inch: a small page is drawn with 200 dots an inch, no finer
QUALITY = 85


def work(file: IO[bytes], count: str, side: str) -> Iterator[bytes]:
    """For each page a line of JSON about its picture, then the picture, within `side` pixels."""
    document = opened(file)
    document.init_forms()  # what was filled in is seen, too
    for number in range(min(len(document), int(count))):
        picture = _drawn(document, number, int(side))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=QUALITY)
        about = {"mime_type": "image/jpeg", "width": picture.width, "height": picture.height, "length": out.tell()}
        yield json.dumps(about).encode() + b"\n"
        yield out.getvalue()


def _drawn(document: PdfDocument, number: int, side: int) -> Image.Image:
    page = document[number]
    scale = min(SCALE, side / max(page.get_size()))
    picture: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
    page.close()
    picture.thumbnail((side, side))  # sizes are rounded up
    return picture
