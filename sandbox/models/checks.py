"""Requests held against OpenAI's description (https://platform.openai.com/docs/api-reference): names, types, models."""

from typing import Any

from .catalogue import MODELS, Model, Subject
from .refusals import Refused, missing, no_model, wrong

Body = dict[str, Any]
NUMBER = (int, float)
EFFORTS = ("none", "low", "medium", "high", "xhigh", "max")
PLAIN: dict[str, type | tuple[type, ...]] = {
    "model": str, "stream": bool, "stream_options": dict, "temperature": NUMBER, "top_p": NUMBER, "store": bool,
    "metadata": dict, "user": str, "safety_identifier": str, "prompt_cache_key": str, "prompt_cache_retention": str,
    "prompt_cache_options": dict, "service_tier": str, "tools": list, "tool_choice": (str, dict),
    "parallel_tool_calls": bool, "top_logprobs": int, "moderation": dict,
}  # fmt: skip
CHAT = PLAIN | {
    "messages": list, "max_tokens": int, "max_completion_tokens": int, "reasoning_effort": str, "verbosity": str,
    "n": int, "stop": (str, list), "seed": int, "response_format": dict, "frequency_penalty": NUMBER,
    "presence_penalty": NUMBER, "logit_bias": dict, "logprobs": bool, "modalities": list, "audio": dict,
    "prediction": dict, "web_search_options": dict, "functions": list, "function_call": (str, dict),
}  # fmt: skip
RESPONSES = PLAIN | {
    "input": (str, list), "instructions": str, "max_output_tokens": int, "previous_response_id": str,
    "reasoning": dict, "text": dict, "truncation": str, "background": bool, "include": list,
    "conversation": (str, dict), "max_tool_calls": int, "prompt": dict, "context_management": list,
}  # fmt: skip
IMAGES: dict[str, type | tuple[type, ...]] = {
    "model": str, "prompt": str, "n": int, "size": str, "quality": str, "background": str, "moderation": str,
    "output_format": str, "output_compression": int, "user": str, "stream": bool, "partial_images": int,
}  # fmt: skip
# A form: everything in it is text; its files are looked at elsewhere.
EDITS: dict[str, type | tuple[type, ...]] = dict.fromkeys(
    ("model", "prompt", "n", "size", "quality", "background", "output_format", "output_compression", "user",
     "input_fidelity", "stream", "partial_images"), str,
)  # fmt: skip
CHAT_PARTS = {name: name for name in ("text", "image_url", "input_audio", "file", "refusal")}
RESPONSE_PARTS = {
    "input_text": "text",
    "output_text": "text",
    "input_image": "",
    "input_file": "",
    "refusal": "refusal",
}
SAID = {"user": ("input_",), "assistant": ("output_text", "refusal")}  # how the types of their parts begin
TOOLS = ("web_search", "web_search_2025_08_26", "function")
VERBOSITIES = ("low", "medium", "high")
LEAST_OUTPUT = 16  # tokens that Responses let themselves be limited to
ROLES = ("system", "developer", "user", "assistant", "tool")


def names(body: Body, known: dict[str, type | tuple[type, ...]]) -> None:
    """Every parameter is known and of its type; null is the same as absent. Raises Refused."""
    for name in [name for name, value in body.items() if value is None]:
        del body[name]
    for name, value in body.items():
        if name not in known:
            raise Refused(400, f"Unknown parameter: '{name}'.", name, "unknown_parameter")
        kinds = known[name]
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            raise Refused(400, f"Invalid type for '{name}'.", name, "invalid_type")


def model(body: Body, subject: Subject) -> Model:
    """The model asked for. Raises Refused when it is missing, unknown or for another subject."""
    if "model" not in body:
        raise missing("model")
    found = MODELS.get(body["model"])
    if found is None or found.subject != subject:
        raise no_model(body["model"])
    return found


def thinking(body: Body, asked: Model, effort: str | None, param: str) -> None:
    """Reasoning models take a temperature only with effort `none`, the others no effort at all. Raises Refused."""
    if effort is not None and not asked.reasons:
        raise Refused(400, f"Unsupported parameter: '{param}' with this model.", param, "unsupported_parameter")
    if effort is not None and effort not in EFFORTS:
        raise wrong(param, f"one of {', '.join(EFFORTS)}")
    if not 0 <= body.get("temperature", 1) <= 2:
        raise wrong("temperature", "a number from 0 to 2")
    if asked.reasons and effort != "none" and body.get("temperature", 1) != 1:
        text = "Unsupported value: 'temperature' is taken only with reasoning effort 'none' by this model."
        raise Refused(400, text, "temperature", "unsupported_value")


