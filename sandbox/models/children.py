"""Programs of their own for the native libraries: a crash or a long computation there leaves Telegram undisturbed."""

import asyncio
import os
import sys
from pathlib import Path

LINE_LIMIT = 1024 * 1024  # bytes of one line from a child
STARTING = 120.0  # seconds a child may take to say its first line
LEAVING = 3.0  # seconds between closing its input and ending it


class ChildDied(Exception):
    """The program could not start, or ended."""


class Child:
    """A program beside this file, started at the first need, that speaks in lines and leaves when its input closes."""

    def __init__(self, program: str, *arguments: str) -> None:
        self._command = (sys.executable, "-P", str(Path(__file__).parent / program), *arguments)
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._greeting = ""

    async def start(self) -> str:
        """Its first line, once it is ready. Raises ChildDied."""
        return await asyncio.shield(self._start())

    async def ask(self, line: str) -> str:
        """Sends a line, waits for the answer's line; one asks after the other. Raises ChildDied."""
        return await asyncio.shield(self._ask(line))  # who leaves must not leave the answer to the next one

    async def stop(self) -> None:
        """Closes its input and waits for it to leave."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        assert process.stdin
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), LEAVING)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _start(self) -> str:
        async with self._turn:
            await self._running()
            return self._greeting

    async def _ask(self, line: str) -> str:
        async with self._turn:
            process = await self._running()
            assert process.stdin
            try:
                process.stdin.write(line.encode() + b"\n")
                await process.stdin.drain()
            except ConnectionError:
                raise ChildDied(self._command[2]) from None
            return await self._line(process)

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
            offline = os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
            self._process = await asyncio.create_subprocess_exec(
                *self._command, stdin=pipe, stdout=pipe, stderr=nowhere, env=offline, limit=LINE_LIMIT
            )
            self._greeting = await asyncio.wait_for(self._line(self._process), STARTING)
        return self._process

    async def _line(self, process: asyncio.subprocess.Process) -> str:
        assert process.stdout
        line = await process.stdout.readline()
        if not line:
            await process.wait()
            raise ChildDied(self._command[2])
        return line.decode().strip()
