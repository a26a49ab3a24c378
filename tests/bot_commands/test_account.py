"""Registration, wallets and statistics, as conversations."""

import pytest

from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons


def test_start_registers_in_both_languages(people: Conversation) -> None:
    assert people.write("/start", user=ALICE).startswith("Hello, Alice! Write, speak, send photos")
    assert "You have 30,000 tokens." in people.said(ALICE)[-1]["text"]
    assert people.write("/start", user=BORIS).startswith("Здравствуйте, Борис!")
    assert "30\u00a0000 токенов" in people.said(BORIS)[-1]["text"]


def test_start_twice_changes_nothing(alice: Conversation) -> None:
    alice.write("/refill 101 -10000", user=OWNER)
    alice.write("/start 102", user=ALICE)
    assert "20,000 tokens" in alice.write("/balance")


def test_an_invitation_pays_both_once(people: Conversation) -> None:
    people.write("/start", user=ALICE)
    welcome = people.write("/start 101", user=BORIS)
    assert "50\u00a0000 токенов" in welcome
    people.wait_for(lambda: "Борис joined by your link" in people.said(ALICE)[-1]["text"] or None)
    assert "50,000 tokens" in people.write("/balance", user=ALICE)
    people.write("/start 101", user=BORIS)
    assert "50,000 tokens" in people.write("/balance", user=ALICE)
    assert "Кто вас пригласил: Alice\n" in people.write("/stats", user=BORIS)


def test_an_undeliverable_notice_changes_nothing(people: Conversation) -> None:
    people.write("/start", user=ALICE)
    people.world.member("kicked", user=ALICE)
    assert "50\u00a0000 токенов" in people.write("/start 101", user=BORIS)
    people.world.member("member", user=ALICE)
    assert "50,000 tokens" in people.write("/balance", user=ALICE)


@pytest.mark.parametrize("payload", ["101", "999", "0", "-5", "abc", "9" * 60])
def test_no_bonus_for_own_unknown_or_senseless_links(people: Conversation, payload: str) -> None:
    assert "30,000 tokens" in people.write(f"/start {payload}", user=ALICE)


def test_strangers_are_invited_once(people: Conversation) -> None:
    invitation = people.ask("Good morning", user=ALICE)
    assert invitation["text"].startswith("To begin, press the button")
    assert people.silent("Anybody there?", user=ALICE)
    assert people.script.requests() == []
    people.press(invitation, "start")
    people.wait_for(lambda: "30,000 tokens" in people.said(ALICE)[-1]["text"] or None)


def test_strangers_in_a_group_get_a_link(people: Conversation) -> None:
    answer = people.ask("/balance", user=ALICE, chat=GROUP)
    assert answer["text"] == "Alice, first start a private chat with me."
    assert buttons(answer)[0]["url"].startswith("https://t.me/sandbox_assistant_bot?start=")


def test_balance_is_brief_in_a_group(alice: Conversation) -> None:
    assert alice.write("/balance", chat=GROUP) == "Alice: 30,000 tokens, premium 0."


def test_the_admin_is_counted_not_charged(alice: Conversation) -> None:
    alice.write("Hello", user=OWNER)
    balance = alice.write("/balance", user=OWNER)
    assert "777\u00a0777 токенов" in balance
    assert "расход считается, но не списывается" in balance
    assert "Запросов: 1" in alice.write("/stats", user=OWNER)


def test_names_are_kept_up_to_date_and_shown_literally(alice: Conversation) -> None:
    alice.world.user(ALICE, first_name="*A_`<b>", username="new_alice", language_code="en")
    alice.write("Hello")
    assert alice.write("/data @NEW_ALICE", user=OWNER).startswith("*A_`<b> (id 101, @new_alice)")


def test_the_registration_is_on_the_disk(alice: Conversation) -> None:
    alice.restart()
    assert "30,000 tokens" in alice.write("/balance")


@pytest.mark.parametrize("settings", [{"WALLETS": "off"}])
def test_without_wallets_nobody_is_charged(alice: Conversation) -> None:
    assert alice.write("/balance") == "This bot charges nothing: use it freely."
    assert alice.write("Hello") == "You said: Hello"


@pytest.mark.parametrize("settings", [{"ACCESS": "invited"}])
def test_only_invited_people_are_admitted(people: Conversation) -> None:
    assert people.write("/start", user=ALICE) == "This bot only takes in people who were invited."
    people.write("/start", user=OWNER)
    assert people.write("/start 1", user=ALICE).startswith("Hello, Alice!")


def test_who_asks_to_be_erased_is_erased_everywhere(alice: Conversation) -> None:
    alice.write("/ec")
    alice.write("My secret is Rosebud")
    alice.write("/ec", user=OWNER, chat=GROUP)
    alice.write("@sandbox_assistant_bot call me Rosebud", chat=GROUP)
    alice.write("@sandbox_assistant_bot and me", chat=GROUP, user=BORIS)
    question = alice.ask("/delete_me")
    assert "30,000" not in question["text"]
    assert "wallets (29," in question["text"]
    alice.press(question, "delete:yes")
    said = alice.wait_for(lambda: alice.message(ALICE, question["message_id"])["text"].startswith("Erased:") or None)
    assert said
    kept = alice.kept()
    assert "Rosebud" not in kept
    assert '"101"' not in kept
    assert '"user":101,' not in kept
    assert ">101<" not in kept
    assert "Борис: and me" in kept
    assert "Hello, Alice!" in alice.write("/start")
    assert "• 0 tokens for the ordinary model" in alice.write("/balance")


def test_erasing_can_be_called_off(alice: Conversation) -> None:
    question = alice.ask("/delete_me")
    alice.press(question, "delete:no")
    alice.wait_for(lambda: alice.message(ALICE, question["message_id"])["text"] == "Nothing was erased." or None)
    assert "30,000 tokens" in alice.write("/balance")
    assert "нельзя" in alice.write("/delete_me", user=OWNER)
