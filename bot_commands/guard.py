"""What happens when a handler fails: people get one calm sentence, the log the rest, the admin a note."""

import logging
import secrets
from collections.abc import Callable

from telebot.apihelper import ApiTelegramException

from bot_commands.request import Reply, Request, UserError
from storage import BudgetError, StorageError
from telegram_io import Away, Place, Unreachable
from texts import dollars

log = logging.getLogger(__name__)

LONGEST_QUOTE = 200  # characters
PAUSES = (0.1, 0.5)  # seconds before the second and the third try
AWAY_SECONDS = 5.0  # before a message is offered again to a Telegram that took nothing for a quarter of an hour


def guarded(request: Request, run: Callable[[], Reply | str | None]) -> None:
    """Run a handler and say what it returns; whatever it raises ends here, and then its update is done.

    A handler that breaks is tried three times: what it did and said before is not done and said again.
    """
    inbox = request.tools.store.inbox
    inbox.run(request.update_id)
    try:
        for pause in (*PAUSES, None):
            try:
                return _insisted(request, run)
            except Exception as error:
                if request.tools.telegram.leaving.is_set():
                    request.ends("parked")
                    return inbox.park(request.update_id)
                if pause is None:
                    return _give_up(request, error)
                log.warning("tried again: %s", error, exc_info=error)
                request.tools.telegram.leaving.wait(pause)
    except BaseException:  # not of the handler: another process serves this update, or will
        request.ends("lost")
        raise
    finally:
        try:
            inbox.let_go(request.update_id)
        finally:
            request.tools.tally.let_go(request.update_id)


def _insisted(request: Request, run: Callable[[], Reply | str | None]) -> None:
    """Run a handler for as long as Telegram is away: that is not the handler's fault and no try."""
    while True:
        try:
            return _answered(request, run)
        except Away:
            log.warning("Telegram is away, still trying")
            if request.tools.telegram.leaving.wait(AWAY_SECONDS):
                raise


def _answered(request: Request, run: Callable[[], Reply | str | None]) -> None:
    """Run a handler and say its words, or what its user has to know."""
    try:
        send(request, run())
    except (UserError, BudgetError, StorageError) as error:
        _sorry(request, refused(request, error))
    except Unreachable as error:
        request.ends("away")
        log.info("chat can't be written to: %s", error)


def refused(request: Request, error: UserError | BudgetError | StorageError) -> Reply:
    """What is said where something is not done; of what only the owner can mend the admin is told."""
    request.ends("refused", error.key if isinstance(error, UserError) else type(error).__name__)
    if isinstance(error, UserError):
        blanks = {name: brief(value) if isinstance(value, str) else value for name, value in error.blanks.items()}
        return Reply(request.say(error.key, **blanks), error.rows)
    if isinstance(error, BudgetError):
        alerts = request.tools.alerts
        alerts.tell("admin_budget_refused", budget=dollars(alerts.language, request.tools.config.budget_usd_per_day))
        return Reply(request.say("budget_spent"))
    request.tools.alerts.tell("admin_alert_storage")
    return Reply(request.say("storage_failed"))


def _give_up(request: Request, error: Exception) -> None:
    """Set the update aside, with a reference that stands in the log, the chat and the admin's note."""
    reference = secrets.token_hex(3)
    log.error("error %s", reference, exc_info=error)
    request.tools.store.inbox.set_aside(request.update_id, reference)
    request.ends("error", reference)
    request.tools.alerts.tell("admin_alert_error", type(error).__name__, reference=reference, kind=type(error).__name__)
    _sorry(request, Reply(request.say("error", reference=reference)))


def brief(given: str, length: int = LONGEST_QUOTE) -> str:
    """What a person typed, short enough to be quoted in a message."""
    return given if len(given) <= length else given[: length - 1] + "…"


def send(request: Request, reply: Reply | str | None) -> None:
    """Say a handler's words; those of a button appear in its own message."""
    if reply is None:
        return
    said = Reply(reply) if isinstance(reply, str) else reply
    if request.incoming.kind == "button" and not said.keyboard:
        _replace(request, said)
    else:
        request.post("reply", request.place, said.text, said.rows, said.keyboard)


def _replace(request: Request, said: Reply) -> None:
    """Put words into a button's message; where that was deleted meanwhile, or is not to be edited, below it."""
    incoming, telegram = request.incoming, request.tools.telegram
    try:
        telegram.edit(incoming.chat_id, incoming.message_id, said.text, rows=said.rows)
    except ApiTelegramException as error:
        if error.error_code != 400:
            raise
        log.info("a button's message is not edited: %s", error)
        request.post("reply", request.place, said.text, said.rows)


def _sorry(request: Request, reply: Reply) -> None:
    """Say what went wrong, to a button's presser on top of the screen unless there is something to press."""
    incoming, telegram = request.incoming, request.tools.telegram
    try:
        if incoming.kind == "button" and not reply.rows:
            telegram.answer_button(incoming.query_id, reply.text, alert=True)
        else:
            reply_to = incoming.message_id if incoming.kind == "message" else 0
            request.post("reply", Place(incoming.chat_id, incoming.thread, reply_to), reply.text, reply.rows)
            if incoming.kind == "button":
                telegram.answer_button(incoming.query_id)
    except Away:
        raise  # said when it is back
    except Exception:
        if telegram.leaving.is_set():
            raise  # the next process says it
        log.exception("not even an apology could be sent")
