"""The owner's log of requests and the notes about newcomers, as they arrive in the owner's chat."""

import re
from typing import Any

import pytest

import admin_log
from admin_log import AdminLog
from records import Bill, Spent
from tests.bot_commands.test_look import picture, sent
from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons

PRICE = {"OPENAI_PRICE_PER_1K_TOKENS": "0.01"}
FULL = PRICE | {"ADMIN_LOG": "full", "NEW_USER_PREMIUM_BALANCE": "10000"}


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_log, "GATHER_SECONDS", 0.1)
    monkeypatch.setattr(admin_log, "HOUR_SECONDS", 0.5)


def logged(people: Conversation, lines: int) -> list[str]:
    """The lines of the log, as soon as there are so many."""

    def found() -> list[str] | None:
        said = [each.get("text", "") for each in people.said(OWNER)]
        texts = [text for text in said if " · " in text or "За час" in text]
        all_lines = [line for text in texts for line in text.splitlines()]
        return all_lines if len(all_lines) >= lines else None

    told: list[str] = people.wait_for(found)
    return told


def spent(number: int, **fields: Any) -> Spent:
    bill = Bill("gpt-6-luna", tokens_in=100, tokens_out=20, usd=0.001)
    return Spent(number, ALICE, ALICE, "answer", "balance", bill)._replace(**fields)


@pytest.mark.parametrize("settings", [FULL])
def test_a_line_for_each_request_without_its_words(alice: Conversation) -> None:
    alice.write("What is my secret?")
    alice.write("/ec")
    alice.write("/pro And yours?")
    alice.write("/pro Hello group", chat=GROUP)
    one, two, three = logged(alice, 3)
    assert re.fullmatch(
        r"Alice \(id 101\) · gpt-6-luna · \d+ токенов? · за 1 с · 0,\d+\s\$ · "
        r"осталось 29\s\d{3} / 10\s000 / 0",
        one,
    ), one
    assert two.startswith("Alice (id 101) · gpt-6.1-terra · ")
    assert two.endswith(" · премиум · контекст")
    assert three.endswith(" · премиум · группа")
    assert not any(word in line for line in (one, two, three) for word in ("secret", "yours", "Hello", "You said"))


@pytest.mark.parametrize("settings", [FULL])
def test_it_makes_no_sound(alice: Conversation) -> None:
    alice.write("Hello")
    logged(alice, 1)
    calls = [each["params"] for each in alice.world.calls("sendMessage") if " · " in each["params"]["text"]]
    assert [each.get("disable_notification") for each in calls] == ["true"]


@pytest.mark.parametrize("settings", [FULL])
def test_the_admins_own_chat_is_not_logged(alice: Conversation) -> None:
    alice.write("Hello", user=OWNER)
    alice.write("/pro Hello", user=OWNER, chat=GROUP)
    alice.write("Привет", user=BORIS)
    first, second = logged(alice, 2)
    assert first.startswith("Olga (id 1) · gpt-6.1-terra")
    assert second.startswith("Борис (id 102) · gpt-6-luna")


@pytest.mark.parametrize("settings", [FULL])
def test_what_failed_or_ran_again_is_not_logged_twice(alice: Conversation) -> None:
    alice.script.queue({"fault": {"kind": "status", "status": 400}})
    alice.write("Fails")
    alice.write("Hello")
    assert len(logged(alice, 1)) == 1
    seen: list[Spent] = []
    store = alice.bot.store
    store.spent = seen.append
    store.inbox.accept([{"update_id": 987, "message": {}}])
    for _ in range(2):
        reservation = store.reserve(ALICE, "image_balance", 1)
        store.charge(reservation, Bill("m", pictures=1, price=0), "picture", 987, {"file": 1})
    assert [each.reason for each in seen] == ["picture"]
    store.inbox.done(987)


@pytest.mark.parametrize("settings", [PRICE | {"ADMIN_LOG": "costs"}])
def test_costs_are_one_line(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_log, "HOUR_SECONDS", 3600.0)
    alice.restart()
    for words in ("One", "Two", "Three"):
        alice.write(words)
    alice.bot.admin_log.flush()
    (line,) = logged(alice, 1)
    assert re.fullmatch(r"За час: 3 запроса, \d+ токен(а|ов)?, 0,\d+\s\$", line), line


@pytest.mark.parametrize("settings", [PRICE | {"ADMIN_LOG": "costs"}])
def test_what_is_gathered_is_told_at_the_end(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_log, "HOUR_SECONDS", 3600.0)
    alice.restart()
    alice.write("Hello")
    alice.restart()
    assert logged(alice, 1)[0].startswith("За час: 1 запрос")


@pytest.mark.parametrize("settings", [{"ADMIN_LOG": "off"}])
def test_off_is_silent(alice: Conversation) -> None:
    alice.write("Hello")
    alice.bot.admin_log.flush()
    alice.write("/help", user=OWNER)
    assert not [each for each in alice.said(OWNER) if " · gpt" in each["text"] or "За час" in each["text"]]


