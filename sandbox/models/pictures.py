"""Drawn pictures in place of generated ones: https://platform.openai.com/docs/api-reference/images."""

import asyncio
import base64
import io
import re
import time
from typing import Any, Final, NamedTuple

from aiohttp import web
from PIL import Image, UnidentifiedImageError

from . import checks, tokens
from .canvas import draw, unfinished
from .door import Call, Upload, before
from .refusals import Refused, missing, wrong
from .stream import Script, dump, flow, whole

LONGEST_PROMPT = 32_000  # characters
MOST = 10  # pictures a request
MOST_PARTIAL = 3
MOST_GIVEN, LARGEST_GIVEN, LARGEST_MASK = 16, 50_000_000, 4_000_000  # pictures to be edited, and bytes of each
KINDS: Final = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/webp": "WEBP",
}  # the type a file is sent as → what it is
SUPPORTED = "Supported file formats are 'image/jpeg', 'image/png', and 'image/webp'."
WIDEST = 3_840  # pixels
STANDARD = ((1024, 1024), (1024, 1536), (1536, 1024))
QUALITIES = ("low", "medium", "high", "auto")
A_PICTURE, A_PARTIAL = 1_000, 100  # output tokens, round numbers
SEEN = 100  # input tokens of a picture to be changed
FORBIDDEN = re.compile(r"\bforbidden\b|запрещ[её]нн", re.IGNORECASE)  # what the safety system stumbles over here
BLOCKED = "Your request was rejected by the safety system. safety_violations=[other]."


class Wish(NamedTuple):
    """What is to be drawn: words, size in pixels, on which pictures; checked."""

    prompt: str
    width: int
    height: int
    given: list[Image.Image]
    number: int
    partial: int  # pictures shown before the whole one, in a stream
    looks: dict[str, Any]  # as every answer and event tells them


async def generate(call: Call, pace: float = 0.0) -> web.StreamResponse:
    """`POST /v1/images/generations`; partial pictures come `pace` seconds apart unless the script says otherwise."""
    checks.names(call.body, checks.IMAGES)
    return await drawn(call, "image_generation", [], pace)


async def edit(call: Call, pace: float = 0.0) -> web.StreamResponse:
    """`POST /v1/images/edits`: the same on the pictures that were sent; a mask is checked and passed over."""
    checks.names(call.body, checks.EDITS)
    sent = [upload for upload in call.files if upload.field in ("image", "image[]")]
    if not sent:
        raise missing("image")
    if len(sent) > MOST_GIVEN:
        raise wrong("image", f"at most {MOST_GIVEN} pictures")
    given = [picture(upload, LARGEST_GIVEN) for upload in sent]
    for mask in [upload for upload in call.files if upload.field == "mask"]:
        if mask.kind != "image/png" or picture(mask, LARGEST_MASK).size != given[0].size:
            raise wrong("mask", "a PNG file of the same size as the picture")
    return await drawn(call, "image_edit", given, pace)


def picture(upload: Upload, largest: int) -> Image.Image:
    """A picture that was sent, as what it was sent; refused with 400 when it is none that can be edited."""
    if upload.kind not in KINDS:
        text = f"Invalid file '{upload.field}': unsupported mimetype ('{upload.kind}'). {SUPPORTED}"
        raise Refused(400, text, upload.field, "unsupported_file_mimetype")
    if len(upload.data) >= largest:
        raise Refused(400, f"Invalid file '{upload.field}': too large.", upload.field, "image_too_large")
    try:
        found = Image.open(io.BytesIO(upload.data), formats=[KINDS[upload.kind]])
        found.load()
    except (UnidentifiedImageError, OSError, SyntaxError):
        raise Refused(400, "Invalid image file or mode.", upload.field, "invalid_image_file") from None
    return found


