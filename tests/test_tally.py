"""One line for each update that is served, with figures and without words."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

from logs import Json
from secrecy import Redaction
from tally import Tally
from tests.conftest import ALICE, GROUP, OWNER, Conversation, mentions

CHAT = "0123456789abcdef"
T = TypeVar("T")


class Lines(logging.Handler):
    """What the log says of served updates, as programs read it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(Json(Redaction(), words=False))
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """From the tally alone."""
    handler, log = Lines(), logging.getLogger("tally")
    log.addHandler(handler)
    before = log.level
    log.setLevel(logging.INFO)
    yield handler.lines
    log.removeHandler(handler)
    log.setLevel(before)


def last(lines: list[dict[str, Any]], command: str) -> dict[str, Any]:
    return soon(lambda: next((line for line in lines[::-1] if line["command"] == command), None))


def soon(ready: Callable[[], T | None]) -> T:
    """What is true at last; the log makes no event of Telegram's that could be waited for."""
    until = time.monotonic() + 10
    while not (found := ready()):
        assert time.monotonic() < until
        time.sleep(0.01)
    return found


@pytest.mark.parametrize("settings", [{"OPENAI_PRICE_PER_1K_TOKENS": "1"}])
def test_a_question_is_told_by_its_figures(alice: Conversation, lines: list[dict[str, Any]]) -> None:
    alice.script.queue({"text": "Forty two", "usage": {"prompt_tokens": 30, "completion_tokens": 5}, "delay": 0.2})
    alice.write("What is my secret illness?")
    said = last(lines, "text")
    assert (said["tokens_in"], said["tokens_out"], said["outcome"]) == (30, 5, "ok")
    assert said["model"] == alice.bot.config.model
    assert said["usd"] == alice.bot.store.cost_today() > 0
    assert 0.2 < said["seconds"] < 5
    assert set(said["chat"]) <= set(CHAT)
    assert len(said["chat"]) == 12
    words = f"update {said['update']} of chat {said['chat']}: text, {said['model']}, "
    assert said["message"].startswith(words)
    assert said["message"].endswith(" s, 30 tokens in, 5 out, $0.035000, ok")
    assert "illness" not in json.dumps(lines)
    assert "Alice" not in json.dumps(lines)


def test_a_chat_has_one_name_that_tells_nothing(alice: Conversation, lines: list[dict[str, Any]]) -> None:
    alice.write("/balance")
    alice.write("/balance", user=OWNER)
    soon(lambda: len([line for line in lines if line["command"] == "balance"]) == 2)
    alice.restart()
    alice.write("/info")
    mine, owners = (each["chat"] for each in lines if each["command"] == "balance")
    assert last(lines, "info")["chat"] == mine != owners
    store = alice.bot.store
    kept = store._remains(ALICE)
    assert not kept.startswith(mine), "what is kept of deleted people is not in the log"
    assert not mentions(json.dumps([each["chat"] for each in lines]), ALICE)


@pytest.mark.parametrize(
    ("text", "command", "outcome"),
    [
        ("/my_secret_illness", "unknown command", "ok"),
        ("/refill 2 5", "refill", "ok"),
        ("/ec many", "extended_context", "refused: "),
        ("/Balance", "balance", "ok"),
    ],
)
def test_what_people_type_is_no_command_of_the_log(
    alice: Conversation, lines: list[dict[str, Any]], text: str, command: str, outcome: str
) -> None:
    alice.write(text)
    assert last(lines, command)["outcome"].startswith(outcome)


def test_ends_have_names(alice: Conversation, lines: list[dict[str, Any]]) -> None:
    alice.script.queue({"fault": {"kind": "status", "status": 401, "message": "my secret illness"}})
    failed = alice.ask("Well?")
    said = last(lines, "text")
    assert (said["outcome"], said["model"]) == ("failed: auth", alice.bot.config.model)
    alice.press(failed, "used:up", forged=True)
    assert last(lines, "button")["outcome"] == "refused: used_up"
    alice.world.fault(method="sendMessage", chat_id=ALICE, kind="403")
    alice.world.send("/help", user=ALICE)
    assert last(lines, "help")["outcome"] == "away"
    assert "illness" not in json.dumps(lines)


def test_a_broken_handler_is_told_with_its_reference(
    alice: Conversation, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError("my secret illness")

    monkeypatch.setattr(alice.bot.store, "available", broken)
    words = alice.write("/balance")
    outcome = last(lines, "balance")["outcome"]
    assert outcome.startswith("error: ")
    assert outcome.removeprefix("error: ") in words


def test_every_update_ends(alice: Conversation, lines: list[dict[str, Any]]) -> None:
    alice.world.send("for others", user=ALICE, chat=GROUP)
    alice.ask("/help", user=ALICE, chat=GROUP)
    for number in range(3):
        alice.write(f"Question {number}")
    soon(lambda: not alice.bot.tally._open)
    assert alice.bot.moment.backlog().updates == 0
    assert len(lines) == len({each["update"] for each in lines})


def test_without_the_key_nobody_finds_a_chat_by_trying_all(alice: Conversation) -> None:
    tally = alice.bot.tally
    assert tally.alias(ALICE) != Tally(b"another").alias(ALICE)
    assert tally.alias(ALICE) == Tally(alice.bot.store.log_key()).alias(ALICE)


def test_what_was_set_aside_as_it_waited_is_forgotten(alice: Conversation, lines: list[dict[str, Any]]) -> None:
    alice.script.queue({"text": "slow", "hold": True, "match": "first"})
    alice.world.send("first", user=ALICE)
    alice.script.wait(lambda requests: any(each["held"] for each in requests))
    waiting = alice.world.send("second", user=ALICE)["update_id"]
    soon(lambda: alice.bot.long.waiting() == 1)
    alice.bot.store.inbox.set_aside(waiting, "reference")
    alice.script.release()
    soon(lambda: not alice.bot.tally._open)
    assert waiting not in {each["update"] for each in lines}
