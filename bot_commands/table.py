"""The table: every command once, every button once; dispatch, help, menus and documents all come from it."""

import re
from collections.abc import Callable
from typing import Literal, NamedTuple

from bot_commands import (
    account,
    admin,
    again,
    announce,
    costs,
    dialogue,
    draw,
    favours,
    figures,
    full_quality,
    invitations,
    models,
    payments,
    presets,
    privacy,
    settings,
    status,
    talk,
    voice,
    wallet,
)
from bot_commands.request import Reply, Request, Tools
from records import Step
from telegram_io import Button
from texts import TEXTS, Language, Words, say

Handler = Callable[[Request], Reply | str | None]
Role = Literal["stranger", "user", "admin"]  # the least a person must be
Where = Literal["anywhere", "private"]
Menu = Literal["private", "group", "admin"]
Subject = Literal["talk", "style", "files", "wallet", "me", "bot", "people"]
SUBJECTS: tuple[Subject, ...] = ("talk", "style", "files", "wallet", "me", "bot", "people")  # their order in lists


class Command(NamedTuple):
    """A row: public name, what it does, who may use it, where, what it is about, what it needs, its silent aliases."""

    name: str
    run: Handler
    help: Words
    role: Role = "user"
    where: Where = "anywhere"
    group_admins: bool = False  # in a group only its admins may: it changes what belongs to all
    arguments: str = ""
    subject: Subject = "bot"
    needs: Literal["", "wallets", "packages", "search"] = ""  # not shown where this is switched off
    aliases: tuple[str, ...] = ()


class Press(NamedTuple):
    """A button: what its data begins with (up to a colon, the rest is the argument), and who may press it.

    A button whose data begins with a slash is that command; what it says takes the place of the message.
    """

    name: str
    run: Handler
    role: Role = "user"
    group_admins: bool = False
    answers_itself: bool = False  # the handler answers the callback query with words of its own


def is_shown(row: Command, tools: Tools) -> bool:
    """Whether menus and help name a command: what cannot work here is not shown."""
    match row.needs:
        case "wallets":
            return tools.config.wallets
        case "packages":
            return tools.config.wallets and bool(tools.config.topup_packages)
        case "search":
            return any(each.searches for each in tools.catalogue.rows)
    return True


def help_(request: Request) -> Reply:
    """Four headings and a button for the rest."""
    account = request.say("help_wallet" if request.tools.config.wallets else "help_usage")
    calls = request.say("help_calls_all" if request.tools.telegram.sees_groups else "help_calls")
    return Reply(
        request.say("help", account=account, calls=calls), [[Button(request.say("button_all_commands"), "commands")]]
    )


def all_commands(request: Request) -> Reply:
    """Every command this person may use, by subject, with its aliases; an admin turns over to the owner's."""
    admin = bool(request.user and request.user.is_admin and request.incoming.private)
    if admin and request.argument == "admin":
        return Reply(_listed(request, admin=True), [[Button(request.say("button_all_commands"), "commands")]])
    turn = [[Button(request.say("button_admin_commands"), "commands:admin")]] if admin else []
    return Reply(_listed(request, admin=False), turn)


def _listed(request: Request, admin: bool) -> str:
    """The commands of admins, or those of everybody else, one a line under their subjects."""
    rows = [row for row in COMMANDS if (row.role == "admin") is admin and is_shown(row, request.tools)]
    parts = []
    for subject in SUBJECTS:
        lines = [_line(request, row) for row in rows if row.subject == subject]
        parts += ["\n".join([request.say(f"subject_{subject}"), *lines])] if lines else []
    return "\n\n".join(parts)


def usage(language: Language, row: Command) -> str:
    """How a command is written, its arguments in words of a language."""
    arguments = re.sub("[a-z]+", lambda word: _argument(language, word[0]), row.arguments)
    return f"/{row.name} {arguments}".strip()


def _argument(language: Language, word: str) -> str:
    """A word that stands for something, such as `who`; what is typed as it is, such as `premium`, stays."""
    key = f"argument_{word}"
    return say(language, key) if key in TEXTS else word


def _line(request: Request, row: Command) -> str:
    does = row.help.ru if request.language == "ru" else row.help.en
    call = usage(request.language, row)
    also = f" ({request.say('also')} {', '.join('/' + alias for alias in row.aliases)})" if row.aliases else ""
    return f"{call} — {does}{also}"


