"""What a handler is given: one request, already read and admitted, and the tools to serve it."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from alerts import Alerts
from bot_commands.pieces import Pieces
from config import Config
from delivery import Answers
from engine.state import Pending
from formatting import split
from incoming import Incoming
from incoming import Person as Writer
from lanes import Job, LaneFullError, Lanes
from moment import Moment
from originals import Originals
from presets import Presets
from records import Topic, User
from services.catalogue import Catalogue
from services.images import Painter
from services.listener import Listener
from services.models import Models
from services.prices import Prices
from storage import Store
from tally import End, Tally
from telegram_io import Place, Rows, Telegram
from texts import Language, say

Keyboard = Sequence[Sequence[str]] | None


class UserError(Exception):
    """Something a person can put right; said in their language: a key of texts.TEXTS and its blanks."""

    def __init__(self, key: str, *, rows: Rows = (), **blanks: object) -> None:
        super().__init__(key)
        self.key, self.rows, self.blanks = key, rows, blanks


@dataclass(frozen=True)
class Tools:
    """The parts of the bot that handlers use."""

    config: Config
    store: Store
    telegram: Telegram
    models: Models
    listener: Listener
    prices: Prices
    catalogue: Catalogue
    presets: Presets
    lanes: Lanes  # long work, in order inside each chat
    answers: Answers
    alerts: Alerts
    moment: Moment
    tally: Tally
    leave: Callable[[], None]  # begin to stop the bot
    leaving: threading.Event  # set when it begins to stop: long work that can go on later is parked at once
    painter: Painter
    originals: Originals
    pieces: Pieces = field(default_factory=Pieces)  # questions that are still coming in


@dataclass(frozen=True)
class Reply:
    """What a handler says: literal text with buttons, or with keys in place of the phone's; no keys take these away."""

    text: str
    rows: Rows = ()
    keyboard: Keyboard = None


@dataclass(frozen=True)
class Request:
    """One message or pressed button of a person who may ask for it; `user` is None for a stranger."""

    incoming: Incoming
    writer: Writer
    user: User | None
    language: Language
    argument: str
    tools: Tools
    keyboard: Keyboard = None  # to be sent along with an answer

    def say(self, key: str, **blanks: object) -> str:
        """A sentence in the writer's language."""
        return say(self.language, key, **blanks)

    @property
    def registered(self) -> User:
        """The user; the gate lets nobody else reach a handler that asks."""
        if self.user is None:
            raise LookupError("a handler for users was reached by a stranger")
        return self.user

    @property
    def topic(self) -> Topic:
        """Where this belongs: under its group's new id, if that has become a supergroup meanwhile."""
        return self.tools.store.now_at(Topic(self.incoming.chat_id, self.incoming.thread))

    @property
    def update_id(self) -> int:
        return self.incoming.update_id

    def once(self, key: str, send: Callable[[bool], int]) -> int:
        """Send what `key` names, once for this update; `send` is told whether it may be there already."""
        return self.tools.store.inbox.once(self.update_id, key, send)

    def sent(self, key: str) -> int:
        """The message that `key` names, as far as is known: 0 while it may not be there."""
        return self.tools.store.inbox.sends(self.update_id).get(key, 0)

    def post(self, key: str, place: Place, text: str, rows: Rows = (), keyboard: Keyboard = None) -> int:
        """Send literal words once; marked when a crash left open whether they had arrived.

        What does not fit into one message, such as a long prompt with a sentence about it, goes out as several; the
        buttons and the id are the last one's.
        """
        *before, last = [part.text for part in split(text, ())] or [text]

        def send(again: bool, words: str, rows: Rows = (), keyboard: Keyboard = None) -> int:
            marked = f"{words}\n\n{self.say('maybe_again')}" if again else words
            fits = len(split(marked, ())) == 1
            return self.tools.telegram.send(place, marked if fits else words, rows=rows, keyboard=keyboard)

        for number, words in enumerate(before):
            self.once(f"{key} {number}", partial(send, words=words))
        return self.once(key, partial(send, words=last, rows=rows, keyboard=keyboard))

    def ends(self, end: End, why: str = "", model: str = "") -> None:
        """Say for the log how this update ends, unless all is well."""
        self.tools.tally.ends(self.update_id, end, why, model)

    def later(self, lane_id: int, job: Job, limit: int | None = None) -> None:
        """Put a guarded job of this request into a lane of long work; raises LaneFullError at `limit` waiting ones.

        It is not done when its update was set aside or erased before its turn came, or claimed anew: nothing would make
        it happen once.
        """
        inbox, tally = self.tools.store.inbox, self.tools.tally
        pending = inbox.pending(self.update_id)
        inbox.hold(self.update_id)
        tally.hold(self.update_id)
        try:
            self.tools.lanes.put(lane_id, partial(self._do, job, pending), limit)
        except LaneFullError:
            inbox.let_go(self.update_id)
            tally.let_go(self.update_id)
            raise

    def _do(self, job: Job, pending: Pending | None) -> None:
        inbox = self.tools.store.inbox
        with inbox.serving(self.update_id):
            if pending is not None and inbox.pending(self.update_id) is pending:
                job()
                return
        self.tools.tally.drop(self.update_id)  # set aside, erased or overtaken

    @property
    def place(self) -> Place:
        """Where answers go: in groups as a reply to the message."""
        reply_to = 0 if self.incoming.private else self.incoming.message_id
        return Place(self.incoming.chat_id, self.incoming.thread, reply_to)
