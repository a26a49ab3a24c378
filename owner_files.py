"""JSON files that the owner may write in place of the bot's own: read, checked, every mistake in them named."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from config import ConfigError

T = TypeVar("T")


class Checked(BaseModel):
    """A value of such a file; a misspelt field is a mistake, not a wish that is passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def read(path: Path, setting: str, form: TypeAdapter[T]) -> T:
    """What a file holds; `setting` names it in .env. Raises ConfigError."""
    try:
        return form.validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigError([f"{setting}: {path} can't be read ({error.strerror})."]) from None
    except ValidationError as error:
        raise ConfigError([f"{path.name}: {_place(each['loc'])}{each['msg']}." for each in error.errors()]) from None


def _place(where: tuple[int | str, ...]) -> str:
    """Where a mistake stands, in words: "row 2, window: "; empty for the whole file."""
    words = [f"row {part + 1}" if isinstance(part, int) else part for part in where]
    return f"{', '.join(words)}: " if words else ""
