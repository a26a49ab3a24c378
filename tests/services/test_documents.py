"""Documents become the words a person sees in them, and what is none is told apart."""

import io
import random
import tempfile
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from services import documents, wire
from services.documents import Document, DocumentError
from services.pictures import Picture
from services.reader import ChildError, pdf, plain
from services.reader.parts import Parts
from services.reader.word import _Words
from tests.media.make import POEM
from tests.media.make import pdf as pdf_of

MEDIA = Path(__file__).resolve().parent.parent / "media"


def read(content: bytes, name: str = "file") -> Document:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        return documents.read(file, name)


def media(name: str) -> bytes:
    return (MEDIA / name).read_bytes()


def refused(content: bytes, name: str = "file") -> str:
    with pytest.raises(DocumentError) as caught:
        read(content, name)
    return caught.value.kind


def pictures(name: str, pages: int) -> list[Picture]:
    with (MEDIA / name).open("rb") as file:
        return documents.page_pictures(file, pages)


def test_a_pdf_is_read_by_pages() -> None:
    found = read(media("text.pdf"))
    assert (found.kind, found.pages, found.whole, found.scanned) == ("pdf", 2, True, False)
    assert len(found.parts) == 2
    assert "Настоящий договор заключён 5 марта 2026 года" in found.parts[0]
    assert "the password of the library is Tulip" in found.parts[1]


def test_a_pdf_that_only_may_not_be_changed_is_read() -> None:
    assert b"/Encrypt" in media("restricted.pdf")
    assert "Договор аренды" in read(media("restricted.pdf")).parts[0]


def test_a_pdf_with_a_password_is_encrypted() -> None:
    assert refused(media("encrypted.pdf")) == "encrypted"
    with pytest.raises(DocumentError, match="encrypted"):
        pictures("encrypted.pdf", 1)


def test_three_hundred_pages_are_read_and_one_can_be_found() -> None:
    found = read(media("300-pages.pdf"))
    assert (found.pages, len(found.parts), found.whole) == (300, 300, True)
    assert [number for number, page in enumerate(found.parts, 1) if "treasure" in page] == [217]


def test_what_was_filled_into_a_form_is_read() -> None:
    filled, asked = "BT /F 9 Tf 2 5 Td (Ivanov) Tj ET", "BT /F 9 Tf 50 200 Td (Family name:) Tj ET"
    font = "/Resources << /Font << /F 4 0 R >> >>"
    form = [
        "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] /DA (/F 9 Tf) >> >>",
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] {font} /Annots [5 0 R] /Contents 7 0 R >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Subtype /Widget /FT /Tx /T (name) /V (Ivanov) /Rect [50 99 250 119] /F 4 /AP << /N 6 0 R >> >>",
        f"<< /Subtype /Form /BBox [0 0 200 20] {font} /Length {len(filled)} >>\nstream\n{filled}\nendstream",
        f"<< /Length {len(asked)} >>\nstream\n{asked}\nendstream",
    ]
    assert [line.strip() for line in read(pdf_of(form)).parts[0].splitlines()] == ["Family name:", "Ivanov"]


def test_a_scan_has_no_words_but_pictures() -> None:
    found = read(media("scanned.pdf"))
    assert (found.kind, found.scanned, found.parts) == ("pdf", True, [""])
    (page,) = pictures("scanned.pdf", 5)
    image = Image.open(io.BytesIO(page.content))
    assert image.size == (page.width, page.height)
    assert max(image.size) == 2048
    assert page.mime_type == "image/jpeg"
    low, high = image.convert("L").getextrema()
    assert low < 60, "no ink on it"
    assert high > 200, "no paper under it"


def test_of_many_pages_the_first_are_drawn() -> None:
    found = pictures("300-pages.pdf", 3)
    assert [(page.width, page.height) for page in found] == [(1167, 834)] * 3, "200 dots an inch"
    assert len({page.content for page in found}) == 3


def test_past_the_limit_of_pages_it_is_not_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "PAGES", 10)
    parts = Parts()
    assert pdf.read(io.BytesIO(media("300-pages.pdf")), parts) == {"pages": 300, "pictures": 0}
    assert len(parts.kept) == 10
    assert not parts.whole


