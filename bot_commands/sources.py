"""Pictures to be changed: of the message with the command, and of the one it replies to; fetched when they are due."""

import tempfile

from bot_commands import attachments, files
from bot_commands.request import Request, UserError
from incoming import File
from records import Attachment
from services import pictures
from services.pictures import Picture, PictureError
from services.wire import Call


def keep(request: Request) -> int:
    """Remember the pictures that a request is about, and give the number that stands for them; 0 for none."""
    replied = request.incoming.replied
    sent = [attachments.of(file) for file in (replied.file if replied else None, request.incoming.file) if file]
    found = [each for each in sent if each.kind in attachments.KINDS and attachments.looks_like_picture(each)]
    if not found:
        if request.incoming.file is not None:
            raise UserError("draw_no_picture")
        return 0
    for each in found:
        files.check_size(request, File(*each))
    request.tools.store.keep_sources(request.registered.id, request.update_id, tuple(found))
    return request.update_id


def fetch(request: Request, number: int, call: Call) -> list[Picture]:
    """The pictures as the provider takes them; UserError where one can't be had."""
    kept = request.tools.store.sources(request.registered.id, number)
    if not kept:
        raise UserError("draw_forgotten")
    return [_read(request, each, call) for each in kept]


def _read(request: Request, attachment: Attachment, call: Call) -> Picture:
    try:
        with tempfile.TemporaryFile() as file:
            files.fetch(request, File(*attachment), file)
            return pictures.fit(file, call=call)
    except PictureError as error:
        raise UserError(f"picture_{error.kind}") from None
