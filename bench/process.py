"""A bot as a process of its own under load: started, its users registered, its processor time read."""

import os
import subprocess
import sys
from pathlib import Path

from sandbox.client import Sandbox, World

HERE = Path(__file__).resolve().parent.parent
FIRST_ID = 1000  # of the made-up users
OURS, BASELINE = ["main.py"], ["-m", "bench.baseline_bot"]


def bot_process(
    sandbox: Sandbox,
    world: World,
    key: str,
    command: list[str],
    folder: Path,
    streaming: str = "off",
    rate: int = 0,
    **more: str,
) -> "subprocess.Popen[bytes]":
    """Start a program as the bot of a world, its files in `folder`; `more` are settings by their names in .env."""
    environment = os.environ | {
        "TELEGRAM_API_KEY": world.token,
        "TELEGRAM_API_URL": sandbox.url,
        "OPENAI_API_KEY": key,
        "OPENAI_BASE_URL": f"{sandbox.url}/v1",
        "ADMIN_CHAT_ID": "1",
        "DATA_FILE": str(folder / "data.json"),
        "STREAMING": streaming,
        "NEW_USER_BALANCE": "100000000",
        "KEYBOARD": "off",
        "TELEGRAM_RATE": str(rate),
        **more,
    }
    log = (folder / "log").open("ab")
    return subprocess.Popen([sys.executable, *command], cwd=HERE, env=environment, stdout=log, stderr=log)


def register(world: World, users: int) -> None:
    """Everybody starts the bot; then the load begins with warm connections."""
    for user in range(FIRST_ID, FIRST_ID + users):
        world.user(user, first_name=f"User {user}", language_code="en")
        world.send("/start", user=user)
    everybody = range(FIRST_ID, FIRST_ID + users)

    def greeted() -> bool:
        messages = world.state()["messages"]
        return all(len(messages.get(str(user), ())) >= 2 for user in everybody)

    world.wait(lambda: greeted() or None, 60)


def cpu_seconds(pid: int) -> float:
    """Processor seconds of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
