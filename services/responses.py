"""The Responses API of OpenAI: what a question is there, and what its events mean.

https://platform.openai.com/docs/api-reference/responses
"""

from typing import Any

import openai

from services.provider import Failure, ModelError, kind_of
from services.question import Answer, Question, Usage, counted
from services.tokens import Message

ENDED = {"max_output_tokens": "length"}  # why an answer is incomplete → as Chat Completions calls it


def body(question: Question) -> dict[str, Any]:
    """The parameters that the SDK need not look at; a chain inherits no instructions, so they go along each time."""
    prompt = [message["content"] for message in question.messages if message["role"] == "system"]
    said = question.said
    asked: dict[str, Any] = {"max_output_tokens": question.limit, "store": question.keep}
    if prompt:
        asked["instructions"] = "\n\n".join(prompt)
    if question.previous is not None:
        asked["previous_response_id"] = question.previous.response
        said = said[question.previous.messages :]
    if question.search:
        asked["tools"] = [{"type": "web_search"}]
    if question.heat is not None:
        asked["temperature"] = question.heat
    if question.is_thoughtful:
        asked["reasoning"] = {"effort": question.effort}
        if question.verbosity:
            asked["text"] = {"verbosity": question.verbosity}
    return asked | {"input": [_item(message) for message in said]}


def _item(message: Message) -> dict[str, Any]:
    """A message of Chat Completions as an item of the input."""
    content = message["content"]
    return {"role": message["role"], "content": content if isinstance(content, str) else [*map(_part, content)]}


def _part(part: dict[str, Any]) -> dict[str, Any]:
    if part["type"] == "text":
        return {"type": "input_text", "text": part["text"]}
    if part["type"] == "file":
        return {"type": "input_file", **part["file"]}
    return {"type": "input_image", "image_url": part["image_url"]["url"], "detail": "auto"}


class LostError(ModelError):
    """The provider says only inside its stream that it does not know the answer before (any more)."""


def is_lost(error: openai.APIStatusError | ModelError) -> bool:
    """Whether a refusal says that the provider does not know the answer before (any more)."""
    if isinstance(error, ModelError):
        return isinstance(error, LostError)
    return error.status_code in (400, 404) and _names_previous(f"{error.code} {error.param} {error.message}")


def _names_previous(said: str) -> bool:
    return "previous_response" in said.lower() or "previous response" in said.lower()


def take(event: dict[str, Any], answer: Answer) -> None:
    """Put one event, or one whole response, into the answer; the SDK's stream would raise nothing on a failure."""
    kind = event.get("type")
    if kind == "response.output_text.delta":
        answer.add(event.get("delta"))
    elif kind == "response.refusal.delta":
        answer.refused = True
        answer.add(event.get("delta"))
    elif kind == "response.output_text.annotation.added":
        answer.cite(_web(event.get("annotation")))
    elif kind == "response.created":
        _keep(event["response"], answer)
    elif kind in ("response.completed", "response.incomplete", "response.failed"):
        _end(event["response"], answer)
    elif kind == "error":
        raise _failure(event.get("error") or event)
    elif event.get("object") == "response":
        _take_whole(event, answer)


def _take_whole(response: dict[str, Any], answer: Answer) -> None:
    _keep(response, answer)
    for item in response.get("output") or ():
        for part in item.get("content") or () if item.get("type") == "message" else ():
            answer.refused = answer.refused or part.get("type") == "refusal"
            answer.add(part.get("text") or part.get("refusal"))
            for annotation in part.get("annotations") or ():
                answer.cite(_web(annotation))
    _end(response, answer)


def _keep(response: dict[str, Any], answer: Answer) -> None:
    """Remember the id of what the provider keeps; a server that does not say whether it does is believed to."""
    if response.get("id") and response.get("store", True):
        answer.kept.append(str(response["id"]))


def _end(response: dict[str, Any], answer: Answer) -> None:
    """How a response ended, and what it used."""
    if isinstance(response.get("usage"), dict):
        answer.usage = _usage(response["usage"]) or answer.usage
    if response.get("status") == "failed" or response.get("error"):
        raise _failure(response.get("error") or {})
    reason = (response.get("incomplete_details") or {}).get("reason")
    answer.finish = "stop" if response.get("status") == "completed" else ENDED.get(str(reason), reason)


def _web(annotation: object) -> object:
    """An annotation that cites a page, None for others, which have addresses of other kinds."""
    return annotation if isinstance(annotation, dict) and annotation.get("type") == "url_citation" else None


def _failure(error: dict[str, Any]) -> ModelError:
    kind: Failure = kind_of(error.get("code")) or "broken"
    words = f"{error.get('code')} {error.get('message')}"[:300]
    return LostError(kind, words) if _names_previous(words) else ModelError(kind, words)


def _usage(raw: dict[str, Any]) -> Usage | None:
    given, made = raw.get("input_tokens_details") or {}, raw.get("output_tokens_details") or {}
    return counted(
        raw.get("input_tokens"), raw.get("output_tokens"), given.get("cached_tokens"), made.get("reasoning_tokens")
    )
