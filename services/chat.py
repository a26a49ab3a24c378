"""Chat Completions, which any compatible provider speaks: what a question is there, and what its events mean."""

from typing import Any

from services.provider import ModelError, kind_of
from services.question import Answer, Question, Usage, counted


def body(question: Question) -> dict[str, Any]:
    """The parameters that the SDK need not look at: typed arguments cost it milliseconds on a long history."""
    asked: dict[str, Any] = {"messages": question.messages}
    if question.search:
        asked["web_search_options"] = {}  # https://platform.openai.com/docs/guides/tools-web-search
    if question.heat is not None:
        asked["temperature"] = question.heat
    if not question.is_thoughtful:
        return asked | {"max_tokens": question.limit}
    if question.verbosity:
        asked["verbosity"] = question.verbosity
    return asked | {"max_completion_tokens": question.limit, "reasoning_effort": question.effort}


def take(event: dict[str, Any], answer: Answer) -> None:
    """Put one event, or one whole completion, into the answer."""
    if error := event.get("error"):
        code = error.get("code") if isinstance(error, dict) else None
        raise ModelError(kind_of(code) or "broken", str(error)[:500])
    if isinstance(event.get("usage"), dict):
        answer.usage = _usage(event["usage"]) or answer.usage
    for choice in event.get("choices") or ():
        said = choice.get("delta") or choice.get("message") or {}
        answer.finish = choice.get("finish_reason") or answer.finish
        for annotation in said.get("annotations") or ():
            answer.cite(annotation.get("url_citation") if isinstance(annotation, dict) else None)
        answer.refused = answer.refused or bool(said.get("refusal"))
        answer.add(said.get("content") or said.get("refusal"))


def _usage(raw: dict[str, Any]) -> Usage | None:
    prompt = raw.get("prompt_tokens_details") or {}
    completion = raw.get("completion_tokens_details") or {}
    return counted(
        raw.get("prompt_tokens"),
        raw.get("completion_tokens"),
        prompt.get("cached_tokens"),
        completion.get("reasoning_tokens"),
    )
