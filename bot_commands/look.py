"""Photos: looked at by the premium model, whichever is active."""

import base64
import io
from dataclasses import replace
from functools import partial

from bot_commands import choice, files, talk
from bot_commands.request import Request, UserError
from bot_commands.wallet import ways_out
from incoming import File
from services.catalogue import Row

# How the files of pictures begin that models take → their kind.
MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"RIFF": "image/webp"}


def look(request: Request) -> None:
    """Answer the caption of a photo, or what is in it, when its turn in the chat comes; of an album the first one."""
    file = request.incoming.file
    if file is None:
        raise LookupError("a photo without a file")
    if not _is_first(request):
        return
    files.check_size(request, file)
    caption = talk.without_mention(request.incoming.text, request.tools.telegram.username)
    question = caption or request.say("picture_question")
    asked = _asked(request, question)
    talk.queue(request, partial(_answer, request, file, asked))


def _asked(request: Request, question: str) -> talk.Asked:
    try:
        return talk.asked(request, question, request.incoming.replied, premium=True, row=_eyes(request))
    except UserError:
        left = request.tools.store.available(request.registered.id, "premium_balance")
        raise UserError("empty_look", rows=ways_out(request, "premium_balance"), left=left) from None


def _eyes(request: Request) -> Row:
    """The premium model of this conversation if it can see, else the first of the catalogue that can."""
    chosen = choice.model(request.tools, request.tools.store.conversation(request.topic), premium=True)
    premium = [row for row in request.tools.catalogue.rows if row.wallet == "premium"]
    seeing = [row for row in premium if row.can is not None and "pictures" in row.can]
    return chosen if chosen.can is None or chosen in seeing else (seeing or [chosen])[0]


def again(request: Request) -> None:
    """Look once more at the photo that the failure notice replies to: once, and only for who sent it."""
    incoming, photo = request.incoming, talk.pressed_for(request)
    if photo.file is None:
        raise UserError("used_up")
    message = replace(
        incoming, kind="message", message_id=photo.message_id, file=photo.file, text=photo.text, replied=None
    )
    look(replace(request, incoming=message))


def _is_first(request: Request) -> bool:
    album = request.incoming.album
    if not album:
        return True
    first = request.tools.store.begins_album(request.incoming.chat_id, album, request.update_id)
    if first:
        request.post("album", request.place, request.say("album_first_only"))
    return first


def _answer(request: Request, file: File, asked: talk.Asked) -> None:
    """An answer that was paid before a crash needs no picture any more."""
    paid = request.tools.store.delivery(request.update_id) is not None
    talk.answer(request, asked if paid else replace(asked, picture=_data_url(request, file)))


def _data_url(request: Request, file: File) -> str:
    content = io.BytesIO()
    files.fetch(request, file, content)
    data = content.getvalue()
    kind = next((kind for start, kind in MAGIC.items() if data.startswith(start)), "")
    if not kind:
        raise UserError("picture_unreadable")
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
