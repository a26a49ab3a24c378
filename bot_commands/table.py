"""The table: every command once, every button once; dispatch, help, menus and documents all come from it."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from bot_commands import account, admin, announce, invitations, settings, talk
from bot_commands.request import Reply, Request
from config import Config
from records import Step
from telegram_io import Button
from texts import Words

Handler = Callable[[Request], Reply | str | None]
Role = Literal["stranger", "user", "admin"]  # the least a person must be
Where = Literal["anywhere", "private"]
Menu = Literal["private", "group", "admin"]


class Command(NamedTuple):
    """A row: public name, what it does, who may use it, where, in which menus, what it needs, its silent aliases."""

    name: str
    run: Handler
    help: Words
    role: Role = "user"
    where: Where = "anywhere"
    group_admins: bool = False  # in a group only its admins may: it changes what belongs to all
    menus: frozenset[Menu] = frozenset()
    arguments: str = ""
    needs: Literal["", "wallets", "packages"] = ""  # not shown where this is switched off
    aliases: tuple[str, ...] = ()


class Press(NamedTuple):
    """A button: what its data begins with (up to a colon, the rest is the argument), and who may press it."""

    name: str
    run: Handler
    role: Role = "user"
    group_admins: bool = False
    answers_itself: bool = False  # the handler answers the callback query with words of its own


def is_shown(row: Command, config: Config) -> bool:
    """Whether menus and help name a command: what cannot work here is not shown."""
    return {"": True, "wallets": config.wallets, "packages": config.wallets and bool(config.topup_packages)}[row.needs]


def _menus(*names: Menu) -> frozenset[Menu]:
    return frozenset(names)


def help_(request: Request) -> Reply:
    """Four headings and a button for the rest."""
    return Reply(request.say("help"), [[Button(request.say("button_all_commands"), "commands")]])


def all_commands(request: Request) -> str:
    """Every command this person may use, with its aliases."""
    lines = [request.say("commands_heading")]
    shown = [row for row in COMMANDS if is_shown(row, request.tools.config)]
    lines += [_line(request, row) for row in shown if row.role != "admin"]
    if request.user and request.user.is_admin and request.incoming.private:
        lines += ["", request.say("commands_admin_heading")]
        lines += [_line(request, row) for row in shown if row.role == "admin"]
    return "\n".join(lines)


def _line(request: Request, row: Command) -> str:
    does = row.help.ru if request.language == "ru" else row.help.en
    call = f"/{row.name} {row.arguments}".strip()
    also = f" ({request.say('also')} {', '.join('/' + alias for alias in row.aliases)})" if row.aliases else ""
    return f"{call} — {does}{also}"


def cancel(request: Request) -> str:
    """End whatever the bot has asked."""
    asked = request.tools.store.step(request.registered.id)
    request.tools.store.set_step(request.registered.id, None)
    return request.say("cancelled" if asked else "nothing_to_cancel")


COMMANDS: tuple[Command, ...] = (
    Command(
        "start",
        account.start,
        Words("начать: открыть счёт", "begin: open a wallet"),
        role="stranger",
        where="private",
        arguments="[id]",
    ),
    Command(
        "new",
        settings.new,
        Words("новый диалог: забыть сказанное", "new dialogue: forget what was said"),
        group_admins=True,
        menus=_menus("private", "group"),
        aliases=("clear", "reset", "очистить", "отчистить"),
    ),
    Command(
        "prompt",
        settings.prompt,
        Words("показать или задать системный промпт", "show or set the system prompt"),
        group_admins=True,
        menus=_menus("private"),
        arguments="[text]",
        aliases=("p",),
    ),
    Command(
        "reset_prompt",
        settings.reset_prompt,
        Words("вернуть исходный промпт", "back to the default prompt"),
        group_admins=True,
    ),
    Command(
        "switch",
        settings.switch,
        Words("обычная модель ↔ премиум", "ordinary model ↔ premium"),
        group_admins=True,
        menus=_menus("private"),
        aliases=("switch_model", "sw"),
    ),
    Command(
        "extended_context",
        settings.extended_context,
        Words("помнить диалог, до n символов", "remember the dialogue, up to n characters"),
        group_admins=True,
        arguments="[n]",
        aliases=("context", "ec", "remember"),
    ),
    Command(
        "delete_context",
        settings.delete_context,
        Words("забыть диалог и больше не помнить", "forget the dialogue and stop remembering"),
        group_admins=True,
        aliases=("dc", "clear_history", "ch", "erase_context"),
    ),
    Command(
        "settings",
        settings.settings,
        Words("все настройки кнопками", "all settings as buttons"),
        group_admins=True,
        menus=_menus("private"),
    ),
    Command(
        "language",
        settings.language,
        Words("русский или английский", "Russian or English"),
        arguments="[ru|en]",
        aliases=("lang",),
    ),
    Command(
        "balance",
        account.balance,
        Words("сколько осталось на счету", "what is left in the wallet"),
        menus=_menus("private"),
    ),
    Command(
        "stats",
        account.stats,
        Words("сколько потрачено", "what was used"),
        where="private",
        aliases=("profile",),
    ),
    Command(
        "delete_me",
        account.delete_me,
        Words("стереть меня и всё моё", "erase me and all that is mine"),
        where="private",
    ),
    Command("info", settings.info, Words("этот диалог и этот бот", "this dialogue and this bot")),
    Command(
        "ref",
        invitations.ref,
        Words("пригласить друга: ссылка и QR-код", "invite a friend: link and QR code"),
        menus=_menus("private"),
        aliases=("invite",),
    ),
    Command(
        "help",
        help_,
        Words("что я умею", "what I can do"),
        role="stranger",
        menus=_menus("private", "group"),
    ),
    Command("cancel", cancel, Words("отменить начатое", "end what was begun")),
    Command(
        "refill",
        admin.refill,
        Words("пополнить или уменьшить счёт", "add to a wallet, or take away"),
        role="admin",
        where="private",
        menus=_menus("admin"),
        arguments="who amount [premium|image]",
        aliases=("r",),
    ),
    Command(
        "ban",
        admin.ban,
        Words("закрыть доступ", "shut somebody out"),
        role="admin",
        where="private",
        menus=_menus("admin"),
        arguments="who",
        aliases=("block",),
    ),
    Command(
        "unban",
        admin.unban,
        Words("вернуть доступ", "let somebody in again"),
        role="admin",
        where="private",
        arguments="who",
        aliases=("unblock",),
    ),
    Command(
        "announce",
        announce.announce,
        Words("разослать сообщение всем или некоторым", "send a message to all or some"),
        role="admin",
        where="private",
        menus=_menus("admin"),
        arguments="target",
        aliases=("a", "alert", "broadcast", "notify"),
    ),
    Command(
        "data",
        admin.data,
        Words("все данные файлом или карточка пользователя", "all data as a file, or a user's card"),
        role="admin",
        where="private",
        menus=_menus("admin"),
        arguments="[who]",
        aliases=("d",),
    ),
    Command(
        "stop",
        admin.stop,
        Words("остановить бота", "stop the bot"),
        role="admin",
        where="private",
    ),
)

PRESSES: tuple[Press, ...] = (
    Press("start", account.start, role="stranger"),
    Press("delete", account.delete),
    Press("commands", all_commands, role="stranger"),
    Press("new", settings.new, group_admins=True),
    Press("settings", settings.settings, group_admins=True),
    Press("memory", settings.extended_context, group_admins=True),
    Press("lang", settings.language),
    Press("ordinary", settings.ordinary, group_admins=True),
    Press("stop", talk.stop, answers_itself=True),
    Press("retry", talk.retry),
    Press("announce_to", announce.announce, role="admin"),
    Press("announce", announce.send, role="admin"),
    Press("cancel_announcement", announce.cancel, role="admin"),
    Press("stop_announcement", announce.stop, role="admin", answers_itself=True),
)

# Questions of the bot that the next message answers: name of the step → who takes it.
STEPS: dict[str, Callable[[Request, Step], Reply | str | None]] = {"announce": announce.message}

# The keys in place of the phone's keyboard: words of texts.TEXTS → command.
KEYS = {"key_new": "new", "key_balance": "balance", "key_help": "help"}

BY_NAME = {name: row for row in COMMANDS for name in (row.name, *row.aliases)}
BY_PRESS = {row.name: row for row in PRESSES}
