"""Chat Completions, whole and streamed: https://platform.openai.com/docs/api-reference/chat."""

import secrets
import time
from typing import Any

from aiohttp import web

from . import checks, parts, tokens
from .door import Call, before
from .stream import DONE, Script, Spoken, dump, flow, speak, whole


async def answer(call: Call) -> web.StreamResponse:
    """`POST /v1/chat/completions`, answered by the script, or by an echo of the last user message."""
    look(call)
    call.choose(asked(call))
    await before(call)
    return await say(call)


def look(call: Call) -> None:
    """Check the request and look at what it carries. Raises Refused."""
    call.seen = parts.look(call.key, checks.chat(call.body), "messages", call.body["messages"])


def asked(call: Call) -> str:
    """The text of the last user message."""
    said = [message for message in call.body["messages"] if message["role"] == "user"]
    return tokens.words_of(said[-1]["content"]) if said else ""


async def say(call: Call) -> web.StreamResponse:
    """Answers a checked request with what `call.reply` says."""
    body = call.body
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    spoken = speak(call.reply, asked(call), tokens.in_messages(body["messages"]) + call.weight, limit)
    frame = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": body["model"]}
    frame |= {"service_tier": "default", "system_fingerprint": None}
    if body.get("stream"):
        with_usage = bool(body.get("stream_options", {}).get("include_usage"))
        return await flow(call, script(frame, spoken, with_usage, cited(call)))
    return await whole(call, completion(frame, spoken, cited(call)))


def cited(call: Call) -> list[dict[str, Any]]:
    """The reply's `sources`, address and title, as annotations of an answer that was allowed to search."""
    sources = call.reply.get("sources", {}) if "web_search_options" in call.body else {}
    places = {"start_index": 0, "end_index": 0}
    return [
        {"type": "url_citation", "url_citation": places | {"url": url, "title": title}}
        for url, title in sources.items()
    ]


def completion(frame: dict[str, Any], spoken: Spoken, annotations: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer in one piece."""
    content = spoken.text if spoken.refusal is None else None
    message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": spoken.refusal}
    message["annotations"] = annotations
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": spoken.finish_reason}
    body = {"object": "chat.completion", "choices": [choice]} | frame
    return body if spoken.usage is None else body | {"usage": usage(spoken.usage)}


def usage(counted: dict[str, int]) -> dict[str, Any]:
    """Token counts as Chat Completions names them."""
    details = {"accepted_prediction_tokens": 0, "audio_tokens": 0, "rejected_prediction_tokens": 0}
    return {
        "prompt_tokens": counted["prompt_tokens"],
        "completion_tokens": counted["completion_tokens"],
        "total_tokens": counted["prompt_tokens"] + counted["completion_tokens"],
        "prompt_tokens_details": {"cached_tokens": counted["cached_tokens"], "audio_tokens": 0},
        "completion_tokens_details": details | {"reasoning_tokens": counted["reasoning_tokens"]},
    }


def script(frame: dict[str, Any], spoken: Spoken, with_usage: bool, annotations: list[dict[str, Any]]) -> Script:
    """The answer as chunks: the frame is formatted once, each delta is put between its halves."""
    silent = {"usage": None} if with_usage else {}

    def chunk(delta: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return b"data: " + dump({"object": "chat.completion.chunk"} | frame | silent | {"choices": [choice]}) + b"\n\n"

    before_text, after_text = chunk({"content": "|here|"}).split(b'"|here|"')
    deltas = [before_text + dump(delta) + after_text for delta in spoken.deltas]
    if spoken.refusal is not None:
        deltas = [chunk({"refusal": spoken.refusal})]
    tail = chunk({"annotations": annotations}) if annotations else b""
    tail += chunk({}, spoken.finish_reason)
    if with_usage and spoken.usage is not None:
        last = {"object": "chat.completion.chunk", "choices": [], "usage": usage(spoken.usage)}
        tail += b"data: " + dump(last | frame) + b"\n\n"
    error = {"message": "The server had an error while processing your request.", "type": "server_error"}
    broken = b"data: " + dump({"error": error | {"param": None, "code": None}}) + b"\n\n"
    return Script(chunk({"role": "assistant", "content": "", "refusal": None}), deltas, tail + DONE, broken)
