"""The text of a document while it is read: cleaned, and cut where there is too much of it."""

import re
import time

CHARACTERS = 4_000_000  # about a million tokens: the largest windows there are
SECONDS = 20.0  # of the processor; then what has been read is enough, a third before the parent loses patience
JOINED = re.compile("[\ufffe\u00ad]\n")  # a word that the end of a line parted, as PDFium tells it
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff\ufffe\uffff]")


class Parts:
    """The parts read so far: pages, sheets, or the whole text as one."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.whole = True
        self._left = CHARACTERS
        self._until = time.process_time() + SECONDS

    def add(self, text: str) -> None:
        """Take another part, or what of it there is room for."""
        text = UNSEEN.sub("", JOINED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip("\n")
        self.whole = self.whole and len(text) <= self._left
        self.kept.append(text[: self._left])
        self._left -= len(self.kept[-1])

    def full(self) -> bool:
        """Whether to stop here, because of length or time; then it is not whole."""
        if self._left > 0 and time.process_time() < self._until:
            return False
        self.whole = False
        return True
