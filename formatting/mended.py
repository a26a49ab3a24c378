"""What Markdown says, changed where the walker of telegramify-markdown would lose it or Telegram refuse it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from formatting.formula import readable
from formatting.source import SHIELD, Event
from formatting.table import as_events

# A link's address as Telegram takes it, others are a 400 or silently dropped.
ADDRESS = re.compile(r"(?:https?://(?:[\w-]+\.)+[\w-]+(?::\d{1,5})?(?:[/?#]|$)|tg://\w)\S*", re.IGNORECASE)
_PLAIN = ("Paragraph", "Item", "Strong", "Emphasis")
TAB = "    "  # in code; Telegram makes one space of each tab
BREAK = re.compile(rf"{SHIELD}br\s*/?>", re.IGNORECASE)


def mended(source: str, found: Sequence[Event]) -> Iterator[Event]:
    """The events, each piece of visible text in one that will be shown."""
    read = _Mender(source.encode()).mend(found)
    return _tables_apart(read) if "|" in source else read


def _tables_apart(found: Iterator[Event]) -> Iterator[Event]:
    """A table is read whole before it is decided how it is shown."""
    for event in found:
        if _begins(event, "Table"):
            table = [event]
            for inner in found:
                table.append(inner)
                if inner[0] == {"End": "Table"}:
                    break
            yield from as_events(table)
        else:
            yield event


def _begins(event: Event, kind: str) -> Any:
    """What an event says about a thing of this kind that it begins; None for others."""
    payload = event[0]
    begun = payload.get("Start") if isinstance(payload, dict) else None
    return begun.get(kind) if isinstance(begun, dict) else None


class _Mender:
    """Reads events in order and knows what it is inside of."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._in_code = False
        self._language = ""  # of the code, as long as nothing of that has come
        self._links: list[tuple[str, bool]] = []  # open links and pictures: address, whether it can be a link
        self._words = ""  # of the innermost of them
        self._cell_end = 0  # where the last cell ended, in bytes

    def mend(self, found: Sequence[Event]) -> Iterator[Event]:
        for event in found:
            payload, where = event
            if isinstance(payload, str) or payload.get("Start") in _PLAIN or payload.get("End") in _PLAIN:
                yield event  # most of them
            else:
                for mended in self._mend(payload, where):
                    yield mended, where

    def _mend(self, payload: dict[str, Any], where: dict[str, int]) -> Iterable[Any]:
        if "Text" in payload:
            return self._text(payload)
        if "Code" in payload:
            self._words += payload["Code"]
            return [{"Text": payload["Code"]} if self._links else payload]  # in a link, Telegram keeps one of the two
        if "InlineMath" in payload or "DisplayMath" in payload:
            return self._formula(payload, where)
        if "Start" in payload:
            return self._start(payload["Start"], where)
        if "End" in payload:
            return self._end(payload["End"], where)
        return [payload]

    def _text(self, payload: dict[str, str]) -> list[Any]:
        text = payload["Text"]
        self._words += text
        if text.strip():
            self._language = ""
        if self._in_code:
            return [{"Text": text.replace("\t", TAB)}]
        if SHIELD not in text:
            return [payload]
        first, *others = ({"Text": line} for line in BREAK.split(text))
        return [first, *(each for line in others for each in ("HardBreak", line))]

    def _formula(self, payload: dict[str, str], where: dict[str, int]) -> Iterator[Any]:
        start, end = where["start"], where["end"]
        display = "DisplayMath" in payload
        latex = payload["DisplayMath" if display else "InlineMath"]
        price = not display and self._source[end : end + 1].isdigit()  # two of them, as in $10 (or $12)
        if price or not latex.strip():
            yield from self._text({"Text": self._source[start:end].decode()})
            return
        words = readable(latex)
        if display and not self._links and self._alone(start, end):
            yield from ({"Start": {"CodeBlock": "Indented"}}, {"Text": words}, {"End": "CodeBlock"})
        else:
            self._words += words
            yield {"Text" if self._links else "Code": words}

    def _alone(self, start: int, end: int) -> bool:
        """Whether nothing else stands in these lines."""
        before = self._source[self._source.rfind(b"\n", 0, start) + 1 : start]
        after = self._source[end:].partition(b"\n")[0]
        return not before.strip(b" \t>") and not after.strip()

    def _start(self, tag: Any, where: dict[str, int]) -> Iterator[Any]:
        kind = next(iter(tag)) if isinstance(tag, dict) else tag
        if kind == "Strikethrough" and not self._struck(where):
            yield {"Text": "~"}
        elif kind in ("Link", "Image"):
            yield from self._open(kind, tag[kind]["dest_url"])
        elif kind == "CodeBlock":
            self._in_code = True
            info = tag[kind].get("Fenced", "") if isinstance(tag[kind], dict) else ""
            language, _, title = info.partition(" ")
            if title.strip():
                yield from ({"Start": "Paragraph"}, {"Text": title}, {"End": "Paragraph"})
            self._language = language
            yield {"Start": {"CodeBlock": {"Fenced": language}}}
        else:
            yield {"Start": tag}

    def _end(self, tag: Any, where: dict[str, int]) -> Iterator[Any]:
        if tag == "Strikethrough" and not self._struck(where):
            yield {"Text": "~"}
        elif tag in ("Link", "Image"):
            yield from self._close()
        elif tag == "TableCell":
            self._cell_end = where["end"]
            yield {"End": tag}
        elif tag in ("TableHead", "TableRow"):
            if extra := self._source[self._cell_end : where["end"]].decode().strip(" |\t\n"):
                yield from ({"Start": "TableCell"}, {"Text": extra}, {"End": "TableCell"})
            yield {"End": tag}
        else:
            if tag == "CodeBlock":
                self._in_code = False
                yield {"Text": self._language}  # a language without code is all there is to show
            yield {"End": tag}

    def _struck(self, where: dict[str, int]) -> bool:
        """One `~` is "about", two strike through."""
        return self._source[where["start"] + 1 : where["start"] + 2] == b"~"

    def _open(self, kind: str, address: str) -> Iterator[Any]:
        whole = not self._links and ADDRESS.fullmatch(address) is not None
        self._links.append((address, whole))
        self._words = ""
        if kind == "Image":
            yield {"Text": "🖼 "}
        if whole:
            yield {"Start": {"Link": {"dest_url": address}}}

    def _close(self) -> Iterator[Any]:
        """End a link; its address is written out where Telegram would not take it, or it has no words."""
        address, whole = self._links.pop()
        bare = address.replace(SHIELD, "<").removeprefix("mailto:")
        if not self._words.strip():
            yield {"Text": address}
        elif not whole and not self._links and bare not in self._words.replace(SHIELD, "<"):
            yield {"Text": f" ({bare})"}
        if whole:
            yield {"End": "Link"}
        self._words += address  # what encloses it is not empty
