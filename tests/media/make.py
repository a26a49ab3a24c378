"""Makes the files of this folder anew: `python -m tests.media.make`; needs LibreOffice (`soffice`) and DejaVu fonts."""

from pathlib import Path

from PIL import Image, ImageDraw

HERE = Path(__file__).resolve().parent
# How pixels lie in a file whose EXIF says that they must be turned: the opposite of that turn.
LYING = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
MAKE, MODEL, ORIENTATION, GPS = 0x010F, 0x0110, 0x0112, 0x8825


def photos() -> None:
    """The same landscape, red at the upper left corner, as a camera held in eight ways writes it, with its place."""
    picture = Image.new("RGB", (160, 120), "lightblue")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 80, 160, 120), fill="green")
    draw.ellipse((110, 10, 140, 40), fill="yellow")
    draw.rectangle((0, 0, 40, 30), fill="red")
    for orientation, lying in LYING.items():
        exif = Image.Exif()
        exif[MAKE], exif[MODEL], exif[ORIENTATION] = "Sandbox", "Phone", orientation
        exif.get_ifd(GPS).update({1: "N", 2: (55.0, 45.0, 21.0), 3: "E", 4: (37.0, 37.0, 2.0)})
        photo = picture if lying is None else picture.transpose(lying)
        photo.save(HERE / f"photo-{orientation}.jpg", quality=85, exif=exif)


if __name__ == "__main__":
    photos()
