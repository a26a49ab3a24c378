"""What wallets hold and buy, and the ways on from empty ones, in both languages."""

import pytest

from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons


def ways(message: dict[str, object]) -> list[str]:
    return [each["callback_data"] for each in buttons(message)]


@pytest.mark.parametrize(
    "settings", [{"NEW_USER_PREMIUM_BALANCE": "1000", "NEW_USER_IMAGE_BALANCE": "2", "NEW_USER_BALANCE": "1234567"}]
)
def test_wallets_in_full_digits_and_what_they_buy(alice: Conversation) -> None:
    said = alice.ask("/balance")
    assert said["text"].splitlines()[1:] == [
        "• 1,234,567 tokens for the ordinary model gpt-6-luna, about 2,469 answers",
        "• 1,000 tokens for the premium model gpt-6.1-terra, photos and voice, about 2 answers or 2 minutes of voice",
        "• 2 pictures drawn by /img",
    ]
    assert not buttons(said)
    assert alice.write("/balance", user=BORIS).splitlines() == [
        "Ваш счёт:",
        "• 1\u00a0234\u00a0567 токенов — обычная модель gpt-6-luna, примерно 2\u00a0469 ответов",
        "• 1\u00a0000 токенов — премиум-модель gpt-6.1-terra, фото и голос, примерно 2 ответа или 2 минуты голоса",
        "• 2 картинки — рисует /img",
    ]


@pytest.mark.parametrize("settings", [{"NEW_USER_BALANCE": "199", "NEW_USER_PREMIUM_BALANCE": "500"}])
def test_an_empty_wallet_is_no_dead_end(alice: Conversation) -> None:
    refusal = alice.ask("Hello")
    assert refusal["text"] == "Not enough tokens for an answer: 199 left. The bot's admin can add some, too."
    assert ways(refusal) == ways(alice.ask("/balance"))
    assert ways(refusal) == ["premium", "/ask_favor", "/ref"]
    assert alice.script.requests() == []
    assert alice.write("Привет", user=BORIS).startswith("Токенов на ответ не хватает: свободно 199.")
    alice.press(refusal, "premium")
    assert alice.write("Hello") == "You said: Hello"


@pytest.mark.parametrize("settings", [{"NEW_USER_BALANCE": "0"}])
def test_a_way_out_is_its_command(alice: Conversation) -> None:
    refusal = alice.ask("Hello")
    alice.press(refusal, "/ref")
    alice.wait_for(lambda: "start=101" in alice.said(ALICE)[-1].get("caption", "") or None)


def test_an_admin_needs_no_way_out(alice: Conversation) -> None:
    alice.write("/refill 1 -99999999", user=OWNER)
    said = alice.ask("/balance", user=OWNER)
    assert not buttons(said)
    assert "не списывается" in said["text"]


@pytest.mark.parametrize("settings", [{"NEW_USER_BALANCE": "0"}])
def test_in_a_group_the_ways_stand_under_the_refusal_too(alice: Conversation) -> None:
    assert ways(alice.ask("@sandbox_assistant_bot hello", chat=GROUP)) == ["/ref"]


SOLD = {"TOPUP_PACKAGES": "50=100000, 30=5 image", "NEW_USER_BALANCE": "0", "REFERRAL_BONUS": "0"}


@pytest.mark.parametrize("settings", [SOLD])
def test_what_is_sold_is_a_way_out(alice: Conversation) -> None:
    refusal = alice.ask("Hello")
    assert ways(refusal) == ["/ask_favor", "/topup"]
    alice.press(refusal, "/topup")
    alice.wait_for(lambda: "buy:" in str(buttons(alice.message(ALICE, refusal["message_id"]))) or None)


@pytest.mark.parametrize("settings", [{"NEW_USER_BALANCE": "0"}])
def test_where_nothing_else_helps_the_admin_does(alice: Conversation) -> None:
    alice.write("/switch")
    refusal = alice.ask("Hello")
    assert ways(refusal) == ["/feedback"]
    alice.press(refusal, "/feedback")
    asked = alice.wait_for(lambda: next((each for each in alice.said(ALICE) if "admin" in each["text"]), None))
    assert asked


def test_the_other_model_is_a_way_out_only_where_it_helps(alice: Conversation) -> None:
    assert ways(alice.ask("/pro Hello")) == ["/feedback"]
    alice.write("/switch")
    assert ways(alice.ask("Hello")) == ["ordinary"]


@pytest.mark.parametrize("settings", [{"TOPUP_PACKAGES": "50=100000"}])
def test_what_is_sold_is_offered_before_a_wallet_is_empty(alice: Conversation) -> None:
    assert ways(alice.ask("/balance")) == ["/topup"]
