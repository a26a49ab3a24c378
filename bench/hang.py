"""One model call hangs: 100 messages from 20 chats are answered in order, others' commands and Stop stay quick.

`python -m bench.hang` prints the longest waits beside those of the same run with nothing hanging.
"""

import tempfile
import time
from pathlib import Path

from bench.process import FIRST_ID, OURS, bot_process, register
from sandbox.client import Sandbox, World

CHATS, EACH = 20, 5
HANG = 60  # seconds
VICTIM = FIRST_ID + CHATS  # whose answer hangs


def main() -> None:
    """Print both runs."""
    sandbox = Sandbox.start("--model", "scripted")
    print("| run | answers in order | /balance p95 s | Stop s |\n|---|---|---|---|", flush=True)
    try:
        for name, hang in (("nothing hangs", 0), (f"one call hangs {HANG} s", HANG)):
            print(f"| {name} | {' | '.join(_run(sandbox, hang))} |", flush=True)
    finally:
        sandbox.stop()


def _run(sandbox: Sandbox, hang: int) -> tuple[str, str, str]:
    world = sandbox.world()
    key = "sk-hang-" + world.token.replace(":", "-")
    script = sandbox.script(key)
    script.default({"delay": 0.2})
    with tempfile.TemporaryDirectory() as folder:
        bot = bot_process(sandbox, world, key, OURS, Path(folder), streaming="on")
        try:
            register(world, CHATS + 1)
            if hang:
                script.queue({"match": "hang", "fault": {"kind": "stall", "seconds": hang}})
                world.send("hang, please", user=VICTIM)
            for number in range(EACH):
                for user in range(FIRST_ID, FIRST_ID + CHATS):
                    world.send(f"question {number}", user=user)
            waits = sorted(_balance(world, user) for user in range(FIRST_ID, FIRST_ID + CHATS))
            ordered = sum(_in_order(world, user) for user in range(FIRST_ID, FIRST_ID + CHATS))
            stop = _stop(world) if hang else float("nan")
        finally:
            bot.terminate()
            bot.wait(15)
            world.close()
    return f"{ordered * EACH}/{CHATS * EACH}", f"{waits[int(len(waits) * 0.95)]:.3f}", f"{stop:.3f}" if hang else "–"


def _balance(world: World, user: int) -> float:
    begun = time.monotonic()
    world.send("/balance", user=user)
    world.wait(lambda: any("tokens" in text for text in _texts(world, user, begin=3)) or None, 30)
    return time.monotonic() - begun


def _in_order(world: World, user: int) -> bool:
    def answers() -> list[str] | None:
        found = [text for text in _texts(world, user) if text.startswith("You said: question")]
        return found if len(found) == EACH else None

    return world.wait(answers, 60) == [f"You said: question {number}" for number in range(EACH)]


def _stop(world: World) -> float:
    draft = world.calls("sendMessageDraft")
    begun = time.monotonic()
    mine = next(call["params"] for call in draft if int(call["params"]["chat_id"]) == VICTIM)
    world.stop_draft(int(mine["draft_id"]), user=VICTIM)
    world.wait(lambda: any("topped" in text for text in _texts(world, VICTIM)) or None, 30)
    return time.monotonic() - begun


def _texts(world: World, user: int, begin: int = 0) -> list[str]:
    me = world.bot["id"]
    return [each.get("text", "") for each in world.messages(user)[begin:] if each["from"]["id"] == me]


if __name__ == "__main__":
    main()
