"""Favours and feedback: from a person to the admins, decided once, and back."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons

VERA = 2  # the second admin


@pytest.fixture
def settings() -> dict[str, str]:
    return {"ADMIN_CHAT_ID": f"{OWNER}, {VERA}", "NEW_USER_BALANCE": "700", "FAVOR_MIN_LIMIT": "1000"}


@pytest.fixture
def desk(alice: Conversation) -> Conversation:
    """Alice and Boris are poor, Olga and Vera are admins."""
    alice.world.user(VERA, first_name="Vera", language_code="en", started=True)
    alice.write("/start", user=VERA)
    return alice


def notice(people: Conversation, words: str, admin: int = OWNER) -> dict[str, Any]:
    """The newest message to an admin with these words."""
    found: dict[str, Any] = people.wait_for(
        lambda: next((each for each in reversed(people.said(admin)) if words in each.get("text", "")), None)
    )
    return found


def data(message: dict[str, Any]) -> list[str]:
    return [button["callback_data"] for button in buttons(message)]


def record(people: Conversation, user: int = ALICE) -> dict[str, Any]:
    found: dict[str, Any] = people.bot.store.records[str(user)]
    return found


def ledger(people: Conversation, reason: str) -> list[int]:
    return [line["amount"] for line in people.entries() if line["reason"] == reason]


def test_a_favour_is_granted_by_any_admin(desk: Conversation) -> None:
    assert desk.write("/ask_favor") == "Your request has gone to the admin. I will tell you what they decide."
    olgas, veras = notice(desk, "просит токены"), notice(desk, "asks for tokens", VERA)
    assert olgas["text"].startswith("Alice (id 101, @alice) просит токены.\n\nОбычный счёт: 700")
    assert [button["text"] for button in buttons(veras)] == ["Yes, +30,000", "No"]
    desk.press(veras, data(veras)[0], user=VERA)
    desk.wait_for(lambda: desk.said(ALICE)[-1]["text"].startswith("The admin gave you 30,000 tokens.") or None)
    for admin, message, shown in (
        (OWNER, olgas, "Просьба о токенах, Alice (id 101). Vera: да, +30\u00a0000."),
        (VERA, veras, "Alice (id 101) asked for tokens. Vera: yes, +30,000."),
    ):
        there = desk.wait_for(
            lambda admin=admin, message=message, shown=shown: (
                desk.message(admin, message["message_id"])["text"] == shown
                and desk.message(admin, message["message_id"])
            )
        )
        assert not buttons(there)
    assert record(desk)["balance"] == 30_700
    assert record(desk)["favors"] == 1
    assert ledger(desk, "favour") == [30_000]


def test_a_favour_is_denied(desk: Conversation) -> None:
    desk.write("/favor", user=BORIS)
    asked = notice(desk, "просит токены")
    desk.press(asked, data(asked)[1], user=OWNER)
    desk.wait_for(lambda: desk.said(BORIS)[-1]["text"] == "Администратор отказал в просьбе о токенах." or None)
    assert record(desk, BORIS)["balance"] == 700
    assert "favors" not in record(desk, BORIS)
    assert ledger(desk, "favour") == []
    assert desk.write("/askfavor", user=BORIS).startswith("Просьба передана")


def test_one_request_at_a_time_and_only_with_little_left(desk: Conversation) -> None:
    desk.write("/ask_favor")
    assert desk.write("/ask_favor") == "Your request is with the admin already: please wait."
    desk.restart()
    assert desk.write("/ask_favor") == "Your request is with the admin already: please wait."
    desk.write("/refill 102 301", user=OWNER)
    assert desk.write("/ask_favor", user=BORIS).startswith("Просить ещё рано: на вашем счету 1\u00a0001 токен.")
    assert desk.write("/ask_favor", user=OWNER).startswith("Вы администратор")
    assert desk.write("/ask_favor", chat=GROUP) == "This command works in a private chat with me."


def test_an_old_bots_mark_is_no_open_request(desk: Conversation) -> None:
    desk.bot.store.set_fields(str(ALICE), active_favor_request=True)
    assert desk.write("/ask_favor").startswith("Your request has gone")


def test_a_hundred_presses_decide_once(desk: Conversation) -> None:
    desk.write("/ask_favor")
    olgas, veras = notice(desk, "просит токены"), notice(desk, "asks for tokens", VERA)

    def press(number: int) -> None:
        admin, message = ((OWNER, olgas), (VERA, veras))[number % 2]
        desk.world.press(message, data(message)[number // 2 % 2], user=admin, forged=True)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(press, range(100)))
    desk.wait_for(lambda: len(desk.world.calls("answerCallbackQuery")) >= 100 or None, 30)
    told = [each for each in desk.said(ALICE) if "The admin" in each["text"]]
    assert len(told) == 1
    granted = "gave you" in told[0]["text"]
    assert record(desk)["balance"] == (30_700 if granted else 700)
    assert ledger(desk, "favour") == ([30_000] if granted else [])


def test_nobody_else_decides(desk: Conversation) -> None:
    desk.write("/ask_favor")
    asked = notice(desk, "просит токены")
    mine = desk.ask("/settings")
    assert desk.press(mine, data(asked)[0], forged=True) == "This button does not work any more."
    assert desk.press(asked, data(asked)[0], user=ALICE, forged=True) == "This button does not work any more."
    assert record(desk)["balance"] == 700


def test_a_request_is_decided_after_a_restart(desk: Conversation) -> None:
    desk.write("/ask_favor")
    asked = notice(desk, "просит токены")
    desk.restart()
    desk.press(asked, data(asked)[0], user=OWNER)
    desk.wait_for(lambda: record(desk)["balance"] == 30_700 or None)


def test_who_left_gets_nothing(desk: Conversation) -> None:
    desk.write("/ask_favor")
    asked = notice(desk, "просит токены")
    desk.press(desk.ask("/delete_me"), "delete:yes")
    desk.wait_for(lambda: str(ALICE) not in desk.bot.store.records or None)
    assert desk.press(asked, data(asked)[0], user=OWNER) == "Эта кнопка больше не действует."
    assert str(ALICE) not in desk.bot.store.records


def test_an_admin_who_cannot_be_reached_holds_nobody_up(desk: Conversation) -> None:
    desk.world.member("kicked", user=VERA)
    desk.write("/ask_favor")
    asked = notice(desk, "просит токены")
    desk.press(asked, data(asked)[0], user=OWNER)
    desk.wait_for(lambda: record(desk)["balance"] == 30_700 or None)
    desk.world.member("kicked", user=OWNER)
    assert desk.write("/ask_favor", user=BORIS).startswith("До администратора не достучаться")
    assert desk.write("/ask_favor", user=BORIS).startswith("До администратора не достучаться")


def test_feedback_is_passed_on_and_rewarded_once(desk: Conversation) -> None:
    assert desk.write("/feedback <b>Fine</b> *bot* _x_") == "Passed on to the admin. Thank you!"
    olgas, veras = notice(desk, "Отзыв"), notice(desk, "Feedback", VERA)
    assert olgas["text"].endswith("\n\n<b>Fine</b> *bot* _x_")
    assert [each["type"] for each in veras["entities"]] == ["mention"]
    desk.press(olgas, data(olgas)[0], user=OWNER)
    desk.wait_for(lambda: "rewards your feedback with 5,000 tokens" in desk.said(ALICE)[-1]["text"] or None)
    assert notice(desk, "A reward", VERA)["text"] == "A reward for feedback: Alice (id 101), +5,000. Decided by Olga."
    assert record(desk)["balance"] == 5_700
    assert ledger(desk, "feedback") == [5_000]
    for admin, message in ((OWNER, olgas), (VERA, veras)):
        there = desk.wait_for(
            lambda admin=admin, sent=message["message_id"]: (
                None if buttons(desk.message(admin, sent)) else desk.message(admin, sent)
            )
        )
        assert there["text"] == message["text"]


def test_a_second_reward_is_refused(desk: Conversation) -> None:
    desk.write("/feedback Fine")
    asked, busy = notice(desk, "Отзыв"), threading.Event()
    desk.bot.quick.put(OWNER, lambda: [busy.wait(10)].clear())
    for _ in range(2):
        desk.world.press(asked, data(asked)[0], user=OWNER)
    before = desk.world.state()["event_id"]
    busy.set()
    events = desk.wait_for(
        lambda: (
            found
            if len(found := [each for each in desk.world.events(before, 0) if each["type"] == "callback_answer"]) == 2
            else None
        )
    )
    assert [each["text"] for each in events] == ["", "Эта кнопка больше не действует."]
    assert ledger(desk, "feedback") == [5_000]


def test_feedback_without_words_asks_for_them(desk: Conversation) -> None:
    asked = desk.ask("/fb", user=BORIS)
    assert asked["text"].startswith("Что передать администратору?")
    desk.press(asked, "Отмена", user=BORIS)
    desk.wait_for(lambda: desk.message(BORIS, asked["message_id"])["text"] == "Отменено." or None)
    assert desk.write("Спасибо", user=BORIS) == "You said: Спасибо"
    desk.write("/fb", user=BORIS)
    photo = {"kind": "photo", "name": "a.jpg", "size": 10}
    assert desk.ask(None, user=BORIS, file=photo)["text"].startswith("Передать могу только текст.")
    assert desk.write("Хорошо", user=BORIS) == "Передано администратору. Спасибо!"
    assert notice(desk, "Отзыв")["text"].endswith("\n\nХорошо")
    assert desk.write("/support") == "What shall I tell the admin? Write it in one message."
    assert desk.write("/cancel") == "Cancelled."
    assert desk.write("A question") == "You said: A question"


def test_a_long_feedback_fits_or_is_refused(desk: Conversation) -> None:
    assert desk.write("/fb " + "ж" * 3701).startswith("Your feedback is too long: 3,700 characters fit.")
    assert desk.write("/fb " + "ж" * 3700).startswith("Passed on")
    assert notice(desk, "жж")["text"].endswith("ж" * 3700)


def test_an_admin_answers_by_replying(desk: Conversation) -> None:
    desk.write("/feedback Where is it?")
    asked = notice(desk, "Feedback", VERA)
    done = desk.write("Look <b>there</b>", user=VERA, reply_to=asked["message_id"])
    assert done == "Your answer has reached Alice (id 101)."
    assert desk.said(ALICE)[-1]["text"] == "The admin answers:\n\nLook <b>there</b>"
    desk.world.member("kicked", user=ALICE)
    lost = desk.write("Again", user=VERA, reply_to=asked["message_id"])
    assert lost == "Your answer was not delivered: Alice (id 101) takes no messages from the bot."
    assert desk.script.requests() == []


def test_old_appeals_make_room_but_an_open_favour_stays(desk: Conversation) -> None:
    store = desk.bot.store
    favor = store.open_favor(ALICE, 1000)
    first, *later = [store.open_feedback(ALICE) for _ in range(21)]
    assert store.appeal(ALICE, favor)
    assert store.appeal(ALICE, first) is None
    assert store.appeal(ALICE, later[-1])
    assert len(record(desk)["appeals"]) == 20


class TestWithoutWallets:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"WALLETS": "off"}

    def test_there_is_nothing_to_ask_for(self, alice: Conversation) -> None:
        assert alice.write("/ask_favor") == "This bot charges nothing: use it freely."
        assert "/ask_favor" not in alice.write("/help")
        alice.write("/feedback Fine")
        assert not buttons(notice(alice, "Отзыв"))
