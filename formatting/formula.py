"""Formulas where only text can be shown."""

import re
import unicodedata
from collections import Counter
from typing import Any

from telegramify_markdown.latex_escape.helper import LatexToUnicodeHelper

_HELPER: Any = LatexToUnicodeHelper()
_COMMAND = re.compile(r"\\(?:begin|end)\{\w+\*?\}|\\[a-zA-Z]+|\\.")


def readable(latex: str) -> str:
    """A formula in Unicode signs; its source where a letter or digit would be lost, or a command is not known."""
    words = " ".join(str(_HELPER.convert(latex)).strip().split(" "))
    kept = not (_letters(_COMMAND.sub(" ", latex)) - _letters(words))
    return words if words and kept and "\\" not in words else latex.strip()


def _letters(text: str) -> Counter[str]:
    return Counter(sign for sign in unicodedata.normalize("NFKC", text) if sign.isalnum())
