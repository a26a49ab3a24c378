"""The tables of commands: in docs/commands.md, in the list of all commands, in menus and keys."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot_commands import tables
from bot_commands.table import ADMIN_KEYS, BY_NAME, BY_PRESS, COMMANDS, FORMER_KEYS, KEYS, MENUS, SETTINGS
from tests.conftest import ALICE, BORIS, OWNER, Conversation

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "commands.md"


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == tables.document(), "run: make commands"


def test_the_page_names_every_command_and_alias_in_both_languages() -> None:
    russian, english = tables.document().split("# All commands")
    for row in COMMANDS:
        for page in (russian, english):
            (line,) = [line for line in page.splitlines() if f"| `/{row.name}`" in line or f"| `/{row.name} " in line]
            assert all(f"`/{alias}`" in line for alias in row.aliases)


def test_menus_keys_and_settings_name_what_there_is() -> None:
    for name in [*KEYS.values(), *ADMIN_KEYS.values(), *FORMER_KEYS.values(), *sum(MENUS.values(), ())]:
        assert BY_NAME[name].name == name
    assert not set(sum(MENUS.values(), ())) & {"stop", "refund", "delete_me"}
    for data in SETTINGS.values():
        assert data in BY_PRESS or data[0] == "/"


@pytest.mark.parametrize(
    ("user", "press"), [(ALICE, "commands"), (BORIS, "commands"), (OWNER, "commands"), (OWNER, "commands:admin")]
)
@pytest.mark.parametrize("settings", [{"TOPUP_PACKAGES": "50=100000"}])
def test_the_list_of_all_commands_is_one_message(alice: Conversation, user: int, press: str) -> None:
    message = alice.ask("/help", user=user)
    alice.press(message, "commands", user=user)
    shown = partial(alice.message, user, message["message_id"])
    alice.wait_for(lambda: "/delete_context" in shown()["text"] or None)
    if press != "commands":
        alice.press(shown(), press, user=user)
        alice.wait_for(lambda: "/refill" in shown()["text"] or None)
    text: Any = shown()["text"]
    assert len(text.encode("utf-16-le")) // 2 < 4096
    wanted = [row for row in COMMANDS if (row.role == "admin") is (press != "commands") and row.needs != "search"]
    assert all(f"/{row.name}" in text for row in wanted)


@pytest.mark.parametrize("settings", [{"WALLETS": "off"}])
def test_what_cannot_work_here_is_not_listed(alice: Conversation) -> None:
    message = alice.ask("/help")
    alice.press(message, "commands")
    shown = partial(alice.message, ALICE, message["message_id"])
    alice.wait_for(lambda: "/delete_context" in shown()["text"] or None)
    for name in ("/balance", "/topup", "/ask_favor", "/paysupport"):
        assert name not in shown()["text"]
