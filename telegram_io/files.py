"""Files: documents and pictures sent, and what people sent fetched, within limits."""

import io
import logging
import time
from collections.abc import Callable
from contextlib import closing
from typing import IO, Any
from urllib.parse import quote

from telebot import apihelper, types
from telebot.apihelper import ApiTelegramException

from telegram_io.line import LONGEST_PAUSE, UNCERTAIN, Away, Place, Unreachable, patience
from telegram_io.messages import Messages, Rows, markup_of, reply_to
from telegram_io.pacer import Leaving, Urgency
from telegram_io.wire import STILL_SECONDS, DownloadError

log = logging.getLogger(__name__)

DOWNLOAD_SECONDS = 60.0  # a file may take in all


class Files(Messages):
    """What goes up and down as a file."""

    def send_file(
        self,
        place: Place,
        name: str,
        content: bytes,
        caption: str = "",
        urgency: Urgency = "answer",
        rows: Rows = (),
    ) -> int:
        """Send a document of at most 50 MB, as it is, and return its message's id."""
        markup = markup_of(rows)

        def attempt(to: Place) -> Any:
            return apihelper.send_data(
                self._token,
                to.chat_id,
                types.InputFile(io.BytesIO(content)),
                "document",
                visible_file_name=name,
                caption=caption or None,
                reply_markup=markup,
                message_thread_id=to.thread or None,
                reply_parameters=reply_to(to),
            )

        return self._arrive(place, attempt, urgency)

    def send_photo(
        self,
        place: Place,
        content: bytes,
        caption: str = "",
        rows: Rows = (),
        urgency: Urgency = "answer",
        silent: bool = False,
    ) -> int:
        """Send a picture of at most 10 MB with a caption of at most 1,024 UTF-16 units; its message's id.

        Telegram makes a JPEG of it: what has to arrive byte by byte goes through `send_file`.
        https://core.telegram.org/bots/api#sendphoto
        """
        markup = markup_of(rows)

        def attempt(to: Place) -> Any:
            return apihelper.send_photo(
                self._token,
                to.chat_id,
                types.InputFile(io.BytesIO(content)),
                caption=caption or None,
                reply_markup=markup,
                message_thread_id=to.thread or None,
                reply_parameters=reply_to(to),
                disable_notification=silent or None,
            )

        return self._arrive(place, attempt, urgency)

    def download(self, file_id: str, into: IO[bytes], limit: int, check: Callable[[], object] = lambda: None) -> int:
        """Write a file of at most `limit` bytes into `into` and say how many they are.

        Raises DownloadError after 60 seconds at the latest, Leaving, and with each piece what `check` raises; `into`
        may hold a part of the file then.
        """
        until = time.monotonic() + DOWNLOAD_SECONDS
        url, pause = self._files + quote(self._file_path(file_id, limit)), 1.0
        while True:
            check()
            size = 0
            try:
                with closing(self._wire.pieces(url, until)) as pieces:
                    for piece in pieces:
                        check()
                        size += len(piece)
                        if size > limit:
                            raise DownloadError("too_large")
                        into.write(piece)
                return size
            except DownloadError as error:
                late = time.monotonic() + LONGEST_PAUSE + 2 * STILL_SECONDS > until
                if error.kind != "stalled" or size or late:
                    raise
                log.warning("a file did not begin to come, asked for again")
            if self.leaving.wait(pause):
                raise Leaving("the bot leaves")
            pause = min(pause * 2, LONGEST_PAUSE)

    def _file_path(self, file_id: str, limit: int) -> str:
        """Where a file lies on Telegram's server; raises DownloadError, also for one that is said to be too large."""
        asked = {"file_id": file_id, "timeout": STILL_SECONDS}  # the time limit of telebot, Telegram does not see it
        try:
            file = self._insist(
                lambda: apihelper._make_request(self._token, "getFile", params=dict(asked)),
                seconds=DOWNLOAD_SECONDS - 4 * STILL_SECONDS,  # to connect and to answer, here and for the file
            )
        except (ApiTelegramException, Unreachable, Away, *UNCERTAIN) as error:
            raise self._no_file(error) from None
        if int(file.get("file_size") or 0) > limit:
            raise DownloadError("too_large")
        return str(file.get("file_path") or "")

    def _no_file(self, error: Exception) -> Exception:
        """What keeps a file from coming when this keeps its path from coming."""
        if self.leaving.is_set():
            return Leaving("the bot leaves")
        if "too big" in str(error):
            return DownloadError("too_large")
        return DownloadError("gone" if patience(error, 0.0) is None else "stalled")
