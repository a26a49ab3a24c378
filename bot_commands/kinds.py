"""The table of kinds of messages: what each comes to, from a question in plain words to what no bot can see."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from bot_commands import attachments, talk, voice
from bot_commands.request import Reply, Request, UserError
from incoming import Replied
from texts import Language, Words, say

Handler = Callable[[Request], Reply | str | None]


class Kind(NamedTuple):
    """A row: the field of Message that holds it, what the bot does with it, and who takes it.

    `shown` is the sentence of texts.TEXTS that puts it into words for a model, `refused` the one that says why nobody
    takes it. https://core.telegram.org/bots/api#message
    """

    field: str
    does: Words
    run: Handler | None = None
    shown: str = ""
    refused: str = ""


QUESTION = Words("вопрос", "a question")
HEARD = Words("слова показаны и отвечены, как вопрос", "its words are shown and answered like a question")
LOOKED = Words(
    "премиум-модель смотрит; с подписью `/img` картинка меняется",
    "the premium model looks at it; with the caption `/img` it is changed",
)
IN_WORDS = Words("пересказано модели словами", "put into words for the model")
UNSEEN = Words("ботам не видно: сказано об этом", "bots can't see it: that is said")

KINDS: tuple[Kind, ...] = (
    Kind("text", QUESTION, talk.ask),
    Kind("rich_message", QUESTION, talk.ask),
    Kind("voice", HEARD, voice.hear),
    Kind("audio", HEARD, voice.hear),
    Kind("video_note", HEARD, voice.hear),
    Kind("photo", LOOKED, talk.ask),
    Kind(
        "sticker",
        Words(
            "премиум-модель смотрит; без премиум-токенов вопросом становится его эмодзи",
            "the premium model looks at it; without premium tokens its emoji becomes the question",
        ),
        talk.ask,
        "shown_sticker",
        "kind_sticker",
    ),
    Kind("contact", IN_WORDS, talk.ask, "shown_contact"),
    Kind("location", IN_WORDS, talk.ask, "shown_location"),
    Kind("venue", IN_WORDS, talk.ask, "shown_venue"),
    Kind("poll", IN_WORDS, talk.ask, "shown_poll"),
    Kind("dice", IN_WORDS, talk.ask, "shown_dice"),
    Kind("checklist", IN_WORDS, talk.ask, "shown_checklist"),
    Kind("game", IN_WORDS, talk.ask, "shown_game"),
    Kind("invoice", IN_WORDS, talk.ask, "shown_invoice"),
    Kind(
        "document",
        Words(
            "читается; картинку смотрит премиум-модель, звук слышится", "read; a picture is looked at, a sound heard"
        ),
        talk.ask,
    ),
    Kind("video", Words("не смотрится", "not watched"), refused="kind_video"),
    Kind("animation", Words("не смотрится", "not watched"), refused="kind_video"),
    Kind("story", UNSEEN, refused="kind_unseen"),
    Kind("paid_media", UNSEEN, refused="kind_unseen"),
    Kind("giveaway", UNSEEN, refused="kind_unseen"),
    Kind("giveaway_winners", UNSEEN, refused="kind_unseen"),
)
BY_FIELD = {kind.field: kind for kind in KINDS}


def serve(request: Request) -> Reply | str | None:
    """Give a message to who takes its kind, in words where it has any; why an album is refused is said once.

    The words of a file that is refused are about the others of its album.
    """
    album = request.incoming.album
    try:
        return _given(request)
    except UserError:
        if album:
            talk.leave_words(request)
        if album and not request.tools.store.begins_album(request.incoming.chat_id, album, request.update_id):
            return None
        raise


def _given(request: Request) -> Reply | str | None:
    incoming = request.incoming
    kind = BY_FIELD[incoming.content]
    if incoming.content == "document" and incoming.file and incoming.file.mime_type.startswith("audio/"):
        kind = BY_FIELD["audio"]
    words = in_words(request.language, incoming.content, incoming.text, incoming.details, incoming.forwarded)
    if kind.run is not None and (words or not kind.refused or attachments.sent(request)):
        return kind.run(replace(request, incoming=replace(incoming, text=words)))
    raise UserError(kind.refused)


def goes_on(request: Request) -> bool:
    """Whether a message is the next piece of a question, and needs no call of its own in a group."""
    incoming = request.incoming
    return BY_FIELD[incoming.content].run is talk.ask and request.tools.pieces.goes_on(incoming)


def replied(language: Language, message: Replied | None) -> Replied | None:
    """The message that was replied to with its words put the same way."""
    if message is None:
        return None
    words = in_words(language, message.content, message.text, message.details, message.forwarded)
    return replace(message, text=words)


def in_words(language: Language, content: str, text: str, details: dict[str, str], forwarded: str) -> str:
    """What a message says, for a model; nothing for a picture or a sound without a caption."""
    kind = BY_FIELD.get(content)
    words = say(language, kind.shown, **details).strip() if kind and kind.shown else text
    return say(language, "shown_forwarded", name=forwarded, words=words) if forwarded and words else words
