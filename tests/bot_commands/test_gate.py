"""Who may not use the bot: strangers are invited once a day, blocked people are told once, whatever they send."""

import json
from typing import Any

import pytest

from accounts import people as people_module
from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons, on_files

PHOTO: dict[str, Any] = {"kind": "photo", "size": 3}
VOICE: dict[str, Any] = {"kind": "voice", "size": 3, "duration": 2}


@pytest.mark.parametrize(
    ("user", "words", "button"),
    [(ALICE, "To begin, press the button", "Start"), (BORIS, "Чтобы начать, нажмите кнопку", "Начать")],
)
def test_a_stranger_is_invited_once_a_day(
    people: Conversation, monkeypatch: pytest.MonkeyPatch, user: int, words: str, button: str
) -> None:
    invitation = people.ask("Good morning", user=user)
    assert invitation["text"].startswith(words)
    assert [each["text"] for each in buttons(invitation)] == [button]
    people.restart()
    assert people.silent("Anybody there?", user=user)
    assert people.silent("/balance", user=user)
    monkeypatch.setattr(people_module, "SILENCE_SECONDS", 0)
    assert people.write("And now?", user=user).startswith(words)
    assert people.script.requests() == []


def test_a_stranger_hears_once_in_a_group_and_once_in_private(people: Conversation) -> None:
    assert people.write("/balance", chat=GROUP).startswith("Alice, first start a private chat")
    assert people.silent("/balance", chat=GROUP)
    assert people.write("Hello").startswith("To begin")


def test_a_command_for_private_chats_leads_there_from_a_group(people: Conversation) -> None:
    for link in ("https://t.me/sandbox_assistant_bot?start=group", "https://t.me/sandbox_assistant_bot"):
        answer = people.ask("/start", chat=GROUP)
        assert answer["text"] == "This command works in a private chat with me."
        assert [button["url"] for button in buttons(answer)] == [link]
        people.write("/start")


@on_files
def test_of_strangers_only_a_hash_is_kept(people: Conversation) -> None:
    people.write("Hello")
    people.save()
    kept = json.loads((people.folder / "data.json").read_text())
    assert "101" not in kept
    assert [name.split()[0] for name in kept["turned_away"]] == ["stranger"]


@pytest.mark.parametrize("settings", [{"TOPUP_PACKAGES": "50=100000"}])
def test_who_is_blocked_can_do_nothing_and_is_told_once(alice: Conversation) -> None:
    offer, settings = alice.ask("/topup"), alice.ask("/settings")
    alice.press(offer, "buy:balance:100000:50")
    invoice = alice.wait_for(lambda: next((each for each in alice.said(ALICE) if "invoice" in each), None))
    alice.write("/ban 101", user=OWNER)
    before = alice.said(ALICE)[-1]["message_id"]
    for sent in ({"text": "Hello"}, {"text": "/balance"}, {"text": "Usage"}, {"file": VOICE}, {"file": PHOTO}):
        alice.world.send(sent.get("text"), user=ALICE, file=sent.get("file"), caption="x" if sent.get("file") else None)
    for button in ("memory", "/model", "settings:close"):
        assert alice.press(settings, button) == "You have been blocked from this bot."
    assert alice.world.pay(invoice)["status"] == "refused"
    alice.wait_for(lambda: alice.said(ALICE, before) or None)
    alice.world.send("@sandbox_assistant_bot hello", user=ALICE, chat=GROUP)
    alice.restart()
    alice.world.send("Still there?", user=ALICE)
    alice.write("/help", user=OWNER)
    assert [each["text"] for each in alice.said(ALICE, before)] == ["You have been blocked from this bot."]
    assert alice.script.requests() == []
    assert alice.bot.store.user(ALICE).requests == 0


def test_a_second_block_is_told_again(alice: Conversation) -> None:
    alice.write("/ban 102", user=OWNER)
    assert alice.write("Привет", user=BORIS) == "Вам закрыт доступ к боту."
    alice.write("/unban 102", user=OWNER)
    alice.wait_for(lambda: alice.said(BORIS)[-1]["text"] == "Доступ к боту снова открыт." or None)
    alice.write("/ban 102", user=OWNER)
    assert alice.write("Привет", user=BORIS) == "Вам закрыт доступ к боту."
