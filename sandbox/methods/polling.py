"""How updates reach the bot, and who the bot is.

https://core.telegram.org/bots/api#getting-updates
"""

from __future__ import annotations

from sandbox.call import Call, Json
from sandbox.refusal import Refusal
from sandbox.updates import MOST_UPDATES
from sandbox.world import World


def get_me(world: World, call: Call) -> Json:
    """Who the bot is."""
    return world.bot


async def get_updates(world: World, call: Call) -> list[Json]:
    """Up to 100 updates, waiting at most 50 seconds for the first."""
    if world.webhook:
        words = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        raise Refusal(409, f"Conflict: {words}")
    choose(world, call)
    return await world.updates.poll(call.whole("offset"), call.whole("limit", MOST_UPDATES), call.whole("timeout"))


def choose(world: World, call: Call) -> None:
    """Which kinds of updates the bot wants, if it says so."""
    if call.params.get("allowed_updates") not in (None, ""):
        world.updates.allowed = call.json("allowed_updates", list)
