"""Drawing as people ask for it: by a command, by questions, again, in another format; what the wallet pays."""

import io
from typing import Any

import pytest
from PIL import Image

from accounts.wallets import Wallets
from tests.conftest import ALICE, BORIS, GROUP, Conversation, buttons, on_files


@pytest.fixture
def settings() -> dict[str, str]:
    return {"NEW_USER_IMAGE_BALANCE": "3"}


def left(people: Conversation, user: int = ALICE) -> int:
    found = people.bot.store.user(user)
    assert found
    assert people.bot.long.wait_idle(10)
    found = people.bot.store.user(user)
    assert found
    return found.image_balance


def size(people: Conversation, message: dict[str, Any]) -> tuple[int, int]:
    with Image.open(io.BytesIO(people.world.file(message["photo"][-1]["file_id"]))) as picture:
        return picture.size


def drawn(people: Conversation) -> list[dict[str, Any]]:
    return people.script.requests("images/generations")


def pictures(people: Conversation, chat: int = ALICE) -> list[dict[str, Any]]:
    return [each for each in people.said(chat) if "photo" in each]


def next_picture(people: Conversation, count: int, chat: int = ALICE) -> dict[str, Any]:
    found: list[dict[str, Any]] = people.wait_for(
        lambda: pictures(people, chat) if len(pictures(people, chat)) == count else None
    )
    return found[-1]


def entries(people: Conversation) -> list[dict[str, Any]]:
    return [each for each in people.entries() if each["reason"] == "picture"]


@pytest.mark.parametrize("command", ["/img", "/imagine", "/image", "/I"])
def test_words_after_the_command_are_drawn_and_one_picture_is_charged(alice: Conversation, command: str) -> None:
    picture = alice.ask(f"{command} a red *cat*")
    assert picture["caption"] == "a red *cat*"
    assert "caption_entities" not in picture
    assert [button["text"] for button in buttons(picture)] == ["Again", "Other format", "Full quality file"]
    assert drawn(alice)[0]["body"]["prompt"] == "a red *cat*"
    assert left(alice) == 2
    record = alice.bot.store.records[str(ALICE)]
    assert (record["images"], record["requests"], record["tokens"]) == (1, 1, 0)
    (entry,) = entries(alice)
    assert (entry["amount"], entry["pictures"], entry["wallet"]) == (-1, 1, "image_balance")
    assert entry["model"] == "gpt-image-2.6-flare"


def test_the_wait_is_said_and_gone_when_the_picture_is_there(alice: Conversation) -> None:
    alice.script.queue({"path": "images", "delay": 1.0})
    alice.world.send("/img a cat", user=ALICE)
    waiting = alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "Drawing…" and alice.said(ALICE)[-1])
    assert [button["callback_data"] for button in buttons(waiting)] == ["stop"]
    picture = next_picture(alice, 1)
    assert left(alice) == 2
    assert [each["message_id"] for each in alice.said(ALICE)][-1] == picture["message_id"]
    assert waiting["message_id"] not in [each["message_id"] for each in alice.said(ALICE)]
    assert "upload_photo" in [call["params"]["action"] for call in alice.world.calls("sendChatAction")]


@pytest.mark.parametrize(
    ("user", "what", "which", "shape", "chosen"),
    [
        (ALICE, "What shall I draw?", "Which format?", "Horizontal", "Which format? Horizontal"),
        (BORIS, "Что нарисовать?", "Какой формат?", "Горизонтальный", "Какой формат? Горизонтальный"),
    ],
)
def test_the_bot_asks_what_and_in_which_format(
    alice: Conversation, user: int, what: str, which: str, shape: str, chosen: str
) -> None:
    asked = alice.ask("/img", user=user)
    assert asked["text"].startswith(what)
    assert buttons(asked)[-1]["callback_data"] == "/cancel"
    question = alice.ask("a blue whale", user=user)
    assert question["text"] == which
    assert [button["callback_data"] for button in buttons(question)] == [
        *("shape:square", "shape:vertical", "shape:horizontal"),
        "/cancel",
    ]
    alice.press(question, shape, user=user)
    picture = next_picture(alice, 1, user)
    assert picture["caption"] == "a blue whale"
    assert drawn(alice)[0]["body"]["size"] == "1536x1024"
    alice.wait_for(lambda: alice.message(user, question["message_id"])["text"] == chosen or None)
    assert left(alice, user) == 2
    assert alice.press(question, "shape:square", user=user, forged=True) != ""
    assert len(drawn(alice)) == 1


