"""The wire to Telegram: one pooled HTTP client under telebot, paced, and quiet where Telegram asks for it."""

import json
import threading
import time
from typing import Any

import urllib3


class _Body:
    """What telebot expects of an HTTP answer, and no more."""

    def __init__(self, status: int, reason: str, content: bytes) -> None:
        self.status_code, self.reason, self.content = status, reason, content
        self.text = self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        return json.loads(self.text)


# Methods that Telegram does not count as messages. https://core.telegram.org/bots/faq#my-bot-is-hitting-limits
UNCOUNTED = ("sendMessageDraft", "sendRichMessageDraft", "sendChatAction")


class Pacer:
    """At most `rate` messages and edits a second over all chats, evenly; 0 for no limit."""

    def __init__(self, rate: int) -> None:
        self._gap = 1 / rate if rate else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self, method: str) -> None:
        """Sleep until this method of the Bot API may be called."""
        if not self._gap or method in UNCOUNTED or not method.startswith(("send", "edit", "copy")):
            return
        with self._lock:
            turn = max(time.monotonic(), self._next)
            self._next = turn + self._gap
        time.sleep(max(0.0, turn - time.monotonic()))


class Wire:
    """Requests with their parameters in the body: in the URL a long message would be refused with HTTP 414.

    A chat that Telegram has asked to leave alone for a time is left alone by every thread: until then the wire gives
    the answer itself.
    """

    def __init__(self, proxy: str | None, rate: int) -> None:
        self._pacer = Pacer(rate)
        pool: dict[str, Any] = {"num_pools": 4, "maxsize": 256, "retries": False}
        self._pool = urllib3.ProxyManager(proxy, **pool) if proxy else urllib3.PoolManager(**pool)
        self._quiet: dict[str, float] = {}  # chat → when it may be written to again (monotonic seconds)

    def post(
        self,
        _method: str,
        url: str,
        params: dict[str, Any] | None = None,
        files: dict[str, Any] | None = None,
        timeout: tuple[float, float] = (15, 30),
        **_: object,
    ) -> _Body:
        chat = str((params or {}).get("chat_id", ""))
        left = self._quiet.get(chat, 0.0) - time.monotonic()
        if left > 0:
            return _too_many_requests(left)
        self._quiet.pop(chat, None)
        self._pacer.wait(url.rpartition("/")[2])
        limits = urllib3.Timeout(connect=timeout[0], read=timeout[1])
        fields: dict[str, Any] = {name: _parameter(value) for name, value in (params or {}).items()}
        fields.update({name: _file(name, file) for name, file in (files or {}).items()})
        response = self._pool.request(
            "POST", url, fields=fields, encode_multipart=bool(files), timeout=limits, redirect=False
        )
        body = _Body(response.status, response.reason or "", response.data)
        if response.status == 429 and chat:
            self._quiet[chat] = time.monotonic() + _retry_after(body)
        return body


def _too_many_requests(seconds: float) -> _Body:
    """What Telegram would answer. https://core.telegram.org/bots/api#responseparameters"""
    refusal = {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: told so before",
        "parameters": {"retry_after": seconds},
    }
    return _Body(429, "Too Many Requests", json.dumps(refusal).encode())


def _retry_after(body: _Body) -> float:
    """Seconds that a 429 names, 0 when it names none."""
    try:
        return float(body.json()["parameters"]["retry_after"])
    except (ValueError, LookupError, TypeError):
        return 0.0


def _parameter(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _file(name: str, file: Any) -> tuple[str, bytes]:
    """A file as telebot hands it on, alone or with its name, as name and bytes."""
    shown, content = file if isinstance(file, tuple) else (name, file)
    return shown or name, content if isinstance(content, bytes) else content.read()
