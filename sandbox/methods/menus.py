"""What the bot says of itself: its command menus, names and descriptions, by language and place.

https://core.telegram.org/bots/api#setmycommands
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

from sandbox.call import Call, Json
from sandbox.refusal import bad_request
from sandbox.text import units
from sandbox.world import World

MOST_COMMANDS: Final = 100
LONGEST_COMMAND_DESCRIPTION: Final = 256
SCOPES: Final = {
    "default": (), "all_private_chats": (), "all_group_chats": (), "all_chat_administrators": (),
    "chat": ("chat_id",), "chat_administrators": ("chat_id",), "chat_member": ("chat_id", "user_id"),
}  # fmt: skip
_COMMAND: Final = re.compile(r"[a-z0-9_]{1,32}")


def _menu(world: World, call: Call) -> tuple[str, Json]:
    scope = call.json("scope", dict, "BotCommandScope") or {"type": "default"}
    needed = SCOPES.get(str(scope.get("type")))
    if needed is None:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    if any(name not in scope for name in needed):
        raise bad_request("chat not found")
    if "chat_id" in scope and int(scope["chat_id"]) not in world.chats:
        raise bad_request("chat not found")
    language = _language(call)
    return json.dumps([scope, language], sort_keys=True), {"scope": scope, "language_code": language}


def _language(call: Call) -> str:
    language = call.text("language_code")
    if language and not re.fullmatch("[a-z]{2}", language):
        raise bad_request("invalid language_code specified")
    return language


def set_my_commands(world: World, call: Call) -> bool:
    """A menu of at most 100 commands for one scope and language."""
    key, menu = _menu(world, call)
    commands = call.json("commands", list, "commands")
    if len(commands) > MOST_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    menu["commands"] = [_command(command) for command in commands]
    world.menus[key] = menu
    world.events.add("commands")
    return True


def _command(given: Any) -> Json:
    name, description = str(given.get("command", "")).removeprefix("/"), str(given.get("description", ""))
    if not _COMMAND.fullmatch(name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= units(description) <= LONGEST_COMMAND_DESCRIPTION:
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {**given, "command": name}


def get_my_commands(world: World, call: Call) -> list[Json]:
    """The menu of exactly this scope and language."""
    key, _ = _menu(world, call)
    return list(world.menus.get(key, {}).get("commands", []))


def delete_my_commands(world: World, call: Call) -> bool:
    """Forget the menu of this scope and language."""
    key, _ = _menu(world, call)
    world.menus.pop(key, None)
    world.events.add("commands")
    return True


def setter(subject: str, longest: int) -> Callable[[World, Call], bool]:
    """The method that sets name or description, at most `longest` characters; an empty one takes it back."""

    def set_words(world: World, call: Call) -> bool:
        words = call.text(subject)
        if len(words) > longest:
            raise bad_request(f"{subject.replace('_', ' ')} is too long")
        world.profile[subject][_language(call)] = words
        return True

    return set_words


def getter(subject: str) -> Callable[[World, Call], Json]:
    """The method that tells name or description, in the default language when there is none in the one asked for."""

    def get_words(world: World, call: Call) -> Json:
        by_language = world.profile[subject]
        default = world.bot["first_name"] if subject == "name" else ""
        return {subject: by_language.get(_language(call)) or by_language.get("") or default}

    return get_words


def set_chat_menu_button(world: World, call: Call) -> bool:
    """What the button beside the input field does."""
    button = call.json("menu_button", dict, "menu button") or {"type": "default"}
    if button.get("type") not in ("default", "commands", "web_app"):
        raise bad_request("can't parse menu button: MenuButton has unsupported type")
    world.profile.setdefault("menu_button", {})[call.text("chat_id")] = json.dumps(button)
    return True


def get_chat_menu_button(world: World, call: Call) -> Json:
    """The button of one chat, else the default one."""
    buttons = world.profile.get("menu_button", {})
    button: Json = json.loads(buttons.get(call.text("chat_id")) or buttons.get("") or '{"type": "commands"}')
    return button
