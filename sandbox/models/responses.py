"""The Responses API, whole and streamed, with stored chains: https://platform.openai.com/docs/api-reference/responses."""

import secrets
import time
from typing import Any

from aiohttp import web

from . import checks, parts, tokens
from .door import Call, before
from .refusals import Refused
from .stream import Script, Spoken, dump, flow, speak, whole

Item = dict[str, Any]
ENDED = {"length": "max_output_tokens", "content_filter": "content_filter"}


async def answer(call: Call) -> web.StreamResponse:
    """`POST /v1/responses`: the script's answer or an echo; earlier turns of a chain are counted again, as billed."""
    asked = checks.responses(call.body)
    items = given(call.body)
    before_it = earlier(call)
    chain = before_it + items
    call.seen = parts.look(call.key, asked, "input", items) + parts.look(call.key, asked, "previous", before_it)
    said = [item for item in items if item["role"] == "user"]
    echo = tokens.words_of(said[-1]["content"]) if said else ""
    call.choose(echo)
    await before(call)
    # Instructions are billed as the system message they become.
    instructions = [{"content": call.body["instructions"]}] if "instructions" in call.body else []
    prompt = tokens.in_messages(instructions + chain) + call.weight
    spoken = speak(call.reply, echo, prompt, call.body.get("max_output_tokens"))
    response = described(call, spoken)
    if call.body.get("store", True):
        kept = {"role": "assistant", "content": spoken.text}
        call.key.answers[response["id"]] = {"response": response, "chain": [*chain, kept]}
    if call.body.get("stream"):
        return await flow(call, events(response, spoken, call.reply.get("fault", {}).get("as", "error")))
    return await whole(call, response)


def given(body: dict[str, Any]) -> list[Item]:
    """The input as messages."""
    return [{"role": "user", "content": body["input"]}] if isinstance(body["input"], str) else body["input"]


def earlier(call: Call) -> list[Item]:
    """The messages before, of the chain named; unknown: 400, expired: 404 (both are met in the wild).

    Each response of the chain must still be there: who deletes one in its middle has broken it.
    """
    name = link = call.body.get("previous_response_id")
    if name is None:
        return []
    while link in call.key.answers:
        link = call.key.answers[link]["response"]["previous_response_id"]
    if link is None:
        chain: list[Item] = call.key.answers[name]["chain"]
        return chain
    status = 404 if link in call.key.expired else 400
    text = f"Previous response with id '{link}' not found."
    raise Refused(status, text, "previous_response_id", "previous_response_not_found")


def described(call: Call, spoken: Spoken) -> dict[str, Any]:
    """The finished response object."""
    body, cut = call.body, ENDED.get(spoken.finish_reason)
    status = "incomplete" if cut else "completed"
    response: dict[str, Any] = {"id": f"resp_{secrets.token_hex(16)}", "object": "response", "created_at": time.time()}
    response |= {"status": status, "model": body["model"], "error": None, "output": output(call, spoken, status)}
    response["incomplete_details"] = {"reason": cut} if cut else None
    response |= {
        "tools": body.get("tools", []),
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "store": body.get("store", True),
    }
    for name in ("instructions", "max_output_tokens", "previous_response_id", "temperature", "top_p"):
        response[name] = body.get(name)
    return response | {"metadata": body.get("metadata", {}), "usage": spoken.usage and usage(spoken.usage)}


def output(call: Call, spoken: Spoken, status: str) -> list[Item]:
    """What the model did, in order: it thought, it searched, it spoke (unless thinking had used up its tokens)."""
    items: list[Item] = []
    if spoken.usage and spoken.usage["reasoning_tokens"]:
        items.append({"type": "reasoning", "id": f"rs_{secrets.token_hex(16)}", "summary": []})
    if sources := searched(call):
        action: Item = {"type": "search", "queries": [tokens.words_of(given(call.body)[-1]["content"])]}
        action["sources"] = [{"type": "url", "url": url} for url in sources]
        name = f"ws_{secrets.token_hex(16)}"
        items.append({"type": "web_search_call", "id": name, "status": "completed", "action": action})
    if not items or spoken.text or spoken.refusal is not None or status == "completed":
        name = f"msg_{secrets.token_hex(16)}"
        content = [part(spoken, sources)]
        items.append({"type": "message", "id": name, "status": status, "role": "assistant", "content": content})
    return items


def searched(call: Call) -> dict[str, str]:
    """The reply's `sources`, address and title, for who may search."""
    may_search = any(tool["type"].startswith("web_search") for tool in call.body.get("tools", []))
    sources: dict[str, str] = call.reply.get("sources", {}) if may_search else {}
    return sources


def part(spoken: Spoken, sources: dict[str, str]) -> Item:
    """The one part of the message."""
    if spoken.refusal is not None:
        return {"type": "refusal", "refusal": spoken.refusal}
    places = {"start_index": 0, "end_index": 0}
    cited = [{"type": "url_citation", "url": url, "title": title} | places for url, title in sources.items()]
    return {"type": "output_text", "text": spoken.text, "annotations": cited, "logprobs": []}


