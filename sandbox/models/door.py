"""The way into the model server: the key is checked, the request read and recorded, a refusal told as OpenAI does."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
from aiohttp import BodyPartReader, MultipartReader, web

from .keys import KEYS, Key, Record, Reply
from .parts import Seen
from .refusals import Refused, bad_key, missing
from .watch import WATCH, Gone

T = TypeVar("T")


class Broken(Exception):
    """The script wanted the connection closed."""


@dataclass
class Upload:
    """A file of a multipart request."""

    field: str
    name: str
    kind: str
    data: bytes


@dataclass
class Call:
    """One request with a known key, read to its end; `reply` is the script's word on how to answer.

    `seen` are the pictures and files in it.
    """

    request: web.Request
    key: Key
    record: Record
    body: dict[str, Any]
    files: list[Upload]
    reply: Reply
    seen: list[Seen] = field(default_factory=list)

    @property
    def weight(self) -> int:
        """Tokens of the pictures and files."""
        return sum(seen.tokens for seen in self.seen)

    def choose(self, text: str) -> None:
        """Takes the scripted reply for what the user said last."""
        self.reply = self.key.take(self.request.path, text, spoken=True)

    async def alive(self, work: Awaitable[T]) -> T:
        """The work's result. Raises Gone when the client leaves meanwhile: then the work is cancelled."""
        return await self.request.app[WATCH].over(self.request, work)

    def slam(self) -> Broken:
        """Resets the connection, so that the client meets ECONNRESET and not an orderly end."""
        if self.request.transport is not None:
            plug: socket.socket = self.request.transport.get_extra_info("socket")
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.request.transport.abort()
        return Broken()


Work = Callable[[Call], Awaitable[web.StreamResponse]]


def door(work: Work, spoken: bool = False) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """A handler around `work`; where a model speaks, `work` itself chooses the reply once it knows the user's text."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            call = await enter(request)
        except Refused as refused:
            return error(refused)
        answer: web.StreamResponse | None = None
        try:
            answer = await served(call, work, spoken)
            return answer
        except Refused as refused:
            answer = error(refused)
            return answer
        except Broken:
            return web.Response()  # goes nowhere: the connection is closed
        except (Gone, ConnectionError):
            call.record["aborted"] = True
            return web.Response()
        except asyncio.CancelledError:  # what an app with handler_cancellation does when the client leaves
            call.record["aborted"] = True
            raise
        finally:
            call.key.note(call.record, status=answer.status if answer else None)

    return handle


async def served(call: Call, work: Work, spoken: bool) -> web.StreamResponse:
    """Take the scripted reply and its faults, then do the work."""
    if not spoken:
        call.reply = call.key.take(call.request.path, "", spoken=False)
        await before(call)
    return await work(call)


async def enter(request: web.Request) -> Call:
    """Who calls, by the key in the Authorization header; refused with 401 without a known one."""
    name = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    keys = request.app[KEYS]
    if not name:
        raise Refused(401, "You didn't provide an API key in the Authorization header.")
    if name not in keys.known and not keys.open:
        raise bad_key(name)
    headers = {k.lower(): v for k, v in request.headers.items() if k.lower() != "authorization"}
    key = keys.make(name)
    call = Call(request, key, key.begin(request.method, request.path, headers), {}, [], {})
    try:
        await read(call)
        call.record["body"] = call.body
        call.record["files"] = [
            {"field": f.field, "name": f.name, "kind": f.kind, "size": len(f.data)} for f in call.files
        ]
    except Refused as refused:
        call.record["status"] = refused.status
        raise
    finally:  # also of a client that left meanwhile
        key.keep(call.record)
    return call


async def read(call: Call) -> None:
    """Read the body, JSON or a form, into the call; refused with 400 when it is broken."""
    if call.request.content_type == "multipart/form-data":
        async for part in MultipartReader(
            call.request.headers, call.request.content
        ):  # has no limit, unlike multipart()
            if isinstance(part, BodyPartReader):
                await put(call, part)
    elif call.request.method == "POST":
        try:
            call.body = orjson.loads(await call.request.content.read())
        except orjson.JSONDecodeError:
            raise Refused(400, "We could not parse the JSON body of your request.") from None
        if not isinstance(call.body, dict):
            raise Refused(400, "The body of your request must be a JSON object.")


async def put(call: Call, part: BodyPartReader) -> None:
    """Put one part of a form where it belongs: a file, a list, a field."""
    data = bytes(await part.read())
    name = part.name or ""
    if part.filename is not None:
        kind = part.headers.get("Content-Type", "application/octet-stream")
        call.files.append(Upload(name, part.filename, kind, data))
    elif name.endswith("[]"):
        call.body.setdefault(name[:-2], []).append(data.decode())
    else:
        call.body[name] = data.decode()


def uploaded(call: Call, *fields: str) -> Upload:
    """The first file sent under one of these field names."""
    for upload in call.files:
        if upload.field in fields:
            return upload
    raise missing(fields[0])


async def before(call: Call) -> None:
    """What the reply says must happen before the first byte: a delay, a refusal, a reset, a stall."""
    fault = call.reply.get("fault", {})
    pause = call.reply.get("delay", 0.0)
    if fault.get("kind") == "stall" and "after" not in fault:
        pause += fault.get("seconds", 600.0)
    if pause:
        await call.alive(asyncio.sleep(pause))
    if fault.get("kind") == "reset" and "after" not in fault:
        raise call.slam()
    if fault.get("kind") == "status":
        words = {word: fault.get(word) for word in ("message", "param", "code", "retry_after")}
        raise Refused(fault.get("status", 500), kind=fault.get("type"), **words)


def error(refused: Refused) -> web.Response:
    """A refusal as OpenAI writes it: {"error": {message, type, param, code}}."""
    body = orjson.dumps({"error": refused.error})
    return web.Response(body=body, status=refused.status, headers=refused.headers, content_type="application/json")
