"""Start the sandbox and act as the people in its worlds, from Python; standard library only."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from sandbox.script import Script

T = TypeVar("T")
Json = dict[str, Any]

ALICE, OLGA = 101, 1
ANSWER_SECONDS = 90.0


class SandboxError(Exception):
    """The sandbox refused, with its reason."""


class Connection:
    """JSON over one kept connection a thread."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._host = urlsplit(url).netloc
        self._local = threading.local()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON answer; raises SandboxError on any status but 200."""
        status, data = self.raw(method, path, None if body is None else json.dumps(body).encode())
        if status != 200:
            raise SandboxError(f"{method} {path.split('?')[0]}: HTTP {status} {data[:300].decode(errors='replace')}")
        return json.loads(data)

    def raw(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Status and body; a kept connection that the server closed in the meantime is opened anew once."""
        for last in (False, True):
            kept: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
            connection = kept or http.client.HTTPConnection(self._host, timeout=ANSWER_SECONDS)
            self._local.connection = connection
            try:
                connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
                response = connection.getresponse()
                return response.status, response.read()
            except (ConnectionError, http.client.HTTPException):
                connection.close()
                self._local.connection = None
                if last or kept is None:
                    raise
        raise AssertionError("unreachable")


class Sandbox:
    """A running sandbox; `url` has no slash at its end."""

    def __init__(self, url: str, process: subprocess.Popen[str] | None = None) -> None:
        self.url = url.rstrip("/")
        self._process = process
        self._connection = Connection(self.url)

    @classmethod
    def start(cls, *arguments: str) -> Sandbox:
        """Run `python -m sandbox` as a child that dies with this process, and wait until it listens."""
        command = [sys.executable, "-m", "sandbox", "--until-eof", *arguments]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent,
            start_new_session=True,  # Ctrl-C in the terminal is for the parent; it closes our input when it goes
        )
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url.startswith("http://"):
            process.kill()
            raise SandboxError(f"the sandbox did not start (exit code {process.wait()})")
        return cls(url, process)

    @property
    def pid(self) -> int:
        """Of the child that `start` made; 0 for a sandbox of somebody else."""
        return self._process.pid if self._process else 0

    def stop(self) -> None:
        """End the process and wait for it."""
        if self._process is None:
            return
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def world(self, token: str | None = None, demo: bool = False, older: int = 0, **bot: object) -> World:
        """Make a world of its own; `bot` overrides fields of its getMe, the numbers up to `older` are not used."""
        wish: Json = {"bot": bot, "demo": demo, "older": older} | ({"token": token} if token else {})
        made = self._connection.ask("POST", "/world", wish)
        return World(self._connection, made["token"], made["bot"])

    def script(self, key: str) -> Script:
        """The scripted model's side for this API key."""
        return Script(self.url, key)


