"""The values that storage speaks in: people, wallets, conversations, turns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

Wallet = Literal["balance", "premium_balance", "image_balance"]
WALLETS: tuple[Wallet, ...] = ("balance", "premium_balance", "image_balance")
COUNTERS = ("requests", "tokens", "premium_tokens", "images", "whisper_seconds")
AppealKind = Literal["favor", "feedback"]
ADMIN_GIFT: dict[Wallet, int] = {"balance": 777_777, "premium_balance": 77_777, "image_balance": 777}


class Person(NamedTuple):
    """Who is registered: name as shown, username without @ or None, language to begin with."""

    id: int
    name: str
    username: str | None
    language: str


@dataclass(frozen=True, slots=True)
class User:
    """A registered user at this moment; balances in tokens (image_balance in pictures), reservations not deducted."""

    id: int
    name: str
    username: str | None
    language: str
    balance: int
    premium_balance: int
    image_balance: int
    requests: int
    tokens: int
    premium_tokens: int
    images: int
    whisper_seconds: int
    last_request: str
    banned: bool
    is_admin: bool
    referrer: int | None


class Topic(NamedTuple):
    """Where words are remembered: a chat, and in it a topic (0: none)."""

    chat_id: int
    thread: int = 0

    @property
    def key(self) -> str:
        return f"{self.chat_id}/{self.thread}" if self.thread else str(self.chat_id)


class Size(NamedTuple):
    """How much of a dialogue is remembered."""

    topic: Topic
    messages: int
    characters: int


@dataclass(frozen=True, slots=True)
class Conversation:
    """How one chat is answered; `memory` is the size of the history in characters, 0 for none."""

    topic: Topic
    prompt: str | None
    premium: bool
    memory: int
    ordinary_model: str | None = None  # last chosen by name, None: the owner's choice
    premium_model: str | None = None
    web: bool = False  # whether models that can search the web do so
    began: str = ""  # when its history began, YYYY-MM-DD HH:MM:SS; "" without one
    full: bool = False  # whether its person was warned that the model will not take much more of it


class Attachment(NamedTuple):
    """A file that a question was about, as Telegram gives it out; the fields are those of `incoming.File`."""

    file_id: str
    kind: str
    size: int = 0
    name: str = ""
    mime_type: str = ""


Attachments = tuple[Attachment, ...]


def packed(attachments: Attachments) -> dict[str, Any] | None:
    """As they stand in data.json: the fields of the first one, those of the others under `more`; None for none."""
    if not attachments:
        return None
    first, *more = (each._asdict() for each in attachments)
    return first | ({"more": more} if more else {})


def unpacked(kept: Mapping[str, Any] | None) -> Attachments:
    """What `packed` has made, whatever else stands beside it."""
    every = [kept, *kept.get("more", ())] if kept else []
    return tuple(Attachment(**{name: each[name] for name in Attachment._fields}) for each in every)


class Chain(NamedTuple):
    """What a provider keeps of a topic: its answers in order, and a fingerprint of the messages they stand for."""

    provider: str  # its address and the variable of its key
    model: str
    responses: list[str]  # ids there; each answer goes on from the one before
    messages: int
    fingerprint: str


class Kept(NamedTuple):
    """An answer that its provider keeps; `after` is the id of the one it goes on from, "" where a chain begins."""

    provider: str
    model: str
    response: str
    after: str
    messages: int  # that a question after it need not repeat
    fingerprint: str  # of these messages

    def chain(self, responses: list[str]) -> Chain:
        """The chain that ends with it."""
        return Chain(self.provider, self.model, responses, self.messages, self.fingerprint)


class Left(NamedTuple):
    """An answer, or a file, that is to be deleted at its provider, since a day (YYYY-MM-DD)."""

    id: str
    provider: str
    since: str
    is_file: bool = False


class Upload(NamedTuple):
    """A file that a provider keeps for a day, by its id there; `tokens` of a model that reads it, an upper estimate."""

    id: str
    provider: str
    author: int
    tokens: int


class Shown(NamedTuple):
    """What goes along with so many questions more; `place` is its own question's in the history, -1 for nowhere."""

    attachments: Attachments
    place: int
    turns: int
    tokens: int  # of a question that they go along with, about


class Turn(NamedTuple):
    """One question and its answer, kept and dropped together."""

    question: str
    answer: str
    author: int = 0  # whose turn it was, in a history that many share
    attachments: Attachments = ()
    lost: bool = False  # whether the files of an earlier turn could not go along: they will not be tried again
    full: bool = False  # whether with it the dialogue nearly fills what its model takes, and that was said
    kept: Kept | None = None  # by a provider
    asked_in: int = 0  # id of the question's message; asked again, the turn takes its own place
    attached: int = 0  # tokens of its files, about


class Told(NamedTuple):
    """A turn that its messages are known by; `replied` is the message that its question replied to, 0 for none."""

    topic: Topic
    question: str
    answer: str
    author: int
    replied: int = 0
    attachments: Attachments = ()

    @property
    def characters(self) -> int:
        return len(self.question) + len(self.answer)


