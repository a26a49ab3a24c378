"""DOCX as plain words with headings, lists, tables and notes marked as in Markdown, by mammoth."""

import io
import re
import zipfile
from html.parser import HTMLParser
from typing import IO
from xml.etree import ElementTree

import mammoth

from services.reader.parts import Parts

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
MARGINS = re.compile(r"word/(header|footer)\d*\.xml")


def read(file: IO[bytes], parts: Parts) -> dict[str, int]:
    """Add the whole text as one part; what stands in the margins of its pages comes first."""
    made = mammoth.convert_to_html(
        io.BytesIO(file.read()), convert_image=lambda image: [], include_embedded_style_map=False
    )
    words = _Words()
    words.feed(made.value)
    words.close()
    parts.add("\n".join([*_margins(file), words.text()]))
    return {}


def _margins(file: IO[bytes]) -> list[str]:
    """The lines of headers and footers, each once: letterheads, numbers of documents."""
    lines: dict[str, None] = {}
    with zipfile.ZipFile(file) as opened:
        for name in filter(MARGINS.fullmatch, sorted(opened.namelist())):
            for paragraph in ElementTree.fromstring(opened.read(name)).iter(f"{W}p"):
                lines["".join(word.text or "" for word in paragraph.iter(f"{W}t")).strip()] = None
    return [line for line in lines if line]


class _Words(HTMLParser):
    """The little HTML that mammoth makes, as lines."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []
        self._begun = ""  # how the last line began: a mark of a list or heading that waits for its words
        self._lists: list[int | None] = []  # of each open list its next number; None: it is not numbered
        self._rows: list[int] = []  # of each open table how many cells its row has
        self._back = False  # inside a link from a note back to its place

    def text(self) -> str:
        """All lines, never two empty ones in a row."""
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in self._lines)).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in HEADINGS:
            self._line("")
            self._line("#" * int(tag[1]) + " ")
        elif tag in ("ol", "ul"):
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            self._line(self._mark())
        elif tag == "table":
            self._rows.append(0)
        elif tag == "tr":
            self._line("", outermost=1)
            self._rows[-1:] = [0]
        elif tag in ("td", "th"):
            self._cell()
        elif tag in ("p", "br"):
            self._line("")
        elif tag == "a":
            self._back = "note-ref-" in (dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ol", "ul"):
            self._lists.pop()
        elif tag == "table":
            self._rows.pop()
        elif tag == "a":
            self._back = False
        if tag in (*HEADINGS, "ol", "ul", "table") and not self._rows and not self._lists:
            self._lines.append("")

    def handle_data(self, data: str) -> None:
        if self._back:
            return
        if not self._lines:
            self._line("")
        fresh = self._lines[-1] == self._begun
        self._lines[-1] += " ".join(data.splitlines()).lstrip() if fresh else " ".join(data.splitlines())

    def _mark(self) -> str:
        """What stands before the next point of the innermost list."""
        number = self._lists[-1] if self._lists else None
        if number is not None:
            self._lists[-1] = number + 1
        return "  " * (len(self._lists) - 1) + ("- " if number is None else f"{number}. ")

    def _cell(self) -> None:
        self._lines[-1] += " | " if self._rows[-1] else ""
        self._begun = self._lines[-1]
        self._rows[-1] += 1

    def _line(self, begun: str, outermost: int = 0) -> None:
        """Begin a line, unless one waits for its words; in a table a space must do."""
        if len(self._rows) > outermost:
            self._lines[-1] += begun if self._lines[-1] == self._begun else f" {begun}"
        elif begun or not self._lines or self._lines[-1] != self._begun:
            self._lines.append(begun)
        if len(self._rows) <= outermost:
            self._begun = self._lines[-1]
