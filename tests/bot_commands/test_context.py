"""What goes along with a question: reply chains, memory, what a model has room for; forgotten when asked."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ALICE, BORIS, GROUP, Conversation

PROMPT = "You are a helpful assistant"


def given(people: Conversation, number: int = -1) -> list[str]:
    """What the model was given after the prompt."""
    messages = people.script.requests("completions")[number]["body"]["messages"]
    assert messages[0] == {"role": "system", "content": PROMPT}
    return [each["content"] for each in messages[1:]]


def reply(people: Conversation, text: str, to: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return people.ask(text, reply_to=to["message_id"], **fields)


def test_a_reply_takes_its_whole_chain_along(alice: Conversation) -> None:
    rust = alice.ask("What is Rust?")
    alice.write("What is Go?")
    shorter = reply(alice, "Shorter!", rust)
    assert given(alice) == ["What is Rust?", "You said: What is Rust?", "Shorter!"]
    reply(alice, "Thanks", shorter)
    assert given(alice) == [
        *("What is Rust?", "You said: What is Rust?", "Shorter!", "You said: Shorter!"),
        "Thanks",
    ]
    question = alice.message(ALICE, rust["message_id"] - 1)
    reply(alice, "I meant the game", question)
    assert given(alice) == ["What is Rust?", "You said: What is Rust?", "> What is Rust?\n\nI meant the game"]
    alice.write("And now?")
    assert given(alice) == ["And now?"]


def test_any_part_of_a_long_answer_leads_to_its_chain_and_says_which_part_is_meant(alice: Conversation) -> None:
    text = "\n\n".join(f"Paragraph {number}. " + "word " * 100 for number in range(20))
    alice.script.queue({"text": text})
    alice.write("Tell me all")
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"].rstrip().endswith("word") and len(alice.said(ALICE)) > 2)
    assert alice.bot.long.wait_idle(5)
    last = alice.said(ALICE)[-1]
    reply(alice, "Why?", last)
    question, answer, why = given(alice)
    assert question == "Tell me all"
    assert answer.startswith("Paragraph 0")
    assert why.startswith(f"> {last['text'][:12]}")
    assert why.endswith("…\n\nWhy?")


def test_after_a_restart_a_reply_takes_what_telegram_sends_along(alice: Conversation) -> None:
    rust = alice.ask("What is Rust?")
    alice.restart()
    reply(alice, "Shorter!", rust)
    assert given(alice) == ["You said: What is Rust?", "Shorter!"]


@pytest.mark.parametrize("command", ["/new", "/delete_context", "/system Be brief"])
def test_a_chain_is_forgotten_with_the_dialogue(alice: Conversation, command: str) -> None:
    rust = alice.ask("What is Rust?")
    alice.write(command)
    alice.write("/reset_prompt")
    reply(alice, "Shorter!", rust)
    assert given(alice) == ["You said: What is Rust?", "Shorter!"]


def test_an_answer_under_way_leaves_no_chain_in_a_dialogue_forgotten_meanwhile(alice: Conversation) -> None:
    alice.script.queue({"text": "Late.", "hold": True})
    alice.world.send("What is Rust?", user=ALICE)
    alice.script.wait(lambda seen: seen or None, "completions")
    alice.write("/new")
    alice.script.release()
    late = alice.wait_for(lambda: next((each for each in alice.said(ALICE) if each["text"] == "Late."), None))
    assert alice.bot.long.wait_idle(5)
    reply(alice, "Shorter!", late)
    assert given(alice) == ["Late.", "Shorter!"]


def test_who_is_erased_is_in_no_chain(alice: Conversation) -> None:
    alice.world.group(GROUP, title="Friends", members=[ALICE, BORIS])
    first = alice.ask("@sandbox_assistant_bot my secret", chat=GROUP)
    alice.press(alice.ask("/delete_me"), "delete:yes")
    reply(alice, "what?", first, user=BORIS, chat=GROUP)
    assert given(alice) == ["You said: Alice: my secret", "Борис: what?"]


def test_words_without_memory_are_on_no_disk_after_the_next_question(alice: Conversation) -> None:
    answer = alice.ask("What is bryndza?")
    reply(alice, "Shorter!", answer)
    alice.write("Hello")  # the last question is kept for the buttons under its answer, and what it replied to
    alice.bot.stop()
    try:
        assert "bryndza" not in alice.kept()
    finally:
        alice.start()


def test_with_memory_a_reply_points_to_what_it_means_and_adds_what_is_missing(alice: Conversation) -> None:
    old = alice.ask("Old question")
    alice.write("/ec")
    alice.script.queue({"text": "**Bold** [words](https://example.org/path)"})
    first = alice.ask("First")
    alice.write("Second")
    reply(alice, "What?", first)
    assert given(alice)[:4] == ["First", "**Bold** [words](https://example.org/path)", "Second", "You said: Second"]
    assert given(alice)[4:] == ["> Bold words\n\nWhat?"]
    reply(alice, "And this?", old)
    assert given(alice)[-3:] == ["Old question", "You said: Old question", "And this?"]
    alice.write("Last")
    assert given(alice).count("Old question") == 0


def test_in_a_group_chains_are_of_one_topic_and_name_who_asked(alice: Conversation) -> None:
    made = alice.world.group(GROUP, title="Forum", members=[ALICE, BORIS], is_forum=True, topics=["One", "Two"])
    one = next(iter(made["topics"]))
    first = alice.ask("@sandbox_assistant_bot why?", chat=GROUP, thread=int(one))
    reply(alice, "and me?", first, user=BORIS, chat=GROUP, thread=int(one))
    assert given(alice) == ["Alice: why?", "You said: Alice: why?", "Борис: and me?"]


SMALL = [{"MODELS_FILE": str(Path(__file__).with_name("small_model.json"))}]


@pytest.mark.parametrize("settings", SMALL)
def test_a_small_window_takes_the_newest_whole_turns_and_warns_once(alice: Conversation) -> None:
    alice.write("/ec 50000")
    answers = []
    for number in range(12):
        alice.script.queue({"text": f"answer {number} " + "word " * 60})
        answers.append(alice.write(f"question {number} " + "word " * 60))
    warned = [number for number, answer in enumerate(answers) if "fills more than 80" in answer]
    assert len(warned) == 1
    requests = [each["body"] for each in alice.script.requests("completions")]
    last = requests[-1]["messages"]
    assert last[1]["role"] == "user"
    assert 3 < len(last) < 24
    assert len(last) % 2 == 0, "the prompt, whole turns, the question"
    assert last[-2]["content"].startswith("answer 10")
    assert all(body["max_completion_tokens"] == 1024 for body in requests)
    assert len(alice.bot.store.engine.history(str(ALICE))) == 24, "a small window destroys nothing"
    told = alice.write("/t")
    assert "I remember 12 questions with their answers." in told
    assert "The oldest do not fit and stay out: " in told
    alice.write("/new")
    assert "full" not in alice.bot.store.records[str(ALICE)]
    alice.write("question")
    assert len(given(alice)) == 1


@pytest.mark.parametrize("settings", SMALL)
def test_what_is_longer_than_the_memory_is_said_and_a_reply_still_leads_to_it(alice: Conversation) -> None:
    alice.write("/ec 4000")
    alice.write("Hello")
    alice.script.queue({"text": "word " * 900})
    alice.write("Tell me all")
    last = alice.wait_for(lambda: next((each for each in alice.said(ALICE) if "my memory" in each["text"]), None))
    assert "longer than my memory (4,000 characters), the dialogue begins anew." in last["text"]
    assert "fills more than 80" not in last["text"], "what is forgotten fills nothing"
    assert alice.write("/t").endswith("Memory is on, but there is nothing in it yet.")
    alice.write("And now?")
    assert given(alice) == ["And now?"]
    reply(alice, "Shorter!", last)
    assert given(alice)[-3] == "Tell me all"


@pytest.mark.parametrize("settings", SMALL)
def test_a_question_too_long_alone_is_refused_with_the_numbers(alice: Conversation) -> None:
    said = alice.write("҂" * 1000)
    assert said.startswith("The question is too long: about ")
    assert "up to 1,8" in said
    assert alice.script.requests("completions") == []
    shorter = alice.write("҂" * 700)
    assert shorter.startswith("You said: ҂")
    limit = alice.script.requests("completions")[-1]["body"]["max_completion_tokens"]
    assert 200 <= limit < 1024


@pytest.mark.parametrize("settings", SMALL)
def test_an_answer_cut_for_want_of_room_says_so(alice: Conversation) -> None:
    alice.script.queue({"text": "Well", "finish_reason": "length"})
    assert alice.write("Why?").endswith("A shorter question leaves more room for the answer.")


TOO_LONG = {"fault": {"kind": "status", "status": 400, "code": "context_length_exceeded"}}


def test_what_is_too_long_for_the_model_goes_out_once_more_with_half_of_it(alice: Conversation) -> None:
    alice.write("/ec")
    for number in range(3):
        alice.write(f"q{number}")
    alice.script.queue(TOO_LONG, {"text": "Here."})
    assert alice.write("And?") == "Here."
    assert given(alice) == ["q2", "You said: q2", "And?"]
    assert len(alice.bot.store.engine.history(str(ALICE))) == 8
    alice.script.queue({**TOO_LONG, "times": 9})
    assert "do not fit into the model" in alice.write("And?")
    assert len(alice.script.requests("completions")) == 7


@pytest.mark.parametrize("settings", [{"DEFAULT_CONTEXT": "5000"}])
def test_three_calls_are_the_most_before_it_too(alice: Conversation) -> None:
    alice.write("One")
    for told in (
        {"status": 503},
        {"status": 400, "message": "stream_options"},
        {"status": 400, "code": "context_length_exceeded"},
    ):
        alice.script.queue({"fault": {"kind": "status", **told}})
    assert "do not fit" in alice.write("Two")
    assert len(alice.script.requests("completions")) == 1 + 3


def test_forgetting_with_the_memory_means_all_topics_of_the_chat(alice: Conversation) -> None:
    alice.world.set_bot(has_topics_enabled=True)
    one, two = (alice.world.topic(ALICE, name, ALICE) for name in ("One", "Two"))
    alice.write("/ec")
    for thread in (None, one, two):
        alice.write("Hello", thread=thread)
    alice.script.queue({"text": "Late.", "hold": True})
    alice.world.send("Slow?", user=ALICE, thread=two)
    alice.script.wait(lambda seen: len(seen) == 4 or None, "completions")
    assert "this topic's own" in alice.write("/info", thread=one)
    assert alice.write("/new", thread=one) == "New dialogue: what was said before is forgotten (2 messages)."
    words = "History forgotten in all topics of this chat (4 messages), memory off."
    assert alice.write("/delete_context", thread=one) == words
    alice.script.release()
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "Late." or None)
    assert alice.bot.long.wait_idle(5)
    assert alice.bot.store.sizes(ALICE) == []


def test_memory_off_says_what_is_still_kept(alice: Conversation) -> None:
    alice.write("/ec")
    alice.write("Hello")
    assert "still kept (2 messages), /new forgets it" in alice.write("/ec 0")
    alice.write("/new")
    assert alice.write("/ec 0").startswith("Memory is off: each question stands alone. How many")
