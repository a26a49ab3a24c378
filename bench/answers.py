"""P1 and P2: answers a second and processor time an answer, our bot against the baseline, over the same sandbox.

`python -m bench.answers` runs both in turn as processes of their own and prints the ratios.
"""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.process import BASELINE, FIRST_ID, OURS, bot_process, cpu_seconds, register
from sandbox.client import Sandbox, World

USERS = 100
SPREAD = 3.0  # seconds over which the first messages come
ANSWER = 3.0  # seconds a model takes


@dataclass(frozen=True)
class Load:
    """So many users, each asking `rounds` questions in a row; the first of all spread over `spread` seconds.

    `rate` is our bot's TELEGRAM_RATE; the baseline has no pacer.
    """

    users: int
    rounds: int
    spread: float
    answer: float
    rate: int = 0
    runs: int = 1  # each bot's, taken in turn; the run with the median processor time counts

    @property
    def shortest(self) -> float:
        """The shortest wall time there can be, in seconds."""
        return self.spread * (self.users - 1) / self.users + self.answer * self.rounds


@dataclass(frozen=True)
class Result:
    """What one run showed: wall seconds, processor milliseconds an answer, added seconds an answer."""

    wall: float
    cpu_ms: float
    added: list[float]

    def percentile(self, share: float) -> float:
        return sorted(self.added)[min(len(self.added) - 1, int(len(self.added) * share))]


def measure(sandbox: Sandbox, command: list[str], load: Load) -> Result:
    """Run one bot in a process of its own through the load."""
    world = sandbox.world()
    key = "sk-" + world.token.replace(":", "-")
    script = sandbox.script(key)
    script.default({"text": "An answer of a usual length. " * 10, "delay": 0})
    with tempfile.TemporaryDirectory() as folder:
        bot = bot_process(sandbox, world, key, command, Path(folder), rate=load.rate)
        try:
            register(world, load.users)
            script.default({"text": "An answer of a usual length. " * 10, "delay": load.answer})
            used = cpu_seconds(bot.pid)
            wall, added = _drive(world, load)
            used = cpu_seconds(bot.pid) - used
        finally:
            bot.terminate()
            bot.wait(15)
            world.close()
    return Result(wall, used * 1000 / (load.users * load.rounds), added)


def _drive(world: World, load: Load) -> tuple[float, list[float]]:
    """Send the questions when they are due and each next one at its answer; wall seconds and what was added."""
    begun = time.monotonic()
    due = {FIRST_ID + n: begun + load.spread * n / load.users for n in range(load.users)}
    left = dict.fromkeys(due, load.rounds)
    sent: dict[int, float] = {}
    added: list[float] = []
    last = int(world.state()["event_id"])
    while any(left.values()) or sent:
        now = time.monotonic()
        for user in [user for user, when in due.items() if when <= now]:
            del due[user]
            left[user] -= 1
            sent[user] = time.monotonic()
            world.send("A question of a usual length, about nothing at all?", user=user)
        pause = max(0.0, min(due.values(), default=now + 1) - time.monotonic())
        for event in world.events(last, min(pause, 1.0)):
            last = max(last, int(event["event_id"]))
            user = _answered(event)
            if user in sent:
                added.append(time.monotonic() - sent.pop(user) - load.answer)
                if left[user]:
                    due[user] = time.monotonic()
    return time.monotonic() - begun, added


def _answered(event: dict[str, Any]) -> int:
    message = event.get("message") or {}
    from_bot = event["type"] == "message" and message.get("from", {}).get("is_bot")
    return int(message["chat"]["id"]) if from_bot else 0


def _row(name: str, load: Load, ours: Result, theirs: Result) -> str:
    shares = [f"{load.shortest / each.wall:.3f}" if load.answer else "–" for each in (ours, theirs)]
    return (
        f"| {name} | {shares[0]} | {shares[1]} "
        f"| {ours.percentile(0.95) * 1000:.0f} | {theirs.percentile(0.95) * 1000:.0f} "
        f"| {ours.cpu_ms:.2f} | {theirs.cpu_ms:.2f} | {ours.cpu_ms / theirs.cpu_ms:.2f} |"
    )


def main() -> None:
    """Print the table of P1 (spread and burst) and P2."""
    loads = {
        "P1 spread": Load(USERS, 3, SPREAD, ANSWER),
        "P1 burst": Load(USERS, 3, 0.0, ANSWER),
        "P1 paced, 80 users": Load(80, 3, SPREAD, ANSWER, rate=30),
        "P2 one after another": Load(10, 60, 0.0, 0.0, runs=5),
    }
    print("| load | share of the ideal: ours | baseline | p95 added ms: ours | baseline |", end="")
    print(" CPU ms an answer: ours | baseline | ratio |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    sandbox = Sandbox.start("--model", "scripted")
    try:
        for name, load in loads.items():
            pairs = [(measure(sandbox, OURS, load), measure(sandbox, BASELINE, load)) for _ in range(load.runs)]
            ours, theirs = (
                sorted(runs, key=lambda run: run.cpu_ms)[load.runs // 2] for runs in zip(*pairs, strict=True)
            )
            print(_row(name, load, ours, theirs), flush=True)
    finally:
        sandbox.stop()


if __name__ == "__main__":
    main()
