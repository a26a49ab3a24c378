"""Pictures: one drawn from a description, as bytes; the provider is never asked for an address of one."""

import base64
import binascii
import re
from functools import partial
from typing import Any, Literal, NamedTuple

import httpx2
import openai

from services import wire
from services.provider import CONNECT_SECONDS, ModelError, decoded, failures, twice

SILENCE_SECONDS = 200.0  # nothing comes until a picture is whole, which may take two minutes
TOTAL_SECONDS = 300.0  # the longest drawing; enforced by whoever watches the `wire.Call`
LARGEST_COUNT = 10**9  # tokens of one picture; a provider that counts more is not believed

Shape = Literal["square", "vertical", "horizontal"]
# Width and height in pixels. https://platform.openai.com/docs/guides/image-generation
SIZES: dict[Shape, str] = {"square": "1024x1024", "vertical": "1024x1536", "horizontal": "1536x1024"}

# These give base64 without being asked, and refuse to be asked; others would give an address.
_ALWAYS_BASE64 = re.compile(r"^(chat)?gpt-image")
_KINDS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"RIFF": "webp"}  # how their files begin → their names end


class Picture(NamedTuple):
    """A drawn picture; `ending` is its file name's, the tokens are the provider's count (0: it did not say)."""

    content: bytes
    ending: str
    tokens_in: int = 0
    tokens_out: int = 0


def draw(client: openai.OpenAI, prompt: str, model: str, shape: Shape, call: wire.Call) -> Picture:
    """Draw one picture; raises `ModelError`, or `wire.CutError` when cut.

    A refusal of what is to be drawn is of kind "filtered". https://platform.openai.com/docs/api-reference/images
    """
    send = partial(
        client.images.with_raw_response.generate,
        prompt=prompt,
        model=model,
        size=SIZES[shape],
        n=1,
        response_format=openai.omit if _ALWAYS_BASE64.match(model) else "b64_json",
        timeout=httpx2.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS),
    )
    with failures(), call.running():
        return _picture(decoded(twice(call, send).content))


def _picture(answer: dict[str, Any]) -> Picture:
    drawn = answer.get("data") or []
    if not drawn:
        raise ModelError("empty", "no picture")
    try:
        content = base64.b64decode(drawn[0].get("b64_json") or "", validate=True)
    except binascii.Error as error:
        raise ModelError("broken", repr(error)) from error
    ending = next((kind for start, kind in _KINDS.items() if content.startswith(start)), "")
    if not ending:
        raise ModelError("broken", "not a picture")
    usage = answer.get("usage") or {}
    return Picture(content, ending, _count(usage.get("input_tokens")), _count(usage.get("output_tokens")))


def _count(tokens: object) -> int:
    return tokens if isinstance(tokens, int) and 0 <= tokens <= LARGEST_COUNT else 0
