"""Two processes of a bot on one database: one takes updates in, either serves them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

import config
from bot import Bot
from engine.datafile import DataFileError
from reception import Reception
from records import Topic
from sandbox.client import Sandbox
from tests import places
from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons, mentions
from tests.databases import emptied_database, end_session_of
from tests.engine.test_claims import until

VERA = 2  # the second admin

pytestmark = pytest.mark.skipif(not places.SERVER, reason="no PostgreSQL to try: TEST_POSTGRES_URL is not set")


@pytest.fixture
def settings() -> dict[str, str]:
    return {
        "STORAGE_URL": emptied_database(places.SERVER),
        "ADMIN_CHAT_ID": f"{OWNER}, {VERA}",
        "DEFAULT_CONTEXT": "5000",
        "NEW_USER_BALANCE": "700",
        "NEW_USER_PREMIUM_BALANCE": "30000",
        "FAVOR_MIN_LIMIT": "1000",
    }


@dataclass
class Pair:
    """The first one takes updates in, the second one is a worker; `serves` says which of them takes on new chats."""

    people: Conversation
    second: Bot

    def serves(self, first: bool) -> None:
        for bot, works in ((self.people.bot, first), (self.second, not first)):
            claims: Any = bot.workers._claims
            claims._resting.clear() if works else claims._resting.set()


@pytest.fixture
def pair(alice: Conversation) -> Iterator[Pair]:
    second = Bot(config.load(alice.environment, alice.folder), "worker")
    second.start()
    yield Pair(alice, second)
    if not second.leaving.is_set():
        second.stop()


def erase(people: Conversation, user: int) -> None:
    question = people.ask("/delete_me", user)
    people.press(question, "delete:yes", user)
    people.wait_for(lambda: "Erased" in people.message(user, question["message_id"])["text"] or None)


def everything(people: Conversation) -> str:
    engine: Any = people.bot.store.engine
    tables = ("records", "wide", "history", "inbox", "aside", "sends", "reservations")
    return json.dumps([engine.database.ask(f"SELECT t::text FROM {table} AS t") for table in tables])


def test_an_answer_under_way_in_another_process_leaves_no_trace_of_who_was_erased(pair: Pair) -> None:
    people = pair.people
    people.script.queue({"text": "It is safe with me", "hold": True})
    pair.serves(first=False)
    people.world.send("/pro My secret is Rosebud", user=ALICE, chat=GROUP)
    people.world.send("/pro And my second secret is Xanadu", user=ALICE, chat=GROUP)
    people.script.wait(lambda seen: seen or None, "completions")
    assert pair.second.long.running(), "the second one answers"
    pair.serves(first=True)
    erase(people, ALICE)
    people.script.release()
    assert pair.second.long.wait_idle(10)
    assert pair.second.quick.wait_idle(10)
    left = everything(people)
    assert "Rosebud" not in left
    assert "Xanadu" not in left
    assert not mentions(left, ALICE)
    assert len(people.script.requests("completions")) == 1


def test_two_admins_decide_at_once_in_two_processes_and_one_counts(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    people, meet, by = pair.people, threading.Barrier(2), list[Bot]()
    people.world.user(VERA, first_name="Vera", language_code="en", started=True)
    pair.serves(first=False)
    people.write("/start", user=VERA)
    for bot in (people.bot, pair.second):
        bot.workers._claims._resting.clear()
    people.write("/ask_favor", user=BORIS)

    def notice(admin: int) -> dict[str, Any]:
        asked = [each for each in people.said(admin) if len(buttons(each)) == 2]
        return asked[-1] if asked else {}

    def together(bot: Bot) -> None:
        real = bot.store.decide

        def decide(*asked: Any) -> bool:
            by.append(bot)
            meet.wait(10)
            return real(*asked)

        monkeypatch.setattr(bot.store, "decide", decide)

    for bot in (people.bot, pair.second):
        together(bot)
    for admin in (OWNER, VERA):
        message = people.wait_for(lambda admin=admin: notice(admin))
        people.world.press(message, buttons(message)[0]["callback_data"], user=admin)
    people.wait_for(lambda: any("30" in each["text"] for each in people.said(BORIS)[-1:]) or None)
    for bot in (people.bot, pair.second):
        assert bot.quick.wait_idle(10)
    assert {id(bot) for bot in by} == {id(people.bot), id(pair.second)}, "each of them was asked"
    assert [each["amount"] for each in people.entries() if each["reason"] == "favour"] == [30_000]


def test_stop_ends_all_processes_and_what_they_were_answering_is_answered_after_it(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = pair.people
    monkeypatch.setattr("bot.PATIENCE_SECONDS", 0.2)
    people.script.queue({"deltas": ["The first ", "half"], "hold": True, "hold_after": 1})
    pair.serves(first=False)
    people.world.send("/pro Tell me all", user=ALICE, chat=GROUP)
    people.script.wait(lambda seen: seen or None, "completions")
    pair.serves(first=True)
    people.world.send("/stop", user=OWNER)
    assert pair.second.leaving.wait(10)
    assert people.bot.leaving.wait(10)
    pair.second.stop()
    people.bot.stop()
    people.script.release()
    people.script.queue({"text": "All of it"})
    people.start()
    people.wait_for(lambda: any(each["text"] == "All of it" for each in people.said(GROUP)) or None)
    assert people.bot.long.wait_idle(10)
    assert [each["reason"] for each in people.entries()].count("answer") == 1
    assert people.bot.store.inbox.waiting()[0] == 0
    assert not people.bot.leaving.is_set(), "the /stop of before is not obeyed again"


@contextmanager
def cut_off(bot: Bot, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that hears nothing of the others, and gets no connection to hear more until the end of this."""
    engine: Any = bot.store.engine

    def away(url: str) -> None:
        raise psycopg.OperationalError("cut off")

    with patch.context() as patched:
        patched.setattr("engine.postgres.claims.connect", away)
        end_session_of(engine.database.url, engine.worker)
        yield