def settings_(request: Request) -> Reply:
    """One set of buttons for everything: each shows what its command shows, with the way back."""
    if request.argument == "close":
        return Reply(request.say("closed"))
    buttons = [Button(request.say(key), data) for key, data in _offered(request)]
    rows = [buttons[place : place + 2] for place in range(0, len(buttons), 2)]
    return Reply(settings.summary(request), [*rows, [Button(request.say("button_close"), "settings:close")]])


def _offered(request: Request) -> list[tuple[str, str]]:
    """The parts of the settings that can work here; in a group only the group's own."""
    parts = SETTINGS if request.incoming.private else {key: SETTINGS[key] for key in SETTINGS if key in OF_GROUPS}
    rows = {data: BY_NAME.get(data[1:]) for data in parts.values()}
    off = {data for data, row in rows.items() if data[0] == "/" and not (row and is_shown(row, request.tools))}
    return [(key, data) for key, data in parts.items() if data not in off]


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
        subject="bot",
    ),
    Command(
        "new",
        settings.new,
        Words("новый диалог: забыть сказанное", "new dialogue: forget what was said"),
        group_admins=True,
        aliases=("clear", "reset", "очистить", "отчистить"),
        subject="talk",
    ),
    Command(
        "prompt",
        settings.prompt,
        Words("показать или задать системный промпт", "show or set the system prompt"),
        group_admins=True,
        arguments="[text]",
        aliases=("p",),
        subject="style",
    ),
    Command(
        "system",
        settings.system,
        Words("сменить системный промпт и начать заново", "change the system prompt and begin anew"),
        group_admins=True,
        arguments="[text]",
        subject="style",
    ),
    Command(
        "preset",
        presets.preset,
        Words("выбрать готовый промпт", "choose a ready prompt"),
        group_admins=True,
        subject="style",
    ),
    Command(
        "reset_prompt",
        settings.reset_prompt,
        Words("вернуть исходный промпт", "back to the default prompt"),
        group_admins=True,
        subject="style",
    ),
    Command(
        "switch",
        settings.switch,
        Words("обычная модель ↔ премиум", "ordinary model ↔ premium"),
        group_admins=True,
        aliases=("switch_model", "sw"),
        subject="style",
    ),
    Command(
        "model",
        models.model,
        Words("выбрать модель", "choose a model"),
        group_admins=True,
        subject="style",
    ),
    Command(
        "web",
        models.web,
        Words("искать ответы в интернете", "search the web for answers"),
        group_admins=True,
        subject="style",
        needs="search",
    ),
    Command(
        "pro",
        models.pro,
        Words("один вопрос премиум-модели", "one question to the premium model"),
        arguments="text",
        aliases=("prem", "premium", "gpt4"),
        subject="talk",
    ),
    Command(
        "t",
        dialogue.tokens,
        Words("сколько места занимает диалог", "how much room the dialogue takes"),
        subject="talk",
        aliases=("tokens", "т", "токены"),
    ),
    Command(
        "sessions",
        dialogue.sessions,
        Words("какие диалоги я помню", "which dialogues are remembered"),
        where="private",
        subject="talk",
        aliases=("session",),
    ),
    Command(
        "extended_context",
        settings.extended_context,
        Words("помнить диалог, до n символов", "remember the dialogue, up to n characters"),
        group_admins=True,
        arguments="[n]",
        aliases=("context", "ec", "remember"),
        subject="talk",
    ),
    Command(
        "delete_context",
        settings.delete_context,
        Words("забыть диалог и больше не помнить", "forget the dialogue and stop remembering"),
        group_admins=True,
        aliases=("dc", "clear_history", "ch", "erase_context"),
        subject="talk",
    ),
    Command(
        "img",
        draw.img,
        Words(
            "нарисовать картинку или изменить ту, на которую отвечаете",
            "draw a picture, or change the one you reply to",
        ),
        arguments="[text]",
        subject="files",
        aliases=("imagine", "image", "i"),
    ),
    Command(
        "transcribe",
        voice.transcribe,
        Words("ответом на голосовое: только его слова", "as a reply to a voice message: only its words"),
        subject="files",
    ),
    Command(
        "settings",
        settings_,
        Words("все настройки кнопками", "all settings as buttons"),
        group_admins=True,
        subject="bot",
    ),
    Command(
        "language",
        settings.language,
        Words("русский или английский", "Russian or English"),
        arguments="[ru|en]",
        aliases=("lang",),
        subject="bot",
    ),
    Command(
        "balance",
        wallet.balance,
        Words("сколько осталось на счету", "what is left in the wallet"),
        needs="wallets",
        subject="wallet",
    ),
    Command(
        "stats",
        costs.stats,
        Words("сколько потрачено и сколько это стоило", "what was used and what it cost"),
        where="private",
        aliases=("profile",),
        subject="wallet",
    ),
    Command(
        "ask_favor",
        favours.ask_favor,
        Words("попросить токены у администратора", "ask the admin for tokens"),
        where="private",
        needs="wallets",
        aliases=("askfavor", "favor"),
        subject="wallet",
    ),
    Command(
        "topup",
        payments.topup,
        Words("пополнить счёт за звёзды Telegram", "add to the wallet for Telegram Stars"),
        where="private",
        needs="packages",
        subject="wallet",
    ),
    Command(
        "paysupport",
        payments.paysupport,
        Words("помощь с платежом", "help with a payment"),
        where="private",
        needs="packages",
        subject="wallet",
    ),
    Command(
        "feedback",
        favours.feedback,
        Words("написать администратору", "write to the admin"),
        where="private",
        arguments="[text]",
        aliases=("fb", "support"),
        subject="bot",
    ),
    Command(
        "privacy",
        privacy.privacy,
        Words("что хранится, где и кто это видит", "what is kept, where, and who sees it"),
        role="stranger",
        subject="me",
    ),
    Command(
        "mydata",
        privacy.mydata,
        Words("всё, что обо мне хранится, файлом", "everything kept about me as a file"),
        subject="me",
    ),
    Command(
        "delete_me",
        privacy.delete_me,
        Words("стереть меня и всё моё", "erase me and all that is mine"),
        where="private",
        subject="me",
    ),
    Command("info", dialogue.info, Words("этот диалог и этот бот", "this dialogue and this bot"), subject="talk"),
    Command(
        "ref",
        invitations.ref,
        Words("пригласить друга: ссылка и QR-код", "invite a friend: link and QR code"),
        aliases=("invite",),
        subject="wallet",
    ),
    Command(
        "help",
        help_,
        Words("что я умею", "what I can do"),
        role="stranger",
        subject="bot",
    ),
    Command("cancel", cancel, Words("отменить начатое", "end what was begun"), subject="bot"),
    Command(
        "refill",
        admin.refill,
        Words("пополнить или уменьшить счёт", "add to a wallet, or take away"),
        role="admin",
        where="private",
        arguments="who amount [premium|image]",
        aliases=("r",),
        subject="people",
    ),
    Command(
        "ban",
        admin.ban,
        Words("закрыть доступ", "shut somebody out"),
        role="admin",
        where="private",
        arguments="who",
        aliases=("block",),
        subject="people",
    ),
    Command(
        "unban",
        admin.unban,
        Words("вернуть доступ", "let somebody in again"),
        role="admin",
        where="private",
        arguments="who",
        aliases=("unblock",),
        subject="people",
    ),
    Command(
        "announce",
        announce.announce,
        Words("разослать сообщение всем или некоторым", "send a message to all or some"),
        role="admin",
        where="private",
        arguments="target",
        aliases=("a", "alert", "broadcast", "notify"),
        subject="people",
    ),
    Command(
        "data",
        admin.data,
        Words("все данные файлом или карточка пользователя", "all data as a file, or a user's card"),
        role="admin",
        where="private",
        arguments="[who]",
        aliases=("d",),
        subject="people",
    ),
    Command(
        "refund",
        payments.refund,
        Words("вернуть звёзды за платёж", "give a payment's Stars back"),
        role="admin",
        where="private",
        arguments="charge",
        subject="people",
    ),
    Command(
        "status",
        status.status,
        Words("как дела у бота", "how the bot is"),
        role="admin",
        where="private",
        subject="bot",
    ),
    Command(
        "models",
        status.models,
        Words("какие модели обслуживаются и до когда", "which models are served, and until when"),
        role="admin",
        where="private",
        subject="bot",
    ),
    Command(
        "setmodel",
        models.set_model,
        Words("модель по умолчанию для всех", "the default model for everybody"),
        role="admin",
        where="private",
        subject="bot",
    ),
    Command(
        "recent",
        figures.recent,
        Words("кто писал за последние дни", "who wrote in the last days"),
        role="admin",
        where="private",
        arguments="[days]",
        aliases=("recent_users", "last"),
        subject="people",
    ),
    Command(
        "top",
        figures.top,
        Words("у кого больше всего запросов, токенов, расходов…", "who has the most requests, tokens, cost…"),
        role="admin",
        where="private",
        arguments="[n] [what]",
        aliases=("top_users",),
        subject="people",
    ),
    Command(
        "stat",
        costs.stat,
        Words("сколько всё стоило, с картинкой за 30 дней", "what everything cost, with a picture of 30 days"),
        role="admin",
        where="private",
        arguments="[day|week|month|all|days]",
        subject="bot",
    ),
    Command(
        "stop",
        admin.stop,
        Words("остановить бота", "stop the bot"),
        role="admin",
        where="private",
        subject="bot",
    ),
)

