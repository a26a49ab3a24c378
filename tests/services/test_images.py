"""Pictures drawn by the provider, and the ways it may not draw them."""

import base64
import io
from typing import Any

import openai
import pytest
from PIL import Image

from sandbox.script import Script
from services import images
from services.images import SIZES, NoEditing, Painter, Shape, _picture, shape_of
from services.pictures import Picture
from services.provider import ModelError
from services.wire import Call

MODEL = "gpt-image-2.6-flare"


def png(width: int = 64, height: int = 64) -> Picture:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "PNG")
    return Picture(out.getvalue(), "image/png", width, height)


def asked(script: Script, path: str = "images/generations") -> list[dict[str, Any]]:
    return [each["body"] for each in script.requests(path)]


def refusal(**words: object) -> dict[str, Any]:
    return {"path": "images", "fault": {"kind": "status", "status": 400, **words}}


@pytest.mark.parametrize("shape", SIZES)
def test_a_picture_of_each_shape_is_seen_on_its_way(client: openai.OpenAI, script: Script, shape: Shape) -> None:
    on_its_way: list[bytes] = []
    picture = Painter(client, MODEL).draw("рыжий кот", shape, Call(), grown=on_its_way.append)
    with Image.open(io.BytesIO(picture.content)) as seen:
        assert f"{seen.width}x{seen.height}" == SIZES[shape]
    assert picture.ending == "png"
    assert picture.tokens_in > 0
    assert picture.tokens_out == 1200
    assert len({*on_its_way, picture.content}) == 3
    choices = {"size": SIZES[shape], "stream": True, "partial_images": 2}
    assert asked(script) == [{"model": MODEL, "prompt": "рыжий кот", "n": 1, **choices}]


def test_without_streaming_it_comes_at_once_in_the_quality_asked_for(client: openai.OpenAI, script: Script) -> None:
    assert Painter(client, MODEL, "low", streaming=False).draw("a cat", "square", Call()).tokens_out == 1000
    assert asked(script) == [{"model": MODEL, "prompt": "a cat", "n": 1, "size": "1024x1024", "quality": "low"}]


def test_pictures_are_drawn_on(client: openai.OpenAI, script: Script) -> None:
    on_its_way: list[bytes] = []
    drawn = Painter(client, MODEL).draw("a hat", "vertical", Call(), [png(), png()], on_its_way.append)
    with Image.open(io.BytesIO(drawn.content)) as seen:
        assert seen.size == (1024, 1536)
        assert seen.convert("RGB").getpixel((512, 60)) == (255, 0, 0)
    (sent,) = script.requests("images/edits")
    assert [(each["field"], each["kind"]) for each in sent["files"]] == [("image[]", "image/png")] * 2
    assert sent["body"]["size"] == "1024x1536"
    assert len(on_its_way) == 2
    Painter(client, MODEL).draw("a hat", "square", Call(), [png()])
    assert [each["field"] for each in script.requests("images/edits")[1]["files"]] == ["image"]


@pytest.mark.parametrize(
    ("words", "left_out"),
    [
        ({"param": "stream"}, {"stream", "partial_images"}),
        ({"message": "unexpected keyword: partial_images"}, {"stream", "partial_images"}),
        ({"message": "Extra inputs are not permitted", "status": 422}, {"stream", "partial_images"}),
        ({"param": "size"}, {"size", "quality"}),
        ({"message": "quality: no such"}, {"size", "quality"}),
    ],
)
def test_what_a_model_refuses_is_left_out_from_then_on(
    client: openai.OpenAI, script: Script, words: dict[str, Any], left_out: set[str]
) -> None:
    script.queue(refusal(**words))
    painter = Painter(client, MODEL, "low")
    for _ in range(2):
        assert painter.draw("a cat", "square", Call()).content
    first, *later = asked(script)
    assert first.keys() >= left_out
    assert [first.keys() - each.keys() for each in later] == [left_out] * 2


def test_a_server_of_few_words_is_asked_ever_more_plainly(client: openai.OpenAI, script: Script) -> None:
    script.queue(*[refusal(message="no")] * 2)
    assert Painter(client, MODEL, "low").draw("a cat", "square", Call()).content
    assert [len(each) for each in asked(script)] == [7, 5, 3]


def test_a_refusal_that_stays_teaches_nothing(client: openai.OpenAI, script: Script) -> None:
    painter = Painter(client, MODEL, "low")
    script.queue(*[refusal(message="bad words")] * 3)
    with pytest.raises(ModelError, match="broken"):
        painter.draw("a cat", "square", Call())
    assert painter.draw("a cat", "square", Call()).content
    assert len(asked(script)[-1]) == 7


