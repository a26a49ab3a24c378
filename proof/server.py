"""A PostgreSQL of the proof's own, which a row may restart at any moment: data in a temporary folder, on loopback."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Literal

import psycopg

from proof.trial import must
from sandbox.ports import free_port

START_SECONDS = 30.0
NAME = "assistant"  # of its superuser and of its database
PACKAGED = "postgres"  # the user that a package of PostgreSQL makes: the server refuses to run as root

Stop = Literal["fast", "immediate"]
_SIGNALS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}  # as pg_ctl sends them


def programs() -> Path | None:
    """The folder of the server's programs, None where PostgreSQL is not installed."""
    found = shutil.which("postgres")
    if found:
        return Path(found).parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    return installed[-1].parent if installed else None


class Server:
    """A running server with one empty database at `url`; `close` leaves nothing of it."""

    def __init__(self, *settings: str) -> None:
        """`settings` are lines for postgresql.conf."""
        where = programs()
        must(where, "PostgreSQL is not installed here")
        assert where is not None
        self._programs, self._folder = where, Path(tempfile.mkdtemp(prefix="proof-postgres-"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            shutil.chown(self._folder, PACKAGED, PACKAGED)
            self._as = {"user": PACKAGED, "group": PACKAGED, "extra_groups": []}
        self._process: subprocess.Popen[bytes] | None = None
        port = free_port()
        self._settings = (f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", *settings)
        self.url = f"postgresql://{NAME}@127.0.0.1:{port}/{NAME}"
        self._make()

    def _make(self) -> None:
        program, data = self._programs / "initdb", self._folder / "data"
        options = (f"--username={NAME}", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
        made = subprocess.run([program, *options, f"--pgdata={data}"], cwd="/", capture_output=True, **self._as)
        must(made.returncode == 0, f"initdb: {made.stderr.decode()[-300:]}")
        self.start()
        with psycopg.connect(self.url.removesuffix(NAME) + "postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {NAME}".encode())

    def start(self) -> None:
        """Begin, and wait until it takes connections."""
        given = [word for line in self._settings for word in ("-c", line)]
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data"), *given]
        log = self._folder / "log"
        with log.open("ab") as words:
            process: subprocess.Popen[bytes] = subprocess.Popen(
                command, cwd="/", stdout=words, stderr=words, **self._as
            )
        self._process = process
        deadline = time.monotonic() + START_SECONDS
        while not self._listens():
            must(process.poll() is None, f"PostgreSQL ended by itself: {log.read_text()[-300:]}")
            must(time.monotonic() < deadline, "PostgreSQL does not start")
            time.sleep(0.02)

    def _listens(self) -> bool:
        try:
            psycopg.connect(self.url.removesuffix(NAME) + "postgres", connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: Stop = "immediate") -> None:
        """End it: `fast` ends all connections and saves, `immediate` is as a crash."""
        if self._process is not None:
            self._process.send_signal(_SIGNALS[how])
            self._process.wait(START_SECONDS)
            self._process = None

    def restart(self, how: Stop, away: float = 0.0) -> None:
        """Stop it, and start it `away` seconds later."""
        self.stop(how)
        time.sleep(away)
        self.start()

    def close(self) -> None:
        """End it and delete its data."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
