"""Pictures to be changed: of the message with the command, and of the one it replies to; fetched when they are due."""

import tempfile

from bot_commands import attachments, files
from bot_commands.request import Request, UserError
from incoming import File
from records import Attachment, Attachments
from services import pictures
from services.pictures import Picture, PictureError
from services.wire import Call

MOST = 16  # of one change. https://platform.openai.com/docs/api-reference/images/createEdit


def of(request: Request) -> Attachments:
    """The pictures that a request is about; UserError for a file that is none."""
    replied, own = request.incoming.replied, attachments.sent(request)
    if request.incoming.file is not None and not _pictures(own):
        raise UserError("draw_no_picture")
    meant = attachments.replied_to(request, request.topic, replied) if replied and replied.file else ()
    found = _pictures((*meant, *own))
    for each in found:
        files.check_size(request, File(*each))
    return found


def keep(request: Request, found: Attachments) -> int:
    """Remember pictures, and give the number that stands for them."""
    request.tools.store.keep_sources(request.registered.id, request.update_id, _pictures(found)[:MOST])
    return request.update_id


def _pictures(found: Attachments) -> Attachments:
    """Those that are said to be pictures; what they are comes out when they are read."""
    return tuple(each for each in found if attachments.looks_like_picture(each) or each.mime_type.startswith("image/"))


def fetch(request: Request, number: int, call: Call) -> list[Picture]:
    """The pictures as the provider takes them; UserError where one can't be had."""
    kept = request.tools.store.sources(request.registered.id, number)
    if not kept:
        raise UserError("draw_forgotten")
    return [_read(request, each, call) for each in kept]


def _read(request: Request, attachment: Attachment, call: Call) -> Picture:
    try:
        with tempfile.TemporaryFile() as file:
            files.fetch(request, File(*attachment), file, call)
            return pictures.fit(file, call=call)
    except PictureError as error:
        raise UserError(f"picture_{error.kind}") from None
