"""Telegram and a model server on your own machine, for the demo and the tests; nothing in here knows the bot."""
