"""Documents that are asked about: read whole where there is room and they are paid for, else their beginning.

A PDF goes whole to a model that takes files, pages of a scan go as pictures, everything else goes as its words.
"""

import base64
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import IO, NamedTuple

from bot_commands import context, offers, window
from bot_commands.context import Asked, Part
from bot_commands.request import Request, UserError
from bot_commands.wallet import SHORTEST_ANSWER, pays, ways_out
from records import Attachment, Upload
from services import documents, tokens
from services.documents import Document, DocumentError
from services.pictures import Picture
from services.provider import ModelError
from services.tokens import PICTURE_TOKENS
from services.wire import Call
from storage import StorageError

log = logging.getLogger(__name__)

SHARE = 3, 4  # of the room for a dialogue; the rest is for what is said about a document
PAID_SHARE = 2, 3  # of a wallet that cannot pay for all; the rest is for answers
# A model that takes files is given the words of a PDF and a picture of each page.
# https://platform.openai.com/docs/guides/pdf-files
PAGE_TOKENS = 1_600
MOST_PAGES, LARGEST_FILE = 100, 32 * 1_048_576  # pages and bytes of a PDF that goes whole
MOST_PICTURES = 20  # pages of a scan
LONGEST_NAME = 80  # characters that are shown


class Paper(NamedTuple):
    """A document under the name that may be shown."""

    name: str
    document: Document


class Opened(NamedTuple):
    """A file and what was found in it."""

    attachment: Attachment
    file: IO[bytes]
    content: Picture | Paper


