"""The text of a PDF, page by page, by PDFium: as Chrome shows it."""

from itertools import islice
from typing import IO

from pypdfium2 import PdfDocument, PdfiumError, PdfPage, raw

from services.reader import ChildError
from services.reader.parts import CHARACTERS, Parts

PAGES = 1000  # read at most; reading takes 2–20 ms a page
FEW = 60  # characters: scanners add their name, the date, the number of the page


def opened(file: IO[bytes]) -> PdfDocument:
    """The document; raises ChildError "encrypted" where it opens with a password only."""
    try:
        return PdfDocument(file.read())
    except PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise ChildError("encrypted") from None
        raise


def read(file: IO[bytes], parts: Parts) -> dict[str, int]:
    """Add the text of each page, "" for one without; returns how many pages there are, and how many are a picture."""
    document, pictures = opened(file), 0
    if document.get_formtype() != raw.FORMTYPE_NONE:
        document.init_forms()
    for number in range(min(len(document), PAGES)):
        if parts.full():
            break
        text, drawn = _text(document, number)
        parts.add(text)
        pictures += drawn
    parts.whole = parts.whole and len(parts.kept) == len(document)
    return {"pages": len(document), "pictures": pictures}


def _text(document: PdfDocument, number: int) -> tuple[str, bool]:
    """The words of a page, and whether there are few of them beside a picture; a broken page has neither."""
    try:
        page = _page(document, number)
    except PdfiumError:
        return "", False
    words = page.get_textpage()
    try:
        text = str(words.get_text_range(count=min(words.count_chars(), CHARACTERS)))
        few = len(text.strip()) < FEW
        return text, few and any(islice(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]), 1))
    finally:
        words.close()
        page.close()


def _page(document: PdfDocument, number: int) -> PdfPage:
    """A page; of a form together with what was filled in."""
    page = document[number]
    if document.formenv is None or page.flatten() != raw.FLATTEN_SUCCESS:
        return page
    page.close()
    return document[number]
