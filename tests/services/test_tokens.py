"""Tokens counted here against the counts of others.

The texts of corpus.json are our own. `o200k_base` was counted by another program, in a folder of its own:
`npm install gpt-tokenizer@4.0.0`, then `node -e 'const {encode} = require("gpt-tokenizer/encoding/o200k_base");
for (const each of require("./corpus.json")) console.log(each.name, encode(each.text).length)'`.
`smollm2` is what llama.cpp makes of it for the demo's model (`POST /tokenize` of `sandbox/models/llama.py`).
"""

import json
from pathlib import Path

import pytest

from services.catalogue import Row
from services.tokens import PICTURE_TOKENS, estimate, estimate_messages, picture_tokens

CORPUS = json.loads(Path(__file__).with_name("corpus.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("sample", CORPUS, ids=lambda sample: sample["name"])
def test_openais_models_are_counted_exactly(sample: dict) -> None:
    assert estimate(sample["text"], Row(name="gpt-6-luna").factor) == sample["o200k_base"]


def test_a_row_may_say_how_much_more_its_model_counts() -> None:
    """A small vocabulary makes 0.9 to 3 tokens of one of OpenAI's; by its own factor it is never undercounted."""
    small = Row(name="smollm2-135m-instruct", tokens=3)
    shares = [estimate(each["text"], small.factor) / each["smollm2"] for each in CORPUS]
    assert min(shares) >= 1
    ours, theirs = (sum(each[key] for each in CORPUS) for key in ("o200k_base", "smollm2"))
    assert theirs / ours == pytest.approx(1.66, abs=0.01)
    assert Row(name="smollm2-135m-instruct").factor == 1.3
    assert Row(name="openai/gpt-6-luna").factor == Row(name="o9").factor == 1


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("<|endoftext|>", 7), ("\ud83d", 1), ("😀" * 2, 2)])
def test_odd_texts_are_counted(text: str, tokens: int) -> None:
    assert estimate(text) == tokens


def test_of_a_prompt_its_words_are_counted() -> None:
    words = {"type": "text", "text": "word"}
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{'A' * 10**6}"}}
    assert estimate_messages([{"role": "user", "content": [words, picture]}]) == 1 + 4 + 3
    assert estimate_messages([{"role": "user", "content": "word"}] * 2, 3) == 6 + 8 + 3


@pytest.mark.parametrize(
    ("width", "height", "tokens"), [(10, 10, 300), (1024, 1024, 1670), (2048, 1365, PICTURE_TOKENS), (9000, 20, 460)]
)
def test_a_picture_counts_by_its_size(width: int, height: int, tokens: int) -> None:
    assert picture_tokens(width, height) == tokens
