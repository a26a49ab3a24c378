"""The child's job "document": the text of a file, whatever it calls itself; its content tells what it is."""

import importlib
import json
from collections.abc import Iterator
from typing import IO

from services.reader import ChildError, archive
from services.reader.parts import Parts

OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # how files of old offices begin, and locked ones of new offices
HEAD = 1024  # bytes in which a PDF has its mark
READERS = {"pdf": "services.reader.pdf", "docx": "services.reader.word", "xlsx": "services.reader.sheets"}
# The endings of plain texts → what they are; any other is "text".
ENDINGS = {
    "csv": "csv tsv",
    "json": "json jsonl ndjson geojson ipynb",
    "markdown": "md markdown mdown mkd",
    "code": "py pyi js mjs cjs ts tsx jsx vue svelte c h cc cpp cxx hpp hh cs java kt kts scala go rs rb php pl pm lua "
    "r swift m mm dart ex exs erl hs ml fs clj lisp el vb bas pas asm s sql sh bash zsh fish ps1 bat cmd html htm "
    "xhtml xml xsl svg css scss sass less yaml yml toml ini cfg conf env properties gradle cmake make mk dockerfile tf "
    "proto graphql tex bib diff patch 1c bsl os",
}
KINDS = {ending: kind for kind, endings in ENDINGS.items() for ending in endings.split()}


def work(file: IO[bytes], name: str) -> Iterator[bytes]:
    """One JSON object as `services.documents` reads it."""
    kind = _kind(file, name)
    file.seek(0)
    parts = Parts()
    more = importlib.import_module(READERS.get(kind, "services.reader.plain")).read(file, parts)
    found = {"kind": kind, "parts": parts.kept, "whole": parts.whole, **more}
    yield json.dumps(found, ensure_ascii=False).encode("utf-8", "replace")


def _kind(file: IO[bytes], name: str) -> str:
    head = file.read(HEAD)
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _office(archive.checked(file))
    if head.startswith(OLE):
        return _old_office(head + file.read())
    return KINDS.get(name.rpartition(".")[2].lower(), "text")


def _office(names: list[str]) -> str:
    if "word/document.xml" in names:
        return "docx"
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "xlsx"
    if "content.xml" in names and "mimetype" in names:  # OpenDocument; of a letter or slides calamine finds no sheet
        return "xlsx"
    raise ChildError("unknown")


def _old_office(content: bytes) -> str:
    """Excel's old format can be read; Word's and PowerPoint's can't."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise ChildError("encrypted")
    if any(name.encode("utf-16-le") in content for name in ("Workbook", "Book")):
        return "xlsx"
    raise ChildError("unknown")
