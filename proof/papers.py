"""Files as people send them, made here: a text, a PDF, a DOCX, a picture, a sound, each with the words given."""

import io
import math
import struct
import wave
import zipfile
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MIME_TYPES = {"text": "text/plain", "pdf": "application/pdf", "docx": DOCUMENT, "picture": "image/png"}
ENDINGS = {"text": "txt", "pdf": "pdf", "docx": "docx", "picture": "png"}


def text(words: str) -> bytes:
    """Plain text."""
    return words.encode("utf-8", "replace")


def picture(words: str) -> bytes:
    """A PNG with the words drawn on it, and once more among what no one sees."""
    out, hidden = io.BytesIO(), PngInfo()
    hidden.add_itxt("Comment", words)
    image = Image.new("RGB", (640, 200), "white")
    ImageDraw.Draw(image).text((10, 10), words.encode("ascii", "replace").decode()[:600], "black")
    image.save(out, "PNG", pnginfo=hidden)
    return out.getvalue()


def sound() -> bytes:
    """A second of a tone."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"".join(struct.pack("<h", int(9_000 * math.sin(place / 3))) for place in range(8_000)))
    return out.getvalue()


def pdf(words: str) -> bytes:
    """One page; the words are written white on white as well."""
    lines = [line.encode("ascii", "replace").decode() for line in words.splitlines()] or [""]
    shown = "".join(f"({_in_pdf(line)}) Tj 0 -14 Td\n" for line in lines)
    page = f"BT /F1 12 Tf 40 740 Td\n{shown}1 1 1 rg\n{shown}ET"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        "/Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(page)} >>\nstream\n{page}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    body, places = "%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{each}\nendobj\n"
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}"
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return (body + table + trailer).encode()


def _in_pdf(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def docx(words: str) -> bytes:
    """A paragraph a line, and all of them once more as hidden text."""
    runs = "".join(f"<w:p><w:r><w:t>{_in_xml(line)}</w:t></w:r></w:p>" for line in words.splitlines())
    hidden = f"<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>{_in_xml(words)}</w:t></w:r></w:p>"
    kinds = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{DOCUMENT}.main+xml"/>'
    )
    link = f'<Relationship Id="r1" Type="{OFFICE}" Target="word/document.xml"/>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", f'<Types xmlns="{PACKAGE}/content-types">{kinds}</Types>')
        package.writestr("_rels/.rels", f'<Relationships xmlns="{PACKAGE}/relationships">{link}</Relationships>')
        body = f'<w:document xmlns:w="{WORD}"><w:body>{runs}{hidden}</w:body></w:document>'
        package.writestr("word/document.xml", body)
    return out.getvalue()


def _in_xml(words: str) -> str:
    return escape("".join(each for each in words if each >= " " or each == "\n"))