def test_the_questions_outlive_a_restart(alice: Conversation) -> None:
    alice.write("/img")
    alice.restart()
    question = alice.ask("a blue whale")
    alice.restart()
    alice.press(question, "shape:vertical")
    assert size(alice, next_picture(alice, 1))[1] > size(alice, next_picture(alice, 1))[0]


def test_either_question_can_be_cancelled(alice: Conversation) -> None:
    asked = alice.ask("/img")
    alice.press(asked, "/cancel")
    alice.wait_for(lambda: alice.message(ALICE, asked["message_id"])["text"] == "Cancelled." or None)
    assert alice.write("hello") == "You said: hello"
    alice.write("/img")
    question = alice.ask("a whale")
    alice.press(question, "/cancel")
    assert alice.press(question, "shape:square", forged=True) == "This button does not work any more."
    alice.write("/img")
    assert alice.write("/cancel") == "Cancelled."
    assert alice.write("/cancel") == "There is nothing to cancel."
    assert drawn(alice) == []
    assert left(alice) == 3


def test_a_command_in_between_is_a_command(alice: Conversation) -> None:
    alice.write("/img")
    assert "wallet" in alice.write("/balance").lower()
    assert alice.write("hello") == "You said: hello"
    alice.write("/img")
    question = alice.ask("a whale")
    alice.write("/balance")
    assert alice.press(question, "shape:square") == "This button does not work any more."
    assert drawn(alice) == []


def test_a_message_while_the_format_is_asked_is_a_question(alice: Conversation) -> None:
    alice.write("/img")
    question = alice.ask("a whale")
    assert alice.write("How big are whales?") == "You said: How big are whales?"
    alice.press(question, "shape:square")
    assert next_picture(alice, 1)["caption"] == "a whale"


def test_only_the_newest_question_about_the_format_counts(alice: Conversation) -> None:
    alice.write("/img")
    first = alice.ask("a whale")
    alice.write("/img")
    second = alice.ask("a fox")
    assert alice.press(first, "shape:square") == "This button does not work any more."
    alice.press(second, "shape:square")
    assert next_picture(alice, 1)["caption"] == "a fox"


def test_what_is_no_description_is_asked_for_again(alice: Conversation) -> None:
    alice.write("/img")
    sticker = {"kind": "sticker", "name": "s.webp", "mime_type": "image/webp", "data": "AAAA"}
    assert alice.ask(None, file=sticker)["text"].startswith("I need a description in words.")
    assert alice.write("a whale") == "Which format?"


def test_again_and_another_format(alice: Conversation) -> None:
    first = alice.ask("/img a red cat")
    alice.press(first, "Again")
    second = next_picture(alice, 2)
    assert alice.press(first, "draw:square", forged=True) != ""
    alice.press(second, "Other format")
    question = alice.wait_for(lambda: alice.said(ALICE)[-1].get("text") == "Which format?" and alice.said(ALICE)[-1])
    alice.press(question, "shape:vertical")
    assert next_picture(alice, 3)["caption"] == "a red cat"
    assert [each["body"]["size"] for each in drawn(alice)] == ["1024x1024", "1024x1024", "1024x1536"]
    assert {each["body"]["prompt"] for each in drawn(alice)} == {"a red cat"}
    assert left(alice) == 0


