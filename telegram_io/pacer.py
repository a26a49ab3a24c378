"""The pace at which messages leave: one rate over all chats, an allowance for each chat, the urgent ones first."""

import itertools
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

# https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
BURST = 5  # messages a chat takes at once; after them one every CHAT_SECONDS
CHAT_SECONDS = 1.0
GROUP_MESSAGES = 20  # messages a group takes in GROUP_SECONDS: a minute, and what a message may arrive too early
GROUP_SECONDS = 60.5
SPARE = 5  # messages of a group's minute that are kept for whole texts

# Telegram counts arrivals, and messages take unequal time to arrive: the gap is wider than 1/rate by more than what a
# late turn may make up for, so that no second holds more than `rate` turns.
WIDER = 1.03
LATE_SECONDS = 0.01

LOOK_SECONDS = 0.1  # how often somebody waiting is asked whether the bot leaves

Urgency = Literal["first", "answer", "last"]
"""Payments and Stop; answers; announcements, notes to the admins, alerts."""


class SharedPace(Protocol):
    """The pace of all processes together."""

    def turn(self, gap: float) -> float:
        """Take the next turn, so many seconds after the last one; in how many seconds it comes."""

    def take_spare(self, gap: float) -> bool:
        """Take a turn if one is free now."""


class Leaving(OSError):
    """The bot leaves: the message was not sent, and is not waited for any more."""


class _Chat:
    """What a chat may still be sent; times in monotonic seconds."""

    def __init__(self) -> None:
        self.used = -math.inf  # when it was last written to
        self._full = -math.inf  # when its burst will be whole again
        self._minute: deque[float] = deque(maxlen=GROUP_MESSAGES)

    def ready(self, spare: int = 0) -> float:
        """The earliest time for its next message, if `spare` more must stay possible in a group's minute.

        What leaves some to spare does not use up the burst either: it comes so long after any other.
        """
        burst = self.used + CHAT_SECONDS if spare else self._full - (BURST - 1) * CHAT_SECONDS
        if len(self._minute) < GROUP_MESSAGES - spare:
            return burst
        return max(burst, self._minute[spare - GROUP_MESSAGES] + GROUP_SECONDS)

    def take(self, now: float, group: bool) -> None:
        """Count a message."""
        self.used = now
        self._full = max(self._full, now) + CHAT_SECONDS
        if group:
            self._minute.append(now)


@dataclass(eq=False, slots=True)
class Turn:
    """One message that waits until it is granted its turn (True) or sent away (False)."""

    chat: str
    told: threading.Event = field(default_factory=threading.Event)
    granted: bool | None = None

    def end(self, granted: bool) -> None:
        """Tell the thread that waits."""
        self.granted = granted
        self.told.set()