def chat(body: Body) -> Model:
    """A Chat Completions request. Raises Refused."""
    names(body, CHAT)
    asked = model(body, "chat")
    if asked.reasons and "max_tokens" in body:
        text = "Unsupported parameter: 'max_tokens' with this model. Use 'max_completion_tokens' instead."
        raise Refused(400, text, "max_tokens", "unsupported_parameter")
    thinking(body, asked, body.get("reasoning_effort"), "reasoning_effort")
    wordy(asked, body.get("verbosity"), "verbosity")
    limits(body, "max_tokens", "max_completion_tokens")
    if "stream_options" in body and not body.get("stream"):
        raise wrong("stream_options", "'stream' to be true with it")
    if body.get("n", 1) != 1:
        raise wrong("n", "1, this server gives one choice")
    if not body.get("messages"):
        raise missing("messages")
    messages("messages", body["messages"], CHAT_PARTS)
    return asked


def responses(body: Body) -> Model:
    """A Responses request. Raises Refused."""
    names(body, RESPONSES)
    asked = model(body, "chat")
    thinking(body, asked, body.get("reasoning", {}).get("effort"), "reasoning.effort")
    wordy(asked, body.get("text", {}).get("verbosity"), "text.verbosity")
    limits(body, "max_output_tokens", least=LEAST_OUTPUT)
    for index, tool in enumerate(body.get("tools", [])):
        if not isinstance(tool, dict) or tool.get("type") not in TOOLS:
            raise wrong(f"tools[{index}].type", f"one of {', '.join(TOOLS)}")
    if body.get("previous_response_id") is not None and "conversation" in body:
        text = "'previous_response_id' and 'conversation' exclude each other."
        raise Refused(400, text, "previous_response_id", "mutually_exclusive_parameters")
    if not body.get("input"):
        raise missing("input")
    if isinstance(body["input"], list):
        messages("input", body["input"], RESPONSE_PARTS)
        spoken_by(body["input"])
    return asked


def spoken_by(items: list[Any]) -> None:
    """Parts of the input have the types of who said them. Raises Refused."""
    for index, item in enumerate(items):
        kinds = SAID.get(item["role"], ("input_",))
        for number, part in enumerate(item["content"] if isinstance(item.get("content"), list) else []):
            if not part["type"].startswith(kinds):
                raise wrong(f"input[{index}].content[{number}].type", f"a part of the {item['role']}'s")


def wordy(asked: Model, verbosity: str | None, param: str) -> None:
    """Reasoning models take any verbosity, the others the middle one. Raises Refused."""
    allowed = VERBOSITIES if asked.reasons else ("medium",)
    if verbosity is not None and verbosity not in allowed:
        raise wrong(param, f"one of {', '.join(allowed)}")


def limits(body: Body, *params: str, least: int = 1) -> None:
    """Limits on the answer are at least so many tokens. Raises Refused."""
    for param in params:
        if body.get(param, least) < least:
            raise Refused(400, f"Invalid '{param}': integer below minimum value.", param, "integer_below_min_value")


def messages(param: str, items: list[Any], parts: dict[str, str]) -> None:
    """Each message has a known role and a text or known parts as content. Raises Refused."""
    for index, item in enumerate(items):
        here = f"{param}[{index}]"
        if not isinstance(item, dict) or item.get("role") not in ROLES:
            raise wrong(f"{here}.role", f"one of {', '.join(ROLES)}")
        content = item.get("content")
        if isinstance(content, str) or (content is None and item["role"] == "assistant"):
            continue
        if not isinstance(content, list) or not content:
            raise wrong(f"{here}.content", "a string or a list of parts")
        for number, part in enumerate(content):
            if not isinstance(part, dict) or part.get("type") not in parts:
                raise wrong(f"{here}.content[{number}].type", f"one of {', '.join(parts)}")
            needed = parts[part["type"]]
            if needed and needed not in part:
                raise missing(f"{here}.content[{number}].{needed}")