def test_a_letter_of_an_office_keeps_its_headings_lists_tables_and_notes() -> None:
    (text,) = read(media("letter.docx")).parts
    assert text.splitlines() == [
        "ООО «Ромашка», исх. № 17",
        "# Договор аренды",
        "",
        "Настоящий договор заключён 5 марта 2026 года в городе Твери. "
        "Плата составляет сорок две тысячи рублей в месяц[1].",
        "1. Срок: один год",
        "2. Залог: два месяца",
        "",
        "- стол дубовый",
        "- лампа",
        "",
        "Месяц | Сумма",
        "Апрель | 42 000",
        "",
        "The second page is in English: the password of the library is Tulip.",
        "1. Без учёта налога.",
    ]


@pytest.mark.parametrize(
    ("made", "lines"),
    [
        ("<p>a<br/>b</p>", ["a", "b"]),
        ("<ul><li>a<ul><li><p>b</p></li></ul></li><li>c</li></ul><p>d</p>", ["- a", "  - b", "- c", "", "d"]),
        ("<table><tr><td></td><td><p>b</p><p>c</p></td></tr></table>", [" | b c"]),
        ("<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td><td>c</td></tr></table>", ["a | b | c"]),
        ("<table><tr><td><ol><li>a</li><li>b</li></ol></td><td>c</td></tr></table>", ["1. a 2. b | c"]),
        ("<p>1 &lt; 2 &amp; 3</p>", ["1 < 2 & 3"]),
        ("<h2>a</h2><h3>b</h3>", ["## a", "", "### b"]),
    ],
)
def test_lines_of_word(made: str, lines: list[str]) -> None:
    words = _Words()
    words.feed(made)
    words.close()
    assert words.text().splitlines() == lines


@pytest.mark.parametrize("name", ["book.xlsx", "book.xls"])
def test_a_workbook_is_read_by_sheets(name: str) -> None:
    found = read(media(name), name)
    assert found.kind == "xlsx"
    assert found.parts == [
        "## Продажи\nДата\tТовар\tСумма\tДоля\n2026-03-05\tЧай, чёрный\t1234.5\t0.25\n2026-03-06\tКофе\t1000\t0.75",
        "## Staff\nName\tHours\nAnna\t40\nBoris\t37.5",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "koi8-r"])
def test_russian_files_are_read_whatever_wrote_them(encoding: str) -> None:
    assert read(media(f"poem-{encoding}.txt"), "poem.txt") == Document("text", [POEM.strip()])


RUSSIAN = (
    "Мороз и солнце; день чудесный!",
    "Напишите нам, если что-то непонятно",
    "Счёт № 17 от 5 марта 2026 года",
    "ПРОТОКОЛ ОБЩЕГО СОБРАНИЯ ЖИЛЬЦОВ ДОМА",
    "Фамилия;Имя;Город\r\nПетров;Иван;Тверь\r\n",
    "name,value\nПривет,12\nДо свидания,15\n",
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1251", "koi8-r", "cp866"])
@pytest.mark.parametrize("text", RUSSIAN)
def test_short_russian_texts_are_guessed(text: str, encoding: str) -> None:
    assert plain.decoded(text.encode(encoding, "replace")) == text.encode(encoding, "replace").decode(encoding)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Le café était très agréable, voilà où ça nous mène.", "cp1252"),
        ("Die Straße führt über den Fluß, müde Männer hören schöne Töne.", "cp1252"),
        ("Zażółć gęślą jaźń, proszę się nie śmiać, święta będą później.", "cp1250"),
        ("今天天气很好,我们去公园散步吧。", "gb18030"),
    ],
)
def test_other_languages_are_not_taken_for_russian(text: str, encoding: str) -> None:
    assert plain.decoded(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", "csv"),
        ("a.JSON", "json"),
        ("README.md", "markdown"),
        ("a.txt", "text"),
        ("log", "text"),
        ("a.b.py", "code"),
        ("page.html", "code"),
        ("settings.yaml", "code"),
        ("server.log", "text"),
        ("a.docx", "text"),
        ("a.pdf", "text"),
        ("../../etc/passwd", "text"),
        ("--help", "text"),
        ("a.\0", "text"),
        ("", "text"),
    ],
)
def test_plain_texts_are_told_apart_by_their_names(name: str, kind: str) -> None:
    assert read(b"one, two", name) == Document(kind, ["one, two"])


