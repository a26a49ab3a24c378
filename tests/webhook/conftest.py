"""Bots that Telegram posts to, and callers who knock at their door."""

import http.client
from collections.abc import Iterator
from contextlib import suppress

import pytest

from sandbox.ports import free_port
from tests.conftest import Conversation

SECRET = "this-is_Telegram-indeed"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
ALLOWED = {HEADER: SECRET}


def hooked() -> dict[str, str]:
    """Settings for a webhook on a port that is free now."""
    address = f"127.0.0.1:{free_port()}"
    return {"WEBHOOK_URL": f"http://{address}/telegram", "WEBHOOK_SECRET": SECRET, "WEBHOOK_LISTEN": address}


@pytest.fixture
def settings() -> dict[str, str]:
    return hooked()


@pytest.fixture
def posted(alice: Conversation) -> Iterator[Conversation]:
    """Alice's conversation, once Telegram posts it."""
    alice.wait_for(lambda: alice.world.calls("setWebhook") or None)
    yield alice
    assert not alice.world.calls("getUpdates")


def knock(
    people: Conversation, method: str, path: str = "/telegram", body: object = None, headers: dict[str, str] = ALLOWED
) -> tuple[int, bytes]:
    """One request to the bot's door; status and body of the answer."""
    caller = http.client.HTTPConnection(people.environment["WEBHOOK_LISTEN"], timeout=20)
    try:
        with suppress(BrokenPipeError, ConnectionResetError):  # refused before all of the body was sent
            caller.request(method, path, body, headers)
        answer = caller.getresponse()
        return answer.status, answer.read()
    finally:
        caller.close()
