"""The log: on stderr, and in a file when the owner wants one; neither secrets nor people's words get into it."""

import json
import logging
import os
import stat
import sys
import threading
import time
import warnings
from collections import deque
from contextlib import suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from secrecy import Redaction, facts, told

LARGEST_LOG, OLDER_LOGS = 10_000_000, 5  # bytes of a log file; so many older ones are kept
OWNER_ONLY = 0o600
QUIET_SECONDS = 3600.0  # between two words about a file that takes none

log = logging.getLogger(__name__)


class Text(logging.Formatter):
    """A line for people; an exception comes below it.

    With `words` (DEBUG_MODE) exceptions keep their texts, which may quote people. Without, only facts are left of them.
    """

    def __init__(self, redaction: Redaction, words: bool) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redaction, self._words = redaction, words

    def format(self, record: logging.LogRecord) -> str:
        """Called by the logging module."""
        message = self.message(record).replace("\r", "\\r").replace("\n", "\\n")  # nobody adds lines of their own
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {message}"
        return "\n".join(filter(None, [line, self.exception(record)]))

    def message(self, record: logging.LogRecord) -> str:
        """What is said, without secrets."""
        arguments = record.args
        if not self._words and isinstance(arguments, tuple):
            arguments = tuple(facts(each) if isinstance(each, BaseException) else each for each in arguments)
        text = str(record.msg)
        return self._redaction.clean(text % arguments if arguments else text)

    def exception(self, record: logging.LogRecord) -> str:
        """Traceback and stack, without secrets; "" where there is none."""
        said = record.stack_info or ""
        if record.exc_info and record.exc_info[1]:
            said = self.formatException(record.exc_info) if self._words else told(record.exc_info[1])
        return self._redaction.clean(said)


class Json(Text):
    """An object a line for programs: ts, level, logger, message, exception, and the fields of a served update.

    Of its own: the ready formatters write whatever else stands in a record, too.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Called by the logging module."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        whole = {
            "ts": f"{moment}.{int(record.msecs):03}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": self.message(record),
            **getattr(record, "fields", {}),
        }
        if exception := self.exception(record):
            whole["exception"] = exception
        return json.dumps(whole, default=str)  # ASCII: half characters are no trouble


class PrivateFile(RotatingFileHandler):
    """A log file that its owner alone may read, those before it too; what it does not take is lost, and said once."""

    def __init__(self, path: Path) -> None:
        """Raises OSError when the file cannot be written to."""
        self._complained = -QUIET_SECONDS
        super().__init__(
            path, maxBytes=LARGEST_LOG, backupCount=OLDER_LOGS, encoding="utf-8", errors="backslashreplace"
        )
        if not path.is_file():  # a pipe has no length, and from Python 3.13 on it is asked for it
            self.maxBytes = 0
        for number in range(1, OLDER_LOGS + 1):
            with suppress(FileNotFoundError):
                path.with_name(f"{path.name}.{number}").chmod(OWNER_ONLY)

    def _open(self) -> TextIOWrapper:
        opened = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, OWNER_ONLY)
        if stat.S_ISREG(os.fstat(opened).st_mode):  # not a terminal, nor what everybody's programs write to
            Path(self.baseFilename).chmod(OWNER_ONLY)
        return os.fdopen(opened, "a", encoding=self.encoding, errors=self.errors)

    def handleError(self, record: logging.LogRecord) -> None:
        """Say that the file takes nothing; the module's own way would show the record as it is, secrets and all."""
        now = time.monotonic()
        if now - self._complained >= QUIET_SECONDS:
            self._complained = now
            error = sys.exc_info()[1]
            print(f"LOG_FILE takes nothing: {facts(error) if error else 'unknown'}", file=sys.stderr)


class ErrorTimes(logging.Handler):
    """Counts the errors that were logged, and remembers when, the newest thousand."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._times: deque[float] = deque(maxlen=1000)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Called by the logging module, one thread at a time."""
        self._times.append(record.created)
        self.count += 1

    def within(self, seconds: float) -> int:
        """How many errors the last seconds saw."""
        since = time.time() - seconds
        return sum(each >= since for each in list(self._times))


def begin(
    redaction: Redaction, debug: bool, file: Path | None, as_json: bool = False, level: int = logging.INFO
) -> None:
    """Log from now on; libraries only speak up when something is wrong. Raises OSError when the file can't be written.

    What ends a thread or the process stands in the log too, not as it is on stderr.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if file:
        handlers.append(PrivateFile(file))
    for handler in handlers:
        handler.setFormatter((Json if as_json else Text)(redaction, words=debug))
    logging.raiseExceptions = False  # else a line that cannot be written is shown as it is
    logging.basicConfig(level=logging.DEBUG if debug else level, handlers=handlers, force=True)
    warnings.showwarning = _warned
    for library in ("httpx2", "httpcore2", "openai", "urllib3", "filelock", "TeleBot"):
        logging.getLogger(library).setLevel(logging.WARNING)
    sys.excepthook = _uncaught
    threading.excepthook = lambda ended: _uncaught(ended.exc_type, ended.exc_value, ended.exc_traceback)
    sys.unraisablehook = lambda lost: _uncaught(lost.exc_type, lost.exc_value, lost.exc_traceback)


def _warned(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object, **__: object
) -> None:
    said = message if isinstance(message, Warning) else category(message)
    log.warning("%s:%d: %s", filename, lineno, said)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if error is not None and not isinstance(error, SystemExit):
        log.critical("nobody caught this", exc_info=(kind, error, trace))


def say_sources(sources: tuple[Path, ...]) -> None:
    """The first line: which files the settings came from."""
    names = ", ".join(str(path) for path in sources) or "the environment only"
    log.info("settings from %s", names)
