"""Documents people send, as text: what models that take no files are given, and what tells how long they are."""

import json
from typing import IO, Literal, NamedTuple

import orjson

from services import child, wire
from services.pictures import SIDE, Picture

SECONDS = 30.0  # of the processor; a PDF of 300 pages takes about one, a workbook of a million cells two
MEMORY = 512 << 20  # bytes of address space; a Word document of a thousand pages takes 150 MB
OUTPUT = 24 << 20  # bytes: the most characters (`services.reader.parts`), four bytes each, and what JSON adds
PAGES_SECONDS = 20.0  # a scanned page takes about half a second
PAGES_MEMORY = 512 << 20  # bytes
PAGES_OUTPUT = 32 << 20  # bytes: a page within `SIDE` as JPEG takes about half a megabyte


class DocumentError(Exception):
    """A file without a text that we could read."""

    def __init__(self, kind: Literal["unreadable", "encrypted", "too_large", "empty", "unknown"]) -> None:
        super().__init__(kind)
        self.kind = kind


class Document(NamedTuple):
    """The text of a file. `kind` is pdf, docx, xlsx (any workbook), csv, json, markdown, text or code."""

    kind: str
    parts: list[str]  # of a PDF a page each, "" where it has none; of a workbook a sheet each with its name; else one
    pages: int = 0  # of a PDF: all it has, also those past the limit
    whole: bool = True  # False: cut at one of our limits
    pictures: int = 0  # of a PDF: pages that are a picture with few words or none

    @property
    def scanned(self) -> bool:
        """A PDF whose pages are pictures, half of them at least, or that has no words at all."""
        return self.kind == "pdf" and (2 * self.pictures >= len(self.parts) or not any(map(str.strip, self.parts)))


def read(file: IO[bytes], name: str, call: wire.Call | None = None) -> Document:
    """The text of a real file. What it is, its content tells; of a plain text the ending of its name.

    Raises DocumentError; `wire.CutError` when the call is cut. The limits of length stand in `services.reader`.
    """
    try:
        answer = child.run("document", file, _ending(name), seconds=SECONDS, memory=MEMORY, output=OUTPUT, call=call)
    except child.ChildError as error:
        raise DocumentError(error.kind) from None
    document = Document(**orjson.loads(answer))
    if not document.pages and not any(part.strip() for part in document.parts):
        raise DocumentError("empty")
    return document


def _ending(name: str) -> str:
    """All that the child is told of a name: it is the sender's words, and nobody else's business."""
    ending = name.rpartition(".")[2].lower()
    return f".{ending}" if ending.isalnum() and len(ending) <= 12 else ""


def page_pictures(file: IO[bytes], pages: int, call: wire.Call | None = None) -> list[Picture]:
    """The first pages of a PDF as pictures, at most so many; raises DocumentError, or `wire.CutError` when cut."""
    limits = {"memory": PAGES_MEMORY, "output": PAGES_OUTPUT}
    try:
        answer = child.run("pages", file, str(pages), str(SIDE), seconds=PAGES_SECONDS, call=call, **limits)
    except child.ChildError as error:
        raise DocumentError(error.kind) from None
    return _pictures(answer)


def _pictures(answer: bytes) -> list[Picture]:
    """Out of what the child says: for each picture a line of JSON about it, then its bytes."""
    found, place = [], 0
    while place < len(answer):
        begin = answer.index(b"\n", place) + 1
        about = json.loads(answer[place:begin])
        place = begin + about.pop("length")
        found.append(Picture(content=answer[begin:place], **about))
    return found
