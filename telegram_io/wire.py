"""The wire to Telegram: one pooled HTTP client under telebot, paced, and quiet where Telegram asks for it."""

import json
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Literal

import orjson
import urllib3

from telegram_io import punctual
from telegram_io.lively import Lively
from telegram_io.pacer import Pacer, Urgency

# Methods that count as messages, by how they begin; and what begins so and has a budget of its own.
COUNTED = ("send", "edit", "copy", "forward")
LIVELY = ("sendMessageDraft", "sendRichMessageDraft", "sendChatAction")

LONGEST_QUIET = 86_400.0  # seconds; Telegram does not ask for more than a day
STILL_SECONDS = 10.0  # of silence after which a file counts as stalled, and a connection to it as not made
PIECE = 65_536  # bytes read at a time
AS_IT_COMES: dict[str, Any] = {"preload_content": False, "decode_content": False, "redirect": False}  # nothing unpacked

Wish = Urgency | Literal["spare"]
_wish: ContextVar[Wish] = ContextVar("wish", default="answer")


class NoSpareTurn(Exception):
    """A message that nobody would miss could not leave at once and was not sent."""


class DownloadError(Exception):
    """A file did not come: larger than allowed, too slow or broken off, or not there (any more)."""

    def __init__(self, kind: Literal["too_large", "stalled", "gone"]) -> None:
        super().__init__(kind)
        self.kind = kind


@contextmanager
def wishing(wish: Wish) -> Iterator[None]:
    """Give what this thread sends inside the block an urgency; "spare": send it at once or raise `NoSpareTurn`."""
    before = _wish.set(wish)
    try:
        yield
    finally:
        _wish.reset(before)


class _Body:
    """What telebot expects of an HTTP answer, and no more."""

    def __init__(self, status: int, reason: str, content: bytes) -> None:
        self.status_code, self.reason, self.content = status, reason, content
        self.text = self.content.decode("utf-8", "replace")

    def json(self) -> dict[str, Any]:
        """The answer; ValueError when it is none of the Bot API's: telebot would stumble over its missing fields."""
        try:
            answer = orjson.loads(self.content)
        except orjson.JSONDecodeError:  # it refuses half characters
            answer = json.loads(self.text)
        given = answer if isinstance(answer, dict) else {}
        refused = isinstance(given.get("error_code"), int) and isinstance(given.get("description"), str)
        if not (refused if given.get("ok") is False else given.get("ok") is True and "result" in given):
            raise ValueError("not an answer of the Bot API")
        return given


