"""A calm gradient with the prompt's words on it, and plainly labelled as a placeholder."""

import colorsys
import hashlib
import io
import textwrap
from collections.abc import Sequence
from functools import cache
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps

Font = ImageFont.FreeTypeFont
FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "arial.ttf")
LABEL = "placeholder, not a generated picture"
MOST_LINES = 8


def draw(prompt: str, width: int, height: int, under: Sequence[Image.Image] = ()) -> bytes:
    """A PNG of that size in pixels; the same prompt gives the same picture. `under` are those it is drawn on."""
    picture = ground(under, width, height) if under else gradient(prompt, width, height)
    pen = ImageDraw.Draw(picture)
    # On a picture the words stand in a band at its lower end, so that it is still seen.
    room, middle = (height * 2 // 3, height * 4 // 5) if under else (height, height // 2)
    lines, font = layout(prompt, width, room)
    text = "\n".join(lines)
    place: dict[str, Any] = {"font": font, "anchor": "mm", "align": "center", "spacing": font.size // 3}
    if under:
        left, top, right, bottom = pen.multiline_textbbox((width / 2, middle), text, **place)
        around = font.size // 2
        pen.rounded_rectangle((left - around, top - around, right + around, bottom + around), around, "#1d3b4f")
    pen.multiline_text((width / 2, middle), text, "white", **place)
    small = scaled(max(10, min(width, height) // 40))
    pen.text((width / 2, height - 1.5 * small.size), LABEL, (255, 255, 255), small, anchor="mm")
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=3)
    return out.getvalue()


def ground(under: Sequence[Image.Image], width: int, height: int) -> Image.Image:
    """The pictures given, side by side, in a frame."""
    side = width // len(under)
    picture = Image.new("RGB", (width, height))
    for place, each in enumerate(under):
        picture.paste(ImageOps.fit(each.convert("RGB"), (side, height)), (place * side, 0))
    return ImageOps.expand(ImageOps.crop(picture, 12), 12, "#1d3b4f")


def unfinished(png: bytes, step: int) -> bytes:
    """A picture as it looks at a step from 0 on: coarse at first, then finer."""
    with Image.open(io.BytesIO(png)) as picture:
        share = max(8, 48 // 3**step)
        small = picture.resize((max(1, picture.width // share), max(1, picture.height // share)))
        out = io.BytesIO()
        small.resize(picture.size, Image.Resampling.BICUBIC).save(out, "PNG", compress_level=3)
        return out.getvalue()


def gradient(prompt: str, width: int, height: int) -> Image.Image:
    """A calm two-colour ground; the same words always get the same colours."""
    hue = hashlib.sha256(prompt.encode("utf-8", "replace")).digest()[0] / 255
    top, bottom = colour(hue, 0.55, 0.42), colour(hue + 0.12, 0.5, 0.78)
    slope = Image.linear_gradient("L").rotate(20, Image.Resampling.BICUBIC).crop((44, 44, 212, 212))
    return ImageOps.colorize(slope.resize((width, height), Image.Resampling.BICUBIC), top, bottom)


def colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    """Hue, saturation and value, each 0–1, as red, green and blue, each 0–255."""
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return int(red * 255), int(green * 255), int(blue * 255)


def layout(prompt: str, width: int, height: int) -> tuple[list[str], Font]:
    """The prompt in lines that fit, in the largest of a few letter sizes; the rest of a long one gives way to dots."""
    words = " ".join(prompt.split())
    lines: list[str] = []
    for part in (12, 16, 22, 30):
        font = scaled(max(10, min(width, height) // part))
        words = "".join(letter for letter in words if letter == " " or has(font, letter))
        lines = textwrap.wrap(words, max(4, int(width * 0.85 / (font.size * 0.6))))
        if len(lines) <= MOST_LINES:
            return lines, font
    return [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1][:-1] + "…"], font


@cache
def scaled(size: int) -> Font:
    """A font of this computer that has Cyrillic letters, else the one inside Pillow, which has only Latin ones."""
    for name in FONTS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType")
    return font


def has(font: Font, letter: str) -> bool:
    """Whether the font can draw the letter: a missing one looks like U+FFFF, which no font has."""
    return bytes(font.getmask(letter)) != bytes(font.getmask("\uffff"))
