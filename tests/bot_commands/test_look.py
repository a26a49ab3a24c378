"""Photos as people send them: looked at by the premium model, paid by the premium wallet."""

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons
from tests.sounds import film, sent

GIFT = 20_000
USAGE = {"prompt_tokens": 900, "completion_tokens": 50, "total_tokens": 950}


@pytest.fixture
def settings() -> dict[str, str]:
    return {"NEW_USER_PREMIUM_BALANCE": str(GIFT)}


def picture(kind: str = "PNG", side: int = 40) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), "red").save(out, kind)
    return out.getvalue()


def premium(people: Conversation, user: int = ALICE) -> tuple[int, int]:
    assert people.bot.long.wait_idle(10)
    found = people.bot.store.user(user)
    assert found
    return found.balance, found.premium_balance


def asked(people: Conversation, number: int = -1) -> dict[str, Any]:
    body: dict[str, Any] = people.script.requests("completions")[number]["body"]
    return body


@pytest.mark.parametrize(("kind", "mime"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/jpeg")])
def test_a_photo_with_its_caption_goes_to_the_premium_model_as_bytes(alice: Conversation, kind: str, mime: str) -> None:
    alice.script.queue({"text": "Red.", "usage": USAGE})
    assert alice.ask("Which *colour*?", file=sent(picture(kind), "photo"))["text"] == "Red."
    body = asked(alice)
    assert body["model"] == "gpt-6.1-terra"
    words, image = body["messages"][-1]["content"]
    assert words == {"type": "text", "text": "Which *colour*?"}
    start, _, data = image["image_url"]["url"].partition(",")
    assert start == f"data:{mime};base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as seen:
        assert (seen.size, seen.convert("RGB").getpixel((5, 5))) == ((40, 40), pytest.approx((255, 0, 0), abs=2))
    assert alice.world.token not in json.dumps(body)
    assert premium(alice) == (30_000, GIFT - 950)
    assert alice.bot.store.records[str(ALICE)]["premium_tokens"] == 950


@pytest.mark.parametrize(("user", "question"), [(ALICE, "What is in this picture?"), (BORIS, "Что на этой картинке?")])
def test_without_a_caption_it_is_asked_what_is_there(alice: Conversation, user: int, question: str) -> None:
    alice.ask(None, user=user, file=sent(picture(), "photo"))
    assert asked(alice)["messages"][-1]["content"][0]["text"] == question


def test_the_largest_size_is_looked_at(alice: Conversation) -> None:
    alice.ask("What?", file=sent(picture("PNG", 700), "photo"))
    data = asked(alice)["messages"][-1]["content"][1]["image_url"]["url"].partition(",")[2]
    with Image.open(io.BytesIO(base64.b64decode(data))) as seen:
        assert seen.size == (700, 700)


def test_it_says_that_it_looks(alice: Conversation) -> None:
    alice.script.queue({"text": "Red.", "delay": 0.6})
    alice.ask("Which colour?", file=sent(picture(), "photo"))
    assert alice.world.calls("sendMessageDraft")[0]["params"]["text"] == "Looking…"


def shown(people: Conversation) -> list[int]:
    """The places of the messages that carry a picture in the last request, from its end."""
    messages = asked(people)["messages"]
    return [place - len(messages) for place, each in enumerate(messages) if isinstance(each["content"], list)]


def data_of(people: Conversation, place: int) -> bytes:
    url = asked(people)["messages"][place]["content"][1]["image_url"]["url"]
    return base64.b64decode(url.partition(",")[2])


def test_with_memory_a_picture_goes_along_for_five_turns_where_it_was_sent(alice: Conversation) -> None:
    alice.write("/ec")
    alice.ask("Which colour?", file=sent(picture(), "photo"))
    for command in ("/t", "/info"):
        assert "The last picture goes along with 5 more questions." in alice.write(command)
    for turn in range(1, 6):
        alice.write(f"Sure? {turn}")
        assert shown(alice) == [-1 - 2 * turn]
        assert asked(alice)["model"] == "gpt-6.1-terra"
    assert data_of(alice, 1) == picture()
    alice.write("And now?")
    assert shown(alice) == []
    assert asked(alice)["model"] == "gpt-6-luna"
    assert asked(alice)["messages"][1]["content"] == "Which colour?", "its words stay"
    assert "attachment" not in alice.bot.store.records[str(ALICE)]


def test_it_goes_along_until_a_newer_one_or_a_new_dialogue_also_after_a_restart(alice: Conversation) -> None:
    alice.write("/ec")
    alice.ask("Which colour?", file=sent(picture(), "photo"))
    alice.ask("And this?", file=sent(picture("JPEG"), "photo"))
    assert shown(alice) == [-1]
    alice.restart()
    alice.write("Sure?")
    assert shown(alice) == [-3]
    assert data_of(alice, -3) == picture("JPEG")
    alice.write("/new")
    alice.write("Hello")
    assert shown(alice) == []


def test_follow_ups_are_paid_by_the_premium_wallet_and_left_out_with_a_word_when_that_is_empty(
    alice: Conversation,
) -> None:
    alice.write("/ec")
    alice.script.queue(*({"text": "Red.", "usage": USAGE} for _ in range(2)))
    alice.ask("Which colour?", file=sent(picture(), "photo"))
    alice.write("Sure?")
    assert premium(alice) == (30_000, GIFT - 2 * 950)
    alice.bot.store.refill(ALICE, "premium_balance", 1000 - premium(alice)[1])
    answer = alice.write("Really?")
    assert answer.endswith("there are not enough premium tokens to look at it.")
    assert shown(alice) == []
    assert asked(alice)["model"] == "gpt-6-luna"
    assert alice.write("Really?") == "You said: Really?", "it is said once"


@pytest.mark.parametrize("user", [ALICE, BORIS])
def test_a_picture_that_telegram_gives_no_more_is_left_out_with_a_word(alice: Conversation, user: int) -> None:
    alice.write("/ec", user=user)
    alice.ask("Which colour?", user=user, file=sent(picture(), "photo"))
    alice.world.fault(method="getFile", kind="400", times=None)
    answer = alice.write("Sure?", user=user)
    assert answer.startswith("You said: Sure?")
    assert ("without" in answer) or ("без него" in answer)
    assert asked(alice)["model"] == "gpt-6-luna"
    assert alice.write("Sure?", user=user) == "You said: Sure?"


def test_without_memory_it_goes_along_when_it_or_its_answer_is_replied_to(alice: Conversation) -> None:
    answer = alice.ask("Which colour?", file=sent(picture(), "photo"))
    alice.write("Sure?")
    assert shown(alice) == []
    sure = alice.ask("Sure?", reply_to=answer["message_id"])
    assert shown(alice) == [-1]
    assert [each["content"] for each in asked(alice)["messages"]][1:3] == ["Which colour?", "You said: Which colour?"]
    alice.ask("Really?", reply_to=sure["message_id"])
    assert shown(alice) == [-1]
    assert asked(alice)["model"] == "gpt-6.1-terra"
    alice.restart()
    alice.ask("Sure?", reply_to=answer["message_id"] - 1)
    assert data_of(alice, -1) == picture()


@pytest.mark.parametrize("settings", [{"NEW_USER_PREMIUM_BALANCE": "199"}])
def test_a_question_about_a_picture_replied_to_is_refused_like_the_picture(alice: Conversation) -> None:
    photo = alice.ask(None, file=sent(picture(), "photo"))["message_id"] - 1
    assert alice.write("Which colour?", reply_to=photo).startswith("The premium model looks at pictures")
    assert alice.script.requests("completions") == []


@pytest.mark.parametrize("words", ["@sandbox_assistant_bot", "/pro", "@sandbox_assistant_bot what is it?"])
def test_in_a_group_a_picture_of_somebody_else_is_looked_at_in_a_reply(alice: Conversation, words: str) -> None:
    alice.world.set_bot(can_read_all_group_messages=True)
    photo = alice.world.send(None, user=BORIS, chat=GROUP, file=sent(picture(), "photo"))["message"]["message_id"]
    alice.ask(words, chat=GROUP, reply_to=photo)
    assert data_of(alice, -1) == picture()
    question = asked(alice)["messages"][-1]["content"][0]["text"]
    assert question == ("Alice: what is it?" if "what" in words else "Alice: What is in this picture?")


def test_a_picture_is_erased_with_who_sent_it_from_a_group(alice: Conversation) -> None:
    alice.write("/ec", user=OWNER, chat=GROUP)
    alice.ask("@sandbox_assistant_bot which colour?", chat=GROUP, file=sent(picture(), "photo"))
    assert alice.bot.long.wait_idle(5)
    assert len(alice.bot.store.everything_about(ALICE)["in_groups"][str(GROUP)]) == 4, "turn, picture, question"
    alice.press(alice.ask("/delete_me"), "delete:yes")
    alice.write("@sandbox_assistant_bot hello", user=BORIS, chat=GROUP)
    assert shown(alice) == []
    assert "attachment" not in alice.bot.store.records[str(GROUP)]


@pytest.mark.parametrize("settings", [{"NEW_USER_PREMIUM_BALANCE": "199"}])
@pytest.mark.parametrize(("user", "words"), [(ALICE, "The premium model looks"), (BORIS, "Картинки смотрит премиум")])
def test_an_empty_wallet_is_refused_with_a_way_out(alice: Conversation, user: int, words: str) -> None:
    refused = alice.ask("Which colour?", user=user, file=sent(picture(), "photo"))
    assert refused["text"].startswith(words)
    assert buttons(refused)
    assert alice.script.requests("completions") == []
    assert alice.world.calls("getFile") == []


def test_a_failure_costs_nothing_and_the_photo_is_looked_at_again(alice: Conversation) -> None:
    alice.script.queue({"times": 2, "fault": {"kind": "status", "status": 500}})
    failure = alice.ask("Which colour?", file=sent(picture(), "photo"))
    assert failure["text"].endswith("Nothing was charged.")
    assert premium(alice) == (30_000, GIFT)
    alice.script.queue({"text": "Red.", "usage": USAGE})
    alice.press(failure, "Retry")
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "Red." or None)
    assert len(asked(alice)["messages"][-1]["content"]) == 2
    assert premium(alice) == (30_000, GIFT - 950)


def test_a_restart_after_it_was_paid_charges_once(alice: Conversation) -> None:
    alice.script.queue({"text": "Red.", "hold": True, "usage": USAGE}, {"text": "Red.", "usage": USAGE})
    alice.world.send("Which colour?", user=ALICE, file=sent(picture(), "photo"))
    alice.script.wait(lambda seen: seen or None, "completions")
    alice.restart()
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "Red." or None)
    assert premium(alice) == (30_000, GIFT - 950)


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (sent(b"no picture", "photo", width=90, height=90), "I can't read this picture"),
        (sent(picture(), "photo", file_size=21 * 1024 * 1024), "Red"),
    ],
)
def test_what_is_no_picture_is_said(alice: Conversation, file: dict[str, Any], words: str) -> None:
    alice.script.queue({"text": "Red.", "usage": USAGE})
    assert alice.ask("Which colour?", file=file)["text"].startswith(words)


