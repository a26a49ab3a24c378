"""Drawn pictures in place of generated ones: https://platform.openai.com/docs/api-reference/images."""

import asyncio
import base64
import io
import re
import time

from aiohttp import web
from PIL import Image, UnidentifiedImageError

from . import checks, tokens
from .canvas import draw
from .door import Call, before
from .refusals import Refused, missing, wrong
from .stream import whole

LONGEST_PROMPT = 32_000  # characters
MOST = 10  # pictures a request
WIDEST = 3_840  # pixels
A_PICTURE = 1_000  # output tokens, a round number
SEEN = 100  # input tokens of a picture to be changed


async def generate(call: Call) -> web.StreamResponse:
    """`POST /v1/images/generations`."""
    return await drawn(call)


async def edit(call: Call) -> web.StreamResponse:
    """`POST /v1/images/edits`: the same, after a look whether real pictures were sent."""
    pictures = [upload for upload in call.files if upload.field in ("image", "image[]")]
    if not pictures:
        raise missing("image")
    for picture in pictures:
        try:
            Image.open(io.BytesIO(picture.data)).verify()
        except (UnidentifiedImageError, OSError, SyntaxError):
            raise Refused(400, "Invalid image file or mode.", "image", "invalid_image_file") from None
    return await drawn(call, len(pictures))


async def drawn(call: Call, inputs: int = 0) -> web.StreamResponse:
    """The drawn picture as base64 with its usage; refusals as the script says."""
    body = call.body
    checks.names(body, checks.IMAGES)
    checks.model(body, "picture")
    if not 0 < len(body.get("prompt", "")) <= LONGEST_PROMPT:
        raise wrong("prompt", f"1 to {LONGEST_PROMPT} characters") if "prompt" in body else missing("prompt")
    width, height = size(body.get("size", "auto"))
    number = str(body.get("n", 1))
    if not number.isdecimal() or not 1 <= int(number) <= MOST:
        raise wrong("n", f"1 to {MOST}")
    call.choose(body["prompt"])
    await before(call)
    png = await call.alive(asyncio.to_thread(draw, body["prompt"], width, height))
    words, seen = tokens.in_text(body["prompt"]), inputs * SEEN
    made = A_PICTURE * int(number)
    usage = {"input_tokens": words + seen, "output_tokens": made, "total_tokens": words + seen + made}
    details = {"input_tokens_details": {"text_tokens": words, "image_tokens": seen}}
    answer = {"created": int(time.time()), "size": f"{width}x{height}", "quality": "medium", "output_format": "png"}
    data = [] if call.reply.get("fault", {}).get("kind") == "empty" else [{"b64_json": base64.b64encode(png).decode()}]
    return await whole(call, answer | {"background": "opaque", "data": data * int(number), "usage": usage | details})


def size(asked: str) -> tuple[int, int]:
    """Width and height in pixels: multiples of 16, at most 3840 long and three times as long as wide."""
    found = re.fullmatch(r"(\d{2,4})x(\d{2,4})", asked.replace("auto", "1024x1024"))
    if not found:
        raise wrong("size", "auto or WIDTHxHEIGHT")
    width, height = int(found[1]), int(found[2])
    if width % 16 or height % 16 or max(width, height) > min(WIDEST, 3 * min(width, height)):
        raise wrong("size", "multiples of 16, a side of at most 3840, a ratio from 1:3 to 3:1")
    return width, height
