"""The same deeds, drawn at random, done on a file and on a database: each gives the same and leaves the same."""

import json
import os
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, tzinfo
from itertools import zip_longest
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import accounts.dialogues
import accounts.figures
import accounts.kept
import accounts.people
import accounts.purchases
import accounts.wallets
from accounts.wallets import BudgetError
from config import Package
from engine.postgres.engine import PostgresEngine
from records import Attachment, Bill, Delivery, Kept, PastQuestion, Person, Reservation, Step, Target, Topic, Turn
from records import Upload as Upload_
from storage import StorageError, Store
from tests import places
from tests.test_storage import rules

PEOPLE = (101, 102, 10)
GROUPS = (-5, -6, -50)
WALLETS = ("balance", "premium_balance", "image_balance")
TEXTS = (
    "hello",
    "",
    'quotes " and \\ and \\u0000 and %s %(a)s',
    "Привет, 👋",
    "x" * 700,
    "\u2028 \x01 \x7f",
    "100_% 'or'",
)
BIG: tuple[Any, ...] = (2**64 - 1, -(2**63), 1e300, 0.1 + 0.2, [1, {"a": None}], "", {"deep": {"er": [[]]}}, True)
SEEDS, DEEDS = int(os.environ.get("SEEDS", "2")), 120  # thirty lives take some minutes
RULES = rules(default_context=2_000, budget=300.0, admins=(1,))
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Clock(datetime):
    """Stands still."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return NOW.astimezone(tz)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (accounts.dialogues, accounts.figures, accounts.kept, accounts.wallets):
        monkeypatch.setattr(module, "datetime", Clock)
    for each in (accounts.people, accounts.kept):
        monkeypatch.setattr(each, "time", SimpleNamespace(time=lambda: NOW.timestamp()))
    monkeypatch.setattr("accounts.chats.time", SimpleNamespace(time=lambda: NOW.timestamp()))
    monkeypatch.setattr("storage.secrets", SimpleNamespace(token_hex=lambda size: "5a" * size))


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[places.Place, places.Place]]:
    with places.place("file", tmp_path) as file, places.place("postgres", tmp_path) as database:
        yield file, database


class Life:
    """Random deeds on two stores, the same on each."""

    def __init__(self, seed: int, stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch) -> None:
        self.random, self.stores = random.Random(seed), stores
        self.held: list[tuple[Reservation, Reservation]] = []
        self.updates = 0
        self.charges = [f"charge_{number}%" for number in range(6)]
        self.keys: list[tuple[int, str]] = []  # of appeals
        monkeypatch.setattr("accounts.appeals.secrets", SimpleNamespace(token_hex=lambda size: f"{self.step:08x}"))
        self.step = 0
        self.deeds: list[Callable[[], Any]] = [getattr(self, name) for name in dir(self) if name.startswith("do_")]

    def one(self) -> str:
        """Do something and return what it was."""
        self.step += 1
        deed = self.random.choice(self.deeds)
        return f"{deed.__name__}: {deed()}"

    def both(self, deed: Callable[[Store], Any]) -> Any:
        """What a deed gave on both, which must be the same."""
        ours, theirs = (self._outcome(deed, store) for store in self.stores)
        assert ours == theirs
        return ours

    def _outcome(self, deed: Callable[[Store], Any], store: Store) -> Any:
        try:
            return deed(store)
        except (StorageError, BudgetError, LookupError) as error:
            return type(error)

    def update(self) -> int:
        """A new update that both serve, or none."""
        if self.random.random() < 0.4:
            return 0
        self.updates += 1
        user = self.person()
        message = {"message_id": self.updates, "chat": {"id": self.chat()}, "from": {"id": user}, "text": self.text()}
        for store in self.stores:
            places.accept(store, [{"update_id": self.updates, "message": message}])
        return self.updates

    def twice(self, deed: Callable[[Store, int], Any]) -> Any:
        """Do it for an update, perhaps once more as after a crash, and let the update go."""
        update_id = self.update()
        gives = self.both(lambda store: deed(store, update_id))
        if update_id and self.random.random() < 0.3:
            assert self.both(lambda store: deed(store, update_id)) == gives
        if update_id and self.random.random() < 0.7:
            self.both(lambda store: store.inbox.done(update_id))
        return gives

    # -- what to do it with

    def person(self) -> int:
        return self.random.choice(PEOPLE)

    def chat(self) -> int:
        return self.random.choice((*PEOPLE, *GROUPS, -5, -5))

    def topic(self) -> Topic:
        return Topic(self.chat(), self.random.choice((0, 0, 7, 70)))

    def text(self) -> str:
        return self.random.choice(TEXTS)

    def wallet(self) -> Any:
        return self.random.choice(WALLETS)

    def whole(self) -> Person:
        user = self.person()
        return Person(user, self.text(), self.random.choice((None, "Alice_%", f"u{user}")), "en")

    def bill(self) -> Bill:
        tokens, usd = self.random.randrange(9_000), self.random.choice((None, 0.1, 0.000123456, 1.7))
        model, seconds = self.random.choice(("luna", "terra", "a%_b")), self.random.choice((0.0, 6.25))
        return Bill(model, tokens, tokens // 3, seconds=seconds, pictures=self.random.choice((0, 1)), usd=usd)

    def files(self) -> tuple[Attachment, ...]:
        return tuple(Attachment(f"file{number}", "photo") for number in range(self.random.choice((0, 0, 1, 2))))

    def turn(self) -> Turn | None:
        kept = Kept("p", "m", f"r{self.step}", self.random.choice(("", f"r{self.step - 1}")), 2, "f")
        return self.random.choice(
            (None, Turn(self.text(), self.text(), self.person(), self.files(), asked_in=self.random.randrange(SEEDS)))
        ) or Turn("q", "a", self.person(), full=True, kept=kept)

    def past(self, number: int) -> PastQuestion:
        return PastQuestion(number, self.person(), self.random.randrange(5), self.text(), own=0)

    # -- deeds

    def do_register(self) -> Any:
        person, referrer = self.whole(), self.random.choice((None, self.person(), 999))
        return self.twice(lambda store, update: store.register(person, referrer, update))

    do_register_2 = do_register_3 = do_register

    def do_refresh(self) -> Any:
        person = self.whole()
        return self.both(lambda store: store.refresh(person))

    def do_refill(self) -> Any:
        user, wallet, amount = self.person(), self.wallet(), self.random.choice((5, 40_000, -7_000, 0, 10**15))
        return self.twice(lambda store, update: store.refill(user, wallet, amount, update))

    def do_reserve(self) -> Any:
        user, wallet, amount = self.person(), self.wallet(), self.random.randrange(20_000)
        usd = self.random.choice((None, 0.5))
        found = [self._outcome(lambda store: store.reserve(user, wallet, amount, usd), each) for each in self.stores]
        if isinstance(found[0], Reservation) and isinstance(found[1], Reservation):
            self.held.append((found[0], found[1]))
            return self.same([each._replace(number=0) for each in found])
        return self.same(found)

    def same(self, found: list[Any]) -> Any:
        assert found[0] == found[1]
        return found[0]

    def taken(self) -> dict[Store, Reservation]:
        pair = self.held.pop(self.random.randrange(len(self.held)))
        return dict(zip(self.stores, pair, strict=True))

    def do_settle(self) -> Any:
        if not self.held or self.random.random() < 0.8:
            self.do_reserve()
        if not self.held:
            return None
        held, bill, topic, turn = self.taken(), self.bill(), self.topic(), self.turn()
        past = self.past(self.step) if self.random.random() < 0.5 else None
        return self.twice(
            lambda store, update: store.settle(
                held[store], bill, store.conversation(topic), turn, Delivery("said"), update, past
            )
        )

    do_settle_2 = do_settle_3 = do_settle_4 = do_settle_5 = do_settle_6 = do_settle

    def do_charge(self) -> Any:
        if not self.held:
            return None
        held, bill, reason = self.taken(), self.bill(), self.random.choice(("voice", "picture"))
        gives = self.random.choice((None, [1, "x"]))
        return self.twice(lambda store, update: store.charge(held[store], bill, reason, update, gives))

    def do_write_off(self) -> Any:
        if not self.held:
            return None
        held, bill = self.taken(), self.bill()
        return self.twice(lambda store, update: store.write_off(held[store], bill, update))

    def do_release(self) -> Any:
        if not self.held:
            return None
        held = self.taken()
        return self.both(lambda store: store.release(held[store]))

    def do_count_request(self) -> Any:
        user = self.person()
        return self.twice(lambda store, update: store.count_request(user, update))

    def do_buy(self) -> Any:
        user, charge = self.person(), self.random.choice(self.charges)
        package = Package(self.random.choice((50, 100)), 500, self.wallet())
        return self.twice(lambda store, update: store.buy(charge, user, package, update))

    def do_keep_unassigned(self) -> Any:
        user, charge = self.person(), self.random.choice(self.charges)
        return self.twice(lambda store, update: store.keep_unassigned(charge, user, 50, update))

    def do_keep_missing(self) -> Any:
        user, charge = self.person(), self.random.choice(self.charges)
        return self.both(lambda store: store.keep_missing(charge, user, 50))

    def do_take_back(self) -> Any:
        user, charge = self.person(), self.random.choice(self.charges)
        return self.twice(lambda store, update: store.take_back(charge, user, 50, update))

    def do_forget(self) -> Any:
        topic = self.topic()
        return self.twice(lambda store, update: store.forget(topic, update))

    def do_forget_chat(self) -> Any:
        chat = self.chat()
        return self.twice(lambda store, update: store.forget_chat(chat, update))

    def do_move_chat(self) -> Any:
        old, new = self.random.sample(GROUPS, 2)
        return self.both(lambda store: store.move_chat(old, new))

    def do_erase(self) -> Any:
        user = self.person()
        return self.twice(lambda store, update: store.erase(user, update))

    def do_ban(self) -> Any:
        user, banned = self.person(), self.random.random() < 0.5
        return self.twice(lambda store, update: store.ban(user, banned, update))

    def do_turn_away(self) -> Any:
        user, why = self.person(), self.random.choice(("banned", "stranger"))
        return self.twice(lambda store, update: store.turn_away(user, why, update))

    def do_tidy(self) -> Any:
        return self.both(lambda store: store.tidy())

    def do_phone(self) -> Any:
        user, phone = self.person(), self.random.choice(("v1 en", "v2 ru"))
        return self.twice(lambda store, update: store.set_phone(user, phone, update))

    def do_open_appeal(self) -> Any:
        user = self.person()
        favor = self.random.random() < 0.5
        gives = self.twice(
            lambda store, update: store.open_favor(user, 10**9, update) if favor else store.open_feedback(user, update)
        )
        if isinstance(gives, str) and gives:
            self.keys.append((user, gives))
        return gives

    def do_notice(self) -> Any:
        user, key = self.random.choice(self.keys or [(101, "none")])
        messages = self.random.choice(({}, {1: self.step}, {1: self.step, 2: 5}))
        self.both(lambda store: store.appeal_at(1, self.step - 1))
        return self.both(lambda store: store.set_notices(user, key, messages))

    def do_decide(self) -> Any:
        user, key = self.random.choice(self.keys or [(101, "none")])
        grant = self.random.choice((0, 500))
        return self.twice(lambda store, update: store.decide(user, key, grant, 1, update))

    def do_question(self) -> Any:
        topic, past = self.topic(), self.past(self.update())._replace(failed=True)
        return self.both(lambda store: store.keep_failed(topic, past))

    def do_take_question(self) -> Any:
        topic, number = self.topic(), self.random.randrange(self.step + 1)
        return self.twice(lambda store, update: store.take_question(topic, number, update))

    def do_edit_question(self) -> Any:
        topic, user, message, text = self.topic(), self.person(), self.random.randrange(self.updates + 2), self.text()
        return self.both(lambda store: store.edit_question(topic, user, message, {"text": text}))

    def do_buttons(self) -> Any:
        topic, number = self.topic(), self.random.randrange(self.step + 1)
        return self.both(lambda store: store.set_buttons(topic, number, self.step))

    def do_upload(self) -> Any:
        topic, update, author = self.topic(), self.update(), self.person()
        new = Upload_(f"up{self.step}", "p", author, 9)
        file_id = self.random.choice(("file0", "file1"))
        return self.both(lambda store: store.keep_upload(topic, file_id, new, update))

    def do_lose_uploads(self) -> Any:
        topic = self.topic()
        return self.both(lambda store: store.lose_uploads(topic))

    def do_leave(self) -> Any:
        if self.random.random() < 0.5:
            return self.both(lambda store: store.leave("p", [f"r{self.step}", "r_%"]))
        left = self.both(lambda store: store.left())
        gone = [each.id for each in left[:1]]
        return self.both(lambda store: store.deleted(gone))

    def do_language(self) -> Any:
        chat, language = self.chat(), self.random.choice(("en", "ru"))
        return self.both(lambda store: store.set_language(chat, language))

    def do_prompt(self) -> Any:
        chat, prompt = self.chat(), self.random.choice((None, self.text(), "half \ud83d"))
        return self.both(lambda store: store.set_prompt(chat, prompt))

    def do_model(self) -> Any:
        chat, name, premium = self.chat(), self.text(), self.random.random() < 0.5
        default = self.random.choice((None, name))
        self.both(lambda store: store.choose_model(chat, name, premium))
        self.both(lambda store: store.set_default_model(default, premium))
        return self.both(lambda store: store.set_web(chat, premium))

    def do_switch(self) -> Any:
        chat = self.chat()
        return self.twice(lambda store, update: store.switch_model(chat, update))

    def do_memory(self) -> Any:
        chat, size = self.chat(), self.random.choice((0, 10, 5_000))
        return self.both(lambda store: store.set_memory(chat, size))

    def do_step(self) -> Any:
        user, place = self.person(), self.topic()
        until = int(NOW.timestamp()) + 60
        known = {"preview": 5, "target": [0, 0, []]}
        step = self.random.choice((None, Step("announce", place.chat_id, place.thread, until, known)))
        return self.both(lambda store: store.set_step(user, step))

    def do_take_step(self) -> Any:
        user, place = self.person(), self.topic()
        return self.twice(lambda store, update: store.take_step(user, place, update))

    def do_announce(self) -> Any:
        user = self.person()
        return self.twice(lambda store, update: store.announce(user, 5, update))

    def do_album(self) -> Any:
        chat, album = self.chat(), self.random.choice("ab")
        return self.twice(lambda store, update: store.begins_album(chat, album, update))

    def do_press(self) -> Any:
        chat, message = self.chat(), self.random.randrange(9)
        return self.twice(lambda store, update: store.first_press(chat, message, update))

    def do_reachable(self) -> Any:
        chat, reachable = self.chat(), self.random.random() < 0.5
        return self.both(lambda store: store.set_reachable(chat, reachable))

    def do_sources(self) -> Any:
        user, number, files = self.person(), self.update(), self.files()
        return self.both(lambda store: store.keep_sources(user, number, files))

    def do_fields(self) -> Any:
        key, value = str(self.chat()), self.random.choice(BIG)
        return self.both(lambda store: store.set_fields(key, odd=value, history_of="x", **{"we%ird_ 'key": value}))

    def do_trouble(self) -> Any:
        user, value = self.person(), self.random.choice(({1: 2}, object(), "half \ud83d", 2**64))
        return self.both(lambda store: store.set_fields(str(user), prompt=value))


def looks(store: Store) -> dict[str, Any]:
    """Everything that can be asked, but for what counts differently: places in the inbox, numbers of ledger lines."""
    content = re.sub(rb'("(?:all_)?forgotten": )\d+', rb"\1#", store.file_content())
    lines = [{**asdict(each), "n": 0, "k": 0} for each in places.entries(store)]
    about = {user: store.everything_about(user) for user in PEOPLE}
    for each in about.values():
        each["ledger"] = [{**line, "n": 0, "k": 0} for line in each["ledger"]]
        each["record"].pop("all_forgotten", None)
        each["record"].pop("forgotten", None)
        for record in each["topics"].values():
            record.pop("forgotten", None)
    return {
        "content": content.decode(),
        "ledger": lines,
        "about": about,
        "sizes": sorted(store.sizes()),
        "sizes of": {user: sorted(store.sizes(user)) for user in PEOPLE},
        "histories": {str(chat): store.history(Topic(chat)) for chat in (*PEOPLE, *GROUPS)},
        "available": {(user, name): store.available(user, name) for user in PEOPLE for name in WALLETS},
        "found": [store.find(name) for name in ("alice_%", "@U102", "u10", "alice__", "\x00", "\ud83d", "")],
        "invited": {user: (store.invitations(user), store.invited_by(user)) for user in PEOPLE},
        "usage": (store.usage(), store.cost_today(), store.totals()),
        "purchases": {user: store.purchases(user) for user in PEOPLE},
        "left": store.left(),
        "receivers": store.receivers(Target(balance=100)),
        "topics with": {user: store.engine.topics_with(user) for user in PEOPLE},
        "under": {chat: store.engine.under(chat) for chat in (*GROUPS, 101, 10)},
        "top": [store.top("balance", 9), store.top("cost", 9), store.top("refs", 9), store.active(3)],
    }


def different(ours: Any, theirs: Any, at: str) -> str | None:
    """Where two values begin to differ, None for nowhere."""
    if isinstance(ours, str) and isinstance(theirs, str) and "\n" in ours:
        ours, theirs = ours.split("\n"), theirs.split("\n")
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if list(ours) != list(theirs) and set(ours) == set(theirs):
            return f"{at}: order {list(ours)} or {list(theirs)}"
        pairs = [(name, ours.get(name, "none"), theirs.get(name, "none")) for name in {**ours, **theirs}]
    elif isinstance(ours, list | tuple) and isinstance(theirs, list | tuple):
        pairs = [(str(place), *each) for place, each in enumerate(zip_longest(ours, theirs, fillvalue="none"))]
    else:
        return None if ours == theirs else f"{at}: {ours!r} or {theirs!r}"
    return next((found for name, *each in pairs if (found := different(*each, f"{at}/{name}"))), None)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_same_deeds_leave_the_same(
    both: tuple[places.Place, places.Place], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = both[0].open(RULES), both[1].open(RULES)
    assert isinstance(stores[1].engine, PostgresEngine)
    life = Life(seed, stores, monkeypatch)
    done: list[str] = []
    for number in range(DEEDS):
        done.append(life.one())
        if number % 10 == 9:
            ours, theirs = map(looks, stores)
            for name in ours:
                assert different(ours[name], theirs[name], name) is None, done[-6:]
    file, database = (json.dumps(places.without_service(place.records())) for place in both)
    assert re.sub(r'forgotten": \d+', "", database) == re.sub(r'forgotten": \d+', "", file)
