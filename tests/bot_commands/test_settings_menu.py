"""/settings: one set of buttons; each shows what its command shows, with the way back."""

import json
from typing import Any

import pytest

from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons

PARTS = ["/model", "/preset", "memory", "/language", "data"]
OF_GROUPS = ["/model", "/preset", "memory"]


def data(message: dict[str, Any]) -> list[str]:
    return [each["callback_data"] for each in buttons(message)]


class Menu:
    """The message of the settings, and who presses its buttons."""

    def __init__(self, people: Conversation, user: int, chat: int) -> None:
        self.people, self.user, self.chat = people, user, chat
        self.number = people.ask("/settings", user=user, chat=chat)["message_id"]

    @property
    def now(self) -> dict[str, Any]:
        return self.people.message(self.chat, self.number)

    def press(self, pressed: str) -> str:
        return self.people.press(self.now, pressed, user=self.user)

    def shows(self, text: str) -> dict[str, Any]:
        shown: dict[str, Any] = self.people.wait_for(lambda: self.now if text in self.now["text"] else None)
        return shown


def test_the_settings_show_what_is_set_and_where_to_change_it(alice: Conversation) -> None:
    menu = Menu(alice, ALICE, ALICE)
    assert menu.now["text"].startswith("Settings\n\nModel: gpt-6-luna")
    assert data(menu.now) == [*PARTS, "settings:close"]
    assert [each["text"] for each in buttons(Menu(alice, BORIS, BORIS).now)][-3:] == ["Язык", "Мои данные", "Закрыть"]


@pytest.mark.parametrize(
    ("part", "pressed", "said", "then"),
    [
        ("/model", "", "gpt-6-luna answers here", "Model: gpt-6-luna"),
        ("/preset", "preset:translator", "You are a translator", "Prompt: You are a translator"),
        ("memory", "memory:15000", "I remember up to 15,000 characters", "Memory: 15,000 characters"),
        ("/language", "lang:ru", "Теперь говорю по-русски", "Язык: русский"),
        ("data", "/privacy", "What is kept", "Model: gpt-6-luna"),
    ],
)
def test_a_part_and_the_way_back(alice: Conversation, part: str, pressed: str, said: str, then: str) -> None:
    menu = Menu(alice, ALICE, ALICE)
    menu.press(part)
    alice.wait_for(lambda: data(menu.now)[-2:] == ["settings", "settings:close"] or None)
    assert "keep" not in data(menu.now)
    if pressed:
        alice.restart()
        menu.press(pressed)
    assert data(menu.shows(said))[-2:] == ["settings", "settings:close"]
    menu.press("settings")
    assert data(menu.shows(then)) == [*PARTS, "settings:close"]


def test_a_model_chosen_in_the_settings(alice: Conversation) -> None:
    menu = Menu(alice, ALICE, ALICE)
    menu.press("/model")
    alice.wait_for(lambda: "answers here" in menu.now["text"] or None)
    menu.press("gpt-6.1-terra · premium")
    assert data(menu.shows("gpt-6.1-terra answers now"))[-2:] == ["settings", "settings:close"]
    menu.press("settings")
    menu.shows("Model: gpt-6.1-terra")


def test_closing_leaves_no_buttons(alice: Conversation) -> None:
    menu = Menu(alice, BORIS, BORIS)
    menu.press("settings:close")
    assert not buttons(menu.shows("Настройки закрыты"))


def test_erasing_keeps_its_own_two_buttons(alice: Conversation) -> None:
    menu = Menu(alice, ALICE, ALICE)
    menu.press("data")
    menu.shows("What shall be done about your data?")
    menu.press("/delete_me")
    assert data(menu.shows("Erase everything")) == ["delete:yes", "delete:no"]


def test_in_a_group_its_admins_set_what_is_the_groups(alice: Conversation) -> None:
    assert alice.write("/settings", chat=GROUP) == "The admins of this group decide that."
    menu = Menu(alice, OWNER, GROUP)
    assert data(menu.now) == [*OF_GROUPS, "settings:close"]
    assert alice.press(menu.now, "memory", user=ALICE) == "The admins of this group decide that."
    menu.press("memory")
    menu.shows("Память диалога выключена")
    menu.press("memory:5000")
    menu.shows("помню до 5\u00a0000")
    assert "Memory: off" in alice.write("/settings")


def test_searching_is_a_part_where_a_model_can(alice: Conversation) -> None:
    rows = [{"name": "gpt-6-luna", "wallet": "ordinary", "can": ["search"]}]
    (alice.folder / "own.json").write_text(json.dumps(rows))
    alice.environment["MODELS_FILE"] = "own.json"
    alice.restart()
    menu = Menu(alice, ALICE, ALICE)
    assert menu.now["text"].endswith("Web search: off")
    menu.press("/web")
    menu.shows("Search is off")
    menu.press("web:on")
    assert data(menu.shows("gpt-6-luna searches the web"))[-2:] == ["settings", "settings:close"]
    menu.press("settings")
    menu.shows("Web search: on")
    assert Menu(alice, BORIS, BORIS).now["text"].endswith("Поиск в интернете: выключен")
