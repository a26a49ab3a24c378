"""The command menus of Telegram: of all private chats, of all groups, and of single people."""

import logging
from collections.abc import Sequence
from typing import Literal

from telebot.apihelper import ApiTelegramException

from bot_commands.request import Tools
from bot_commands.table import BY_NAME, MENUS, Menu, is_shown
from telegram_io import Away, Unreachable
from texts import Language, guess

log = logging.getLogger(__name__)

CODES = ("", "ru")  # the languages a menu is set for; "" stands for all others. #setmycommands


def set_all(tools: Tools) -> None:
    """The menus of all private chats and all groups, and each admin's own."""
    for code in CODES:
        _set(tools, ["private"], "private", code, guess(code))
        _set(tools, ["group"], "group", code, guess(code))
        for admin in tools.config.admin_ids:
            _set(tools, ["private", "admin"], admin, code, guess(tools.store.language(admin) or code))


def set_own(tools: Tools, user_id: int, language: Language) -> None:
    """The menu of one person's private chat, in the language they chose, whatever Telegram's is."""
    for code in CODES:
        _set(tools, _menus_of(tools, user_id), user_id, code, language)


def own(tools: Tools, user_id: int, language: Language) -> list[tuple[str, str]]:
    """What that menu shows: names and what they do."""
    return _menu(_menus_of(tools, user_id), language, tools)


def shown_in(code: str) -> Language:
    """The language of the menu that Telegram shows to who has none of their own, from their `language_code`."""
    return guess(code) if code.split("-")[0].lower() in CODES else "en"


def _menus_of(tools: Tools, user_id: int) -> list[Menu]:
    return ["private", "admin"] if user_id in tools.config.admin_ids else ["private"]


def _set(
    tools: Tools, menus: Sequence[Menu], scope: Literal["private", "group"] | int, code: str, language: Language
) -> None:
    try:
        tools.telegram.set_menu(_menu(menus, language, tools), scope, code)
    except (ApiTelegramException, Unreachable, Away) as error:  # such as an admin who has not started the bot yet
        whose = "one chat" if isinstance(scope, int) else scope
        log.info("no menu for %s: %s", whose, error)


def _menu(menus: Sequence[Menu], language: Language, tools: Tools) -> list[tuple[str, str]]:
    rows = [BY_NAME[name] for menu in menus for name in MENUS[menu]]
    return [(row.name, row.help.ru if language == "ru" else row.help.en) for row in rows if is_shown(row, tools)]
