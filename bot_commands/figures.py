"""Who was active and who has the most of what: lists for the owner."""

import re
from collections.abc import Sequence
from typing import get_args

from accounts.figures import Measure
from bot_commands.request import Reply, Request, UserError
from formatting import LONGEST_TEXT, units
from records import Usage, User
from telegram_io import Button, Rows
from texts import dollars

LONGEST_PERIOD = 3650  # days
LONGEST_TOP = 1000
USUAL_TOP = 10
LONGEST_NAME = 40  # characters of a name in a list
ROOM = 200  # UTF-16 units for how many are left out, and for the mark of a message that may be there twice

MEASURES: tuple[Measure, ...] = get_args(Measure)
WALLET_MEASURES = ("balance", "premium_balance", "image_balance")
MEASURE_WORDS: dict[str, Measure] = {each: each for each in MEASURES} | {
    "ref": "refs",
    "referrals": "refs",
    "invites": "refs",
    "price": "cost",
    "premium": "premium_tokens",
    "запросы": "requests",
    "токены": "tokens",
    "баланс": "balance",
    "картинки": "images",
    "просьбы": "favors",
    "приглашения": "refs",
    "стоимость": "cost",
    "цена": "cost",
    "голос": "voice",
}


def recent(request: Request) -> str:
    """Who wrote in the last days, newest first; one day when no number is given."""
    days = number(request.argument or "1", LONGEST_PERIOD)
    if days is None:
        raise UserError("recent_usage", limit=LONGEST_PERIOD)
    users = request.tools.store.active(days)
    if not users:
        return request.say("recent_nobody", days=days)
    heading = request.say("recent", days=days, users=len(users))
    lines = [
        request.say(
            "recent_line", place=str(place), user=label(user), time=user.last_request[:16], requests=user.requests
        )
        for place, user in enumerate(users, 1)
    ]
    return listed(request, heading, ["", *lines])


def number(text: str, limit: int) -> int | None:
    """A whole number from 1 to `limit`, else None."""
    fits = re.fullmatch("[0-9]{1,9}", text) and 1 <= int(text) <= limit
    return int(text) if fits else None


def label(user: User) -> str:
    """Somebody in a list, on one line: name, id, @username."""
    name = " ".join(user.name.split())
    short = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
    return f"{short} (id {user.id}, @{user.username})" if user.username else f"{short} (id {user.id})"


def listed(request: Request, heading: str, lines: Sequence[str]) -> str:
    """As many lines under a heading as one message takes, and how many are left out."""
    room = LONGEST_TEXT - ROOM - units(heading)
    shown = 0
    for line in lines:
        room -= units(line) + 1
        if room < 0:
            break
        shown += 1
    rest = [request.say("left_out", n=len(lines) - shown)] if shown < len(lines) else []
    return "\n".join([heading, *lines[:shown], *rest])


def top(request: Request) -> Reply:
    """Who has the most of something; a number and a measure in any order, or a button with both."""
    count, measure = _asked(request.argument.replace(":", " ").lower().split())
    heading = request.say("top", measure=request.say(f"measure_{measure}"))
    lines = [
        request.say("top_line", place=str(place), user=label(user), value=_value(request, measure, amount))
        for place, (user, amount) in enumerate(request.tools.store.top(measure, count), 1)
    ]
    return Reply(
        listed(request, heading, ["", *(lines or [request.say("top_nobody")])]), _others(request, measure, count)
    )


def _asked(words: list[str]) -> tuple[int, Measure]:
    """How many and of what; each at most once."""
    counts = [number(word, LONGEST_TOP) for word in words if word not in MEASURE_WORDS]
    measures = [MEASURE_WORDS[word] for word in words if word in MEASURE_WORDS]
    if len(counts) > 1 or len(measures) > 1 or None in counts:
        raise UserError("top_usage", limit=LONGEST_TOP)
    return (counts[0] if counts else None) or USUAL_TOP, measures[0] if measures else "requests"


def _others(request: Request, shown: Measure, count: int) -> Rows:
    """Buttons for the other measures, two in a row: their words are long."""
    wallets = request.tools.config.wallets
    others = [each for each in MEASURES if each != shown and (wallets or each not in WALLET_MEASURES)]
    buttons = [Button(request.say(f"measure_{each}"), f"top:{each}:{count}") for each in others]
    return [buttons[place : place + 2] for place in range(0, len(buttons), 2)]


def _value(request: Request, measure: Measure, amount: int | Usage) -> str:
    if isinstance(amount, Usage):
        return cost(request, amount)
    return duration(request, amount) if measure == "voice" else request.say("number", n=amount)


def cost(request: Request, usage: Usage) -> str:
    """What is known of a price, and how often it is not: never a zero for the unknown."""
    if usage.unpriced and usage.unpriced == usage.calls:
        return request.say("cost_unknown")
    usd = dollars(request.language, usage.usd)
    return request.say("cost_partly", usd=usd, unpriced=usage.unpriced) if usage.unpriced else usd


def duration(request: Request, seconds: float) -> str:
    """Minutes and seconds, rounded to whole ones."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return request.say("amount_seconds", seconds=rest)
    return request.say("amount_minutes", minutes=minutes, seconds=rest)
