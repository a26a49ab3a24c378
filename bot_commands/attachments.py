"""What was sent and is still talked about: it goes along with later questions, fetched from Telegram again each time.

Without memory a picture goes along when its message or its answer is replied to; with memory the newest one goes along
until it is forgotten, a newer one comes, or five turns have passed. Who looks is the premium model, and it is paid so.
"""

import base64
import io
from dataclasses import replace

from bot_commands import choice, files
from bot_commands.context import Asked
from bot_commands.request import Request, UserError
from bot_commands.wallet import SHORTEST_ANSWER, pays
from incoming import File, Replied
from records import Attachment, Topic
from services.catalogue import Row
from services.tokens import PICTURE_TOKENS
from storage import ATTACHMENT_TURNS

# How the files of pictures begin that models take → their kind.
MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"RIFF": "image/webp"}


def of(file: File) -> Attachment:
    """A file as it is kept."""
    return Attachment(file.file_id, file.kind, file.size, file.name, file.mime_type)


def replied_to(request: Request, topic: Topic, replied: Replied | None) -> Attachment | None:
    """The picture that a reply is about: that of the message itself, or the newest of its chain."""
    if replied is None:
        return None
    if replied.file is not None and replied.file.kind == "photo":
        return of(replied.file)
    chain = request.tools.store.chain(topic, replied.message_id)[-ATTACHMENT_TURNS:]
    return next((told.attachment for told in reversed(chain) if told.attachment), None)


def eyes(request: Request) -> Row:
    """The premium model of this conversation if it can see, else the first of the catalogue that can."""
    chosen = choice.model(request.tools, request.tools.store.conversation(request.topic), premium=True)
    premium = [row for row in request.tools.catalogue.rows if row.wallet == "premium"]
    seeing = [row for row in premium if row.can is not None and "pictures" in row.can]
    return chosen if chosen.can is None or chosen in seeing else (seeing or [chosen])[0]


def along(request: Request, asked: Asked) -> Asked:
    """A question with the picture that belongs to it; one that only goes along is left out with a word where it can't.

    UserError when the question's own picture can't be had.
    """
    if asked.picture:
        return asked
    if asked.attachment is None:
        return _remembered(request, asked)
    try:
        return replace(asked, picture=data_url(request, asked.attachment))
    except UserError:
        own = request.incoming.file
        if own is not None and own.file_id == asked.attachment.file_id:
            raise
        row = choice.model(request.tools, asked.conversation, asked.premium)
        return replace(asked, attachment=None, row=row, remark=request.say("picture_gone"))


def _remembered(request: Request, asked: Asked) -> Asked:
    """The newest picture of a remembered dialogue goes along as long as there are tokens to look at it."""
    store, topic = request.tools.store, asked.conversation.topic
    found = store.attachment(topic) if asked.conversation.memory else None
    if found is None:
        return asked
    left = store.available(request.registered.id, "premium_balance")
    if pays(request) and left < PICTURE_TOKENS + SHORTEST_ANSWER:
        return replace(asked, remark=request.say("picture_unpaid"), lost=True)
    try:
        picture = data_url(request, found.attachment)
    except UserError:
        return replace(asked, remark=request.say("picture_gone"), lost=True)
    return replace(asked, picture=picture, pictured=found.place, row=eyes(request))


def data_url(request: Request, attachment: Attachment) -> str:
    """A picture as the provider takes it: its bytes, never Telegram's address; raises UserError."""
    content = io.BytesIO()
    files.fetch(request, File(*attachment), content)
    data = content.getvalue()
    kind = next((kind for start, kind in MAGIC.items() if data.startswith(start)), "")
    if not kind:
        raise UserError("picture_unreadable")
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
