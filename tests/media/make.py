"""Makes the files of this folder anew: `python -m tests.media.make`; needs LibreOffice (`soffice`) and DejaVu fonts."""

import json
import subprocess
import tempfile
from pathlib import Path

import pypdfium2
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


OFFICE = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" office:version="1.3"
 office:mimetype="application/vnd.oasis.opendocument.{kind}">{content}</office:document>"""

LETTER = """<office:styles><style:style style:name="Standard" style:family="paragraph"><style:text-properties
 style:font-name="DejaVu Sans" fo:language="ru"/></style:style>
 <style:style style:name="Heading_20_1" style:display-name="Heading 1" style:family="paragraph"
 style:default-outline-level="1"/></office:styles>
<office:automatic-styles>
 <style:style style:name="New" style:family="paragraph" style:parent-style-name="Standard">
  <style:paragraph-properties fo:break-before="page"/></style:style>
 <style:page-layout style:name="Sheet"><style:header-style/></style:page-layout>
 <text:list-style style:name="Numbers"><text:list-level-style-number text:level="1" style:num-format="1"
  style:num-suffix="."/></text:list-style>
 <text:list-style style:name="Bullets"><text:list-level-style-bullet text:level="1" text:bullet-char="•"/>
 </text:list-style></office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="Sheet">
 <style:header><text:p>ООО «Ромашка», исх. № 17</text:p></style:header></style:master-page></office:master-styles>
<office:body><office:text>
 <text:h text:style-name="Heading_20_1" text:outline-level="1">Договор аренды</text:h>
 <text:p text:style-name="Standard">Настоящий договор заключён 5 марта 2026 года в городе Твери.
  Плата составляет сорок две тысячи рублей в месяц<text:note text:note-class="footnote"><text:note-citation>1
  </text:note-citation><text:note-body><text:p>Без учёта налога.</text:p></text:note-body></text:note>.</text:p>
 <text:list text:style-name="Numbers"><text:list-item><text:p>Срок: один год</text:p></text:list-item>
  <text:list-item><text:p>Залог: два месяца</text:p></text:list-item></text:list>
 <text:list text:style-name="Bullets"><text:list-item><text:p>стол дубовый</text:p></text:list-item>
  <text:list-item><text:p>лампа</text:p></text:list-item></text:list>
 <table:table><table:table-column table:number-columns-repeated="2"/>
  <table:table-row><table:table-cell><text:p>Месяц</text:p></table:table-cell>
   <table:table-cell><text:p>Сумма</text:p></table:table-cell></table:table-row>
  <table:table-row><table:table-cell><text:p>Апрель</text:p></table:table-cell>
   <table:table-cell><text:p>42 000</text:p></table:table-cell></table:table-row></table:table>
 <text:p text:style-name="New">The second page is in English: the password of the library is Tulip.</text:p>
</office:text></office:body>"""

BOOK = """<office:automatic-styles>
 <number:date-style style:name="Day"><number:day number:style="long"/><number:text>.</number:text>
  <number:month number:style="long"/><number:text>.</number:text><number:year number:style="long"/></number:date-style>
 <number:percentage-style style:name="Share"><number:number number:decimal-places="0"
  number:min-integer-digits="1"/><number:text>%</number:text></number:percentage-style>
 <style:style style:name="day" style:family="table-cell" style:data-style-name="Day"/>
 <style:style style:name="share" style:family="table-cell" style:data-style-name="Share"/></office:automatic-styles>
