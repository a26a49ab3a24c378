"""Model outputs as nasty as they come, each made from a seed together with what a reader must see of it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

LONGEST = 40_000  # characters of an output

_WORDS = (
    *(
        "word",
        "Слово",
        "ёлка",
        "naïve",
        "e\u0301te\u0301",
        "日本語",
        "مرحبا",
        "שלום",
        "\u202bעברית\u202c",
        "हिन्दी",
        "ไทยนี้",
    ),
    *("😀", "👩‍👩‍👧‍👦", "🇷🇺🇫🇷🇯🇵", "👍🏽", "❤️", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "a\u200bb", "x\u00a0y", "𝔘𝔫𝔦", "ﷺ", "2.5", "1,000"),
)
_SIGNS = "*_~`|<>&#[]!\\$^={}-+.:/()"
_LANGUAGES = ("", "python", "c++", "diff", "html", "md", "bash")
_CODE = (
    *(
        "def f(x):",
        "    return x < 3 and x > 1  # **not bold**",
        "if (a || b) { return '`'; }",
        '<div class="a">&amp;</div>',
    ),
    *(
        "[x]: http://not.a/link",
        "| a | b |",
        "|---|---|",
        "    \\[ \\frac{a}{b} \\]",
        "\\(x\\)",
        "# no heading",
        "- no item",
    ),
    *("$5 and $6", "~~~~", "> no quote", "\tindented by a tab", "emoji 👩‍👩‍👧‍👦 end", "_x_ * y * z"),
)


# LaTeX, and what must be seen of it as text. A reader of rich messages shows the formula itself.
FORMULAS = {
    "\\frac{a}{b}": "a/b",
    "\\sum_{i=1}^{n} i": "∑i=1ni",
    "\\unknown{abc} + 1": "\\unknown{abc}+1",
    "a < b": "a<b",
    "a \\le b": "a≤b",
    "x^2": "x2",
    "x^2 +\n- y": "x2+-y",
    "x^2 + y_{1}": "x2+y1",
}


@dataclass
class Output:
    """`source` is what the model says; `shown` what must be seen of it, `code` the lines of its code blocks."""

    seed: int
    source: str = ""
    shown: str = ""
    code: list[str] = field(default_factory=list)
    exact: bool = True  # or else only words are told from signs: what the signs mean is anybody's guess


def made(seed: int) -> Output:
    """The output of this seed: always the same."""
    dice = random.Random(seed)
    output = Output(seed)
    if seed % 25 == 0:
        return _whole(output, _EXTREMES[seed // 25 % len(_EXTREMES)](dice))
    if seed % 5 == 0:
        return _soup(output, dice)
    size = round(10 ** dice.uniform(0, 4.6))
    while len(output.source) < size:
        source, shown = dice.choice(_BLOCKS)(dice, output)
        output.source += source + "\n\n"
        output.shown += shown
    if dice.random() < 0.2:
        source, shown = _fence(dice, output, closed=False)
        output.source, output.shown = output.source + source, output.shown + shown
    return output


def _whole(output: Output, made: tuple[str, str]) -> Output:
    output.source, output.shown = made[0][:LONGEST], made[1]
    return output


def _soup(output: Output, dice: random.Random) -> Output:
    """Numbered words among signs that mean what they happen to mean."""
    output.exact = False
    size = round(10 ** dice.uniform(0.5, 4.5))
    number = 0
    while len(output.source) < size:
        number += 1
        signs = "".join(dice.choice(_SIGNS) for _ in range(dice.randint(1, 4)))
        gap = dice.choice(("", "", " ", " ", "\n", "\n\n", "\n    ", "\n> ", "\n- "))
        word = f"q{number}z{dice.choice(('', '', 'ж', '😀', '日'))}"
        output.source += f"{signs}{word}" + gap
        output.shown += word
    return output


# -- pieces of a line: what is written, what is seen


def _plain(dice: random.Random) -> tuple[str, str]:
    word = dice.choice(_WORDS)
    return word, word


def _pieces(dice: random.Random, most: int = 12) -> tuple[str, str]:
    """Several pieces with spaces between them."""
    made = [_plain(dice), *(dice.choice(_INLINE)(dice) for _ in range(dice.randint(0, most)))]
    return " ".join(source for source, _ in made), "".join(shown for _, shown in made)


def _styled(sign: str) -> Callable[[random.Random], tuple[str, str]]:
    def piece(dice: random.Random) -> tuple[str, str]:
        source, shown = _plain(dice)
        return f"{sign}b{source}e{sign}", f"b{shown}e"

    return piece


def _link(dice: random.Random) -> tuple[str, str]:
    source, shown = _plain(dice)
    return f"[l{source}](https://example.org/{dice.randrange(99)}?a=1&b=2)", f"l{shown}"


def _literal(written: str, shown: str = "") -> Callable[[random.Random], tuple[str, str]]:
    return lambda dice: (written, shown or written)


def _code_span(dice: random.Random) -> tuple[str, str]:
    return "`` a`<b>*c* ``", "a`<b>*c*"


def _half(dice: random.Random) -> tuple[str, str]:
    """Half a character, as a provider that cuts between the two leaves it."""
    return f"h{chr(dice.randrange(0xD800, 0xE000))}h", "h\ufffdh"


_INLINE: tuple[Callable[[random.Random], tuple[str, str]], ...] = (
    *(_plain, _plain, _plain, _plain, _link, _code_span, _half),
    *(_styled("**"), _styled("*"), _styled("_"), _styled("~~"), _styled("***"), _styled("`")),
    *(_literal("<b>tag</b>"), _literal("</script>"), _literal("<!-- note -->"), _literal("a<b"), _literal("x > y")),
    *(_literal("&lt;", "<"), _literal("&amp;", "&"), _literal("\\*", "*"), _literal("\\_", "_"), _literal("a_b_c")),
    *(_literal("x || y || z"), _literal("$10 (or $12)"), _literal("~5"), _literal("2 * 3 * 4"), _literal("#tag")),
    *(_literal("$x^2 + y_{1}$", "x2+y1"), _literal("\\(a \\le b\\)", "a≤b"), _literal("https://e.org/a_b_c?d=e")),
    *(_literal("f(x)[0]"), _literal("{name}"), _literal("50%"), _literal("a & b"), _literal("== no ==")),
    *(_literal("![pic](https://e.org/p.png)", "pic"), _literal("[here](#there)", "here(#there)")),
)


# -- blocks


def _paragraph(dice: random.Random, _: Output) -> tuple[str, str]:
    lines = [_pieces(dice) for _ in range(dice.randint(1, 5))]
    return "\n".join(source for source, _ in lines), "".join(shown for _, shown in lines)


def _heading(dice: random.Random, _: Output) -> tuple[str, str]:
    source, shown = _pieces(dice, 3)
    return f"{'#' * dice.randint(1, 6)} {source}", shown


def _fence(dice: random.Random, output: Output, closed: bool = True) -> tuple[str, str]:
    """Code, with fences of another kind inside; sometimes longer than a message."""
    lines = [dice.choice(_CODE) for _ in range(dice.choice((1, 5, 30, 30, 300)))]
    if dice.random() < 0.3:
        lines += ["```python", "nested()", "```"]
    mark = dice.choice(("````", "~~~~~", "`````"))
    output.code += lines
    body = "\n".join(lines)
    return f"{mark}{dice.choice(_LANGUAGES)}\n{body}\n{mark if closed else ''}".rstrip("\n"), "".join(lines)


def _list(dice: random.Random, _: Output) -> tuple[str, str]:
    """Items within items, up to twelve deep."""
    source, shown, depth = [], [], 0
    for number in range(dice.randint(1, 25)):
        depth = 0 if not number else max(0, min(depth + dice.choice((-1, 0, 0, 1)), 12))
        words, seen = _pieces(dice, 4)
        task = dice.choice(("", "", "[ ] ", "[x] "))
        source.append(f"{'  ' * depth}- {task}{words}")
        shown.append(seen)
    return "\n".join(source), "".join(shown)


def _numbered(dice: random.Random, _: Output) -> tuple[str, str]:
    items = [_pieces(dice, 4) for _ in range(dice.randint(2, 15))]
    source = "\n".join(f"{number}. {source}" for number, (source, _) in enumerate(items, 1))
    shown = "".join(f"{number}.{shown}" for number, (_, shown) in enumerate(items, 1))
    return f"Steps:\n\n{source}", f"Steps:{shown}"  # the words part it from a list before it


def _quote(dice: random.Random, _: Output) -> tuple[str, str]:
    lines = [_pieces(dice, 6) for _ in range(dice.randint(1, 8))]
    inner = dice.choice(("> ", "> > "))
    return "\n".join(inner + source for source, _ in lines), "".join(shown for _, shown in lines)


def _table(dice: random.Random, _: Output) -> tuple[str, str]:
    """Narrow or wide, with everything a cell may hold; a row may have a cell too many."""
    columns = dice.randint(1, 5)
    cells = (*_CELLS, *((f"{word} {number}", f"{word}{number}") for number, word in enumerate(_WORDS)))
    rows = [[dice.choice(cells) for _ in range(columns)] for _ in range(dice.randint(1, 12))]
    if dice.random() < 0.1:
        rows[-1].append(("extra", "extra"))
    written = ["| " + " | ".join(source for source, _ in row) + " |" for row in rows]
    written.insert(1, "|" + dice.choice(("---|", ":--|", "--:|")) * columns)
    return "\n".join(written), "".join(shown for row in rows for _, shown in row)


_CELLS = (
    *(
        ("**bold**", "bold"),
        ("`a < b`", "a<b"),
        ("one<br>two", "onetwo"),
        ("$x^2$", "x2"),
        ("a \\| b", "a|b"),
        ("", ""),
    ),
    *(("[l](https://example.org/x)", "l"), ("<i>", "<i>"), ("long words in a cell " * 3, "longwordsinacell" * 3)),
)


def _maths(dice: random.Random, _: Output) -> tuple[str, str]:
    source, shown = dice.choice(tuple(FORMULAS.items()))
    before, after = dice.choice((("$$", "$$"), ("\\[", "\\]"), ("$$\n", "\n$$"), ("\\[\n", "\n\\]")))
    return before + source + after, shown


_HTML = (
    *("<div>\n**bold** inside\n</div>", "<!-- a comment\nof two lines -->", "<!DOCTYPE html>", "<?php echo 1; ?>"),
    *("<script>\nalert('x')\n</script>", "<details><summary>More</summary>\n\nless\n</details>", "<p>1</p>"),
)


def _html(dice: random.Random, _: Output) -> tuple[str, str]:
    written = dice.choice(_HTML)
    return written, written.replace("**", "")


def _definitions(dice: random.Random, _: Output) -> tuple[str, str]:
    number = dice.randrange(10**9)
    used, unused = f"[r{number}]: https://example.org/used", f"[u{number}]: https://example.org/unused"
    return f"see [this][r{number}]\n\n{used}\n{unused}", f"seethis{unused}"


def _nothing(dice: random.Random, _: Output) -> tuple[str, str]:
    return dice.choice(("\u200b\u200d", " \t ", "\u00a0", "\n\n\n", "\ufeff", "\u3164", "```\n```", "***", "---")), ""


_BLOCKS: tuple[Callable[[random.Random, Output], tuple[str, str]], ...] = (
    *(_paragraph, _paragraph, _paragraph, _heading, _fence, _list, _numbered, _quote, _table, _maths, _html),
    *(_definitions, _nothing),
)


# -- whole outputs of one thing


def _repeated(word: str, between: str = "", shown: str = "") -> Callable[[random.Random], tuple[str, str]]:
    def whole(dice: random.Random) -> tuple[str, str]:
        times = LONGEST // (len(word) + len(between))
        return between.join([word] * times), (shown or word) * times

    return whole


def _links(dice: random.Random) -> tuple[str, str]:
    return " ".join(f"[w{n}](https://example.org/{n})" for n in range(600)), "".join(f"w{n}" for n in range(600))


def _deep(dice: random.Random) -> tuple[str, str]:
    depth = range(100)
    return "\n".join("  " * n + f"- d{n}" for n in depth), "".join(f"d{n}" for n in depth)


_EXTREMES: tuple[Callable[[random.Random], tuple[str, str]], ...] = (
    *(_links, _deep, _repeated("x"), _repeated("😀"), _repeated("👩‍👩‍👧‍👦"), _repeated("🇷🇺"), _repeated("e\u0301")),
    *(
        _repeated("> " * 3 + "q ", "\n", "q"),
        _repeated("слово", " "),
        _repeated("**b**", " ", "b"),
        _repeated("`c`", " ", "c"),
    ),
    *(_repeated("🏴󠁧󠁢󠁥󠁮󠁧󠁿"), lambda dice: (" \n\t ", ""), lambda dice: ("\u200b\u200d\ufeff", ""), lambda dice: ("ё", "ё")),
    *(lambda dice: ("**", "**"), lambda dice: ("```", "```"), _repeated("العربية", " "), _repeated("👍🏽")),
    lambda dice: ("\ud83d", "\ufffd"),
)
