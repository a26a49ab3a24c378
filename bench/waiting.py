"""P6: 1,000 users wait for answers of 10 s each: all are served at the same time, and what memory that takes.

`python -m bench.waiting` runs our bot and the baseline in turn over the same sandbox.
"""

import tempfile
import time
from pathlib import Path

from bench.process import BASELINE, FIRST_ID, OURS, bot_process, register
from sandbox.client import Sandbox, World

USERS = 1000
ANSWER = 10.0  # seconds
WORDS = "An answer of a usual length. "
LONGEST = 120.0  # seconds that anybody is waited for


def main() -> None:
    """Print the table."""
    sandbox = Sandbox.start("--model", "scripted")
    print(f"| {USERS:,} users | most calls at once | wall s | share of the ideal {ANSWER:.0f} s | most memory MB |")
    print("|---|---|---|---|---|", flush=True)
    try:
        found = {name: _run(sandbox, command) for name, command in (("ours", OURS), ("baseline", BASELINE))}
    finally:
        sandbox.stop()
    for name, (calls, wall, memory) in found.items():
        print(f"| {name} | {calls} | {wall:.1f} | {ANSWER / wall:.3f} | {memory:.0f} |")
    ours, theirs = found.values()
    shares = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    print(f"| ratio | {shares[0]:.2f} | {shares[1]:.2f} | {1 / shares[1]:.2f} | {shares[2]:.2f} |")


def _run(sandbox: Sandbox, command: list[str]) -> tuple[int, float, float]:
    """Model calls that were under way at once, seconds from the first question to the last answer, megabytes."""
    world = sandbox.world()
    key = "sk-" + world.token.replace(":", "-")
    script = sandbox.script(key)
    script.default({"text": WORDS * 10, "delay": 0})
    with tempfile.TemporaryDirectory() as folder:
        bot = bot_process(sandbox, world, key, command, Path(folder))
        try:
            register(world, USERS)
            script.default({"text": WORDS * 10, "delay": ANSWER})
            before = len(script.requests("chat/completions"))  # of who answers every word, the greetings too
            wall = _ask_all(world)
            memory = _most_memory(bot.pid)
            calls = _at_once([each["time"] for each in script.requests("chat/completions")[before:]])
        finally:
            bot.terminate()
            bot.wait(15)
            world.close()
    return calls, wall, memory


def _ask_all(world: World) -> float:
    last, waiting = int(world.state()["event_id"]), set(range(FIRST_ID, FIRST_ID + USERS))
    begun = time.monotonic()
    for user in sorted(waiting):
        world.send("A question of a usual length, about nothing at all?", user=user)
    while waiting and time.monotonic() - begun < LONGEST:
        for event in world.events(last, 1.0):
            last = max(last, int(event["event_id"]))
            message = event.get("message") or {}
            if event["type"] == "message" and message["from"].get("is_bot"):
                waiting.discard(int(message["chat"]["id"]))
    if waiting:
        raise TimeoutError(f"{len(waiting)} users got no answer")
    return time.monotonic() - begun


def _at_once(begun: list[float]) -> int:
    """The most calls that were under way, each from its beginning until its answer was due."""
    return max(sum(other <= start < other + ANSWER for other in begun) for start in begun)


def _most_memory(pid: int) -> float:
    """The most a process ever had, in MB (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1000


if __name__ == "__main__":
    main()
