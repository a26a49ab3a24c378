"""The provider as the services see it: the sandbox's model server, with a key of its own for each test."""

import itertools
import os
from collections.abc import Iterator

import openai
import pytest

from sandbox.client import Sandbox
from sandbox.script import Script
from services import provider

_numbers = itertools.count(1)


@pytest.fixture
def script(sandbox: Sandbox) -> Script:
    return sandbox.script(f"sk-services-{os.getpid()}-{next(_numbers)}")


@pytest.fixture
def client(script: Script) -> Iterator[openai.OpenAI]:
    with provider.client(script.base_url, script.key, provider.http()) as client:
        yield client
