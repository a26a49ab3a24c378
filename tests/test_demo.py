"""The demo's data meet a new Telegram at every start."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import demo
from sandbox.client import Sandbox, World
from services import catalogue
from services.models import Models
from services.prices import Prices
from services.tokens import PICTURE_TOKENS
from tests.conftest import ALICE, GROUP, Conversation

KITCHEN = 2


@pytest.fixture
def worlds(sandbox: Sandbox) -> Iterator[list[World]]:
    """Two worlds of the demo, a minute apart; the second is there when the first is closed."""
    made = [demo.world(sandbox)]
    yield made
    made[-1].close()


def test_the_second_demo_is_answered_too(
    sandbox: Sandbox, worlds: list[World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = sandbox.script("sk-demo")
    environment = {
        "TELEGRAM_API_KEY": demo.TOKEN,
        "TELEGRAM_API_URL": sandbox.url,
        "OPENAI_API_KEY": script.key,
        "OPENAI_BASE_URL": script.base_url,
        "ADMIN_CHAT_ID": str(demo.OWNER),
        "DEFAULT_CONTEXT": "4000",
        "TELEGRAM_RATE": "0",
    }
    first = Conversation(worlds[0], script, environment, tmp_path)
    for words in ("/start", "Hello"):
        first.write(words)
    first.write("@sandbox_assistant_bot hi", chat=GROUP, thread=KITCHEN)
    first.bot.stop()
    worlds[0].close()
    later = time.time() + 60
    monkeypatch.setattr(demo.time, "time", lambda: later)
    worlds.append(demo.world(sandbox))
    second = Conversation(worlds[1], script, environment, tmp_path)
    assert second.write("And now?") == "You said: And now?"
    asked = [each["content"] for each in script.requests("completions")[-1]["body"]["messages"][1:]]
    assert asked == ["Hello", "You said: Hello", "And now?"]
    assert "4 messages" in second.write("/info", ALICE)
    assert "2 messages" in second.write("/info", chat=GROUP, thread=KITCHEN), "its topics are the same"
    second.bot.stop()


def test_a_missing_package_is_one_clear_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda name: None if name == "markdown_it" else object())
    monkeypatch.setattr(demo.Sandbox, "start", lambda *arguments: pytest.fail("nothing may begin"))
    assert demo.run(tmp_path, 0) == 2
    assert "requirements-demo.txt" in capsys.readouterr().out


def test_its_models_take_pictures_as_such_and_documents_as_words(worlds: list[World], tmp_path: Path) -> None:
    made = demo.settings(worlds[0], tmp_path)
    found = catalogue.load(made, Models(made.openai_base_url, "none"), Prices(made.openai_base_url))
    assert [(row.name, row.wallet) for row in found.rows] == [("gpt-6-luna", "ordinary"), ("gpt-6.1-terra", "premium")]
    assert [row.sees for row in found.rows] == [False, True]
    assert found.rows[1].window > 10 * PICTURE_TOKENS, "an album fits"
    for row in found.rows:
        assert row.thinks, "it is asked under the name of a model that thinks"
        assert row.can is not None
        assert "files" not in row.can
