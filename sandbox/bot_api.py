"""The Bot API over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`.

https://core.telegram.org/bots/api#making-requests
"""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from email.message import Message
from typing import Any, Final

import orjson
from aiohttp import web

from sandbox.call import Call, Json, Upload
from sandbox.faults import Fault
from sandbox.files import LARGEST_DOWNLOAD
from sandbox.forms import read_form
from sandbox.methods import METHODS
from sandbox.refusal import Refusal
from sandbox.world import World

WORLDS: Final = web.AppKey("worlds", dict[str, World])
STREAM_PIECE: Final = 4096  # bytes a dripping download sends at a time


def routes(app: web.Application) -> None:
    """Add the Bot API to the app; the worlds live in `app[WORLDS]`."""
    app.router.add_route("*", "/bot{token}/{method}", _serve)
    app.router.add_get("/file/bot{token}/{path:.+}", _download)


async def _serve(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLDS].get(request.match_info["token"])
    if world is None:
        return _answer(401, Refusal(401, "Unauthorized").answer())
    try:
        call = await _read(request)
    except Refusal as refusal:
        return _answer(refusal.code, refusal.answer())
    chat_id = call.params.get("chat_id")
    fault = world.faults.take(call.method, None if chat_id is None else str(chat_id))
    record = _record(world, call)
    if fault is not None:
        return await _spoil(request, world, call, fault, record)
    return _answer(*await _run(world, call, record))


async def _read(request: web.Request) -> Call:
    params: Json = dict(request.query)
    uploads: dict[str, Upload] = {}
    try:
        if request.content_type == "application/json":
            params |= _json_body(await request.read())
        elif request.content_type == "multipart/form-data":
            texts, uploads = read_form(await request.read(), dict(_parts(request)).get("boundary", ""))
            params |= texts
        elif request.can_read_body:
            params |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    except web.HTTPRequestEntityTooLarge:
        raise Refusal(413, "Request Entity Too Large") from None
    return Call(request.match_info["method"], params, uploads)


def _parts(request: web.Request) -> list[tuple[str, str]]:
    """What the Content-Type says beside the type."""
    said = Message()
    said["Content-Type"] = request.headers.get("Content-Type", "")
    return list(said.get_params(failobj=[]))


def _json_body(body: bytes) -> Json:
    try:
        params = orjson.loads(body or b"{}")  # refuses lone surrogates, as Telegram does
    except ValueError:
        params = None
    if not isinstance(params, dict):
        raise Refusal(400, "Bad Request: can't parse JSON object")
    return params


async def _run(world: World, call: Call, record: Json) -> tuple[int, Json]:
    """Do what the method does and note the answer beside the call."""
    try:
        if (method := METHODS.get(call.method.lower())) is None:
            raise Refusal(404, "Not Found")
        world.flood.check(call.method.lower(), str(call.params.get("chat_id")) if "chat_id" in call.params else None)
        result = method(world, call)
        status, body = 200, {"ok": True, "result": await result if inspect.isawaitable(result) else result}
    except Refusal as refusal:
        status, body = refusal.code, refusal.answer()
    _note(world, record, status, body)
    return status, body


def _record(world: World, call: Call) -> Json:
    world.call_count += 1
    files = {
        name: {"name": upload.name, "mime_type": upload.mime_type, "size": len(upload.data)}
        for name, upload in call.uploads.items()
    }
    record: Json = {"n": world.call_count, "method": call.method, "params": call.params, "files": files}
    record |= {"status": None, "response": None, "time": time.time()}
    world.calls.append(record)
    if call.method == "getUpdates":  # a long poll is worth telling before its answer
        world.events.add("call", n=record["n"], method=call.method, params=call.params, status=None)
    return record


def _note(world: World, record: Json, status: int | None, body: Json | None) -> None:
    record["status"], record["response"] = status, body
    world.events.add("call", n=record["n"], method=record["method"], params=record["params"], status=status)


def _answer(status: int, body: Json) -> web.Response:
    return web.Response(body=dump(body), status=status, content_type="application/json")


def dump(body: Any) -> bytes:
    """JSON for the wire; lone surrogates, which only raw updates may carry, go out escaped."""
    try:
        return orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return json.dumps(body).encode()


async def _spoil(request: web.Request, world: World, call: Call, fault: Fault, record: Json) -> web.StreamResponse:
    status, body = await _run(world, call, record) if fault.done else (None, None)
    if refusal := fault.refusal():
        status, body = refusal.code, refusal.answer()
    if not fault.done and fault.kind != "slow":
        _note(world, record, status, body)
    if fault.kind in ("slow", "stall"):
        await asyncio.sleep(fault.seconds)
    if fault.kind == "slow":
        return _answer(*(await _run(world, call, record) if status is None or body is None else (status, body)))
    if fault.kind == "garbage":
        return web.Response(body=b'{"ok":true,"result":{"message_id":1,"ch', content_type="application/json")
    if fault.kind == "html":
        page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
        return web.Response(text=page, status=502, content_type="text/html")
    if status is not None and body is not None and refusal:
        return _answer(status, body)
    return _hang_up(request)


def _hang_up(request: web.Request) -> web.Response:
    """Break the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _download(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLDS].get(request.match_info["token"])
    stored = world.files.at(request.match_info["path"]) if world else None
    if world is None or stored is None or len(stored.data) > LARGEST_DOWNLOAD:
        return _answer(404, Refusal(404, "Not Found").answer())
    fault = world.faults.take("file", None)
    if fault is None:
        return web.Response(body=stored.data, content_type="application/octet-stream")
    if refusal := fault.refusal():
        return _answer(refusal.code, refusal.answer())
    if fault.kind == "drip":
        return await _drip(request, stored.data, fault.seconds)
    if fault.kind in ("slow", "stall"):
        await asyncio.sleep(fault.seconds)
    return web.Response(body=stored.data) if fault.kind == "slow" else _hang_up(request)


async def _drip(request: web.Request, data: bytes, pause: float) -> web.StreamResponse:
    """The file a small piece at a time, `pause` seconds apart, with its length not said beforehand."""
    response = web.StreamResponse()
    await response.prepare(request)
    for start in range(0, len(data), STREAM_PIECE):
        await response.write(data[start : start + STREAM_PIECE])
        await asyncio.sleep(pause)
    await response.write_eof()
    return response
