"""Listening: the words of a recording are bought by its true length, once for its message."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, NamedTuple

from bot_commands import files
from bot_commands.failures import write_off
from bot_commands.request import Request, UserError
from bot_commands.wallet import ways_out
from incoming import File
from records import Bill, Reservation
from services import voice
from services.listener import Heard
from services.provider import ModelError
from services.voice import Sound, SoundError
from services.wire import Call, CutError
from telegram_io import Rows


class Transcript(NamedTuple):
    """What was said, and in which languages as the recogniser calls them."""

    words: str
    languages: tuple[str, ...] = ()


def paid(request: Request) -> Transcript | None:
    """What an earlier run of this update has bought."""
    given = request.tools.store.given(request.update_id, "voice")
    return _transcript(given) if given else None


def _transcript(given: list[str]) -> Transcript:
    words, *languages = given
    return Transcript(words, tuple(languages))


def buy(request: Request, file: File, model: str, heard: Heard, retry: Rows, call: Call) -> Transcript:
    """The words of a recording, charged by its true length; UserError when there are none, which costs nothing."""
    with _sound(request, file, retry, call) as sound:
        if sound.silent:
            raise UserError("nothing_heard")
        bill = _bill(request, model, sound.seconds)
        price = bill.price or 0
        reservation = request.tools.store.reserve(request.registered.id, "premium_balance", price, bill.usd)
        try:
            if reservation.amount < price:
                ways = ways_out(request, "premium_balance")
                raise UserError("empty_voice", rows=ways, price=price, left=reservation.amount)
            _listen(request, sound, heard, reservation, bill, call)
            return _charge(request, reservation, bill, heard)
        finally:
            request.tools.store.release(reservation)


def _bill(request: Request, model: str, seconds: int) -> Bill:
    tools = request.tools
    price = seconds * tools.config.voice_tokens_per_second
    return Bill(model, seconds=seconds, usd=tools.prices.of_sound(model, seconds), price=price)


def _listen(request: Request, sound: Sound, heard: Heard, reservation: Reservation, bill: Bill, call: Call) -> None:
    """Fill `heard`; what was bought of it in vain is written off."""
    language = request.tools.config.transcription_language or ""
    try:
        request.tools.listener.listen(sound, bill.model, language, heard, call)
    except CutError as cut:
        spent = _bill(request, bill.model, round(heard.sent))
        write_off(request, reservation, replace(spent, estimated=True), cut)
        raise
    except ModelError as error:  # what failed costs nothing, the pieces before it do
        if heard.answered:
            spent = _bill(request, bill.model, round(heard.answered))
            write_off(request, reservation, replace(spent, estimated=True), error)
        raise
    if not heard.words:
        write_off(request, reservation, bill)
        raise UserError("nothing_heard")


def _charge(request: Request, reservation: Reservation, bill: Bill, heard: Heard) -> Transcript:
    """The words stand in the deed, so that a process after this one need not buy them again."""
    gives, chat_id = [heard.words, *heard.languages], request.topic.chat_id
    return _transcript(request.tools.store.charge(reservation, bill, "voice", request.update_id, gives, chat_id))


@contextmanager
def _sound(request: Request, file: File, retry: Rows, call: Call) -> Iterator[Sound]:
    """What a file holds, in a file without a name that is gone afterwards."""
    with tempfile.TemporaryFile() as into:
        with tempfile.TemporaryFile() as recording:
            files.fetch(request, file, recording, call, retry)
            sound = _converted(request, recording, into, retry, call)
        yield sound


def _converted(request: Request, recording: IO[bytes], into: IO[bytes], retry: Rows, call: Call) -> Sound:
    longest = request.tools.config.longest_voice
    try:
        return voice.convert(recording, into, longest, call)
    except SoundError as error:
        if error.kind == "too_long":
            raise UserError("voice_too_long", limit=longest) from None
        if error.kind == "no_ffmpeg":
            request.tools.alerts.tell("admin_no_ffmpeg")
            raise UserError("voice_no_ffmpeg", rows=retry) from None
        raise UserError("voice_unreadable") from None
