"""How the bot itself is: time, work, errors, money, disk, versions; and what the providers serve."""

import platform
import shutil
import time
from datetime import datetime
from importlib.metadata import version

from bot_commands.dialogue import VERSION
from bot_commands.request import Request
from formatting import LONGEST_TEXT, units
from services import served
from services.catalogue import Row
from services.provider import ModelError
from services.served import Fate, Served
from texts import dollars

LONGEST_LIST = 3500  # UTF-16 units of the catalogue's own lines in a message
MEGABYTE = 1_000_000


def status(request: Request) -> str:
    """The state of this moment."""
    tools, store = request.tools, request.tools.store
    minutes, work = int(time.time() - tools.moment.started) // 60, tools.moment.answering()
    told = request.say(
        "status",
        days=minutes // 1440,
        hours=f"{minutes // 60 % 24:02}",
        minutes=f"{minutes % 60:02}",
        users=store.users_count(),
        running=work.running,
        waiting=work.waiting,
        errors=tools.moment.errors_last_hour(),
        cost=dollars(request.language, store.cost_today()),
        budget=_budget(request),
        free=shutil.disk_usage(tools.config.data_file.parent).free // MEGABYTE,
        size=_megabytes(request, store.bytes_on_disk()),
        version=VERSION,
        python=platform.python_version(),
        telebot=version("pyTelegramBotAPI"),
        openai=version("openai"),
    )
    return told + _together(request)


def _together(request: Request) -> str:
    """How many processes share the work, and what waits for all of them; nothing where there is one."""
    moment = request.tools.moment
    if (processes := moment.processes()) == 1:
        return ""
    backlog = moment.backlog()
    return "\n" + request.say("status_together", processes=processes, updates=backlog.updates if backlog else 0)


def _budget(request: Request) -> str:
    budget = request.tools.config.budget_usd_per_day
    return dollars(request.language, budget) if budget else request.say("status_no_budget")


def _megabytes(request: Request, size: int) -> str:
    """With one digit behind the point, as the language writes it."""
    text = f"{size / MEGABYTE:.1f}"
    return text.replace(".", ",") if request.language == "ru" else text


def models(request: Request) -> str:
    """Each model of the catalogue with the date of its end, then what else its providers serve."""
    parts = [request.say("models_heading")]
    others: list[str] = []
    for rows in request.tools.catalogue.by_provider():
        try:
            found = served.look(request.tools.catalogue.models(rows[0]), [row.name for row in rows])
        except ModelError as error:
            found = Served(None, {})
            parts.append(request.say("models_unknown", reason=_reason(request, error)))
        parts += [_line(request, row, found.fates.get(row.name)) for row in rows]
        others += found.names or ()
    known = {row.name for row in request.tools.catalogue.rows}
    return _fitted(request, parts, [name for name in dict.fromkeys(others) if name not in known])


def _reason(request: Request, error: ModelError) -> str:
    return request.say("models_refused" if error.kind == "auth" else "models_away")


def _line(request: Request, row: Row, fate: Fate | None) -> str:
    if fate is None:
        until = request.say("models_unasked")
    elif fate.is_over(datetime.now(request.tools.config.time_zone).date()):
        until = request.say("models_gone")
    elif fate.ends:
        until = request.say("models_until", day=fate.ends.isoformat())
    else:
        until = request.say("models_served")
    wallet = request.say("wallet_premium_balance" if row.wallet == "premium" else "wallet_balance")
    can = ", ".join(request.say(f"can_{ability}") for ability in sorted(row.can or ()))
    line = request.say("models_line", model=row.name, wallet=wallet, window=row.window, until=until)
    return f"{line} ({can})" if can else line


def _fitted(request: Request, lines: list[str], others: list[str]) -> str:
    """The lines and the names of what is served besides, as many as one message takes."""
    kept = list(lines)
    while units("\n".join(kept)) > LONGEST_LIST:
        kept.pop()
    if len(kept) < len(lines):
        kept.append(request.say("models_more_rows", others=len(lines) - len(kept)))
    text, shown = "\n".join(kept), list(others)
    while shown:
        left = len(others) - len(shown)
        names = ", ".join(shown) + (request.say("models_more", others=left) if left else "")
        whole = request.say("models_others", text=text, names=names)
        if units(whole) <= LONGEST_TEXT:
            return whole
        shown = shown[: len(shown) * 3 // 4]
    return text