def pictures(people: Conversation, number: int = -1) -> list[bytes]:
    """The pictures in a message of the last request."""
    content = asked(people)["messages"][number]["content"]
    urls = [part["image_url"]["url"] for part in content if part["type"] == "image_url"]
    return [base64.b64decode(url.partition(",")[2]) for url in urls]


def album(*sides: int) -> list[dict[str, Any]]:
    return [sent(picture(side=side), "photo") for side in sides]


def sizes(people: Conversation, number: int = -1) -> list[int]:
    return [Image.open(io.BytesIO(data)).width for data in pictures(people, number)]


def test_an_album_is_one_question_with_all_its_pictures_and_one_charge(alice: Conversation) -> None:
    alice.script.queue({"text": "Red, all.", "usage": USAGE})
    alice.world.send("Which colours?", user=ALICE, files=album(40, 50, 60, 70))
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "Red, all." or None)
    assert premium(alice) == (30_000, GIFT - 950)
    assert len(alice.script.requests("completions")) == 1
    assert asked(alice)["messages"][-1]["content"][0] == {"type": "text", "text": "Which colours?"}
    assert sizes(alice) == [40, 50, 60, 70]
    assert alice.bot.store.records[str(ALICE)]["requests"] == 1


def test_an_album_without_words_is_asked_about_in_the_plural(alice: Conversation) -> None:
    alice.world.send(None, user=ALICE, files=album(40, 50))
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: What is in these pictures?" or None)