@pytest.mark.parametrize(
    ("sold_as", "is_really", "kind"),
    [("a.docx", "text.pdf", "pdf"), ("a.pdf", "letter.docx", "docx"), ("a.txt", "book.xlsx", "xlsx")],
)
def test_the_content_tells_what_it_is(sold_as: str, is_really: str, kind: str) -> None:
    assert read(media(is_really), sold_as).kind == kind


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty"),
        (b" \n\t\r\n", "empty"),
        (b"\0" * 5000, "unknown"),
        (bytes(range(256)) * 20, "unknown"),
        (random.Random(1).randbytes(4000), "unknown"),
        (b"{\\rtf1\\ansi Hello}", "unknown"),
        (media("photo-1.jpg"), "unknown"),
        (media("capital-of-france.ogg"), "unknown"),
        (zipped({"a.txt": b"hello"}), "unknown"),
        (zipped({"ppt/presentation.xml": b"<p/>"}), "unknown"),
        (media("text.pdf")[:3000], "unreadable"),
        (b"%PDF-1.7\n%%EOF", "unreadable"),
        (media("letter.docx")[:5000], "unreadable"),
        (b"PK\x03\x04" + bytes(500), "unreadable"),
        (media("book.xls")[:600], "unknown"),
    ],
    ids=range(15),
)
def test_what_has_no_words_is_told_so(content: bytes, kind: str) -> None:
    assert refused(content, "notes.txt") == kind


def test_binary_garbage_of_any_length_never_reaches_a_model() -> None:
    dice = random.Random(7)
    for _ in range(300):
        content = dice.randbytes(dice.choice((200, 1000, 5000)))
        with pytest.raises(ChildError, match="unknown"):
            plain.decoded(content)


def with_part(name: str, content: bytes, source: str = "letter.docx") -> bytes:
    """A good file with one part of it replaced."""
    with zipfile.ZipFile(MEDIA / source) as good:
        return zipped({each: good.read(each) for each in good.namelist()} | {name: content})


def test_a_zip_that_swells_is_refused_by_its_directory() -> None:
    assert refused(with_part("word/document.xml", bytes(25 << 20))) == "too_large"
    assert refused(with_part("xl/sharedStrings.xml", bytes(210 << 20), "book.xlsx")) == "too_large"
    assert refused(with_part("word/media/image.png", bytes(50 << 20))) == "too_large"
    assert refused(zipped({f"word/{number}.xml": b"x" for number in range(5001)})) == "too_large"


def test_a_zip_that_lies_about_its_size_is_refused() -> None:
    content = bytearray(with_part("word/document.xml", b"<x/>" * 200_000))
    directory = content.rindex(b"word/document.xml")
    content[directory - 46 + 24 : directory - 46 + 28] = (5000).to_bytes(4, "little")
    assert refused(bytes(content)) in ("unreadable", "too_large")


def test_a_zip_that_sells_one_piece_many_times_is_refused() -> None:
    content = zipped({"word/document.xml": b"<x/>" * 5000, "word/second.xml": b"<y/>" * 5000})
    first = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", first + 4)
    twice = bytearray(content)
    twice[second + 42 : second + 46] = twice[first + 42 : first + 46]
    assert refused(bytes(twice)) == "too_large"


def test_xml_that_declares_what_swells_is_refused() -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><lolz>&lol;</lolz>'
    assert refused(with_part("word/document.xml", laughs)) == "unreadable"
    assert refused(with_part("xl/workbook.xml", laughs, "book.xlsx")) == "unreadable"


def test_a_long_text_is_cut_and_says_so() -> None:
    found = read("слово ".encode() * 800_000, "long.txt")
    assert (len(found.parts[0]), found.whole) == (4_000_000, False)


def test_letters_that_nobody_sees_are_left_out() -> None:
    assert read("a\x00\x07b\r\nс\ufeffd\x7f".encode() + b"e" * 200 + b"\n" * 5).parts == ["ab\nсd" + "e" * 200]


def test_a_call_that_is_cut_ends_it() -> None:
    call = wire.Call()
    call.cut("stop")
    with (MEDIA / "text.pdf").open("rb") as file, pytest.raises(wire.CutError):
        documents.read(file, "a", call)
