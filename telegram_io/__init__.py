"""Telegram's edge: everything the bot says goes out here, and updates come in; limits and refusals are met here."""

from collections.abc import Sequence
from typing import Literal

from telebot import types
from telebot.apihelper import ApiTelegramException

from telegram_io.files import Files
from telegram_io.line import LONGEST_PAUSE, UNCERTAIN, Away, AwayUnsent, Place, Unreachable, patience
from telegram_io.messages import Button, Entity, Rows
from telegram_io.pacer import Leaving
from telegram_io.payments import NotRefunded, Payments
from telegram_io.rich import Rich, RichRefused
from telegram_io.webhook import Webhook
from telegram_io.wire import DownloadError

__all__ = [
    "LONGEST_PAUSE",
    "UNCERTAIN",
    "Away",
    "AwayUnsent",
    "Button",
    "DownloadError",
    "Entity",
    "Leaving",
    "NotRefunded",
    "Place",
    "RichRefused",
    "Rows",
    "Telegram",
    "Unreachable",
    "patience",
]


class Telegram(Files, Payments, Rich, Webhook):
    """One bot's account, with everything it can ask Telegram for; safe to call from many threads."""

    def is_chat_admin(self, chat_id: int, user_id: int) -> bool:
        """Whether a member may decide for a group; a bot that is no admin is told of its admins, not of all others."""
        try:
            member = self._insist(lambda: self._bot.get_chat_member(chat_id, user_id))
            return member.status in ("creator", "administrator")
        except ApiTelegramException:
            admins = self._insist(lambda: self._bot.get_chat_administrators(chat_id))
            return any(admin.user.id == user_id for admin in admins)

    def is_member(self, chat_id: int) -> bool:
        """Whether the bot is in a group that there is."""
        try:
            return self._insist(lambda: self._bot.get_chat_member(chat_id, self.id)).status not in ("left", "kicked")
        except (ApiTelegramException, Unreachable):
            return False

    def set_menu(
        self, commands: Sequence[tuple[str, str]], scope: Literal["private", "group"] | int, language: str
    ) -> None:
        """Set the command menu of all private chats, all groups or one chat, in a language ("" for all others)."""
        menu = [types.BotCommand(name, description) for name, description in commands]
        self._insist(lambda: self._bot.set_my_commands(menu, _scope(scope), language or None))


def _scope(scope: Literal["private", "group"] | int) -> types.BotCommandScope:
    kinds = {"private": "all_private_chats", "group": "all_group_chats"}
    return types.BotCommandScope("chat", scope) if isinstance(scope, int) else types.BotCommandScope(kinds[scope])
