"""`python -m sandbox`: Telegram, its people and a model server on one loopback port; the first line says where."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Final, Literal

try:
    from aiohttp import web

    from sandbox import bot_api, models, people
    from sandbox.methods import webhooks
    from sandbox.models.keys import KEYS
    from sandbox.world import World, new_token
except ModuleNotFoundError as missing:
    sys.exit(f"The package {missing.name} is missing: run `python -m pip install -r requirements-demo.txt` first.")

OWNER: Final = 1  # of the people of every world
PAGE: Final = Path(__file__).parent / "page"
LARGEST_BODY: Final = 64 * 1024 * 1024  # bytes; room for a 50 MB file and its form
LONGEST_LINE: Final = 32 * 1024  # bytes of a request line; some libraries put every parameter there


def make_app(kind: Literal["scripted", "local"]) -> web.Application:
    """The whole sandbox as one aiohttp app."""
    app = web.Application(client_max_size=LARGEST_BODY)
    app[bot_api.WORLDS] = {}
    app[people.NOTICE] = models.notice(kind)
    bot_api.routes(app)
    people.routes(app)
    models.routes(app, kind)
    app.router.add_get("/", _index)
    app.router.add_static("/page/", PAGE)
    app.on_shutdown.append(_hang_up)
    return app


async def _hang_up(app: web.Application) -> None:
    for world in app[bot_api.WORLDS].values():
        await webhooks.leave(world)


async def _index(request: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-cache"})


async def serve(options: argparse.Namespace) -> None:
    """Serve until SIGTERM, Ctrl-C or, with --until-eof, the end of standard input."""
    listening = socket.create_server(("127.0.0.1", options.port), backlog=1024)  # first: without it nothing begins
    app = make_app(options.model)
    runner = web.AppRunner(
        app, access_log=None, handler_cancellation=True, shutdown_timeout=0.5, max_line_size=LONGEST_LINE
    )
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        root = f"http://127.0.0.1:{runner.addresses[0][1]}"
        print(f"{root}/", flush=True)
        if not options.until_eof:
            _offer_a_world(app, root)
        await _end(options.until_eof)
    finally:
        await runner.cleanup()


def _offer_a_world(app: web.Application, root: str) -> None:
    """A world for a person at a terminal, and the settings of a bot that lives in it; here any word is a key."""
    token = new_token()
    app[bot_api.WORLDS][token] = World(token, demo=True)
    app[KEYS].open = True
    print(f"A world for trying things out: bot token {token}")
    settings = {
        "TELEGRAM_API_KEY": token,
        "TELEGRAM_API_URL": root,
        "OPENAI_API_KEY": "any-word",
        "OPENAI_BASE_URL": f"{root}/v1",
        "ADMIN_CHAT_ID": OWNER,
    }
    print("For the .env of a bot that lives in it:", *(f"{name}={value}" for name, value in settings.items()), sep="\n")
    sys.stdout.flush()


async def _end(until_eof: bool) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # Windows has no signal handlers in its loop
        loop.add_signal_handler(signal.SIGTERM, ended.set)
    if until_eof:
        threading.Thread(target=_watch_input, args=(loop, ended), daemon=True).start()
    await ended.wait()


def _watch_input(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    with contextlib.suppress(RuntimeError):  # the loop is gone already
        loop.call_soon_threadsafe(ended.set)


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    which = "scripted: an echo of the words (default); local: the demo's small model, where its package is installed"
    parser.add_argument("--model", choices=("scripted", "local"), default="scripted", help=which)
    parser.add_argument("--until-eof", action="store_true", help="leave when standard input ends")
    options = parser.parse_args()
    try:
        asyncio.run(serve(options))
    except KeyboardInterrupt:
        pass
    except OSError as error:
        sys.exit(f"port {options.port} of 127.0.0.1 can't be used: {error.strerror or error}")


if __name__ == "__main__":
    main()
