"""Invitations as conversations: the link, and every way to come by a bonus that is none."""

import io
import re
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from accounts import wallets
from services import qr
from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons

LINK = f"https://t.me/sandbox_assistant_bot?start={ALICE}"


def invite(people: Conversation, user: int = ALICE, words: str = "/ref") -> dict[str, Any]:
    """What /ref answers: the message with the picture; notes about who came may arrive beside it."""
    sent = people.world.send(words, user=user)["message"]["message_id"]
    message: dict[str, Any] = people.wait_for(
        lambda: next((each for each in people.said(user, sent) if "photo" in each), None)
    )
    return message


def balance(people: Conversation, user: int = ALICE) -> int:
    record = people.bot.store.user(user)
    assert record is not None
    return record.balance


def fresh(people: Conversation, user: int, payload: object) -> str:
    """A new account comes by a link."""
    people.world.user(user, first_name=f"User {user}", language_code="en")
    return people.write(f"/start {payload}", user=user)


@pytest.mark.parametrize("command", ["/ref", "/invite", "/REF"])
def test_the_link_with_a_picture_and_a_button_to_pass_it_on(alice: Conversation, command: str) -> None:
    message = invite(alice, words=command)
    assert message["caption"] == (
        f"Your invitation link:\n{LINK}\n\n"
        "Whoever comes by it for the first time gets 20,000 tokens, and so do you (up to 20 rewards a day for you)."
        "\n\nSo far 0 people have come by your link. Earned: 0 tokens."
    )
    picture = alice.world.file(message["photo"][-1]["file_id"])
    assert picture == qr.picture(LINK)
    width, height = Image.open(io.BytesIO(picture)).size
    assert width == height >= 600
    button = buttons(message)[0]
    shared = urlsplit(button["url"])
    assert (button["text"], shared.netloc, shared.path) == ("Share", "t.me", "/share/url")
    assert parse_qs(shared.query)["url"] == [LINK]
    assert "20,000 tokens as a present" in parse_qs(shared.query)["text"][0]


def test_what_the_link_has_brought_in_russian(alice: Conversation) -> None:
    assert "По вашей ссылке пришли: 0 человек. Заработано: 0 токенов." in invite(alice, BORIS)["caption"]
    fresh(alice, 201, BORIS)
    fresh(alice, 202, BORIS)
    said = invite(alice, BORIS)
    assert "20\u00a0000 токенов, и вы столько же" in said["caption"]
    assert "По вашей ссылке пришли: 2 человека. Заработано: 40\u00a0000 токенов." in said["caption"]
    assert buttons(said)[0]["text"] == "Поделиться"


def test_in_a_group_only_the_link(alice: Conversation) -> None:
    fresh(alice, 201, ALICE)
    message = alice.ask("/ref", chat=GROUP)
    assert message["text"] == f"Alice invites you: {LINK}"
    assert buttons(message)[0]["text"] == "Share"


@pytest.mark.parametrize("settings", [{"WALLETS": "off"}, {"REFERRAL_BONUS": "0"}])
def test_without_a_bonus_nobody_speaks_of_one(alice: Conversation) -> None:
    message = invite(alice)
    assert message["caption"] == f"Your invitation link:\n{LINK}\n\nSo far 0 people have come by your link."
    assert "present" not in buttons(message)[0]["url"]
    welcome = fresh(alice, 201, ALICE)
    assert "Your invitation" not in welcome
    alice.wait_for(lambda: alice.said(ALICE)[-1].get("text") == "User 201 joined by your link." or None)


@pytest.mark.parametrize("settings", [{"ACCESS": "invited"}])
def test_who_may_come_in(people: Conversation) -> None:
    people.write("/start", user=OWNER)
    people.write("/start 1", user=ALICE)
    people.write("/start 1", user=BORIS)
    assert "Without an invitation this bot takes nobody in." in invite(people)["caption"]
    assert "Без приглашения этот бот никого не принимает." in invite(people, BORIS)["caption"]


@pytest.mark.parametrize("settings", [{"ACCESS": f"{ALICE},{BORIS}"}])
def test_a_link_for_those_on_the_list(people: Conversation) -> None:
    people.write("/start", user=OWNER)
    people.write("/start", user=ALICE)
    assert "has put on a list can come in" in invite(people)["caption"]
    assert fresh(people, 201, ALICE) == "This bot only takes in people who were invited."


def test_one_bonus_for_each_who_comes(alice: Conversation) -> None:
    fresh(alice, 201, ALICE)
    assert (balance(alice), balance(alice, 201)) == (50_000, 50_000)
    for payload in (ALICE, BORIS, OWNER):
        fresh(alice, 201, payload)
    fresh(alice, ALICE, 201)
    assert (balance(alice), balance(alice, 201), balance(alice, BORIS)) == (50_000, 50_000, 30_000)


def test_a_blocked_inviter_brings_nothing(alice: Conversation) -> None:
    alice.write("/ban 101", user=OWNER)
    fresh(alice, 201, ALICE)
    assert (balance(alice), balance(alice, 201)) == (30_000, 30_000)


def erase(people: Conversation, user: int) -> None:
    people.press(people.ask("/delete_me", user=user), "delete:yes", user=user)
    people.wait_for(lambda: people.bot.store.user(user) is None or None)


def test_no_circle_by_way_of_deletion(alice: Conversation) -> None:
    fresh(alice, 201, ALICE)
    erase(alice, ALICE)
    alice.write("/start 201", user=ALICE)
    assert (balance(alice), balance(alice, 201)) == (0, 50_000)
    erase(alice, 201)
    fresh(alice, 201, ALICE)
    assert (balance(alice), balance(alice, 201)) == (0, 0)
    fresh(alice, 202, ALICE)
    assert (balance(alice), balance(alice, 202)) == (0, 50_000)  # who returns is paid from the next day on


@pytest.mark.parametrize("settings", [{"REFERRAL_DAILY_LIMIT": "2", "TIME_ZONE": "Asia/Tokyo"}])
def test_so_many_bonuses_a_day_where_the_owner_lives(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    moment = [datetime(2026, 11, 21, 23, 59, tzinfo=tokyo)]

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return moment[0].astimezone(tz)

    monkeypatch.setattr(wallets, "datetime", Clock)
    for user in (201, 202, 203):
        fresh(alice, user, ALICE)
    assert (balance(alice), balance(alice, 203)) == (70_000, 50_000)
    notes = [each["text"] for each in alice.said(OWNER)]
    alice.wait_for(
        lambda: any("User 203 (id 203), по приглашению: Alice" in each["text"] for each in alice.said(OWNER))
    )
    assert notes
    assert not any("User 203" in each["text"] for each in alice.said(ALICE))
    moment[0] = datetime(2026, 11, 22, 0, 1, tzinfo=tokyo)  # in UTC it is the same day
    fresh(alice, 204, ALICE)
    assert balance(alice) == 90_000
    assert re.search(r"4 people have .* Earned: 60,000 tokens", invite(alice)["caption"])
