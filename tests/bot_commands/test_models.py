"""Models, presets and dialogues, as conversations."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import config
import presets
from records import Topic
from sandbox.script import Script
from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons

ROWS = [
    {"name": "gpt-6-luna", "window": 400_000, "can": ["effort"]},
    {"name": "gpt-4o-mini", "window": 128_000, "can": ["temperature"]},
    {"name": "gpt-6.1-terra", "wallet": "premium"},
    {"name": "gpt-6.1-sol", "wallet": "premium", "can": ["effort", "search"]},
]


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "own.json").write_text(json.dumps(ROWS))
    return {"MODELS_FILE": "own.json", "NEW_USER_PREMIUM_BALANCE": "50000"}


def asked(people: Conversation) -> dict[str, Any]:
    body = people.script.requests("/v1/chat/completions")[-1]["body"]
    assert isinstance(body, dict)
    return body


def shown(people: Conversation, message: dict[str, Any], text: str, chat: int = ALICE) -> dict[str, Any]:
    def now() -> dict[str, Any] | None:
        found = people.message(chat, message["message_id"])
        return found if text in found["text"] else None

    found: dict[str, Any] = people.wait_for(now)
    return found


def labels(message: dict[str, Any]) -> list[str]:
    return [button["text"] for button in buttons(message)]


def test_a_model_is_chosen_by_button(alice: Conversation) -> None:
    message = alice.ask("/model")
    assert message["text"].startswith("gpt-6-luna answers here: ordinary wallet, a window of 400,000 tokens.")
    assert labels(message) == [
        "✓ gpt-6-luna",
        "gpt-6.1-terra · premium",
        "gpt-4o-mini",
        "gpt-6.1-sol · premium",
        "Leave it as it is",
    ]
    alice.press(message, "model:ordinary:gpt-4o-mini")
    shown(alice, message, "The ordinary model gpt-4o-mini answers now")
    alice.write("Hello")
    assert asked(alice)["model"] == "gpt-4o-mini"
    assert "max_tokens" in asked(alice)
    assert "reasoning_effort" not in asked(alice)
    alice.restart()
    alice.write("Hello again")
    assert asked(alice)["model"] == "gpt-4o-mini"
    alice.write("Привет", user=BORIS)
    assert asked(alice)["model"] == "gpt-6-luna"


def test_a_list_can_be_left(alice: Conversation) -> None:
    message = alice.ask("/model", user=BORIS)
    assert message["text"].startswith("Здесь отвечает gpt-6-luna: счёт — обычный, окно — 400")
    alice.press(message, "keep", user=BORIS)
    assert buttons(shown(alice, message, "Оставлено как есть.", BORIS)) == []


@pytest.mark.parametrize("settings", [{"WALLETS": "off"}])
def test_nobody_hears_of_wallets_where_there_are_none(people: Conversation) -> None:
    said = [people.write("hello")]
    people.write("/start")
    said += [people.write(command) for command in ("/switch", "/model", "/switch", "/delete_me", "/pro hello")]
    question = people.ask("/model")
    people.press(question, "gpt-6.1-terra · premium")
    said.append(shown(people, question, "The premium model gpt-6.1-terra answers now.")["text"])
    assert not [each for each in said if "wallet" in each or "balance" in each]


def test_switch_goes_between_the_models_last_chosen(alice: Conversation) -> None:
    for chosen in ("ordinary:gpt-4o-mini", "premium:gpt-6.1-sol"):
        message = alice.ask("/model")
        alice.press(message, f"model:{chosen}")
        shown(alice, message, "answers now")
    alice.write("Hello")
    assert asked(alice)["model"] == "gpt-6.1-sol"
    assert asked(alice)["reasoning_effort"] == "low"
    assert "gpt-4o-mini answers now" in alice.write("/switch")
    alice.write("Hello")
    assert asked(alice)["model"] == "gpt-4o-mini"
    assert "gpt-6.1-sol answers now, paid from the premium wallet" in alice.write("/sw")
    assert "for the premium model gpt-6.1-sol" in alice.write("/balance")


def test_a_model_that_left_the_catalogue_is_passed_over(alice: Conversation) -> None:
    message = alice.ask("/model")
    alice.press(message, "model:ordinary:gpt-4o-mini")
    shown(alice, message, "gpt-4o-mini answers now")
    old = alice.ask("/model")
    (alice.folder / "own.json").write_text(json.dumps([row for row in ROWS if row["name"] != "gpt-4o-mini"]))
    alice.restart()
    alice.write("Hello")
    assert asked(alice)["model"] == "gpt-6-luna"
    assert "not on the list any more" in alice.press(old, "model:ordinary:gpt-4o-mini")


def test_the_owner_sets_the_model_of_everybody(alice: Conversation) -> None:
    chosen = alice.ask("/model", user=BORIS)
    alice.press(chosen, "model:ordinary:gpt-6-luna", user=BORIS)
    message = alice.ask("/setmodel", user=OWNER)
    assert "обычная gpt-6-luna, премиум gpt-6.1-terra" in message["text"]
    alice.press(message, "setmodel:ordinary:gpt-4o-mini", user=OWNER)
    message = shown(alice, message, "обычная gpt-4o-mini", OWNER)
    alice.press(message, "setmodel:premium:gpt-6.1-sol", user=OWNER)
    message = shown(alice, message, "премиум gpt-6.1-sol", OWNER)
    assert labels(message)[2:4] == ["✓ gpt-4o-mini", "✓ gpt-6.1-sol · премиум"]
    alice.restart()
    alice.write("Hello")
    assert asked(alice)["model"] == "gpt-4o-mini"
    alice.write("Привет", user=BORIS)
    assert asked(alice)["model"] == "gpt-6-luna"
    alice.press(message, "setmodel:ordinary:gpt-6-luna", user=OWNER)
    shown(alice, message, "обычная gpt-6-luna", OWNER)
    assert alice.bot.store.default_model(premium=False) is None


def test_only_an_admin_sets_the_model_of_everybody(alice: Conversation) -> None:
    assert "I have no command /setmodel" in alice.write("/setmodel")
    message = alice.ask("/model")
    alice.press(message, "setmodel:ordinary:gpt-4o-mini", forged=True)
    listed = alice.ask("/setmodel", user=OWNER)
    alice.press(listed, "setmodel:ordinary:gpt-4o-mini", forged=True)
    assert alice.bot.store.default_model(premium=False) is None


def test_in_a_group_its_admins_choose(alice: Conversation) -> None:
    assert alice.write("/model", chat=GROUP) == "The admins of this group decide that."
    message = alice.ask("/model", user=OWNER, chat=GROUP)
    assert alice.press(message, "model:ordinary:gpt-4o-mini") == "The admins of this group decide that."
    alice.press(message, "model:ordinary:gpt-4o-mini", user=OWNER)
    shown(alice, message, "gpt-4o-mini", GROUP)


def test_another_providers_key_goes_with_its_model(alice: Conversation) -> None:
    other = Script(alice.script.base_url.removesuffix("/v1"), f"{alice.script.key}-other")
    row = {"name": "gpt-6.1-sol", "base_url": alice.script.base_url, "key": "OTHER_API_KEY"}
    (alice.folder / "own.json").write_text(json.dumps([row]))
    alice.environment["OTHER_API_KEY"] = other.key
    alice.restart()
    message = alice.ask("/model")
    alice.press(message, "model:ordinary:gpt-6.1-sol")
    shown(alice, message, "gpt-6.1-sol answers now")
    assert alice.write("Hello") == "You said: Hello"
    assert alice.script.requests() == []
    assert len(other.requests()) == 1


@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_cannot_count_a_stream_is_asked_once_and_estimated(alice: Conversation, status: int) -> None:
    refusal = {"kind": "status", "status": status, "message": "Extra inputs are not permitted: stream_options"}
    alice.script.queue({"fault": refusal})
    assert alice.write("Hello") == "You said: Hello"
    assert alice.write("Again") == "You said: Again"
    sent = [each["body"] for each in alice.script.requests("/v1/chat/completions")]
    assert ["stream_options" in body for body in sent] == [True, False, False]
    lines = [each for each in alice.entries() if each["reason"] == "answer"]
    assert [(each["note"], each["tokens_in"], each["tokens_out"]) for each in lines] == [
        ("estimated", 17, 4),
        ("estimated", 17, 4),
    ]
    assert "29,958 tokens" in alice.write("/balance")


def test_a_server_that_sends_no_usage_is_estimated(alice: Conversation) -> None:
    alice.script.queue({"text": "Привет, мир!", "usage": None})
    alice.write("Hello")
    (line,) = [each for each in alice.entries() if each["reason"] == "answer"]
    assert (line["note"], line["tokens_out"]) == ("estimated", 5)


@pytest.mark.parametrize("command", ["pro", "PREM", "premium", "gpt4"])
def test_one_question_to_the_premium_model(alice: Conversation, command: str) -> None:
    assert alice.write(f"/{command} What is love?") == "You said: What is love?"
    assert asked(alice)["model"] == "gpt-6.1-terra"
    alice.write("And war?")
    assert asked(alice)["model"] == "gpt-6-luna"


def test_a_reply_with_pro_asks_that_message(alice: Conversation) -> None:
    first = alice.world.send("Tell me of the sea", user=BORIS, chat=GROUP)["message"]
    assert alice.write("/pro", chat=GROUP, reply_to=first["message_id"]) == "You said: Alice: Tell me of the sea"
    assert asked(alice)["model"] == "gpt-6.1-terra"
    alice.write("/pro shorter", chat=GROUP, reply_to=first["message_id"])
    assert [each["content"] for each in asked(alice)["messages"][1:]] == ["Борис: Tell me of the sea", "Alice: shorter"]


def test_pro_alone_says_how(alice: Conversation) -> None:
    assert alice.write("/pro").startswith("One question to the premium model: /pro and the question.")
    assert alice.write("/gpt4", user=BORIS).startswith("Один вопрос премиум-модели: /gpt4 и вопрос.")


def test_the_retry_of_a_premium_question_is_one(alice: Conversation) -> None:
    alice.script.queue({"fault": {"kind": "status", "status": 400}})
    failed = alice.ask("/pro What is love?")
    alice.press(failed, "Retry")
    alice.wait_for(lambda: any(each["text"] == "You said: What is love?" for each in alice.said(ALICE)) or None)
    assert asked(alice)["model"] == "gpt-6.1-terra"


def test_a_retry_knows_what_a_bare_pro_replied_to(alice: Conversation) -> None:
    first = alice.ask("Hello")
    alice.script.queue({"fault": {"kind": "status", "status": 400}})
    failed = alice.ask("/pro", reply_to=first["message_id"])
    alice.press(failed, "Retry")
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: You said: Hello" or None)
    assert asked(alice)["model"] == "gpt-6.1-terra"


def test_system_sets_the_prompt_and_forgets(alice: Conversation) -> None:
    assert "You are a helpful assistant" in alice.write("/system")
    alice.write("/ec")
    alice.write("Hello")
    assert alice.write("/system You are Marv").startswith("System prompt changed, what was said before is forgotten (2")
    alice.write("Who are you?")
    assert [each["content"] for each in asked(alice)["messages"]] == ["You are Marv", "Who are you?"]
    assert alice.write("/system Ты Марв", user=BORIS) == "Системный промпт изменён. Вернуть исходный: /reset_prompt"
    assert "characters does not fit" in alice.write("/system " + "x" * 4001)


def test_in_a_group_its_admins_set_the_system_prompt(alice: Conversation) -> None:
    assert "You are a helpful assistant" in alice.write("/system", chat=GROUP)
    assert alice.write("/system Be rude", chat=GROUP) == "The admins of this group decide that."


def test_a_ready_prompt_is_chosen_by_button(alice: Conversation) -> None:
    message = alice.ask("/preset")
    assert labels(message)[:3] == ["Translator", "Editor", "Programmer"]
    assert labels(message)[-1] == "Leave it as it is"
    alice.press(message, "preset:translator")
    shown(alice, message, "The style is now: Translator\n\nYou are a translator.")
    alice.write("Hallo")
    assert asked(alice)["messages"][0]["content"].startswith("You are a translator. Translate English into Russian")
    message = alice.ask("/preset")
    assert (labels(message)[0], labels(message)[-2]) == ("✓ Translator", "Default")
    alice.press(message, "Default")
    shown(alice, message, "The system prompt is the default again.")
    assert labels(alice.ask("/preset"))[-2] == "✓ Default"
    message = alice.ask("/preset", user=BORIS)
    alice.press(message, "preset:chef", user=BORIS)
    shown(alice, message, "Стиль теперь — Повар:", BORIS)
    alice.write("Картошка", user=BORIS)
    assert asked(alice)["messages"][0]["content"].startswith("Ты домашний повар.")


def test_the_bots_own_presets_speak_both_languages() -> None:
    shipped = json.loads(presets.SHIPPED.read_text(encoding="utf-8"))
    assert {"translator", "editor", "programmer", "tutor", "interviewer"} <= set(shipped)
    for language in ("ru", "en"):
        names = [each[language]["name"] for each in shipped.values()]
        assert len(set(names)) == len(names)
        assert max(map(len, names)) <= 20, "two buttons stand side by side on a phone"
    assert not [key for key, each in shipped.items() if not re.search("[а-я]", each["ru"]["prompt"])]
    assert not [key for key, each in shipped.items() if re.search("[а-я]", each["en"]["prompt"])]


def test_the_owners_own_presets(alice: Conversation) -> None:
    old = alice.ask("/preset")
    own = {"pirate": {"ru": {"name": "Пират <b>", "prompt": "Ты пират."}}}
    (alice.folder / "presets.json").write_text(json.dumps(own))
    alice.environment["PRESETS_FILE"] = "presets.json"
    alice.restart()
    message = alice.ask("/preset")
    assert labels(message) == ["Пират <b>", "✓ Default", "Leave it as it is"]
    alice.press(message, "preset:pirate")
    shown(alice, message, "The style is now: Пират <b>\n\nТы пират.")
    assert "not on the list any more" in alice.press(old, "preset:chef")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "own.json: Dictionary should have at least 1 item"),
        ('{"a": {}}', "own.json: a: needs a wording in ru or en."),
        ('{"a": {"en": {"name": "A"}}}', "own.json: a, en, prompt: Field required."),
        ('{"A B": {"en": {"name": "A", "prompt": "p"}}}', "own.json: A B: a key has at most 40 small Latin letters"),
    ],
)
def test_mistakes_in_presets_are_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "own.json").write_text(text)
    needed = {"TELEGRAM_API_KEY": "12:abc", "OPENAI_API_KEY": "sk", "ADMIN_CHAT_ID": "1", "PRESETS_FILE": "own.json"}
    with pytest.raises(config.ConfigError) as refused:
        presets.load(config.load(needed, tmp_path))
    assert said in str(refused.value)


@pytest.mark.parametrize("command", ["t", "tokens", "т", "ТОКЕНЫ"])
def test_tokens_of_this_dialogue(alice: Conversation, command: str) -> None:
    told = alice.write(f"/{command}")
    room = "the 396,000 that gpt-6-luna has room for beside an answer: <1%.\n"
    assert told.startswith(f"This dialogue takes about 12 tokens of {room}Memory is off")
    alice.write("/ec 50000")
    alice.script.queue({"text": "okay"})
    assert alice.write("x" * 4000) == "okay"
    assert alice.write(f"/{command}") == (
        f"This dialogue takes about 521 tokens of {room}I remember 1 question with its answer."
    )
    told = alice.write(f"/{command}", user=BORIS)
    assert told.startswith("Диалог занимает около 12 токенов из 396\u00a0000, что помещаются в gpt-6-luna")
    alice.write("/ec", user=BORIS)
    alice.write("Привет", user=BORIS)
    assert alice.write(f"/{command}", user=BORIS).endswith("Помню 1 вопрос с ответом.")


def test_info_tells_this_conversation(alice: Conversation) -> None:
    alice.write("/ec 1000")
    assert "Began: —" in alice.write("/info")
    alice.write("four")
    told = alice.ask("/info")
    assert "Memory: 1,000 characters, 2 messages in it now, 18 characters." in told["text"]
    began = alice.bot.store.conversation(Topic(ALICE)).began
    assert began
    assert f"Began: {began}" in told["text"]
    alice.write("five")
    assert f"Began: {began}" in alice.write("/info")
    alice.press(told, "dialogue")
    sent = alice.wait_for(lambda: next((each for each in alice.said(ALICE) if "document" in each), None))
    assert sent["document"]["file_name"] == "dialogue.md"
    content = alice.world.file(sent["document"]["file_id"]).decode()
    assert content.startswith("## Alice\n\nfour\n\n## @")
    assert content.endswith("\n\nYou said: five\n")
    alice.press(told, "new")
    shown(alice, told, "(4 messages)")
    assert "Began: —" in alice.write("/info")


def test_a_group_gives_no_file_of_its_dialogue(alice: Conversation) -> None:
    alice.write("/ec", user=OWNER, chat=GROUP)
    alice.write("/pro Hello", chat=GROUP)
    told = alice.ask("/info", chat=GROUP)
    assert [button["callback_data"] for button in buttons(told)] == ["new", "commands"]


def test_sessions_are_mine_and_the_admins_are_all(alice: Conversation) -> None:
    assert alice.write("/sessions").startswith("I remember no dialogue.")
    alice.write("/ec")
    assert alice.write("/sessions") == "Memory is on, but there is nothing in it yet."
    alice.write("secret words")
    alice.write("/ec", user=OWNER, chat=GROUP)
    alice.write("/pro hello group", chat=GROUP)
    alice.write("/ec", user=BORIS)
    alice.write("Привет", user=BORIS)
    told = alice.write("/session")
    lines = told.splitlines()
    assert lines[0] == "I remember 2 dialogues, 80 characters in all."
    assert f"group {GROUP} — 2 messages, 46 characters" in lines
    assert "this chat — 2 messages, 34 characters" in lines
    assert alice.write("/sessions", user=BORIS).endswith("\n\nэтот чат — 2 сообщения, 22 символа")
    told = alice.write("/sessions", user=OWNER)
    assert told.startswith("Помню 3 диалога")
    assert "Alice (id 101) — 2 сообщения" in told
    assert "secret" not in told


def test_search_is_hidden_where_no_model_can(alice: Conversation) -> None:
    assert "/web — search the web for answers" in listed_commands(alice)
    (alice.folder / "own.json").write_text(json.dumps(ROWS[:3]))
    alice.restart()
    assert "/web" not in listed_commands(alice)
    assert alice.write("/web") == "No model here can search the web."
    assert alice.write("/web", user=BORIS) == "Искать в интернете ни одна модель здесь не умеет."


def listed_commands(people: Conversation) -> str:
    message = people.ask("/help")
    people.press(message, "commands")
    return str(shown(people, message, "/prompt [")["text"])


@pytest.mark.parametrize("streaming", ["on", "off"])
def test_a_model_that_can_searches_when_told_and_names_its_sources(alice: Conversation, streaming: str) -> None:
    alice.environment["STREAMING"] = streaming
    alice.restart()
    message = alice.ask("/web")
    assert message["text"] == "Search is off: the model answers from memory."
    alice.press(message, "web:on")
    message = shown(alice, message, "gpt-6-luna can't search. These can: gpt-6.1-sol. To choose: /model")
    alice.write("Hello")
    assert "web_search_options" not in asked(alice)
    choice = alice.ask("/model")
    alice.press(choice, "model:premium:gpt-6.1-sol")
    shown(alice, choice, "gpt-6.1-sol answers now")
    assert "gpt-6.1-sol searches the web" in alice.write("/web")
    sources = {"https://a.example/x(1)": "The *A* [page]", "https://b.example/": "B", "javascript:1": "C"}
    alice.script.queue({"text": "It rains: https://b.example/", "sources": sources})
    answer = alice.ask("Weather?")
    assert asked(alice)["web_search_options"] == {}
    assert answer["text"] == "It rains: https://b.example/\n\n1. The *A* (page)"
    assert "https://a.example/x%281%29" in [each.get("url") for each in answer["entities"]]
    alice.press(message, "web:off")
    shown(alice, message, "Search is off")
    alice.write("Hello")
    assert "web_search_options" not in asked(alice)