def test_who_was_cut_off_obeys_stop_when_it_is_back(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    people = pair.people
    pair.serves(first=True)
    with cut_off(pair.second, monkeypatch):
        people.world.send("/stop", user=OWNER)
        assert people.bot.leaving.wait(10)
        assert not pair.second.leaving.wait(0.5)
    assert pair.second.leaving.wait(10)
    pair.second.stop()
    people.bot.stop()
    people.start()
    claims: Any = people.bot.workers._claims
    with cut_off(people.bot, monkeypatch):
        until(lambda: claims._away)
    until(lambda: not claims._away)
    assert not people.bot.leaving.is_set(), "the /stop of before is not obeyed again"


def test_a_door_that_was_cut_off_obeys_stop_when_it_is_back(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    people, there = pair.people, {"WEBHOOK_URL": "http://127.0.0.1/door", "WEBHOOK_SECRET": "s3cret"}
    door: Any = Reception(config.load(people.environment | there, people.folder))
    door.workers.start()
    with cut_off(door, monkeypatch):
        pair.second.workers.stop_all()
    assert door.leaving.wait(10)
    pair.second.stop()
    door.workers.close()
    door.store.close()


def test_who_was_cut_off_forgets_what_was_forgotten_meanwhile(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    people, store = pair.people, pair.second.store
    people.script.queue({"text": "Yes, Rosebud"})
    pair.serves(first=False)
    answer = people.ask("/pro Rosebud?", user=ALICE, chat=GROUP)
    topic = Topic(GROUP)
    until(lambda: store.chain(topic, answer["message_id"]))
    pair.serves(first=True)
    with cut_off(pair.second, monkeypatch):
        until(lambda: people.bot.workers.count() == 1)
        erase(people, ALICE)
        people.bot.store.move_chat(GROUP, GROUP - 1)
        assert store.chain(topic, answer["message_id"])
        assert store.now_at(topic) == topic
    until(lambda: store.chain(topic, answer["message_id"]) == [])
    until(lambda: store.now_at(topic).chat_id == GROUP - 1)


def test_another_bot_is_refused(pair: Pair, sandbox: Sandbox) -> None:
    world = sandbox.world(id=8_000_000_001)
    with pytest.raises(DataFileError, match="another bot works on"):
        Bot(config.load(pair.people.environment | {"TELEGRAM_API_KEY": world.token}, pair.people.folder), "worker")
    world.close()
