"""Files as a model takes them: pictures as data, documents as their words, a PDF whole where the model takes files.

They are fetched from Telegram again for each question, and the provider never sees an address of Telegram's.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import IO

from bot_commands import attachments, choice, context, documents, files, window
from bot_commands.context import Asked, Enclosed
from bot_commands.documents import Opened, Paper, Read
from bot_commands.request import Request, UserError
from bot_commands.wallet import SHORTEST_ANSWER, empty, pays
from incoming import File
from records import Attachment, Attachments
from services import pictures
from services.catalogue import Row
from services.documents import DocumentError, read
from services.pictures import Picture, PictureError
from services.tokens import picture_tokens
from services.wire import Call

# What is said of the files of a dialogue that are left out for want of tokens.
LEFT_OUT = {
    "empty_look": "picture_unpaid",
    "empty_balance": "document_left_out",
    "empty_premium_balance": "document_left_out",
    "document_unpaid_ordinary": "document_left_out",
    "document_unpaid_premium": "document_left_out",
}


def along(request: Request, asked: Asked, call: Call) -> Asked:
    """A question with the files that belong to it, and the model that can take them.

    UserError when its own can't be had or read, or one replied to can't be paid; what else only goes along is left out
    with a word where it can't.
    """
    if asked.enclosed.parts or not asked.attachments:
        return asked if asked.enclosed.parts else _remembered(request, asked, call)
    try:
        return _with(request, asked, asked.attachments, call)
    except UserError as error:
        if not asked.borrowed or error.key.startswith("document_unpaid"):
            raise
        return replace(asked, attachments=(), row=_active(request, asked), remark=request.say("file_left_out"))


def expected(request: Request, asked: Asked) -> Attachments:
    """The files that are to go along with a question."""
    memory = asked.conversation.memory
    found = request.tools.store.attachment(asked.conversation.topic) if memory and not asked.attachments else None
    return found.attachments if found else asked.attachments


def _remembered(request: Request, asked: Asked, call: Call) -> Asked:
    """The newest files of a remembered dialogue go along as long as there are tokens for them."""
    topic = asked.conversation.topic
    found = request.tools.store.attachment(topic) if asked.conversation.memory else None
    if found is None:
        return asked
    looks = any(map(attachments.looks_like_picture, found.attachments))
    if looks and not attachments.can_pay_look(request):
        return replace(asked, remark=request.say("picture_unpaid"), lost=True)
    try:
        whole = _with(request, asked, found.attachments, call)
        _afford(request, whole)
    except UserError as error:
        lost = error.key != "file_stalled"  # it may come the next time
        return replace(asked, remark=request.say(LEFT_OUT.get(error.key, "file_left_out")), lost=lost)
    return replace(whole, belongs_to=found.place, enclosed=replace(whole.enclosed, names=(), remark=""))


def _afford(request: Request, asked: Asked) -> None:
    """Raise UserError where the model has no room for the files, or its wallet no tokens for them and an answer."""
    fitted = window.fit(context.given(request, asked), asked.row, request.tools.config.max_request_tokens)
    left = request.tools.store.available(request.registered.id, asked.wallet) - fitted.prompt
    if pays(request) and left < SHORTEST_ANSWER:
        raise empty(request, asked.wallet, looks=asked.enclosed.looks)


def _with(request: Request, asked: Asked, shown: Attachments, call: Call) -> Asked:
    if found := _known(request, asked, shown):
        return found
    with ExitStack() as stack:
        opened = [stack.enter_context(_opened(request, each, call)) for each in shown]
        asked = replace(asked, row=_reader(request, asked, opened))
        return replace(asked, enclosed=_enclosed(request, asked, opened, call))


def _known(request: Request, asked: Asked, shown: Attachments) -> Asked | None:
    """A question about one document that its model's provider keeps already."""
    if len(shown) > 1 or attachments.looks_like_picture(shown[0]):
        return None
    asked = replace(asked, row=_active(request, asked))
    kept = documents.known(request, asked, shown[0])
    return replace(asked, enclosed=_more(Enclosed(), documents.shown_name(shown[0].name), kept)) if kept else None


@contextmanager
def _opened(request: Request, attachment: Attachment, call: Call) -> Iterator[Opened]:
    """A file fetched and read; nothing of it stays on the disk. Raises UserError, CutError."""
    with tempfile.TemporaryFile() as file:
        files.fetch(request, File(*attachment), file, call)
        call.check()
        yield Opened(attachment, file, _content(file, attachment, call))


def _content(file: IO[bytes], attachment: Attachment, call: Call) -> Picture | Paper:
    """What is in a file, by its content first: names are the sender's words."""
    name = documents.shown_name(attachment.name)
    if attachment.kind != "document" and not pictures.is_one(file):
        raise UserError("picture_unreadable")
    try:
        return (
            pictures.fit(file, call=call) if pictures.is_one(file) else Paper(name, read(file, attachment.name, call))
        )
    except PictureError as error:
        raise UserError(f"picture_{error.kind}") from None
    except DocumentError as error:
        raise UserError(f"document_{error.kind}", name=name) from None


def _active(request: Request, asked: Asked) -> Row:
    """The model of the conversation, or who stands in for it."""
    return asked.row if asked.instead_of else choice.model(request.tools, asked.conversation, asked.premium)


def _reader(request: Request, asked: Asked, opened: Sequence[Opened]) -> Row:
    """Pictures are for the premium model that can see, also the pages of a scan; all else for the active model."""
    active = _active(request, asked)
    looks = any(isinstance(each.content, Picture) for each in opened)
    scans = any(isinstance(each.content, Paper) and each.content.document.scanned for each in opened)
    if asked.instead_of or (not looks and (not scans or active.reads_files or active.sees)):
        return active
    row = attachments.eyes(request)
    if not row.sees:
        raise UserError("no_eyes")
    return row


def _enclosed(request: Request, asked: Asked, opened: Sequence[Opened], call: Call) -> Enclosed:
    """All files of a question; documents in the room that is left beside its pictures.

    The shortest is read first, so that what it leaves is for the longer ones.
    """
    seen = [each.content for each in opened if isinstance(each.content, Picture)]
    whole = Enclosed(
        tuple(map(documents.picture_part, seen)), sum(picture_tokens(*each[2:]) for each in seen), looks=bool(seen)
    )
    whole = replace(whole, used=whole.tokens)
    room = documents.room(request, asked, whole.tokens)
    papers = [(each, each.content) for each in opened if isinstance(each.content, Paper)]
    taken: dict[int, Read] = {}
    for place in sorted(range(len(papers)), key=lambda place: documents.length(papers[place][1])):
        share = room.share(len(papers) - len(taken), asked.beginning)
        taken[place] = documents.enclose(request, asked, *papers[place], share, call)
        room = room.less(taken[place].used)
    for place, (_, paper) in enumerate(papers):
        whole = _more(whole, paper.name, taken[place])
    return whole


def _more(whole: Enclosed, name: str, taken: Read) -> Enclosed:
    """With one more document, which is named."""
    return Enclosed(
        parts=(*whole.parts, *taken.parts),
        tokens=whole.tokens + taken.tokens,
        used=whole.used + taken.used,
        looks=whole.looks or taken.looks,
        names=(*whole.names, name),
        remark="\n".join(filter(None, [whole.remark, taken.remark])),
        uploaded=whole.uploaded or taken.uploaded,
    )