<office:body><office:spreadsheet>
 <table:table table:name="Продажи">{sold}</table:table>
 <table:table table:name="Staff">{staff}</table:table></office:spreadsheet></office:body>"""

SOLD = (
    ("Дата", "Товар", "Сумма", "Доля"),
    ("2026-03-05", "Чай, чёрный", 1234.5, 0.25),
    ("2026-03-06", "Кофе", 1000.0, 0.75),
)
STAFF = (("Name", "Hours"), ("Anna", 40.0), ("Boris", 37.5))


def _row(values: tuple[object, ...]) -> str:
    cells = []
    for value in values:
        if isinstance(value, float) and value < 1:
            about = f'table:style-name="share" office:value-type="percentage" office:value="{value}"'
        elif isinstance(value, float):
            about = f'office:value-type="float" office:value="{value}"'
        elif str(value)[:2] == "20":
            about = f'table:style-name="day" office:value-type="date" office:date-value="{value}"'
        else:
            about = 'office:value-type="string"'
        cells.append(f"<table:table-cell {about}><text:p>{value}</text:p></table:table-cell>")
    return "<table:table-row>" + "".join(cells) + "</table:table-row>"


def documents() -> None:
    """A letter and a workbook as LibreOffice writes them, the letter also as PDF, locked and free."""
    book = BOOK.format(sold="".join(map(_row, SOLD)), staff="".join(map(_row, STAFF)))
    office("letter.fodt", OFFICE.format(kind="text", content=LETTER), "docx", "letter.docx")
    office("letter.fodt", OFFICE.format(kind="text", content=LETTER), "pdf", "text.pdf")
    office("book.fods", OFFICE.format(kind="spreadsheet", content=book), "xlsx", "book.xlsx")
    office("book.fods", OFFICE.format(kind="spreadsheet", content=book), "xls", "book.xls")
    for name, words in (("encrypted.pdf", {"DocumentOpenPassword": "tulip"}), ("restricted.pdf", {})):
        owner = {"RestrictPermissions": True, "PermissionPassword": "rose"}
        options = {"EncryptFile": bool(words)} | words | owner
        form = {
            key: {"type": "boolean" if value is True else "string", "value": value} for key, value in options.items()
        }
        pages = OFFICE.format(kind="text", content=LETTER)
        office("letter.fodt", pages, "pdf:writer_pdf_Export:" + json.dumps(form), name)


def office(source: str, content: str, form: str, target: str) -> None:
    """Let LibreOffice write a flat document in another form."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / source).write_text(content, encoding="utf-8")
        profile = f"-env:UserInstallation={Path(folder).as_uri()}/profile"
        command = ["soffice", profile, "--headless", "--convert-to", form, "--outdir", folder, f"{folder}/{source}"]
        subprocess.run(command, check=True, capture_output=True)
        written = Path(folder) / source.replace("fodt", form.split(":")[0]).replace("fods", form)
        (HERE / target).write_bytes(written.read_bytes())


def scan() -> None:
    """The letter's first page as a scanner writes it: a picture in a PDF, without a word of text."""
    with pypdfium2.PdfDocument(HERE / "text.pdf") as letter:
        letter[0].render(scale=1.2).to_pil().convert("L").save(HERE / "scanned.pdf", "PDF", resolution=86, quality=40)


def long_pdf(pages: int = 300) -> None:
    """Very many small pages; each says which one it is, and page 217 keeps a secret."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    for number in range(1, pages + 1):
        words = f"Page {number} of {pages}." + (" The treasure lies under the old oak." if number == 217 else "")
        drawn = f"BT /F 14 Tf 40 150 Td ({words}) Tj ET"
        objects.append(f"<< /Type /Page /Parent 2 0 R /Contents {len(objects) + 2} 0 R >>")
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(pages))
    about = "/MediaBox [0 0 420 300] /Resources << /Font << /F 3 0 R >> >>"
    objects[1] = f"<< /Type /Pages /Count {pages} /Kids [{kids}] {about} >>"
    (HERE / "300-pages.pdf").write_bytes(pdf(objects))


def pdf(objects: list[str]) -> bytes:
    """A PDF of these objects, the first of them its catalogue."""
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    start = out.index(b"xref\n0 ")
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


POEM = "Мороз и солнце; день чудесный!\nЕщё ты дремлешь, друг прелестный.\nПора, красавица, проснись.\n"


def texts() -> None:
    """The same lines in the encodings that Russian files come in."""
    for name in ("utf-8", "cp1251", "koi8-r"):
        (HERE / f"poem-{name}.txt").write_bytes(POEM.encode(name))


if __name__ == "__main__":
    photos()
    documents()
    scan()
    long_pdf()
    texts()
