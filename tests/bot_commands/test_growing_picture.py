"""A picture on its way: the message that says so shows it, and is gone when the whole one is there."""

import io
import json
from typing import Any

import pytest
from PIL import Image
from telebot.apihelper import ApiTelegramException

from tests.bot_commands.test_draw import drawn, left, next_picture, pictures
from tests.conftest import ALICE, BORIS, GROUP, Conversation, buttons

HELD = {"path": "images", "hold": True}  # before the first picture on the way; with hold_after behind so many


@pytest.fixture
def settings() -> dict[str, str]:
    return {"NEW_USER_IMAGE_BALANCE": "3"}


def waiting(people: Conversation, chat: int = ALICE) -> dict[str, Any]:
    """The message with Stop, as soon as it shows a picture."""
    found: dict[str, Any] = people.wait_for(
        lambda: next((each for each in pictures(people, chat) if "stop" in str(buttons(each))), None)
    )
    return found


def shown(people: Conversation, message: dict[str, Any]) -> bytes:
    return people.world.file(message["photo"][-1]["file_id"])


@pytest.mark.parametrize(("user", "words"), [(ALICE, "Drawing…"), (BORIS, "Рисую…")])
def test_the_wait_message_becomes_the_growing_picture(alice: Conversation, user: int, words: str) -> None:
    alice.script.queue(HELD | {"hold_after": 1})
    alice.world.send("/img a cat", user=user)
    message = waiting(alice, user)
    assert message["caption"].startswith(words)
    assert message["reply_to_message"]["text"] == "/img a cat"
    assert [each["callback_data"] for each in buttons(message)] == ["stop"]
    alice.script.release()
    alice.wait_for(lambda: message["message_id"] not in [each["message_id"] for each in alice.said(user)])
    (picture,) = pictures(alice, user)
    assert picture["message_id"] > message["message_id"]
    assert picture["caption"] == "a cat"
    assert shown(alice, picture) != shown(alice, message)
    assert left(alice, user) == 2


