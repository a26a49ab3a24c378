"""What the bot does by itself once a day."""

import logging
import threading
from collections.abc import Callable

from telegram_io import Leaving

log = logging.getLogger(__name__)

FIRST_SECONDS = 60.0  # after the start: updates that waited have come by then
DAY_SECONDS = 86_400.0
AGAIN_SECONDS = 3600.0  # after a time that did not come to its end


class Daily:
    """A thread for each piece of work: done a minute after the start, and then every day."""

    def __init__(self, leads: Callable[[], bool], *work: Callable[[], None]) -> None:
        """`leads` says whether this process does what is done once for all."""
        self._leads = leads
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(each,), name="daily", daemon=True) for each in work]

    def start(self) -> None:
        """Begin to count the minute."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begin nothing any more."""
        self._over.set()

    def _run(self, work: Callable[[], None]) -> None:
        pause = FIRST_SECONDS
        while not self._over.wait(pause):
            if not self._leads():
                pause = FIRST_SECONDS
                continue
            pause = DAY_SECONDS
            try:
                work()
            except Leaving:
                return
            except Exception:
                log.exception("a day's work was not done, tried again in an hour")
                pause = AGAIN_SECONDS
