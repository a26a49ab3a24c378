"""What is read in a process of its own, because its sender may be nobody's friend: pictures and documents.

The parent's side is `services.child`; here is what both sides know, so it imports next to nothing.
"""

from typing import Literal, get_args

Kind = Literal["unreadable", "too_large", "encrypted", "unknown"]
CODES: dict[Kind, int] = {kind: 10 + place for place, kind in enumerate(get_args(Kind))}  # exit codes of the child


class ChildError(Exception):
    """What is wrong with a file: a limit of time, memory or output is "too_large"."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(kind)
        self.kind = kind
