"""Announcements: whom they are for, the message, its preview, and the last word before it goes out."""

import logging
import re
import time
from collections.abc import Mapping
from typing import Any

from telebot.apihelper import ApiTelegramException

from bot_commands import mailing
from bot_commands.request import Reply, Request, UserError
from records import Step, Target
from telegram_io import Button, Place, Unreachable

log = logging.getLogger(__name__)

WAITING_SECONDS = 3600  # for the message, and for the button under its preview


def announce(request: Request) -> Reply | str:
    """Check whom it is for, and ask for the message; without a target ask for that, the usual ones as buttons."""
    if not request.argument.strip(" ,;"):
        return _ask_whom(request)
    if request.argument == "nobody":
        return request.say("cancelled")
    target = _target(request)
    receivers = request.tools.store.receivers(target)
    if not receivers:
        raise UserError("announce_nobody", target=request.argument)
    _wait(request, {"target": list(target)})
    cancel = Button(request.say("button_cancel"), "/cancel")
    return Reply(request.say("announce_ask", receivers=len(receivers)), [[cancel]])


def _ask_whom(request: Request) -> Reply:
    everybody = len(request.tools.store.receivers(Target()))
    rows = [
        [Button(request.say("button_announce_all", receivers=everybody), "announce_to:all")],
        [Button(request.say("button_announce_test"), "announce_to:test")],
        [Button(request.say("button_cancel"), "announce_to:nobody")],
    ]
    return Reply(request.say("announce_usage"), rows)


def _wait(request: Request, known: Mapping[str, Any]) -> None:
    until = int(time.time()) + WAITING_SECONDS
    request.tools.store.set_step(request.registered.id, Step("announce", *request.topic, until, known))


def _target(request: Request) -> Target:
    """Read `all`, `req10`, `bal1k`, `test`, or ids and names with spaces or commas between; name those unknown."""
    words = [word for word in re.split(r"[\s,;]+", request.argument.lower()) if word]
    if words == ["all"]:
        return Target()
    if words == ["test"]:
        return Target(chats=[request.registered.id])
    least = re.fullmatch(r"(req|bal)(\d{1,13})([kк]{0,2})", words[0])
    if least and len(words) == 1:
        amount = int(least[2]) * 1000 ** len(least[3])
        return Target(requests=amount) if least[1] == "req" else Target(balance=amount)
    found = {word: _chat(request, word) for word in words}
    unknown = [word for word, chat in found.items() if not chat]
    if unknown:
        raise UserError("announce_unknown", who=", ".join(unknown))
    return Target(chats=list(dict.fromkeys(found.values())))


def _chat(request: Request, word: str) -> int:
    """The id of a person who is registered, or of a group the bot is in; 0 when there is none."""
    if re.fullmatch(r"-\d{1,16}", word):
        return int(word) if request.tools.telegram.is_member(int(word)) else 0
    user = request.tools.store.find(word)
    return user.id if user else 0


def message(request: Request, step: Step) -> Reply | None:
    """Show the very copy that everybody will get, and ask whether to send it."""
    if not request.registered.is_admin:
        raise UserError("used_up")
    incoming = request.incoming
    if incoming.album:
        _wait(request, {**step.known, "album": incoming.album})
        if incoming.album == step.known.get("album"):
            return None  # the next picture of an album that was refused
        raise UserError("announce_album")
    here = Place(incoming.chat_id, incoming.thread)
    try:
        preview = request.once("preview", lambda _: request.tools.telegram.copy(here, here, incoming.message_id))
    except ApiTelegramException:
        _wait(request, step.known)
        raise UserError("announce_not_copied") from None
    _wait(request, {**step.known, "preview": preview})
    send = Button(request.say("button_send"), f"announce:{preview}")
    cancel = Button(request.say("button_cancel"), f"cancel_announcement:{preview}")
    receivers = len(request.tools.store.receivers(Target(*step.known["target"])))
    return Reply(request.say("announce_confirm", receivers=receivers), [[send], [cancel]])


def send(request: Request) -> None:
    """Send it off, once however often this is pressed; after a restart go on and say so."""
    store, update_id = request.tools.store, request.update_id
    announcement = store.announce(request.registered.id, int(request.argument), update_id)
    if announcement is None:
        raise UserError("announce_left")
    pending = store.inbox.pending(update_id)
    if pending and pending.replayed:
        _say_it_goes_on(request, mailing.so_far(request, announcement))
    mailing.begin(request, announcement)


def _say_it_goes_on(request: Request, tally: mailing.Tally) -> None:
    try:
        request.post(f"goes on {tally.done}", request.place, request.say("announce_goes_on", **tally.words()))
    except Unreachable:  # an admin who has blocked the bot has sent it all the same
        log.info("nobody to tell that an announcement goes on")


def cancel(request: Request) -> str:
    """Leave it."""
    store, user_id = request.tools.store, request.registered.id
    step = store.step(user_id)
    if step is None or str(step.known.get("preview")) != request.argument:
        raise UserError("announce_left")
    store.set_step(user_id, None)
    return request.say("announce_cancelled")


def stop(request: Request) -> None:
    """Stop one that is on its way; who has it already keeps it."""
    inbox, update_id = request.tools.store.inbox, int(request.argument)
    if inbox.pending(update_id) is None:
        raise UserError("announce_over")
    inbox.once(update_id, mailing.STOPPED, lambda _: 1)
    request.tools.telegram.answer_button(request.incoming.query_id, request.say("announce_stopping"))
