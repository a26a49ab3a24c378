"""The owner's log in the chat: what each request used and cost, gathered into few silent messages; never any words."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from alerts import Alerts
from config import AdminLog as Kind
from formatting import LONGEST_TEXT, units
from records import Bill, Spent, User
from storage import Store
from texts import dollars

GATHER_SECONDS = 3.0
HOUR_SECONDS = 3600.0
MOST_LINES = (
    60  # at once, two or three messages; further requests are told as a sum: the admin's chat takes one a second
)
VOICE_SECONDS = 180.0  # a voice whose answer has not come by then stands alone
LONGEST_NAME = 40  # characters


@dataclass
class Sum:
    """Requests together; `usd` is what is known of their price, `unpriced` counts those without one."""

    requests: int = 0
    tokens: int = 0
    usd: float = 0.0
    unpriced: int = 0

    def add(self, bill: Bill) -> None:
        """One more request."""
        self.requests += 1
        self.tokens += bill.tokens
        self.usd += bill.usd or 0.0
        self.unpriced += bill.usd is None


class AdminLog:
    """Takes paid steps from any thread and holds nobody up; what a killed process had gathered is not told."""

    def __init__(self, kind: Kind, alerts: Alerts, store: Store, later: Callable[[Callable[[], None]], None]) -> None:
        self._kind, self._alerts, self._store, self._later = kind, alerts, store, later
        self._lines: list[str] = []
        self._sum = Sum()  # of the hour, or of what is beyond the lines
        self._voices: dict[int, tuple[float, Spent]] = {}  # whose answers are still to come, by update
        self._lock = threading.Lock()
        self._over, self._told = threading.Event(), threading.Event()
        self._told.set()
        self._thread = threading.Thread(target=self._run, name="admin log", daemon=True)

    def start(self) -> None:
        """Begin to tell what is gathered."""
        if self._kind != "off":
            self._thread.start()

    def stop(self) -> None:
        """Tell what is left, in the lane of the notes."""
        self._over.set()
        with self._lock:
            self._release_voices(older_than=0.0)
        self._later(self.flush)

    def take(self, spent: Spent) -> None:
        """Note a paid step, unless it is an admin's in their own chat; a voice waits for its answer's line."""
        if self._kind == "off" or (spent.user_id in self._store.rules.admins and spent.chat_id in (0, spent.user_id)):
            return
        with self._lock:
            if spent.reason == "voice":
                self._voices[spent.update_id] = time.monotonic(), spent
                return
            _, voice = self._voices.pop(spent.update_id, (0.0, None))
            self._note(spent, voice)

    def _note(self, spent: Spent, voice: Spent | None = None) -> None:
        """Take up a request; the lock is held."""
        bill = _with_voice(spent.bill, voice.bill) if voice else spent.bill
        user = self._store.user(spent.user_id)
        if user is None:  # deleted meanwhile
            return
        if self._kind == "costs" or len(self._lines) >= MOST_LINES:
            self._sum.add(bill)
        else:
            self._lines.append(self._line(user, spent._replace(bill=bill), bool(voice)))

    def _release_voices(self, older_than: float) -> None:
        """Voices that no answer followed get a line of their own; the lock is held."""
        until = time.monotonic() - older_than
        for update_id in [key for key, (since, _) in self._voices.items() if since <= until]:
            self._note(self._voices.pop(update_id)[1])

    def _line(self, user: User, spent: Spent, heard: bool) -> str:
        bill, say = spent.bill, self._alerts.in_words
        parts = [say("log_who", name=" ".join(user.name.split())[:LONGEST_NAME], id=str(user.id)), bill.model]
        parts += [say("log_tokens", tokens=bill.tokens)] if bill.tokens else []
        parts += [say("log_pictures", pictures=bill.pictures)] if bill.pictures else []
        parts += [say("log_heard", heard=round(bill.seconds))] if bill.seconds else []
        parts += [say("log_took", took=max(1, round(bill.took)))] if bill.took else []
        parts.append(self._cost(bill.usd or 0.0, int(bill.usd is None), 1))
        if self._store.rules.charging:
            parts.append(say("log_left", balance=user.balance, premium=user.premium_balance, images=user.image_balance))
        return " · ".join([*parts, *self._marks(spent, heard)])

    def _marks(self, spent: Spent, heard: bool) -> Iterator[str]:
        say = self._alerts.in_words
        if spent.reason == "answer" and spent.wallet == "premium_balance":
            yield say("log_premium")
        if heard or spent.reason == "voice":
            yield say("log_voice")
        if spent.reason == "picture" or spent.bill.looked:
            yield say("log_picture")
        if spent.remembers:
            yield say("log_context")
        if spent.chat_id < 0:
            yield say("log_group")

    def _cost(self, usd: float, unpriced: int, calls: int) -> str:
        if unpriced == calls:
            return self._alerts.in_words("log_price_unknown")
        cost = dollars(self._alerts.language, usd)
        return self._alerts.in_words("log_price_partly", usd=cost, unpriced=unpriced) if unpriced else cost

    def flush(self) -> None:
        """Send what is gathered, now."""
        try:
            with self._lock:
                lines, self._lines = self._lines, []
                rest, self._sum = self._sum, Sum()
            if rest.requests:
                key = "log_hour" if self._kind == "costs" else "log_more"
                cost = self._cost(rest.usd, rest.unpriced, rest.requests)
                lines.append(self._alerts.in_words(key, requests=rest.requests, tokens=rest.tokens, usd=cost))
            for text in _messages(lines):
                self._alerts.send(text, silent=True)
        finally:
            self._told.set()

    def _run(self) -> None:
        while not self._over.wait(HOUR_SECONDS if self._kind == "costs" else GATHER_SECONDS):
            with self._lock:
                self._release_voices(VOICE_SECONDS)
                is_something = bool(self._lines or self._sum.requests)
            if is_something and self._told.is_set():  # else Telegram is slow or away: more is gathered meanwhile
                self._told.clear()
                self._later(self.flush)


def _with_voice(answer: Bill, voice: Bill) -> Bill:
    known = answer.usd is not None and voice.usd is not None
    usd = (answer.usd or 0.0) + (voice.usd or 0.0) if known else None
    return replace(answer, seconds=voice.seconds, usd=usd)


def _messages(lines: list[str]) -> Iterator[str]:
    """The lines in as few messages as take them."""
    text = ""
    for line in lines:
        if text and units(f"{text}\n{line}") > LONGEST_TEXT:
            yield text
            text = ""
        text = f"{text}\n{line}" if text else line
    if text:
        yield text
