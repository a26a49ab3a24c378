"""A model that gives nothing: its fallback answers, what it costs, what is said, and to whom."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.client import Sandbox
from sandbox.script import Script
from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons
from tests.sounds import sent

ROWS = [
    {"name": "gpt-6-luna", "can": ["effort"], "fallback": "gpt-4o-mini"},
    {
        "name": "gpt-4o-mini",
        "can": [],
        "usd_per_million": {"question": 1000, "answer": 1000},
        "fallback": "gpt-6-luna",
    },
]
BUSY = {"kind": "status", "status": 503}


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "own.json").write_text(json.dumps(ROWS))
    return {"MODELS_FILE": "own.json", "OPENAI_PRICE_PER_1K_TOKENS": "0"}


def called(people: Conversation) -> list[str]:
    return [each["body"]["model"] for each in people.script.requests("/v1/chat/completions")]


def ledger(people: Conversation) -> list[dict[str, Any]]:
    return [each for each in people.entries() if each.get("model")]


@pytest.mark.parametrize(
    ("fault", "calls", "reason"),
    [
        (BUSY, 2, "она перегружена"),
        ({"kind": "status", "status": 429}, 2, "она перегружена"),
        ({"kind": "status", "status": 429, "retry_after": 60}, 1, "она перегружена"),
        ({"kind": "reset"}, 2, "с ней нет связи"),
        ({"kind": "garbage", "after": 0}, 1, "её ответ пришёл повреждённым"),
        ({"kind": "cut", "after": 0}, 2, "с ней нет связи"),
        ({"kind": "empty"}, 1, "она вернула пустой ответ"),
    ],
)
def test_the_fallback_of_a_failing_model_answers_and_is_charged(
    alice: Conversation, fault: dict, calls: int, reason: str
) -> None:
    alice.script.queue({"fault": fault, "times": calls})
    usage = {"prompt_tokens": 100, "completion_tokens": 20}
    alice.script.queue({"text": "Four.", "usage": usage})
    assert alice.write("Two and two?") == "Four.\n\nAnswered by gpt-4o-mini: gpt-6-luna is not available now."
    assert called(alice) == ["gpt-6-luna"] * calls + ["gpt-4o-mini"]
    assert "29,880 tokens" in alice.write("/balance")
    (entry,) = [each for each in ledger(alice) if each["reason"] == "answer"]
    assert (entry["model"], entry["usd"]) == ("gpt-4o-mini", 0.12)
    told = f"Модель gpt-6-luna не ответила: {reason}. На этот вопрос ответила gpt-4o-mini."
    alice.wait_for(lambda: told in alice.said(OWNER)[-1]["text"] or None)
    alice.script.queue({"fault": fault, "times": calls})
    assert "Ответила gpt-4o-mini: gpt-6-luna сейчас недоступна." in alice.write("Привет", user=BORIS)
    assert alice.write("Hello") == "You said: Hello", "the next question goes to the model itself"
    assert called(alice)[-1] == "gpt-6-luna"
    assert sum("не ответила" in each["text"] for each in alice.said(OWNER)) == 1


def test_three_calls_are_the_most(alice: Conversation) -> None:
    alice.script.default({"fault": BUSY})
    assert alice.write("Hello?") == "The model is overloaded. Try again in a moment. Nothing was charged."
    assert called(alice) == ["gpt-6-luna", "gpt-6-luna", "gpt-4o-mini"]
    assert "30,000 tokens" in alice.write("/balance")


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "invalid_api_key"), (429, "insufficient_quota"), (400, "context_length_exceeded"), (400, "content_filter")],
)
def test_what_no_other_model_of_the_provider_could_mend_is_said(alice: Conversation, status: int, code: str) -> None:
    alice.script.queue({"fault": {"kind": "status", "status": status, "code": code}})
    assert alice.write("Hello?").endswith("Nothing was charged.")
    assert called(alice) == ["gpt-6-luna"]


@pytest.mark.parametrize("code", ["invalid_api_key", "insufficient_quota"])
def test_another_provider_answers_where_the_first_ones_key_or_credit_fails(alice: Conversation, code: str) -> None:
    other = Script(alice.script.base_url.removesuffix("/v1"), f"{alice.script.key}-other")
    elsewhere = {"name": "gpt-4o-mini", "base_url": alice.script.base_url, "key": "OTHER_API_KEY", "can": []}
    (alice.folder / "own.json").write_text(json.dumps([ROWS[0], elsewhere]))
    alice.environment["OTHER_API_KEY"] = other.key
    alice.restart()
    alice.script.default({"fault": {"kind": "status", "status": 401 if "key" in code else 429, "code": code}})
    for _ in range(2):
        assert alice.write("Hello").startswith("You said: Hello\n\nAnswered by gpt-4o-mini")
    assert called(alice) == ["gpt-6-luna"] * 2
    assert len(other.requests()) == 2
    reason = "ключ провайдера не принят" if "key" in code else "закончились средства у провайдера"
    alice.wait_for(lambda: f"gpt-6-luna не ответила: {reason}." in alice.said(OWNER)[-1]["text"] or None)
    assert sum("не ответила" in each["text"] for each in alice.said(OWNER)) == 1


def test_an_answer_that_has_begun_is_never_given_to_another(alice: Conversation) -> None:
    alice.script.queue({"deltas": ["Half", " way"], "fault": {"kind": "reset", "after": 1}})
    assert alice.write("Go on") == "Half"
    assert called(alice) == ["gpt-6-luna"]


def test_a_group_sees_one_message(alice: Conversation) -> None:
    alice.script.queue({"fault": BUSY, "times": 2})
    answer = alice.ask("@sandbox_assistant_bot hello", chat=GROUP)
    assert answer["text"].startswith("You said: Alice: hello\n\nAnswered by gpt-4o-mini")
    assert not buttons(answer) or buttons(answer)[0]["callback_data"] != "stop"
    assert len(alice.said(GROUP)) == 1


@pytest.mark.parametrize("streaming", ["on", "off"])
def test_a_silent_model_is_waited_for_once(
    alice: Conversation, monkeypatch: pytest.MonkeyPatch, streaming: str
) -> None:
    monkeypatch.setattr("services.provider.SILENCE_SECONDS", 0.5)
    alice.environment["STREAMING"] = streaming
    alice.restart()
    alice.script.queue({"fault": {"kind": "stall", "seconds": 60}})
    assert "Answered by gpt-4o-mini" in alice.write("Anybody there?")
    assert called(alice) == ["gpt-6-luna", "gpt-4o-mini"]


def test_what_an_empty_answer_cost_is_counted_beside_its_fallbacks(alice: Conversation) -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 200}
    alice.environment |= {"OPENAI_PRICE_PER_1K_TOKENS": "1", "BUDGET_USD_PER_DAY": "0"}
    alice.restart()
    alice.script.queue({"text": "", "finish_reason": "stop", "usage": usage}, {"text": "Here", "usage": usage})
    assert alice.write("Hello").startswith("Here\n\nAnswered by gpt-4o-mini")
    told = [(each["reason"], each["model"], each["usd"]) for each in ledger(alice)]
    assert told == [("failed", "gpt-6-luna", 1.2), ("answer", "gpt-4o-mini", 1.2)]
    assert alice.said(ALICE)


def test_a_fallback_that_cannot_be_paid_for_leaves_nothing_thinking(alice: Conversation) -> None:
    alice.environment["BUDGET_USD_PER_DAY"] = "1"
    alice.restart()
    alice.script.queue({"fault": BUSY, "times": 2})
    alice.world.send("@sandbox_assistant_bot hello", user=ALICE, chat=GROUP)
    answer = alice.wait_for(lambda: next((m for m in alice.said(GROUP) if "overloaded" in m["text"]), None))
    assert [button["text"] for button in buttons(answer)] == ["Retry"]
    assert len(alice.said(GROUP)) == 1
    assert called(alice) == ["gpt-6-luna"] * 2


def test_a_file_that_one_provider_keeps_goes_anew_to_a_fallback_at_another(
    alice: Conversation, sandbox: Sandbox
) -> None:
    key = f"{alice.environment['OPENAI_API_KEY']}-other"
    other, can = sandbox.script(key), ["effort", "files"]
    rows: list[dict[str, Any]] = [
        {"name": "gpt-6.1-terra", "wallet": "premium", "window": 60_000, "can": can, "fallback": "gpt-6.1-sol"},
        {"name": "gpt-6.1-sol", "wallet": "premium", "window": 60_000, "can": can, "key": "OTHER_API_KEY"},
    ]
    rows[1]["base_url"] = alice.environment["OPENAI_BASE_URL"]
    (alice.folder / "own.json").write_text(json.dumps(rows))
    alice.environment["OTHER_API_KEY"] = key
    alice.bot.store.refill(ALICE, "premium_balance", 40_000)
    alice.restart()
    alice.write("/switch")
    alice.write("/ec")
    letter = sent((Path(__file__).parents[1] / "media" / "text.pdf").read_bytes(), "document", name="text.pdf")
    alice.ask("What?", file=letter)
    alice.script.queue({"fault": {"kind": "status", "status": 401}})
    other.queue({"text": "A letter."})
    assert alice.write("Sure?") == "A letter.\n\nAnswered by gpt-6.1-sol: gpt-6.1-terra is not available now."
    (there,) = other.files()
    (called,) = other.requests("completions")
    assert called["body"]["messages"][1]["content"][0] == {"type": "file", "file": {"file_id": there["id"]}}
    alice.write("/new")
    alice.wait_for(lambda: not (alice.script.files() or other.files()) or None)
