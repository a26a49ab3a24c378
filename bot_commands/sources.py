"""Pictures to be changed: of the message with the command, and of the one it replies to; fetched when they are due."""

import tempfile

from bot_commands import attachments, files
from bot_commands.request import Request, UserError
from incoming import File
from records import Attachment
from services import pictures
from services.pictures import Picture, PictureError
from services.wire import Call

NAMES = (".png", ".jpg", ".jpeg", ".webp")


def keep(request: Request) -> int:
    """Remember the pictures that a request is about, and give the number that stands for them; 0 for none."""
    replied = request.incoming.replied
    found = [file for file in (replied.file if replied else None, request.incoming.file) if file and _is_picture(file)]
    if not found:
        if request.incoming.file is not None:
            raise UserError("draw_no_picture")
        return 0
    for file in found:
        files.check_size(request, file)
    kept = tuple(attachments.of(file) for file in found)
    request.tools.store.keep_sources(request.registered.id, request.update_id, kept)
    return request.update_id


def _is_picture(file: File) -> bool:
    """By what is said about it; what it is comes out when it is read."""
    named = file.mime_type.startswith("image/") or file.name.lower().endswith(NAMES)
    return file.kind == "photo" or (file.kind == "document" and named)


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
        raise UserError("picture_too_large" if error.kind == "too_large" else "picture_unreadable") from None
