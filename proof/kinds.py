"""One update of each of the 27 kinds of Bot API 10.3, with its required fields; written by a person and a chat.

https://core.telegram.org/bots/api#update
"""

import copy
import random
from typing import Any

Json = dict[str, Any]

DATE = 1_790_000_000
STRANGER = {"id": 5_000_001, "is_bot": False, "first_name": "Sam"}
CHANNEL = {"id": -1_001_000_000_999, "type": "channel", "title": "News"}
THUMB = {"type": "emoji", "emoji": "👍"}

# Malformed from the root on: nothing of these can be read.
HOPELESS: tuple[Json, ...] = (
    {},
    {"message": None},
    {"message": "hello"},
    {"message": []},
    {"message": {"message_id": 1}},
    {"callback_query": {"id": "1"}},
    {"callback_query": 7},
    {"my_chat_member": {}},
    {"stopped_message_generation": {"draft_id": "none"}},
    {"edited_message": {"chat": None, "date": "yesterday"}},
    {"a_kind_of_next_year": {"id": 1}},
)
ODD: tuple[Any, ...] = (None, "", "text", [], {}, -1, 10**30, True, 1.5, "\ud83d", [[[]]], {"a": {"b": None}})


def samples(user: Json) -> dict[str, Json]:
    """Each kind once, as this person caused it in their private chat where it has one."""
    chat = {"id": user["id"], "type": "private", "first_name": user["first_name"]}
    message = {"message_id": 900_001, "from": user, "chat": chat, "date": DATE, "text": "/info"}
    post = {"message_id": 5, "sender_chat": CHANNEL, "chat": CHANNEL, "date": DATE, "text": "News"}
    return {**_messages(message, post), **_queries(user, message), **_changes(user, chat), **_others(user, chat)}


def _messages(message: Json, post: Json) -> dict[str, Json]:
    business = {**message, "business_connection_id": "b1"}
    return {
        "message": message,
        "edited_message": {**message, "edit_date": DATE + 1},
        "channel_post": post,
        "edited_channel_post": {**post, "edit_date": DATE + 1},
        "business_message": business,
        "edited_business_message": {**business, "edit_date": DATE + 1},
        "guest_message": {**message, "guest_query_id": "g1"},
    }


def _queries(user: Json, message: Json) -> dict[str, Json]:
    address = dict.fromkeys(("country_code", "state", "city", "street_line1", "street_line2", "post_code"), "X")
    return {
        "inline_query": {"id": "1", "from": user, "query": "cats", "offset": ""},
        "chosen_inline_result": {"result_id": "1", "from": user, "query": "cats"},
        "callback_query": {"id": "1", "from": user, "chat_instance": "1", "data": "commands", "message": message},
        "shipping_query": {"id": "1", "from": user, "invoice_payload": "p", "shipping_address": address},
        "pre_checkout_query": {
            "id": "1",
            "from": user,
            "currency": "XTR",
            "total_amount": 50,
            "invoice_payload": "nobody's",
        },
        "purchased_paid_media": {"from": user, "paid_media_payload": "p"},
    }


def _changes(user: Json, chat: Json) -> dict[str, Json]:
    member = {"user": user, "status": "member"}
    change = {"chat": chat, "from": user, "date": DATE, "old_chat_member": member, "new_chat_member": member}
    boost = {"boost_id": "1", "source": {"source": "premium", "user": user}}
    return {
        "my_chat_member": change,
        "chat_member": change,
        "chat_join_request": {"chat": CHANNEL, "from": user, "user_chat_id": user["id"], "date": DATE},
        "chat_boost": {"chat": CHANNEL, "boost": {**boost, "add_date": DATE, "expiration_date": DATE + 9}},
        "removed_chat_boost": {"chat": CHANNEL, "remove_date": DATE, **boost},
        "managed_bot": {"user": user, "bot": {**STRANGER, "is_bot": True}},
        "subscription": {"user": user, "invoice_payload": "p", "state": "active"},
        "stopped_message_generation": {"chat": chat, "draft_id": 17},
    }


def _others(user: Json, chat: Json) -> dict[str, Json]:
    reaction = {"chat": chat, "message_id": 1, "date": DATE}
    flags = ("is_closed", "is_anonymous", "allows_multiple_answers", "allows_revoting", "members_only")
    options = [{"persistent_id": name, "text": name, "voter_count": 0} for name in ("yes", "no")]
    poll = {"id": "1", "question": "Well?", "options": options, "total_voter_count": 0, "type": "regular"}
    connection = {"id": "b1", "user": user, "user_chat_id": user["id"], "date": DATE, "is_enabled": True}
    return {
        "business_connection": connection,
        "deleted_business_messages": {"business_connection_id": "b1", "chat": chat, "message_ids": [1]},
        "message_reaction": {**reaction, "user": user, "old_reaction": [], "new_reaction": [THUMB]},
        "message_reaction_count": {**reaction, "reactions": [{"type": THUMB, "total_count": 1}]},
        "poll": {**poll, **dict.fromkeys(flags, False)},
        "poll_answer": {"poll_id": "1", "user": user, "option_ids": [0], "option_persistent_ids": ["yes"]},
    }


def with_unknown(value: Any) -> Any:
    """The same with a field nobody knows in every object."""
    if isinstance(value, dict):
        return {**{name: with_unknown(each) for name, each in value.items()}, "unheard_of": {"deep": [1, None, "ü"]}}
    return [with_unknown(each) for each in value] if isinstance(value, list) else value


def malformed(update: Json, dice: random.Random) -> Json:
    """The same with one to three fields gone or holding what they never hold."""
    broken = copy.deepcopy(update)
    for _ in range(dice.randint(1, 3)):
        places = list(_places(broken))
        holder, name = dice.choice(places)
        if dice.random() < 0.3:
            del holder[name]
        else:
            holder[name] = copy.deepcopy(dice.choice(ODD))
        if not broken:
            break
    return broken


def _places(value: Any) -> list[tuple[Json, str]]:
    """Every field at any depth, as the object that holds it and its name."""
    if not isinstance(value, dict):
        return []
    found = [(value, name) for name in value]
    return found + [place for each in value.values() for place in _places(each)]
