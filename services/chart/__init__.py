"""A picture of what the days cost, drawn by matplotlib in a process of its own: the bot stays small and quick."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from texts import Language

TIME_LIMIT = 20.0  # seconds; the first picture takes about two
ROOT = Path(__file__).resolve().parent.parent.parent

_drawing = threading.Lock()  # one at a time: each takes about 100 MB while it runs


class Day(NamedTuple):
    """What was used in one day: answered requests, USD by model, and how often a model of unknown price was called."""

    day: date
    requests: int
    usd: Mapping[str, float]
    unpriced: int = 0


class ChartError(Exception):
    """The picture could not be drawn in time or at all; the message is for the log."""


def draw(days: Sequence[Day], language: Language) -> bytes:
    """A PNG of consecutive days, 1024 × 1280 pixels; waits for its turn, then `TIME_LIMIT`; raises ChartError."""
    asked = {"language": language, "days": [(each.day.isoformat(), *each[1:]) for each in days]}
    with _drawing, TemporaryDirectory(prefix="chart-", ignore_cleanup_errors=True) as folder:
        return _run(json.dumps(asked).encode(), folder)


def _run(question: bytes, folder: str) -> bytes:
    """Ask the drawing process, which is given nothing of our environment: no keys; a folder for its font cache."""
    environment = {
        "MPLCONFIGDIR": folder,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),  # packages may lie in a home that it is not told of
        "SYSTEMROOT": r"C:\Windows",  # Python on Windows asks for it
    }
    command = [sys.executable, "-m", "services.chart"]
    try:
        done = subprocess.run(
            command, input=question, capture_output=True, cwd=ROOT, env=environment, timeout=TIME_LIMIT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ChartError(f"no picture: {error}") from error
    if done.returncode or not done.stdout.startswith(b"\x89PNG"):
        raise ChartError(f"no picture, exit code {done.returncode}: {done.stderr[-2000:].decode(errors='replace')}")
    return done.stdout
