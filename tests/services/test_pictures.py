"""Pictures come out upright, bounded and silent about their place, whatever they came as."""

import io
import struct
import tempfile
import zlib
from pathlib import Path

import pytest
from PIL import Image

from services import pictures, wire
from services.pictures import Picture, PictureError

MEDIA = Path(__file__).resolve().parent.parent / "media"
RED, BLUE = (255, 0, 0), (0, 0, 255)


def fit(content: bytes, side: int = 2048) -> Picture:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        return pictures.fit(file, side)


def refused(content: bytes) -> str:
    with pytest.raises(PictureError) as caught:
        fit(content)
    return caught.value.kind


def opened(picture: Picture) -> Image.Image:
    image = Image.open(io.BytesIO(picture.content))
    assert image.size == (picture.width, picture.height)
    assert Image.MIME[str(image.format)] == picture.mime_type
    return image


def saved(image: Image.Image, form: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **how)
    return out.getvalue()


def half_red(width: int = 400, height: int = 300) -> Image.Image:
    """Red at the left, blue at the right."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image


def near(colour: object, wanted: tuple[int, ...]) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(one - other) < 12 for one, other in zip(colour, wanted, strict=True))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_upright_however_the_camera_was_held_and_tells_no_place(orientation: int) -> None:
    content = (MEDIA / f"photo-{orientation}.jpg").read_bytes()
    assert Image.open(io.BytesIO(content)).getexif().get_ifd(0x8825), "the photo tells its place"
    image = opened(fit(content))
    assert image.size == (160, 120)
    corners = [image.getpixel(at) for at in ((5, 5), (155, 5), (5, 115), (155, 115))]
    assert [near(colour, (254, 0, 0)) for colour in corners] == [True, False, False, False]
    assert near(image.getpixel((80, 115)), (0, 128, 0))
    assert not image.getexif()
    assert b"Exif" not in image.info.get("exif", b"")


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_small_fine_picture_loses_its_words_too(form: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    comment = {"comment": b"SECRET-WORD"} if form == "JPEG" else {}
    content = saved(half_red(), form, exif=exif, icc_profile=b"SECRET-PROFILE", **comment)
    assert b"SECRET" in content
    picture = fit(content)
    assert b"SECRET" not in picture.content
    assert near(opened(picture).convert("RGB").getpixel((10, 10)), RED)
    assert near(opened(picture).convert("RGB").getpixel((390, 10)), BLUE)


def test_words_of_a_png_go_as_well() -> None:
    about = b"Author\0SECRET"
    chunk = struct.pack(">I", len(about)) + b"tEXt" + about + struct.pack(">I", zlib.crc32(b"tEXt" + about))
    plain = saved(half_red(), "PNG")
    content = plain[:33] + chunk + plain[33:]
    assert Image.open(io.BytesIO(content)).info["Author"] == "SECRET"
    assert b"SECRET" not in fit(content).content


@pytest.mark.parametrize(("width", "height"), [(4000, 3000), (1000, 5000), (3000, 2), (2048, 2048), (2049, 10)])
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_the_longest_side_is_bounded_and_the_shape_kept(width: int, height: int, form: str) -> None:
    picture = fit(saved(half_red(width, height), form))
    scale = min(1, 2048 / max(width, height))
    assert (picture.width, picture.height) == (max(1, round(width * scale)), max(1, round(height * scale)))
    image = opened(picture).convert("RGB")
    assert near(image.getpixel((2, 0)), RED)
    assert near(image.getpixel((picture.width - 3, picture.height - 1)), BLUE)


def test_a_side_can_be_asked_for() -> None:
    assert fit(saved(half_red(), "PNG"), side=100)[1:] == ("image/png", 100, 75)


def test_a_photo_turned_and_scaled_is_both() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = fit(saved(half_red(4000, 3000), "JPEG", exif=exif))
    assert (picture.width, picture.height) == (1536, 2048)
    assert near(opened(picture).getpixel((700, 10)), RED), "the left is on top now"


@pytest.mark.parametrize(
    ("image", "colour"),
    [
        (half_red().convert("P"), RED),
        (half_red().convert("CMYK"), RED),
        (half_red().convert("L"), (76, 76, 76)),
        (half_red().convert("LA"), (76, 76, 76)),
        (half_red().convert("L").convert("1"), None),
        (Image.new("RGBA", (400, 300), (255, 0, 0, 128)), (255, 127, 127)),
        (Image.new("RGBA", (400, 300), (0, 0, 0, 0)), (255, 255, 255)),
        (Image.new("LA", (400, 300), (0, 0)), (255, 255, 255)),
    ],
    ids=lambda value: getattr(value, "mode", ""),
)
def test_every_way_to_keep_colours_becomes_plain(image: Image.Image, colour: tuple[int, ...] | None) -> None:
    form = "TIFF" if image.mode == "CMYK" else "PNG"
    for size in ((400, 300), (3000, 2250)):
        seen = opened(fit(saved(image.resize(size), form)))
        assert seen.mode in ("RGB", "L")
        assert colour is None or near(seen.convert("RGB").getpixel((10, 10)), colour)


def test_a_cmyk_photo_of_a_printer_keeps_its_colours() -> None:
    assert near(opened(fit(saved(half_red().convert("CMYK"), "JPEG"))).getpixel((10, 10)), RED)


def test_sixteen_bits_of_grey_become_eight() -> None:
    image = Image.new("I;16", (100, 100), 0)
    image.paste(60000, (50, 0, 100, 100))
    image.paste(30000, (50, 50, 100, 100))
    seen = opened(fit(saved(image, "PNG")))
    assert [seen.getpixel(at) for at in ((10, 10), (90, 10), (90, 90))] == [0, 255, 127]


def test_a_palette_with_one_colour_seen_through() -> None:
    image = half_red().convert("P", palette=Image.Palette.ADAPTIVE, colors=2)
    through = image.getpixel((10, 10))
    seen = opened(fit(saved(image, "PNG", transparency=through)))
    assert seen.getpixel((10, 10)) == (255, 255, 255)
    assert near(seen.getpixel((390, 10)), BLUE)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "AVIF"])
def test_of_an_animation_the_first_frame(form: str) -> None:
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "blue", "green")]
    content = saved(frames[0], form, save_all=True, append_images=frames[1:], duration=100)
    image = opened(fit(content)).convert("RGB")
    assert near(image.getpixel((30, 20)), RED)


def test_letters_stay_sharp_and_photos_small() -> None:
    noise = Image.effect_noise((2000, 1500), 90).convert("RGB")
    assert fit(saved(noise, "PNG")).mime_type == "image/jpeg"
    assert fit(saved(half_red(), "PNG")).mime_type == "image/png"
    assert fit(saved(half_red(), "GIF")).mime_type == "image/png"
    assert fit(saved(half_red(), "WEBP")).mime_type == "image/jpeg"


def png_of(width: int, height: int, kind: int = 2) -> bytes:
    """A PNG whose header promises so many pixels, and that has none."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_too_many_pixels_are_refused_by_the_header() -> None:
    assert refused(png_of(60_000, 60_000)) == "too_large"
    assert refused(png_of(6000, 6000)) == "too_large"
    jpeg = saved(half_red(16, 16), "JPEG")
    sizes = jpeg.index(b"\xff\xc0") + 5
    assert refused(jpeg[:sizes] + struct.pack(">HH", 60_000, 60_000) + jpeg[sizes + 4 :]) == "too_large"
    gif = saved(half_red(16, 16), "GIF")
    assert refused(gif[:6] + struct.pack("<HH", 60_000, 60_000) + gif[10:]) == "too_large"