class Turns:
    """Who is next; has no clock, every question names the time in monotonic seconds; for one thread at a time."""

    def __init__(self, rate: int) -> None:
        self._gap = WIDER / rate
        self._next = -math.inf
        self._chats: dict[str, _Chat] = {}  # the longest unused first
        self._waiting: dict[Urgency, dict[Turn, None]] = {"first": {}, "answer": {}, "last": {}}

    def join(self, turn: Turn, urgency: Urgency) -> None:
        """Let a message wait behind those as urgent as it is."""
        self._waiting[urgency][turn] = None

    def anyone(self) -> Turn | None:
        """Somebody who waits."""
        return next(itertools.chain.from_iterable(self._waiting.values()), None)

    def hand_out(self, now: float) -> float | None:
        """Grant every turn that is due; the time to ask again, None when nobody waits."""
        while True:
            found = self._choose(now)
            if not isinstance(found, Turn):
                return found
            if now < self._next:
                return self._next
            for waiting in self._waiting.values():
                waiting.pop(found, None)
            self._take(found.chat, now)
            found.end(granted=True)

    def has_spare(self, chat: str, now: float) -> bool:
        """Whether a turn is free at once, that nobody waits for, and that leaves a group SPARE messages."""
        return now >= self._next and self._ready(chat, SPARE) <= now and not isinstance(self._choose(now), Turn)

    def take_spare(self, chat: str, now: float) -> bool:
        """Take it, if it is there."""
        if not self.has_spare(chat, now):
            return False
        self._take(chat, now)
        return True

    def rest_until(self, until: float) -> None:
        """Grant no turn before that."""
        self._next = max(self._next, until)

    def dismiss(self) -> None:
        """Let everybody go without a turn."""
        for waiting in self._waiting.values():
            for turn in waiting:
                turn.end(granted=False)
            waiting.clear()

    def _choose(self, now: float) -> Turn | float | None:
        """The most urgent and then oldest message whose chat is ready, else the time when a chat is, if any waits."""
        soonest: float | None = None
        for turn in itertools.chain.from_iterable(self._waiting.values()):
            ready = self._ready(turn.chat)
            if ready <= now:
                return turn
            soonest = ready if soonest is None else min(soonest, ready)
        return soonest

    def _ready(self, chat: str, spare: int = 0) -> float:
        known = self._chats.get(chat)
        return known.ready(spare) if known else -math.inf

    def _take(self, chat: str, now: float) -> None:
        self._next = max(self._next, now - LATE_SECONDS) + self._gap
        known = self._chats.pop(chat, None) or _Chat()
        known.take(now, group=chat.startswith("-"))
        self._chats[chat] = known
        for idle in list(itertools.islice(self._chats, 2)):  # two for one: what is kept does not grow
            if self._chats[idle].used + GROUP_SECONDS < now:
                del self._chats[idle]


class Pacer:
    """At most `rate` messages a second over all chats, evenly (0: no pace at all); safe to use from many threads.

    One of the waiting threads is on watch: it looks at the clock for all, and hands the watch on when it goes.
    """

    def __init__(self, rate: int, leaving: threading.Event, clock: Callable[[], float] = time.monotonic) -> None:
        self._turns = Turns(rate) if rate else None
        self._gap = WIDER / rate if rate else 0.0
        self.shared: SharedPace | None = None  # with other processes
        self._leaving, self._clock = leaving, clock
        self._lock = threading.Lock()
        self._watch: Turn | None = None
        self._due = math.inf  # when the watch looks next

    def wait(self, chat: str, urgency: Urgency) -> None:
        """Return when a message may be sent to this chat; `Leaving` when it would have to wait and the bot leaves."""
        if self._turns is None:
            return
        turn = Turn(chat)
        with self._lock:
            self._turns.join(turn, urgency)
            pause = self._look(self._turns, turn)
        while turn.granted is None:
            turn.told.wait(pause)
            with self._lock:
                turn.told.clear()
                pause = self._look(self._turns, turn)
        if not turn.granted:
            raise Leaving("the bot leaves")
        if self.shared:
            self._share(self._turns, self.shared.turn(self._gap))

    def _share(self, turns: Turns, seconds: float) -> None:
        """Wait until it is our turn among all processes; here nobody takes another before that is over."""
        with self._lock:
            turns.rest_until(self._clock() + seconds)
        time.sleep(seconds)

    def take_spare(self, chat: str) -> bool:
        """Whether a message that nobody would miss may be sent at once; it is counted if so."""
        if self._turns is None:
            return True
        if self.shared:  # asked before anything is counted here: what others leave no room for costs the chat nothing
            with self._lock:
                free = self._turns.has_spare(chat, self._clock())
            if not free or not self.shared.take_spare(self._gap):
                return False
        with self._lock:
            return self._turns.take_spare(chat, self._clock())

    def _look(self, turns: Turns, mine: Turn) -> float | None:
        """Hand out what is due; how many seconds this thread may sleep, None: until it is told."""
        now = self._clock()
        due = turns.hand_out(now)
        if due is not None and self._leaving.is_set():
            turns.dismiss()
        if self._watch is None or self._watch.granted is not None:
            self._watch = mine if mine.granted is None else turns.anyone()
            if self._watch not in (mine, None):
                self._watch.told.set()
        if due is None or self._watch is None:
            return None
        if self._watch is mine:
            self._due = min(due, now + LOOK_SECONDS)
            return self._due - now
        if due < self._due:
            self._watch.told.set()
        return None
