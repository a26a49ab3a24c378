"""One call of a Bot API method: its parameters read the way Telegram reads them, from whatever body they came in."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import orjson

from sandbox.refusal import bad_request

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with the call."""

    name: str
    mime_type: str
    data: bytes


@dataclass(slots=True)
class Call:
    """Parameters as they came (text from forms, typed values from JSON) and uploads by field name."""

    method: str
    params: Json
    uploads: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A text, empty when absent; numbers become their digits."""
        value = self.params.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value)

    def whole(self, name: str, default: int = 0) -> int:
        """A whole number; what cannot be read as one counts as absent, as at Telegram."""
        value = self.params.get(name)
        try:
            return default if value is None or value == "" else int(value)
        except (TypeError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        """A truth value: true, True, "true", "True", "yes", "1" and 1 are true."""
        return str(self.params.get(name, "")).lower() in {"true", "yes", "1"}

    def json(self, name: str, kind: type[list[Any]] | type[Json], subject: str | None = None) -> Any:
        """A JSON-serialized list or object, empty when absent; `subject` is what Telegram calls it in its refusal."""
        value = self.params.get(name)
        if value is None or value == "":
            return kind()
        if isinstance(value, str):
            try:
                value = orjson.loads(value)
            except ValueError:
                raise bad_request(f"can't parse {subject or name} JSON object") from None
        if value is None:
            return kind()
        if not isinstance(value, kind):
            raise bad_request(f"{'object' if kind is dict else 'array'} expected as {subject or name}")
        return value

    def required(self, name: str) -> str:
        """A text that must not be empty."""
        if not (value := self.text(name)):
            raise bad_request(f'parameter "{name}" is required')
        return value
