"""Announcements: the target, the preview, the last word, each receiver once, a report that is true."""

import json
from functools import partial
from typing import Any

import pytest

from bot_commands import guard, mailing
from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons

NEWS = "Tonight we are closed."
LEFT = "Эта рассылка уже отправлена или оставлена. Начать новую: /announce"
EVERYBODY = (OWNER, ALICE, BORIS)


def offered(alice: Conversation, text: str | None = NEWS, **fields: Any) -> dict[str, Any]:
    """Give the message that was asked for; the question under its preview."""
    sent = alice.world.send(text, user=OWNER, **fields)["message"]["message_id"]
    asks = "Отправить?"
    return alice.wait_for(
        lambda: next((each for each in alice.said(OWNER, sent) if asks in each.get("text", "")), None)
    )


def prepared(alice: Conversation, target: str = "all") -> dict[str, Any]:
    assert "Пришлите сообщение" in alice.write(f"/announce {target}", user=OWNER)
    return offered(alice)


def report(alice: Conversation, question: dict[str, Any]) -> str:
    """What the bot says at the end; the line that told how far it is has ended before."""

    def ended() -> str | None:
        for each in alice.said(OWNER, question["message_id"]):
            if each.get("reply_to_message", {}).get("message_id") == question["message_id"]:
                return str(each["text"])
        return None

    words = alice.wait_for(ended)
    line = alice.message(OWNER, question["message_id"])
    assert line["text"].startswith("Рассылка закончена: ")
    assert not buttons(line)
    return words


def got(alice: Conversation, chat: int, text: str = NEWS) -> int:
    copies = sum(each.get("text") == text for each in alice.said(chat))
    return copies - (chat == OWNER)  # the admin has the preview too


def asked(alice: Conversation, target: str) -> str:
    """How many receivers a target has, as the bot says it."""
    return alice.write(f"/announce {target}", user=OWNER).partition(".")[0]


def test_an_announcement_reaches_everybody_once(alice: Conversation) -> None:
    asks = alice.write("/announce all", user=OWNER)
    assert asks.startswith("3 получателя. Пришлите сообщение")
    bold = [{"type": "bold", "offset": 0, "length": 7}]
    question = offered(alice, entities=bold)
    preview = alice.message(OWNER, question["message_id"] - 1)
    assert (preview["text"], preview["entities"]) == (NEWS, bold)
    assert "3 получателя" in question["text"]
    assert [button["text"] for button in buttons(question)] == ["Отправить", "Отмена"]
    assert [got(alice, user) for user in EVERYBODY] == [0, 0, 0]
    alice.press(question, "Отправить", user=OWNER)
    assert report(alice, question) == (
        "Рассылка закончена.\nДоставлено: 3\nБот заблокирован или удалён: 0\nНе принято: 0"
    )
    assert [got(alice, user) for user in EVERYBODY] == [1, 1, 1]
    assert alice.said(ALICE)[-1]["entities"] == bold


@pytest.mark.parametrize("name", ["announce", "A", "alert", "broadcast", "notify"])
def test_every_name_of_the_command(alice: Conversation, name: str) -> None:
    assert alice.write(f"/{name} test", user=OWNER).startswith("1 получатель. Пришлите")
    assert alice.write(f"/{name} test").startswith(f"I have no command /{name.lower()}")


@pytest.mark.parametrize(
    ("target", "receivers"),
    [
        ("all", {OWNER, ALICE, BORIS}),
        ("ALL", {OWNER, ALICE, BORIS}),
        ("req1", {ALICE}),
        ("bal30001", {OWNER, BORIS}),
        ("bal30k", {OWNER, BORIS}),
        ("test", {OWNER}),
        ("@ALICE", {ALICE}),
        ("102, @alice 101", {ALICE, BORIS}),
        (f"{GROUP} boris", {GROUP, BORIS}),
    ],
)
def test_whom_it_is_for(alice: Conversation, target: str, receivers: set[int]) -> None:
    alice.write("Hello")
    alice.write("/refill 102 1", user=OWNER)
    question = prepared(alice, target)
    alice.press(question, "Отправить", user=OWNER)
    assert f"\nДоставлено: {len(receivers)}\n" in report(alice, question)
    assert {chat for chat in (*EVERYBODY, GROUP) if got(alice, chat)} == receivers


def test_who_is_blocked_is_left_out(alice: Conversation) -> None:
    alice.write("/ban boris", user=OWNER)
    assert asked(alice, "all") == "2 получателя"


