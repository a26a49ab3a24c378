"""What OpenAI answers instead of an answer: https://platform.openai.com/docs/guides/error-codes."""

from typing import Any

USUAL: dict[int, tuple[str, str | None, str]] = {
    400: ("invalid_request_error", None, "The request was refused."),
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    403: ("invalid_request_error", "unsupported_country_region_territory", "Country or region not supported."),
    404: ("invalid_request_error", "model_not_found", "The model does not exist or you do not have access to it."),
    408: ("server_error", None, "The request took too long."),
    409: ("conflict_error", None, "The resource is being changed by another request."),
    429: ("requests", "rate_limit_exceeded", "Rate limit reached. Please try again later."),
    500: ("server_error", None, "The server had an error while processing your request."),
    503: ("server_error", None, "The engine is currently overloaded. Please try again later."),
}


class Refused(Exception):
    """Ends a request with an HTTP status and OpenAI's error body; `retry_after` is in seconds."""

    def __init__(
        self,
        status: int,
        message: str | None = None,
        param: str | None = None,
        code: str | None = None,
        kind: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        usual_kind, usual_code, usual_message = USUAL.get(status, USUAL[500])
        if message is not None and code is None:
            usual_code = None
        self.status = status
        self.headers = {} if retry_after is None else {"retry-after": f"{retry_after:g}"}
        self.error: dict[str, Any] = {
            "message": message or usual_message,
            "type": kind or usual_kind,
            "param": param,
            "code": code or usual_code,
        }
        super().__init__(self.error["message"])


def missing(param: str) -> Refused:
    """A required parameter is not there."""
    return Refused(400, f"Missing required parameter: '{param}'.", param, "missing_required_parameter")


def wrong(param: str, expected: str) -> Refused:
    """A parameter has a type or a value that can't be taken."""
    return Refused(400, f"Invalid value for '{param}': expected {expected}.", param, "invalid_value")


def no_model(name: object) -> Refused:
    """No such model, or one of another subject."""
    text = f"The model `{name}` does not exist or you do not have access to it."
    return Refused(404, text, None, "model_not_found")


def bad_key(key: str) -> Refused:
    """An unknown key; the middle of it is starred, its ends are shown, as OpenAI shows them."""
    starred = f"{key[:3]}{'*' * max(3, len(key) - 7)}{key[-4:]}"
    return Refused(401, f"Incorrect API key provided: {starred}.", None, "invalid_api_key")
