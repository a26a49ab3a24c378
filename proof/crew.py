"""A bot of many processes on one PostgreSQL: a stage whose kills take any of them away, or the server."""

import random
import secrets
import signal
import subprocess
import time
from pathlib import Path

from proof import tables
from proof.kept import check_sums
from proof.server import Server, Stop
from proof.stage import Json, Stage
from sandbox.ports import free_port

WORKERS = 2  # beside the one that takes updates in, and serves too
SERVING = "worker"
START_ERROR, NO_SERVER = 1, "cannot be opened: connection failed"
ANNOUNCES = "gives -> 'announce' IS NOT NULL"
RESTARTS = 0.25  # share of the kills that are restarts of the server
AWAY_SECONDS = 2.0  # it stays away at most
UP_SECONDS = 120.0  # until all processes serve, on a machine that has much else to do


class Crew(Stage):
    """As a stage, for one process that takes updates in and serves, and some that only serve."""

    taking, takes_by = "all", "getUpdates"  # the role of that one, and the call by which it is known to work
    aimed = 0.7  # share of the kills of processes that are of one that serves something

    def __init__(self, folder: Path, **settings: str) -> None:
        self.server = Server()
        super().__init__(folder, STORAGE_URL=self.server.url, **settings)
        self.crew: dict[str, subprocess.Popen[bytes] | None] = {self.taking: None}
        self.crew |= {f"{SERVING}-{number}": None for number in range(1, WORKERS + 1)}
        self.dice = random.Random(folder.name)

    # -- the processes

    def start(self, until: str = "getUpdates") -> None:
        """Start whoever is not there; wait until all serve, or until the new ones have made a call."""
        before, missing = self.last_call(), [name for name, process in self.crew.items() if process is None]
        if self.taking in missing:
            self._born = before
        for name in missing:
            self._launch(name)
        if until == "getUpdates":  # as who starts a stage says it
            self.is_up()
        else:
            self.until(lambda: len(self.world.calls(until, after=before)) >= len(missing), until, UP_SECONDS)

    def is_up(self, call: str = "getUpdates") -> None:
        """Wait until all processes are known to the server, and updates are asked for."""
        here = self.server.url
        self.until(lambda: len(tables.workers(here)) == len(self.crew), "all workers", UP_SECONDS)
        super().is_up(self.takes_by if call == "getUpdates" else call)

    def processes(self) -> "list[subprocess.Popen[bytes]]":
        """Those that are there; one that began while the server was away is started again, as by a service manager."""
        for name, process in self.crew.items():
            if process and process.poll() == START_ERROR and NO_SERVER in self._last_words(name):
                self._launch(name)
        return [process for process in self.crew.values() if process]

    def _launch(self, name: str) -> None:
        self.log = f"log-{name}"
        self.crew[name] = self.launch("--role", name.partition("-")[0])

    def _last_words(self, name: str) -> str:
        return (self.folder / f"log-{name}").read_text(errors="replace")[-500:]

    def kill(self) -> None:
        """Take one of the processes away, mostly one that serves something, or restart the server under all."""
        if self.dice.random() < RESTARTS:
            self.restart_server()
            return
        there, known = [name for name, process in self.crew.items() if process], self.names()
        busy = [known[number] for number in tables.serving(self.server.url) if number in known]
        self.kill_one(self.dice.choice(busy if busy and self.dice.random() < self.aimed else there))

    def kill_one(self, name: str) -> None:
        """Take this one away between two of its instructions."""
        known = self.names()
        announcing = [known.get(number) for number in tables.serving(self.server.url, ANNOUNCES)]
        process, self.crew[name] = self.crew[name], None
        if process is not None:
            self.hit += name in announcing
            process.kill()
            process.wait()
            self.killed[name.partition("-")[0]] += 1

    def restart_server(self) -> None:
        """As an owner does it, or a crash."""
        how: Stop = self.dice.choice(("fast", "immediate"))
        self.killed[how] += 1
        self.server.restart(how, self.dice.uniform(0, AWAY_SECONDS))

    def names(self) -> dict[int, str]:
        """Those that serve chats, by the number under which the server knows them."""
        known = tables.workers(self.server.url)
        there = {name: process.pid for name, process in self.crew.items() if process}
        return {known[pid]: name for name, pid in there.items() if pid in known}

    def leave(self) -> float:
        """SIGTERM to all; seconds until the last was gone."""
        there = self.processes()
        self.crew = dict.fromkeys(self.crew)
        begun = time.monotonic()
        for process in there:
            process.send_signal(signal.SIGTERM)
        for process in there:
            self.await_end(process)
        return time.monotonic() - begun

    def __exit__(self, *raised: object) -> None:
        """What went wrong leaves in the logs where each thread was, and what stood in the tables."""
        if raised[0]:
            tables.dump(self.server.url, self.folder / "tables.json")
            for process in self.processes():
                process.send_signal(signal.SIGABRT)
                process.wait()
        self.close()

    def close(self) -> None:
        """End all of it."""
        for process in self.processes():
            process.kill()
            process.wait()
        self.crew = dict.fromkeys(self.crew)
        self.server.close()
        self.world.close()

    # -- what is kept

    def begin_with(self, records: dict[str, Json]) -> None:
        tables.fill(self.server.url, records)

    def records(self) -> dict[str, Json]:
        return tables.records(self.server.url)

    def ledger(self) -> list[Json]:
        return tables.ledger(self.server.url)

    def verify(self) -> None:
        """The sums of the ledger are the balances; nothing waits, nothing is set aside for anybody."""
        tables.wait_quiet(self.server.url)
        check_sums(self.records(), self.ledger())


class Doors(Crew):
    """A crew whose updates come in by a webhook that serves nothing."""

    taking, takes_by = "webhook", "setWebhook"
    aimed = 0.4

    def __init__(self, folder: Path, **settings: str) -> None:
        listen = f"127.0.0.1:{free_port()}"
        door = {"WEBHOOK_LISTEN": listen, "WEBHOOK_URL": f"http://{listen}/telegram"}
        super().__init__(folder, WEBHOOK_SECRET=secrets.token_hex(20), **door, **settings)
