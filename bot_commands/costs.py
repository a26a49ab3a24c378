"""What it cost: the owner's figures with a picture of thirty days, and everybody's own."""

import logging
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

from accounts.figures import Days, by_model, by_period, since, together
from bot_commands.figures import LONGEST_PERIOD, cost, duration, label, listed, number
from bot_commands.request import Reply, Request, UserError
from records import Usage
from services import chart
from telegram_io import Button, Rows
from texts import day_month, day_year, month_year

log = logging.getLogger(__name__)

CHART_DAYS = 30
SHOWN_MODELS, SHOWN_USERS, SHOWN_PERIODS, SHOWN_NAMES = 10, 5, 14, 20
LONGEST_MODEL = 48  # characters of a model's name in a list

Length = Literal["day", "week", "month"]
ALL = 0  # days: the whole time
PERIODS = {
    **dict.fromkeys(("day", "today", "день", "сегодня"), 1),
    **dict.fromkeys(("week", "неделя"), 7),
    **dict.fromkeys(("month", "месяц"), 30),
    **dict.fromkeys(("all", "всё", "все"), ALL),
}
BUTTONS = {"day": "button_today", "week": "button_week", "month": "button_month", "all": "button_all"}


def stat(request: Request) -> Reply | None:
    """Totals, then a period in detail; the command also brings a picture, a button changes only the words."""
    days = _period(request.argument)
    said = Reply(_stat(request, days), _periods(request, days))
    if request.incoming.kind == "button":
        return said
    request.post("figures", request.place, said.text, said.rows)
    return _picture(request)


def _period(word: str) -> int:
    """A number of days, today included; thirty when nothing is said."""
    days = PERIODS.get(word.lower() or "month", number(word, LONGEST_PERIOD))
    if days is None:
        raise UserError("stat_usage", limit=LONGEST_PERIOD)
    return days


def _periods(request: Request, shown: int) -> Rows:
    return [[Button(request.say(key), f"stat:{word}") for word, key in BUTTONS.items() if PERIODS[word] != shown]]


def _stat(request: Request, days: int) -> str:
    used = request.tools.store.usage()
    first = _first(request, days)
    heading = "stat_all" if days == ALL else "stat_today" if days == 1 else "stat_days"
    parts = since(used, first)
    lines = [
        "",
        request.say(heading, days=days, cost=_sum(request, parts)),
        *_by_period(request, parts, days),
        *_by_model(request, parts),
        *_by_user(request, first),
    ]
    return listed(request, _totals(request, used), lines)


def _first(request: Request, days: int) -> date | None:
    """The first day of a period that ends today, None when it has none."""
    return None if days == ALL else request.tools.store.today() - timedelta(days=days - 1)


def _totals(request: Request, used: Days) -> str:
    totals = request.tools.store.totals()
    whole = _sum(request, used)
    if used:
        whole = request.say("stat_counted_since", cost=whole, day=day_year(request.language, min(used)))
    return request.say(
        "stat",
        users=totals.users,
        requests=totals.requests,
        tokens=totals.tokens,
        premium_tokens=totals.premium_tokens,
        images=totals.images,
        voice=duration(request, totals.whisper_seconds),
        cost=whole,
        **{word: _sum(request, since(used, _first(request, days))) for word, days in _SHORT.items()},
    )


_SHORT = {"today": 1, "week": 7, "month": 30}


def _sum(request: Request, days: Days) -> str:
    return cost(request, together(usage for models in days.values() for usage in models.values()))


def _by_period(request: Request, used: Days, days: int) -> list[str]:
    """By day up to two weeks, by week up to a quarter, else by month; newest first."""
    if days == 1 or not used:
        return []
    span = days or (request.tools.store.today() - min(used)).days + 1
    length: Length = "day" if span <= 14 else "week" if span <= 92 else "month"
    rows = by_period(used, length)
    first = _first(request, days) or min(used)  # a week that began before the period is shown from its first day on
    lines = [
        request.say("stat_line", name=_begin(request, max(begin, first), length), cost=cost(request, usage))
        for begin, usage in list(rows.items())[:SHOWN_PERIODS]
    ]
    return ["", request.say(f"stat_by_{length}"), *lines, *_rest(request, len(rows) - SHOWN_PERIODS)]


