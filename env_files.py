"""Where settings are written: `.env`, `.env.$BOT_ENV`, the environment, and files that hold one secret each."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from dotenv import dotenv_values

LARGEST_SECRET_FILE = 65_536  # characters; a larger file was named by mistake


class Given(NamedTuple):
    """A value as someone wrote it, and where."""

    value: str
    origin: str


def gather(environ: Mapping[str, str], folder: Path, problems: list[str]) -> tuple[dict[str, Given], list[Path]]:
    """Everything written anywhere, the later place over the earlier, and the files read; adds to `problems`."""
    given: dict[str, Given] = {}
    sources: list[Path] = []
    _read(folder / ".env", given, sources, problems)
    stage = (environ.get("BOT_ENV") or given.get("BOT_ENV", Given("", "")).value).strip()
    if stage and not re.fullmatch(r"[A-Za-z0-9_-]+", stage):
        problems.append("BOT_ENV must be the ending of a file's name, such as production for .env.production.")
    elif stage and not _read(folder / f".env.{stage}", given, sources, problems):
        problems.append(f"BOT_ENV asks for .env.{stage}, which is not there: write that file or remove BOT_ENV.")
    given.update({name: Given(value.strip(), "the environment") for name, value in environ.items()})
    return given, sources


def _read(path: Path, given: dict[str, Given], sources: list[Path], problems: list[str]) -> bool:
    """Lay a file over what was given so far; False when there is none."""
    if not path.is_file():
        return False
    try:  # utf-8-sig: Notepad on Windows begins files with a byte order mark
        values = dotenv_values(path, interpolate=False, encoding="utf-8-sig")
    except UnicodeDecodeError:
        problems.append(f"{path.name} is not UTF-8 text: save it again in that encoding.")
    except OSError as error:
        problems.append(f"{path.name} can't be read ({error.strerror}): let this user read it.")
    else:
        sources.append(path)
        given.update({name: Given((value or "").strip(), path.name) for name, value in values.items()})
    return True


def secret(name: str, path: Path, problems: list[str]) -> str | None:
    """The text of a file that the setting `name` points to; None and a problem when it can't be read or is empty."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(LARGEST_SECRET_FILE).strip()
    except (OSError, UnicodeDecodeError):
        text = ""
    if not text:
        problems.append(f"{name} must name a file that this user can read and that is not empty.")
    return text or None