@pytest.mark.parametrize(
    ("target", "complaint"),
    [
        ("@nobody 101 -55 77", "Не знаю таких: @nobody, -55, 77."),
        ("all alice", "Не знаю таких: all."),
        ("req", "Не знаю таких: req."),
        ("req1000", "Под «req1000» сейчас никто не подходит"),
    ],
)
def test_a_target_is_checked_first(alice: Conversation, target: str, complaint: str) -> None:
    assert alice.write(f"/announce {target}", user=OWNER).startswith(complaint)
    assert alice.write("Hello", user=OWNER) == "You said: Hello", "no message is waited for"


def test_without_a_target_the_usual_ones_are_offered(alice: Conversation) -> None:
    for label, answer in (("Только мне", "1 получатель"), ("Всем (3)", "3 получателя"), ("Отмена", "Отменено.")):
        message = alice.ask("/announce", user=OWNER)
        assert message["text"].startswith("Кому разослать?")
        assert [button["text"] for button in buttons(message)] == ["Всем (3)", "Только мне", "Отмена"]
        alice.press(message, label, user=OWNER)
        shown = partial(alice.message, OWNER, message["message_id"])
        alice.wait_for(lambda shown=shown, answer=answer: shown()["text"].startswith(answer) or None)
    assert alice.write("Hello", user=OWNER) == "You said: Hello"
    message = alice.ask("/announce ,", user=OWNER)
    alice.press(message, "Только мне", user=OWNER)
    alice.wait_for(lambda: "Пришлите" in alice.message(OWNER, message["message_id"])["text"] or None)
    question = offered(alice)
    alice.press(question, "Отправить", user=OWNER)
    report(alice, question)
    assert [got(alice, user) for user in EVERYBODY] == [1, 0, 0]


@pytest.mark.parametrize("kind", ["photo", "voice", "video", "document", "animation"])
def test_a_message_of_any_kind(alice: Conversation, kind: str) -> None:
    alice.write("/announce 101", user=OWNER)
    question = offered(alice, "Look", file={"kind": kind, "size": 3})
    alice.press(question, "Отправить", user=OWNER)
    report(alice, question)
    copy = alice.said(ALICE)[-1]
    assert copy[kind]
    assert copy["caption"] == "Look"


def test_an_album_is_refused_once_and_the_next_message_taken(alice: Conversation) -> None:
    alice.write("/announce all", user=OWNER)
    photo = {"kind": "photo", "size": 3}
    sent = alice.world.send("Look", user=OWNER, files=[photo, photo, photo])["message"]["message_id"]
    question = offered(alice)
    said = [each["text"] for each in alice.said(OWNER, sent) if each["message_id"] != question["message_id"]]
    assert [text.partition(" — ")[0] for text in said] == ["Альбом", NEWS]


def test_what_cannot_be_copied_is_refused_and_the_next_message_taken(alice: Conversation) -> None:
    alice.write("/announce all", user=OWNER)
    alice.world.fault(method="copyMessage", kind="400", description="Bad Request: message can't be copied")
    assert alice.write("An invoice", user=OWNER).startswith("Такое сообщение Telegram разослать не даёт")
    assert offered(alice)


def test_another_command_is_a_command_and_ends_it(alice: Conversation) -> None:
    alice.write("/announce all", user=OWNER)
    assert alice.write("/balance", user=OWNER).startswith("Ваш счёт")
    assert alice.write("Hello", user=OWNER) == "You said: Hello"
    question = prepared(alice)
    alice.write("/balance", user=OWNER)
    assert alice.press(question, "Отправить", user=OWNER) == LEFT
    assert [got(alice, user) for user in EVERYBODY] == [0, 0, 0]


def test_cancelled_by_word_or_button(alice: Conversation) -> None:
    alice.write("/announce all", user=OWNER)
    assert alice.write("/cancel", user=OWNER) == "Отменено."
    assert alice.write("Hello", user=OWNER) == "You said: Hello"
    question = prepared(alice)
    alice.press(question, "Отмена", user=OWNER)
    alice.wait_for(lambda: alice.message(OWNER, question["message_id"])["text"] == "Рассылка отменена." or None)
    data = buttons(question)[0]["callback_data"]
    assert alice.press(question, data, user=OWNER, forged=True) == "Эта кнопка больше не действует."
    assert [got(alice, user) for user in EVERYBODY] == [0, 0, 0]


