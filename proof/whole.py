"""What it means that an output was delivered whole: seen once, in order, in messages that Telegram takes."""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from proof.nasty import Output
from proof.trial import Wrong, must

LONGEST_TEXT, LONGEST_RICH = 4_096, 32_768  # UTF-16 units of a message
# Signs that may stand for structure: bullets, boxes, rules, pictures, and any of ASCII but letters and digits.
_SIGNS = frozenset("•☐✅—🖼…" + "".join(chr(code) for code in range(33, 127) if not chr(code).isalnum()))


class Message(NamedTuple):
    """A delivered message: its words, and those of them that are code."""

    text: str
    code: Sequence[str]
    longest: int = LONGEST_TEXT


def seen(text: str) -> str:
    """What leaves ink, variants of a letter (², ₁) as the letter; no blanks, marks, directions."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(
        sign for sign in plain if unicodedata.category(sign)[0] not in "CMZ" and sign not in "\u2800\u3164\u1160⁄"
    )


def check(output: Output, messages: Sequence[Message]) -> None:
    """Raise Wrong when something of an output is lost, twice, out of order, torn, or sent as nothing."""
    for message in messages:
        length = len(message.text.encode("utf-16-le", "surrogatepass")) // 2
        must(0 < length <= message.longest, f"a message of {length} units")
        must(seen(message.text), "a message of nothing")
        must(not is_torn(message.text), f"begins in the middle of a sign: {message.text[:8]!a}")
    delivered = "".join(seen(message.text) for message in messages)
    _in_order(seen(output.shown), delivered, output.exact)
    lines = [line for message in messages for code in message.code for line in code.splitlines() if line.strip()]
    # Telegram makes one space of a tab: four say what it says.
    _code_in_order(
        [line.rstrip().replace("\t", "    ") for line in output.code if line.strip()], [line.rstrip() for line in lines]
    )


def _in_order(shown: str, delivered: str, exact: bool) -> None:
    """Every sign of `shown` in `delivered`, between them nothing but signs of structure."""
    if not exact:
        shown, delivered = ("".join(filter(is_of_a_word, text)) for text in (shown, delivered))
    place = 0
    for number, sign in enumerate(delivered):
        if place < len(shown) and sign == shown[place]:
            place += 1
        elif sign not in _SIGNS:
            near = delivered[max(0, number - 30) : number + 10]
            raise Wrong(f"{sign!a} where {shown[place : place + 10]!a} should come, in {near!a}")
    must(place == len(shown), f"lost from {shown[place : place + 20]!a} on, {len(shown) - place} signs")


def is_of_a_word(sign: str) -> bool:
    """Letters, digits, emoji."""
    return sign not in _SIGNS and (sign.isalnum() or unicodedata.category(sign) == "So")


def _code_in_order(expected: Sequence[str], lines: Sequence[str]) -> None:
    found = iter(lines)
    for line in expected:
        must(any(each == line for each in found), f"this line of code is not whole: {line!a}")


def is_torn(text: str) -> bool:
    """Whether a message begins with what belongs to the sign before it."""
    first = text[:1]
    return first in "\u200d" or unicodedata.category(first)[0] == "M" or "\U0001f3fb" <= first <= "\U0001f3ff"