def test_in_a_group_the_buttons_are_the_askers(alice: Conversation) -> None:
    alice.world.group(GROUP, title="Friends", members=[ALICE, BORIS])
    picture = alice.ask("/img@sandbox_assistant_bot a red cat", chat=GROUP)
    assert picture["caption"] == "a red cat"
    assert alice.press(picture, "Again", user=BORIS) == "Эта кнопка не ваша."
    alice.press(picture, "Again", user=ALICE)
    next_picture(alice, 2, GROUP)
    assert (left(alice), left(alice, BORIS)) == (1, 3)


def test_in_a_group_the_description_comes_as_a_reply(alice: Conversation) -> None:
    question = alice.ask("/img", chat=GROUP)
    assert question["text"] == "What shall I draw? Reply to this message with a description."
    photo = {"kind": "photo", "name": "a.jpg", "size": 10}
    again = alice.ask(None, chat=GROUP, reply_to=question["message_id"], file=photo)
    assert again["text"] == "I need a description in words. Reply to this message with it."
    assert alice.write("a boat", chat=GROUP, reply_to=again["message_id"]) == "Which format?"


@pytest.mark.parametrize("settings", [{}])
@pytest.mark.parametrize(("user", "words"), [(ALICE, "Not enough pictures"), (BORIS, "Картинок на счету не хватает")])
def test_an_empty_wallet_is_refused_before_anything_is_asked(alice: Conversation, user: int, words: str) -> None:
    for command in ("/img", "/img a cat"):
        refused = alice.ask(command, user=user)
        assert refused["text"].startswith(words)
        assert buttons(refused), "a way out"
    assert drawn(alice) == []


@pytest.mark.parametrize("settings", [{"NEW_USER_IMAGE_BALANCE": "1"}])
def test_the_last_picture_is_drawn_once(alice: Conversation) -> None:
    alice.script.queue({"path": "images", "delay": 0.3})
    for _ in range(3):
        alice.world.send("/img a cat", user=ALICE)
    next_picture(alice, 1)
    alice.wait_for(
        lambda: sum("Not enough pictures" in each.get("text", "") for each in alice.said(ALICE)) == 2 or None
    )
    assert left(alice) == 0
    assert len(drawn(alice)) == 1


@pytest.mark.parametrize(
    ("user", "words"), [(ALICE, "The provider declined to draw this"), (BORIS, "Провайдер отказался рисовать это")]
)
def test_a_refusal_of_the_provider_is_explained_and_costs_nothing(alice: Conversation, user: int, words: str) -> None:
    alice.script.queue({"path": "images", "fault": {"kind": "status", "status": 400, "code": "moderation_blocked"}})
    assert alice.write("/img something bad", user=user).startswith(words)
    assert left(alice, user) == 3


def test_a_failure_costs_nothing_and_can_be_tried_again(alice: Conversation) -> None:
    alice.script.queue({"path": "images", "times": 2, "fault": {"kind": "status", "status": 500}})
    failure = alice.ask("/img a cat")
    assert failure["text"].endswith("Nothing was charged.")
    assert left(alice) == 3
    alice.press(failure, "Retry")
    assert next_picture(alice, 1)["caption"] == "a cat"
    assert left(alice) == 2


def test_a_wait_message_that_cannot_be_taken_away_harms_nothing(alice: Conversation) -> None:
    alice.world.fault(method="deleteMessage", kind="400", times=1)
    alice.world.send("/img a cat", user=ALICE)
    next_picture(alice, 1)
    assert left(alice) == 2
    assert len(drawn(alice)) == 1


def test_stop_while_it_draws_costs_nothing(alice: Conversation) -> None:
    alice.script.queue({"path": "images", "fault": {"kind": "stall", "seconds": 60}})
    alice.world.send("/img a cat", user=ALICE)
    alice.script.wait(lambda seen: seen or None, "images")
    waiting = alice.wait_for(lambda: buttons(alice.said(ALICE)[-1]) and alice.said(ALICE)[-1])
    alice.press(waiting, "stop")
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"].startswith("Stopped before") or None)
    assert left(alice) == 3