def test_a_better_message_takes_the_place_of_the_first(alice: Conversation) -> None:
    first = prepared(alice)
    second = offered(alice, "Tonight we are open.")
    assert alice.press(first, "Отправить", user=OWNER) == LEFT
    assert alice.press(first, "Отмена", user=OWNER) == LEFT
    alice.press(second, "Отправить", user=OWNER)
    report(alice, second)
    assert [got(alice, ALICE, text) for text in (NEWS, "Tonight we are open.")] == [0, 1]


def test_many_presses_send_once(alice: Conversation) -> None:
    question = prepared(alice)
    person = alice.world.send("…", user=ALICE)["message"]["from"] | {"id": OWNER}
    press = {"from": person, "message": question, "data": buttons(question)[0]["callback_data"], "chat_instance": "7"}
    for number in range(50):
        alice.world.update({"callback_query": {"id": str(number), **press}})
    report(alice, question)
    assert alice.write("/balance", user=OWNER), "all presses are served"
    assert [got(alice, user) for user in EVERYBODY] == [1, 1, 1]


def test_nobody_else_sends_cancels_or_stops(alice: Conversation) -> None:
    question = prepared(alice)
    own = alice.ask("/settings")
    for row in buttons(question):
        assert alice.press(question, row["callback_data"]) == "This button does not work any more."
        assert alice.press(own, row["callback_data"], forged=True) == "This button does not work any more."
    assert [got(alice, user) for user in EVERYBODY] == [0, 0, 0]
    alice.press(question, "Отправить", user=OWNER)
    assert "\nДоставлено: 3\n" in report(alice, question)


def test_who_has_blocked_the_bot_is_counted_and_left_out_until_they_write(alice: Conversation) -> None:
    alice.world.fault(method="copyMessage", chat_id=BORIS, kind="403")
    question = prepared(alice)
    alice.press(question, "Отправить", user=OWNER)
    assert "Доставлено: 2\nБот заблокирован или удалён: 1\nНе принято: 0" in report(alice, question)
    assert asked(alice, "all") == "2 получателя"
    assert asked(alice, "boris") == "1 получатель", "who is named is tried"
    alice.write("/balance", user=BORIS)
    assert asked(alice, "all") == "3 получателя"


def test_who_blocks_and_unblocks_is_known_from_telegram(alice: Conversation) -> None:
    alice.world.member("kicked", user=BORIS)
    alice.wait_for(lambda: asked(alice, "all") == "2 получателя" or None)
    alice.world.member("member", user=BORIS)
    alice.wait_for(lambda: asked(alice, "all") == "3 получателя" or None)


def test_a_group_that_throws_the_bot_out_is_marked(alice: Conversation) -> None:
    alice.write("/prompt Answer like a pirate", user=OWNER, chat=GROUP)

    def record() -> dict[str, Any]:
        return json.loads(alice.bot.store.file_content())[str(GROUP)]

    alice.world.member("kicked", user=OWNER, chat=GROUP)
    alice.wait_for(lambda: record().get("unreachable"))
    alice.world.member("member", user=OWNER, chat=GROUP)
    alice.wait_for(lambda: "unreachable" not in record() or None)


def test_what_telegram_does_not_take_is_counted(alice: Conversation) -> None:
    alice.world.fault(
        method="copyMessage", chat_id=ALICE, kind="400", description="Bad Request: VOICE_MESSAGES_FORBIDDEN"
    )
    question = prepared(alice)
    alice.press(question, "Отправить", user=OWNER)
    assert "Доставлено: 2\nБот заблокирован или удалён: 0\nНе принято: 1" in report(alice, question)
    assert asked(alice, "all") == "3 получателя"


def test_a_message_that_is_deleted_ends_it(alice: Conversation) -> None:
    question = prepared(alice)
    gone = "Bad Request: message to copy not found"
    alice.world.fault(method="copyMessage", chat_id=ALICE, kind="400", description=gone)
    alice.press(question, "Отправить", user=OWNER)
    words = report(alice, question)
    assert words.startswith("Рассылка прекращена: сообщение выше удалили")
    assert words.endswith("Доставлено: 1\nБот заблокирован или удалён: 0\nНе принято: 0\nНе отправлено: 2")
    assert got(alice, BORIS) == 0


