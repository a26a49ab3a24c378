"""A process that runs until it is told to leave, gives signs of life, and ends itself when it has none."""

import faulthandler
import logging
import os
import signal
import threading
from abc import ABC, abstractmethod

from heartbeat import Heartbeat

log = logging.getLogger(__name__)

# A turn of the polling loop takes half a minute. One that takes so long is no sign of life any more; after so many
# looks at it, a second apart, the process ends, for whatever started it to start it again. Looks, not seconds: a
# machine that slept took none.
LATE_SECONDS, HUNG_LOOKS = 120.0, 180
HUNG = OUTDATED = 1  # exit codes: something starts it again


class Process(ABC):
    """`exit_code` says how it was asked to leave."""

    def __init__(self) -> None:
        self.exit_code = 0
        self.leaving = threading.Event()

    @abstractmethod
    def start(self) -> None:
        """Begin to work, in threads."""

    @abstractmethod
    def stop(self) -> None:
        """Bring the work to an end, within 10 seconds."""

    @abstractmethod
    def late(self) -> float:
        """Seconds since the last sign of life of the work."""

    @abstractmethod
    def held_up(self) -> bool:
        """Whether some work did not come to an end."""

    def run(self, heartbeat: Heartbeat | None = None) -> int:
        """Run until /stop, Ctrl-C (exit code 0), SIGTERM or a terminal that closes (143).

        A second Ctrl-C does not wait for what is under way.
        """
        heartbeat = heartbeat or Heartbeat()
        signal.signal(signal.SIGINT, lambda *_: self._interrupted())
        signal.signal(signal.SIGTERM, lambda *_: self.leave(143))
        closed = getattr(signal, "SIGHUP", None)  # not on Windows
        if closed and signal.getsignal(closed) != signal.SIG_IGN:  # as nohup has it
            signal.signal(closed, lambda *_: self.leave(143))
        self.start()
        heartbeat.ready()
        self._stay(heartbeat)
        heartbeat.leaving()
        self.stop()
        if self.held_up():
            logging.shutdown()
            os._exit(self.exit_code)  # else Python waits for its threads
        return self.exit_code

    def _stay(self, heartbeat: Heartbeat) -> None:
        """Wait until somebody asks to leave; it lives while its work gets on."""
        looks = 0  # at a late turn
        while not self.leaving.wait(1.0):  # waiting in slices lets signals through on Windows
            late = self.late() > LATE_SECONDS
            looks = looks + 1 if late else 0
            if not late:
                heartbeat.beat()
            elif looks > HUNG_LOOKS:
                self._give_up()

    def _give_up(self) -> None:
        """Leave at once, as after a crash."""
        log.critical("no update could be taken for %d seconds: leaving at once", self.late())
        faulthandler.dump_traceback()
        logging.shutdown()
        os._exit(HUNG)

    @property
    def asked_to_leave(self) -> bool:
        """Whether somebody has asked it to stop."""
        return self.leaving.is_set()

    def _interrupted(self) -> None:
        if self.leaving.is_set():
            os._exit(0)
        self.leave(0)

    def leave(self, exit_code: int) -> None:
        """Ask it to stop; called from signal handlers."""
        self.exit_code = exit_code
        self.leaving.set()
