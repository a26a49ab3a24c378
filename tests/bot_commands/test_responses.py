"""Conversations by the Responses API: one chain as long as the history stays what it stands for."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bot_commands.test_look import picture
from tests.conftest import ALICE, BORIS, GROUP, Conversation, buttons
from tests.sounds import sent

BY_RESPONSES = {"OPENAI_API": "responses", "DEFAULT_CONTEXT": "5000"}
USAGE = {"prompt_tokens": 100, "completion_tokens": 50}
by_responses = pytest.mark.parametrize("settings", [BY_RESPONSES])
both_ways = pytest.mark.parametrize("settings", [BY_RESPONSES, BY_RESPONSES | {"STREAMING": "off"}])


def bodies(people: Conversation) -> list[dict[str, Any]]:
    return [each["body"] for each in people.script.requests("/responses") if each["method"] == "POST"]


def deletions(people: Conversation) -> list[str]:
    return [each["path"].split("/")[-1] for each in people.script.requests("/responses/") if each["method"] == "DELETE"]


def kept(people: Conversation, chat: int = ALICE) -> list[str]:
    """The chain of a chat, once its answer is settled."""
    assert people.bot.long.wait_idle(10)
    responses: list[str] = people.bot.store.records[str(chat)].get("chain", {}).get("responses", [])
    return responses


def until(ready: Callable[[], object]) -> None:
    """What happens in the background is no event of Telegram's: it has to be looked for."""
    deadline = time.monotonic() + 10
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def are_deleted(people: Conversation, responses: list[str]) -> None:
    until(lambda: sorted(deletions(people)) == sorted(responses))
    until(lambda: not people.bot.store.left())


def balance(people: Conversation, user: int = ALICE) -> int:
    assert people.bot.long.wait_idle(10)
    found = people.bot.store.user(user)
    assert found
    return found.balance


@both_ways
def test_only_what_is_new_goes_out_on_top_of_the_chain(alice: Conversation) -> None:
    alice.script.queue({"text": "Hello, Ann."}, {"text": "Ann."})
    assert alice.write("I am Ann") == "Hello, Ann."
    assert alice.write("Who am I?") == "Ann."
    first, second = bodies(alice)
    assert first["input"] == [{"role": "user", "content": "I am Ann"}]
    assert "previous_response_id" not in first
    assert second["input"] == [{"role": "user", "content": "Who am I?"}]
    assert second["previous_response_id"] == kept(alice)[0]
    for body in (first, second):
        assert (body["instructions"], body["store"], body["max_output_tokens"]) == (
            "You are a helpful assistant",
            True,
            4000,
        )
        assert body["reasoning"] == {"effort": "none"}
    # 27 bytes of the prompt, 8 and 11, 9 and 4, four tokens a frame: the whole chain is billed
    assert balance(alice) == 30_000 - (11 + 6 + 3) - (11 + 6 + 7 + 7 + 1)


@by_responses
def test_a_restart_goes_on_with_the_chain(alice: Conversation) -> None:
    alice.write("One")
    alice.restart()
    alice.write("Two")
    assert bodies(alice)[-1]["previous_response_id"] == kept(alice)[0]
    assert len(kept(alice)) == 2


@pytest.mark.parametrize("settings", [{"OPENAI_API": "responses"}])
def test_without_memory_nothing_is_to_be_kept(alice: Conversation) -> None:
    alice.write("One")
    alice.write("Two")
    assert [(body["store"], "previous_response_id" in body) for body in bodies(alice)] == [(False, False)] * 2
    assert not kept(alice)


@both_ways
def test_a_chain_that_has_expired_costs_nothing_but_a_longer_request(alice: Conversation) -> None:
    alice.script.queue({"text": "Yes."}, {"text": "No.", "usage": USAGE})
    alice.write("One")
    old = kept(alice)
    before = balance(alice)
    alice.script.expire()
    assert alice.write("Two") == "No."
    lost, whole = bodies(alice)[1:]
    assert lost["previous_response_id"] == old[0]
    assert "previous_response_id" not in whole
    assert [each["content"] for each in whole["input"]] == ["One", "Yes.", "Two"]
    assert balance(alice) == before - 150
    assert kept(alice) != old
    assert len(kept(alice)) == 1
    are_deleted(alice, old)