def under_way(alice: Conversation, question: dict[str, Any]) -> dict[str, Any]:
    """Send it while Alice's chat is to be left alone for two seconds; the line that tells how far it is."""
    alice.world.fault(method="copyMessage", chat_id=ALICE, kind="429", retry_after=2)
    alice.press(question, "Отправить", user=OWNER)
    alice.wait_for(lambda: any(call["status"] == 429 for call in alice.world.calls("copyMessage")) or None)
    return alice.message(OWNER, question["message_id"])


def test_stopped_on_its_way(alice: Conversation) -> None:
    question = prepared(alice)
    line = under_way(alice, question)
    assert line["text"] == "Рассылка: 0 из 3\nДоставлено: 0 · бот заблокирован: 0 · не принято: 0"
    (button,) = buttons(line)
    assert alice.press(line, button["callback_data"]) == "This button does not work any more."
    assert alice.press(line, "Остановить рассылку", user=OWNER) == "Останавливаю."
    words = report(alice, question)
    assert words.startswith("Рассылка остановлена.\nДоставлено: 2\n")
    assert words.endswith("\nНе отправлено: 1")
    assert [got(alice, user) for user in EVERYBODY] == [1, 1, 0]
    again = alice.press(line, button["callback_data"], user=OWNER, forged=True)
    assert again == "Эта кнопка больше не действует."


def test_a_stop_that_comes_too_late(alice: Conversation) -> None:
    question = prepared(alice)
    line = under_way(alice, question)
    report(alice, question)
    late = {**line, "message_id": alice.bot.telegram.send(mailing.Place(OWNER), "x", rows=[[stop_button(line)]])}
    assert alice.press(late, stop_button(line).data, user=OWNER) == "Эта рассылка уже закончена."


def stop_button(line: dict[str, Any]) -> mailing.Button:
    (button,) = buttons(line)
    return mailing.Button(button["text"], button["callback_data"])


def test_the_next_process_goes_on_with_it(alice: Conversation) -> None:
    question = prepared(alice)
    under_way(alice, question)
    alice.bot.stop()
    line = alice.message(OWNER, question["message_id"])
    assert line["text"].startswith("Рассылка прервана на 2 из 3: ")
    assert [got(alice, user) for user in EVERYBODY] == [1, 1, 0]
    alice.start()
    assert "\nДоставлено: 3\n" in report(alice, question)
    assert [got(alice, user) for user in EVERYBODY] == [1, 1, 1]
    goes_on = "Бот перезапущен и продолжает рассылку: готово 2 из 3."
    assert [each["text"] for each in alice.said(OWNER)].count(goes_on) == 1


def test_it_waits_for_a_telegram_that_is_away(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "INSIST_SECONDS", 0.0)
    monkeypatch.setattr(guard, "AWAY_SECONDS", 0.01)
    question = prepared(alice)
    alice.world.fault(method="copyMessage", kind="502", times=5, after=1)
    alice.press(question, "Отправить", user=OWNER)
    assert "\nДоставлено: 3\n" in report(alice, question)
    assert [got(alice, user) for user in EVERYBODY] == [1, 1, 1]
    assert len(alice.world.calls("copyMessage")) == 1 + 3 + 5


def test_who_is_deleted_meanwhile_gets_nothing(alice: Conversation) -> None:
    question = prepared(alice)
    under_way(alice, question)
    alice.bot.store.erase(BORIS)
    assert "Доставлено: 2\nБот заблокирован или удалён: 1\n" in report(alice, question)
    assert got(alice, BORIS) == 0


def test_answers_are_given_meanwhile(alice: Conversation) -> None:
    question = prepared(alice)
    under_way(alice, question)
    assert alice.write("Hello", user=OWNER) == "You said: Hello"
    assert got(alice, BORIS) == 0, "the announcement is still on its way"
    assert "\nДоставлено: 3\n" in report(alice, question)


def test_another_announcement_waits_for_the_first(alice: Conversation) -> None:
    first = prepared(alice)
    under_way(alice, first)
    second = prepared(alice, "boris")
    alice.press(second, "Отправить", user=OWNER)
    assert alice.message(OWNER, second["message_id"])["text"].startswith("Рассылка: 0 из 1\n")
    assert "\nДоставлено: 3\n" in report(alice, first)
    assert "\nДоставлено: 1\n" in report(alice, second)
    copied = [int(call["params"]["chat_id"]) for call in alice.world.calls("copyMessage") if call["status"] == 200]
    assert copied == [OWNER, OWNER, OWNER, ALICE, BORIS, BORIS]
