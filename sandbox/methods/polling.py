"""How updates reach the bot, and who the bot is.

https://core.telegram.org/bots/api#getting-updates
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from sandbox.call import Call, Json
from sandbox.refusal import Refusal, bad_request
from sandbox.updates import MOST_UPDATES
from sandbox.world import World


def get_me(world: World, call: Call) -> Json:
    """Who the bot is."""
    return world.bot


async def get_updates(world: World, call: Call) -> list[Json]:
    """Up to 100 updates, waiting at most 50 seconds for the first."""
    if world.webhook.get("url"):
        words = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        raise Refusal(409, f"Conflict: {words}")
    _choose(world, call)
    return await world.updates.poll(call.whole("offset"), call.whole("limit", MOST_UPDATES), call.whole("timeout"))


def _choose(world: World, call: Call) -> None:
    if call.params.get("allowed_updates") not in (None, ""):
        world.updates.allowed = call.json("allowed_updates", list)


def set_webhook(world: World, call: Call) -> bool:
    """Remember a webhook (nothing is delivered to it); polling is refused while it is set."""
    url = call.text("url")
    if url and urlsplit(url).scheme != "https":
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    _choose(world, call)
    _drop(world, call)
    world.webhook = {"url": url, "max_connections": call.whole("max_connections", 40)} if url else {}
    world.updates.end_poll(Refusal(409, "Conflict: terminated by setWebhook request"))
    return True


def delete_webhook(world: World, call: Call) -> bool:
    """Back to polling."""
    _drop(world, call)
    world.webhook = {}
    return True


def _drop(world: World, call: Call) -> None:
    if call.flag("drop_pending_updates"):
        world.updates.pending.clear()


def get_webhook_info(world: World, call: Call) -> Json:
    """The webhook and how many updates wait."""
    info: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": len(world.updates.pending)}
    allowed: dict[str, Any] = {"allowed_updates": world.updates.allowed} if world.updates.allowed else {}
    return info | world.webhook | allowed
