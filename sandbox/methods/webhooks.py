"""Where updates are posted to instead of waiting to be asked for.

https://core.telegram.org/bots/api#setwebhook
"""

from __future__ import annotations

import re
import time
from typing import Final
from urllib.parse import urlsplit

from sandbox.call import Call, Json
from sandbox.methods.polling import choose
from sandbox.refusal import Refusal, bad_request, too_many_requests
from sandbox.webhook import Webhook
from sandbox.world import World

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
PORTS: Final = (443, 80, 88, 8443)
LONGEST_SECRET: Final = 256
MOST_CONNECTIONS, USUAL_CONNECTIONS = 100, 40
PAUSE_SECONDS: Final = 1.0  # between two calls that set one


async def set_webhook(world: World, call: Call) -> bool:
    """Post updates to an HTTPS address, or to one on this very machine; the same again changes nothing."""
    url = call.text("url")
    if not url:
        return await delete_webhook(world, call)
    now = time.monotonic()
    if now < world.webhook_rest:
        raise too_many_requests(1)
    world.webhook_rest = now + PAUSE_SECONDS
    secret = call.text("secret_token")
    _check(url, secret)
    connections = max(1, min(call.whole("max_connections", USUAL_CONNECTIONS), MOST_CONNECTIONS))
    choose(world, call)
    old = world.webhook
    if old and (old.url, old.secret, old.connections) == (url, secret, connections):
        _drop(world, call)
        return True
    await leave(world)
    _drop(world, call)
    world.updates.end_poll(Refusal(409, "Conflict: terminated by setWebhook request"))
    world.webhook = Webhook(url, secret, connections, world.updates, world.events)
    return True


def _check(url: str, secret: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if parts.scheme == "https" and (parts.port or 443) not in PORTS:
        raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if len(secret) > LONGEST_SECRET:
        raise bad_request("secret token is too long")
    if not re.fullmatch("[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")


async def delete_webhook(world: World, call: Call) -> bool:
    """Back to polling."""
    await leave(world)
    _drop(world, call)
    return True


async def leave(world: World) -> None:
    """Post nothing more."""
    webhook, world.webhook = world.webhook, None
    if webhook:
        await webhook.close()


def _drop(world: World, call: Call) -> None:
    if call.flag("drop_pending_updates"):
        world.updates.pending.clear()


def get_webhook_info(world: World, call: Call) -> Json:
    """The webhook, its newest error, and how many updates wait; never its secret."""
    info: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": len(world.updates.pending)}
    if world.updates.allowed:
        info["allowed_updates"] = world.updates.allowed
    return info | (world.webhook.info() if world.webhook else {})
