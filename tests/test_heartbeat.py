"""Signs of life: what systemd and a health check learn, and what becomes of a bot that hangs."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.client import Sandbox
from tests.conftest import ALICE, OWNER

HERE = Path(__file__).resolve().parent.parent

# The program with short times, whose disk never comes back from the update that says so.
HANGING = """
import sys, threading
import heartbeat, main, process
from engine.inbox import Inbox
from telegram_io import line
line.POLL_SECONDS, heartbeat.BEAT_SECONDS, process.LATE_SECONDS, process.HUNG_LOOKS = 1, 0.1, 3.0, 2
accept = Inbox.accept
def accept_or_hang(self, batch):
    return threading.Event().wait() if "hang" in str(batch) else accept(self, batch)
Inbox.accept = accept_or_hang
sys.exit(main.main())
"""


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(tmp_path / "notify"))
        made.settimeout(30)
        yield made


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "ADMIN_CHAT_ID": str(OWNER),
        "DATA_FILE": str(tmp_path / "data.json"),
        "HEARTBEAT_FILE": str(tmp_path / "heartbeat"),
        "NOTIFY_SOCKET": str(tmp_path / "notify"),
    }


def told(systemd: socket.socket) -> str:
    return systemd.recv(100).decode()


def test_systemd_hears_of_the_start_of_life_and_of_leaving_and_of_a_bot_that_hangs_no_more(
    sandbox: Sandbox, systemd: socket.socket, environment: dict[str, str], tmp_path: Path
) -> None:
    world, alive = sandbox.world(), tmp_path / "heartbeat"
    provider = {"OPENAI_API_KEY": "sk-heartbeat", "OPENAI_BASE_URL": f"{sandbox.url}/v1"}
    sandbox.script("sk-heartbeat")
    telegram = {"TELEGRAM_API_KEY": world.token, "TELEGRAM_API_URL": sandbox.url}
    command = [sys.executable, "-c", HANGING]
    for ending in ("signal", "hang"):
        process = subprocess.Popen(
            command, env=environment | provider | telegram, cwd=HERE, stderr=subprocess.PIPE, text=True
        )
        assert [told(systemd), told(systemd), told(systemd)] == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
        begun = alive.stat().st_mtime
        world.wait(lambda begun=begun: alive.stat().st_mtime > begun or None, 10)
        if ending == "signal":
            process.send_signal(signal.SIGTERM)
            while (word := told(systemd)) == "WATCHDOG=1":
                pass
            assert word == "STOPPING=1"
            process.communicate(timeout=15)
            assert process.returncode == 143
            assert not alive.exists()
    world.send("hang", user=ALICE)
    _, log = process.communicate(timeout=30)
    assert process.returncode == 1
    assert re.search("no update could be taken for [56] seconds", log)
    assert "in accept_or_hang" in log, "where the thread was"
    assert time.time() - alive.stat().st_mtime > 1, "no sign of life from a bot that hangs"
    world.close()
