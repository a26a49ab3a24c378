"""Asking for a picture: what shall be drawn, or changed on another picture, and in which format."""

import time
from dataclasses import replace

from bot_commands import full_quality, sources, talk
from bot_commands.again import pressed_for
from bot_commands.drawing import Drawing, check_wallet, enqueue
from bot_commands.pieces import Piece
from bot_commands.request import Reply, Request, UserError
from incoming import without_command
from records import Attachments, Step
from services import images
from telegram_io import Button, Place

STEP_SECONDS = 3600  # a question of the bot waits for its answer
# What it asks, in a private chat and in a group.
WHAT, CHANGE = ("draw_what", "draw_what_group"), ("draw_change", "draw_change_group")
WORDS = ("draw_words", "draw_words_group")


def img(request: Request) -> Reply | None:
    """Draw the words after the command, on the picture it is about if there is one; or ask for them."""
    found = sources.of(request)
    if found:
        check_wallet(request)
        if not request.incoming.album:
            return _change(request, found)
        _gather(request, found)
        return None
    if request.argument:
        enqueue(request, Drawing(request.argument, "square"))
        return None
    check_wallet(request)
    return _ask_words(request, WHAT)


def _change(request: Request, found: Attachments) -> Reply | None:
    number = sources.keep(request, found)
    if not request.argument:
        return _ask_words(request, CHANGE, number)
    enqueue(request, Drawing(request.argument, None, number))
    return None


def _gather(request: Request, found: Attachments) -> None:
    """Wait for the other pictures of an album: each comes as an update of its own."""
    pieces, inbox = request.tools.pieces, request.tools.store.inbox
    whole = pieces.begin(request.incoming, Piece("", found), set(inbox.pieces(request.update_id)))

    def change() -> Reply | None:
        try:
            pieces.gather(whole, lambda _: False)
        finally:
            pieces.end(whole)
        return _change(request, whole.attachments)

    taken = False
    try:
        taken = talk.queue(request, change)
    finally:
        if not taken:
            pieces.end(whole)


def _ask_words(request: Request, keys: tuple[str, str], number: int = 0) -> Reply:
    """In a group the bot sees the description only as a reply, and says so."""
    _wait_for(request, "draw", number=number)
    key = keys[0] if request.incoming.private else keys[1]
    return Reply(request.say(key), [[Button(request.say("button_cancel"), "/cancel")]])


def _wait_for(request: Request, name: str, **known: object) -> None:
    place, until = request.incoming, int(time.time()) + STEP_SECONDS
    step = Step(name, place.chat_id, place.thread, until, known)
    request.tools.store.set_step(request.registered.id, step)


def words(request: Request, step: Step) -> Reply | None:
    """The answer to "what shall I draw?": the next question is the format, unless a picture has one."""
    number = step.known.get("number", 0)
    prompt = talk.without_mention(request.incoming.text, request.tools.telegram.username)
    if not prompt:
        return _ask_words(request, WORDS, number)
    if number:
        enqueue(request, Drawing(prompt, None, number))
    else:
        _ask_shape(request, prompt, request.incoming.message_id)
    return None


def _ask_shape(request: Request, prompt: str, message_id: int, number: int = 0) -> None:
    """Ask by buttons; the description waits with the question, so that either is forgotten with the other."""
    rows = [[Button(request.say(f"shape_{shape}"), f"shape:{shape}")] for shape in images.SIZES]
    place = Place(request.incoming.chat_id, request.incoming.thread, message_id)
    rows += [[Button(request.say("button_cancel"), "/cancel")]]
    asked = request.post("shape", place, request.say("draw_shape"), rows)
    _wait_for(request, "shape", prompt=prompt, message_id=message_id, asked=asked, number=number)


def shape(request: Request) -> str:
    """A format is chosen: draw."""
    store, incoming = request.tools.store, request.incoming
    if store.given(request.update_id, "step") is None:
        waits = store.step(request.registered.id)
        if waits is None or waits.name != "shape" or waits.known["asked"] != incoming.message_id:
            raise UserError("used_up")
    step = store.take_step(request.registered.id, request.topic, request.update_id)
    drawing = Drawing.pressed(request.argument, step.known["prompt"], step.known.get("number", 0)) if step else None
    if step is None or drawing is None or drawing.shape is None:
        raise UserError("used_up")
    enqueue(_as_message(request, step.known["message_id"]), drawing)
    return f"{request.say('draw_shape')} {request.say(f'shape_{drawing.shape}')}"


def again(request: Request) -> None:
    """Draw once more what the message asked for that the picture, or the failure notice, replies to."""
    pressed, _, number = request.argument.partition(":")
    drawing = Drawing.pressed(pressed, "", int(number) if number.isdecimal() else 0)
    if drawing is None:
        raise UserError("used_up")
    message_id, prompt = _asked_for(request)
    enqueue(_as_message(request, message_id), drawing._replace(prompt=prompt))


def other(request: Request) -> None:
    """Ask for another format of the same."""
    message_id, prompt = _asked_for(request)
    _ask_shape(request, prompt, message_id, int(request.argument) if request.argument.isdecimal() else 0)


def _asked_for(request: Request) -> tuple[int, str]:
    if request.incoming.replied is None:  # its message was deleted
        raise UserError("draw_forgotten")
    asked = pressed_for(request, full_quality.rows(request))
    return asked.message_id, talk.without_mention(without_command(asked.text), request.tools.telegram.username)


def _as_message(request: Request, message_id: int) -> Request:
    """As if the person had just written the description."""
    incoming = replace(request.incoming, kind="message", message_id=message_id, replied=None)
    return replace(request, incoming=incoming)
