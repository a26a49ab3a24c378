"""Tables where only text can be shown: in columns when they are narrow, else line by line."""

from collections.abc import Iterator, Sequence
from typing import Any

from formatting.source import Event

WIDEST = 46  # characters of a row in columns; about what a phone shows of fixed-width text without wrapping it

_GAP = 3  # characters between two columns


def as_events(table: Sequence[Event]) -> Iterator[Event]:
    """A table's events as they are, or those of a list of its rows."""
    rows = _rows(table)
    if _width(rows) <= WIDEST and not any("Link" in str(event.get("Start")) for event in _all(rows)):
        yield from ((_flat(payload), where) for payload, where in table)
        return
    where = table[0][1]
    yield {"Start": "Paragraph"}, where
    for number, row in enumerate(rows):
        yield from ((payload, where) for payload in _line(row, number))
    yield {"End": "Paragraph"}, where


def _flat(payload: Any) -> Any:
    """In a column there are words only."""
    return {"Text": " "} if payload == "HardBreak" else payload


def _line(row: Sequence[Sequence[Any]], number: int) -> Iterator[Any]:
    """The head in bold, then a line a row."""
    if number:
        yield from ("HardBreak", {"Text": "• "})
    else:
        yield {"Start": "Strong"}
    for place, cell in enumerate(row):
        if place:
            yield {"Text": " | "}
        yield from ({"Text": " "} if payload == "HardBreak" else payload for payload in cell)
    if not number:
        yield {"End": "Strong"}


def _rows(table: Sequence[Event]) -> list[list[list[Any]]]:
    """What stands in the cells, row by row."""
    rows: list[list[list[Any]]] = []
    cell: list[Any] | None = None
    for payload, _ in table:
        if payload in ({"Start": "TableHead"}, {"Start": "TableRow"}):
            rows.append([])
        elif payload == {"Start": "TableCell"}:
            cell = []
            rows[-1].append(cell)
        elif payload == {"End": "TableCell"}:
            cell = None
        elif cell is not None:
            cell.append(payload)
    return rows


def _all(rows: Sequence[Sequence[Sequence[Any]]]) -> Iterator[dict[str, Any]]:
    return (event for row in rows for cell in row for event in cell if isinstance(event, dict))


def _width(rows: Sequence[Sequence[Sequence[Any]]]) -> int:
    """Of a row whose columns are as wide as their longest cell."""
    columns = max(len(row) for row in rows)
    widths = [max((_length(row[place]) for row in rows if place < len(row)), default=0) for place in range(columns)]
    return sum(widths) + _GAP * (columns - 1)


def _length(cell: Sequence[Any]) -> int:
    words = [str(event.get("Text") or event.get("Code") or "") for event in cell if isinstance(event, dict)]
    return len("".join(words))
