"""Three questions on a terminal that end in a .env; every answer is tried on the real service before it is believed."""

import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import openai
from telebot.apihelper import ApiTelegramException

import config
from config import SETTINGS, SHARED_IDS, Config
from engine.disk import write_content
from telegram_io import UNCERTAIN, Away, Telegram
from telegram_io.line import BATCH

PAUSE = 1.0  # seconds between two looks at Telegram when it answers at once
PATIENCE = 20.0  # seconds a provider may take to list its models
YES, NO = ("y", "yes", "д", "да"), ("n", "no", "н", "нет")
LISTED = 12  # model names shown; the rest can still be typed

# Every sentence in Russian and in English.
WORDS: dict[str, tuple[str, str]] = {
    "welcome": (
        "Файла .env ещё нет. Три вопроса — и бот заработает. Ctrl-C — выйти, ничего не записав.",
        "There is no .env yet. Three questions and the bot runs. Ctrl-C leaves and writes nothing.",
    ),
    "ask_token": (
        "1/3. Токен бота. В Telegram откройте @BotFather, отправьте /newbot и вставьте сюда токен: ",
        "1/3. The bot's token. In Telegram open @BotFather, send /newbot and paste the token here: ",
    ),
    "not_token": (
        "Это не похоже на токен: цифры, двоеточие, буквы, как 123456789:AAH... Попробуйте ещё раз.",
        "This does not look like a token: digits, a colon, letters, as in 123456789:AAH... Try again.",
    ),
    "token_refused": (
        "Telegram не знает такого токена. Скопируйте его у @BotFather ещё раз.",
        "Telegram does not know this token. Copy it from @BotFather once more.",
    ),
    "no_telegram": (
        "Нет связи с {address}. Проверьте сеть (PROXY, TELEGRAM_API_URL) и повторите.",
        "No connection to {address}. Check the network (PROXY, TELEGRAM_API_URL) and try again.",
    ),
    "hello_bot": ("Это @{username}.", "This is @{username}."),
    "ask_key": (
        "2/3. Ключ модели: https://platform.openai.com/api-keys или страница ключей вашего провайдера;\n"
        "     для сервера на своём компьютере — любое слово: ",
        "2/3. The model's key: https://platform.openai.com/api-keys or your provider's page of keys;\n"
        "     any word for a server on your own machine: ",
    ),
    "not_key": ("Ключ — одно слово из латинских букв, цифр и знаков.", "A key is one word of Latin letters and signs."),
    "ask_address": (
        "     Адрес провайдера вместе с /v1 (Enter — {address}): ",
        "     The provider's address with its /v1 (Enter: {address}): ",
    ),
    "not_address": (
        "Адрес начинается с http:// или https://.",
        "An address begins with http:// or https://.",
    ),
    "key_refused": ("{address} не принимает этот ключ.", "{address} does not accept this key."),
    "no_provider": ("Нет связи с {address}.", "No connection to {address}."),
    "key_accepted": ("{address} отвечает.", "{address} answers."),
    "ask_model": (
        "     Модели {model} там, похоже, нет. Какая будет отвечать? {models}(Enter — {first}): ",
        "     It does not seem to serve {model}. Which model shall answer? {models}(Enter: {first}): ",
    ),
    "ask_owner": (
        "3/3. Напишите что-нибудь боту @{username} со своего аккаунта: так он узнает владельца. Жду...",
        "3/3. Write anything to @{username} from your own account: that is how it learns who its owner is. Waiting...",
    ),
    "is_it_you": ("     {name}, id {id}. Это вы? [да/нет] ", "     {name}, id {id}. Is this you? [yes/no] "),
    "polled_elsewhere": (
        "Сообщения этого бота сейчас забирает другая программа или веб-хук, поэтому id нужно ввести самому.",
        "Another program or a webhook takes this bot's messages at the moment, so the id has to be typed.",
    ),
    "ask_id": ("     Ваш числовой id в Telegram: ", "     Your numeric Telegram id: "),
    "written": (
        "Готово: {path} (читать его можете только вы). Остальные настройки — в example.env.",
        "Done: {path} (only you can read it). example.env shows the other settings.",
    ),
    "kept": ("{path} уже есть: он не тронут.", "{path} is there already: it was left as it is."),
    "left": ("\nНичего не записано.", "\nNothing was written."),
}

