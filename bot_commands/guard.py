"""What happens when a handler fails: people get one calm sentence, the log the rest, the admin a note."""

import logging
import secrets
from collections.abc import Callable

from bot_commands.request import Reply, Request, UserError
from storage import StorageError
from telegram_io import Place, Unreachable

log = logging.getLogger(__name__)

LONGEST_QUOTE = 200  # characters


def guarded(request: Request, run: Callable[[], Reply | str | None]) -> None:
    """Run a handler and say what it returns; whatever it raises ends here."""
    try:
        send(request, run())
    except UserError as error:
        blanks = {name: brief(value) if isinstance(value, str) else value for name, value in error.blanks.items()}
        _sorry(request, Reply(request.say(error.key, **blanks), error.rows))
    except Unreachable as error:
        log.info("chat can't be written to: %s", error)
    except StorageError:
        request.tools.alerts.tell("admin_alert_storage")
        _sorry(request, Reply(request.say("storage_failed")))
    except Exception as error:
        reference = secrets.token_hex(3)
        log.exception("error %s", reference)
        request.tools.alerts.tell(
            "admin_alert_error", type(error).__name__, reference=reference, kind=type(error).__name__
        )
        _sorry(request, Reply(request.say("error", reference=reference)))


def brief(given: str) -> str:
    """What a person typed, short enough to be quoted in a message."""
    return given if len(given) <= LONGEST_QUOTE else given[: LONGEST_QUOTE - 1] + "…"


def send(request: Request, reply: Reply | str | None) -> None:
    """Say a handler's words; those of a button appear in its own message."""
    if reply is None:
        return
    said = Reply(reply) if isinstance(reply, str) else reply
    incoming, telegram = request.incoming, request.tools.telegram
    if incoming.kind == "button" and not said.keyboard:
        telegram.edit(incoming.chat_id, incoming.message_id, said.text, rows=said.rows)
    else:
        telegram.send(request.place, said.text, rows=said.rows, keyboard=said.keyboard)


def _sorry(request: Request, reply: Reply) -> None:
    """Say what went wrong, to a button's presser on top of the screen unless there is something to press."""
    incoming, telegram = request.incoming, request.tools.telegram
    try:
        if incoming.kind == "button" and not reply.rows:
            telegram.answer_button(incoming.query_id, reply.text, alert=True)
        else:
            reply_to = incoming.message_id if incoming.kind == "message" else 0
            telegram.send(Place(incoming.chat_id, incoming.thread, reply_to), reply.text, rows=reply.rows)
            if incoming.kind == "button":
                telegram.answer_button(incoming.query_id)
    except Exception:
        log.exception("not even an apology could be sent")
