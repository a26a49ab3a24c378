"""Presses of inline buttons, answered in time or too late.

https://core.telegram.org/bots/api#answercallbackquery
"""

from __future__ import annotations

import time
from typing import Final

from sandbox.call import Call
from sandbox.refusal import bad_request
from sandbox.text import units
from sandbox.world import World

LONGEST_ANSWER: Final = 200  # UTF-16 units
ANSWER_SECONDS: Final = 60  # Telegram names no figure; clients stop waiting after about this long


def answer_callback_query(world: World, call: Call) -> bool:
    """Answer a pressed button with up to 200 characters, a toast or an alert."""
    query_id = call.text("callback_query_id")
    query = world.queries.get(query_id)
    if query is None or "data" not in query or time.monotonic() - query["time"] > ANSWER_SECONDS:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    text, url = call.text("text"), call.text("url")
    if units(text) > LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    answer = {"callback_query_id": query_id, "user_id": query["user_id"], "text": text, "url": url}
    world.events.add("callback_answer", **answer, show_alert=call.flag("show_alert"))
    return True