Verdict = Literal["key_accepted", "key_refused", "no_provider"]


class _Talk(NamedTuple):
    """Whom the wizard talks to, and in which language."""

    read: Callable[[str], str]
    write: Callable[[str], None]
    russian: bool

    def words(self, key: str, **blanks: object) -> str:
        return WORDS[key][0 if self.russian else 1].format(**blanks)

    def say(self, key: str, **blanks: object) -> None:
        self.write(self.words(key, **blanks))

    def ask(self, key: str, **blanks: object) -> str:
        return self.read(self.words(key, **blanks)).strip()


def wanted(folder: Path, environ: Mapping[str, str]) -> bool:
    """Whether a person sits at the terminal and nobody has begun to set the bot up, in `.env` or in the environment."""
    required = [row for row in SETTINGS.values() if row.default is None]
    names = [name for row in required for name in (row.name, *row.aliases)]
    given = any(environ.get(name) or environ.get(f"{name}_FILE") for name in names)
    return sys.stdin.isatty() and not given and not (folder / ".env").exists()


def run(
    folder: Path, environ: Mapping[str, str], ask: Callable[[str], str] = input, say: Callable[[str], None] = print
) -> bool:
    """Write `folder/.env` (mode 0600) and return True; False, with nothing written, on Ctrl-C or the end of input.

    `ask` shows a question and returns the line typed; ConfigError when the environment itself is senseless.
    """
    talk, path = _Talk(ask, say, _speaks_russian(environ)), folder / ".env"
    known = config.load({**environ, **_PLACEHOLDERS}, folder)
    try:
        talk.say("welcome")
        answers = _answers(talk, known)
        if path.exists():
            talk.say("kept", path=path)
            return False
        write_content(path, _content(answers).encode())
    except (KeyboardInterrupt, EOFError):
        talk.say("left")
        return False
    talk.say("written", path=path)
    return True


# Stand-ins for what will be asked, so that addresses, proxy and model come from the environment as for the bot itself.
_PLACEHOLDERS = {"TELEGRAM_API_KEY": "0:a", "OPENAI_API_KEY": "a", "ADMIN_CHAT_ID": "1"}


def _speaks_russian(environ: Mapping[str, str]) -> bool:
    language = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return language.lower().startswith("ru")


def _answers(talk: _Talk, known: Config) -> dict[str, str]:
    token, telegram = _token(talk, known)
    provider = _provider(talk, known)
    owner = _owner(talk, telegram, known.telegram_api_url)
    return {"TELEGRAM_API_KEY": token, **provider, "ADMIN_CHAT_ID": str(owner)}


def _content(answers: Mapping[str, str]) -> str:
    lines = ["# Made by the wizard of main.py; example.env shows what else can be set."]
    for name, value in answers.items():
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        lines.append(f"{name}={value}" if re.fullmatch(r"[\w:/.,@+-]+", value) else f"{name}='{escaped}'")
    return "\n".join(lines) + "\n"


def _sound(field: str, text: str) -> bool:
    """Whether the settings' own reader takes the text."""
    try:
        SETTINGS[field].read(text)
    except ValueError:
        return False
    return True


def _token(talk: _Talk, known: Config) -> tuple[str, Telegram]:
    while True:
        token = talk.ask("ask_token")
        if not _sound("telegram_api_key", token):
            talk.say("not_token")
            continue
        telegram = Telegram(token, known.telegram_api_url, known.proxy)
        try:
            telegram.introduce(seconds=0)  # one try: someone is waiting for the verdict
        except ApiTelegramException as error:
            talk.say("token_refused" if error.error_code < 500 else "no_telegram", address=known.telegram_api_url)
        except Away:
            talk.say("no_telegram", address=known.telegram_api_url)
        else:
            talk.say("hello_bot", username=telegram.username)
            return token, telegram


