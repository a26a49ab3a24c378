"""Voice: the words of a recording are shown, and answered like a written question."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from bot_commands import files, listening, talk
from bot_commands.again import pressed_for
from bot_commands.answering import answer
from bot_commands.context import Asked
from bot_commands.failures import under
from bot_commands.listening import Transcript
from bot_commands.request import Request, UserError
from delivery import Screen
from formatting import Part, split, units
from incoming import File
from services.listener import Heard, total_seconds
from telegram_io import Button
from texts import spoken

OWN_VOICE = ("voice", "video_note")  # kinds of messages in which their sender speaks
SOUNDS = (*OWN_VOICE, "audio", "video")
SOUND_FILES = ("audio/", "video/")  # so begin the types of documents that may hold a sound
YOURS, ITS = ("you_said", "you_said_in"), ("recording_says", "recording_says_in")  # without and with languages
LONG_QUOTE = 400  # characters; a longer one is folded
MARKUP = re.compile(r"[!-/:-@\[-`{-~]")  # signs that could be Markdown; a backslash before any of them makes it none
NAMED = 3  # languages at most

Shown = Callable[[Transcript], Sequence[Part]]


def hear(request: Request) -> None:
    """Answer a voice message, an audio or a video note when its turn in the chat comes."""
    file = request.incoming.file
    if file is None:
        raise LookupError("a message of sound without a file")
    files.check_size(request, file)
    asked = talk.asked(request, "", request.incoming.replied)
    talk.queue(request, partial(_answer, request, file, asked))


def transcribe(request: Request) -> None:
    """Only the words of the recording that is replied to, whoever sent it; also of a video, and of either as a file."""
    replied = request.incoming.replied
    if replied is None or replied.file is None or not has_sound(replied.file):
        raise UserError("transcribe_usage")
    files.check_size(request, replied.file)
    talk.queue(request, partial(_only_words, request, replied.file))


def has_sound(file: File) -> bool:
    """Whether a file may be listened to, as far as its sender says."""
    return file.kind in SOUNDS or (file.kind == "document" and file.mime_type.startswith(SOUND_FILES))


def again(request: Request) -> None:
    """Listen once more to the recording that the failure notice replies to: once, and only for who sent it."""
    incoming, recording = request.incoming, pressed_for(request)
    if recording.file is None:
        raise UserError("used_up")
    message = replace(
        incoming,
        kind="message",
        message_id=recording.message_id,
        file=recording.file,
        text=recording.text,
        forwarded=recording.forwarded,
        replied=None,
    )
    hear(replace(request, incoming=message))


def _answer(request: Request, file: File, asked: Asked) -> None:
    own = file.kind in OWN_VOICE and not request.incoming.forwarded
    found = _heard(request, file, partial(_quoted, request, YOURS if own else ITS), retry=True)
    if found:
        caption = talk.words(request)
        answer(request, replace(asked, text=f"{caption}\n\n{found}" if caption else found))


def _only_words(request: Request, file: File) -> None:
    if _heard(request, file, lambda transcript: split(transcript.words, []), retry=False):
        request.tools.store.count_request(request.registered.id, request.update_id)


def _quoted(request: Request, heads: tuple[str, str], transcript: Transcript) -> Sequence[Part]:
    """The words as a quote under a line that says whose they are, and in which language; nothing in them is markup."""
    names = [spoken(request.language, called) for called in transcript.languages]
    named = ", ".join(list(dict.fromkeys(filter(None, names)))[:NAMED])
    line = request.say(heads[1], languages=named) if named else request.say(heads[0])
    kind = "expandable_blockquote" if len(transcript.words) > LONG_QUOTE else "blockquote"
    quote = {"type": kind, "offset": units(line) + 1, "length": units(transcript.words)}
    return split(f"{line}\n{transcript.words}", [quote])


def _heard(request: Request, file: File, shown: Shown, retry: bool) -> str | None:
    """Buy and show the words of a recording; None when there are none, and that has been said.

    Words that were paid before a crash are only shown.
    """
    found = listening.paid(request)
    if found is None and (
        request.tools.store.inbox.was_sent(request.update_id, "heard end") or not _is_welcome(request)
    ):
        return None
    heard = Heard()
    screen = _screen(request, heard)
    if found is None:
        config = request.tools.config
        model = config.listener(datetime.now(config.time_zone).date())
        row = [[Button(request.say("button_retry"), "hear")]] if retry else []
        buy = partial(listening.buy, request, file, model, heard, row)
        found = under(request, screen, total_seconds(config.longest_voice), buy, model, row)
    if found is None:
        return None
    screen.quote(shown(found), found.words)
    return found.words


def _is_welcome(request: Request) -> bool:
    """Nothing is bought for who was blocked or deleted while the message waited."""
    user = request.tools.store.user(request.writer.id)
    return user is not None and not user.banned


def _screen(request: Request, heard: Heard) -> Screen:
    """A screen of its own: that of the answer comes after it. The words of a long recording are seen as they come."""
    return Screen(
        request.tools.telegram,
        replace(request.place, reply_to=request.incoming.message_id),
        request.language,
        lambda: re.sub(MARKUP, r"\\\g<0>", heard.words),
        lambda key, send: request.once(f"heard {key}", send),
        private=request.incoming.private,
        streaming=request.tools.config.streaming,
        doing="listening",
        placed=request.sent("heard placeholder"),
    )
