"""Messages that are no plain words: each kind is served or refused in one sentence, none is met with silence."""

from typing import Any

import pytest

from bot_commands.kinds import KINDS
from tests.bot_commands.test_talk import prompt_of
from tests.conftest import ALICE, BORIS, GROUP, Conversation

PLACE = {"latitude": 55.75, "longitude": 37.61}
OPTIONS = [{"persistent_id": name, "text": name, "voter_count": 0} for name in ("Tea", "Coffee")]
TASKS = [{"id": 1, "text": "Milk", "completion_date": 1}, {"id": 2, "text": "Bread"}]
NEWS = {"id": -1001, "type": "channel", "title": "News"}
FILE = {"file_id": "none", "file_unique_id": "n"}
LONG = {"width": 9, "height": 9, "duration": 2}

# Kind → what comes, and what the model is given for it, in English and in Russian.
IN_WORDS: dict[str, tuple[Any, str, str]] = {
    "sticker": (FILE | LONG | {"type": "regular", "is_animated": False, "is_video": False, "emoji": "👍"}, "👍", "👍"),
    "contact": (
        {"phone_number": "+7900", "first_name": "Ann", "last_name": "Lee"},
        "Contact: Ann Lee, +7900",
        "Контакт: Ann Lee, +7900",
    ),
    "location": (
        PLACE,
        "A place on the map: latitude 55.75, longitude 37.61",
        "Место на карте: широта 55.75, долгота 37.61",
    ),
    "venue": (
        {"location": PLACE, "title": "Cafe", "address": "Main 1"},
        "A place: Cafe, Main 1 (latitude 55.75, longitude 37.61)",
        "Место: Cafe, Main 1 (широта 55.75, долгота 37.61)",
    ),
    "poll": (
        {"id": "1", "question": "What to drink?", "options": OPTIONS, "type": "regular"},
        "Poll: What to drink?\n– Tea\n– Coffee",
        "Опрос: What to drink?\n– Tea\n– Coffee",
    ),
    "dice": ({"emoji": "🎲", "value": 4}, "🎲 shows 4", "🎲 выпало 4"),
    "checklist": (
        {"title": "Shop", "tasks": TASKS},
        "Checklist: Shop\n[x] Milk\n[ ] Bread",
        "Список дел: Shop\n[x] Milk\n[ ] Bread",
    ),
    "game": ({"title": "Snake", "description": "Eat.", "photo": []}, "Game: Snake. Eat.", "Игра: Snake. Eat."),
    "invoice": (
        {"title": "Socks", "description": "Warm.", "currency": "XTR", "total_amount": 5, "start_parameter": ""},
        "Invoice: Socks. Warm.",
        "Счёт на оплату: Socks. Warm.",
    ),
    "rich_message": ({"blocks": [{"type": "paragraph", "text": "Rich words"}]}, "Rich words", "Rich words"),
}

# Kind → what comes, and the sentence it gets.
REFUSED: dict[str, tuple[Any, str]] = {
    "video": (FILE | LONG, "I don't watch videos."),
    "animation": (FILE | LONG, "I don't watch videos."),
    "story": ({"chat": NEWS, "id": 5}, "bots can't see stories"),
    "paid_media": ({"star_count": 5, "paid_media": []}, "bots can't see stories"),
    "giveaway": ({"chats": [NEWS], "winners_selection_date": 1, "winner_count": 1}, "bots can't see stories"),
    "giveaway_winners": ({"chat": NEWS, "giveaway_message_id": 1, "winner_count": 1}, "bots can't see stories"),
}
# Shown in test_talk.py, test_voice.py, test_look.py, test_documents.py.
ELSEWHERE = {"text", "voice", "audio", "video_note", "photo", "document"}


def forwarded(**origin: Any) -> dict[str, Any]:
    return {"extra": {"forward_origin": {"date": 1, **origin}}}


def test_every_kind_has_a_case() -> None:
    assert {kind.field for kind in KINDS} == {*IN_WORDS, *REFUSED, *ELSEWHERE}