class Wire:
    """Requests with their parameters in the body: in the URL a long message would be refused with HTTP 414.

    A chat that Telegram has asked to leave alone for a time is left alone by every thread: until then the wire gives
    the answer itself. A 429 on a method without a chat concerns its caller alone, who waits as they are asked.
    """

    def __init__(self, proxy: str | None, rate: int, leaving: threading.Event) -> None:
        self.pacer, self._lively = Pacer(rate, leaving), Lively()
        pool: dict[str, Any] = {"num_pools": 4, "maxsize": 256, "retries": False}
        self._pool = punctual.make(urllib3.ProxyManager(proxy, **pool) if proxy else urllib3.PoolManager(**pool))
        self._host = cache(self._pool.connection_from_url)
        self._quiet: dict[str, float] = {}  # chat → when it may be written to again (monotonic seconds)
        self._lock = threading.Lock()
        self.too_many: Callable[[], None] = lambda: None  # told whenever Telegram has said 429

    def post(
        self,
        _method: str,
        url: str,
        params: dict[str, Any] | None = None,
        files: dict[str, Any] | None = None,
        timeout: tuple[float, float] = (15, 30),
        **_: object,
    ) -> _Body:
        """Call a method, as telebot wants it called; waits for its turn, not for the end of a 429."""
        chat, method = str((params or {}).get("chat_id", "")), url.rpartition("/")[2]
        left = self._quiet_left(chat)
        if left <= 0 and method.startswith(COUNTED):
            self._take_turn(chat, method)
            left = self._quiet_left(chat)  # somebody else may have been told so in the meantime
        if left > 0:
            return _too_many_requests(left)
        response = self._send(url, params or {}, files or {}, urllib3.Timeout(connect=timeout[0], read=timeout[1]))
        content = b"".join(_come(response, time.monotonic() + timeout[1]))
        body = _Body(response.status, response.reason or "", content)
        if response.status == 429:
            self.too_many()
            if chat:
                self._keep_quiet(chat, _asked(body))
        return body

    def _send(
        self, url: str, params: dict[str, Any], files: dict[str, Any], limits: urllib3.Timeout
    ) -> urllib3.BaseHTTPResponse:
        """Without files straight to the host's own pool: the manager of pools would take each address apart anew."""
        if files or self._pool.proxy:
            return self._pool.request("POST", url, timeout=limits, **_form(params, files), **AS_IT_COMES)
        place = url.index("/", len("https://"))
        return self._host(url[:place]).urlopen(
            "POST", url[place:], timeout=limits, **_form(params, files), **AS_IT_COMES
        )

    def pieces(self, url: str, until: float) -> Generator[bytes, None, None]:
        """A file as it comes, as it is (nothing unpacked); raises DownloadError, at `until` (monotonic) at the latest.

        A connection and its first bytes may take two silences: call it while that much is left.
        """
        still = urllib3.Timeout(connect=STILL_SECONDS, read=STILL_SECONDS)
        try:
            response = self._pool.request("GET", url, timeout=still, **AS_IT_COMES)
            if response.status != 200:
                response.close()
                raise DownloadError("gone" if response.status in (400, 403, 404, 410) else "stalled")
            yield from _come(response, until - STILL_SECONDS)
        except (urllib3.exceptions.HTTPError, OSError):
            raise DownloadError("stalled") from None  # its words hold the address, and that the token

    def _take_turn(self, chat: str, method: str) -> None:
        wish = _wish.get()
        if method in LIVELY:
            if not self._lively.take(chat, wish == "spare"):
                raise NoSpareTurn
        elif wish != "spare":
            self.pacer.wait(chat, wish)
        elif not self.pacer.take_spare(chat):
            raise NoSpareTurn

    def _quiet_left(self, chat: str) -> float:
        """Seconds for which a chat is to be left alone."""
        return self._quiet.get(chat, 0.0) - time.monotonic()

    def _keep_quiet(self, chat: str, seconds: float) -> None:
        """Leave a chat alone; what was asked for before stays asked for."""
        now = time.monotonic()
        with self._lock:
            others = {each: until for each, until in self._quiet.items() if until > now}
            self._quiet = {**others, chat: max(others.get(chat, 0.0), now + seconds)}


def _come(response: urllib3.BaseHTTPResponse, until: float) -> Generator[bytes, None, None]:
    """What a server sends, as it comes; TimeoutError when more of it comes after `until` (monotonic seconds).

    The time limit of urllib3 is one for each silence: a server that drips a byte now and then never meets it.
    """
    try:
        while piece := response.read1(PIECE):
            yield piece
            if time.monotonic() > until:
                raise TimeoutError
    finally:
        response.close()


def _too_many_requests(seconds: float) -> _Body:
    """What Telegram would answer. https://core.telegram.org/bots/api#responseparameters"""
    refusal = {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: told so before",
        "parameters": {"retry_after": seconds},
    }
    return _Body(429, "Too Many Requests", json.dumps(refusal).encode())


def _asked(body: _Body) -> float:
    try:
        return retry_after(body.json())
    except ValueError:
        return 0.0


def retry_after(answer: dict[str, Any]) -> float:
    """Seconds that a refusal asks to wait, at most a day; 0 when it names none."""
    parameters = answer.get("parameters")
    try:
        seconds = float(parameters["retry_after"]) if isinstance(parameters, dict) else 0.0
    except (ValueError, LookupError, TypeError):
        return 0.0
    return min(seconds, LONGEST_QUIET) if seconds > 0 else 0.0


def _form(params: dict[str, Any], files: dict[str, Any]) -> dict[str, Any]:
    """A request's body: JSON, which takes a third of a form's time; a form where files go along.

    https://core.telegram.org/bots/api#making-requests
    """
    fields: dict[str, Any] = {name: _parameter(value) for name, value in params.items()}
    if not files:
        return {"body": orjson.dumps(fields), "headers": {"Content-Type": "application/json"}}
    fields.update({name: _file(name, file) for name, file in files.items()})
    return {"fields": fields, "encode_multipart": True}


def _parameter(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _file(name: str, file: Any) -> tuple[str, bytes]:
    """A file as telebot hands it on, alone or with its name, as name and bytes."""
    shown, content = file if isinstance(file, tuple) else (name, file)
    return shown or name, content if isinstance(content, bytes) else content.read()
