"""Voice: a recording is paid by its seconds, its words are shown, and answered like a written question."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from bot_commands import files, talk
from bot_commands.again import pressed_for
from bot_commands.answering import answer
from bot_commands.context import Asked
from bot_commands.failures import under, write_off
from bot_commands.request import Request, UserError
from bot_commands.wallet import ways_out
from delivery import Screen
from formatting import split
from incoming import File
from records import Bill, Reservation
from services import voice
from services.voice import Sound, SoundError
from services.wire import Call, CutError
from telegram_io import Button, Place

KINDS = ("voice", "audio", "video_note")


def hear(request: Request) -> None:
    """Answer a voice message, an audio or a video note when its turn in the chat comes."""
    file = request.incoming.file
    if file is None:
        raise LookupError("a message of sound without a file")
    files.check_size(request, file)
    asked = talk.asked(request, "", request.incoming.replied)
    talk.queue(request, partial(_answer, request, file, asked))


def transcribe(request: Request) -> None:
    """Only the words of the recording that is replied to."""
    replied = request.incoming.replied
    if replied is None or replied.file is None or replied.file.kind not in KINDS:
        raise UserError("transcribe_usage")
    files.check_size(request, replied.file)
    talk.queue(request, partial(_only_words, request, replied.file))


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
        replied=None,
    )
    hear(replace(request, incoming=message))


def _answer(request: Request, file: File, asked: Asked) -> None:
    words = _heard(request, file, lambda words: request.say("you_said", words=words), retry=True)
    if words:
        answer(request, replace(asked, text=words))


def _only_words(request: Request, file: File) -> None:
    if _heard(request, file, lambda words: words, retry=False):
        request.tools.store.count_request(request.registered.id, request.update_id)


def _heard(request: Request, file: File, shown: Callable[[str], str], retry: bool) -> str | None:
    """Buy and show the words of a recording; None when there are none, and that has been said.

    Words that were paid before a crash are only shown.
    """
    store = request.tools.store
    words: str | None = store.given(request.update_id, "voice")
    if words is None and (store.inbox.was_sent(request.update_id, "heard end") or not _is_welcome(request)):
        return None
    screen = _screen(request)
    if words is None:
        model = request.tools.config.listener(datetime.now(request.tools.config.time_zone).date())
        row = [[Button(request.say("button_retry"), "hear")]] if retry else []
        words = under(request, screen, voice.TOTAL_SECONDS, partial(_buy, request, file, model), model, row)
    if words:
        _show(request, screen, shown(words))
    return words


def _is_welcome(request: Request) -> bool:
    """Nothing is bought for who was blocked or deleted while the message waited."""
    user = request.tools.store.user(request.writer.id)
    return user is not None and not user.banned


def _screen(request: Request) -> Screen:
    """A screen of its own: that of the answer comes after it."""
    return Screen(
        request.tools.telegram,
        replace(request.place, reply_to=request.incoming.message_id),
        request.language,
        lambda: "",
        lambda key, send: request.once(f"heard {key}", send),
        private=request.incoming.private,
        streaming=request.tools.config.streaming,
        doing="listening",
        placed=request.sent("heard placeholder"),
    )


def _show(request: Request, screen: Screen, text: str) -> None:
    """The words as they were said, nothing in them is formatting."""
    first, *more = split(text, [])
    screen.conclude(first.text)
    for number, part in enumerate(more, 1):
        request.post(f"heard {number}", Place(request.incoming.chat_id, request.incoming.thread), part.text)


def _buy(request: Request, file: File, model: str, call: Call) -> str:
    """The words of a recording, charged by its true length; UserError when there are none, which costs nothing."""
    config, store = request.tools.config, request.tools.store
    sound = _converted(request, file)
    price = sound.seconds * config.voice_tokens_per_second
    usd = request.tools.prices.of_sound(model, sound.seconds)
    bill = Bill(model, seconds=sound.seconds, usd=usd, price=price)
    reservation = store.reserve(request.registered.id, "premium_balance", price, usd)
    try:
        if reservation.amount < price:
            ways = ways_out(request, "premium_balance")
            raise UserError("empty_voice", rows=ways, price=price, left=reservation.amount)
        client, language = request.tools.models.client, config.transcription_language or ""
        words = voice.transcribe(client, sound, model, language, call)
        if not words:
            write_off(request, reservation, bill)
            raise UserError("nothing_heard")
        return _charge(request, reservation, bill, words)
    except CutError as cut:
        write_off(request, reservation, replace(bill, estimated=True), cut)
        raise
    finally:
        store.release(reservation)


def _charge(request: Request, reservation: Reservation, bill: Bill, words: str) -> str:
    """The words stand in the deed, so that a process after this one need not buy them again."""
    chat_id = request.topic.chat_id
    return str(request.tools.store.charge(reservation, bill, "voice", request.update_id, words, chat_id))


def _converted(request: Request, file: File) -> Sound:
    longest = request.tools.config.longest_voice
    try:
        with tempfile.TemporaryFile() as recording:
            files.fetch(request, file, recording)
            return voice.convert(recording, longest)
    except SoundError as error:
        if error.kind == "too_long":
            raise UserError("voice_too_long", limit=longest) from None
        if error.kind == "no_ffmpeg":
            request.tools.alerts.tell("admin_no_ffmpeg")
            raise UserError("voice_no_ffmpeg") from None
        raise UserError("voice_unreadable") from None