class PastQuestion(NamedTuple):
    """A question that was answered, or failed, as a button under it needs it to ask once more.

    `attachment` is as `packed` makes it, `replied` has the fields of incoming.Replied, `edited` those of this tuple
    that are different since the question was edited.
    """

    number: int  # of the update that was answered: its buttons name it
    asked_by: int
    asked_in: int  # id of the question's message
    text: str
    premium: bool | None = None
    attachment: Mapping[str, Any] | None = None
    replied: Mapping[str, Any] | None = None
    answer_cut: str = ""  # the answer so far, when it reached the longest length allowed
    failed: bool = False
    pressed: bool = False
    edited: Mapping[str, Any] | None = None
    own: int = 0  # characters of `text` from this message, where others went on with the question; 0: all


@dataclass(frozen=True, slots=True)
class Bill:
    """What a paid step used, as the provider counted it or as we estimated it."""

    model: str
    tokens_in: int = 0
    tokens_out: int = 0
    tokens_cached: int = 0
    tokens_reasoning: int = 0
    seconds: float = 0.0  # listened to
    pictures: int = 0  # drawn
    usd: float | None = None  # None: unknown price
    estimated: bool = False
    price: int | None = None  # what the wallet pays; None: the tokens, one for one
    looked: bool = False  # whether a picture was looked at
    took: float = 0.0  # seconds from the question's turn to its answer, for the owner's eyes

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out

    @property
    def amount(self) -> int:
        """What the wallet pays, in its own unit."""
        return self.tokens if self.price is None else self.price


class Usage(NamedTuple):
    """What paid calls used together; `usd` is what is known of their price, `unpriced` how many have none."""

    calls: int = 0
    tokens: int = 0  # in and out
    seconds: float = 0.0  # listened to
    pictures: int = 0  # drawn
    usd: float = 0.0
    unpriced: int = 0


class Spent(NamedTuple):
    """A paid step that is on the disk; `chat_id` is 0 where nobody said which chat it was for."""

    update_id: int
    user_id: int
    chat_id: int
    reason: Literal["answer", "voice", "picture"]
    wallet: Wallet
    bill: Bill
    remembers: bool = False  # whether the dialogue went along


class Step(NamedTuple):
    """A question of the bot that the next message of a person answers: which, where, and what is known so far."""

    name: str
    chat_id: int
    thread: int
    until: int  # unix time; later the question is forgotten
    known: Mapping[str, Any] = MappingProxyType({})  # as JSON


class Target(NamedTuple):
    """Whom an announcement is for: these chats, or without any those with so many requests and tokens."""

    requests: int = 0
    balance: int = 0
    chats: Sequence[int] = ()


class Announcement(NamedTuple):
    """An announcement that was sent off: its preview in the admin's chat, and who gets it."""

    message_id: int
    receivers: Sequence[int]


class Delivery(NamedTuple):
    """An answer that is paid and still has to reach its chat; `broken`: it was cut, and may be asked for again."""

    text: str
    note: str = ""
    broken: bool = False
    lead: str = ""  # Markdown before it, which is not the model's


class Purchase(NamedTuple):
    """A payment in Telegram Stars, kept for ever under its telegram_payment_charge_id; `time` is ISO 8601.

    `user` is an id, or what is left of one without a record. `amount` was credited, 0: nothing was, it fits no order.
    `taken` of it was taken back with the refund.
    """

    charge: str
    user: int | str
    time: str
    stars: int
    wallet: Wallet
    amount: int
    refunded: bool
    taken: int


class Appeal(NamedTuple):
    """What somebody wants of the admins: a favour (Yes, No) or to be heard (Reward); the first press decides.

    `messages` are the notices by admin, `decided_by` the admin who pressed, 0 as long as nobody has.
    """

    user_id: int
    key: str
    kind: AppealKind
    messages: dict[int, int]
    decided_by: int
    granted: int  # tokens


class Registration(NamedTuple):
    """What `/start` did: whether the user is new, and who invited them if that was rewarded."""

    is_new: bool
    newcomer_bonus: int = 0
    referrer: int | None = None  # who got the bonus too; None when the daily limit was reached


@dataclass(frozen=True, slots=True)
class Rules:
    """What newcomers get; tokens, pictures, characters."""

    gifts: dict[Wallet, int]
    referral_bonus: int
    referral_daily_limit: int
    default_context: int
    admins: tuple[int, ...]
    charging: bool
    zone: tzinfo
    budget: float = 0.0  # USD a day for everybody together; 0: no bound


class Reservation(NamedTuple):
    """Set aside before a paid step; `amount` is what the wallet could give of what was asked for, `usd` its price."""

    number: int
    user_id: int
    wallet: Wallet
    amount: int
    usd: float = 0.0  # the most it may cost the owner, 0 when that is unknown