def _provider(talk: _Talk, known: Config) -> dict[str, str]:
    """Key, address and models as lines of .env; what has its default or stands in the environment is left out."""
    usual = SETTINGS["openai_base_url"].default
    while True:
        key = talk.ask("ask_key")
        if not _sound("openai_api_key", key):
            talk.say("not_key")
            continue
        settled = known.openai_base_url != usual
        address = "" if settled else talk.ask("ask_address", address=usual).rstrip("/")
        if address and not _sound("openai_base_url", address):
            talk.say("not_address")
            continue
        base = address or known.openai_base_url
        verdict, models = _models(base, key, known.proxy)
        talk.say(verdict, address=base)
        if verdict == "key_accepted":
            lines = {"OPENAI_API_KEY": key} | ({"OPENAI_BASE_URL": address} if address not in ("", usual) else {})
            return lines | _model(talk, known, models, strange=base != usual)


def _models(base: str, key: str, proxy: str | None) -> tuple[Verdict, list[str]]:
    """What the provider serves; one that can't list its models is believed."""
    with openai.OpenAI(
        api_key=key, base_url=base, max_retries=0, timeout=PATIENCE, http_client=openai.DefaultHttpxClient(proxy=proxy)
    ) as client:
        try:
            listed = json.loads(client.models.with_raw_response.list().content)
            return "key_accepted", [str(model["id"]) for model in listed["data"]]
        except (openai.AuthenticationError, openai.PermissionDeniedError):
            return "key_refused", []
        except openai.APIConnectionError:
            return "no_provider", []
        except (openai.APIError, ValueError, LookupError, TypeError):
            return "key_accepted", []


def _model(talk: _Talk, known: Config, models: list[str], strange: bool) -> dict[str, str]:
    if known.model in models or not (models or strange):
        return {}
    first = models[0] if models else known.model
    shown = ", ".join(models[:LISTED]) + " " if models else ""
    while True:
        name = talk.ask("ask_model", model=known.model, models=shown, first=first) or first
        if _sound("model", name):
            return {"MODEL": name, "PREMIUM_MODEL": name}


def _owner(talk: _Talk, telegram: Telegram, address: str) -> int:
    """The id of whoever wrote to the bot and says yes; their message stays with Telegram, for the bot to answer."""
    talk.say("ask_owner", username=telegram.username)
    try:
        for sender in _senders(talk, telegram, address):
            name = " ".join(str(sender.get(part) or "") for part in ("first_name", "last_name")).strip()
            name += f" (@{sender['username']})" if sender.get("username") else ""
            shown = "".join(sign for sign in name if sign.isprintable())  # a name may carry terminal commands
            if _is_it(talk, shown, sender["id"]):
                return int(sender["id"])
            talk.say("ask_owner", username=telegram.username)
    except ApiTelegramException:
        talk.say("polled_elsewhere")
    while True:
        typed = talk.ask("ask_id")
        if typed.isdecimal() and _sound("admin_ids", typed):
            return int(typed)


def _is_it(talk: _Talk, name: str, number: int) -> bool:
    """A yes or a no; asked again otherwise, as whoever is refused once is not asked about any more."""
    while True:
        answer = talk.ask("is_it_you", name=name, id=number).lower()
        if answer in YES + NO:
            return answer in YES


def _senders(talk: _Talk, telegram: Telegram, address: str) -> Iterator[dict[str, Any]]:
    """People who write to the bot in private, the latest first, each once, for ever; ApiTelegramException on 409."""
    seen, offset = set(SHARED_IDS), 0
    while True:
        try:
            updates = telegram.updates(offset)
        except UNCERTAIN:
            talk.say("no_telegram", address=address)
            updates = []
        for update in reversed(updates):
            message = update.get("message") or {}
            sender = message.get("from") or {}
            if message.get("chat", {}).get("type") == "private" and sender.get("id") not in seen:
                seen.add(sender["id"])
                yield sender
        if len(updates) >= BATCH:  # only then is anything confirmed: newer messages can't be seen otherwise
            offset = updates[-1]["update_id"] + 1
        time.sleep(PAUSE)
