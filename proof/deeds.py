"""What is done to a store in the storage rows, and, worked out in a few lines beside it, what must come of it."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Any, NamedTuple

from engine.postgres.engine import PostgresEngine
from engine.postgres.inbox import SharedInbox
from engine.postgres.schema import Connection
from engine.postgres.taking import take
from records import Bill, Delivery, Person, Rules, Topic, Turn
from storage import Store

OWNER = 1
GIFT, BONUS = 30_000, 20_000  # tokens
LETTERS = 100  # of every question and every answer
MEMORY = 1000  # characters: five whole turns
REMEMBERED = MEMORY // LETTERS  # messages

RULES = Rules(
    gifts={"balance": GIFT, "premium_balance": 0, "image_balance": 0},
    referral_bonus=BONUS,
    referral_daily_limit=1_000_000,
    default_context=MEMORY,
    admins=(OWNER,),
    charging=True,
    zone=UTC,
)

Json = dict[str, Any]


class Deed(NamedTuple):
    """Something done to a user; `number` is what it takes: tokens, another user's id; `update` the one it serves."""

    kind: str
    user: int
    number: int = 0
    update: int = 0

    @property
    def words(self) -> str:
        """What a person said, or wishes of the model; found nowhere else."""
        return f"words {self.user} {self.number} {self.update} ".ljust(LETTERS, "~")


def update(deed: Deed) -> Json:
    """A message of the deed's user, as Telegram brings it."""
    person = {"id": deed.user, "first_name": f"User {deed.user}", "is_bot": False}
    message = {"message_id": 1, "date": 1, "chat": {"id": deed.user, "type": "private"}, "from": person}
    return {"update_id": deed.update, "message": message | {"text": deed.words}}


def perform(store: Store, deed: Deed) -> None:
    """Do it; when this returns it is on the disk."""
    match deed.kind:
        case "register":
            person = Person(deed.user, f"User {deed.user}", f"name_{deed.user}", "en")
            store.register(person, deed.number or None, deed.update)
        case "refill":
            store.refill(deed.user, "balance", deed.number, deed.update)
        case "answer":
            _answer(store, deed)
        case "forget":
            store.forget(Topic(deed.user), deed.update)
        case "prompt":
            store.set_prompt(deed.user, deed.words)
        case "ban":
            store.ban(deed.user, bool(deed.number), deed.update)
        case "erase":
            store.erase(deed.user, deed.update)
        case "accept":
            store.inbox.accept([update(deed)])
            _serve(store, deed)
        case "done":
            store.inbox.done(deed.update)


def _serve(store: Store, deed: Deed) -> None:
    """With PostgreSQL make the open updates of a chat ours, whose lock nobody else wants."""
    engine, inbox = store.engine, store.inbox
    if isinstance(engine, PostgresEngine) and isinstance(inbox, SharedInbox):
        engine.database.insisted(lambda connection: _take(engine, inbox, connection, deed.user))
        if inbox.pending(deed.update) is None:
            raise LookupError(f"update {deed.update} is nobody's")


def _take(engine: PostgresEngine, inbox: SharedInbox, connection: Connection, chat: int) -> None:
    """As `Claims` does: what was taken in a statement whose answer never came is taken once more."""
    unknown = "UPDATE inbox SET worker = NULL WHERE chat = %s AND worker = %s AND update_id <> ALL(%s)"
    connection.execute(unknown, (chat, engine.worker, list(engine.mine)))
    take(engine, inbox, connection, [chat])