@pytest.mark.parametrize("kind", IN_WORDS)
def test_what_can_be_put_in_words_goes_to_the_model_in_words(alice: Conversation, kind: str) -> None:
    content, english, russian = IN_WORDS[kind]
    for user, words in ((ALICE, english), (BORIS, russian)):
        alice.ask(None, user=user, extra={kind: content})
        assert prompt_of(alice)[-1] == words


@pytest.mark.parametrize("kind", REFUSED)
def test_what_nobody_here_can_see_gets_one_sentence(alice: Conversation, kind: str) -> None:
    content, sentence = REFUSED[kind]
    assert sentence in alice.ask(None, extra={kind: content, "caption": "/balance"})["text"]
    assert alice.script.requests() == []


def test_a_sticker_without_an_emoji_says_nothing_to_a_model(alice: Conversation) -> None:
    assert alice.ask(None, extra={"sticker": FILE})["text"].startswith("This sticker has no emoji")
    assert alice.script.requests() == []


def test_of_an_album_of_videos_one_refusal(alice: Conversation) -> None:
    for _ in range(3):
        alice.world.send(None, user=ALICE, extra={"video": FILE | LONG, "media_group_id": "a1"})
    alice.write("Hello")
    assert sum("watch videos" in each["text"] for each in alice.said(ALICE)) == 1


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        (
            {"type": "user", "sender_user": {"id": 7, "is_bot": False, "first_name": "Ann", "last_name": "Lee"}},
            "Ann Lee",
        ),
        ({"type": "hidden_user", "sender_user_name": "Somebody"}, "Somebody"),
        ({"type": "chat", "sender_chat": {"id": -5, "type": "supergroup", "title": "Friends"}}, "Friends"),
        ({"type": "channel", "chat": NEWS, "message_id": 3}, "News"),
    ],
)
def test_what_is_forwarded_says_whose_words_it_was(alice: Conversation, origin: dict[str, Any], name: str) -> None:
    alice.ask("We open at nine.", **forwarded(**origin))
    assert prompt_of(alice)[-1] == f"Forwarded from {name}:\nWe open at nine."


def test_a_forwarded_command_is_only_words(alice: Conversation) -> None:
    alice.ask("/refill 101 1000", user=1, **forwarded(type="hidden_user", sender_user_name="Eve"))
    assert prompt_of(alice)[-1] == "Переслано от Eve:\n/refill 101 1000"
    assert "30,000 tokens" in alice.write("/balance")


def test_a_reply_asks_about_any_kind(alice: Conversation) -> None:
    card = alice.world.send(None, user=ALICE, extra={"contact": IN_WORDS["contact"][0]})["message"]["message_id"]
    alice.wait_for(lambda: len(alice.said(ALICE)) == 2 or None)
    alice.ask("Whose number is it?", reply_to=card)
    assert prompt_of(alice)[-3] == "Contact: Ann Lee, +7900"
    assert prompt_of(alice)[-1] == "> Contact: Ann Lee, +7900\n\nWhose number is it?"


def test_what_is_quoted_from_another_chat_comes_along(alice: Conversation) -> None:
    elsewhere = {"origin": {"type": "channel", "date": 1, "chat": NEWS, "message_id": 3}}
    alice.ask("Is it true?", extra={"external_reply": elsewhere, "quote": {"text": "We open at nine.", "position": 0}})
    assert prompt_of(alice)[-2:] == ["We open at nine.", "Is it true?"]


def test_in_a_group_they_are_answered_only_as_a_reply_to_the_bot(alice: Conversation) -> None:
    sticker = {"sticker": IN_WORDS["sticker"][0]}
    hello = alice.ask("@sandbox_assistant_bot hello", chat=GROUP)
    assert alice.silent(None, chat=GROUP, extra=sticker)
    alice.ask(None, chat=GROUP, reply_to=hello["message_id"], extra=sticker)
    assert prompt_of(alice)[-1] == "Alice: 👍"
