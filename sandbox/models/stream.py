"""Answers on the wire: whole or as server-sent events, at the pace and with the faults that the reply asks for."""

import asyncio
import json
import re
from typing import Any, NamedTuple

import orjson
from aiohttp import web

from . import tokens
from .door import Broken, Call
from .keys import Reply
from .refusals import Refused

GARBAGE = b'{"choices": [{"mess\xff\xfe <html>502'
DONE = b"data: [DONE]\n\n"


class Spoken(NamedTuple):
    """What the model says: pieces of text in order, why it stopped, and counted tokens (None: it does not say)."""

    deltas: list[str]
    finish_reason: str
    refusal: str | None
    usage: dict[str, int] | None

    @property
    def text(self) -> str:
        """The whole answer."""
        return "".join(self.deltas)


class Script(NamedTuple):
    """The parts of a streamed answer, ready to be written; `error` is sent where the fault `event_error` strikes."""

    head: bytes
    deltas: list[bytes]
    tail: bytes
    error: bytes


def dump(value: object) -> bytes:
    """JSON in one line; lone surrogates, which orjson refuses, go out as \\ud8xx like from any careless server."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value).encode()


def speak(reply: Reply, echo: str, prompt_tokens: int, limit: int | None) -> Spoken:
    """What the reply says, or an echo of the user's words without one; cut at `limit` tokens with reason `length`.

    A reply's `usage` may name prompt_tokens, completion_tokens (reasoning included), cached_tokens, reasoning_tokens.
    """
    refusal = reply.get("refusal")
    deltas = reply.get("deltas")
    if deltas is None:
        text = reply.get("text", "" if refusal else f"You said: {echo}")
        deltas = re.findall(r"\s*\S+\s*", text) or [text]
    if reply.get("fault", {}).get("kind") == "empty":
        deltas = []
    deltas, clipped = tokens.clip([] if refusal else deltas, limit)
    reason = reply.get("finish_reason") or ("length" if clipped else "stop")
    return Spoken(deltas, reason, refusal, count(reply, "".join(deltas) + (refusal or ""), prompt_tokens))


def count(reply: Reply, said: str, prompt_tokens: int) -> dict[str, int] | None:
    """Usage as scripted, else counted; None when the script says to send none."""
    given: dict[str, int] | None = reply.get("usage", {})
    if given is None:
        return None
    reasoning = given.get("reasoning_tokens", 0)
    usage = {"prompt_tokens": prompt_tokens, "cached_tokens": 0, "reasoning_tokens": reasoning}
    return usage | {"completion_tokens": tokens.in_text(said) + reasoning} | given


async def whole(call: Call, body: dict[str, Any]) -> web.StreamResponse:
    """An answer in one piece; the fault `garbage` breaks it, `cut` ends it half-way."""
    fault = call.reply.get("fault", {}).get("kind")
    if call.reply.get("hold"):
        await hold(call)
    if fault == "garbage":
        return web.Response(body=GARBAGE, content_type="application/json")
    raw = dump(body)
    if fault == "event_error":
        raise Refused(500)
    if fault != "cut":
        return web.Response(body=raw, content_type="application/json")
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(raw))})
    await response.prepare(call.request)
    await response.write(raw[: len(raw) // 2])
    raise close(call)


async def flow(call: Call, script: Script) -> web.StreamResponse:
    """A stream: deltas `per_delta` seconds apart, held after `hold_after` of them, broken after the fault's `after`."""
    reply, fault = call.reply, call.reply.get("fault", {})
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(call.request)
    await response.write(script.head)
    ends = {len(script.deltas)}
    held_at = reply.get("hold_after", 0) if reply.get("hold") else None
    broken_at = fault.get("after", 1) if fault.get("kind") in MIDWAY or "after" in fault else None
    ends |= {min(at, len(script.deltas)) for at in (held_at, broken_at) if at is not None}
    start = 0
    for end in sorted(ends):
        await paced(call, response, script.deltas[start:end], reply.get("per_delta", 0.0))
        start = end
        if held_at is not None and end >= held_at:
            held_at = None
            await hold(call)
        if broken_at is not None and end >= broken_at:
            broken_at = None
            if await strike(call, response, script):
                return response
    await response.write(script.tail)
    return response


MIDWAY = ("cut", "garbage", "event_error")


async def strike(call: Call, response: web.StreamResponse, script: Script) -> bool:
    """Does what the fault says; whether the stream ends with it."""
    fault = call.reply["fault"]
    if fault["kind"] == "stall":
        await call.alive(asyncio.sleep(fault.get("seconds", 600.0)))
    elif fault["kind"] == "garbage":
        await response.write(b"data: " + GARBAGE + b"\n\n")
    elif fault["kind"] == "event_error":
        await response.write(script.error)
    elif fault["kind"] == "reset":
        raise call.slam()
    elif fault["kind"] == "cut":
        raise close(call)
    return bool(fault["kind"] == "event_error")


async def paced(call: Call, response: web.StreamResponse, deltas: list[bytes], pace: float) -> None:
    """Writes deltas by the clock, not by adding up sleeps; without a pace all at once."""
    if not deltas:
        return
    if not pace:
        await response.write(b"".join(deltas))
        return
    clock = asyncio.get_running_loop().time
    began, sent = clock(), 0
    while sent < len(deltas):
        due = min(len(deltas), int((clock() - began) / pace + 1e-6) + 1)
        if due > sent:
            await response.write(b"".join(deltas[sent:due]))
            sent = due
        pause = began + sent * pace - clock()
        await (asyncio.sleep(pause) if pause < 0.2 else call.alive(asyncio.sleep(pause)))


async def hold(call: Call) -> None:
    """Waits until the script releases held replies; the record says `held` meanwhile."""
    event = asyncio.Event()
    call.key.held.append(event)
    call.key.note(call.record, held=True)
    await call.alive(event.wait())
    call.key.note(call.record, held=False)


def close(call: Call) -> Broken:
    """Ends the connection after what was written, without the end of the message."""
    if call.request.transport is not None:
        call.request.transport.close()
    return Broken()
