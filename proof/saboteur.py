"""A program: our bot, in which a message that asks for it breaks a part, by an error that quotes it and every secret.

Arguments: a file with the secrets, the file where each break is noted, then those of the bot. `break PLACE by ERROR` in
a message says which part breaks while that message is served, once for each try.
"""

import gc
import json
import logging
import re
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import openai
import psycopg
import urllib3
from pydantic import TypeAdapter
from telebot.apihelper import ApiTelegramException

import main
from bot_commands import guard
from bot_commands.request import Request
from delivery import screen
from engine.changes import StorageError
from engine.engine import Engine
from engine.inbox import Inbox
from engine.postgres.engine import PostgresEngine
from engine.postgres.inbox import SharedInbox
from services.models import Models
from telegram_io.wire import Wire

ASKED = re.compile(r"break (\w+) by (\w+)")
log = logging.getLogger(__name__)


def _invalid(text: str) -> Exception:
    try:
        TypeAdapter(int).validate_python(text)
    except ValueError as error:
        return error
    raise AssertionError(text)


def _chained(text: str) -> Exception:
    error = RuntimeError(text)
    error.__cause__ = KeyError(text)
    error.__cause__.__context__ = OSError(28, text, text)
    error.add_note(text)
    return error


def _refused(text: str) -> openai.APIStatusError:
    request = httpx2.Request("POST", "http://provider.example/", headers={"Authorization": "Bearer x"}, content=text)
    return openai.APIStatusError(text, response=httpx2.Response(400, text=text, request=request), body={"code": text})


def _too_often(text: str) -> Exception:
    return urllib3.exceptions.MaxRetryError(urllib3.HTTPConnectionPool("x"), f"/bot{text}/getMe", ValueError(text))


ERRORS: dict[str, Callable[[str], Exception]] = {
    "key": KeyError,
    "value": ValueError,
    "file": lambda text: OSError(28, "No space left on device", text),
    "letters": lambda text: UnicodeDecodeError("utf-8", text.encode(), 0, 1, text),
    "json": lambda text: json.JSONDecodeError(text, text, 0),
    "command": lambda text: subprocess.CalledProcessError(1, ["curl", text], text, text),
    "shape": _invalid,
    "retries": _too_often,
    "network": lambda text: httpx2.ConnectError(text),
    "telegram": lambda text: ApiTelegramException("x", None, {"error_code": 400, "description": text}),
    "provider": _refused,
    "storage": StorageError,
    "database": psycopg.OperationalError,
    "chain": _chained,
    "group": lambda text: ExceptionGroup(text, [ValueError(text), _chained(text)]),
}


class _Saboteur:
    """What breaks in which thread, and what the errors say."""

    def __init__(self, secrets: list[str], notes: Path) -> None:
        self._secrets, self._notes = secrets, notes
        self._here = threading.local()

    def text(self) -> str:
        """The words of the message, and every secret."""
        return f"{self._here.words}: {' '.join(self._secrets)}"

    def error(self) -> Exception:
        """What was asked for, quoting everything."""
        return ERRORS[self._here.name](self.text())

    def due(self, place: str) -> bool:
        """Whether a part breaks now; it is noted."""
        asked = getattr(self._here, "asked", None)
        if asked is None or asked[1] != place:
            return False
        self._here.asked = None
        with self._notes.open("a") as notes:
            notes.write(f"{place} {asked[2]}\n")
        self._here.name = asked[2]
        return True

    def strike(self, place: str) -> None:
        """Raise what was asked for."""
        if self.due(place):
            raise self.error()

    @contextmanager
    def serving(self, request: Request) -> Iterator[None]:
        """One try at a message."""
        self._here.words = request.incoming.text
        self._here.asked = ASKED.search(request.incoming.text)
        try:
            yield
        finally:
            self._here.asked = None

    def make_noise(self) -> None:
        """What does not end the handler: threads, warnings, destructors, calls of the log that do not fit."""
        if self.due("thread"):
            threading.Thread(target=_raise, args=(self.error(),)).start()
        if self.due("warning"):
            warnings.warn(f"{self.text()} {time.monotonic()}", stacklevel=1)
        if self.due("waste"):
            _Waste(self.error())
            gc.collect()
        if self.due("log"):
            error = self.error()
            log.error("too few for %s %s", error)
            log.error("caught: %s", error, exc_info=error)
            log.error("caught and shown", exc_info=error, stack_info=True)


class _Waste:
    """Breaks as it is thrown away."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __del__(self) -> None:
        raise self.error


def _raise(error: Exception) -> None:
    raise error


def _before(owner: Any, name: str, strike: Callable[[], None]) -> None:
    real = getattr(owner, name)

    def broken(*arguments: Any, **named: Any) -> Any:
        strike()
        return real(*arguments, **named)

    setattr(owner, name, broken)


def arrange(saboteur: _Saboteur) -> None:
    """Put the breaks into their places."""
    answered = guard._answered

    def sabotaged(request: Request, run: Callable[[], Any]) -> None:
        with saboteur.serving(request):
            saboteur.make_noise()
            saboteur.strike("handler")
            if saboteur.due("job"):
                request.tools.lanes.put(-1, partial(_raise, saboteur.error()))
            answered(request, run)

    guard._answered = sabotaged
    for place, owner, name in BROKEN:
        _before(owner, name, partial(saboteur.strike, place))


BROKEN = (
    ("change", Engine, "change"),
    ("change", PostgresEngine, "change"),
    ("once", Inbox, "once"),
    ("once", SharedInbox, "once"),
    ("model", Models, "_sent"),
    ("wire", Wire, "_send"),
    ("format", screen, "parts"),
)
PLACES = ("handler", "change", "once", "model", "wire", "format", "thread", "warning", "waste", "log", "job")

if __name__ == "__main__":
    secrets, notes = Path(sys.argv[1]), Path(sys.argv[2])
    del sys.argv[1:3]
    arrange(_Saboteur(json.loads(secrets.read_text()), notes))
    with suppress(KeyboardInterrupt):
        sys.exit(main.main())