@by_responses
def test_three_calls_are_the_most(alice: Conversation) -> None:
    alice.write("One")
    alice.script.expire()
    alice.script.queue({"fault": {"kind": "status", "status": 503}, "times": 2})
    assert "overloaded" in alice.write("Two")
    assert len(bodies(alice)) == 1 + 3


@by_responses
@pytest.mark.parametrize("command", ["/new", "/delete_context", "/system Be a poet"])
def test_what_is_forgotten_here_is_deleted_there(alice: Conversation, command: str) -> None:
    alice.write("One")
    alice.write("Two")
    old = kept(alice)
    assert len(old) == 2
    alice.write(command)
    are_deleted(alice, old)
    alice.write("Three")
    assert "previous_response_id" not in bodies(alice)[-1]


@by_responses
def test_a_chain_that_is_not_gone_on_with_is_deleted(alice: Conversation) -> None:
    alice.write("/ec 60")
    alice.write("Twelve signs")
    old = kept(alice)
    alice.write("Some more words for it, so that it is too much")
    assert not kept(alice)
    until(lambda: len(deletions(alice)) == 2)
    assert old[0] in deletions(alice)
    alice.write("Three")
    assert "previous_response_id" not in bodies(alice)[-1]


@by_responses
def test_another_model_begins_anew_and_the_first_one_goes_on(alice: Conversation) -> None:
    alice.bot.store.refill(ALICE, "premium_balance", 50_000)
    alice.write("One")
    ordinary = kept(alice)
    alice.write("/pro Two")
    two = bodies(alice)[-1]
    assert (two["model"], len(two["input"]), two["reasoning"]) == ("gpt-6.1-terra", 3, {"effort": "low"})
    assert "previous_response_id" not in two
    are_deleted(alice, ordinary)


@by_responses
def test_the_prompt_may_change_in_mid_chain(alice: Conversation) -> None:
    alice.write("One")
    alice.write("/prompt Answer in verse")
    alice.write("Two")
    body = bodies(alice)[-1]
    assert (body["instructions"], body["previous_response_id"]) == ("Answer in verse", kept(alice)[0])


@by_responses
def test_an_edited_history_begins_a_chain_of_its_own(alice: Conversation) -> None:
    alice.write("One")
    assert kept(alice)
    alice.edit_history(str(ALICE), "Eins")
    alice.write("Two")
    body = bodies(alice)[-1]
    assert "previous_response_id" not in body
    assert body["input"][0]["content"] == "Eins"


@by_responses
def test_an_answer_that_was_cut_is_no_link(alice: Conversation) -> None:
    alice.write("One")
    good = kept(alice)
    alice.script.queue({"text": "Long words", "finish_reason": "length"})
    assert "Answer cut" in alice.write("Two")
    assert kept(alice) == good
    until(lambda: len(deletions(alice)) == 1)
    alice.write("Three")
    body = bodies(alice)[-1]
    assert body["previous_response_id"] == good[0]
    assert [each["content"] for each in body["input"]] == ["Two", "Long words", "Three"]


