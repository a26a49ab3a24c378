"""The full tables of commands for docs/commands.md, printed by `python -m bot_commands.tables`."""

import sys
from collections.abc import Iterator

from bot_commands.table import ADMIN_KEYS, COMMANDS, KEYS, MENUS, SUBJECTS, Command, usage
from texts import LANGUAGES, Language, Words, say

HEADINGS: dict[Language, str] = {"ru": "Все команды", "en": "All commands"}
INTRODUCTION = Words(
    "Таблицы сделаны из кода: `make commands`. Первое имя стоит в меню и в `/help`, остальные работают так же. Регистр "
    "не важен; `/команда@ДругойБот` не для нас. Клавиши внизу личного чата: {keys}; у администратора ещё {admin_keys}.",
    "These tables are made from the code: `make commands`. The first name stands in menus and `/help`, the others work "
    "as well. Case does not matter; `/command@OtherBot` is not for us. The keys of a private chat: {keys}; an admin "
    "has also {admin_keys}.",
)
MENU_NAMES = Words(
    "Меню: в личном чате {private}; в группе {group}; у администратора ещё {admin}.",
    "Menus: in a private chat {private}; in a group {group}; an admin has also {admin}.",
)
COLUMNS = Words("Команда | Также | Кто | Где | Что делает", "Command | Also | Who | Where | What it does")
ROLES = {
    "stranger": Words("каждый", "anybody"),
    "user": Words("после `/start`", "after `/start`"),
    "admin": Words("администратор", "admin"),
}
PLACES = {
    "private": Words("личный чат", "private chat"),
    "anywhere": Words("везде", "anywhere"),
    "group_admins": Words("везде; в группе её админы", "anywhere; in a group its admins"),
}
NEEDS = {
    "": Words("", ""),
    "wallets": Words(" (если счета включены)", " (while wallets are on)"),
    "packages": Words(" (если пакеты продаются)", " (while packages are sold)"),
    "search": Words(" (если модель умеет искать)", " (while a model can search)"),
}


def document() -> str:
    """The whole of docs/commands.md: all that is Russian, then all that is English."""
    return "\n".join(line for language in LANGUAGES for line in _part(language)).rstrip() + "\n"


def _part(language: Language) -> Iterator[str]:
    keys = {name: _keys(language, row) for name, row in (("keys", KEYS), ("admin_keys", ADMIN_KEYS))}
    menus = {menu: " ".join(f"`/{name}`" for name in names) for menu, names in MENUS.items()}
    yield from (f"# {HEADINGS[language]}", "")
    yield from (in_language(language, INTRODUCTION).format(**keys), "")
    yield from (in_language(language, MENU_NAMES).format(**menus), "")
    for admin in (False, True):
        for subject in SUBJECTS:
            rows = [row for row in COMMANDS if row.subject == subject and (row.role == "admin") is admin]
            if rows:
                owner = f" · {in_language(language, ROLES['admin'])}" if admin else ""
                yield from (f"## {say(language, f'subject_{subject}')}{owner}", "")
                yield from (f"| {in_language(language, COLUMNS)} |", "| --- | --- | --- | --- | --- |")
                yield from (_row(language, row) for row in rows)
                yield ""


def _keys(language: Language, keys: dict[str, str]) -> str:
    return ", ".join(f"{say(language, key)} (`/{command}`)" for key, command in keys.items())


def _row(language: Language, row: Command) -> str:
    call = f"`{usage(language, row)}`"
    aliases = " ".join(f"`/{alias}`" for alias in row.aliases)
    place = "group_admins" if row.group_admins else row.where
    does = in_language(language, row.help) + in_language(language, NEEDS[row.needs])
    return table_row(call, aliases, in_language(language, ROLES[row.role]), in_language(language, PLACES[place]), does)


def table_row(*cells: str) -> str:
    """A row of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def in_language(language: Language, words: Words) -> str:
    """The words of one language."""
    return words.ru if language == "ru" else words.en


def write(document: str) -> None:
    """Put a document out byte for byte the same everywhere; Windows has its own idea of both."""
    sys.stdout.buffer.write(document.encode())


if __name__ == "__main__":
    write(document())