def test_it_is_shown_ever_finer_and_the_seconds_go_on(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("delivery.growing.SAY_SECONDS_FROM", 0.0)
    alice.script.queue({"path": "images", "per_delta": 3.5})
    alice.world.send("/img a cat", user=ALICE)
    next_picture(alice, 1)
    assert left(alice) == 2
    edits = alice.world.calls("editMessageMedia")
    assert len(edits) == 2
    assert len({edit["params"]["message_id"] for edit in edits}) == 1
    assert all(json.loads(edit["params"]["media"])["caption"].startswith("Drawing… ") for edit in edits)
    assert alice.world.calls("editMessageCaption")


def test_in_a_group_too(alice: Conversation) -> None:
    alice.world.group(GROUP, title="Friends", members=[ALICE, BORIS])
    alice.script.queue(HELD | {"hold_after": 2})
    alice.world.send("/img@sandbox_assistant_bot a cat", user=ALICE, chat=GROUP)
    message = waiting(alice, GROUP)
    assert alice.press(message, "stop", user=BORIS) == "Эта кнопка не ваша."
    alice.script.release()
    alice.wait_for(lambda: left(alice) == 2 or None)
    (picture,) = pictures(alice, GROUP)
    assert picture["caption"] == "a cat"


def test_stop_takes_the_unfinished_picture_away(alice: Conversation) -> None:
    alice.script.queue(HELD | {"hold_after": 1})
    alice.world.send("/img a cat", user=ALICE)
    alice.press(waiting(alice), "stop")
    alice.wait_for(lambda: alice.said(ALICE)[-1].get("text", "").startswith("Stopped before") or None)
    assert pictures(alice) == []
    assert left(alice) == 3


@pytest.mark.parametrize("fault", ["cut", "event_error", "reset"])
def test_a_failure_on_the_way_leaves_its_sentence_only(alice: Conversation, fault: str) -> None:
    alice.script.queue(HELD | {"hold_after": 1, "fault": {"kind": fault, "after": 1}})
    alice.world.send("/img a cat", user=ALICE)
    waiting(alice)
    alice.script.release()
    failure = alice.wait_for(
        lambda: "Nothing was charged" in alice.said(ALICE)[-1].get("text", "") and alice.said(ALICE)[-1]
    )
    assert pictures(alice) == []
    assert left(alice) == 3
    alice.press(failure, "Retry")
    assert next_picture(alice, 1)["caption"] == "a cat"


@pytest.mark.parametrize(
    ("user", "words"), [(ALICE, "The provider declined to draw this"), (BORIS, "Провайдер отказался рисовать это")]
)
def test_a_refusal_on_the_way_is_explained(alice: Conversation, user: int, words: str) -> None:
    alice.script.queue(
        HELD | {"hold_after": 1, "fault": {"kind": "event_error", "after": 1, "code": "moderation_blocked"}}
    )
    alice.world.send("/img a cat", user=user)
    waiting(alice, user)
    alice.script.release()
    alice.wait_for(lambda: alice.said(user)[-1].get("text", "").startswith(words) or None)
    assert pictures(alice, user) == []
    assert left(alice, user) == 3


def test_a_restart_on_the_way_goes_on_in_the_same_message(alice: Conversation) -> None:
    alice.script.queue(HELD | {"hold_after": 1}, HELD | {"hold_after": 2})
    alice.world.send("/img a cat", user=ALICE)
    before = waiting(alice)
    alice.restart()
    after = alice.wait_for(lambda: shown(alice, waiting(alice)) != shown(alice, before) and waiting(alice))
    assert after["message_id"] == before["message_id"]
    assert len(pictures(alice)) == 1
    alice.script.release()
    alice.wait_for(lambda: left(alice) == 2 or None)
    assert len(alice.said(ALICE)) == 2, "the greeting and the picture"
    assert pictures(alice)[0]["caption"] == "a cat"


def test_words_of_the_next_process_stand_under_the_picture_of_the_last(alice: Conversation) -> None:
    alice.script.queue(HELD | {"hold_after": 1}, {"path": "images", "fault": {"kind": "stall", "seconds": 60}})
    alice.world.send("/img a cat", user=ALICE)
    before = waiting(alice)
    alice.bot.stop()
    assert "restart" in alice.message(ALICE, before["message_id"])["caption"]
    alice.start()
    alice.wait_for(lambda: alice.message(ALICE, before["message_id"])["caption"].startswith("Drawing…") or None)
    alice.press(alice.message(ALICE, before["message_id"]), "stop")
    alice.wait_for(lambda: alice.said(ALICE)[-1].get("text", "").startswith("Stopped before") or None)
    assert pictures(alice) == []


def test_a_telegram_that_takes_no_picture_there_shows_the_words(alice: Conversation) -> None:
    alice.world.fault(method="editMessageMedia", kind="400", times=None)
    alice.script.queue({"path": "images", "per_delta": 1.5})
    alice.world.send("/img a cat", user=ALICE)
    next_picture(alice, 1)
    assert left(alice) == 2
    assert len(alice.world.calls("editMessageMedia")) == 1
    assert len(alice.said(ALICE)) == 2


def test_a_wait_message_that_was_deleted_harms_nothing(alice: Conversation) -> None:
    alice.script.queue(HELD | {"hold_after": 1})
    alice.world.send("/img a cat", user=ALICE)
    message = waiting(alice)
    with pytest.raises(ApiTelegramException):
        alice.bot.telegram._bot.edit_message_text("x", ALICE, message["message_id"])
    alice.bot.telegram.delete(ALICE, message["message_id"])
    alice.script.release()
    alice.wait_for(lambda: left(alice) == 2 or None)
    assert len(pictures(alice)) == 1


@pytest.mark.parametrize("settings", [{"STREAMING": "off", "IMAGE_QUALITY": "low", "NEW_USER_IMAGE_BALANCE": "3"}])
def test_without_streaming_it_comes_whole_in_the_owners_quality(alice: Conversation) -> None:
    alice.ask("/img a cat")
    (asked,) = drawn(alice)
    assert "stream" not in asked["body"]
    assert asked["body"]["quality"] == "low"
    assert alice.world.calls("editMessageMedia") == []


def test_a_server_without_streams_is_asked_plainly_from_then_on(alice: Conversation) -> None:
    alice.script.queue({"path": "images", "fault": {"kind": "status", "status": 400, "param": "stream"}})
    alice.ask("/img a cat")
    alice.ask("/img a dog")
    assert ["stream" in each["body"] for each in drawn(alice)] == [True, False, False]
    assert left(alice) == 1


def test_the_pictures_on_the_way_are_pictures(alice: Conversation) -> None:
    alice.script.queue(HELD | {"hold_after": 1})
    alice.world.send("/img a cat", user=ALICE)
    with Image.open(io.BytesIO(shown(alice, waiting(alice)))) as picture:
        assert picture.size == (1024, 1024)
    alice.script.release()
    next_picture(alice, 1)


@pytest.mark.parametrize("settings", [{"TELEGRAM_RATE": "30", "NEW_USER_IMAGE_BALANCE": "9"}])
def test_growing_pictures_keep_telegrams_limits(alice: Conversation) -> None:
    alice.world.group(GROUP, title="Friends", members=[ALICE, BORIS])
    alice.world.flood(True)
    alice.script.queue({"path": "images", "times": 9, "per_delta": 2.5})  # six messages take ten seconds
    for _ in range(2):
        for user, chat in ((ALICE, ALICE), (BORIS, BORIS), (ALICE, GROUP)):
            alice.world.send("/img@sandbox_assistant_bot a cat", user=user, chat=chat)
    for chat in (ALICE, BORIS, GROUP):
        alice.wait_for(lambda chat=chat: (len(pictures(alice, chat)) == 2 and not alice.bot.long.running()) or None, 60)
    assert len(alice.world.calls("editMessageMedia")) >= 3
    assert [call for call in alice.world.calls() if call["status"] == 429] == []
