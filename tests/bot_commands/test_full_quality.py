"""The file behind a drawn picture: handed out once, to who asked, for a day; erased with its owner; for the admin."""

import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest

import originals
from originals import PictureFolder
from tests.bot_commands.test_draw import left, next_picture
from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons, on_files


@pytest.fixture
def settings() -> dict[str, str]:
    return {"NEW_USER_IMAGE_BALANCE": "3"}


def kept(people: Conversation) -> list[Path]:
    return sorted((people.folder / "data-pictures").glob("*"))


def file(people: Conversation, chat: int = ALICE) -> dict[str, Any]:
    found: dict[str, Any] = people.wait_for(lambda: next((m for m in people.said(chat) if "document" in m), None))
    return found


@on_files
@pytest.mark.parametrize(("user", "label"), [(ALICE, "Full quality file"), (BORIS, "Файл без сжатия")])
def test_the_very_bytes_come_as_a_file_once_and_free(alice: Conversation, user: int, label: str) -> None:
    picture = alice.ask("/img a cat", user=user)
    (path,) = kept(alice)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    content = path.read_bytes()
    alice.restart()
    alice.press(picture, label, user=user)
    sent = file(alice, user)
    assert alice.world.file(sent["document"]["file_id"]) == content
    assert sent["document"]["file_name"] == "picture.png"
    assert sent["reply_to_message"]["message_id"] == picture["message_id"]
    left_over = alice.wait_for(lambda: kept(alice) == [] and alice.message(user, picture["message_id"]))
    alice.wait_for(lambda: len(buttons(alice.message(user, left_over["message_id"]))) == 2 or None)
    assert alice.press(picture, label, user=user, forged=True) != ""
    assert left(alice, user) == 2


def test_the_other_buttons_leave_it_and_it_leaves_them(alice: Conversation) -> None:
    first = alice.ask("/img a cat")
    alice.press(first, "Again")
    second = next_picture(alice, 2)
    assert [each["text"] for each in buttons(alice.message(ALICE, first["message_id"]))] == ["Full quality file"]
    alice.press(first, "Full quality file")
    file(alice)
    alice.wait_for(lambda: buttons(alice.message(ALICE, first["message_id"])) == [] or None)
    alice.press(second, "Full quality file")
    alice.wait_for(lambda: len(buttons(alice.message(ALICE, second["message_id"]))) == 2 or None)
    alice.press(second, "Again")
    next_picture(alice, 3)
    assert buttons(alice.message(ALICE, second["message_id"])) == []


@on_files
@pytest.mark.parametrize(("user", "words"), [(ALICE, "This file is gone"), (BORIS, "Этого файла больше нет")])
def test_a_file_that_is_gone_is_said_to_be(alice: Conversation, user: int, words: str) -> None:
    picture = alice.ask("/img a cat", user=user)
    (path,) = kept(alice)
    day_ago = time.time() - originals.KEPT_SECONDS - 1
    os.utime(path, (day_ago, day_ago))
    assert alice.press(picture, "original:", user=user, forged=True) != ""
    data = buttons(picture)[-1]["callback_data"]
    assert alice.press(picture, data, user=user).startswith(words)
    assert not [each for each in alice.said(user) if "document" in each]


def test_in_a_group_it_is_the_askers(alice: Conversation) -> None:
    alice.world.group(GROUP, title="Friends", members=[ALICE, BORIS])
    picture = alice.ask("/img@sandbox_assistant_bot a cat", chat=GROUP)
    assert alice.press(picture, "Full quality file", user=BORIS) == "Эта кнопка не ваша."
    alice.press(picture, "Full quality file")
    assert file(alice, GROUP)


@on_files
def test_who_is_erased_leaves_no_picture(alice: Conversation) -> None:
    alice.ask("/img a cat")
    alice.ask("/img a cat", user=BORIS)
    alice.press(alice.ask("/delete_me"), "delete:yes")
    alice.wait_for(lambda: alice.bot.store.user(ALICE) is None or None)
    assert [path.name.split("-")[0] for path in kept(alice)] == [str(BORIS)]


def test_who_is_erased_while_it_is_drawn_leaves_no_picture(alice: Conversation) -> None:
    alice.script.queue({"path": "images", "hold": True})
    alice.world.send("/img a cat", user=ALICE)
    alice.script.wait(lambda seen: (seen and seen[0]["held"]) or None, "images")
    alice.bot.store.erase(ALICE)
    alice.script.release()
    assert alice.bot.long.wait_idle(10)
    assert kept(alice) == []


def test_what_telegram_took_as_a_file_is_not_kept(alice: Conversation) -> None:
    alice.world.fault(method="sendPhoto", kind="400", times=1)
    picture = alice.ask("/img a cat")
    assert [each["text"] for each in buttons(picture)] == ["Again", "Other format"]
    assert kept(alice) == []
    alice.press(picture, "Again")
    next_picture(alice, 1)


@on_files
def test_a_disk_that_takes_nothing_keeps_no_picture_back(alice: Conversation) -> None:
    (alice.folder / "data-pictures").write_text("in the way")
    picture = alice.ask("/img a cat")
    assert [each["text"] for each in buttons(picture)] == ["Again", "Other format"]
    assert left(alice) == 2


def test_there_is_never_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(originals, "MOST_BYTES", 25)
    store, made = PictureFolder(tmp_path / "data.json"), time.time() - 100
    store.look()
    assert store.find(1, 1) is None
    for number in range(4):
        assert store.keep(1, number, bytes(10), "png")
        os.utime(tmp_path / "data-pictures" / f"1-{number}.png", (made + number, made + number))
    assert [bool(store.find(1, number)) for number in range(4)] == [False, False, True, True]
    store.keep(11, 3, bytes(1), "png")
    store.drop(1, 3)
    store.drop(1)
    assert [path.name for path in (tmp_path / "data-pictures").iterdir()] == ["11-3.png"]
    monkeypatch.setattr(originals, "KEPT_SECONDS", -1)
    assert store.find(11, 3) is None
    store.look()
    assert list((tmp_path / "data-pictures").iterdir()) == []


@pytest.mark.parametrize("settings", [{"NEW_USER_IMAGE_BALANCE": "3", "ADMIN_LOG_PICTURES": "on"}])
def test_the_owner_sees_what_users_draw_if_they_want_to(alice: Conversation) -> None:
    picture = alice.ask("/img a secret cat")
    seen = alice.wait_for(lambda: next((each for each in alice.said(OWNER) if "photo" in each), None))
    assert seen["caption"] == "Alice (id 101)"
    assert "reply_markup" not in seen
    (call,) = [each for each in alice.world.calls("sendPhoto") if int(each["params"]["chat_id"]) == OWNER]
    assert call["params"]["disable_notification"] == "true"
    alice.ask("/img mine", user=OWNER)
    assert alice.bot.long.wait_idle(10)
    assert alice.bot.quick.wait_idle(10)
    assert len([each for each in alice.said(OWNER) if "photo" in each]) == 2, "this one and their own"
    assert "The bot's owner sees the drawn pictures" in alice.write("/privacy")
    assert picture


def test_the_owner_sees_nothing_unless_they_want_to(alice: Conversation) -> None:
    alice.ask("/img a secret cat")
    assert alice.bot.long.wait_idle(10)
    assert alice.bot.quick.wait_idle(10)
    assert not [each for each in alice.said(OWNER) if "photo" in each]
    assert "owner sees the drawn" not in alice.write("/privacy")
    assert "drawn picture is kept as a file" in alice.write("/privacy")
