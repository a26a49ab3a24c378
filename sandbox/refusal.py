"""How Telegram says no: an error code with Telegram's own words."""

from __future__ import annotations

from typing import Any, Final

TERMINATED: Final = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
NOT_MODIFIED: Final = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


class Refusal(Exception):
    """The answer `{"ok": false}` to a bot; `parameters` may carry `retry_after` (seconds) or `migrate_to_chat_id`."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def answer(self) -> dict[str, Any]:
        """The JSON body, as the Bot API shapes it."""
        body: dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(words: str) -> Refusal:
    """A 400 with Telegram's usual prefix."""
    return Refusal(400, f"Bad Request: {words}")


def too_many_requests(seconds: int) -> Refusal:
    """A 429 that names the pause in seconds twice, in words and in `parameters`, as Telegram does."""
    return Refusal(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


class PeopleError(Exception):
    """The people's side asked for something that cannot be done; answered as HTTP 400 `{"error": ...}`."""