def test_a_phone_of_two_hundred_megapixels_is_welcome() -> None:
    huge = saved(half_red(160, 120).resize((16_320, 12_240), Image.Resampling.NEAREST), "JPEG")
    picture = fit(huge)
    assert (picture.width, picture.height) == (2048, 1536)
    assert near(opened(picture).getpixel((10, 10)), RED)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"\xff\xd8\xff" + bytes(100),
        saved(half_red(), "JPEG")[:900],
        saved(half_red(), "PNG")[:300],
        png_of(100, 100),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
    ],
    ids=["empty", "words", "zeros", "cut jpeg", "cut png", "short png", "eps", "svg"],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    assert refused(content) == "unreadable"


def test_broken_exif_is_no_reason_to_refuse() -> None:
    content = saved(half_red(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + bytes(40))
    assert opened(fit(content)).size == (400, 300)


def test_a_call_that_is_cut_ends_it() -> None:
    call = wire.Call()
    call.cut("stop")
    with tempfile.TemporaryFile() as file:
        file.write(saved(half_red(), "PNG"))
        file.flush()
        with pytest.raises(wire.CutError):
            pictures.fit(file, call=call)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_a_picture_is_known_by_its_beginning(kind: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, kind)
    assert pictures.is_one(out)


@pytest.mark.parametrize("start", [b"", b"BMW and other cars", b"RIFF\0\0\0\0WAVE", b"%PDF-1.7", b"GIF8 is a text"])
def test_what_is_no_picture_is_none(start: bytes) -> None:
    assert not pictures.is_one(io.BytesIO(start))
