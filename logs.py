"""The log: on stderr, and in a file when the owner wants one; tokens and keys never get into it."""

import logging
import sys
import time
from collections import deque
from logging.handlers import RotatingFileHandler
from pathlib import Path

SHORTEST_SECRET = 6  # characters; a made-up key for a local server is a word like others
LARGEST_LOG = 10_000_000  # bytes of a log file; five older ones are kept


class _Redacting(logging.Formatter):
    """Cuts secrets out of everything, tracebacks included: exceptions of the HTTP libraries carry whole addresses."""

    def __init__(self, secrets: list[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = [secret for secret in secrets if len(secret) >= SHORTEST_SECRET]

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line


class ErrorTimes(logging.Handler):
    """Remembers when errors were logged, the newest thousand."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._times: deque[float] = deque(maxlen=1000)

    def emit(self, record: logging.LogRecord) -> None:
        """Called by the logging module."""
        self._times.append(record.created)

    def within(self, seconds: float) -> int:
        """How many errors the last seconds saw."""
        since = time.time() - seconds
        return sum(each >= since for each in list(self._times))


def begin(secrets: list[str], debug: bool, file: Path | None, level: int = logging.INFO) -> None:
    """Log from now on; libraries only speak up when something is wrong."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if file:
        file.touch(mode=0o600)
        handlers.append(RotatingFileHandler(file, maxBytes=LARGEST_LOG, backupCount=5, encoding="utf-8"))
    for handler in handlers:
        handler.setFormatter(_Redacting(secrets))
    logging.basicConfig(level=logging.DEBUG if debug else level, handlers=handlers, force=True)
    for library in ("httpx2", "httpcore2", "openai", "urllib3", "filelock", "TeleBot"):
        logging.getLogger(library).setLevel(logging.WARNING)


def say_sources(sources: tuple[Path, ...]) -> None:
    """The first line: which files the settings came from."""
    names = ", ".join(str(path) for path in sources) or "the environment only"
    logging.getLogger(__name__).info("settings from %s", names)