def _begin(request: Request, begin: date, length: Length) -> str:
    return month_year(request.language, begin) if length == "month" else day_month(request.language, begin)


def _by_model(request: Request, used: Days) -> list[str]:
    return ["", request.say("stat_by_model"), *_models(request, by_model(used))] if used else []


def _models(request: Request, models: Mapping[str, Usage]) -> list[str]:
    lines = [
        request.say("stat_model", name=_brief(model), cost=cost(request, usage), used=_used(request, usage))
        for model, usage in list(models.items())[:SHOWN_MODELS]
    ]
    return [*lines, *_rest(request, len(models) - SHOWN_MODELS)]


def _brief(model: str) -> str:
    return model if len(model) <= LONGEST_MODEL else model[: LONGEST_MODEL - 1] + "…"


def _used(request: Request, usage: Usage) -> str:
    """What a model did, in its own units."""
    said = [
        request.say("amount_tokens", n=usage.tokens) if usage.tokens else "",
        request.say("amount_pictures", n=usage.pictures) if usage.pictures else "",
        duration(request, usage.seconds) if usage.seconds else "",
    ]
    return ", ".join(filter(None, said)) or request.say("amount_tokens", n=0)


def _by_user(request: Request, first: date | None) -> list[str]:
    dearest = request.tools.store.dearest(SHOWN_USERS, first)
    lines = [
        request.say("top_line", place=str(place), user=label(user), value=cost(request, usage))
        for place, (user, usage) in enumerate(dearest, 1)
    ]
    return ["", request.say("stat_by_user"), *lines] if lines else []


def _rest(request: Request, left: int) -> list[str]:
    return [request.say("left_out", n=left)] if left > 0 else []


def _picture(request: Request) -> Reply | None:
    """Send the picture; without it the words stand alone, and say so."""
    store, telegram = request.tools.store, request.tools.telegram
    used, today = store.usage(), store.today()
    days = [_chart_day(today - timedelta(days=ago), used) for ago in reversed(range(CHART_DAYS))]
    try:
        png = chart.draw(days, request.language)
    except chart.ChartError as error:
        log.warning("%s", error)
        return Reply(request.say("stat_no_picture"))
    request.once("picture", lambda _: telegram.send_photo(request.place, png))
    return None


def _chart_day(day: date, used: Days) -> chart.Day:
    """A day of the picture; a model that listens only prepares requests, it answers none."""
    models = used.get(day, {})
    answered = sum(usage.calls for usage in models.values() if not usage.seconds)
    usd = {model: usage.usd for model, usage in models.items() if usage.unpriced < usage.calls}
    return chart.Day(day, answered, usd, sum(usage.unpriced for usage in models.values()))


def stats(request: Request) -> str:
    """What the user has used so far and what it cost, who invited them and whom they invited."""
    user, store = request.registered, request.tools.store
    inviter = store.user(user.referrer) if user.referrer else None
    words = request.say(
        "stats",
        requests=user.requests,
        tokens=user.tokens,
        premium_tokens=user.premium_tokens,
        images=user.images,
        voice=duration(request, user.whisper_seconds),
        last_request=user.last_request if user.requests else "—",
        referrer=inviter.name if inviter else request.say("stats_not_invited"),
        invited=_invited(request),
    )
    months = store.usage_of(user.id)
    this_month = since(months, store.today().replace(day=1))
    lines = [*_own(request, "stats_month", this_month), *_own(request, "stats_all", months)]
    return listed(request, words, lines) if lines else words


def _own(request: Request, key: str, used: Days) -> list[str]:
    """One's own cost by model under a heading."""
    if not used:
        return []
    return ["", request.say(key, cost=_sum(request, used)), *_models(request, by_model(used))]


def _invited(request: Request) -> str:
    """Names of who came by the user's link, none when nobody did."""
    invited = request.tools.store.invited_by(request.registered.id)
    names = [" ".join(each.name.split()) for each in invited[:SHOWN_NAMES]]
    names += _rest(request, len(invited) - SHOWN_NAMES)
    return ", ".join(names) or request.say("stats_nobody")
