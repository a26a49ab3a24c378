"""The webhook of a bot: where Telegram posts its updates instead of waiting to be asked.

https://core.telegram.org/bots/api#setwebhook
"""

from typing import Any

from telebot import apihelper

from incoming import ALLOWED_UPDATES
from telegram_io.line import Line


class Webhook(Line):
    """Sets it, looks at it, takes it back; nothing that waits is ever dropped. All raise as a single call does."""

    def set_webhook(self, url: str, secret: str, connections: int) -> None:
        """Ask Telegram to post each update to `url`, with the secret in a header, over so many connections."""
        apihelper.set_webhook(
            self._token,
            url,
            max_connections=connections,
            allowed_updates=ALLOWED_UPDATES,
            drop_pending_updates=False,
            secret_token=secret,
        )

    def webhook(self) -> dict[str, Any]:
        """What Telegram says of it; https://core.telegram.org/bots/api#webhookinfo"""
        return dict(apihelper.get_webhook_info(self._token))

    def leave_webhook(self) -> None:
        """Back to polling."""
        apihelper.delete_webhook(self._token, drop_pending_updates=False)
