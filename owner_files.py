"""JSON files that the owner may write in place of the bot's own: read, checked, every mistake in them named."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from config import ConfigError

T = TypeVar("T")


class Checked(BaseModel):
    """A value of such a file; a misspelt field is a mistake, not a wish that is passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def like(pattern: str, expected: str) -> Callable[[str], str]:
    """A check of a whole text that says in words what it expects."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(expected)
        return text

    return check


def read(path: Path, setting: str, form: TypeAdapter[T]) -> T:
    """What a file holds; `setting` names it in .env. Raises ConfigError."""
    try:
        return form.validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigError([f"{setting}: {path} can't be read ({error.strerror})."]) from None
    except ValidationError as error:
        raise ConfigError(
            [f"{path.name}: {_place(each['loc'])}{_said(each['msg'])}" for each in error.errors()]
        ) from None


def _said(message: str) -> str:
    """A mistake as a sentence, ours without what Pydantic puts before it."""
    return f"{message.removeprefix('Value error, ')}."


def _place(where: tuple[int | str, ...]) -> str:
    """Where a mistake stands, in words: "row 2, can, entry 1: "; empty for the whole file."""
    words = [_part(place, part) for place, part in enumerate(where) if part != "[key]"]  # that is Pydantic's own word
    return f"{', '.join(words)}: " if words else ""


def _part(place: int, part: int | str) -> str:
    if isinstance(part, str):
        return part
    return f"{'entry' if place else 'row'} {part + 1}"
