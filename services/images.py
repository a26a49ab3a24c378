"""Pictures drawn from a description, on other pictures if some are given, as bytes; no address of one is asked for."""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any, Literal, NamedTuple

import httpx2
import openai

from services import wire
from services.models import events
from services.pictures import Picture
from services.provider import CONNECT_SECONDS, ModelError, decoded, failures, kind_of, twice

SILENCE_SECONDS = 200.0  # nothing comes until a picture is whole, which may take two minutes
TOTAL_SECONDS = 300.0  # the longest drawing; enforced by whoever watches the `wire.Call`
LARGEST_COUNT = 10**9  # tokens of one picture; a provider that counts more is not believed
LARGEST_ANSWER = 2**27  # bytes; the largest picture there is takes a tenth, and comes a few times at most
# Shown while a picture is on its way: each takes 100 tokens. https://platform.openai.com/docs/guides/image-generation
UNFINISHED = 2

Shape = Literal["square", "vertical", "horizontal"]
# Width and height in pixels. https://platform.openai.com/docs/guides/image-generation
SIZES: dict[Shape, str] = {"square": "1024x1024", "vertical": "1024x1536", "horizontal": "1536x1024"}
SQUARISH = 1.2  # a picture whose sides differ by less is drawn on as a square

# What a provider may refuse, and what is left out then: not every model takes a stream, each size, a quality.
CHOICES = (("stream", "partial_images"), ("size", "quality"), ("response_format",))
# These give base64 without being asked, and refuse to be asked; others would give an address.
_ALWAYS_BASE64 = re.compile(r"^(chat)?gpt-image")
_KINDS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"RIFF": "webp"}  # how their files begin → their names end


class NoEditing(Exception):
    """The model, or its server, only draws anew."""


class Drawn(NamedTuple):
    """A drawn picture; `ending` is its file name's, the tokens are the provider's count (0: it did not say)."""

    content: bytes
    ending: str
    tokens_in: int = 0
    tokens_out: int = 0


class Painter:
    """The model that draws, and what it refused since the start; safe to call from many threads."""

    def __init__(self, client: openai.OpenAI, model: str, quality: str | None = None, streaming: bool = True) -> None:
        self.model, self.quality = model, quality
        self._client, self._streaming = client, streaming
        self._refused: set[str] = set()  # of CHOICES, by the call they are refused in

    def draw(
        self,
        prompt: str,
        shape: Shape,
        call: wire.Call,
        given: Sequence[Picture] = (),
        grown: Callable[[bytes], None] = lambda _: None,
    ) -> Drawn:
        """Draw one picture, on those `given`; `grown` is told of it while it is on its way.

        Raises `ModelError`, of kind "filtered" when that will not be drawn; NoEditing; `wire.CutError` when cut.

        https://platform.openai.com/docs/api-reference/images
        """
        subject, doubtful, shown = "edit" if given else "generate", list[str](), list[bytes]()

        def show(part: bytes) -> None:
            shown[:] = [part]
            grown(part)

        with failures(), call.running():
            while True:
                choices = self._choices(subject, shape, doubtful)
                try:
                    drawn = twice(call, partial(self._ask, prompt, given, choices, show), lambda: bool(shown))
                except openai.APIStatusError as error:
                    _can_edit(error, subject)
                    self._leave_out(error, subject, choices, doubtful)
                    continue
                self._refused.update(doubtful)
                return drawn

    def _choices(self, subject: str, shape: Shape, doubtful: list[str]) -> dict[str, Any]:
        """What a request says beside what is to be drawn."""
        wanted = {
            "stream": self._streaming or None,
            "partial_images": UNFINISHED if self._streaming else None,
            "size": SIZES[shape],
            "quality": self.quality,
            "response_format": None if _ALWAYS_BASE64.match(self.model) else "b64_json",
        }
        left_out = self._refused.union(doubtful)
        return {name: value for name, value in wanted.items() if value and f"{subject} {name}" not in left_out}

    def _leave_out(
        self, error: openai.APIStatusError, subject: str, choices: dict[str, Any], doubtful: list[str]
    ) -> None:
        """Note what the next try does without; raises the refusal again where that would not help.

        One that names no parameter is believed to be about the next of them only when the try without it succeeds.
        """
        if error.status_code not in (400, 422) or kind_of(error.code):
            raise error
        said = {name for name in choices if error.param == name or re.search(rf"\b{name}\b", error.message)}
        named = next((group for group in CHOICES if said.intersection(group)), None)
        group = named or next((group for group in CHOICES[:2] if choices.keys() & {*group}), None)
        if group is None:
            raise error
        refused = [f"{subject} {name}" for name in group]
        doubtful.extend(refused)
        if named:
            self._refused.update(refused)

    def _ask(
        self, prompt: str, given: Sequence[Picture], choices: dict[str, Any], grown: Callable[[bytes], object]
    ) -> Drawn:
        asked: dict[str, Any] = {"prompt": prompt, "model": self.model, **choices}
        asked["timeout"] = httpx2.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
        images = self._client.images.with_streaming_response
        files = [(f"{number}.{each.mime_type[6:]}", each.content, each.mime_type) for number, each in enumerate(given)]
        sent = images.edit(image=files if files[1:] else files[0], **asked) if files else images.generate(n=1, **asked)
        with sent as response:
            return _read(_bounded(response.iter_bytes()), grown)


