"""What stands on people's phones: menus and keys, per place, role and language."""

from typing import Any

import pytest

from bot_commands.table import MENUS
from tests.conftest import ALICE, BORIS, OWNER, Conversation

PRIVATE = ["new", "img", "prompt", "switch", "settings", "balance", "ref", "help"]
GROUPS = ["img", "pro", "new", "help"]
ADMIN = ["refill", "ban", "announce", "data", "top", "stat", "status"]


def menus(people: Conversation) -> dict[tuple[str, int, str], list[dict[str, str]]]:
    """Scope, chat and language of each menu that is set."""
    shown = people.world.state()["commands"]
    return {
        (each["scope"]["type"], each["scope"].get("chat_id", 0), each["language_code"]): each["commands"]
        for each in shown
    }


def names(menu: list[dict[str, str]]) -> list[str]:
    return [each["command"] for each in menu]


def keys(message: dict[str, Any]) -> list[list[str]]:
    return [[key["text"] for key in row] for row in message.get("reply_markup", {}).get("keyboard", [])]


def test_menus_are_set_per_place_role_and_language(alice: Conversation) -> None:
    alice.wait_for(lambda: len(menus(alice)) == 6 or None)
    shown = menus(alice)
    for code in ("", "ru"):
        assert names(shown["all_private_chats", 0, code]) == PRIVATE
        assert names(shown["all_group_chats", 0, code]) == GROUPS
        assert names(shown["chat", OWNER, code]) == PRIVATE + ADMIN
    assert shown["all_private_chats", 0, "ru"][-1]["description"] == "что я умею"
    assert shown["all_private_chats", 0, ""][-1]["description"] == "what I can do"


def test_who_picks_a_language_gets_menu_and_keys_in_it(alice: Conversation) -> None:
    answer = alice.ask("/language ru")
    assert keys(answer)[-1][-1] == "Помощь"
    alice.wait_for(lambda: ("chat", ALICE, "ru") in menus(alice) or None)
    for code in ("", "ru"):
        assert menus(alice)["chat", ALICE, code][-1]["description"] == "что я умею"
    alice.write("/language en")
    alice.wait_for(lambda: menus(alice)["chat", ALICE, "ru"][-1]["description"] == "what I can do" or None)


def test_a_language_chosen_by_button_brings_the_keys_too(alice: Conversation) -> None:
    before = alice.said(ALICE)[-1]["message_id"]
    alice.press(alice.ask("/language"), "lang:ru")
    renewed = alice.wait_for(lambda: next((each for each in alice.said(ALICE, before) if keys(each)), None))
    assert renewed["text"] == "Кнопки внизу теперь по-русски."


@pytest.mark.parametrize("settings", [{"ADMIN_CHAT_ID": f"{OWNER},{ALICE}"}])
def test_an_admin_has_a_row_more_until_the_rights_end(people: Conversation) -> None:
    rows = keys(people.ask("/start"))
    assert rows == [["Draw", "New dialogue"], ["Usage", "Help"], ["Costs", "Announce"]]
    people.wait_for(lambda: ("chat", ALICE, "") in menus(people) or None)
    people.environment["ADMIN_CHAT_ID"] = str(OWNER)
    people.restart()
    people.write("Good morning")
    assert keys(people.said(ALICE)[-1]) == rows[:2]
    people.wait_for(lambda: names(menus(people)["chat", ALICE, "ru"]) == PRIVATE or None)


def test_keys_come_once(alice: Conversation) -> None:
    assert keys(alice.said(ALICE)[0])
    assert not keys(alice.ask("Good morning"))
    assert not keys(alice.ask("/balance"))
    assert keys(alice.ask("/start"))


def test_an_admins_key_is_a_word_for_others(alice: Conversation) -> None:
    assert alice.write("Costs") == "You said: Costs"


@pytest.mark.parametrize("settings", [{"KEYBOARD": "off"}])
def test_without_keys(alice: Conversation) -> None:
    assert not any(keys(each) for each in alice.said(ALICE) + alice.said(OWNER))
    alice.environment["KEYBOARD"] = "on"
    alice.restart()
    assert keys(alice.ask("/new", user=BORIS))
    alice.environment["KEYBOARD"] = "off"
    alice.restart()
    assert alice.ask("/new", user=BORIS)["reply_markup"] == {"remove_keyboard": True}


def test_telegrams_ukrainian_gets_the_russian_menu_that_the_bot_speaks(people: Conversation) -> None:
    people.world.user(555, first_name="Oksana", language_code="uk", started=True)
    assert "Здравствуйте" in people.write("/start", user=555)
    people.wait_for(lambda: ("chat", 555, "") in menus(people) or None)
    assert menus(people)["chat", 555, ""][-1]["description"] == "что я умею"


def test_a_menu_of_ones_own_follows_the_bots(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    alice.write("/language ru")
    alice.wait_for(lambda: ("chat", ALICE, "ru") in menus(alice) or None)
    monkeypatch.setitem(MENUS, "private", ("help",))
    alice.restart()
    answer = alice.ask("/new")
    assert not keys(answer)
    alice.wait_for(lambda: names(menus(alice)["chat", ALICE, "ru"]) == ["help"] or None)
    sent = len(alice.world.calls("setMyCommands"))
    alice.write("/new")
    alice.write("/new", user=BORIS)
    assert len(alice.world.calls("setMyCommands")) == sent


@pytest.mark.parametrize("settings", [{"WALLETS": "off"}])
def test_without_wallets_no_menu_and_no_hint_names_them(alice: Conversation) -> None:
    alice.wait_for(lambda: len(menus(alice)) == 6 or None)
    assert all("balance" not in names(menu) for menu in menus(alice).values())
    assert "/balance" not in alice.write("/balanse")
    assert "/balance" not in alice.write("/help")


def test_a_menu_that_telegram_does_not_take_holds_no_question_up(alice: Conversation) -> None:
    alice.world.fault(method="setMyCommands", kind="429", retry_after=60, times=None)
    alice.write("/language ru")
    assert alice.write("Привет") == "You said: Привет"
    alice.world.clear_faults()
