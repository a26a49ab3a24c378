"""The demo: this very bot against Telegram on your own machine and a small real model; no keys, no network."""

import json
import logging
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import config
import logs
from bot import Bot
from config import Config
from engine.datafile import DataFileError
from records import Person
from sandbox.client import Sandbox, SandboxError, World
from secrecy import Redaction
from storage import Store

TOKEN = "7000000001:demo"
OWNER, FIRST_USER = 1, 101  # people of every sandbox world
BEGINNING = 1_767_225_600  # 2026-01-01, unix time
MODELS_FILE = "models.json"
PACKAGES = ("aiohttp", "markdown_it")  # of requirements-demo.txt, beyond what the bot has anyway
# What the small model behind both names takes: half of the window that two answers at once share, and tokens as it
# counts Russian ones. It reads documents as text; the pictures of an album, which cost a real one more than that, it
# only counts and says that it sees none.
SMALL = {"window": 4096, "tokens": 2.1, "can": ["effort", "temperature"]}
SEEING = SMALL | {"wallet": "premium", "window": 32_768, "can": ["pictures", "effort", "temperature"]}
MODELS = [{"name": "gpt-6-luna"} | SMALL, {"name": "gpt-6.1-terra"} | SEEING]
FIRST_USERS_PREMIUM, FIRST_USERS_PICTURES = 100_000, 20


def run(folder: Path, port: int) -> int:
    """Start both, print the page's address, run until Ctrl-C; data stays in `demo-data/`."""
    if None in map(find_spec, PACKAGES):
        print("The demo needs more packages: start with `make demo`, or run `pip install -r requirements-demo.txt`.")
        return 2
    data = folder / "demo-data"
    data.mkdir(mode=0o700, exist_ok=True)
    try:
        sandbox = Sandbox.start("--model", "local", "--port", str(port))
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        logs.begin(Redaction(), debug=False, file=data / "demo.log", level=logging.WARNING)
        bot = Bot(settings(world(sandbox), data))
        _first_gift(bot.store)
        print(f"{sandbox.url}/", flush=True)
        return bot.run()
    except DataFileError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        sandbox.stop()


def world(sandbox: Sandbox) -> World:
    """A new world for the data of the demo before; a bot passes over an update whose number it has done already."""
    return sandbox.world(TOKEN, older=max(0, int(time.time()) - BEGINNING))  # nobody writes so many a second


def settings(there: World, data: Path) -> Config:
    """The settings of the demo, read as the real bot reads them, with a catalogue that tells what the model takes."""
    (data / MODELS_FILE).write_text(json.dumps(MODELS), encoding="utf-8")
    environment = {
        "TELEGRAM_API_KEY": there.token,
        "OPENAI_API_KEY": "none-needed",
        "ADMIN_CHAT_ID": str(OWNER),
        "TELEGRAM_API_URL": there.url,
        "OPENAI_BASE_URL": f"{there.url}/v1",
        "MODELS_FILE": MODELS_FILE,
        "MAX_REQUEST_TOKENS": "600",
        "DEFAULT_CONTEXT": "4000",
    }
    return config.load(environment, data)


def _first_gift(store: Store) -> None:
    """The first user begins with something of everything, the second with what every newcomer gets."""
    if store.register(Person(FIRST_USER, "Alice", "alice", "en"), None).is_new:
        store.refill(FIRST_USER, "premium_balance", FIRST_USERS_PREMIUM)
        store.refill(FIRST_USER, "image_balance", FIRST_USERS_PICTURES)
