"""The owner's desk, and that nobody else finds its door."""

import json
from functools import partial

import pytest

from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons


def test_refill_adds_and_tells(alice: Conversation) -> None:
    done = alice.write("/refill @ALICE 10k", user=OWNER)
    assert done == "Alice (id 101): +10\u00a0000, на счету «обычный» теперь 40\u00a0000."
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"].startswith("The admin added 10,000") or None)
    assert "40,000 tokens" in alice.write("/balance")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("101 1кк premium", "• 1,000,000 tokens for the premium model"),
        ("101 7 i", "• 7 pictures"),
        ("101 10 000", "• 40,000 tokens for the ordinary model"),
        ("101 1,000\u00a0000 prem", "• 1,000,000 tokens for the premium model"),
        ("101 -99999999", "• 0 tokens for the ordinary model"),
    ],
)
def test_refill_of_every_wallet(alice: Conversation, words: str, shown: str) -> None:
    alice.write(f"/r {words}", user=OWNER)
    assert shown in alice.write("/balance")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("", "Кому и сколько"),
        ("101", "Кому и сколько"),
        ("101 10 premium now", "Кому и сколько"),
        ("@nobody 10", "Пользователь «@nobody» не найден"),
        ("101 ten", "Количество «ten» не подходит"),
        ("101 0", "Количество «0» не подходит"),
        ("101 10 gold", "Счёта «gold» нет"),
    ],
)
def test_bad_refills_say_what_is_wrong(alice: Conversation, words: str, complaint: str) -> None:
    assert complaint in alice.write(f"/refill {words}", user=OWNER)
    assert "30,000 tokens" in alice.write("/balance")


def test_ban_shuts_out_and_unban_lets_in(alice: Conversation) -> None:
    growing = alice.ask("/settings")
    assert alice.write("/ban alice", user=OWNER) == "Alice (id 101): доступ закрыт. Вернуть: /unban 101"
    assert alice.write("/balance") == "You have been blocked from this bot."
    sent = alice.world.send("Hello?", user=ALICE)["message"]["message_id"]
    assert alice.press(growing, "memory") == "You have been blocked from this bot."
    assert alice.said(ALICE, sent) == []
    assert alice.script.requests() == []
    assert alice.write("/unban 101", user=OWNER).endswith("доступ снова открыт.")
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You can use the bot again." or None)
    assert alice.write("Hello") == "You said: Hello"


def test_an_admin_cannot_be_banned(alice: Conversation) -> None:
    assert alice.write("/ban 1", user=OWNER) == "Администратора заблокировать нельзя."


def test_data_is_a_file_or_a_card(alice: Conversation) -> None:
    message = alice.ask("/data", user=OWNER)
    content = alice.world.file(message["document"]["file_id"])
    records = json.loads(content)
    assert records["101"]["balance"] == 30_000
    assert records["101"]["username"] == "@alice"
    assert records["global"]["requests"] == 0
    assert message["caption"] == "3 пользователя"
    assert alice.write("/d 102", user=OWNER).startswith("Борис (id 102, @boris)")


@pytest.mark.parametrize("command", ["refill 101 10", "ban 102", "unban 102", "data", "stop", "r 101 10"])
def test_admin_commands_look_unknown_to_others(alice: Conversation, command: str) -> None:
    answer = alice.write(f"/{command}")
    assert answer.startswith(f"I have no command /{command.split()[0]}")
    assert "30,000 tokens" in alice.write("/balance")
    assert alice.write("/balance", user=BORIS)


def test_admin_commands_do_not_work_in_a_group(alice: Conversation) -> None:
    assert alice.write("/data", user=OWNER, chat=GROUP) == "Эта команда работает в личном чате со мной."


def test_help_lists_admin_commands_to_admins_only(alice: Conversation) -> None:
    for user, turned in ((ALICE, False), (OWNER, True)):
        message = alice.ask("/help", user=user)
        alice.press(message, "commands", user=user)
        shown = partial(alice.message, user, message["message_id"])
        alice.wait_for(lambda shown=shown: "/delete_context" in shown()["text"] or None)
        assert "/refill" not in shown()["text"]
        assert ("commands:admin" in [each["callback_data"] for each in buttons(shown())]) is turned
    alice.press(shown(), "commands:admin", user=OWNER)
    alice.wait_for(lambda: "/refill кто сколько" in shown()["text"] or None)
    alice.press(alice.ask("/help"), "commands:admin", forged=True)
    assert not any("/refill" in each["text"] for each in alice.said(ALICE))


def test_stop_leaves_politely(alice: Conversation) -> None:
    assert alice.write("/stop", user=OWNER).startswith("Останавливаюсь.")
    assert alice.bot.asked_to_leave


def test_a_forwarded_command_is_not_obeyed(alice: Conversation) -> None:
    mallory = {"type": "hidden_user", "sender_user_name": "Mallory", "date": 1}
    alice.write("/refill 101 777", user=OWNER, extra={"forward_origin": mallory})
    assert "30,000 tokens" in alice.write("/balance")
