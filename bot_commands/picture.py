"""A drawn picture on its way to its chat: as a photo with its description, or as a file."""

from telebot.apihelper import ApiTelegramException

from bot_commands import full_quality
from bot_commands.request import Request
from formatting import split
from services.images import Drawn
from telegram_io import Place, Rows

CAPTION_LIMIT = 1024  # UTF-16 units. https://core.telegram.org/bots/api#sendphoto
PHOTO_LIMIT = 10_000_000  # bytes; larger ones go as files


def send(request: Request, place: Place, prompt: str, picture: Drawn, rows: Rows, again: bool) -> int:
    """As a photo that can be had as a file; what Telegram does not take as one is a file at once."""
    telegram = request.tools.telegram
    caption = _caption(prompt, request.say("maybe_again") if again else "")
    if len(picture.content) <= PHOTO_LIMIT:
        offered = [*rows, *full_quality.keep(request, picture)]
        try:
            return telegram.send_photo(place, picture.content, caption, offered)
        except ApiTelegramException as error:
            if error.error_code != 400:
                raise
            full_quality.drop(request)
    return telegram.send_file(place, f"picture.{picture.ending}", picture.content, caption, rows=rows)


def _caption(prompt: str, note: str) -> str:
    """The description, as much of it as there is room for beside the note."""
    room = CAPTION_LIMIT - len(note) - 3
    first = split(prompt, [], room)[0].text
    shown = first if first == prompt.strip() else f"{first}…"
    return f"{shown}\n\n{note}" if note else shown
