"""Files that are talked about: a question's own, those of the message it replies to, those its dialogue remembers.

Without memory they go along when their message or its answer is replied to; with memory the newest ones go along until
they are forgotten, newer ones come, or five turns have passed.
"""

from bot_commands import choice, files
from bot_commands.request import Request
from bot_commands.wallet import SHORTEST_ANSWER, pays
from incoming import File, Replied
from records import Attachment, Attachments, Topic
from services.catalogue import Row
from services.tokens import PICTURE_TOKENS
from storage import ATTACHMENT_TURNS

KINDS = ("photo", "document", "sticker")  # the fields of Message that hold what a model may be shown
PICTURES = ("jpg", "jpeg", "jpe", "png", "webp", "gif", "bmp", "tif", "tiff")  # endings of names
MIME_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp", "image/tiff")


def sent(request: Request) -> Attachments:
    """The file of a message, if it is one that a model may be shown; raises UserError for one that is too large.

    A sticker is looked at as long as there are tokens for that, else its emoji says what it means.
    """
    file = request.incoming.file
    if file is None or file.kind not in KINDS or (file.kind == "sticker" and not can_pay_look(request)):
        return ()
    files.check_size(request, file)
    return (of(file),)


def replied_to(request: Request, topic: Topic, replied: Replied | None) -> Attachments:
    """The files that a reply is about: that of the message itself, or the newest ones of its chain."""
    if replied is None:
        return ()
    if replied.file is not None and replied.file.kind in KINDS:
        return (of(replied.file),)
    chain = request.tools.store.chain(topic, replied.message_id)[-ATTACHMENT_TURNS:]
    return next((told.attachments for told in reversed(chain) if told.attachments), ())


def with_earlier(request: Request, own: Attachments, replied: Replied | None) -> Attachments:
    """A question's own files, then those of the message it replies to: both are meant."""
    return own + tuple(each for each in replied_to(request, request.topic, replied) if each not in own)


def kept(attachments: Attachments) -> Attachments:
    """What a dialogue is to go on about: a sticker is a remark."""
    return tuple(each for each in attachments if each.kind != "sticker")


def of(file: File) -> Attachment:
    """A file as it is kept."""
    return Attachment(file.file_id, file.kind, file.size, file.name, file.mime_type)


def looks_like_picture(attachment: Attachment) -> bool:
    """By what its sender says of it; its content decides later."""
    named = attachment.name.rpartition(".")[2].lower() in PICTURES
    return attachment.kind != "document" or named or attachment.mime_type in MIME_TYPES


def question_about(request: Request, attachments: Attachments) -> str:
    """What is asked about files without a word beside them."""
    pictures = [each for each in attachments if looks_like_picture(each)]
    kind = "picture" if len(pictures) == len(attachments) else "document"
    return request.say(f"{kind}_question" if len(attachments) == 1 else f"{kind}s_question")


def eyes(request: Request) -> Row:
    """The premium model of this conversation if it can see, else the first of the catalogue that can."""
    chosen = choice.model(request.tools, request.tools.store.conversation(request.topic), premium=True)
    catalogue = request.tools.catalogue
    premium = [row for row in catalogue.rows if row.wallet == "premium" and catalogue.serves(row)]
    seeing = [row for row in premium if row.can is not None and "pictures" in row.can]
    return chosen if chosen.can is None or chosen in seeing else (seeing or [chosen])[0]


def can_pay_look(request: Request) -> bool:
    """Whether there are tokens to look at one more picture."""
    left = request.tools.store.available(request.registered.id, "premium_balance")
    return not pays(request) or left >= PICTURE_TOKENS + SHORTEST_ANSWER