def test_a_named_refusal_is_remembered_whatever_comes_after(client: openai.OpenAI, script: Script) -> None:
    painter = Painter(client, MODEL)
    script.queue(refusal(param="stream"), *[refusal(status=500)] * 2)
    with pytest.raises(ModelError, match="busy"):
        painter.draw("a cat", "square", Call())
    assert painter.draw("a cat", "square", Call()).content
    assert ["stream" in each for each in asked(script)] == [True, False, False, False]


def test_drawing_and_changing_are_refused_apart(client: openai.OpenAI, script: Script) -> None:
    painter = Painter(client, MODEL)
    script.queue({"path": "images/edits", "fault": {"kind": "status", "status": 400, "param": "stream"}})
    painter.draw("a hat", "square", Call(), [png()])
    painter.draw("a cat", "square", Call())
    assert [each.get("stream") for each in asked(script, "images/edits")] == ["true", None]
    assert asked(script)[0]["stream"] is True


def test_a_server_that_passes_over_the_wish_for_a_stream(client: openai.OpenAI, script: Script) -> None:
    def whole(_: Any) -> Any:
        data = base64.b64encode(png().content).decode()
        return iter([b' {"data": [{"b64_json"', f': "{data}"}}]}}'.encode()])

    assert images._read(whole(script), lambda _: None).content == png().content


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 404},
        {"kind": "status", "status": 405},
        {"kind": "status", "status": 400, "param": "model", "code": "invalid_value"},
    ],
)
def test_a_model_that_cannot_change_pictures(client: openai.OpenAI, script: Script, fault: dict[str, Any]) -> None:
    script.queue({"path": "images/edits", "fault": {"message": "Not Found", "code": "none"} | fault})
    with pytest.raises(NoEditing):
        Painter(client, MODEL).draw("a hat", "square", Call(), [png()])


def test_other_models_are_asked_for_base64(client: openai.OpenAI, script: Script) -> None:
    with pytest.raises(ModelError):
        Painter(client, "stable-diffusion").draw("a cat", "square", Call())
    assert asked(script)[0]["response_format"] == "b64_json"


@pytest.mark.parametrize(
    ("fault", "kind", "tries"),
    [
        ({"kind": "status", "status": 400, "code": "moderation_blocked"}, "filtered", 1),
        ({"kind": "status", "status": 400, "code": "content_policy_violation"}, "filtered", 1),
        ({"kind": "status", "status": 400, "code": "billing_hard_limit_reached"}, "quota", 1),
        ({"kind": "event_error", "after": 1, "code": "moderation_blocked"}, "filtered", 1),
        ({"kind": "event_error", "after": 1, "code": "unheard_of"}, "broken", 1),
        ({"kind": "status", "status": 401}, "auth", 1),
        ({"kind": "status", "status": 429}, "busy", 2),
        ({"kind": "empty"}, "empty", 1),
        ({"kind": "garbage"}, "broken", 1),
        ({"kind": "reset", "after": 1}, "network", 1),
        ({"kind": "reset", "after": 0}, "network", 2),
    ],
)
@pytest.mark.parametrize("given", [[], [png()]], ids=["drawn", "changed"])
def test_failures(
    client: openai.OpenAI, script: Script, fault: dict[str, Any], kind: str, tries: int, given: list[Picture]
) -> None:
    script.default({"fault": fault})
    with pytest.raises(ModelError, match=kind):
        Painter(client, MODEL).draw("a cat", "square", Call(), given)
    assert len(script.requests("images")) == tries


def test_more_than_a_picture_can_be_is_not_read(
    client: openai.OpenAI, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "LARGEST_ANSWER", 10_000)
    with pytest.raises(ModelError, match="too much"):
        Painter(client, MODEL).draw("a cat", "square", Call())


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [(100, 100, "square"), (100, 119, "square"), (100, 120, "vertical"), (3000, 1000, "horizontal")],
)
def test_a_picture_keeps_its_shape(width: int, height: int, shape: Shape) -> None:
    assert shape_of(Picture(b"", "image/png", width, height)) == shape


@pytest.mark.parametrize("given", ["aGVsbG8=", "", "%", None])
def test_what_is_no_picture_is_refused(given: str | None) -> None:
    with pytest.raises(ModelError, match="broken"):
        _picture({"data": [{"b64_json": given, "url": "http://elsewhere/picture.png"}]})


def test_counts_that_are_none_are_not_believed() -> None:
    content = "iVBORw0KGgo="
    usage = {"input_tokens": -1, "output_tokens": 10**12}
    assert _picture({"data": [{"b64_json": content}], "usage": usage})[2:] == (0, 0)
