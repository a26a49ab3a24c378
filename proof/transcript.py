"""`python -m proof.transcript > docs/transcript.md`: a conversation with a real model that models.json alone names.

Telegram is the sandbox, the model SmolLM2 behind llama.cpp's own server on this machine.
"""

import json
import tempfile
from pathlib import Path

from proof import llama
from proof.stage import FIRST_ID, Json, Stage
from sandbox.models import local

ANNA, BORIS = FIRST_ID, FIRST_ID + 1
SETTINGS = {"MODELS_FILE": "own.json", "LLAMA_API_KEY": "any-word", "MAX_REQUEST_TOKENS": "200", "TEMPERATURE": "0"}
HEAD = """# A conversation with a real model

Made by `python -m proof.transcript > docs/transcript.md`. Telegram is the sandbox; {model} (135 million
parameters) runs on this processor behind llama.cpp's own server. The bot learnt of it from `models.json` alone
(`MODELS_FILE`); its key is any word in `.env`:

```json
{rows}
```

The model is tiny: it often says what is not so, forgets, and knows next to no Russian. What is shown here is that the
bot talks to a server that is not OpenAI's: chosen by a button, streamed, remembered, counted, charged.
"""


def main() -> None:
    """Print the page."""
    with tempfile.TemporaryDirectory() as place, llama.serving() as address:
        row = {"name": local.NAME, "base_url": address, "key": "LLAMA_API_KEY", "window": 8192, "tokens": 3}
        rows = [row | {"can": ["temperature"]}]
        folder = Path(place)
        (folder / "own.json").write_text(json.dumps(rows))
        settings = SETTINGS | {"MODELS_FILE": str(folder / "own.json")}
        with Stage(folder, STREAMING="on", **settings) as stage:
            stage.start()
            shown = json.dumps(rows).replace(address, "http://127.0.0.1:8080/v1").replace(', "w', ',\n  "w')
            print(HEAD.format(model=local.NAME, rows=shown))
            _english(stage)
            _russian(stage)
            stage.leave()
            stage.verify()
            _ledger(stage)


def _english(stage: Stage) -> None:
    print("## English\n")
    stage.world.user(ANNA, first_name="Anna", language_code="en")
    _choose(stage, ANNA, "Anna")
    for words in (
        "/ec 4000",
        "What is the capital of France?",
        "Name one famous tower there.",
        "Write a line of Python that prints hello.",
        "/t",
        "/balance",
    ):
        _exchange(stage, ANNA, "Anna", words)


def _russian(stage: Stage) -> None:
    print("## По-русски\n")
    stage.world.user(BORIS, first_name="Борис", language_code="ru")
    _choose(stage, BORIS, "Борис")
    for words in ("Столица Франции?", "Is water wet? Answer yes or no.", "/t"):
        _exchange(stage, BORIS, "Борис", words)


def _choose(stage: Stage, user: int, name: str) -> None:
    stage.world.send("/start", user=user)
    stage.until(lambda: stage.said(user), "a greeting")
    _exchange(stage, user, name, "/model")
    question = _messages(stage, user)[-1]
    stage.world.press(question, f"model:ordinary:{local.NAME}", user=user)
    stage.until(lambda: _messages(stage, user)[-1]["text"] != question["text"], "the choice")
    _print(name, f"[{local.NAME}]")
    _print("Bot", stage.said(user)[-1])


def _exchange(stage: Stage, user: int, name: str, words: str) -> None:
    before = len(stage.said(user))
    stage.world.send(words, user=user)
    stage.until(lambda: len(stage.said(user)) > before, f"an answer to {words}", 120)
    _print(name, words)
    _print("Bot", "\n\n".join(stage.said(user)[before:]))


def _messages(stage: Stage, user: int) -> list[Json]:
    return [each for (place, _), each in sorted(stage.messages.items()) if place == user]


def _ledger(stage: Stage) -> None:
    print("## The ledger\n\n| model | tokens in | tokens out | taken |\n| --- | --- | --- | --- |")
    for line in stage.ledger():
        if line["reason"] == "answer":
            print(f"| {line['model']} | {line['tokens_in']} | {line['tokens_out']} | {-line['amount']} |")


def _print(name: str, words: str) -> None:
    said = " ".join(words.split("\n"))
    print(f"**{name}:** {said}\n")


if __name__ == "__main__":
    main()