def usage(counted: dict[str, int]) -> dict[str, Any]:
    """Token counts as Responses names them."""
    return {
        "input_tokens": counted["prompt_tokens"],
        "input_tokens_details": {"cached_tokens": counted["cached_tokens"], "cache_write_tokens": 0},
        "output_tokens": counted["completion_tokens"],
        "output_tokens_details": {"reasoning_tokens": counted["reasoning_tokens"]},
        "total_tokens": counted["prompt_tokens"] + counted["completion_tokens"],
    }


def events(response: dict[str, Any], spoken: Spoken, broken_as: str) -> Script:
    """The answer as numbered events; a fault in mid-stream is an `error` event or, as `failed`, `response.failed`."""
    started = response | {"status": "in_progress", "output": [], "usage": None, "incomplete_details": None}
    head: list[Item] = [
        {"type": "response.created", "response": started},
        {"type": "response.in_progress", "response": started},
    ]
    deltas: list[Item] = []
    tail: list[Item] = []
    for number, item in enumerate(response["output"]):
        if item["type"] == "message":
            opened, deltas, tail = writing(item, number, spoken)
            head += opened
        else:
            head += working(item, number)
    tail.append({"type": f"response.{response['status']}", "response": response})
    lines = [line(number, event) for number, event in enumerate(head + deltas + tail)]
    start, end = len(head), len(head) + len(deltas)
    trouble = line(end, broken(started, broken_as))
    return Script(b"".join(lines[:start]), lines[start:end], b"".join(lines[end:]), trouble)


def working(item: Item, number: int) -> list[Item]:
    """The events of what comes before the words."""
    place = {"output_index": number, "item_id": item["id"]}
    searching = item["type"] == "web_search_call"
    steps = ("in_progress", "searching", "completed") if searching else ()
    fresh = {"status": "in_progress"} if searching else {}
    return [
        {"type": "response.output_item.added", "output_index": number, "item": item | fresh},
        *({"type": f"response.web_search_call.{step}"} | place for step in steps),
        {"type": "response.output_item.done", "output_index": number, "item": item},
    ]


def writing(item: Item, number: int, spoken: Spoken) -> tuple[list[Item], list[Item], list[Item]]:
    """The events of the words: how they begin, piece by piece, how they end."""
    place = {"item_id": item["id"], "output_index": number, "content_index": 0}
    refuses, said = spoken.refusal is not None, item["content"][0]
    kind, word = ("refusal", "refusal") if refuses else ("output_text", "text")
    pieces = [spoken.refusal] if refuses else spoken.deltas
    fresh = {word: ""} if refuses else {word: "", "annotations": []}
    logs: Item = {} if refuses else {"logprobs": []}
    added: Item = item | {"status": "in_progress", "content": []}
    head: list[Item] = [
        {"type": "response.output_item.added", "output_index": number, "item": added},
        {"type": "response.content_part.added", "part": said | fresh} | place,
    ]
    deltas: list[Item] = [{"type": f"response.{kind}.delta", "delta": piece} | place | logs for piece in pieces]
    cited = "response.output_text.annotation.added"
    tail: list[Item] = [
        *(
            {"type": cited, "annotation_index": index, "annotation": each} | place
            for index, each in enumerate(said.get("annotations", ()))
        ),
        {"type": f"response.{kind}.done", word: said[word]} | place | logs,
        {"type": "response.content_part.done", "part": said} | place,
        {"type": "response.output_item.done", "output_index": number, "item": item},
    ]
    return head, deltas, tail


def broken(started: dict[str, Any], broken_as: str) -> Item:
    """The event that ends a broken stream: `error`, or `response.failed`."""
    trouble = {"code": "server_error", "message": "The server had an error while processing your request."}
    if broken_as == "failed":
        return {"type": "response.failed", "response": started | {"status": "failed", "error": trouble}}
    return {"type": "error", "param": None} | trouble


def line(number: int, event: Item) -> bytes:
    """One server-sent event, numbered as OpenAI numbers them."""
    kind: str = event["type"]
    return b"event: %s\ndata: %s\n\n" % (kind.encode(), dump(event | {"sequence_number": number}))


async def retrieve(call: Call) -> web.Response:
    """`GET /v1/responses/<id>`."""
    return web.Response(body=dump(stored(call)["response"]), content_type="application/json")


async def delete(call: Call) -> web.Response:
    """`DELETE /v1/responses/<id>`."""
    name = stored(call)["response"]["id"]
    del call.key.answers[name]
    return web.json_response({"id": name, "object": "response", "deleted": True})


def stored(call: Call) -> dict[str, Any]:
    """The response named in the path; refused with 404 when it is gone."""
    name = call.request.match_info["id"]
    if name not in call.key.answers:
        raise Refused(404, f"Response with id '{name}' not found.")
    return call.key.answers[name]
