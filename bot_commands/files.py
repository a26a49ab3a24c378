"""Files that people send: fetched from Telegram within the limits, or said why not."""

from typing import IO

from bot_commands.request import Request, UserError
from incoming import File
from services.wire import Call
from telegram_io import Rows
from telegram_io.wire import DownloadError

MEGABYTE = 1_048_576


def check_size(request: Request, file: File) -> None:
    """Refuse what is said to be too large before anything is fetched; who lies is found out by `fetch`."""
    if file.size > _limit(request):
        raise _too_large(request)


def fetch(request: Request, file: File, into: IO[bytes], call: Call, retry: Rows = ()) -> None:
    """Write a file of at most MAX_FILE_MB into `into`; raises CutError, UserError with `retry` if that helps."""
    try:
        request.tools.telegram.download(file.file_id, into, _limit(request), call.check)
    except DownloadError as error:
        if error.kind == "too_large":
            raise _too_large(request) from None
        if error.kind == "stalled":
            raise UserError("file_stalled", rows=retry) from None
        raise UserError("file_gone") from None


def _limit(request: Request) -> int:
    return request.tools.config.max_file_mb * MEGABYTE


def _too_large(request: Request) -> UserError:
    return UserError("file_too_large", limit=request.tools.config.max_file_mb)