class World:
    """One world seen by its people; messages are the Bot API's own JSON."""

    def __init__(self, connection: Connection, token: str, bot: Json) -> None:
        self.url, self.token, self.bot = connection.url, token, bot
        self._connection = connection

    def _post(self, deed: str, **wish: Any) -> Json:
        given = {name: value for name, value in wish.items() if value is not None}
        return dict(self._connection.ask("POST", f"/world/{quote(self.token)}/{deed}", given))

    def _get(self, question: str, **query: Any) -> Json:
        given = urlencode({name: value for name, value in query.items() if value is not None})
        return dict(self._connection.ask("GET", f"/world/{quote(self.token)}/{question}?{given}"))

    def send(
        self,
        text: str | None = None,
        *,
        user: int = ALICE,
        chat: int | None = None,
        thread: int | None = None,
        reply_to: int | None = None,
        file: Json | None = None,
        **fields: Any,
    ) -> Json:
        """A person writes; `{"message", "messages", "update_id"}`, the id None when the bot does not get to see it.

        `files` is an album: kind, data (base64) or size, name, mime_type, caption, ... of each.
        """
        place = {"chat_id": user if chat is None else chat, "message_thread_id": thread}
        return self._post("send", user_id=user, text=text, file=file, reply_to_message_id=reply_to, **place, **fields)

    def forward(self, messages: list[Json], *, user: int = ALICE, chat: int | None = None) -> Json:
        """A person passes messages of one chat on, to the bot's private chat unless told otherwise."""
        source, numbers = messages[0]["chat"]["id"], [message["message_id"] for message in messages]
        place = {"chat_id": user if chat is None else chat, "from_chat_id": source}
        return self._post("forward", user_id=user, message_ids=numbers, **place)

    def edit(self, message: Json, text: str, user: int | None = None) -> Json:
        """A person changes the words of their own message."""
        return self._post("edit", user_id=user or message["from"]["id"], text=text, **_which(message))

    def press(self, message: Json, label_or_data: str, user: int = ALICE, forged: bool = False) -> str:
        """A person presses the button with this label or data; the callback query's id. `forged` needs no button."""
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row]
        data = [b["callback_data"] for b in buttons if label_or_data in (b["text"], b.get("callback_data"))]
        if not data and not forged:
            raise LookupError(f"no button {label_or_data!r} among {[button['text'] for button in buttons]}")
        pressed = data[0] if data else label_or_data
        answer = self._post("press", user_id=user, data=pressed, forged=forged, **_which(message))
        return str(answer["callback_query_id"])

    def stop_draft(self, draft_id: int, user: int = ALICE) -> Json:
        """A person presses Stop under a draft."""
        return self._post("stop_draft", user_id=user, chat_id=user, draft_id=draft_id)

    def pay(self, invoice: Json | str, user: int = ALICE, wait: bool = True, seconds: float | None = None) -> Json:
        """Pay an invoice message or link; waits for its `status` "paid", "refused" or "timeout" unless told not to."""
        what = {"link": invoice} if isinstance(invoice, str) else _which(invoice)
        return self._post("pay", user_id=user, wait=wait, seconds=seconds, **what)

    def member(self, status: str, *, user: int = ALICE, chat: int | None = None, member: int | None = None) -> Json:
        """`user` changes the bot's (or `member`'s) status in a chat: "kicked" in private blocks the bot."""
        place = user if chat is None else chat
        return self._post("member", user_id=user, chat_id=place, status=status, member_id=member)

    def user(self, user_id: int, **fields: Any) -> Json:
        """Add or change a person; `started=True` lets the bot write first."""
        return self._post("user", id=user_id, **fields)

    def group(self, chat_id: int, **fields: Any) -> Json:
        """Add a group; `type`, `title`, `is_forum`, `topics` (names), `members` (ids), `bot_status`."""
        return self._post("group", id=chat_id, **fields)

    def topic(self, chat: int, name: str, user: int = OLGA) -> int:
        """Open a topic and say its message_thread_id."""
        return int(self._post("topic", chat_id=chat, name=name, user_id=user)["message_thread_id"])

    def upgrade(self, chat: int) -> int:
        """Turn a basic group into a supergroup and say its new id."""
        return int(self._post("upgrade", chat_id=chat)["chat"]["id"])

    def set_bot(self, **fields: Any) -> Json:
        """Switch what @BotFather switches, such as can_read_all_group_messages."""
        return self._post("bot", **fields)

    def flood(self, on: bool) -> None:
        """Telegram's flood limits on or off."""
        self._post("flood", on=on)

    def update(self, raw: Json) -> int:
        """Put a raw update, however malformed, in the queue."""
        path = f"/world/{quote(self.token)}/update"
        return int(self._connection.ask("POST", path, raw)["update_id"])

    def fault(self, **spec: Any) -> int:
        """Make calls fail: kind, method, chat_id, times (None: always), after, retry_after, seconds, done."""
        path = f"/world/{quote(self.token)}/fault"
        return int(self._connection.ask("POST", path, spec)["fault_id"])

    def clear_faults(self) -> None:
        """Nothing fails any more."""
        self._connection.ask("DELETE", f"/world/{quote(self.token)}/fault")

    def messages(self, chat: int, thread: int | None = None) -> list[Json]:
        """The messages of a chat as people see them now, oldest first."""
        found: list[Json] = self._get("messages", chat_id=chat)["messages"]
        return [m for m in found if thread is None or m.get("message_thread_id", 0) == thread]

    def calls(self, method: str | None = None, after: int = 0) -> list[Json]:
        """What the bot called, oldest first, the last 20,000 kept."""
        return list(self._get("calls", method=method, after=after)["calls"])

    def pending(self) -> list[Json]:
        """Updates the bot has not confirmed yet."""
        return list(self._get("updates")["pending"])

    def state(self) -> Json:
        """Everything at once, as the page loads it."""
        return self._get("state")

    def file(self, file_id: str) -> bytes:
        """The bytes of a file of this world."""
        status, data = self._connection.raw("GET", f"/world/{quote(self.token)}/file/{quote(file_id)}")
        if status != 200:
            raise SandboxError(f"no file {file_id}")
        return data

    def events(self, after: int, timeout: float, calls: bool = False) -> list[Json]:
        """Events after a number, waiting up to `timeout` seconds for the first."""
        return list(self._get("wait", after=after, timeout=timeout, calls=int(calls))["events"])

    def wait(self, ready: Callable[[], T | None], timeout: float = 10) -> T:
        """Ask `ready` again after every event until it gives something; TimeoutError names what was last seen."""
        deadline = time.monotonic() + timeout
        seen = int(self._get("wait")["event_id"])
        while True:
            value = ready()
            if value:
                return value
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"not ready after {timeout} s; last seen: {value!r}; {self._last_seen()}")
            seen = int(self._get("wait", after=seen, timeout=min(left, 30), calls=1)["event_id"])

    def _last_seen(self) -> str:
        calls = [(call["method"], call["status"]) for call in self.calls()[-3:]]
        return f"the bot's last calls {calls}, updates it did not take {len(self.pending())}"

    def close(self) -> None:
        """Forget the world; its bot gets 401 from now on."""
        self._connection.ask("DELETE", f"/world/{quote(self.token)}")


def _which(message: Json) -> Json:
    return {"chat_id": message["chat"]["id"], "message_id": message["message_id"]}
