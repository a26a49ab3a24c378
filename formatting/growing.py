"""A growing text as one message, cheap enough to be asked for once a second: only its end is read."""

from formatting.cut import Part
from formatting.markdown import parts
from formatting.source import open_fence

SHOWN = 3_600  # characters of Markdown at most: with a reopened fence and a few emoji they still fit into one message
STEP = 900  # the text is not pushed up at every beat, but by so many characters now and then


def growing(markdown: str) -> Part:
    """The text, or when it is too long for a message its end, from a block's beginning on; empty for a blank text."""
    cut = parts(_end(markdown))
    return cut[-1] if cut else Part("", [])


def _end(markdown: str) -> str:
    if len(markdown) <= SHOWN:
        return markdown
    least = -(-(len(markdown) - SHOWN) // STEP) * STEP
    fence = open_fence(markdown[:least])
    start = least
    for separator in ("\n",) if fence else ("\n\n", "\n", " "):
        found = markdown.find(separator, least, least + STEP)
        if found != -1:
            start = found + len(separator)
            break
    fence = open_fence(markdown[:start])
    return f"…\n\n{fence}{markdown[start:]}"
