"""Prompt, model, memory and language, as conversations."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons, on_files


def last_request(people: Conversation) -> dict[str, object]:
    body = people.script.requests("/v1/chat/completions")[-1]["body"]
    assert isinstance(body, dict)
    return body


def contents(people: Conversation) -> list[str]:
    messages = last_request(people)["messages"]
    assert isinstance(messages, list)
    return [each["content"] for each in messages]


def test_prompt_is_shown_set_and_reset(alice: Conversation) -> None:
    assert "You are a helpful assistant" in alice.write("/prompt")
    assert alice.write("/p You are *Marv_ <b>").startswith("System prompt changed.")
    assert "You are *Marv_ <b>" in alice.write("/PROMPT")
    alice.write("Hello")
    assert contents(alice)[0] == "You are *Marv_ <b>"
    assert alice.write("/reset_prompt") == "The system prompt is the default again."
    alice.write("Hello")
    assert contents(alice)[0] == "You are a helpful assistant"


def test_a_prompt_that_fills_a_message_is_shown_whole(alice: Conversation) -> None:
    prompt = "😀" * 2040  # of two UTF-16 units each, which is how Telegram counts
    alice.write(f"/prompt {prompt}")
    sent = alice.ask("/prompt")["message_id"]
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"].endswith("/reset_prompt") or None)
    shown = "".join(each["text"] for each in alice.said(ALICE, sent - 1))
    assert shown.startswith("The system prompt now:")
    assert prompt in shown


def test_a_prompt_of_4001_characters_is_refused(alice: Conversation) -> None:
    alice.write("/prompt short")
    assert "4,001 characters" in alice.write("/prompt " + "x" * 4001)
    assert "short" in alice.write("/prompt")


@pytest.mark.parametrize("settings", [{"NEW_USER_PREMIUM_BALANCE": "10000"}])
def test_switch_goes_there_and_back(alice: Conversation) -> None:
    assert "gpt-6.1-terra answers now" in alice.write("/switch")
    alice.write("Hello")
    assert last_request(alice)["model"] == "gpt-6.1-terra"
    assert last_request(alice)["reasoning_effort"] == "low"
    assert "30,000 tokens" in alice.write("/balance")
    assert "premium tokens: 0" not in alice.write("/stats").lower()
    assert "gpt-6-luna answers now" in alice.write("/sw")
    alice.write("Hello")
    assert last_request(alice)["model"] == "gpt-6-luna"


def test_an_empty_premium_wallet_offers_the_way_back(alice: Conversation) -> None:
    alice.write("/switch", user=BORIS)
    refusal = alice.ask("Привет", user=BORIS)
    assert refusal["text"].startswith("Премиум-токенов на это не хватает")
    assert alice.script.requests() == []
    alice.press(refusal, "ordinary", user=BORIS)
    assert alice.write("Привет", user=BORIS) == "You said: Привет"


def test_without_memory_each_question_stands_alone(alice: Conversation) -> None:
    alice.write("My name is Alice")
    alice.write("Who am I?")
    assert contents(alice) == ["You are a helpful assistant", "Who am I?"]


def test_memory_keeps_the_dialogue_until_it_is_forgotten(alice: Conversation) -> None:
    assert "up to 5,000 characters" in alice.write("/ec")
    alice.write("My name is Alice")
    alice.write("Who am I?")
    assert contents(alice)[1:] == ["My name is Alice", "You said: My name is Alice", "Who am I?"]
    alice.restart()
    alice.write("Still there?")
    assert len(contents(alice)) == 6
    assert "(6 messages)" in alice.write("/clear")
    assert alice.write("/new") == "New dialogue: there was nothing to forget, memory is on."
    alice.write("And now?")
    assert contents(alice)[1:] == ["And now?"]
    assert alice.write("/dc") == "History forgotten (2 messages), memory off."
    assert alice.write("/dc") == "Memory is off; there was nothing to forget."
    alice.write("One")
    alice.write("Two")
    assert contents(alice)[1:] == ["Two"]


def test_memory_is_trimmed_by_whole_turns(alice: Conversation) -> None:
    alice.write("/extended_context 60")
    for word in ("first", "second", "third"):
        alice.write(f"the {word} question")
    assert contents(alice)[1:] == ["the second question", "You said: the second question", "the third question"]


def test_a_memory_that_is_on_stays_as_large_as_it_is(alice: Conversation) -> None:
    alice.write("/ec 15000")
    assert "up to 15,000 characters" in alice.write("/ec")


def test_russian_names_of_commands(alice: Conversation) -> None:
    alice.write("/ec", user=BORIS)
    alice.write("Привет", user=BORIS)
    assert alice.write("/очистить", user=BORIS).endswith("забыто (2 сообщения).")


@pytest.mark.parametrize("given", ["50001", "-1", "many", "1.5", "٣", "9" * 40])
def test_a_senseless_memory_is_refused(alice: Conversation, given: str) -> None:
    assert "whole number from 0 to 50,000" in alice.write(f"/extended_context {given}")


def test_memory_sizes_by_button(alice: Conversation) -> None:
    message = alice.ask("/extended_context")
    assert [button["callback_data"] for button in buttons(message)] == [
        "memory:5000",
        "memory:15000",
        "memory:50000",
        "memory:0",
    ]
    alice.press(message, "memory:15000")
    alice.wait_for(lambda: "15,000" in alice.message(ALICE, message["message_id"])["text"] or None)
    alice.press(message, "memory:0")
    alice.wait_for(lambda: "Memory is off" in alice.message(ALICE, message["message_id"])["text"] or None)


def test_language_by_word_and_by_button(alice: Conversation) -> None:
    assert alice.write("/language ru") == "Теперь говорю по-русски."
    message = alice.ask("/lang")
    assert message["text"] == "На каком языке говорить?"
    assert [each["text"] for each in buttons(message)] == ["✓ Русский", "English", "Оставить как есть"]
    alice.press(message, "lang:en")
    alice.wait_for(lambda: alice.message(ALICE, message["message_id"])["text"] == "I speak English now." or None)
    assert "I do not know" in alice.write("/language klingon")


def test_a_group_has_settings_of_its_own_set_by_its_admins(alice: Conversation) -> None:
    alice.write("/prompt private words")
    assert alice.write("/prompt mine", chat=GROUP) == "The admins of this group decide that."
    assert alice.write("/prompt for all", chat=GROUP, user=OWNER).startswith("Системный промпт изменён")
    alice.write("@sandbox_assistant_bot hello", chat=GROUP)
    assert contents(alice) == ["for all", "Alice: hello"]
    assert "private words" in alice.write("/prompt")


def test_many_presses_of_one_button_have_one_effect(alice: Conversation) -> None:
    message = alice.ask("/ec 3000")
    with ThreadPoolExecutor(20) as hands:
        list(hands.map(lambda _: alice.world.press(message, "memory:5000", forged=True), range(40)))
    alice.write("/help")
    assert len({call["params"]["text"] for call in alice.world.calls("editMessageText")}) == 1
    assert "Memory: 5,000" in alice.write("/settings")


@on_files
def test_a_group_takes_its_prompt_and_dialogue_along_when_it_is_upgraded(alice: Conversation) -> None:
    alice.world.group(-700, type="group", title="Small", members=[ALICE, OWNER])
    alice.write("/prompt Be brief", user=OWNER, chat=-700)
    alice.write("/ec", user=OWNER, chat=-700)
    alice.write("@sandbox_assistant_bot remember me", chat=-700)
    new = alice.world.upgrade(-700)
    alice.write("@sandbox_assistant_bot what?", chat=new)
    sent = [each["content"] for each in alice.script.requests()[-1]["body"]["messages"]]
    assert sent == ["Be brief", "Alice: remember me", "You said: Alice: remember me", "Alice: what?"]
    alice.restart()
    assert "Be brief" in alice.write("/prompt", chat=new)
    assert "-700" not in json.loads((alice.folder / "data.json").read_text())