def test_an_album_is_asked_about_once_through_a_restart(alice: Conversation) -> None:
    alice.script.queue({"text": "Red.", "hold": True, "usage": USAGE}, {"text": "Red, all.", "usage": USAGE})
    alice.world.send("Which colours?", user=ALICE, files=album(40, 50, 60))
    alice.script.wait(lambda seen: seen or None, "completions")
    alice.restart()
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "Red, all." or None)
    assert sizes(alice) == [40, 50, 60]
    assert premium(alice) == (30_000, GIFT - 950)
    alice.press(alice.said(ALICE)[-1], "Again")
    alice.wait_for(lambda: len(alice.script.requests("completions")) == 3 or None)
    assert sizes(alice) == [40, 50, 60]


def test_two_albums_are_two_questions(alice: Conversation) -> None:
    for words, sides in (("One?", (40, 50)), ("Two?", (60, 70))):
        alice.world.send(words, user=ALICE, files=album(*sides))
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: Two?" or None)
    assert sizes(alice) == [60, 70]
    assert len(alice.script.requests("completions")) == 2


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_words_of_a_video_are_about_the_photos_of_its_album(alice: Conversation, place: int) -> None:
    files: list[dict[str, Any]] = album(40, 50)
    files.insert(place, sent(film(1), "video"))
    for number, each in enumerate(files):
        each["caption"] = "Which colours?" if number == place else ""
    alice.world.send(None, user=ALICE, files=files)
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: Which colours?" or None)
    assert sizes(alice) == [40, 50]
    assert len(alice.script.requests("completions")) == 1
    assert [each["text"][:20] for each in alice.said(ALICE)[1:-1]] == ["I don't watch videos"]