def test_a_restart_while_it_draws_draws_again_and_charges_once(alice: Conversation) -> None:
    alice.script.queue({"path": "images", "fault": {"kind": "stall", "seconds": 60}})
    alice.world.send("/img a cat", user=ALICE)
    alice.script.wait(lambda seen: seen or None, "images")
    alice.restart()
    next_picture(alice, 1)
    assert left(alice) == 2
    assert len(alice.said(ALICE)) == 2, "the greeting and the picture: the wait message is gone"


@pytest.mark.parametrize("ends", [False, True], ids=["the handler", "the process"])
def test_a_picture_that_arrived_is_only_charged_when_its_update_runs_again(
    alice: Conversation, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    charge, failures = Wallets.charge, [OSError("before it could charge")]

    def fragile(*given: Any, **named: Any) -> Any:
        if failures:
            if ends:
                alice.bot.telegram.leaving.set()
            raise failures.pop()
        return charge(*given, **named)

    monkeypatch.setattr(Wallets, "charge", fragile)
    alice.world.send("/img a cat", user=ALICE)
    alice.wait_for(lambda: not failures or None)
    if ends:
        assert left(alice) == 3
        alice.restart()
    alice.wait_for(lambda: left(alice) == 2 or None)
    assert len(drawn(alice)) == 1
    assert len(pictures(alice)) == 1
    assert [each.get("note", "") for each in entries(alice)] == (["estimated"] if ends else [""])


def test_a_picture_that_cannot_be_sent_costs_nothing(alice: Conversation) -> None:
    alice.world.fault(method="sendPhoto", kind="403", times=None)
    alice.world.send("/img a cat", user=ALICE)
    alice.wait_for(lambda: alice.world.calls("sendPhoto") or None)
    assert left(alice) == 3


def test_what_telegram_takes_for_no_photo_comes_as_a_file(alice: Conversation) -> None:
    alice.world.fault(method="sendPhoto", kind="400", times=1)
    picture = alice.ask("/img a cat")
    assert picture["document"]["file_name"] == "picture.png"
    assert picture["caption"] == "a cat"
    assert left(alice) == 2


def test_a_long_description_is_drawn_whole_and_shown_as_far_as_there_is_room(alice: Conversation) -> None:
    words = "кот " * 900
    picture = alice.ask(f"/img {words}")
    assert drawn(alice)[0]["body"]["prompt"] == words.strip()
    assert picture["caption"].startswith("кот кот")
    assert picture["caption"].endswith("…")
    alice.press(picture, "Again")
    next_picture(alice, 2)
    assert drawn(alice)[1]["body"]["prompt"] == words.strip()


@pytest.mark.parametrize("settings", [{"WALLETS": "off"}])
def test_without_wallets_it_is_counted_and_free(alice: Conversation) -> None:
    alice.ask("/img a cat")
    assert left(alice) == 0
    assert alice.bot.store.records[str(ALICE)]["images"] == 1


@pytest.mark.parametrize(
    "settings", [{"BUDGET_USD_PER_DAY": "0.01", "DALLE_PRICE": "0.02", "NEW_USER_IMAGE_BALANCE": "3"}]
)
def test_the_days_budget_bounds_pictures_too(alice: Conversation) -> None:
    assert "used up what it may spend" in alice.write("/img a cat")
    assert left(alice) == 3
    assert drawn(alice) == []


def failed(people: Conversation) -> list[dict[str, Any]]:
    assert people.bot.long.wait_idle(10)
    return [each for each in people.entries() if each["reason"] == "failed"]


@pytest.mark.parametrize("settings", [{"DALLE_PRICE": "0.02", "NEW_USER_IMAGE_BALANCE": "3"}])
def test_a_picture_that_was_stopped_counts_in_the_budget(alice: Conversation) -> None:
    alice.script.queue({"path": "images", "fault": {"kind": "stall", "seconds": 60}})
    alice.world.send("/img a cat", user=ALICE)
    alice.script.wait(lambda seen: seen or None, "images")
    waiting = alice.wait_for(lambda: buttons(alice.said(ALICE)[-1]) and alice.said(ALICE)[-1])
    alice.press(waiting, "stop")
    assert [(each["amount"], each["usd"], each["note"]) for each in failed(alice)] == [(0, 0.02, "estimated")]
    assert left(alice) == 3


@pytest.mark.parametrize("settings", [{"DALLE_PRICE": "0.02", "NEW_USER_IMAGE_BALANCE": "3"}])
def test_a_picture_for_who_blocked_the_bot_counts_in_the_budget(alice: Conversation) -> None:
    alice.world.fault(method="sendPhoto", kind="403", times=None)
    alice.world.send("/img a cat", user=ALICE)
    alice.wait_for(lambda: alice.world.calls("sendPhoto") or None)
    assert [each["usd"] for each in failed(alice)] == [0.02]
    assert left(alice) == 3


@on_files
@pytest.mark.parametrize(
    "settings", [{"BUDGET_USD_PER_DAY": "0.03", "DALLE_PRICE": "0.02", "NEW_USER_IMAGE_BALANCE": "3"}]
)
@pytest.mark.parametrize("ages", [0, 10**6], ids=["the budget is spent", "hours have passed"])
def test_a_picture_that_arrived_is_charged_whatever_has_happened_since(
    alice: Conversation, monkeypatch: pytest.MonkeyPatch, ages: int
) -> None:
    cut = [True]

    def fragile(*_: Any, **__: Any) -> Any:
        alice.bot.telegram.leaving.set()
        cut.clear()
        raise OSError("before it could charge")

    with monkeypatch.context() as patch:
        patch.setattr(Wallets, "charge", fragile)
        alice.world.send("/img a cat", user=ALICE)
        alice.wait_for(lambda: not cut or None)
        assert alice.bot.long.wait_idle(10)
    (pending,) = alice.bot.store.file_engine.state.pending.values()
    pending.update["message"]["date"] -= ages
    alice.environment["BUDGET_USD_PER_DAY"] = "0.03" if ages else "0.01"
    alice.restart()
    alice.wait_for(lambda: left(alice) == 2 or None)
    assert len(drawn(alice)) == 1


def test_a_question_that_was_deleted_meanwhile_is_drawn_once(alice: Conversation) -> None:
    alice.write("/img")
    question = alice.ask("a blue whale")
    alice.script.queue({"path": "images", "delay": 1.5})
    alice.world.fault(
        method="editMessageText", kind="400", times=None, description="Bad Request: message to edit not found"
    )
    alice.press(question, "shape:square")
    next_picture(alice, 1)
    assert left(alice) == 2
    assert len(drawn(alice)) == 1
    assert not [each for each in alice.said(ALICE) if "Something broke" in each.get("text", "")]


def test_what_an_update_set_aside_had_queued_is_not_done(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    alice.write("/img")
    question = alice.ask("a blue whale")
    alice.script.queue({"path": "images", "hold": True})

    def broken(*_: Any, **__: Any) -> None:
        raise OSError("not even an edit")

    monkeypatch.setattr(alice.bot.telegram, "edit", broken)
    alice.world.press(question, "shape:square", user=ALICE)
    alice.wait_for(lambda: alice.bot.store.inbox.of_person(ALICE)[1] or None)
    alice.script.release()
    assert left(alice) >= 2
    assert len(drawn(alice)) <= 1


def test_in_a_group_nobody_else_cancels_a_question(alice: Conversation) -> None:
    alice.world.group(GROUP, title="Friends", members=[ALICE, BORIS])
    question = alice.ask("/img@sandbox_assistant_bot", chat=GROUP)
    assert alice.press(question, "/cancel", user=BORIS) == "Эта кнопка не ваша."
    alice.press(question, "/cancel", user=ALICE)
    alice.wait_for(lambda: alice.message(GROUP, question["message_id"])["text"] == "Cancelled." or None)