PRESSES: tuple[Press, ...] = (
    Press("start", account.start, role="stranger"),
    Press("delete", privacy.delete),
    Press("data", privacy.menu),
    Press("commands", all_commands, role="stranger"),
    Press("new", settings.new, group_admins=True),
    Press("settings", settings_, group_admins=True),
    Press("memory", settings.memory, group_admins=True),
    Press("lang", settings.language),
    Press("model", models.model, group_admins=True),
    Press("web", models.web, group_admins=True),
    Press("setmodel", models.set_model, role="admin"),
    Press("preset", presets.preset, group_admins=True),
    Press("dialogue", dialogue.as_file),
    Press("card", admin.card, role="admin"),
    Press("keep", models.keep, group_admins=True),
    Press("ordinary", settings.ordinary, group_admins=True),
    Press("favor", favours.decide_favor, role="admin"),
    Press("reward", favours.reward, role="admin"),
    Press("buy", payments.buy),
    Press("premium", settings.premium, group_admins=True),
    Press("stop", talk.stop, answers_itself=True),
    Press("again", again.again),
    Press("retry", again.retry),
    Press("continue", again.go_on),
    Press("beginning", again.beginning),
    Press("edited", again.ask_edited),
    Press("hear", voice.again),
    Press("draw", draw.again),
    Press("shapes", draw.other),
    Press("shape", draw.shape),
    Press("original", full_quality.as_file),
    Press("announce_to", announce.announce, role="admin"),
    Press("top", figures.top, role="admin"),
    Press("stat", costs.stat, role="admin"),
    Press("announce", announce.send, role="admin"),
    Press("cancel_announcement", announce.cancel, role="admin"),
    Press("stop_announcement", announce.stop, role="admin", answers_itself=True),
)

