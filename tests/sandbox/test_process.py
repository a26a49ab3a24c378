"""The sandbox as a process: says where it is, leaves when told, never outlives its parent."""

import contextlib
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import config
from sandbox.client import Sandbox

HERE = Path(__file__).parent.parent.parent


def started(*arguments):
    command = [sys.executable, "-m", "sandbox", *arguments]
    process = subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return process, process.stdout.readline().strip()


def ask_until_cut_off(url):
    with contextlib.suppress(OSError):
        urllib.request.urlopen(url)


def test_it_leaves_when_its_input_ends_even_with_polls_and_pages_open():
    process, url = started("--until-eof")
    world = Sandbox(url).world()
    poll = threading.Thread(target=ask_until_cut_off, args=(f"{url}bot{world.token}/getUpdates?timeout=50",))
    poll.start()
    page = urllib.request.urlopen(f"{url}world/{world.token}/events")
    world.wait(lambda: world.calls("getUpdates"))
    process.stdin.close()
    assert process.wait(5) == 0
    poll.join(5)
    page.close()
    process.stdout.close()


def test_sigterm_ends_it_and_a_demo_world_is_there_with_the_settings_of_its_bot():
    process, url = started()
    assert b"<html" in urllib.request.urlopen(url).read()
    assert "bot token" in process.stdout.readline()
    assert ".env" in process.stdout.readline()
    settings = dict(process.stdout.readline().strip().split("=", 1) for _ in range(5))
    assert config.load(settings, HERE / "nowhere").admin_ids == (1,)
    assert urllib.request.urlopen(f"{url}bot{settings['TELEGRAM_API_KEY']}/getMe").status == 200
    key = {"Authorization": f"Bearer {settings['OPENAI_API_KEY']}"}
    listed = urllib.request.Request(f"{settings['OPENAI_BASE_URL']}/models", headers=key)
    assert urllib.request.urlopen(listed).status == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(5) == 0
    process.stdin.close()
    process.stdout.close()


def test_a_taken_port_is_one_clear_failure(sandbox):
    process = subprocess.run(
        [sys.executable, "-m", "sandbox", "--port", sandbox.url.rpartition(":")[2]],
        cwd=HERE, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.returncode == 1
    assert "Traceback" not in process.stderr
    assert "in use" in process.stderr
