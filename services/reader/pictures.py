"""The child's job "picture": one picture turned upright, bounded and without a word about its place, by Pillow."""

import io
import json
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import IO

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    IcoImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from services.reader import ChildError

# What Pillow may take a file for. Not among them: formats that start programs (EPS) or are nobody's photos.
PLUGINS = (
    JpegImagePlugin.JpegImageFile,
    PngImagePlugin.PngImageFile,
    WebPImagePlugin.WebPImageFile,
    GifImagePlugin.GifImageFile,
    BmpImagePlugin.BmpImageFile,
    TiffImagePlugin.TiffImageFile,
    AvifImagePlugin.AvifImageFile,
    IcoImagePlugin.IcoImageFile,
)
FORMATS = [plugin.format for plugin in PLUGINS]
# Pixels by what decoding holds in memory: a plain JPEG is scaled down while it is read (a phone's 200 megapixels take
# 40 MB), a progressive one is held whole in 3 to 6 bytes a pixel, anything else in 4, twice where it is transparent.
PLAIN_JPEG, PROGRESSIVE_JPEG, OTHERS = 250_000_000, 40_000_000, 34_000_000
# EXIF's orientation → what makes it upright.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION = 0x0112
LOSSLESS = ("PNG", "GIF", "BMP", "ICO", "TIFF")  # often screenshots and drawings, whose letters JPEG would blur
LARGEST_PNG = 4_000_000  # bytes; above it is a photo, and goes as JPEG
QUALITY = 90

Image.MAX_IMAGE_PIXELS = PLAIN_JPEG
AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # the child may begin none
warnings.simplefilter("error", Image.DecompressionBombWarning)


def work(file: IO[bytes], side: str) -> Iterator[bytes]:
    """One line of JSON about the picture, then the picture."""
    try:
        with Image.open(file, formats=FORMATS) as opened:
            kept, picture = opened.format or "", _upright(opened, int(side))
            exact = picture is opened and kept == "JPEG"
            mime_type, content = _saved(picture, kept, exact)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ChildError("too_large") from None
    yield json.dumps({"mime_type": mime_type, "width": picture.width, "height": picture.height}).encode() + b"\n"
    yield content


def _upright(opened: Image.Image, side: int) -> Image.Image:
    """The first frame within `side`, turned by EXIF, in one of the modes RGB and L; the same object when it is fine."""
    _check(opened)
    opened.draft(None, _within(opened.size, side))
    picture = _plain(opened)
    if max(picture.size) > side:
        picture = picture.resize(_within(picture.size, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    picture = _on_white(picture)
    with suppress(Exception):  # broken EXIF is no reason to refuse a picture
        turn = TURNS.get(opened.getexif().get(ORIENTATION, 1))
        return picture if turn is None else picture.transpose(turn)
    return picture


def _check(opened: Image.Image) -> None:
    """Judge by the header, before a pixel is decoded."""
    if opened.format in ("JPEG", "MPO"):
        most = PROGRESSIVE_JPEG if opened.info.get("progressive") else PLAIN_JPEG
    else:
        most = OTHERS
    if opened.width * opened.height > most:
        raise ChildError("too_large")


def _within(size: tuple[int, int], side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _plain(opened: Image.Image) -> Image.Image:
    """In a mode whose scaling mixes colours: L, LA, RGB, RGBA or CMYK."""
    opened.load()
    if opened.mode.startswith("I") or opened.mode == "F":
        return _eight_bits(opened)
    if opened.mode in ("L", "LA", "RGB", "RGBA", "CMYK") and "transparency" not in opened.info:
        return opened
    return opened.convert("RGBA" if opened.has_transparency_data else "RGB")


def _eight_bits(opened: Image.Image) -> Image.Image:
    """Grey of 16 bits or more, its darkest made black and its lightest white, as viewers of such pictures do."""
    grey = opened.convert("F")
    low, high = grey.getextrema()
    assert isinstance(low, float)
    assert isinstance(high, float)
    scale = 255 / (high - low) if high > low else 0.0
    return grey.point(lambda value: value * scale - low * scale).convert("L")


def _on_white(picture: Image.Image) -> Image.Image:
    """Transparency goes: what a model would see behind it is not known."""
    if picture.mode in ("RGBA", "LA"):
        ground = Image.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture.convert("RGBA"))
        return ground.convert("RGB")
    return picture.convert("RGB") if picture.mode == "CMYK" else picture


def _saved(picture: Image.Image, kept: str, exact: bool) -> tuple[str, bytes]:
    """As PNG what was without loss and is small, else as JPEG; nothing but the pixels."""
    picture.info = {}
    out = io.BytesIO()
    if kept in LOSSLESS:
        picture.save(out, "PNG")
        if out.tell() <= LARGEST_PNG:
            return "image/png", out.getvalue()
        out = io.BytesIO()
    if exact:
        picture.save(out, "JPEG", quality="keep")  # the same tables: nothing more is lost
    else:
        picture.save(out, "JPEG", quality=QUALITY)
    return "image/jpeg", out.getvalue()