def test_the_words_of_an_album_of_videos_are_no_question(alice: Conversation) -> None:
    alice.world.send("Which colours?", user=ALICE, files=[sent(film(1), "video"), sent(film(1), "video")])
    alice.world.send("Hello", user=ALICE)
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: Hello" or None)
    assert len(alice.script.requests("completions")) == 1


def test_a_remembered_album_goes_along_whole_and_its_reply_chain_too(alice: Conversation) -> None:
    alice.world.send("Which colours?", user=ALICE, files=album(40, 50))
    said = alice.wait_for(lambda: alice.said(ALICE)[-1] if "You said" in alice.said(ALICE)[-1]["text"] else None)
    alice.write("Sure?", reply_to=said["message_id"])
    assert sizes(alice) == [40, 50], "as a reply to the answer"
    alice.write("/ec")
    alice.world.send("And here?", user=ALICE, files=album(60, 70))
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: And here?" or None)
    alice.restart()
    assert "The last files go along with 5 more questions." in alice.write("/t")
    alice.write("Sure?")
    assert sizes(alice, -3) == [60, 70]


def test_a_remembered_album_is_left_out_when_the_wallet_pays_for_some_of_it_only(alice: Conversation) -> None:
    row = {"name": "gpt-6.1-terra", "wallet": "premium", "window": 60_000, "can": ["effort", "pictures"]}
    (alice.folder / "own.json").write_text(json.dumps([row]))
    alice.environment["MODELS_FILE"] = "own.json"
    alice.restart()
    alice.write("/ec")
    alice.world.send("Which colours?", user=ALICE, files=album(1500, 1500, 1500))
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: Which colours?" or None)
    alice.bot.store.refill(ALICE, "premium_balance", 4000 - premium(alice)[1])
    answer = alice.write("Thanks")
    assert answer.startswith("You said: Thanks\n\nThe picture is left out from here on")
    assert asked(alice)["model"] == "gpt-6-luna"
    assert alice.write("Bye") == "You said: Bye"


def test_a_model_with_eyes_that_is_not_served_any_more_is_passed_over(alice: Conversation) -> None:
    names = ("gpt-6.1-terra", "gpt-6.1-sol", "gpt-4o-mini")
    cans: tuple[list[str], ...] = (["effort"], ["effort", "pictures"], ["pictures"])
    rows = [{"name": name, "wallet": "premium", "can": can} for name, can in zip(names, cans, strict=True)]
    (alice.folder / "own.json").write_text(json.dumps(rows))
    alice.environment["MODELS_FILE"] = "own.json"
    alice.restart()
    alice.script.queue({"fault": {"kind": "status", "status": 404, "code": "model_not_found"}})
    assert "gpt-6.1-sol is no longer served" in alice.write("Which colour?", file=sent(picture(), "photo"))
    assert alice.write("Which colour?", file=sent(picture(), "photo")) == "You said: Which colour?"
    assert asked(alice)["model"] == "gpt-4o-mini"


