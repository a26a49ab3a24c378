"""The script's side of the server, under `/v1/_script`: keys made, replies queued, requests looked at."""

import asyncio
import contextlib
import json
from typing import Any

from aiohttp import web

from . import uploads
from .keys import KEYS, Key


def key_of(request: web.Request) -> Key:
    """The key named in the path; HTTP 404 for one that was never made."""
    known = request.app[KEYS].known
    name = request.match_info["key"]
    if name not in known:
        raise web.HTTPNotFound(text=json.dumps({"error": f"No key {name}: make it by POST /v1/_script."}))
    return known[name]


async def body_of(request: web.Request) -> Any:
    """The body as JSON; whatever it says it is."""
    return json.loads(await request.content.read())


async def make(request: web.Request) -> web.Response:
    """`POST /v1/_script {"key": ...}`: makes the key known, if it was not."""
    request.app[KEYS].make((await body_of(request))["key"])
    return web.json_response({})


async def queue(request: web.Request) -> web.Response:
    """`POST /v1/_script/<key>/queue [reply, ...]`."""
    key_of(request).queue.extend(await body_of(request))
    return web.json_response({})


async def default(request: web.Request) -> web.Response:
    """`POST /v1/_script/<key>/default reply`: the answer when no queued reply fits."""
    key_of(request).default = await body_of(request)
    return web.json_response({})


async def release(request: web.Request) -> web.Response:
    """`POST /v1/_script/<key>/release`: says how many held replies go on."""
    return web.json_response({"released": key_of(request).release()})


async def expire(request: web.Request) -> web.Response:
    """`POST /v1/_script/<key>/expire`: all stored responses are forgotten, as after their 30 days."""
    key = key_of(request)
    key.expired.update(key.answers)
    key.answers.clear()
    return web.json_response({})


async def later(request: web.Request) -> web.Response:
    """`POST /v1/_script/<key>/later seconds`: the clock goes on by so much, so that uploads expire."""
    key_of(request).ahead += await body_of(request)
    return web.json_response({})


async def files(request: web.Request) -> web.Response:
    """`GET /v1/_script/<key>/files`: what is stored, each as `GET /v1/files/<id>` says it."""
    return web.json_response(uploads.stored(key_of(request)))


async def requests(request: web.Request) -> web.Response:
    """`GET /v1/_script/<key>/requests?path=&wait=`: records of matching paths; `wait` s at most for a change."""
    key = key_of(request)
    news = int(request.query.get("changes", "-1"))
    seconds = float(request.query.get("wait", "0"))
    if seconds and news == key.changes:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(key.changed.wait(), seconds)
    part = request.query.get("path", "")
    rows = [record for record in key.requests if part in record["path"]]
    return web.Response(text=json.dumps({"requests": rows, "changes": key.changes}), content_type="application/json")


ROUTES = [
    web.post("/v1/_script", make),
    web.post("/v1/_script/{key}/queue", queue),
    web.post("/v1/_script/{key}/default", default),
    web.post("/v1/_script/{key}/release", release),
    web.post("/v1/_script/{key}/expire", expire),
    web.post("/v1/_script/{key}/later", later),
    web.get("/v1/_script/{key}/files", files),
    web.get("/v1/_script/{key}/requests", requests),
]
