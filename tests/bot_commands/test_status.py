"""The owner's look at the bot and at what its providers serve."""

import json
import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest

import retirement
from sandbox.client import Sandbox
from services import served
from services.served import Fate, Served
from tests.bot_commands.test_look import picture, sent
from tests.conftest import ALICE, BORIS, OWNER, Conversation, buttons, on_files

ROWS = [
    {"name": "gpt-6-luna", "window": 400_000, "can": ["effort", "search"]},
    {"name": "gpt-4o-mini"},
    {"name": "gpt-3.5-turbo", "fallback": "gpt-4o-mini"},
    {"name": "gpt-6.1-terra", "wallet": "premium"},
]


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "own.json").write_text(json.dumps(ROWS))
    return {"MODELS_FILE": "own.json", "OPENAI_PRICE_PER_1K_TOKENS": "0.01"}


def test_status_tells_how_the_bot_is(alice: Conversation) -> None:
    alice.write("/language en", user=OWNER)
    alice.write("What is it?")
    logging.getLogger("anything").error("broken")
    alice.script.queue({"hold": True})
    alice.world.send("Wait", user=ALICE)
    alice.script.wait(lambda requests: any(each["held"] for each in requests))
    for words in ("Then this", "And that"):
        alice.world.send(words, user=ALICE)
    alice.wait_for(lambda: alice.bot.long.waiting() == 2 or None)
    told = alice.write("/status", user=OWNER)
    assert told.startswith("Up: 0 days 00:00\nUsers: 3\nAnswering in 1 chat, 2 messages wait\n")
    assert "Errors in the last hour: 1\n" in told
    cost = alice.bot.store.cost_today()
    assert f"Spent today: ${cost:.5f}"[:22] in told
    assert "budget $5.00" in told
    found = re.search(r"Data: ([\d.]+) MB, ([\d,]+) MB free on the disk", told)
    assert found
    assert float(found[1]) == pytest.approx(alice.bot.store.bytes_on_disk() / 1e6, abs=0.1)
    assert re.search(r"Bot [\d.]+, Python 3\.\d+\.\d+, pyTelegramBotAPI 4\.[\d.]+, openai [\d.]+$", told)
    alice.script.release()


def test_status_in_russian_and_for_admins_only(alice: Conversation) -> None:
    told = alice.write("/status", user=OWNER)
    assert told.startswith("Работает: 0 дней 00:00\nПользователей: 3\nОтвечаю в 0 чатах, 0 сообщений ждут\n")
    assert "I have no command /status" in alice.write("/status")


@on_files
def test_the_data_on_disk_is_what_the_files_take(alice: Conversation) -> None:
    alice.write("/prompt " + "x" * 3000)
    files = [each for each in alice.folder.rglob("*") if each.is_file() and each.name != "own.json"]
    assert alice.bot.store.bytes_on_disk() == sum(each.stat().st_size for each in files)


def test_models_tells_what_is_served_and_until_when(alice: Conversation) -> None:
    alice.write("/language en", user=OWNER)
    told = alice.write("/models", user=OWNER).splitlines()
    assert told[:5] == [
        "The bot's models",
        "gpt-6-luna — ordinary, window 400,000, served (reasoning, search)",
        "gpt-6.1-terra — premium, window 8,192, served",
        "gpt-4o-mini — ordinary, window 8,192, until 2027-01-14",
        "gpt-3.5-turbo — ordinary, window 8,192, not served any more",
    ]
    assert told[-1].startswith("Served besides (to add one: MODELS_FILE): gpt-6.1-sol, gpt-image-2.6-flare, gpt-oss")


def test_what_two_providers_serve_besides_stands_once(alice: Conversation, sandbox: Sandbox) -> None:
    far = sandbox.script(f"{alice.script.key}-far")
    rows = [*ROWS, {"name": "gpt-6.1-sol", "base_url": far.base_url, "key": "FAR_API_KEY"}]
    (alice.folder / "own.json").write_text(json.dumps(rows))
    alice.environment["FAR_API_KEY"] = far.key
    alice.restart()
    others = alice.write("/models", user=OWNER).splitlines()[-1]
    assert others.count("gpt-transcribe") == 1
    assert "gpt-6" not in others, "each is among the bot's own"


def test_models_of_a_provider_that_does_not_answer(alice: Conversation) -> None:
    rows = [*ROWS, {"name": "far", "base_url": f"{alice.script.base_url}", "key": "FAR_API_KEY"}]
    (alice.folder / "own.json").write_text(json.dumps(rows))
    alice.environment["FAR_API_KEY"] = "sk-unknown"
    alice.restart()
    told = alice.write("/models", user=OWNER)
    assert "gpt-6.1-terra — премиум, окно 8\u00a0192, обслуживается" in told
    assert "Провайдер не ответил: ключ не принят.\nfar — обычный, окно 8\u00a0192, неизвестно" in told


