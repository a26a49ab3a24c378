"""What stands in the words of a message: a command, the bot's name."""

import json
from typing import Any


def command(text: str) -> tuple[str, str, str]:
    """Command, argument and addressee, the first and the last in lower case: `/Help@Bot me` is help, me, bot.

    `/ help` and a slash alone are commands too, ones that nobody has.
    """
    if not text.startswith("/"):
        return "", "", ""
    if not text[1:2].strip():
        return f" {text[1:].strip().split(' ')[0].lower()}", "", ""
    head, _, argument = text.partition("\n") if "\n" in text.split(" ", 1)[0] else text.partition(" ")
    name, _, addressee = head[1:].partition("@")
    is_word = bool(name) and all(letter.isalnum() or letter == "_" for letter in name)
    return (name.lower(), argument.strip(), addressee.lower()) if is_word else ("", "", "")


def without_command(text: str) -> str:
    """What a message asks: all of it, or what stands behind a command."""
    name, argument, _ = command(text)
    return argument if name else text


def mentioned(text: str, entities: list[dict[str, Any]], bot_id: int, bot_username: str) -> bool:
    """Whether a message names the bot, by @username or as Telegram names people without one."""
    units = text.encode("utf-16-le")
    for entity in entities:
        if entity["type"] == "text_mention" and entity["user"]["id"] == bot_id:
            return True
        if entity["type"] == "mention":
            start, length = int(entity["offset"]), int(entity["length"])
            named = units[start * 2 : (start + length) * 2].decode("utf-16-le", "replace")
            if named.lower() == f"@{bot_username}".lower():
                return True
    return False


def whole_characters(raw: dict[str, Any]) -> dict[str, Any]:
    """Half characters (lone surrogates) become U+FFFD: no encoder later takes them."""
    text = json.dumps(raw, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        whole: dict[str, Any] = json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
        return whole
    return raw
