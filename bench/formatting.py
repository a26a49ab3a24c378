"""What becomes of R16's outputs on their way to Telegram: our way beside those of three kinds of bots.

`python -m bench.formatting` sends nothing: the sandbox's strict reader of texts and entities judges each message.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Any, NamedTuple

from formatting import growing, parts, whole_characters
from proof.nasty import Output, made
from proof.whole import is_of_a_word, is_torn, seen
from sandbox.refusal import Refusal
from sandbox.text import LONGEST_TEXT, formatted, units

OUTPUTS = 500
SIZES = (500, 4_000, 12_000, 40_000)  # characters
BLOCK = """## A title

Some **bold** words with `code` and a [link](https://example.org/x), и немного слов по-русски 😀.

- one item with *emphasis*
- another
  - in it

```python
def f(x):
    return x < 3
```

> A quote that says something.

"""


class Sending(NamedTuple):
    """One sendMessage."""

    text: str
    entities: Sequence[dict[str, Any]] = ()
    parse_mode: str = ""


Way = Callable[[str], Iterator[Sending]]


def ours(markdown: str) -> Iterator[Sending]:
    """Text and entities, cut between blocks."""
    return (Sending(part.text, part.entities) for part in parts(markdown))


def cut_at_4096(text: str) -> Iterator[str]:
    """Pieces of so many code points, wherever that is."""
    return (text[begin : begin + LONGEST_TEXT] for begin in range(0, len(text), LONGEST_TEXT))


def legacy_markdown(markdown: str) -> Iterator[Sending]:
    """`parse_mode=Markdown` with the model's words as they are."""
    return (Sending(piece, parse_mode="Markdown") for piece in cut_at_4096(markdown))


def html_by_patterns(markdown: str) -> Iterator[Sending]:
    """`parse_mode=HTML`: escaped, then one pattern after another put in the place of Markdown's signs."""
    html = escape(markdown, quote=False)
    for pattern, put in (
        (r"```(\w*)\n(.*?)```", r'<pre><code class="language-\1">\2</code></pre>'),
        (r"`([^`\n]+)`", r"<code>\1</code>"),
        (r"\*\*(.+?)\*\*", r"<b>\1</b>"),
        (r"(?<!\*)\*([^*\n]+)\*", r"<i>\1</i>"),
        (r"~~(.+?)~~", r"<s>\1</s>"),
        (r"\[([^\]]+)\]\((https?://[^)]+)\)", r'<a href="\2">\1</a>'),
        (r"(?m)^#{1,6} (.*)$", r"<b>\1</b>"),
    ):
        html = re.sub(pattern, put, html, flags=re.DOTALL)
    return (Sending(piece, parse_mode="HTML") for piece in cut_at_4096(html))


def plain_words(markdown: str) -> Iterator[Sending]:
    """No formatting at all, cut at 4,096 code points."""
    return (Sending(piece) for piece in cut_at_4096(markdown))


WAYS: dict[str, Way] = {
    "ours: entities, cut between blocks": ours,
    "Markdown as it is": legacy_markdown,
    "HTML by regular expressions": html_by_patterns,
    "plain, cut at 4,096 code points": plain_words,
}


def judged(output: Output, way: Way) -> str:
    """`refused` when one of its messages is, `lost` when something of it is not seen in order or torn, else `whole`.

    More leniently than R16 does: only letters, digits and emoji count, and what a person must read past is let pass.
    """
    texts = []
    for sending in way(whole_characters(output.source)):  # half a character would be refused whatever the way
        try:
            text, _ = formatted(sending.text, list(sending.entities), sending.parse_mode)
        except Refusal:
            return "refused"
        if seen(sending.text) and (not text or units(text) > LONGEST_TEXT):
            return "refused"
        texts.append(text)
    delivered = iter("".join(map(seen, texts)))
    whole = all(sign in delivered for sign in filter(is_of_a_word, seen(output.shown)))
    return "whole" if whole and not any(map(is_torn, texts)) else "lost"


def milliseconds(size: int) -> tuple[float, float]:
    """Processor time of a whole answer of so many characters, and of its growing end."""
    text = (BLOCK * (size // len(BLOCK) + 1))[:size]
    times = max(3, 100_000 // size)
    began = time.process_time()
    for _ in range(times):
        parts(text)
    whole = time.process_time()
    for _ in range(times):
        growing(text)
    return (whole - began) * 1000 / times, (time.process_time() - whole) * 1000 / times


def main() -> None:
    """Print both tables: what becomes of the outputs, and what our way costs."""
    outputs = [made(seed) for seed in range(OUTPUTS)]
    print(f"| {OUTPUTS} outputs | refused | lost or torn | whole |\n|---|---|---|---|")
    for name, way in WAYS.items():
        counted = Counter(judged(output, way) for output in outputs)
        print(f"| {name} | {counted['refused']} | {counted['lost']} | {counted['whole']} |", flush=True)
    print("\n| characters | CPU ms, whole | CPU ms, growing |\n|---|---|---|")
    for size in SIZES:
        print("| {:,} | {:.2f} | {:.2f} |".format(size, *milliseconds(size)))


if __name__ == "__main__":
    main()