def test_a_long_list_fits_one_message(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [f"a-model-with-a-long-name-{number:04}" for number in range(2000)]
    fates = {row["name"]: Fate() for row in ROWS}
    monkeypatch.setattr(served, "look", lambda *_: Served(many, fates))
    told = alice.write("/models", user=OWNER)
    assert len(told) <= 4096
    assert re.search(r"a-model-with-a-long-name-0000, .* и ещё 1\s\d{3}$", told)


def test_fifty_models_fit_one_message(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"name": f"{number:02}-{'x' * 150}", "can": ["pictures", "search"]} for number in range(50)]
    (alice.folder / "own.json").write_text(json.dumps(rows))
    alice.restart()
    monkeypatch.setattr(served, "look", lambda _, names: Served(["else"], dict.fromkeys(names, Fate())))
    told = alice.write("/models", user=OWNER)
    assert len(told) <= 4096
    assert re.search(
        r"\n… и ещё 3\d модел(ь|и|ей)\n\nПровайдер обслуживает и другие \(добавить: MODELS_FILE\): else$", told
    )


def notes(people: Conversation, model: str) -> list[str]:
    return [each["text"] for each in people.said(OWNER) if f"Модель {model}" in each["text"]]


@on_files  # a database remembers over restarts what the owner was told
def test_the_owner_is_told_of_models_that_end(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    alice.bot.retirement.look()
    (note,) = alice.wait_for(lambda: notes(alice, "gpt-3.5-turbo"))
    assert note.startswith("Модель gpt-3.5-turbo больше не обслуживается, вместо неё: gpt-4o-mini.")
    assert notes(alice, "gpt-4o-mini") == []
    told = next(each for each in alice.said(OWNER) if each["text"] == note)
    alice.press(told, "/models", user=OWNER)
    alice.wait_for(lambda: "Модели бота" in alice.message(OWNER, told["message_id"])["text"] or None)
    alice.restart()
    monkeypatch.setattr(retirement, "AHEAD", timedelta(days=20_000))
    alice.bot.retirement.look()
    (note,) = alice.wait_for(lambda: notes(alice, "gpt-4o-mini"))
    assert re.search(r"до 2027-01-14 \(ещё \d+ д(ень|ня|ней)\), затем — ничего\.", note)
    alice.wait_for(lambda: notes(alice, "gpt-3.5-turbo") or None)  # once more, by the new process
    alice.bot.retirement.look()
    alice.write("/help", user=OWNER)
    assert len(notes(alice, "gpt-4o-mini")) == 1


def test_a_retired_model_has_its_fallback_answer(alice: Conversation) -> None:
    alice.bot.store.choose_model(ALICE, "gpt-3.5-turbo", premium=False)
    alice.bot.retirement.look()
    assert alice.write("Hello") == "You said: Hello"
    assert alice.script.requests("chat/completions")[-1]["body"]["model"] == "gpt-4o-mini"
    assert "gpt-4o-mini answers here" in alice.write("/model")


def test_a_retired_model_is_not_offered_and_an_old_button_tells_who_answers(alice: Conversation) -> None:
    old = alice.ask("/model")
    alice.bot.retirement.look()
    assert "gpt-3.5-turbo" not in [button["text"] for button in buttons(alice.ask("/model"))]
    assert "gpt-3.5-turbo" not in [button["text"] for button in buttons(alice.ask("/setmodel", user=OWNER))]
    alice.press(old, "model:ordinary:gpt-3.5-turbo")
    alice.wait_for(lambda: "gpt-4o-mini answers now" in alice.message(ALICE, old["message_id"])["text"] or None)


def test_a_retired_model_that_nobody_stands_in_for_is_not_offered_either(alice: Conversation) -> None:
    (alice.folder / "own.json").write_text(json.dumps([ROWS[0], {"name": "gpt-3.5-turbo"}]))
    alice.restart()
    old = alice.ask("/model")
    alice.bot.retirement.look()
    assert [button["text"] for button in buttons(alice.ask("/model"))][:2] == [
        "✓ gpt-6-luna",
        "gpt-6.1-terra · premium",
    ]
    assert "gpt-3.5-turbo" not in [button["text"] for button in buttons(alice.ask("/model"))]
    assert alice.press(old, "model:ordinary:gpt-3.5-turbo") == "This model is not on the list any more: see /model"
    assert alice.write("Hello") == "You said: Hello"


def test_a_model_refused_in_mid_service_has_its_fallback_answer_at_once(alice: Conversation) -> None:
    alice.bot.store.choose_model(BORIS, "gpt-3.5-turbo", premium=False)
    assert alice.write("Привет", user=BORIS) == "You said: Привет"
    assert [each["body"]["model"] for each in alice.script.requests("chat/completions")] == [
        "gpt-3.5-turbo",
        "gpt-4o-mini",
    ]
    alice.wait_for(lambda: notes(alice, "gpt-3.5-turbo") or None)
    alice.write("И снова", user=BORIS)
    assert alice.script.requests("chat/completions")[-1]["body"]["model"] == "gpt-4o-mini"
    user = alice.bot.store.user(BORIS)
    assert user is not None
    assert user.requests == 2


def test_a_photo_goes_to_no_fallback_that_cannot_see(alice: Conversation) -> None:
    blind = {"name": "gpt-6.1-sol", "wallet": "premium", "can": ["effort"]}
    gone = {"name": "gone", "wallet": "premium", "can": ["pictures"], "fallback": "gpt-6.1-sol"}
    (alice.folder / "own.json").write_text(json.dumps([gone, blind]))
    alice.environment["PREMIUM_MODEL"] = "gone"
    alice.restart()
    alice.write("/refill 101 50000 premium", user=OWNER)
    assert "The model gone is no longer served." in alice.ask("What is it?", file=sent(picture(), "photo"))["text"]
    assert alice.write("/pro And in words?") == "You said: And in words?"
