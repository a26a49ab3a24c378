"""The very bytes of a drawn picture: as a file on request, for a day; and to the owner, if that is wanted."""

from functools import partial

from bot_commands.request import Request, UserError
from originals import Original
from services.images import Drawn
from telegram_io import Button, Place, Rows

PRESS = "original"


def keep(request: Request, picture: Drawn) -> Rows:
    """Keep a picture as it came, and give the button that sends it; none where it can't be kept."""
    number = request.update_id
    kept = request.tools.originals.keep(request.writer.id, number, picture.content, picture.ending)
    if not request.tools.store.user(request.writer.id):  # deleted while it was drawn
        drop(request)
    return [[Button(request.say("button_original"), f"{PRESS}:{number}")]] if kept else []


def drop(request: Request) -> None:
    """Keep it no more."""
    request.tools.originals.drop(request.writer.id, request.update_id)


def rows(request: Request) -> Rows:
    """Of the buttons beside the pressed one, that for the file."""
    data = [each for each in request.incoming.buttons if each.partition(":")[0] == PRESS]
    return [[Button(request.say("button_original"), each)] for each in data]


def as_file(request: Request) -> None:
    """Send the file, once, and only to who asked for the picture; it is free, and not kept any more."""
    incoming, originals = request.incoming, request.tools.originals
    if incoming.replied and incoming.replied.from_id != request.writer.id:
        raise UserError("not_yours")
    number = int(request.argument) if request.argument.isdecimal() else 0
    found = originals.find(request.writer.id, number)
    if found is None and not request.sent(PRESS):
        raise UserError("original_gone")
    if found is not None:
        request.once(PRESS, partial(_send, request, found))
    originals.drop(request.writer.id, number)
    _renew(request)


def _send(request: Request, original: Original, again: bool) -> int:
    incoming = request.incoming
    place = Place(incoming.chat_id, incoming.thread, incoming.message_id)
    caption = request.say("maybe_again") if again else ""
    return request.tools.telegram.send_file(place, original.name, original.content, caption)


def _renew(request: Request) -> None:
    """The picture with its other buttons."""
    labels = {"draw": "button_draw_again", "shapes": "button_draw_shape"}
    names = [(each.partition(":")[0], each) for each in request.incoming.buttons]
    row = [Button(request.say(labels[name]), data) for name, data in names if name in labels]
    request.tools.telegram.set_buttons(request.incoming.chat_id, request.incoming.message_id, [row] if row else [])


def show_owner(request: Request, picture: Drawn) -> None:
    """Send what was drawn to the main admin in silence, if the owner wants that; never what admins draw."""
    if request.tools.config.admin_log_pictures and not request.registered.is_admin:
        who = request.tools.alerts.in_words("log_who", name=request.registered.name, id=str(request.registered.id))
        request.tools.alerts.show(picture.content, who)