# Questions of the bot that the next message answers: name of the step → who takes it.
STEPS: dict[str, Callable[[Request, Step], Reply | str | None]] = {
    "announce": announce.message,
    "draw": draw.words,
    "feedback": favours.take_feedback,
}

# The parts of the settings: words of texts.TEXTS → what their button presses.
SETTINGS = {
    "button_model": "/model",
    "button_style": "/preset",
    "button_memory": "memory",
    "button_language": "/language",
    "button_web": "/web",
    "button_data": "data",
}
OF_GROUPS = ("button_model", "button_style", "button_memory", "button_web")  # the others are a person's own

# The command menus of Telegram, in this order; admins have their own under the private one.
MENUS: dict[Menu, tuple[str, ...]] = {
    "private": ("new", "img", "prompt", "switch", "settings", "balance", "ref", "help"),
    "group": ("img", "pro", "new", "help"),
    "admin": ("refill", "ban", "announce", "data", "top", "stat", "status"),
}

# The keys in place of the phone's keyboard, row by row, the last for admins only: words of texts.TEXTS → command.
KEYS = {"key_draw": "img", "key_new": "new", "key_usage": "stats", "key_help": "help"}
ADMIN_KEYS = {"key_costs": "stat", "key_announce": "announce"}
FORMER_KEYS = {"key_balance": "balance"}  # which may still stand on somebody's phone

BY_NAME = {name: row for row in COMMANDS for name in (row.name, *row.aliases)}
BY_PRESS = {row.name: row for row in PRESSES}
