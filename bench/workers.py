"""P7: answers a second of 1, 2 and 4 processes on one PostgreSQL, each of 10 lanes, beside what they can be at most.

`python -m bench.workers` starts a PostgreSQL of its own, and for each number of processes `--role all` and, beside it,
`--role worker`. Everybody sends all their questions at once; each answer takes the model 2 s, without streaming.
"""

import re
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Self

from bench.process import FIRST_ID, OURS, bot_process, cpu_seconds, register
from proof import tables
from proof.server import Server
from sandbox.client import Sandbox, World
from sandbox.script import Script

PROCESSES = (1, 2, 4)
LANES = 10
ANSWER = 2.0  # seconds a model takes
CHATS, QUESTIONS = 60, 3  # of each process: a lane serves a chat's questions one after another
LONGEST = 300.0  # seconds that anybody is waited for
START_SECONDS = 60.0


class Found(NamedTuple):
    """What one run showed."""

    wall: float
    answers: int
    lost: int
    double: int
    disordered: int  # chats
    cpu_ms: float  # of all processes, an answer
    megabytes: float  # of the largest process, at most
    connections: int  # of one process, at most
    written: float  # bytes of the server's log that were written ahead, an answer


@dataclass
class Crew:
    """Processes of one bot on one database, of which the first takes updates in; with none, one process on a file."""

    sandbox: Sandbox
    processes: int
    lanes: int
    server: Server | None
    folder: Path
    world: World = field(init=False)
    script: Script = field(init=False)
    running: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    connections: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self.world = self.sandbox.world()
        key = "sk-" + self.world.token.replace(":", "-")
        self.script = self.sandbox.script(key)
        settings = {"WORKER_LANES": str(self.lanes), "ADMIN_LOG": "off"}
        if self.server:
            settings["STORAGE_URL"] = self.server.url
        for number in range(self.processes):
            role = ["--role", "worker"] if number else []
            self.running.append(
                bot_process(self.sandbox, self.world, key, [*OURS, *role], self.folder, "off", 0, **settings)
            )
        if self.server:
            self._await_workers(self.server.url)
            threading.Thread(target=self._count, args=(self.server.url,), daemon=True).start()
        return self

    def _await_workers(self, url: str) -> None:
        until = time.monotonic() + START_SECONDS
        while not self._serve(url):
            if time.monotonic() > until:
                raise TimeoutError("the workers did not start")
            time.sleep(0.1)

    def _serve(self, url: str) -> bool:
        try:
            return len(tables.workers(url)) == self.processes
        except Exception:  # the tables are being made
            return False

    def _count(self, url: str) -> None:
        """Look four times a second how many connections a process has."""
        while not self._over.wait(0.25):
            each = Counter(pid for pid, _, _ in tables.sessions(url))
            self.connections = max([self.connections, *each.values()])

    def cpu(self) -> float:
        """Processor seconds of all processes so far."""
        return sum(cpu_seconds(process.pid) for process in self.running)

    def megabytes(self) -> float:
        """The most that one of the processes ever had (Linux)."""
        states = [Path(f"/proc/{process.pid}/status").read_text() for process in self.running]
        return max(int(state.split("VmHWM:")[1].split()[0]) / 1000 for state in states)

    def written(self) -> int:
        """Bytes that the server has written ahead so far."""
        if self.server is None:
            return 0
        with tables.connected(self.server.url) as connection:
            row = connection.execute("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint").fetchone()
        return int(row[0]) if row else 0

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait(15)
        self.world.close()


def measure(
    sandbox: Sandbox, processes: int, lanes: int, chats: int, questions: int, answer: float, on_postgres: bool = True
) -> Found:
    """Run so many processes through so many chats, each with its questions at once."""
    with (
        tempfile.TemporaryDirectory() as name,
        _server(on_postgres) as server,
        Crew(sandbox, processes, lanes, server, Path(name)) as crew,
    ):
        crew.script.default({"delay": 0})
        register(crew.world, chats)
        crew.script.default({"delay": answer})
        cpu, written, first = crew.cpu(), crew.written(), int(crew.world.state()["event_id"])
        begun = time.monotonic()
        for number in range(questions):
            for user in range(FIRST_ID, FIRST_ID + chats):
                crew.world.send(f"Question {number}, about nothing at all?", user=user)
        said, ended = _answers(crew.world, first, chats * questions)
        wall, number = ended - begun, chats * questions
        numbers = [[int(each) for each in numbers] for numbers in said.values()]
        lost = number - sum(len(set(each)) for each in numbers)
        double = sum(len(each) - len(set(each)) for each in numbers)
        disordered = sum(each != sorted(each) for each in numbers)
        cpu, written = crew.cpu() - cpu, crew.written() - written
        memory, connections = crew.megabytes(), crew.connections
    return Found(wall, number, lost, double, disordered, cpu * 1000 / number, memory, connections, written / number)


@contextmanager
def _server(wanted: bool) -> Iterator[Server | None]:
    if not wanted:
        yield None
        return
    server = Server()
    try:
        yield server
    finally:
        server.close()


def _answers(world: World, first: int, wanted: int) -> tuple[dict[int, list[str]], float]:
    """The numbers of the questions that were answered, by chat, as the answers came; when the last one did."""
    said: dict[int, list[str]] = {}
    last, until, quiet, ended = first, time.monotonic() + LONGEST, 0, 0.0
    while quiet < 2 and time.monotonic() < until:  # a look more at the end, for what comes twice
        events = world.events(last, 1.0)
        for event in events:
            last = max(last, int(event["event_id"]))
            message = event.get("message") or {}
            answered = re.findall(
                r"Question (\d+)", str(message.get("text", ""))
            )  # several that came at once: one answer
            if event["type"] == "message" and message["from"].get("is_bot") and answered:
                said.setdefault(int(message["chat"]["id"]), []).extend(answered)
                ended = time.monotonic()
        quiet = quiet + 1 if not events and sum(map(len, said.values())) >= wanted else 0
    return said, ended


def main() -> None:
    """Print the table."""
    print(f"| processes of {LANES} lanes | ideal answers/s | answers/s | share of the ideal | lost | double |", end="")
    print(" chats out of order | CPU ms an answer | most MB of one | connections of one | WAL bytes an answer |")
    print("|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
    sandbox = Sandbox.start("--model", "scripted")
    try:
        for processes in PROCESSES:
            found = measure(sandbox, processes, LANES, CHATS * processes, QUESTIONS, ANSWER)
            ideal, rate = processes * LANES / ANSWER, found.answers / found.wall
            print(f"| {processes} | {ideal:.0f} | {rate:.2f} | {rate / ideal:.3f} | {found.lost} ", end="")
            print(f"| {found.double} | {found.disordered} | {found.cpu_ms:.1f} | {found.megabytes:.0f} ", end="")
            print(f"| {found.connections} | {found.written:,.0f} |", flush=True)
    finally:
        sandbox.stop()


if __name__ == "__main__":
    main()
