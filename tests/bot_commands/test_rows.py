"""Every row of the table in both languages: what a person writes, what the answer says; a row needs a case here."""

from typing import NamedTuple

import pytest

from bot_commands.table import ADMIN_KEYS, BY_NAME, COMMANDS, FORMER_KEYS, KEYS, Command
from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation
from texts import LANGUAGES, say


class Case(NamedTuple):
    """What is written, and a part of what is said in Russian and in English."""

    written: str
    ru: str
    en: str


# One line a row of bot_commands/table.py: the shortest thing that shows it works. The rest stands in the files beside.
CASES: dict[str, Case] = {
    "start": Case("/start", "Здравствуйте, Борис!", "Hello, Alice!"),
    "new": Case("/new", "Новый диалог", "New dialogue"),
    "prompt": Case("/prompt Be brief", "Системный промпт изменён", "System prompt changed"),
    "reset_prompt": Case("/reset_prompt", "промпт снова исходный", "prompt is the default again"),
    "switch": Case("/switch", "Теперь отвечает премиум-модель", "The premium model gpt-6.1-terra answers now"),
    "system": Case("/system", "Системный промпт сейчас", "The system prompt now"),
    "preset": Case("/preset", "В каком стиле отвечать?", "In which style shall I answer?"),
    "model": Case("/model", "Здесь отвечает gpt-6-luna", "gpt-6-luna answers here"),
    "pro": Case("/pro", "Один вопрос премиум-модели: /pro", "One question to the premium model: /pro"),
    "extended_context": Case("/extended_context 3000", "помню до 3\u00a0000 символов", "up to 3,000 characters"),
    "delete_context": Case("/delete_context", "Память выключена", "Memory is off"),
    "settings": Case("/settings", "Настройки", "Settings"),
    "language": Case("/language", "На каком языке", "Which language"),
    "balance": Case("/balance", "Ваш счёт", "Your wallet"),
    "stats": Case("/stats", "Запросов: 0", "Requests: 0"),
    "img": Case("/img", "Картинок на счету не хватает", "Not enough pictures"),
    "transcribe": Case("/transcribe", "Ответьте этой командой на голосовое", "Reply with this command to a voice"),
    "ref": Case("/ref", "?start=102", "?start=101"),
    "ask_favor": Case("/ask_favor", "Просить ещё рано", "It is too early to ask"),
    "topup": Case("/topup", "Что купить за звёзды Telegram?", "What shall it be for Telegram Stars?"),
    "paysupport": Case("/paysupport", "Помощь с платежом", "Help with a payment"),
    "feedback": Case("/feedback", "Что передать", "What shall I tell the admin?"),
    "privacy": Case("/privacy", "Что хранится", "What is kept"),
    "mydata": Case("/mydata", "Всё, что о вас хранится", "Everything kept about you"),
    "delete_me": Case("/delete_me", "Стереть всё", "Erase everything"),
    "t": Case("/t", "Диалог занимает около", "This dialogue takes about"),
    "sessions": Case("/sessions", "Ни одного диалога", "I remember no dialogue"),
    "info": Case("/info", "Версия", "Version"),
    "help": Case("/help", "Пишите, говорите, присылайте фото", "Write, speak, send photos"),
    "cancel": Case("/cancel", "Отменять нечего", "nothing to cancel"),
    "refill": Case("/refill 101 5", "Alice (id 101): +5", "Alice (id 101): +5"),
    "ban": Case("/ban 101", "Alice (id 101): доступ закрыт", "Alice (id 101) is blocked"),
    "unban": Case("/unban 101", "доступ и так открыт", "is not blocked"),
    "recent": Case("/recent", "Активны за 1 день: 2 пользователя", "Active in the last 1 day: 2 users"),
    "top": Case("/top", "Больше всех: запросы", "The most: requests"),
    "stat": Case("/stat", "С самого начала", "Since the beginning"),
    "status": Case("/status", "Работает: 0 дней", "Up: 0 days"),
    "models": Case("/models", "Модели бота", "The bot's models"),
    "announce": Case("/announce", "Кому разослать?", "Who is it for?"),
    "refund": Case("/refund", "Какой платёж вернуть", "Which payment to give back"),
    "web": Case("/web", "ни одна модель здесь не умеет", "No model here can search the web"),
    "setmodel": Case("/setmodel", "Для всех, кто не выбрал", "For everybody who has chosen none"),
    "data": Case("/data 101", "Обычный счёт: 30\u00a0000", "Ordinary wallet: 30,000"),
    "stop": Case("/stop", "Останавливаюсь", "Stopping"),
}


def words(message: dict[str, str]) -> str:
    return message.get("text") or message.get("caption") or ""


@pytest.mark.parametrize("settings", [{"TOPUP_PACKAGES": "50=100000"}])
@pytest.mark.parametrize("name", sorted(CASES.keys()))
@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_row_answers_in_both_languages(alice: Conversation, name: str, language: str) -> None:
    case, row = CASES[name], BY_NAME[name]
    user = OWNER if row.role == "admin" else BORIS if language == "ru" else ALICE
    if user == OWNER:
        alice.write(f"/language {language}", user=OWNER)
    said = words(alice.ask(case.written, user=user))
    assert (case.ru if language == "ru" else case.en) in said


def test_every_row_has_a_case() -> None:
    assert CASES.keys() == {row.name for row in COMMANDS}


@pytest.fixture
def echoed(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> Conversation:
    """The same, but each row only says its name."""

    def echo(row: Command) -> Command:
        return row._replace(run=lambda request: f"{row.name}:{request.argument}")

    for name, row in BY_NAME.items():
        monkeypatch.setitem(BY_NAME, name, echo(row))
    return alice


@pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row.name)
def test_every_alias_in_any_case_is_its_row(echoed: Conversation, row: Command) -> None:
    for alias in (row.name, *row.aliases):
        for typed in (f"/{alias}", f"/{alias.upper()}@Sandbox_Assistant_Bot"):
            assert echoed.write(f"{typed} Word", user=OWNER) == f"{row.name}:Word"
        assert echoed.silent(f"/{alias}@other_bot", user=OWNER, chat=GROUP)
    if row.role == "admin":
        assert echoed.write(f"/{row.name}").startswith(f"I have no command /{row.name}")
        assert echoed.write(f"/{row.name}", user=BORIS).startswith(f"Команды /{row.name} у меня нет")


def test_a_key_is_its_command_in_either_language(echoed: Conversation) -> None:
    for key, command in (KEYS | ADMIN_KEYS | FORMER_KEYS).items():
        for language in LANGUAGES:
            assert echoed.write(say(language, key), user=OWNER) == f"{command}:"
    assert echoed.script.requests() == []
