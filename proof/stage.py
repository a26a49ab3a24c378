"""A bot as a child process on a stage of its own: people and Telegram from the sandbox, a scripted model, a folder."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import owner_tools
from proof.trial import Wrong, must
from sandbox.client import Sandbox

HERE = Path(__file__).resolve().parent.parent
OWNER = 1
FIRST_ID = 1000  # of the made-up users
GIFT = 10_000_000  # tokens a new user starts with: no wallet runs empty by itself
OURS = ("main.py",)
START_SECONDS = 30.0
ANSWER_SECONDS = 60.0

Json = dict[str, Any]

_under_test: list[tuple[str, ...]] = [OURS]


def use(command: tuple[str, ...]) -> None:
    """Put another program in our bot's place, to see whether a row finds what is wrong with it."""
    _under_test[0] = command


def command() -> tuple[str, ...]:
    """The program that is tried."""
    return _under_test[0]


_sandboxes: list[Sandbox] = []
_starting = threading.Lock()


def sandbox() -> Sandbox:
    """The one sandbox of this process; it dies with it."""
    with _starting:
        if not _sandboxes:
            _sandboxes.append(Sandbox.start("--model", "scripted"))
        return _sandboxes[0]


class Stage:
    """One bot, its world, its model and its files; `settings` are the bot's own, by their names in .env."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.ours = _under_test[0] == OURS
        self.world = sandbox().world()
        self.key = f"sk-proof-{self.world.token.replace(':', '-')}-{folder.name}"
        self.script = sandbox().script(self.key)
        self.messages: dict[tuple[int, int], Json] = {}  # by chat and id, as they stand now
        self.answered: set[int] = set()  # chats where the bot has said something since this was cleared
        self.process: subprocess.Popen[bytes] | None = None
        self.streaming = self.ours and settings.get("STREAMING") == "on"
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        self._seen = int(self.world.state()["event_id"])
        self._settings = settings
        self.log = "log"  # the file for the words of the next process
        self.hit = 0  # kills that surely ended what was under way
        self.killed: Counter[str] = Counter()  # how often what was taken away
        self._born = 0  # the number of the last call before this process

    # -- the process

    def environment(self) -> dict[str, str]:
        """The bot's whole environment."""
        return {
            "TELEGRAM_API_KEY": self.world.token,
            "TELEGRAM_API_URL": sandbox().url,
            "OPENAI_API_KEY": self.key,
            "OPENAI_BASE_URL": f"{sandbox().url}/v1",
            "ADMIN_CHAT_ID": str(OWNER),
            "DATA_FILE": str(self.folder / "data.json"),
            "NEW_USER_BALANCE": str(GIFT),
            "KEYBOARD": "off",
            "ADMIN_LOG": "off",
            "TELEGRAM_RATE": "0",
            "TMPDIR": str(self.temporary),
            **self._settings,
        }

    def launch(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start the program with its words going to `log`; what it is then is the caller's matter."""
        command = [sys.executable, *_under_test[0], *arguments]
        with (self.folder / self.log).open("ab") as words:
            return subprocess.Popen(
                command, cwd=HERE, env=self.environment(), stdin=subprocess.DEVNULL, stdout=words, stderr=words
            )

    def run_to_end(self, *arguments: str) -> tuple[int, str]:
        """Run the program beside the bot, with the same files; its exit code and words."""
        command = [sys.executable, *_under_test[0], *arguments]
        ended = subprocess.run(
            command, cwd=HERE, env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=60
        )
        return ended.returncode, (ended.stdout + ended.stderr).decode(errors="replace").strip()

    def start(self, until: str = "getUpdates") -> None:
        """Start the bot and wait for its first call of a method, `getMe` to have it before it has read its files."""
        self._born = self.last_call()
        self.process = self.launch()
        self.is_up(until)

    def is_up(self, call: str = "getUpdates") -> None:
        """Wait until the process of now has called a method."""
        self.until(lambda: bool(self.world.calls(call, after=self._born)), call, START_SECONDS)

    def last_call(self) -> int:
        calls = self.world.calls()
        return int(calls[-1]["n"]) if calls else 0

    def processes(self) -> "list[subprocess.Popen[bytes]]":
        """Those that must be there now."""
        return [self.process] if self.process else []

    @property
    def pid(self) -> int:
        """Of the running bot."""
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        """Take the process away between two of its instructions."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            self.hit += 1
            self.killed["the bot"] += 1

    def leave(self) -> float:
        """SIGTERM; seconds it took. Raises Wrong after 10 of them, or for another exit code than 143."""
        assert self.process is not None
        process, self.process = self.process, None
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        self.await_end(process)
        return time.monotonic() - begun

    def await_end(self, process: "subprocess.Popen[bytes]") -> None:
        """Wait for one that was told to leave."""
        try:
            code = process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Wrong("still there 10 s after SIGTERM") from None
        must(code == 143 or not self.ours, f"left with exit code {code}, not 143")

    def close(self) -> None:
        """End the bot and forget the world."""
        self.kill()
        self.world.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- what people see

    def listen(self, seconds: float) -> list[Json]:
        """Follow the world for so long at most, until something happens; the new events, the bot's calls among them."""
        events = self.world.events(self._seen, max(0.0, seconds), calls=True)
        for event in events:
            self._seen = max(self._seen, int(event["event_id"]))
            if event["type"] in ("message", "edit"):
                message = event["message"]
                self.messages[message["chat"]["id"], message["message_id"]] = message
                if message["from"]["id"] == self.world.bot["id"]:
                    self.answered.add(message["chat"]["id"])
        return events

    def let_pass(self, seconds: float) -> None:
        """Follow the world for exactly so long."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.listen(left)

    def until(self, ready: Callable[[], object], what: str, seconds: float = ANSWER_SECONDS) -> None:
        """Follow the world until `ready`; raises Wrong when that takes too long or the bot ends meanwhile."""
        deadline = time.monotonic() + seconds
        while not ready():
            for process in self.processes():
                must(process.poll() is None, f"the bot ended by itself with exit code {process.poll()}: {what}")
            must(time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}")
            self.listen(min(1.0, deadline - time.monotonic()))

    def said(self, chat: int) -> list[str]:
        """The bot's words in a chat as they stand now, oldest first."""
        return [str(message.get("text", "")) for message in self._of_bot(chat)]

    def _of_bot(self, chat: int) -> list[Json]:
        me = self.world.bot["id"]
        here = [message for (place, _), message in sorted(self.messages.items()) if place == chat]
        return [message for message in here if message["from"]["id"] == me]

    def stands(self, chat: int, words: str) -> bool:
        """Whether a message of the bot's in a chat holds these words, and is no part that still grows."""
        return any(words in str(each.get("text", "")) and not _grows(each) for each in self._of_bot(chat))

    def count(self, chat: int, words: str) -> int:
        """How many of the bot's messages in a chat hold these words."""
        return sum(words in text for text in self.said(chat))

    def register(self, users: Sequence[int]) -> None:
        """Everybody presses Start and is greeted."""
        for user in users:
            self.world.user(user, first_name=f"User {user}", language_code="en")
            self.world.send("/start", user=user)
        self.until(lambda: all(self.said(user) for user in users), "greetings")

    # -- what is kept

    def begin_with(self, records: dict[str, Json]) -> None:
        """What lies there before the first start."""
        (self.folder / "data.json").write_text(json.dumps(records))

    def records(self) -> dict[str, Json]:
        """data.json as it lies there."""
        found: dict[str, Json] = json.loads((self.folder / "data.json").read_bytes())
        return found

    def ledger(self) -> list[Json]:
        """All entries of the monthly files, oldest first."""
        files = sorted((self.folder / "data-ledger").glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]

    def verify(self) -> None:
        """What `--verify` proves of a stopped bot: the sums of the ledger are the balances."""
        words: list[str] = []
        if self.ours:
            code = owner_tools.prove(self.folder / "data.json", words.append)
            must(code == 0, f"--verify: exit code {code}, {' '.join(words)[-300:]}")


def _grows(message: Json) -> bool:
    """Whether Stop is offered under it."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", ())
    return any(button.get("callback_data") == "stop" for row in rows for button in row)
