"""A stage whose bot breaks on demand, with secrets that are known again in every piece, on either kind of storage."""

import json
import re
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg

from proof.stage import HERE, Stage, sandbox
from sandbox.ports import free_port

WINDOW = 12  # so many letters of a secret are a leak
SERVER = "postgresql://127.0.0.1:5432/postgres"  # where the databases of proofs are made, with whatever password


class Life(NamedTuple):
    """One way to run the bot."""

    form: str
    debug: bool
    api: str
    streaming: str
    shared: bool = False  # everything is kept in PostgreSQL
    posted: bool = False  # updates come by a webhook


class Sabotaged(Stage):
    """A bot with breaks in it, and secrets that are known again in every piece."""

    def __init__(self, folder: Path, life: Life, database: str) -> None:
        self.port = free_port()
        hearing = f"sk-ears-{secrets.token_hex(20)}"
        settings = {
            "LOG_FORMAT": life.form,
            "LOG_FILE": str(folder / "bot.log"),
            "DEBUG_MODE": str(int(life.debug)),
            "METRICS_PORT": str(self.port),
            "OPENAI_API": life.api,
            "STREAMING": life.streaming,
            "TRANSCRIPTION_API_KEY": hearing,
            "DEEP_API_KEY": f"sk-deep-{secrets.token_hex(20)}",
            "NEW_USER_PREMIUM_BALANCE": "1000000",
            "NEW_USER_IMAGE_BALANCE": "1000",
            "BUDGET_USD_PER_DAY": "0",
            "ADMIN_LOG": "full",
            "STORAGE_URL": database if life.shared else "",
        }
        settings["WEBHOOK_SECRET"] = secrets.token_hex(20)
        if life.posted:
            settings["WEBHOOK_LISTEN"] = f"127.0.0.1:{free_port()}"
            settings["WEBHOOK_URL"] = f"http://{settings['WEBHOOK_LISTEN']}/telegram"
        super().__init__(folder, **settings)
        self.key = f"sk-proof-{secrets.token_hex(20)}"
        self.script, self.ears = sandbox().script(self.key), sandbox().script(hearing)
        given = [settings.get(name, "") for name in ("TRANSCRIPTION_API_KEY", "DEEP_API_KEY", "WEBHOOK_SECRET")]
        self.secrets = [each for each in (self.world.token, self.key, database, *given) if each]
        self.door, self.password = settings.get("WEBHOOK_LISTEN", ""), settings["WEBHOOK_SECRET"]
        self.notes, self._known = folder / "breaks", folder / "known"
        self.notes.touch()
        self._known.write_text(json.dumps(self.secrets))

    def launch(self, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "proof.saboteur", str(self._known), str(self.notes), *arguments]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=HERE, env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def metrics(self) -> str:
        """The figures of now."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10) as answer:
            return str(answer.read().decode())

    def windows(self) -> set[str]:
        """Every piece of every secret."""
        cores = [re.sub(r"^\d+:|^sk-\w+-|^postgresql://\w+:|@.*", "", each) for each in self.secrets]
        return {core[at : at + WINDOW] for core in cores for at in range(len(core) - WINDOW + 1)}


def server_is_there() -> bool:
    """Whether there is a PostgreSQL to try the shared storage on."""
    try:
        psycopg.connect(SERVER, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def database(shared: bool) -> Iterator[str]:
    """The address of an empty database with a password in it, or of one that nobody has asked for."""
    name, password = f"proof_{secrets.token_hex(4)}", secrets.token_hex(12)
    if not shared:
        yield f"postgresql://assistant:{password}@db.example:5432/{name}"
        return
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield f"postgresql://{server.info.user}:{password}@{server.info.host}:{server.info.port}/{name}"
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
