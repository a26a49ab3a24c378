"""P3: processor time an answer streamed, our drafts against the baseline's plain edits, and how old a draft gets.

`python -m bench.streams` lets 100 answers of 50 deltas a second grow at once, in either bot, over the same sandbox.
"""

import re
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from bench.process import BASELINE, FIRST_ID, OURS, bot_process, cpu_seconds, register
from sandbox.client import Sandbox, World
from sandbox.script import Script

STREAMS = 100
DELTAS, PACE = 750, 0.02  # 15 seconds each, 4,000 characters: one message
QUESTION = "Tell me something, "
RUNS = 3  # of each bot, taken in turn; the one with the median processor time counts
SECONDS = 300.0  # everybody is waited for at most


class Result(NamedTuple):
    """Processor ms an answer, the bot's and the sandbox's; calls an answer; how old words on a screen got, in s."""

    cpu_ms: float
    sandbox_ms: float
    calls: float
    oldest: float
    wall: float


def main() -> None:
    """Print both bots and the ratio."""
    print(f"| {STREAMS} streams, {1 / PACE:.0f} deltas/s each | CPU ms an answer | of one core |", end="")
    print(" calls an answer | oldest words s | sandbox's CPU of one core |\n|---|---|---|---|---|---|", flush=True)
    sandbox = Sandbox.start("--model", "scripted")
    try:
        pairs = [(measure(sandbox, OURS), measure(sandbox, BASELINE)) for _ in range(RUNS)]
        found = [sorted(runs, key=lambda run: run.cpu_ms)[RUNS // 2] for runs in zip(*pairs, strict=True)]
    finally:
        sandbox.stop()
    for name, each in zip(("ours, drafts", "baseline, edits"), found, strict=True):
        core, sandbox_core = (ms * STREAMS / each.wall / 1000 for ms in (each.cpu_ms, each.sandbox_ms))
        print(
            f"| {name} | {each.cpu_ms:.0f} | {core:.2f} | {each.calls:.1f} | {each.oldest:.2f} | {sandbox_core:.2f} |"
        )
    print(f"| ratio | {found[0].cpu_ms / found[1].cpu_ms:.2f} | | | | |")


def measure(sandbox: Sandbox, command: list[str]) -> Result:
    """Let one bot in a process of its own stream to everybody at once."""
    world = sandbox.world()
    key = "sk-" + world.token.replace(":", "-")
    script = sandbox.script(key)
    with tempfile.TemporaryDirectory() as folder:
        bot = bot_process(sandbox, world, key, command, Path(folder), streaming="on")
        try:
            script.default({"text": "Welcome."})
            register(world, STREAMS)
            script.default({"deltas": [_delta(number) for number in range(DELTAS)], "per_delta": PACE})
            return _stream(sandbox, world, script, bot.pid)
        finally:
            bot.terminate()
            bot.wait(15)
            world.close()


def _delta(number: int) -> str:
    """A word that says which it is, now and then bold or the last of a paragraph."""
    word = f"**w{number}**" if number % 10 == 0 else f"w{number}"
    return word + ("\n\n" if number % 40 == 39 else " ")


def _stream(sandbox: Sandbox, world: World, script: Script, bot: int) -> Result:
    before, begun = world.calls()[-1]["n"], time.monotonic()
    used = cpu_seconds(bot), cpu_seconds(sandbox.pid)
    for user in range(FIRST_ID, FIRST_ID + STREAMS):
        world.send(f"{QUESTION}{user}", user=user)
    calls = _followed(world, before)
    wall = time.monotonic() - begun
    bot_ms, sandbox_ms = (
        (cpu_seconds(pid) - earlier) * 1000 / STREAMS for pid, earlier in zip((bot, sandbox.pid), used, strict=True)
    )
    starts = _starts(script)
    oldest = max(_oldest(starts[user], [call for call in calls if _chat(call) == user]) for user in starts)
    return Result(bot_ms, sandbox_ms, len(calls) / STREAMS, oldest, wall)


def _followed(world: World, after: int) -> list[dict[str, Any]]:
    """The calls until everybody has the whole answer, looked at seldom: whoever looks takes the sandbox's time."""
    last = f"w{DELTAS - 1}"
    until = time.monotonic() + SECONDS
    time.sleep(DELTAS * PACE)
    while time.monotonic() < until:
        calls = [call for call in world.calls(after=after) if "chat_id" in call["params"]]
        sent = [call for call in calls if call["method"] in ("sendMessage", "editMessageText")]
        whole = {_chat(call) for call in sent if str(call["params"].get("text", "")).rstrip().endswith(last)}
        if len(whole) == STREAMS:
            return calls
        time.sleep(0.5)
    raise TimeoutError(f"only {len(whole)} of {STREAMS} answers came")


def _starts(script: Script) -> dict[int, float]:
    """When the model was asked by each user, in unix time."""
    asked = {str(each["body"]["messages"][-1]["content"]): each["time"] for each in script.requests("completions")}
    return {int(words.removeprefix(QUESTION)): when for words, when in asked.items() if words.startswith(QUESTION)}


def _oldest(start: float, calls: list[dict[str, Any]]) -> float:
    """How old the newest word on a screen was at most, in seconds: it stands there until the next call."""
    oldest, written = 0.0, start
    for call in calls:
        words = re.findall(r"w(\d+)", str(call["params"].get("text", "")))
        if words and call["status"] == 200:
            oldest = max(oldest, call["time"] - written)
            written = start + (int(words[-1]) + 1) * PACE
    return oldest


def _chat(call: dict[str, Any]) -> int:
    return int(call["params"]["chat_id"])


if __name__ == "__main__":
    main()
