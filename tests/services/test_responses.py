"""What the Responses API makes of a provider's bytes, and how often it is asked."""

import openai
import pytest

from sandbox.script import Script
from services import responses
from services.models import Models
from services.provider import ModelError
from services.question import Answer, Link, Question
from services.wire import Call

ASKED = [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Hello"}]


def question(**more: object) -> Question:
    return Question("gpt-6-luna", ASKED, 400, api="responses", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("sent", [0, 1, 2])
def test_a_lost_chain_is_healed_within_three_calls(script: Script, sent: int) -> None:
    models, call = Models(script.base_url, script.key), Call(sent)
    script.queue({"fault": {"kind": "status", "status": 503}, "times": 9})
    with pytest.raises(ModelError):
        models.stream(question(keep=True, previous=Link("resp_gone", 0)), Answer(), call)
    assert call.sent == 3
    assert len(script.requests("responses")) == 3 - sent
    models.close()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("rate_limit_exceeded", "busy"),
        ("invalid_prompt", "filtered"),
        ("context_length_exceeded", "too_long"),
        ("insufficient_quota", "quota"),
        (None, "broken"),
    ],
)
def test_failures_inside_a_stream(code: str | None, kind: str) -> None:
    for event in (
        {"type": "error", "code": code, "message": "x", "param": None},
        {"type": "response.failed", "response": {"status": "failed", "error": {"code": code, "message": "x"}}},
    ):
        with pytest.raises(ModelError) as caught:
            responses.take(event, Answer())
        assert caught.value.kind == kind


def test_other_annotations_are_no_sources() -> None:
    answer = Answer()
    for annotation in ({"type": "file_citation", "url": "https://a.example/"}, None, "x", {"type": "url_citation"}):
        responses.take({"type": "response.output_text.annotation.added", "annotation": annotation}, answer)
    assert not answer.sources


def test_an_answer_that_is_not_stored_has_no_id_to_keep() -> None:
    answer = Answer()
    responses.take({"type": "response.created", "response": {"id": "resp_1", "store": False}}, answer)
    assert not answer.kept


def test_what_is_kept_can_be_deleted_twice(script: Script, client: openai.OpenAI) -> None:
    models, answer = Models(script.base_url, script.key), Answer()
    models.stream(question(keep=True), answer, Call())
    assert client.responses.retrieve(answer.kept[0]).id == answer.kept[0]
    models.forget(answer.kept[0])
    models.forget(answer.kept[0])
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(answer.kept[0])
    models.close()