def test_a_forwarded_photo_belongs_to_the_words_before_it(alice: Conversation) -> None:
    origin = {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "News"}}
    alice.script.queue({"text": "What is what?", "delay": 3.0})
    alice.world.send("What is it?", user=ALICE)
    alice.world.send(None, user=ALICE, file=sent(picture(side=55), "photo"), extra=origin)
    alice.script.wait(lambda seen: any(isinstance(each["body"]["messages"][-1]["content"], list) for each in seen))
    assert premium(alice)[1] < GIFT
    assert sizes(alice) == [55]
    assert len(alice.said(ALICE)) == 2, "one welcome, one answer"


def test_a_sticker_is_looked_at_and_not_talked_about_further(alice: Conversation) -> None:
    alice.write("/ec")
    alice.ask(None, file=sent(picture("WEBP", 64), "sticker", emoji="👍"))
    assert sizes(alice) == [64]
    assert asked(alice)["messages"][-1]["content"][0]["text"] == "👍"
    alice.write("Thanks")
    assert asked(alice)["model"] == "gpt-6-luna"


@pytest.mark.parametrize("moves", ["is_animated", "is_video"])
def test_of_a_sticker_that_moves_its_still_picture_is_looked_at(alice: Conversation, moves: str) -> None:
    still = alice.world.send(None, user=ALICE, file=sent(picture("WEBP", 64), "sticker", emoji="👍"))["message"][
        "sticker"
    ]
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: 👍" or None)
    film = {"file_id": "none", "file_unique_id": "n", "type": "regular", "is_animated": False, "is_video": False}
    film |= {"width": 512, "height": 512, "emoji": "🐈", moves: True, "thumbnail": still}
    alice.ask(None, extra={"sticker": film})
    assert sizes(alice) == [64]
    alice.ask(None, extra={"sticker": film | {"thumbnail": None}})
    assert asked(alice)["messages"][-1]["content"] == "🐈"


@pytest.mark.parametrize("settings", [{}])
def test_without_premium_tokens_its_emoji_is_the_question(alice: Conversation) -> None:
    alice.ask(None, file=sent(picture("WEBP", 64), "sticker", emoji="👍"))
    assert asked(alice)["messages"][-1]["content"] == "👍"
    assert asked(alice)["model"] == "gpt-6-luna"


def test_an_image_sent_as_a_file_is_a_picture(alice: Conversation) -> None:
    alice.ask("Which colour?", file=sent(picture(side=90), "document", name="red.png", mime_type="image/png"))
    assert sizes(alice) == [90]
    assert asked(alice)["model"] == "gpt-6.1-terra"


def test_in_a_group_a_photo_is_looked_at_when_the_bot_is_called(alice: Conversation) -> None:
    alice.world.group(GROUP, title="Friends", members=[ALICE, BORIS])
    assert alice.silent("Look at this", chat=GROUP, file=sent(picture(), "photo"))
    answer = alice.ask("@sandbox_assistant_bot which colour?", chat=GROUP, file=sent(picture(), "photo"))
    assert answer["text"] == "You said: Alice: which colour?"


@pytest.mark.parametrize("settings", [{"NEW_USER_PREMIUM_BALANCE": "0"}, {"MAX_FILE_MB": "1"}])
def test_why_an_album_is_refused_is_said_once(alice: Conversation, settings: dict[str, str]) -> None:
    large = {"kind": "photo", "size": 1_100_000}
    files = [large if "MAX_FILE_MB" in settings else sent(picture(), "photo")] * 3
    before = len(alice.said(ALICE))
    alice.world.send("Which colours?", user=ALICE, files=files)
    alice.world.send("/balance", user=ALICE)  # served behind all of them
    alice.wait_for(lambda: any("Your wallet:" in each["text"] for each in alice.said(ALICE)[before:]))
    refusal, _balance = alice.said(ALICE)[before:]
    assert ("up to 1 MB" if "MAX_FILE_MB" in settings else "not enough premium tokens") in refusal["text"]
    assert alice.script.requests("completions") == []