class Room(NamedTuple):
    """Tokens that documents may take: what the model has room for, what the wallet pays; None: nobody pays."""

    window: int
    wallet: int | None

    def less(self, used: int) -> "Room":
        """What another document has left."""
        return Room(self.window - used, None if self.wallet is None else self.wallet - used)

    def share(self, documents: int, of_wallet: bool) -> "Room":
        """What the first of so many documents may take; of the wallet all, unless that pays for a part only."""
        wallet = self.wallet // documents if self.wallet is not None and of_wallet else self.wallet
        return Room(self.window // documents, wallet)


@dataclass(frozen=True)
class Read:
    """A document as a model takes it; `tokens` are those of its parts that are no words, `used` those of all."""

    parts: Sequence[Part]
    used: int
    tokens: int = 0
    looks: bool = False
    uploaded: bool = False
    remark: str = ""


def shown_name(name: str) -> str:
    """A file's name as it may be shown: on one line, nothing that turns letters round, not longer than is of use."""
    shown = "".join(each for each in name if each.isprintable()).replace("`", "'").strip()
    return shown if len(shown) <= LONGEST_NAME else f"{shown[: LONGEST_NAME // 2]}…{shown[-LONGEST_NAME // 2 + 1 :]}"


def room(request: Request, asked: Asked, taken: int) -> Room:
    """What documents may take beside the question, and beside what has been `taken` already."""
    alone = replace(context.given(request, asked), before=()).messages
    question = tokens.estimate_messages(alone, asked.row.factor) + taken
    space = window.room(asked.row, request.tools.config.max_request_tokens) * SHARE[0] // SHARE[1] - question
    if not pays(request):
        return Room(space, None)
    left = request.tools.store.available(request.registered.id, asked.wallet) - question - SHORTEST_ANSWER
    return Room(space, left * PAID_SHARE[0] // PAID_SHARE[1] if asked.beginning else left)


def length(paper: Paper) -> int:
    """About how much there is to read, in characters."""
    return sum(map(len, paper.document.parts)) + paper.document.pages * PAGE_TOKENS


def enclose(request: Request, asked: Asked, opened: Opened, paper: Paper, room: Room, call: Call) -> Read:
    """A document in the form that its model takes; UserError when it can't be paid."""
    document, sizes = paper.document, [tokens.estimate(part, asked.row.factor) for part in paper.document.parts]
    whole = sum(sizes) + document.pages * PAGE_TOKENS
    if _goes_whole(asked, opened, document, whole, room):
        return _as_file(request, asked, opened, paper, whole, call)
    if document.scanned:
        return _as_pictures(request, asked, opened, paper, room, call)
    return _as_words(request, asked, paper, room, sizes)


def _goes_whole(asked: Asked, opened: Opened, document: Document, whole: int, room: Room) -> bool:
    if document.kind != "pdf" or not asked.row.reads_files or document.pages > MOST_PAGES:
        return False
    size = opened.file.seek(0, io.SEEK_END)
    return size <= LARGEST_FILE and whole <= room.window and (room.wallet is None or whole <= room.wallet)


# -- a file


def _as_file(request: Request, asked: Asked, opened: Opened, paper: Paper, whole: int, call: Call) -> Read:
    """Kept by the provider for a day, so that later questions need not bring it along; else within the question."""
    kept = _upload(request, asked, opened, paper, whole, call) if asked.uploads else ""
    if kept:
        return _at_provider(kept, whole)
    opened.file.seek(0)
    data = f"data:application/pdf;base64,{base64.b64encode(opened.file.read()).decode()}"
    part = {"type": "file", "file": {"filename": _file_name(paper), "file_data": data}}
    return Read([part], whole, whole)


def _at_provider(kept: str, whole: int) -> Read:
    return Read([{"type": "file", "file": {"file_id": kept}}], whole, whole, uploaded=True)


def known(request: Request, asked: Asked, attachment: Attachment) -> Read | None:
    """A document that the provider keeps since an earlier question: nothing of it need be fetched again."""
    provider, topic = request.tools.catalogue.address(asked.row), asked.conversation.topic
    kept = request.tools.store.upload(topic, attachment.file_id, provider) if asked.uploads else None
    if kept is None or not asked.row.reads_files:
        return None
    space = room(request, asked, 0)
    fits = kept.tokens <= space.window and (space.wallet is None or kept.tokens <= space.wallet)
    return _at_provider(kept.id, kept.tokens) if fits else None


def _upload(request: Request, asked: Asked, opened: Opened, paper: Paper, whole: int, call: Call) -> str:
    """The provider's id of a file, "" where it takes none."""
    store, provider = request.tools.store, request.tools.catalogue.address(asked.row)
    models, topic = request.tools.catalogue.models(asked.row), asked.conversation.topic
    if there := store.upload(topic, opened.attachment.file_id, provider):  # one of several files
        return there.id
    try:
        new = models.upload(_file_name(paper), opened.file, call)
        if new:
            kept = Upload(new, provider, request.writer.id, whole)
            store.keep_upload(topic, opened.attachment.file_id, kept, request.update_id)
        return new
    except ModelError as error:
        log.info("a file is not uploaded but sent along: %s", error.kind)
    except StorageError:
        log.warning("a file stays at its provider for a day")
    return ""


def _file_name(paper: Paper) -> str:
    """A provider looks at the ending, not at the content."""
    return paper.name if paper.name.lower().endswith(".pdf") else f"{paper.name or 'document'}.pdf"


# -- pages of a scan


def _as_pictures(request: Request, asked: Asked, opened: Opened, paper: Paper, room: Room, call: Call) -> Read:
    if not asked.row.sees:
        raise UserError("document_scanned", name=paper.name)
    pages = min(paper.document.pages, MOST_PICTURES, room.window // PICTURE_TOKENS)
    if pages < 1:
        limit = window.room(asked.row, request.tools.config.max_request_tokens)
        raise UserError("question_too_long", tokens=PICTURE_TOKENS, limit=limit, model=asked.model)
    if room.wallet is not None and pages * PICTURE_TOKENS > room.wallet:
        if not asked.beginning or room.wallet < PICTURE_TOKENS:
            raise _unpaid(request, asked, paper, pages * PICTURE_TOKENS, room.wallet >= PICTURE_TOKENS)
        pages = room.wallet // PICTURE_TOKENS
    try:
        parts = [picture_part(page) for page in documents.page_pictures(opened.file, pages, call)]
    except DocumentError as error:
        raise UserError(f"document_{error.kind}", name=paper.name) from None
    used = len(parts) * PICTURE_TOKENS
    remark = "" if len(parts) == paper.document.pages else _pages(request, paper, len(parts))
    return Read(parts, used, used, looks=True, remark=remark)


def picture_part(picture: Picture) -> Part:
    """A picture as models take it: its bytes."""
    data = base64.b64encode(picture.content).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{picture.mime_type};base64,{data}"}}


# -- words


def _as_words(request: Request, asked: Asked, paper: Paper, room: Room, sizes: list[int]) -> Read:
    """`sizes` are the tokens of its parts."""
    words, space = sum(sizes), max(0, room.window)
    needed = min(words, space)
    if room.wallet is not None and needed > room.wallet:
        if not asked.beginning or room.wallet < SHORTEST_ANSWER:
            raise _unpaid(request, asked, paper, needed, room.wallet >= SHORTEST_ANSWER)
        space = room.wallet
    parts, used = _beginning(paper.document.parts, sizes, space)
    remark = _read_so_far(request, paper, len(parts), used, words) if used < words or not paper.document.whole else ""
    return Read([{"type": "text", "text": _marked(paper, parts)}], used, remark=remark)


def _beginning(parts: Sequence[str], sizes: Sequence[int], space: int) -> tuple[list[str], int]:
    """As many parts as there is room for, the last one perhaps cut, and about how many tokens these are."""
    taken, used = list[str](), 0
    for part, size in zip(parts, sizes, strict=True):
        if used + size > space:
            left = max(0, space - used)
            cut = part[: len(part) * left * 9 // (size * 10)]  # some letters take more than others
            return [*taken, cut], used + left * 9 // 10
        taken.append(part)
        used += size
    return taken, used


def _marked(paper: Paper, parts: Sequence[str]) -> str:
    """The words of a document, told apart from those of its question; pages by their numbers."""
    pages = paper.document.kind == "pdf" and len(paper.document.parts) > 1
    words = "\n\n".join(f"[page {number}]\n{part}" if pages else part for number, part in enumerate(parts, 1))
    name = paper.name.replace('"', "'")
    return f'<document name="{name}">\n{words}\n</document>' if name else f"<document>\n{words}\n</document>"


# -- what is said of it


def _read_so_far(request: Request, paper: Paper, parts: int, used: int, words: int) -> str:
    if paper.document.kind == "pdf" and parts < paper.document.pages:
        return _pages(request, paper, parts)
    return request.say("document_beginning", name=paper.name, read=_about(used), whole=_about(words))


def _pages(request: Request, paper: Paper, pages: int) -> str:
    return request.say("document_pages", name=paper.name, read=pages, whole=paper.document.pages)


def _about(tokens: int) -> int:
    """As exact as an estimate is."""
    return round(tokens, 2 - len(str(tokens)))


def _unpaid(request: Request, asked: Asked, paper: Paper, needed: int, beginning: bool) -> UserError:
    """What reading it takes, what is left, and what can be done: its beginning, another wallet."""
    left = request.tools.store.available(request.registered.id, asked.wallet)
    rows = [*(offers.beginning(request, asked) if beginning else []), *ways_out(request, asked.wallet)]
    wallet = "premium" if asked.wallet == "premium_balance" else "ordinary"
    return UserError(f"document_unpaid_{wallet}", rows=rows, name=paper.name, tokens=_about(needed), left=left)
