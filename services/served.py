"""What a provider says of its models: which it serves, and until when."""

import json
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import openai

from services.models import Models
from services.provider import failures

SECONDS = 10.0  # for one look-up; nobody's answer waits for it


class Fate(NamedTuple):
    """Of one model; `ends` is the day of its shutdown, None while none is announced."""

    is_served: bool = True
    ends: date | None = None

    def is_over(self, today: date) -> bool:
        """Whether nobody is to be sent there any more."""
        return not self.is_served or (self.ends is not None and self.ends <= today)


class Served(NamedTuple):
    """All names a provider lists, None when it cannot list, and the fate of those asked for."""

    names: list[str] | None
    fates: dict[str, Fate]


def look(models: Models, names: list[str]) -> Served:
    """Ask a provider about some of its models; one that cannot list or describe them is believed to serve them.

    Raises ModelError when it cannot be asked at all. https://platform.openai.com/docs/api-reference/models
    """
    with failures():
        rows = _rows(models)
        fates = {name: _fate(models, name, rows) for name in names}
    return Served(None if rows is None else sorted(rows), fates)


def _rows(models: Models) -> dict[str, dict[str, Any]] | None:
    """Its list by name; None when it has none."""
    try:
        listed = json.loads(models.client.models.with_raw_response.list(timeout=SECONDS).content)
    except openai.APIStatusError as error:
        if error.status_code in (404, 405, 501):
            return None
        raise
    except json.JSONDecodeError:
        return None
    rows = listed.get("data") if isinstance(listed, dict) else None
    return {str(row["id"]): row for row in rows if "id" in row} if isinstance(rows, list) and rows else None


def _fate(models: Models, name: str, rows: dict[str, dict[str, Any]] | None) -> Fate:
    """By the list, else by its own description, where OpenAI keeps the date."""
    row = (rows or {}).get(name, {})
    if "shutdown_date" not in row:
        try:
            described = json.loads(models.client.models.with_raw_response.retrieve(name, timeout=SECONDS).content)
            row = described if isinstance(described, dict) else {}
        except openai.NotFoundError:
            return Fate(is_served=rows is None or name in rows)
        except (openai.APIStatusError, json.JSONDecodeError):
            return Fate()
    return Fate(ends=_day(row.get("shutdown_date")))


def _day(given: object) -> date | None:
    """A day as text or in unix seconds; None for anything else."""
    try:
        if isinstance(given, int | float):
            return datetime.fromtimestamp(given, UTC).date()
        return date.fromisoformat(str(given)[:10])
    except (ValueError, OverflowError, OSError):
        return None
