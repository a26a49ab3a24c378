"""The people's side of a world over HTTP: `/world/<token>/...`, for the page and the tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web

from sandbox import deeds
from sandbox.bot_api import WORLDS, dump
from sandbox.call import Json
from sandbox.methods import webhooks
from sandbox.refusal import PeopleError, Refusal
from sandbox.world import World, new_token

NOTICE: Final = web.AppKey("notice", dict[str, Any])
KEEP_ALIVE_SECONDS: Final = 15
LONGEST_WAIT: Final = 60.0  # seconds
USUAL_TYPES: Final = {
    "photo": "image/jpeg", "sticker": "image/webp", "voice": "audio/ogg", "audio": "audio/mpeg", "video": "video/mp4",
    "video_note": "video/mp4", "animation": "video/mp4",
}  # fmt: skip


def routes(app: web.Application) -> None:
    """Add the people's side to the app."""
    app.router.add_post("/world", _make)
    app.router.add_get("/world", _list)
    app.router.add_delete("/world/{token}", _forget)
    app.router.add_delete("/world/{token}/fault", _clear_faults)
    app.router.add_get("/world/{token}/file/{file_id}", _file)
    app.router.add_get("/world/{token}/{question}", _ask)
    app.router.add_post("/world/{token}/{deed}", _do)


def _json(body: Any, status: int = 200) -> web.Response:
    return web.Response(body=dump(body), status=status, content_type="application/json")


def _admit(request: web.Request) -> None:
    """Only our own page and programs on this machine: a foreign page in a browser says where it comes from."""
    origin = urlsplit(request.headers.get("Origin", ""))
    here = request.host.rpartition(":")[0] or request.host
    if here not in ("127.0.0.1", "localhost") or (origin.netloc and origin.netloc != request.host):
        raise web.HTTPForbidden(text='{"error": "not from here"}', content_type="application/json")


def _world(request: web.Request) -> World:
    _admit(request)
    token = request.match_info["token"]
    if token not in request.app[WORLDS]:
        raise web.HTTPNotFound(text='{"error": "no such world"}', content_type="application/json")
    return request.app[WORLDS][token]


async def _make(request: web.Request) -> web.Response:
    _admit(request)
    wish: Json = await request.json() if request.can_read_body else {}
    token = wish.get("token") or new_token()
    if token in request.app[WORLDS]:
        return _json({"error": "this token has a world already"}, 400)
    world = World(token, bool(wish.get("demo")), int(wish.get("older", 0)), **wish.get("bot", {}))
    request.app[WORLDS][token] = world
    return _json({"token": token, "bot": world.bot})


async def _list(request: web.Request) -> web.Response:
    _admit(request)
    worlds = sorted(request.app[WORLDS].values(), key=lambda world: not world.demo)
    return _json({"worlds": [{"token": world.token, "demo": world.demo} for world in worlds]})


async def _forget(request: web.Request) -> web.Response:
    world = _world(request)
    del request.app[WORLDS][world.token]
    world.updates.end_poll(Refusal(401, "Unauthorized"))
    await webhooks.leave(world)
    for timer in world.draft_ends.values():
        timer.cancel()
    return _json({"ok": True})


async def _clear_faults(request: web.Request) -> web.Response:
    _world(request).faults.clear()
    return _json({"ok": True})


async def _file(request: web.Request) -> web.Response:
    try:
        stored = _world(request).files.get(request.match_info["file_id"])
    except Refusal as refusal:
        return _json({"error": refusal.description}, 404)
    kind = stored.content.get("mime_type") or USUAL_TYPES.get(stored.kind, "application/octet-stream")
    safe = kind if kind.startswith(("image/", "audio/", "video/")) and "svg" not in kind else "application/octet-stream"
    return web.Response(body=stored.data, headers={"Content-Type": safe, "X-Content-Type-Options": "nosniff"})


async def _do(request: web.Request) -> web.Response:
    world = _world(request)
    deed = deeds.DEEDS.get(request.match_info["deed"])
    if deed is None:
        return _json({"error": "no such deed"}, 404)
    try:
        wish = await request.json()
        done: Json | Awaitable[Json] = deed(world, wish)
        return _json(await done if isinstance(done, Awaitable) else done)
    except (PeopleError, Refusal) as error:
        return _json({"error": str(error)}, 400)
    except KeyError as error:
        return _json({"error": f"missing or unknown: {error}"}, 400)
    except (ValueError, TypeError) as error:
        return _json({"error": f"cannot be read: {error}"}, 400)


async def _ask(request: web.Request) -> web.StreamResponse:
    world = _world(request)
    question = request.match_info["question"]
    if question in _QUESTIONS:
        return await _QUESTIONS[question](world, request)
    return _json({"error": "no such question"}, 404)


async def _state(world: World, request: web.Request) -> web.Response:
    users = [{**user, "is_owner": user["id"] == world.owner_id} for user in world.users.values()]
    chats, messages = [], {}
    for chat in world.chats.values():
        topics = [{"message_thread_id": thread, "name": name} for thread, name in chat.topics.items()]
        chats.append({**chat.about, "topics": topics, "members": list(chat.members), "statuses": chat.members})
        messages[str(chat.id)] = list(chat.messages.values())
    body = {"bot": world.bot, "users": users, "chats": chats, "messages": messages, "event_id": world.events.last}
    return _json({**body, "drafts": list(world.drafts.values()), "commands": list(world.menus.values())})


async def _messages(world: World, request: web.Request) -> web.Response:
    chat_id = int(request.query["chat_id"])
    chat = world.chats.get(chat_id)
    return _json({"messages": list(chat.messages.values()) if chat else []})


async def _wait(world: World, request: web.Request) -> web.Response:
    after = int(request.query.get("after", world.events.last))
    seconds = min(float(request.query.get("timeout", 0)), LONGEST_WAIT)
    found = await world.events.wait(after, seconds, request.query.get("calls") == "1")
    last = found[-1].number if found else world.events.last
    return _json({"events": [event.wire() for event in found], "event_id": last})


async def _events(world: World, request: web.Request) -> web.StreamResponse:
    calls = request.query.get("calls") == "1"
    asked = request.query.get("after", str(world.events.last))
    after = int(request.headers.get("Last-Event-ID", asked))
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    while world.token in request.app[WORLDS]:
        found = await world.events.wait(after, KEEP_ALIVE_SECONDS, calls)
        lines = [b"id: %d\ndata: %s\n\n" % (event.number, dump(event.wire())) for event in found]
        after = found[-1].number if found else after
        try:
            await response.write(b"".join(lines) or b": still here\n\n")
        except (ConnectionError, asyncio.CancelledError):
            break
    return response


async def _calls(world: World, request: web.Request) -> web.Response:
    method, after = request.query.get("method", "").lower(), int(request.query.get("after", 0))
    calls = [call for call in world.calls if call["n"] > after and method in ("", call["method"].lower())]
    return _json({"calls": calls})


async def _pending(world: World, request: web.Request) -> web.Response:
    return _json({"pending": list(world.updates.pending)})


async def _notice(world: World, request: web.Request) -> web.Response:
    return _json(request.app[NOTICE])


_QUESTIONS: Final[dict[str, Callable[[World, web.Request], Awaitable[web.StreamResponse]]]] = {
    "state": _state,
    "messages": _messages,
    "wait": _wait,
    "events": _events,
    "calls": _calls,
    "updates": _pending,
    "notice": _notice,
}
