"""What the bot buys or makes elsewhere; nothing here knows Telegram or data.json."""
