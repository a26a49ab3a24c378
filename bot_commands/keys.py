"""The keys in place of the phone's keyboard, in private chats: each press is its command, in either language."""

import zlib
from dataclasses import replace
from functools import partial

from bot_commands import menus
from bot_commands.guard import guarded
from bot_commands.request import Reply, Request
from bot_commands.table import ADMIN_KEYS, FORMER_KEYS, KEYS
from config import Config
from records import User
from texts import LANGUAGES, Language, guess, say

KEYS_A_ROW = 2
MENUS_LANE = 0  # no chat has this id: a menu that Telegram does not take holds no question up


def command(text: str, is_admin: bool) -> str:
    """The command of the key with this label, "" when there is none."""
    keys = KEYS | FORMER_KEYS | (ADMIN_KEYS if is_admin else {})
    return next((name for key, name in keys.items() if text in {say(each, key) for each in LANGUAGES}), "")


def keyboard(config: Config, language: Language, is_admin: bool) -> list[list[str]]:
    """The rows of keys, an admin's last; none when KEYBOARD is off."""
    keys = [*KEYS, *ADMIN_KEYS] if is_admin else [*KEYS]
    rows = [keys[place : place + KEYS_A_ROW] for place in range(0, len(keys), KEYS_A_ROW)]
    return [[say(language, key) for key in row] for row in rows] if config.keyboard else []


def due(request: Request, anyway: bool = False) -> list[list[str]] | None:
    """The keys to be sent along when a person's phone shows others, else None; an empty list takes away what is there.

    The menu is set anew when it has to be another than Telegram shows by itself.
    """
    store, user = request.tools.store, request.tools.store.user(request.writer.id)
    if user is None or user.banned or not request.incoming.private:
        return None
    language, before = guess(user.language), store.phone(user.id, request.update_id)
    keys = keyboard(request.tools.config, language, user.is_admin)
    phone = _mark(keys)
    if user.is_admin or language != menus.shown_in(request.writer.language) or " menu " in before:
        phone += f" menu {_mark(menus.own(request.tools, user.id, language))}"
    if phone != before:
        store.set_phone(user.id, phone, request.update_id)
        if " menu " in phone:
            job = partial(menus.set_own, request.tools, user.id, language)
            request.later(MENUS_LANE, partial(guarded, request, job))
    if not anyway and before.startswith(_mark(keys)):
        return None
    return keys if keys or before else None


def _mark(shown: object) -> str:
    return f"{zlib.crc32(repr(shown).encode()):08x}"


def with_keys(request: Request, reply: Reply | str | None, anyway: bool = False) -> Reply | str | None:
    """A handler's reply with the keys that are due; one that cannot carry them leaves them to a later one."""
    said = Reply(reply) if isinstance(reply, str) else reply
    if said is None or said.rows or (request.incoming.kind == "button" and not anyway):
        return _apart(request, said)
    keys = due(request, anyway)
    return said if keys is None else replace(said, keyboard=keys)


def _apart(request: Request, said: Reply | None) -> Reply | None:
    """Somebody who has just chosen another language gets the keys in a message of their own."""
    user: User | None = request.tools.store.user(request.writer.id)
    if user and guess(user.language) != request.language and (keys := due(request)):
        request.post("keys", request.place, say(guess(user.language), "keyboard_renewed"), keyboard=keys)
    return said