class Sent:
    """Stands in for the notes: keeps what is sent."""

    language = "en"

    def __init__(self, people: Conversation) -> None:
        self.texts: list[str] = []
        self._said = people.bot.alerts.in_words

    def in_words(self, key: str, **blanks: object) -> str:
        return self._said(key, **blanks)

    def send(self, text: str, silent: bool) -> None:
        assert silent
        self.texts.append(text)


def made(alice: Conversation, kind: Any = "full") -> tuple[AdminLog, list[str]]:
    sent = Sent(alice)
    return AdminLog(kind, sent, alice.bot.store, lambda job: job()), sent.texts  # type: ignore[arg-type]


def test_many_requests_fit_few_messages(alice: Conversation) -> None:
    alice.bot.store.set_fields(str(ALICE), name="😀 " * 64)
    log, texts = made(alice)
    for number in range(1000):
        log.take(spent(number))
    log.flush()
    assert len(texts) <= 4
    assert all(len(text.encode("utf-16-le")) // 2 <= 4096 for text in texts)
    assert len(texts[0].encode("utf-16-le")) // 2 > 3800
    assert texts[-1].splitlines()[-1].startswith("… и ещё 940 запросов: 112\xa0800 токенов, $0.94")
    log.flush()
    assert len(texts) <= 4


def test_a_voice_stands_in_the_line_of_its_answer(alice: Conversation) -> None:
    log, texts = made(alice)
    heard = Bill("whisper-1", seconds=12, usd=0.002, price=72)
    log.take(spent(1, reason="voice", chat_id=0, wallet="premium_balance", bill=heard))
    log.flush()
    assert texts == []
    log.take(spent(1))
    log.take(spent(2, reason="voice", chat_id=0, wallet="premium_balance", bill=heard))
    log.stop()
    one, two = texts[0].splitlines()
    assert one.startswith("Alice (id 101) · gpt-6-luna · 120 токенов · 12 с голоса · $0.003")
    assert one.endswith(" · голос")
    assert two.startswith("Alice (id 101) · whisper-1 · 12 с голоса · $0.002")


def test_an_unknown_price_is_said_to_be_unknown(alice: Conversation) -> None:
    unpriced = Bill("m", tokens_in=5)
    log, texts = made(alice)
    log.take(spent(1, bill=unpriced))
    log.flush()
    assert "цена неизвестна" in texts[0]
    log, texts = made(alice, "costs")
    log.take(spent(1, bill=unpriced))
    log.take(spent(2))
    log.flush()
    assert texts == ["За час: 2 запроса, 125 токенов, $0.0010 и 1 запрос с неизвестной ценой"]


def test_newcomers_that_come_together_are_told_together(alice: Conversation) -> None:
    notes = alice.bot.alerts
    jobs: list[Any] = []
    later, notes._later = notes._later, jobs.append
    for user in range(500, 520):
        alice.world.user(user, first_name=f"Newcomer{user}", language_code="en")
        alice.write("/start", user=user)
    notes._later = later
    before = len(alice.said(OWNER))
    for job in jobs:
        job()
    told = alice.said(OWNER)[before:]
    assert len(told) == 3
    assert sum(each["text"].count("Новый пользователь") for each in told) == 20
    pressed = next(each for each in buttons(told[0]) if each["callback_data"] == "card:500")
    assert pressed["text"] == "Карточка: Newcomer500"
    alice.press(told[0], "card:500", user=OWNER)
    card = alice.wait_for(lambda: next((each for each in alice.said(OWNER, told[-1]["message_id"])), None))
    assert card["text"].startswith("Newcomer500 (id 500")
    assert alice.message(OWNER, told[0]["message_id"])["text"] == told[0]["text"]


@pytest.mark.parametrize("settings", [FULL | {"NEW_USER_IMAGE_BALANCE": "3", "WALLETS": "off"}])
def test_in_english_with_pictures_and_without_wallets(alice: Conversation) -> None:
    alice.write("/language en", user=OWNER)
    alice.world.send("/img a cat", user=ALICE)
    (drawn,) = logged(alice, 1)
    assert re.fullmatch(r"Alice \(id 101\) · gpt-image-2.6-flare · .*1 picture · .* · picture", drawn), drawn
    alice.write("Hello")
    assert re.fullmatch(r"Alice \(id 101\) · gpt-6-luna · \d+ tokens · in 1 s · \$0\.\d+", logged(alice, 2)[1])


@pytest.mark.parametrize("settings", [FULL | {"NEW_USER_IMAGE_BALANCE": "3"}])
def test_photos_are_marked_and_a_drawing_in_a_group_is_the_admins_too(alice: Conversation) -> None:
    alice.ask("Which colour?", file=sent(picture(), "photo"))
    (looked,) = logged(alice, 1)
    assert looked.endswith(" · премиум · картинка")
    alice.world.send("/img a cat", user=OWNER)
    alice.world.send("/img a dog", user=OWNER, chat=GROUP)
    drawn = logged(alice, 2)[1]
    assert drawn.startswith("Olga (id 1) · gpt-image-2.6-flare · ")
    assert drawn.endswith(" · картинка · группа")
    alice.wait_for(lambda: any("photo" in each for each in alice.said(OWNER)) or None)
    assert len(logged(alice, 2)) == 2
