"""Paid work that does not come to its end: what is said then, and that nothing was charged."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from bot_commands.guard import refused
from bot_commands.request import Reply, Request, UserError
from delivery import Screen
from records import Bill, Reservation
from services.provider import ModelError
from services.wire import Call, CutError
from storage import BudgetError, StorageError
from telegram_io import Rows

log = logging.getLogger(__name__)
T = TypeVar("T")

OWNERS_TROUBLE = ("auth", "quota", "no_model")  # failures that only the owner can mend


def under(
    request: Request, screen: Screen, seconds: float, work: Callable[[Call], T], model: str, retry: Rows
) -> T | None:
    """Do paid work of so many seconds at most while a screen says so; what keeps it from its end is said in its place.

    None when it has not come to its end.
    """
    call = Call()
    try:
        with request.tools.answers.growing(screen, request.writer.id, call.cut, seconds):
            return work(call)
    except (ModelError, CutError) as failure:
        log.info("%s ended early: %s", model, failure.kind)
        if failure.kind == "leaving":
            leave(request, screen)
            return None
        reply = said(request, model, failure, retry)
    except (UserError, BudgetError, StorageError) as error:
        reply = refused(request, error)
    screen.conclude(reply.text, reply.rows)
    return None


def said(request: Request, model: str, failure: ModelError | CutError, retry: Rows, heard_paid: bool = False) -> Reply:
    """One calm sentence and the buttons to try again, unless the person stopped it; the admin hears what is theirs."""
    request.ends("failed", failure.kind, model)
    if isinstance(failure, CutError):
        if failure.kind == "stop":
            return Reply(request.say("stopped_before_heard" if heard_paid else "stopped_before"))
        words = "fail_stalled"
    else:
        words = f"fail_{failure.kind}"
        if failure.kind in OWNERS_TROUBLE:
            reason = request.tools.alerts.in_words(f"reason_{failure.kind}")
            request.tools.alerts.tell("admin_alert_model", failure.kind, model=model, reason=reason)
    charged = request.say("only_heard_charged" if heard_paid else "not_charged")
    return Reply(f"{request.say(words, model=model)} {charged}", retry)


def write_off(request: Request, reservation: Reservation, bill: Bill, error: BaseException | None = None) -> None:
    """Count in the day's budget what was bought in vain; a call that was cut because the bot leaves is made again."""
    if isinstance(error, CutError) and error.kind == "leaving":
        return
    request.tools.tally.pays(request.update_id, bill)
    try:
        request.tools.store.write_off(reservation, replace(bill, price=0, pictures=0), request.update_id)
    except StorageError:
        request.tools.alerts.tell("admin_alert_storage")


def leave(request: Request, screen: Screen) -> None:
    """The process ends: nothing is charged or kept, the next process asks again; a placeholder says so."""
    request.ends("parked")
    request.tools.store.inbox.park(request.update_id)
    screen.hold(request.say("fail_leaving"))
