"""Questions: taken as they arrive, in the order of their chat, with everything that is in force then."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from bot_commands import attachments, choice
from bot_commands.answering import answer
from bot_commands.context import Asked
from bot_commands.guard import guarded
from bot_commands.pieces import Piece, Whole
from bot_commands.request import Reply, Request, UserError
from bot_commands.wallet import SHORTEST_ANSWER, empty, pays
from incoming import Replied
from lanes import LaneFullError
from records import Attachments
from services.wire import Call

CALL = "//"  # begins a reply to somebody else in a group that is meant for the bot
WAITING_LIMIT = 5  # messages a chat that may wait behind a running answer
REFUSALS_LIMIT = 5  # said in a row while a chat's queue is full; who floods on is refused in silence


def ask(request: Request) -> None:
    """Answer words and files when their turn in the chat comes; the sixth message in a row is refused."""
    files = attachments.sent(request)
    text, replied = (words(request), request.incoming.replied) if files else about(request)
    if not text and not files:
        raise UserError("question_missing")
    piece, inbox = Piece(text, files), request.tools.store.inbox
    if not request.tools.pieces.join(request.incoming, piece, partial(inbox.join, request.update_id)):
        enqueue(request, piece, replied)
    else:
        request.ends("joined")


def leave_words(request: Request) -> None:
    """Let the words of a file that is refused be about the other files of its album, as far as there are any."""
    text, inbox = words(request), request.tools.store.inbox
    joined = partial(inbox.join, request.update_id)
    if text and not request.tools.pieces.join(request.incoming, Piece(text), joined):
        request.tools.pieces.leave(request.incoming, text)


def words(request: Request) -> str:
    """What a message asks, without what calls the bot: a command, its name, in a group two slashes."""
    incoming = request.incoming
    if incoming.command:
        return incoming.argument
    text = without_mention(incoming.text, request.tools.telegram.username)
    return text.removeprefix(CALL).strip() if incoming.replied and not incoming.private else text


def about(request: Request) -> tuple[str, Replied | None]:
    """A question and the message it is about; without words of its own it asks the words, or what is in the file."""
    text, replied = words(request), request.incoming.replied
    if text or replied is None:
        return text, replied
    if replied.file is not None and replied.file.kind in attachments.KINDS:
        meant = attachments.replied_to(request, request.topic, replied)
        return replied.text or attachments.question_about(request, meant), replace(replied, text="")
    return replied.text, None


def enqueue(request: Request, piece: Piece, replied: Replied | None, premium: bool | None = None) -> None:
    """Put a question into its chat's lane, with what is still to come of it; `premium` chooses a model for it."""
    question, pieces = asked(request, piece.words, replied, premium, piece.attachments), request.tools.pieces
    whole = pieces.begin(request.incoming, piece, set(request.tools.store.inbox.pieces(request.update_id)))
    taken = False
    try:
        taken = queue(request, partial(_answer, request, question, whole))
    finally:
        if not taken:
            pieces.end(whole)


def _answer(request: Request, asked: Asked, whole: Whole) -> None:
    """Answer a question when all of it is there; anew when more of it comes before its answer stands."""
    pieces, call = request.tools.pieces, Call()
    try:
        answer(request, _together(request, asked, whole, call), call)
        while call.reason == "more":
            call = Call()
            answer(request, _together(request, asked, whole, call), call)
    finally:
        pieces.end(whole)


def _together(request: Request, asked: Asked, whole: Whole, call: Call) -> Asked:
    """A question with all that has come of it; more of it cuts the call."""
    request.tools.pieces.gather(whole, call.cut)
    found = attachments.with_earlier(request, whole.attachments, asked.replied)
    text, first = whole.text or attachments.question_about(request, found), len(whole.pieces[0].words)
    borrowed = not whole.attachments
    return replace(asked, text=text, attachments=found, borrowed=borrowed, own=first if first < len(text) else 0)


def asked(
    request: Request,
    text: str,
    replied: Replied | None,
    premium: bool | None = None,
    own: Attachments = (),
) -> Asked:
    """A question with prompt and model as they are now; refused when its wallet is empty, unless it is paid for.

    `premium` chooses a model for it; one about a picture, its own or one replied to, goes to a model that can see.
    """
    store = request.tools.store
    conversation = store.conversation(request.topic)
    shown = attachments.with_earlier(request, own, replied)
    looks = any(map(attachments.looks_like_picture, shown))
    chosen = attachments.eyes(request) if looks else choice.model(request.tools, conversation, premium)
    question = Asked(text, replied, conversation, chosen, premium, shown, borrowed=not own)
    paid = any(store.given(request.update_id, deed) is not None for deed in ("settle", "voice"))
    if not paid and pays(request) and store.available(request.registered.id, question.wallet) < SHORTEST_ANSWER:
        raise empty(request, question.wallet, looks=looks)
    return question


def queue(request: Request, job: Callable[[], Reply | str | None], limit: int | None = WAITING_LIMIT) -> bool:
    """Put long work into its chat's lane; refused when so many wait there, and who floods on in silence: False."""
    pending = request.tools.store.inbox.pending(request.update_id)
    if pending and pending.replayed:
        limit = None  # who waited already before a crash stays admitted
    try:
        request.later(request.incoming.chat_id, partial(guarded, request, job), limit)
    except LaneFullError as full:
        if full.refused <= REFUSALS_LIMIT:
            raise UserError("queue_full", waiting=WAITING_LIMIT) from None
        return False
    return True


def without_mention(text: str, username: str) -> str:
    """A text without the bot's name in it, by which a group calls it."""
    return re.sub(rf"@{re.escape(username)}\b[,:]?\s*", "", text, flags=re.IGNORECASE).strip()


def stop(request: Request) -> Reply | None:
    """Stop of a draft, or of a growing message in a group: only who asked may."""
    incoming = request.incoming
    found = request.tools.answers.stop(incoming.chat_id, incoming.draft_id or incoming.message_id, request.writer.id)
    if incoming.kind == "button":
        words = {"cut": "stopping", "gone": "nothing_to_stop", "foreign": "not_yours"}[found]
        request.tools.telegram.answer_button(incoming.query_id, request.say(words))
    return None
