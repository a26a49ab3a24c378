"""Workbooks (XLSX, XLSB, XLS, ODS) as lines of cells with tabs between them, a part for each sheet, by calamine."""

from datetime import date, datetime, time, timedelta
from typing import IO

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError, SheetTypeEnum

from services.reader import ChildError
from services.reader.parts import CHARACTERS, Parts

Cell = int | float | str | bool | time | date | datetime | timedelta
CELLS = 5_000_000  # of a sheet, empty ones too: they are held in memory, 24 bytes each


def read(file: IO[bytes], parts: Parts) -> dict[str, int]:
    """Add each sheet with its name as heading."""
    try:
        book = CalamineWorkbook.from_filelike(file)
    except PasswordError:
        raise ChildError("encrypted") from None
    for about in book.sheets_metadata:
        if parts.full():
            break
        if about.typ == SheetTypeEnum.WorkSheet:
            parts.add(f"## {about.name}\n{_lines(book.get_sheet_by_name(about.name))}")
    return {}


def _lines(sheet: CalamineSheet) -> str:
    if sheet.height * sheet.width > CELLS:
        raise ChildError("too_large")
    lines, length = [""], 0
    for row in sheet.iter_rows():
        line = "\t".join(map(_shown, row)).rstrip()
        if line or lines[-1]:
            lines.append(line)
        length += len(line)
        if length > CHARACTERS:
            break
    return "\n".join(lines).strip("\n")


def _shown(cell: Cell) -> str:
    """A cell as its reader sees it, only that days are written year first and shares not as per cent."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    return " ".join(str(cell).split())
