"""The demo's small model as a provider of its own: llama.cpp's server, without the sandbox before it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.models import local

PROGRAM = local.__file__.replace("local.py", "llama.py")


@contextmanager
def serving() -> Iterator[str]:
    """Its address for `base_url`, while it runs."""
    command = [sys.executable, "-P", PROGRAM, str(local.model_file()), local.NAME]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout
        assert server.stdin
        try:
            yield f"{server.stdout.readline().strip()}/v1"
        finally:
            server.stdin.close()  # it leaves by itself