async def drawn(call: Call, subject: str, given: list[Image.Image], pace: float) -> web.StreamResponse:
    """The picture as base64 with its usage, whole or as a stream; refusals as the script says."""
    wish = wished(call.body, given)
    call.choose(wish.prompt)
    await before(call)
    if FORBIDDEN.search(wish.prompt):
        raise Refused(400, BLOCKED, None, "moderation_blocked", "image_generation_user_error")
    png = await call.alive(asyncio.to_thread(draw, wish.prompt, wish.width, wish.height, given))
    if str(call.body.get("stream")).lower() == "true":
        call.reply = {"per_delta": pace, **call.reply}
        await call.alive(asyncio.sleep(pace))
        return await flow(call, await call.alive(asyncio.to_thread(events, call, subject, wish, png)))
    answer = {"created": int(time.time()), **wish.looks, "usage": usage(wish)}
    data = [] if call.reply.get("fault", {}).get("kind") == "empty" else [{"b64_json": coded(png)}]
    return await whole(call, answer | {"data": data * wish.number})


def wished(body: dict[str, Any], given: list[Image.Image]) -> Wish:
    """The parameters of a request, checked; a form has only texts. Raises Refused."""
    checks.model(body, "picture")
    if not 0 < len(body.get("prompt", "")) <= LONGEST_PROMPT:
        raise wrong("prompt", f"1 to {LONGEST_PROMPT} characters") if "prompt" in body else missing("prompt")
    if body.get("quality", "auto") not in QUALITIES:
        raise wrong("quality", f"one of {', '.join(QUALITIES)}")
    width, height = size(body.get("size", "auto"), given)
    number, partial = count(body, "n", 1, MOST, 1), count(body, "partial_images", 0, MOST_PARTIAL, 0)
    quality = body.get("quality", "auto").replace("auto", "medium")
    looks = {"size": f"{width}x{height}", "quality": quality, "output_format": "png", "background": "opaque"}
    return Wish(body["prompt"], width, height, given, number, partial, looks)


def count(body: dict[str, Any], name: str, least: int, most: int, usual: int) -> int:
    """A whole number, or its digits. Raises Refused."""
    digits = str(body.get(name, usual))
    if not digits.isdecimal() or not least <= int(digits) <= most:
        raise wrong(name, f"{least} to {most}")
    return int(digits)


def size(asked: str, given: list[Image.Image]) -> tuple[int, int]:
    """Width and height in pixels: multiples of 16, at most 3840 long and three times as long as wide.

    `auto` is a square, or the standard size that comes next to the first picture given.
    """
    if asked == "auto":
        ratio = given[0].width / given[0].height if given else 1.0
        return min(STANDARD, key=lambda each: abs(each[0] / each[1] - ratio))
    found = re.fullmatch(r"(\d{2,4})x(\d{2,4})", asked)
    if not found:
        raise wrong("size", "auto or WIDTHxHEIGHT")
    width, height = int(found[1]), int(found[2])
    if width % 16 or height % 16 or max(width, height) > min(WIDEST, 3 * min(width, height)):
        raise wrong("size", "multiples of 16, a side of at most 3840, a ratio from 1:3 to 3:1")
    return width, height


def events(call: Call, subject: str, wish: Wish, png: bytes) -> Script:
    """The events of a stream: pictures on their way, then the whole one; with `event_error` the code of the fault."""

    def event(name: str, **more: object) -> bytes:
        body = {"type": name, "created_at": int(time.time()), **wish.looks, **more}
        return f"event: {name}\n".encode() + b"data: " + dump(body) + b"\n\n"

    shown = [unfinished(png, step) for step in range(wish.partial)]
    parts = [event(f"{subject}.partial_image", b64_json=coded(p), partial_image_index=n) for n, p in enumerate(shown)]
    parts.append(event(f"{subject}.completed", b64_json=coded(png), usage=usage(wish)))
    fault = call.reply.get("fault", {})
    refused = Refused(400, fault.get("message", BLOCKED), None, fault.get("code"), "image_generation_user_error")
    error = b"event: error\ndata: " + dump({"type": "error", "error": refused.error}) + b"\n\n"
    return Script(b"", parts[: -1 if fault.get("kind") == "empty" else None], b"", error)


def usage(wish: Wish) -> dict[str, Any]:
    """What the provider counts."""
    words, seen = tokens.in_text(wish.prompt), len(wish.given) * SEEN
    made = A_PICTURE * wish.number + A_PARTIAL * wish.partial
    details = {"text_tokens": words, "image_tokens": seen}
    total = words + seen + made
    return {"input_tokens": words + seen, "output_tokens": made, "total_tokens": total, "input_tokens_details": details}


def coded(png: bytes) -> str:
    """A picture as text."""
    return base64.b64encode(png).decode()
