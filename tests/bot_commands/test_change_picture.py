"""Changing a picture: by a reply to it, or sent with the command as its caption; what the provider is given."""

import io
import json
from typing import Any

import pytest
from PIL import Image

from bot_commands.table import BY_NAME
from incoming.reading import OF_CAPTIONS
from tests.bot_commands.test_draw import entries, left, next_picture, pictures
from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons
from tests.sounds import sent

BLUE = (0, 0, 255)


@pytest.fixture
def settings() -> dict[str, str]:
    return {"NEW_USER_IMAGE_BALANCE": "3"}


def photo(width: int = 60, height: int = 60, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), BLUE).save(out, kind)
    return out.getvalue()


def edits(people: Conversation) -> list[dict[str, Any]]:
    return people.script.requests("images/edits")


def sky(people: Conversation, message: dict[str, Any]) -> Any:
    """The colour above the words of the placeholder: that of the picture underneath."""
    with Image.open(io.BytesIO(people.world.file(message["photo"][-1]["file_id"]))) as picture:
        red, green, blue = picture.convert("RGB").getpixel((picture.width // 2, 60))
        return BLUE if red < 5 and green < 5 and blue > 250 else (red, green, blue)  # a JPEG is not exact


def post(people: Conversation, text: str | None = None, chat: int = ALICE, user: int = ALICE) -> int:
    """Somebody's picture that nobody asks about, in a group."""
    return int(people.world.send(text, user=user, chat=chat, file=sent(photo(), "photo"))["message"]["message_id"])


def test_the_command_of_captions_is_the_one_of_the_table() -> None:
    row = BY_NAME["img"]
    assert (row.name, *row.aliases) == OF_CAPTIONS


@pytest.mark.parametrize(
    ("width", "height", "shape"), [(60, 60, "1024x1024"), (40, 60, "1024x1536"), (90, 60, "1536x1024")]
)
@pytest.mark.parametrize("command", ["/img", "/Imagine", "/image", "/i"])
def test_a_photo_with_the_command_is_changed_in_its_shape(
    alice: Conversation, width: int, height: int, shape: str, command: str
) -> None:
    picture = alice.ask(f"{command} add a hat", file=sent(photo(width, height), "photo"))
    assert picture["caption"] == "add a hat"
    assert sky(alice, picture) == BLUE
    (asked,) = edits(alice)
    assert asked["body"]["prompt"] == "add a hat"
    assert asked["body"]["size"] == shape
    assert [each["kind"] for each in asked["files"]] == ["image/png"]
    assert [button["text"] for button in buttons(picture)] == ["Again", "Other format", "Full quality file"]
    assert left(alice) == 2
    assert [(entry["amount"], entry["pictures"]) for entry in entries(alice)] == [(-1, 1)]
    assert alice.world.token not in json.dumps(asked)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP"])
def test_a_picture_sent_as_a_file_is_changed(alice: Conversation, kind: str) -> None:
    file = sent(photo(kind=kind), "document", name=f"a.{kind.lower()}", mime_type=f"image/{kind.lower()}")
    assert sky(alice, alice.ask("/img add a hat", file=file)) == BLUE
    assert edits(alice)[0]["files"][0]["kind"] in ("image/png", "image/jpeg")


def test_the_senders_name_of_a_file_goes_nowhere(alice: Conversation) -> None:
    file = sent(photo(), "document", name="../../Alice's passport.png", mime_type="image/png")
    alice.ask("/img add a hat", file=file)
    assert [each["name"] for each in edits(alice)[0]["files"]] == ["0.png"]


def test_two_pictures_at_once_do_not_mix(alice: Conversation) -> None:
    for words, (width, height) in {"one": (60, 60), "two": (40, 60), "three": (90, 60)}.items():
        alice.world.send(f"/img {words}", user=ALICE, file=sent(photo(width, height), "photo"))
    next_picture(alice, 3)
    asked = {each["body"]["prompt"]: each["body"]["size"] for each in edits(alice)}
    assert asked == {"one": "1024x1024", "two": "1024x1536", "three": "1536x1024"}
    assert left(alice) == 0


def test_a_drawn_picture_is_changed_by_a_reply(alice: Conversation) -> None:
    first = alice.ask("/img a cat")
    alice.world.send("/img now with a hat", user=ALICE, reply_to=first["message_id"])
    second = next_picture(alice, 2)
    assert second["caption"] == "now with a hat"
    assert edits(alice)[0]["body"]["prompt"] == "now with a hat"
    assert left(alice) == 1


def test_somebody_elses_picture_in_a_group_is_changed_for_who_asks(alice: Conversation) -> None:
    alice.world.group(GROUP, title="Friends", members=[ALICE, BORIS])
    theirs = post(alice, chat=GROUP, user=BORIS)
    picture = alice.ask("/img add a hat", chat=GROUP, reply_to=theirs)
    assert sky(alice, picture) == BLUE
    assert (left(alice), left(alice, BORIS)) == (2, 3)
    alice.press(picture, "Again", user=ALICE)
    assert sky(alice, next_picture(alice, 2, GROUP)) == BLUE


def test_a_caption_in_a_group_is_a_command_too(alice: Conversation) -> None:
    alice.world.group(GROUP, title="Friends", members=[ALICE, BORIS])
    picture = alice.ask("/img@sandbox_assistant_bot add a hat", chat=GROUP, file=sent(photo(), "photo"))
    assert sky(alice, picture) == BLUE
    assert alice.silent("/img@other_bot add a hat", chat=GROUP, file=sent(photo(), "photo"))


def test_both_the_own_picture_and_the_one_replied_to_are_sent(alice: Conversation) -> None:
    alice.world.group(GROUP, title="Friends", members=[ALICE, BORIS])
    theirs = post(alice, chat=GROUP, user=BORIS)
    alice.ask("/img put this hat on", chat=GROUP, reply_to=theirs, file=sent(photo(90, 60), "photo"))
    assert len(edits(alice)[0]["files"]) == 2
    assert edits(alice)[0]["body"]["size"] == "1024x1024"


@pytest.mark.parametrize(
    ("user", "question"), [(ALICE, "What shall I change in the picture?"), (BORIS, "Что изменить на картинке?")]
)
def test_without_words_it_is_asked_what_to_change(alice: Conversation, user: int, question: str) -> None:
    asked = alice.ask("/img", user=user, file=sent(photo(), "photo"))
    assert asked["text"].startswith(question)
    assert buttons(asked)[-1]["callback_data"] == "/cancel"
    alice.restart()
    picture = alice.ask("add a hat", user=user)
    assert picture["caption"] == "add a hat"
    assert sky(alice, picture) == BLUE
    alice.press(picture, f"draw:own:{next(iter(alice.bot.store.records[str(user)]['drawn_on']))}", user=user)
    assert sky(alice, next_picture(alice, 2, user)) == BLUE


def test_in_a_group_the_change_comes_as_a_reply(alice: Conversation) -> None:
    alice.world.group(GROUP, title="Friends", members=[ALICE, BORIS])
    asked = alice.ask("/img", chat=GROUP, reply_to=post(alice, chat=GROUP, user=BORIS))
    assert asked["text"] == "What shall I change in the picture? Reply to this message with a description."
    assert sky(alice, alice.ask("a hat", chat=GROUP, reply_to=asked["message_id"])) == BLUE


def test_again_and_another_format_change_the_same_picture_after_a_restart(alice: Conversation) -> None:
    first = alice.ask("/img a cat")
    alice.world.send("/img a hat", user=ALICE, reply_to=first["message_id"])
    second = next_picture(alice, 2)
    alice.restart()
    alice.press(second, "Other format")
    question = alice.wait_for(lambda: alice.said(ALICE)[-1].get("text") == "Which format?" and alice.said(ALICE)[-1])
    alice.press(question, "shape:vertical")
    third = next_picture(alice, 3)
    assert third["caption"] == "a hat"
    assert [each["body"]["size"] for each in edits(alice)] == ["1024x1024", "1024x1536"]
    assert alice.press(second, "Again", forged=True) != ""
    alice.write("/refill 101 5 image", user=OWNER)
    alice.press(third, "Again")
    next_picture(alice, 4)
    assert [each["body"]["size"] for each in edits(alice)][2:] == ["1024x1536"]
    assert {each["body"]["prompt"] for each in edits(alice)} == {"a hat"}


def test_what_was_changed_long_ago_is_forgotten(alice: Conversation) -> None:
    picture = alice.ask("/img a hat", file=sent(photo(), "photo"))
    alice.bot.store.set_fields(str(ALICE), drawn_on={})
    alice.press(picture, "Again")
    alice.wait_for(lambda: "description is gone" in alice.said(ALICE)[-1].get("text", "") or None)
    assert left(alice) == 2


def test_the_newest_twenty_are_remembered(alice: Conversation) -> None:
    for number in range(1, 30):
        alice.bot.store.keep_sources(ALICE, number, ())
    assert len(alice.bot.store.records[str(ALICE)]["drawn_on"]) == 20
    alice.bot.store.keep_sources(999, 1, ())
    assert "999" not in alice.bot.store.records


@pytest.mark.parametrize(
    ("user", "words"), [(ALICE, "I can change pictures only"), (BORIS, "Менять я умею только картинки")]
)
def test_what_is_no_picture_is_not_changed(alice: Conversation, user: int, words: str) -> None:
    file = sent(b"%PDF-1.7", "document", name="a.pdf", mime_type="application/pdf")
    assert alice.write("/img a hat", user=user, file=file).startswith(words)
    assert left(alice, user) == 3


def test_a_file_that_only_says_it_is_a_picture_costs_nothing(alice: Conversation) -> None:
    file = sent(b"#!/bin/sh", "document", name="a.png", mime_type="image/png")
    assert alice.write("/img a hat", file=file).startswith("I can't read this picture")
    assert edits(alice) == []
    assert left(alice) == 3


@pytest.mark.parametrize("settings", [{"NEW_USER_IMAGE_BALANCE": "3", "MAX_FILE_MB": "1"}])
def test_a_file_that_is_too_large_is_refused_before_it_is_fetched(alice: Conversation) -> None:
    file = {"kind": "document", "name": "a.png", "mime_type": "image/png", "size": 2_000_000}
    assert alice.write("/img a hat", file=file).startswith("The file is too large")
    assert alice.world.calls("getFile") == []


@pytest.mark.parametrize(
    ("user", "words"),
    [
        (ALICE, "The model gpt-image-2.6-flare can't change pictures"),
        (BORIS, "Модель gpt-image-2.6-flare не умеет менять картинки"),
    ],
)
def test_a_model_that_cannot_change_pictures_says_so(alice: Conversation, user: int, words: str) -> None:
    alice.script.queue({"path": "edits", "fault": {"kind": "status", "status": 404, "message": "Not Found"}})
    assert alice.write("/img a hat", user=user, file=sent(photo(), "photo")).startswith(words)
    assert left(alice, user) == 3
    assert not [each for each in alice.said(OWNER) if "gpt-image" in each.get("text", "")]


def test_a_refusal_is_explained_and_costs_nothing(alice: Conversation) -> None:
    assert alice.write("/img something forbidden", file=sent(photo(), "photo")).startswith("The provider declined")
    assert left(alice) == 3


def test_a_failed_change_can_be_tried_again(alice: Conversation) -> None:
    alice.script.queue({"path": "edits", "times": 2, "fault": {"kind": "status", "status": 500}})
    failure = alice.ask("/img a hat", file=sent(photo(), "photo"))
    alice.press(failure, "Retry")
    assert sky(alice, next_picture(alice, 1)) == BLUE
    assert left(alice) == 2


def test_a_restart_while_it_changes_changes_the_same(alice: Conversation) -> None:
    alice.script.queue({"path": "edits", "fault": {"kind": "stall", "seconds": 60}})
    alice.world.send("/img a hat", user=ALICE, file=sent(photo(), "photo"))
    alice.script.wait(lambda seen: seen or None, "edits")
    alice.restart()
    assert sky(alice, next_picture(alice, 1)) == BLUE
    assert left(alice) == 2


def test_a_forwarded_picture_with_the_command_is_a_question(alice: Conversation) -> None:
    alice.write("/refill 101 50k premium", user=OWNER)
    origin = {"type": "hidden_user", "sender_user_name": "Eve", "date": 1}
    answer = alice.ask("/img a hat", file=sent(photo(), "photo"), extra={"forward_origin": origin})
    assert "photo" not in answer
    assert edits(alice) == []


@pytest.mark.parametrize("settings", [{}])
def test_an_empty_wallet_is_refused_before_anything_is_fetched(alice: Conversation) -> None:
    assert alice.write("/img a hat", file=sent(photo(), "photo")).startswith("Not enough pictures")
    assert alice.world.calls("getFile") == []
    assert pictures(alice) == []


def test_a_turned_photo_is_changed_upright(alice: Conversation) -> None:
    with Image.open(io.BytesIO(photo(90, 60))) as picture:
        exif = Image.Exif()
        exif[0x0112] = 6
        out = io.BytesIO()
        picture.save(out, "JPEG", exif=exif)
    alice.ask("/img a hat", file=sent(out.getvalue(), "photo"))
    assert edits(alice)[0]["body"]["size"] == "1024x1536"


def album(*sizes: tuple[int, int]) -> list[dict[str, Any]]:
    return [sent(photo(*size), "photo") for size in sizes]


def test_an_album_is_changed_as_one(alice: Conversation) -> None:
    picture = alice.ask("/img put them side by side", files=album((60, 90), (60, 60), (60, 60)))
    (asked,) = edits(alice)
    assert len(asked["files"]) == 3
    assert asked["body"]["size"] == "1024x1536"
    assert left(alice) == 2
    assert len(alice.said(ALICE)) == 2, "the greeting and the picture: no other picture of it was a question"
    alice.press(picture, "Again")
    next_picture(alice, 2)
    assert len(edits(alice)[1]["files"]) == 3


def test_an_album_without_words_is_asked_about(alice: Conversation) -> None:
    assert alice.write("/img", files=album((60, 60), (60, 60))).startswith("What shall I change")
    alice.ask("a hat")
    assert len(edits(alice)[0]["files"]) == 2


def test_an_album_is_whole_after_a_restart(alice: Conversation) -> None:
    alice.script.queue({"path": "edits", "fault": {"kind": "stall", "seconds": 60}})
    alice.world.send("/img a hat", user=ALICE, files=album((60, 60), (60, 60)))
    alice.script.wait(lambda seen: seen or None, "edits")
    alice.restart()
    next_picture(alice, 1)
    assert [len(each["files"]) for each in edits(alice)] == [2, 2]
    assert left(alice) == 2
    assert not [each for each in alice.said(ALICE) if "premium" in each.get("text", "")]


def test_of_a_mixed_album_the_pictures_are_changed(alice: Conversation) -> None:
    files = [
        sent(photo(), "document", name="a.png", mime_type="image/png"),
        sent(b"words", "document", name="a.txt", mime_type="text/plain"),
    ]
    alice.ask("/img a hat", files=files)
    assert len(edits(alice)[0]["files"]) == 1