def shape_of(picture: Picture) -> Shape:
    """The shape that comes next to that of a picture."""
    if max(picture.width, picture.height) < SQUARISH * min(picture.width, picture.height):
        return "square"
    return "vertical" if picture.height > picture.width else "horizontal"


def _can_edit(error: openai.APIStatusError, subject: str) -> None:
    """Some models only draw, and some servers have no such address: raises NoEditing."""
    nowhere = error.status_code in (404, 405, 501) and kind_of(error.code) is None
    if subject == "edit" and (nowhere or (error.status_code == 400 and error.param == "model")):
        raise NoEditing(error.message[:300]) from error


def _bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST_ANSWER:
            raise ModelError("broken", "too much for a picture")
        yield chunk


def _read(chunks: Iterator[bytes], grown: Callable[[bytes], object]) -> Drawn:
    """The picture in an answer: one of a stream's events, or all there is where the server knows no streams."""
    first = next(chunks, b"")
    if first.lstrip().startswith(b"{"):
        return _picture(decoded(b"".join([first, *chunks])))
    for event in events(chain([first], chunks)):
        kind = str(event.get("type"))
        if event.get("error") or kind == "error":
            error = event.get("error")
            code = (error if isinstance(error, dict) else event).get("code")
            raise ModelError(kind_of(code) or "broken", str(error or event)[:300])
        if kind.endswith(".partial_image"):
            grown(_bytes(event))
        elif kind.endswith(".completed"):
            return _picture({"data": [event], "usage": event.get("usage")})
    raise ModelError("empty", "a stream without a picture")


def _picture(answer: dict[str, Any]) -> Drawn:
    drawn = answer.get("data") or []
    if not drawn:
        raise ModelError("empty", "no picture")
    content = _bytes(drawn[0])
    ending = next((kind for start, kind in _KINDS.items() if content.startswith(start)), "")
    if not ending:
        raise ModelError("broken", "not a picture")
    usage = answer.get("usage") or {}
    return Drawn(content, ending, _count(usage.get("input_tokens")), _count(usage.get("output_tokens")))


def _bytes(said: dict[str, Any]) -> bytes:
    try:
        return base64.b64decode(said.get("b64_json") or "", validate=True)
    except binascii.Error as error:
        raise ModelError("broken", repr(error)) from error


def _count(tokens: object) -> int:
    return tokens if isinstance(tokens, int) and 0 <= tokens <= LARGEST_COUNT else 0
