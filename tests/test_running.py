"""The program as a process: how it starts, what it refuses, how it leaves."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.client import Sandbox, World
from tests.conftest import ALICE, GROUP, OWNER

HERE = Path(__file__).resolve().parent.parent
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def world(sandbox: Sandbox) -> Iterator[World]:
    made = sandbox.world()
    yield made
    made.close()


@pytest.fixture
def environment(sandbox: Sandbox, world: World, tmp_path: Path) -> dict[str, str]:
    key = "sk-run-" + world.token.replace(":", "-")
    sandbox.script(key)
    return {
        "PATH": os.environ["PATH"],
        "TELEGRAM_API_KEY": world.token,
        "TELEGRAM_API_URL": sandbox.url,
        "OPENAI_API_KEY": key,
        "OPENAI_BASE_URL": f"{sandbox.url}/v1",
        "ADMIN_CHAT_ID": str(OWNER),
        "DATA_FILE": str(tmp_path / "data.json"),
    }


@pytest.fixture
def start() -> Iterator[Start]:
    running = []

    def begin(environment: dict[str, str], *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, str(HERE / "main.py"), *arguments]
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def refused(process: "subprocess.Popen[str]", code: int) -> str:
    out, err = process.communicate(timeout=30)
    assert process.returncode == code, out + err
    assert "Traceback" not in out + err
    return out + err


def say(world: World, text: str, words: str, user: int = ALICE) -> None:
    world.send(text, user=user)
    world.wait(lambda: words in world.messages(user)[-1].get("text", "") or None, 60)


def test_missing_settings_are_all_named_at_once(start: Start, environment: dict[str, str], tmp_path: Path) -> None:
    for name in ("TELEGRAM_API_KEY", "OPENAI_API_KEY", "ADMIN_CHAT_ID"):
        del environment[name]
    said = refused(start(environment | {"NEW_USER_BALANCE": "many"}), 2)
    for name in ("TELEGRAM_API_KEY", "OPENAI_API_KEY", "ADMIN_CHAT_ID", "NEW_USER_BALANCE"):
        assert name in said
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_token_is_one_clear_message(start: Start, environment: dict[str, str], tmp_path: Path) -> None:
    said = refused(start(environment | {"TELEGRAM_API_KEY": "999:wrong"}), 2)
    assert "TELEGRAM_API_KEY is not accepted by Telegram" in said
    assert "999:wrong" not in said


def test_no_path_in_the_environment_is_no_trouble(start: Start, environment: dict[str, str]) -> None:
    del environment["PATH"]
    assert "is not accepted by Telegram" in refused(start(environment | {"TELEGRAM_API_KEY": "999:wrong"}), 2)


def test_an_unreadable_data_file_is_left_alone(start: Start, environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text('{"101": {"balance"')
    assert "data.json is damaged" in refused(start(environment), 1)
    assert (tmp_path / "data.json").read_text() == '{"101": {"balance"'


def test_a_second_instance_says_who_is_there(start: Start, environment: dict[str, str], world: World) -> None:
    first = start(environment)
    say(world, "/start", "Hello, Alice!")
    assert f"pid {first.pid}" in refused(start(environment), 1)


def test_a_port_in_use_is_one_clear_message(start: Start, sandbox: Sandbox) -> None:
    port = sandbox.url.rpartition(":")[2]
    assert port in refused(start({"PATH": os.environ["PATH"]}, "--demo", "--port", port), 1)


@pytest.mark.parametrize(("how", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 0), (signal.SIGHUP, 143)])
def test_signals_leave_with_everything_saved(
    start: Start, environment: dict[str, str], world: World, tmp_path: Path, how: signal.Signals, code: int
) -> None:
    if signal.getsignal(how) == signal.SIG_IGN:
        pytest.skip("the tests run under nohup")
    process = start(environment)
    say(world, "/start", "Hello, Alice!")
    say(world, "/ec", "remember")
    say(world, "Hello", "You said: Hello")
    begun = time.monotonic()
    process.send_signal(how)
    process.communicate(timeout=15)
    assert time.monotonic() - begun < 10
    assert process.returncode == code
    records = json.loads((tmp_path / "data.json").read_text())
    assert records["101"]["requests"] == 1
    assert [said["content"] for said in records["101"]["history"]] == ["Hello", "You said: Hello"]
    assert (tmp_path / "data-backup.json").read_bytes() == (tmp_path / "data.json").read_bytes()
    assert world.messages(OWNER)[-1]["text"] == "The bot has stopped, everything is saved."


def test_a_second_interrupt_waits_for_nothing(
    start: Start, environment: dict[str, str], world: World, sandbox: Sandbox
) -> None:
    process = start(environment)
    say(world, "/start", "Hello, Alice!")
    sandbox.script(environment["OPENAI_API_KEY"]).queue({"hold": True})
    world.send("Hello", user=ALICE)
    sandbox.script(environment["OPENAI_API_KEY"]).wait(lambda seen: seen, "completions")
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=15)
    assert (process.returncode, time.monotonic() - begun < 2) == (0, True)


def test_stop_by_command_is_not_repeated_at_the_next_start(
    start: Start, environment: dict[str, str], world: World
) -> None:
    process = start(environment)
    say(world, "/start", "Здравствуйте", user=OWNER)
    say(world, "/stop", "сохранено", user=OWNER)
    process.communicate(timeout=15)
    assert process.returncode == 0
    start(environment)
    say(world, "/start", "Hello, Alice!")
    say(world, "/balance", "30,000 tokens")


def test_a_running_answer_is_given_by_the_next_process(
    start: Start, environment: dict[str, str], world: World, sandbox: Sandbox
) -> None:
    process = start(environment)
    say(world, "/start", "Hello, Alice!")
    script = sandbox.script(environment["OPENAI_API_KEY"])
    script.queue({"text": "never", "fault": {"kind": "stall", "seconds": 60}})
    world.send("Hello?", user=ALICE)
    script.wait(lambda rows: rows or None)
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=15)
    assert time.monotonic() - begun < 10
    assert world.messages(ALICE)[-1]["text"] == "Hello?"
    start(environment)
    world.wait(lambda: world.messages(ALICE)[-1]["text"] == "You said: Hello?" or None, 60)
    assert len(world.messages(ALICE)) == 4


@pytest.mark.parametrize("method", ["*", "sendMessage"])
def test_a_telegram_that_hangs_does_not_hold_the_bot(
    start: Start, environment: dict[str, str], world: World, tmp_path: Path, method: str
) -> None:
    process = start(environment)
    say(world, "/start", "Hello, Alice!")
    say(world, "/prompt Be brief", "changed")
    world.send("Hello?", user=ALICE)
    world.fault(method=method, kind="stall", times=None, seconds=60)
    world.send("/help", user=ALICE)
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert time.monotonic() - begun < 10
    assert process.returncode == 143
    assert json.loads((tmp_path / "data.json").read_text())["101"]["prompt"] == "Be brief"


def test_what_was_written_while_the_bot_was_off_is_answered(
    start: Start, environment: dict[str, str], world: World
) -> None:
    world.send("/start", user=ALICE)
    world.send("Hello", user=ALICE)
    start(environment)
    world.wait(lambda: world.messages(ALICE)[-1]["text"] == "You said: Hello" or None, 60)


def test_a_killed_bots_placeholder_becomes_the_answer(
    start: Start, environment: dict[str, str], world: World, sandbox: Sandbox
) -> None:
    process = start(environment)
    say(world, "/start", "Hello, Alice!")
    script = sandbox.script(environment["OPENAI_API_KEY"])
    script.queue({"deltas": ["never ", "said"], "hold": True, "hold_after": 1})
    world.send("@sandbox_assistant_bot hi", user=ALICE, chat=GROUP)
    script.wait(lambda rows: rows or None)
    world.wait(lambda: world.messages(GROUP)[-1].get("text") == "never" or None, 60)
    growing = world.messages(GROUP)[-1]["message_id"]
    process.kill()
    process.wait()
    start(environment)
    world.wait(lambda: world.messages(GROUP)[-1]["text"] == "You said: Alice: hi" or None, 60)
    assert world.messages(GROUP)[-1]["message_id"] == growing
    (row,) = world.messages(GROUP)[-1]["reply_markup"]["inline_keyboard"]
    assert [button["text"] for button in row] == ["Again"], "Stop is gone"
    say(world, "/stats", "Requests: 1")


def test_a_question_in_pieces_survives_a_kill_as_one(
    start: Start, environment: dict[str, str], world: World, sandbox: Sandbox
) -> None:
    process = start(environment)
    say(world, "/start", "Hello, Alice!")
    script = sandbox.script(environment["OPENAI_API_KEY"])
    script.default({"hold": True, "hold_after": 0})
    world.send("Is it true?", user=ALICE)
    script.wait(lambda rows: rows or None)
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "Ann"}
    world.send("We open at nine.", user=ALICE, extra={"forward_origin": origin})
    whole = "Is it true?\nForwarded from Ann:\nWe open at nine."
    script.wait(lambda rows: any(row["body"]["messages"][-1]["content"] == whole for row in rows) or None)
    process.kill()
    process.wait()
    script.default({})
    script.release()
    start(environment)
    world.wait(lambda: world.messages(ALICE)[-1].get("text") == f"You said: {whole}" or None, 60)
    say(world, "/stats", "Requests: 1")
    assert sum("You said" in message.get("text", "") for message in world.messages(ALICE)) == 1
