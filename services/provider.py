"""The provider's door, the same for words, sounds and pictures: one client, its failures, when a call is sent again."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal, TypeVar

import httpx2
import openai
import orjson

from services import wire

CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 60.0  # the longest gap between two bytes; afterwards the call counts as stalled
# A call that fails before its first byte is sent once more, after the pause its refusal asks for if that is short.
RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.5, 5.0

Failure = Literal[
    "auth",
    "quota",
    "busy",
    "stalled",
    "network",
    "too_long",
    "filtered",
    "no_model",
    "no_file",
    "unseen",
    "broken",
    "empty",
    "thought_too_long",
]
T = TypeVar("T")

# How a provider says that it does not keep a file (any more).
_NO_FILE = re.compile(
    r"no such file|no file found|file[ _]not[ _]found|file .{0,80}(not found|does not exist|expired)", re.I
)

# https://platform.openai.com/docs/api-reference/responses/object#responses/object-error
FILTERED = (
    "content_filter", "content_policy_violation", "moderation_blocked", "invalid_prompt", "bio_policy",
    "image_content_policy_violation",
)  # fmt: skip
NONSENSE = (ValueError, LookupError, AttributeError, TypeError, RecursionError)  # raised by reading what makes none
LONGEST_REFUSAL, REFUSAL_SECONDS = 65_536, 5.0  # bytes that are read of one, and for how long
MOST_CALLS = 3  # of a provider for one answer, whatever happens


class ModelError(Exception):
    """A model gave nothing whole; `kind` says why in our own words, the provider's text goes to the log only."""

    def __init__(self, kind: Failure, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind = kind


def http(proxy: str | None = None) -> httpx2.Client:
    """A pool of connections whose calls another thread can cut."""
    timeout = httpx2.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS)
    return wire.client(timeout=timeout, connections=1000, proxy=proxy)


def client(base_url: str, key: str, http: httpx2.Client) -> openai.OpenAI:
    """The SDK over such a pool; it tries nothing twice by itself. A query in the address goes along with each call."""
    address = httpx2.URL(base_url)
    return openai.OpenAI(
        api_key=key,
        base_url=address.copy_with(query=None, fragment=None),
        default_query=dict(address.params),
        max_retries=0,
        http_client=http,
    )


def twice(call: wire.Call, send: Callable[[], T], begun: Callable[[], bool] = lambda: False) -> T:
    """Send, and unless the answer has `begun` once more if it may help; not by the SDK, whose pauses no Stop ends."""
    call.sent += 1
    try:
        return send()
    except (openai.APIConnectionError, openai.APIStatusError, httpx2.TransportError) as error:
        pause = _pause(error)
        if pause is None or begun() or call.sent >= MOST_CALLS:
            raise
    call.pause(pause)
    call.sent += 1
    return send()


def _pause(error: Exception) -> float | None:
    """Seconds before the call may be tried again; None when that is far off or would not help."""
    if any(isinstance(each, httpx2.ReadTimeout) for each in (error, error.__cause__)):  # silent for long, people wait
        return None
    if not isinstance(error, openai.APIStatusError):
        return RETRY_SECONDS
    if _status(error) not in ("busy", "stalled"):
        return None
    try:
        asked = float(error.response.headers.get("retry-after", RETRY_SECONDS))
    except ValueError:  # a date
        return None
    return asked if 0 <= asked <= LONGEST_RETRY_SECONDS else None


def decoded(data: bytes) -> dict[str, Any]:
    """An object of the provider; half characters and torn ones, which the fast decoder refuses, become U+FFFD."""
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        halves = json.dumps(json.loads(data.decode("utf-8", "replace")), ensure_ascii=False)
        found = json.loads(halves.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    return found if isinstance(found, dict) else {}


@contextmanager
def failures() -> Iterator[None]:
    """Turn what the SDK and the wire raise into `ModelError`."""
    try:
        yield
    except openai.APITimeoutError as error:
        raise ModelError("stalled", str(error)) from error
    except openai.APIStatusError as error:
        raise ModelError(_status(error), f"{error.status_code} {error.message[:300]}") from error
    except httpx2.TimeoutException as error:
        raise ModelError("stalled", str(error)) from error
    except (openai.APIConnectionError, httpx2.TransportError) as error:
        raise ModelError("network", repr(error)) from error
    except (openai.OpenAIError, httpx2.HTTPError, httpx2.InvalidURL, *NONSENSE) as error:
        raise ModelError("broken", repr(error)[:300]) from error


def refusal(response: httpx2.Response) -> openai.APIStatusError:
    """A refusal as the SDK raises it; its status counts, whatever becomes of its words."""
    said, until = b"", time.monotonic() + REFUSAL_SECONDS
    with suppress(httpx2.HTTPError):
        for piece in response.iter_bytes():
            said += piece
            if len(said) > LONGEST_REFUSAL or time.monotonic() > until:
                break
    body: dict[str, Any] = {}
    with suppress(ValueError, RecursionError):
        body = decoded(said)
    words = said.decode("utf-8", "replace")
    return openai.APIStatusError(f"{response.status_code} {words}", response=response, body=body.get("error", body))


def _status(error: openai.APIStatusError) -> Failure:
    """Our word for a refusal of the provider. https://platform.openai.com/docs/guides/error-codes"""
    by_status: dict[int, Failure] = {
        401: "auth",
        402: "quota",
        403: "auth",
        404: "no_model",
        408: "stalled",
        409: "busy",
        429: "busy",
    }
    if error.status_code in (400, 404) and _NO_FILE.search(f"{error.code} {error.message}"):
        return "no_file"
    known = kind_of(error.code) or by_status.get(error.status_code)
    return known or ("busy" if error.status_code >= 500 else "broken")


def kind_of(code: object) -> Failure | None:
    """Our word for a code of a refusal or of a stream's error, None for one that says less than the HTTP status."""
    if code in ("insufficient_quota", "billing_hard_limit_reached"):  # the second when pictures are asked for
        return "quota"
    if code == "model_not_found":
        return "no_model"
    if code in ("context_length_exceeded", "string_above_max_length"):
        return "too_long"
    if code in FILTERED:
        return "filtered"
    return "busy" if code == "rate_limit_exceeded" else None
