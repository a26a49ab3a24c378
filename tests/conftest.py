"""A bot of its own for every test, over real HTTP to one sandbox per test process."""

import itertools
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import config
from bot import Bot
from engine.ledger import plain
from sandbox.client import Sandbox, World
from sandbox.script import Script
from tests.databases import all_rows, edit_oldest, emptied_database
from tests.sandbox.strict import check_call

# With it every conversation is held by a bot on PostgreSQL: the address of a server where databases may be made.
SERVER = os.environ.get("TEST_ON_POSTGRES", "")

on_files = pytest.mark.skipif(bool(SERVER), reason="about the files of data.json")

OWNER, ALICE, BORIS, GROUP = 1, 101, 102, -1001000000001
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    running = Sandbox.start("--model", "scripted")
    yield running
    running.stop()


@dataclass
class Conversation:
    """People on one side, the bot on the other."""

    world: World
    script: Script
    environment: dict[str, str]
    folder: Path
    bot: Bot = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.bot = Bot(config.load(self.environment, self.folder))
        self.bot.start()

    def restart(self) -> None:
        self.bot.stop()
        self.start()

    def kept(self) -> str:
        """All that the bot keeps, as text."""
        files = [path.read_bytes().decode(errors="replace") for path in self.folder.rglob("*") if path.is_file()]
        return "".join(files) + (all_rows(self.environment["STORAGE_URL"]) if SERVER else "")

    def edit_history(self, key: str, first: str) -> None:
        """Somebody with access to the data puts other words into the oldest message of a history."""
        said = {**self.bot.store.engine.history(key)[0], "content": first}
        if SERVER:
            edit_oldest(self.environment["STORAGE_URL"], key, json.dumps(said))
        else:
            self.bot.store.set_fields(key, history=[said, *self.bot.store.engine.history(key)[1:]])

    def said(self, chat: int, after: int = 0, thread: int | None = None) -> list[dict[str, Any]]:
        """The bot's messages in a chat, newer than a message id."""
        me = self.world.bot["id"]
        messages = self.world.messages(chat, thread)
        return [each for each in messages if each["message_id"] > after and each["from"]["id"] == me]

    def write(self, text: str, user: int = ALICE, chat: int | None = None, **fields: Any) -> str:
        """Send words and return the bot's next message in that chat."""
        return str(self.ask(text, user, chat, **fields)["text"])

    def ask(self, text: str | None, user: int = ALICE, chat: int | None = None, **fields: Any) -> dict[str, Any]:
        """The same, the whole message; a growing message is waited for until it has its last words."""
        place = user if chat is None else chat
        sent = self.world.send(text, user=user, chat=place, **fields)["message"]["message_id"]
        return self.wait_for(lambda: self._settled(place, sent))

    def _settled(self, chat: int, after: int) -> dict[str, Any] | None:
        for message in self.said(chat, after):
            if not any(button.get("callback_data") == "stop" for button in buttons(message)):
                return message
        return None

    def press(self, message: dict[str, Any], data: str, user: int = ALICE, forged: bool = False) -> str:
        """Press a button; what the bot says on top of the screen."""
        before = self.world.state()["event_id"]
        query = self.world.press(message, data, user=user, forged=forged)

        def answered() -> dict[str, Any] | None:
            events = self.world.events(before, 0.0)
            found = [each for each in events if each["type"] == "callback_answer"]
            return next((each for each in found if each["callback_query_id"] == query), None)

        return str(self.wait_for(answered).get("text") or "")

    def message(self, chat: int, message_id: int) -> dict[str, Any]:
        return next(each for each in self.world.messages(chat) if each["message_id"] == message_id)

    def wait_for(self, ready: Callable[[], Any], timeout: float = 10.0) -> Any:
        return self.world.wait(ready, timeout)

    def silent(self, text: str | None, user: int = ALICE, chat: int | None = None, **fields: Any) -> bool:
        """Whether the bot says nothing: a command after it is answered first."""
        place = user if chat is None else chat
        sent = self.world.send(text, user=user, chat=place, **fields)["message"]["message_id"]
        probe = self.ask("/help", user, place)
        return all(each["message_id"] == probe["message_id"] for each in self.said(place, sent))

    def entries(self) -> list[dict[str, Any]]:
        """The ledger as it is written."""
        return [plain(entry) for entry in self.bot.store.engine.entries()]

    def save(self) -> None:
        """Bring the files up to date, where there are files."""
        if not self.environment.get("STORAGE_URL"):
            self.bot.store.file_engine.checkpoint()

    def close(self) -> None:
        self.bot.stop()
        calls = self.world.calls()
        self.world.close()
        for call in calls:
            check_call(call["method"], call["params"], call["files"])


def mentions(text: str, user: int) -> bool:
    """Whether an id stands there; keys and hashes are hexadecimal, and may hold its digits by chance."""
    return re.search(rf"(?<![0-9a-f]){user}(?![0-9a-f])", text) is not None


def buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


@pytest.fixture
def settings() -> dict[str, str]:
    """Settings a test wants to be different; set them with @pytest.mark.parametrize or an own fixture."""
    return {}


@pytest.fixture
def people(sandbox: Sandbox, tmp_path: Path, settings: dict[str, str]) -> Iterator[Conversation]:
    """A running bot and everybody it knows: nobody is registered yet."""
    key = f"sk-{os.getpid()}-{next(_numbers)}-{time.monotonic_ns()}"
    world = sandbox.world()
    environment = {
        "TELEGRAM_API_KEY": world.token,
        "TELEGRAM_API_URL": sandbox.url,
        "OPENAI_API_KEY": key,
        "OPENAI_BASE_URL": f"{sandbox.url}/v1",
        "ADMIN_CHAT_ID": str(OWNER),
        "ADMIN_LOG": "off",  # its lines would be taken for answers to the owner
        "TELEGRAM_RATE": "0",  # people in tests write faster than Telegram allows
        **settings,
    }
    if SERVER:
        environment["STORAGE_URL"] = emptied_database(SERVER)
    conversation = Conversation(world, sandbox.script(key), environment, tmp_path)
    yield conversation
    conversation.close()


@pytest.fixture
def alice(people: Conversation) -> Conversation:
    """The same with Alice (English), Boris (Russian) and Olga (the admin) registered."""
    for user in (OWNER, ALICE, BORIS):
        people.write("/start", user=user)
    notes = "Новый пользователь"  # to the owner, from a lane of their own: no test takes them for an answer
    people.wait_for(lambda: sum(each["text"].count(notes) for each in people.said(OWNER)) == 2 or None)
    return people
