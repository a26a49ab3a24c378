"""Pictures drawn by the provider, and the ways it may not draw them."""

import io

import openai
import pytest
from PIL import Image

from sandbox.script import Script
from services.images import SIZES, Shape, _picture, draw
from services.provider import ModelError
from services.wire import Call

MODEL = "gpt-image-2.6-flare"


@pytest.mark.parametrize("shape", SIZES)
def test_a_picture_of_each_shape(client: openai.OpenAI, script: Script, shape: Shape) -> None:
    picture = draw(client, "рыжий кот", MODEL, shape, Call())
    with Image.open(io.BytesIO(picture.content)) as seen:
        assert f"{seen.width}x{seen.height}" == SIZES[shape]
    assert picture.ending == "png"
    assert picture.tokens_in > 0
    assert picture.tokens_out == 1000
    (asked,) = script.requests("images/generations")
    assert asked["body"] == {"model": MODEL, "prompt": "рыжий кот", "size": SIZES[shape], "n": 1}


def test_other_models_are_asked_for_base64(client: openai.OpenAI, script: Script) -> None:
    with pytest.raises(ModelError):
        draw(client, "a cat", "stable-diffusion", "square", Call())
    assert script.requests("images/generations")[0]["body"]["response_format"] == "b64_json"


@pytest.mark.parametrize(
    ("fault", "kind", "tries"),
    [
        ({"kind": "status", "status": 400, "code": "moderation_blocked"}, "filtered", 1),
        ({"kind": "status", "status": 400, "code": "content_policy_violation"}, "filtered", 1),
        ({"kind": "status", "status": 401}, "auth", 1),
        ({"kind": "status", "status": 429}, "busy", 2),
        ({"kind": "empty"}, "empty", 1),
        ({"kind": "garbage"}, "broken", 1),
    ],
)
def test_failures(client: openai.OpenAI, script: Script, fault: dict[str, object], kind: str, tries: int) -> None:
    script.default({"fault": fault})
    with pytest.raises(ModelError, match=kind):
        draw(client, "a cat", MODEL, "square", Call())
    assert len(script.requests("images/generations")) == tries


@pytest.mark.parametrize("given", ["aGVsbG8=", "", "%", None])
def test_what_is_no_picture_is_refused(given: str | None) -> None:
    with pytest.raises(ModelError, match="broken"):
        _picture({"data": [{"b64_json": given, "url": "http://elsewhere/picture.png"}]})


def test_counts_that_are_none_are_not_believed() -> None:
    png = "iVBORw0KGgo="
    usage = {"input_tokens": -1, "output_tokens": 10**12}
    assert _picture({"data": [{"b64_json": png}], "usage": usage})[2:] == (0, 0)
