"""Troubles on demand: the next calls of a method fail the way the network or Telegram can fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sandbox.refusal import PeopleError, Refusal, too_many_requests

KINDS: Final = frozenset(
    {"429", "500", "502", "409", "403", "400", "reset", "stall", "garbage", "html", "slow", "drip"}
)
_WORDS: Final = {
    "500": "Internal Server Error",
    "502": "Bad Gateway",
    "409": "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    "403": "Forbidden: bot was blocked by the user",
    "400": "Bad Request: can't parse entities: unsupported start tag",
}


@dataclass(slots=True)
class Fault:
    """Skip `after` matching calls, then spoil `times` of them (None: all); `done`: the method still does its work."""

    id: int
    method: str
    kind: str
    chat_id: str | None = None
    times: int | None = 1
    after: int = 0
    retry_after: int = 1
    seconds: float = 60.0
    description: str | None = None
    done: bool = False

    def refusal(self) -> Refusal | None:
        """The JSON refusal of this fault, for the kinds that are one."""
        if self.kind == "429":
            return too_many_requests(self.retry_after)
        return Refusal(int(self.kind), self.description or _WORDS[self.kind]) if self.kind.isdigit() else None


class Faults:
    """The faults of one world, tried in the order they were made."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._made = 0

    def add(self, spec: dict[str, Any]) -> int:
        """Make a fault from its JSON description and say its id."""
        self._made += 1
        spec = {**spec, "kind": str(spec.get("kind")), "method": str(spec.get("method", "*"))}
        if spec["kind"] not in KINDS:
            raise PeopleError(f"kind must be one of {', '.join(sorted(KINDS))}")
        if spec.get("chat_id") is not None:
            spec["chat_id"] = str(spec["chat_id"])
        try:
            self._faults.append(Fault(self._made, **spec))
        except TypeError as error:
            raise PeopleError(str(error)) from None
        return self._made

    def clear(self) -> None:
        """From now on nothing fails."""
        self._faults.clear()

    def take(self, method: str, chat_id: str | None) -> Fault | None:
        """The fault that meets this call, counted as used; `method` in any case of letters."""
        for fault in self._faults:
            if fault.method not in ("*",) and fault.method.lower() != method.lower():
                continue
            if fault.chat_id not in (None, chat_id):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
            return fault
        return None