@by_responses
def test_a_long_chain_begins_anew(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot_commands.asking.LONGEST_CHAIN", 2)
    for words in ("One", "Two", "Three"):
        alice.write(words)
    assert ["previous_response_id" in body for body in bodies(alice)] == [False, True, False]
    assert len(kept(alice)) == 1
    until(lambda: len(deletions(alice)) == 2)


@both_ways
def test_a_photo_goes_along_as_bytes(alice: Conversation) -> None:
    alice.bot.store.refill(ALICE, "premium_balance", 50_000)
    alice.script.queue({"text": "Red."})
    assert alice.ask("Which colour?", file=sent(picture(), "photo"))["text"] == "Red."
    words, image = bodies(alice)[-1]["input"][-1]["content"]
    assert words == {"type": "input_text", "text": "Which colour?"}
    assert image["image_url"].startswith("data:image/png;base64,")


@both_ways
def test_sources_become_links(people: Conversation) -> None:
    row = '[{"name": "gpt-6-luna", "can": ["search", "effort"]}]'
    (people.folder / "own.json").write_text(row)
    people.environment["MODELS_FILE"] = "own.json"
    people.restart()
    people.write("/start")
    people.write("/web on")
    people.script.queue({"text": "Rain.", "sources": {"https://weather.example/": "Weather"}})
    answer = people.ask("Weather?")
    assert answer["text"] == "Rain.\n\n1. Weather"
    assert [each["url"] for each in answer["entities"] if each["type"] == "text_link"] == ["https://weather.example/"]
    assert bodies(people)[-1]["tools"] == [{"type": "web_search"}]


@both_ways
@pytest.mark.parametrize(
    ("user", "sentence"), [(ALICE, "The model declined to answer this."), (BORIS, "Модель отказалась отвечать на это.")]
)
def test_a_refusal_is_explained(alice: Conversation, user: int, sentence: str) -> None:
    alice.script.queue({"refusal": "I can't help with that."})
    text = alice.write("Something bad", user=user)
    assert text.startswith("I can't help with that.")
    assert sentence in text


@both_ways
@pytest.mark.parametrize(("user", "sentence"), [(ALICE, "thought for so long"), (BORIS, "думала так долго")])
def test_thoughts_that_leave_no_room_for_words_cost_nothing(alice: Conversation, user: int, sentence: str) -> None:
    usage = {"reasoning_tokens": 4000, "completion_tokens": 4000}
    alice.script.queue({"text": "", "finish_reason": "length", "usage": usage})
    assert sentence in alice.write("Why?", user=user)
    assert balance(alice, user) == 30_000
    assert alice.bot.store.engine.days()


@both_ways
def test_cached_and_thought_tokens_are_in_the_ledger(alice: Conversation) -> None:
    alice.script.queue({"text": "Yes.", "usage": USAGE | {"cached_tokens": 64, "reasoning_tokens": 40}})
    alice.write("One")
    assert balance(alice) == 30_000 - 150
    entry = alice.bot.store.everything_about(ALICE)["ledger"][-1]
    assert (entry["tokens_in"], entry["tokens_cached"], entry["tokens_out"], entry["tokens_reasoning"]) == (
        100,
        64,
        50,
        40,
    )


@by_responses
@pytest.mark.parametrize("as_", ["error", "failed"])
def test_a_stream_that_breaks_is_said_to(alice: Conversation, as_: str) -> None:
    alice.script.queue({"text": "one two three", "fault": {"kind": "event_error", "after": 2, "as": as_}})
    assert alice.write("Count").startswith("one two")
    alice.wait_for(lambda: "broke off" in alice.said(ALICE)[-1]["text"] or None)
    assert not alice.bot.store.engine.history(str(ALICE))
    until(lambda: len(deletions(alice)) == 1)


@by_responses
def test_what_is_erased_is_deleted_at_the_provider_also_from_a_group(alice: Conversation) -> None:
    mention = f"@{alice.world.bot['username']} "
    alice.write("Mine")
    alice.write(mention + "ours", chat=GROUP)
    old = [*kept(alice), *kept(alice, GROUP)]
    assert len(old) == 2
    question = alice.ask("/delete_me")
    alice.press(question, buttons(question)[0]["callback_data"])
    alice.wait_for(lambda: "Erased" in alice.message(ALICE, question["message_id"])["text"] or None)
    assert "being deleted there now" in alice.message(ALICE, question["message_id"])["text"]
    are_deleted(alice, old)
    assert "OpenAI за 30 дней" in alice.write("/privacy", user=BORIS)


@by_responses
def test_deletions_outlast_a_provider_that_is_away_and_a_restart(alice: Conversation) -> None:
    alice.write("One")
    old = kept(alice)
    alice.script.queue({"path": "/responses/", "fault": {"kind": "status", "status": 503}})
    alice.write("/new")
    until(lambda: len(deletions(alice)) == 1)
    assert [each.id for each in alice.bot.store.left()] == old
    alice.restart()
    are_deleted(alice, old * 2)


@by_responses
def test_an_answer_that_cannot_be_deleted_holds_up_no_other(alice: Conversation) -> None:
    for words in ("One", "Two", "Three"):
        alice.write(words)
    old = kept(alice)
    alice.script.queue({"path": "/responses/", "fault": {"kind": "status", "status": 400}})
    alice.write("/new")
    until(lambda: len(alice.bot.store.left()) == 1)
    assert sorted(deletions(alice)) == sorted(old)
    assert [each.id for each in alice.bot.store.left()] == deletions(alice)[:1]


@by_responses
def test_after_thirty_days_the_provider_has_forgotten_by_itself(alice: Conversation) -> None:
    with alice.bot.store.engine.change() as change:
        provider = f"{alice.script.base_url} OPENAI_API_KEY"
        change.wide("to_delete_at_provider")["resp_old"] = {"provider": provider, "since": "2020-01-01"}
    alice.bot.forgetting.wake()
    until(lambda: not alice.bot.store.left())
    assert not deletions(alice)


@by_responses
def test_an_answer_under_way_when_all_is_forgotten_is_deleted_too(alice: Conversation) -> None:
    alice.script.queue({"text": "Too late", "hold": True})
    alice.world.send("One", user=ALICE)
    alice.script.wait(lambda seen: seen or None, "responses")
    alice.write("/new")
    alice.script.release()
    assert not kept(alice)
    until(lambda: len(deletions(alice)) == 1)


@pytest.mark.parametrize("settings", [{"REASONING_EFFORT": "low", "VERBOSITY": "high", "TEMPERATURE": "0.3"}])
@pytest.mark.parametrize("api", ["chat", "responses"])
def test_effort_verbosity_and_temperature(alice: Conversation, api: str) -> None:
    alice.environment |= {"OPENAI_API": api, "PREMIUM_REASONING_EFFORT": "none"}
    alice.restart()
    alice.bot.store.refill(ALICE, "premium_balance", 50_000)
    alice.write("One")
    alice.write("/pro Two")
    thinking, warm = [each["body"] for each in alice.script.requests() if each["method"] == "POST"]
    assert "temperature" not in thinking
    assert warm["temperature"] == 0.3
    if api == "chat":
        assert [(each["reasoning_effort"], each["verbosity"]) for each in (thinking, warm)] == [
            ("low", "high"),
            ("none", "high"),
        ]
    else:
        assert [(each["reasoning"], each["text"]) for each in (thinking, warm)] == [
            ({"effort": "low"}, {"verbosity": "high"}),
            ({"effort": "none"}, {"verbosity": "high"}),
        ]


def test_a_row_may_say_how_its_model_is_spoken_to(alice: Conversation) -> None:
    (alice.folder / "own.json").write_text('[{"name": "gpt-6-luna", "api": "responses", "can": ["effort"]}]')
    alice.environment["MODELS_FILE"] = "own.json"
    alice.restart()
    alice.write("One")
    assert [each["path"] for each in alice.script.requests()] == ["/v1/responses"]


@by_responses
def test_pictures_and_documents_stay_in_the_chain(people: Conversation) -> None:
    can = ["pictures", "files", "effort"]
    row = {"name": "gpt-6.1-terra", "wallet": "premium", "window": 200_000, "can": can}
    (people.folder / "own.json").write_text(json.dumps([row]))
    people.environment |= {"MODELS_FILE": "own.json", "NEW_USER_PREMIUM_BALANCE": "90000"}
    people.restart()
    people.write("/start")
    people.write("/switch")
    letter = (Path(__file__).parents[1] / "media" / "text.pdf").read_bytes()
    for words, file, kind in (
        ("Which?", sent(picture(), "photo"), "input_image"),
        ("What?", _pdf(letter), "input_file"),
    ):
        people.script.queue({"text": "This."}, {"text": "Yes."})
        people.ask(words, file=file)
        assert kind in {part["type"] for part in bodies(people)[-1]["input"][-1]["content"]}
        people.write("Sure?")
        assert bodies(people)[-1]["input"] == [{"role": "user", "content": "Sure?"}], "the file is in the chain"
        assert "previous_response_id" in bodies(people)[-1]
    (kept_file,) = people.script.files()
    assert kept_file["id"] in json.dumps(bodies(people)[-2])
    people.write("/new")
    until(lambda: not people.script.files())


def _pdf(data: bytes) -> dict[str, Any]:
    return sent(data, "document", name="text.pdf", mime_type="application/pdf")
