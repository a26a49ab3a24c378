"""A world of its own for every test, and the bare Bot API to call it by."""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox.client import Sandbox, World


class BareBot:
    """Calls methods with JSON over plain HTTP and gives back the whole answer."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.host = urlsplit(world.url).netloc

    def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        connection = http.client.HTTPConnection(self.host, timeout=70)
        try:
            body = json.dumps(params).encode()
            connection.request("POST", f"/bot{self.world.token}/{method}", body, {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def ok(self, method: str, **params: Any) -> Any:
        answer = self(method, **params)
        assert answer["ok"], answer
        return answer["result"]

    def refused(self, method: str, **params: Any) -> str:
        answer = self(method, **params)
        assert not answer["ok"], answer
        return answer["description"]


@pytest.fixture
def world(sandbox: Sandbox) -> Iterator[World]:
    made = sandbox.world()
    yield made
    made.close()


@pytest.fixture
def bot(world: World) -> BareBot:
    return BareBot(world)
