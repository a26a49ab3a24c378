"""The keys in place of the phone's keyboard, in private chats: each press is its command, in either language."""

import zlib
from dataclasses import replace
from functools import partial

from bot_commands.guard import guarded
from bot_commands.menus import set_own
from bot_commands.request import Reply, Request
from bot_commands.table import ADMIN_KEYS, FORMER_KEYS, KEYS
from config import Config
from records import User
from texts import LANGUAGES, Language, guess, say

KEYS_A_ROW = 2


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
    """The keys to be sent along when a person's phone shows others, else None; their menu is set anew then.

    An empty list takes away what is there.
    """
    user = request.tools.store.user(request.writer.id)
    if user is None or user.banned or not request.incoming.private:
        return None
    language = guess(user.language)
    keys = keyboard(request.tools.config, language, user.is_admin)
    phone = f"{language}{' admin' * user.is_admin} {zlib.crc32(repr(keys).encode()):08x}"
    before = request.tools.store.renew_phone(user.id, phone, request.update_id)
    if before == phone and not anyway:
        return None
    if before or user.is_admin or language != guess(request.writer.language):
        own = partial(set_own, request.tools, user.id, language)
        request.later(request.incoming.chat_id, partial(guarded, request, own))
    return keys if keys or before else None


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
