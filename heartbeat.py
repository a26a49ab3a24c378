"""Signs of life: to systemd in its own words, to a container's health check as the time of a file."""

import socket
import time
from contextlib import suppress
from pathlib import Path

BEAT_SECONDS = 10.0  # between two signs


class Heartbeat:
    """Tells whoever started the bot how it is; `address` is systemd's NOTIFY_SOCKET, empty where nobody asked."""

    def __init__(self, address: str = "", file: Path | None = None) -> None:
        self._address, self._file = address, file
        self._next = 0.0

    def ready(self) -> None:
        """The start is over."""
        self._tell("READY=1")
        self.beat()

    def beat(self) -> None:
        """The bot lives; call it as often as you like."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + BEAT_SECONDS
        self._tell("WATCHDOG=1")
        if self._file:
            with suppress(OSError):  # the bot is none the worse for it, and the check will ask why
                self._file.touch(mode=0o600)

    def leaving(self) -> None:
        """The bot has begun to stop."""
        self._tell("STOPPING=1")
        if self._file:
            with suppress(OSError):
                self._file.unlink(missing_ok=True)

    def _tell(self, words: str) -> None:
        """One datagram: https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html#Notes"""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_systemd:
            to_systemd.settimeout(1.0)
            to_systemd.sendto(words.encode(), address)