def _answer(store: Store, deed: Deed) -> None:
    reservation = store.reserve(deed.user, "balance", deed.number)
    try:
        bill = Bill("gpt-6-luna", deed.number // 2, deed.number - deed.number // 2)
        turn = Turn(deed.words, deed.words[::-1], deed.user)
        store.settle(
            reservation, bill, store.conversation(Topic(deed.user)), turn, Delivery(deed.words[::-1]), deed.update
        )
    finally:
        store.release(reservation)


@dataclass(frozen=True)
class Held:
    """One user as the store must know them."""

    balance: int
    requests: int = 0
    tokens: int = 0
    banned: bool = False
    prompt: str | None = None
    history: tuple[str, ...] = ()


@dataclass
class Expected:
    """Some users and their updates, as the deeds so far must have left them."""

    users: dict[int, Held] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)  # were here once
    pending: dict[int, int] = field(default_factory=dict)  # whose update waits
    tokens: int = 0  # counted in all, also of those who are gone

    def after(self, deeds: Iterable[Deed]) -> "Expected":
        """The same after more deeds."""
        new = Expected(dict(self.users), set(self.gone), dict(self.pending), self.tokens)
        for deed in deeds:
            new._apply(deed)
        return new

    def _apply(self, deed: Deed) -> None:
        if deed.kind == "register":
            self._register(deed)
        elif deed.kind == "erase":
            del self.users[deed.user]
            self.gone.add(deed.user)
            self.pending = {number: user for number, user in self.pending.items() if user != deed.user}
        elif deed.kind == "accept":
            self.pending[deed.update] = deed.user
        elif deed.kind == "done":
            self.pending.pop(deed.update, None)
        else:
            self.users[deed.user] = _changed(self.users[deed.user], deed)
            self.tokens += deed.number if deed.kind == "answer" else 0

    def _register(self, deed: Deed) -> None:
        returns = deed.user in self.gone
        self.users[deed.user] = Held(0 if returns else GIFT)
        friend = self.users.get(deed.number)
        if friend and not friend.banned and not returns:
            for each in {deed.user, deed.number} - self.gone:  # who came back today earns nothing by others
                self.users[each] = replace(self.users[each], balance=self.users[each].balance + BONUS)


def _changed(held: Held, deed: Deed) -> Held:
    match deed.kind:
        case "refill":
            return replace(held, balance=max(0, held.balance + deed.number))
        case "answer":
            said = (*held.history, deed.words, deed.words[::-1])[-REMEMBERED:]
            left = max(0, held.balance - deed.number)
            return replace(
                held, balance=left, requests=held.requests + 1, tokens=held.tokens + deed.number, history=said
            )
        case "forget":
            return replace(held, history=())
        case "prompt":
            return replace(held, prompt=deed.words)
        case "ban":
            return replace(held, banned=bool(deed.number))
    raise ValueError(deed.kind)


def found(store: Store, users: Iterable[int]) -> dict[int, Held]:
    """Those of the users that a store knows, as it knows them."""
    return {user: held for user in users if (held := _found(store, user))}


def _found(store: Store, user_id: int) -> Held | None:
    user = store.user(user_id)
    if user is None:
        return None
    said = tuple(each["content"] for each in store.history(Topic(user_id)))
    prompt = store.conversation(Topic(user_id)).prompt
    return Held(user.balance, user.requests, user.tokens, user.banned, prompt, said)


def by_chance(
    dice: random.Random, users: range, known: set[int], first_update: int, erasing: int = 4
) -> Iterator[Deed]:
    """Deeds without end to these users, of whom some are `known` already; updates are numbered from the first on.

    So many of about a hundred are deletions.
    """
    number = first_update
    while True:
        user = dice.choice(users)
        if user not in known:
            friends = sorted(known)
            yield Deed("register", user, dice.choice(friends) if friends and dice.random() < 0.5 else 0)
            known.add(user)
            continue
        kind = dice.choices(("refill", "answer", "forget", "prompt", "ban", "erase"), (30, 40, 6, 12, 6, erasing))[0]
        amount = {"refill": dice.randrange(-9_000, 12_000), "ban": dice.randrange(2)}.get(kind, dice.randrange(1, 9000))
        number += 1
        deed = Deed(kind, user, amount, number)
        if kind == "erase":
            known.discard(user)
        yield Deed("accept", user, amount, number)
        yield deed
        if dice.random() < 0.9:  # else it waits for ever
            yield Deed("done", user, amount, number)
