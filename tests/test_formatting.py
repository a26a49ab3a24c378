"""Markdown of a model as Telegram's text and entities: nothing lost, nothing too long, fences whole."""

import random
import time

import pytest

from formatting import LONGEST_TEXT, Part, growing, parts, rich, split
from proof.nasty import made
from proof.whole import Message, check


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def marked(part: object, kind: str) -> list[str]:
    text, entities = part  # type: ignore[misc]
    raw = text.encode("utf-16-le")
    found = [e for e in entities if e["type"] == kind]
    return [raw[e["offset"] * 2 : (e["offset"] + e["length"]) * 2].decode("utf-16-le") for e in found]


def test_formatting_becomes_entities() -> None:
    (part,) = parts(
        "# Title\n\n😀 **bold** _slanted_ `x < y` [link](https://example.org)\n\n```python\nprint('<b>')\n```"
    )
    assert part.text.startswith("Title\n\n😀 bold slanted x < y link")
    assert marked(part, "bold") == ["Title", "bold"]
    assert marked(part, "italic") == ["slanted"]
    assert marked(part, "code") == ["x < y"]
    assert marked(part, "text_link") == ["link"]
    assert marked(part, "pre")[0].rstrip("\n") == "print('<b>')"


def test_angle_brackets_are_words() -> None:
    (part,) = parts("Use <div> and a<b and </script> here")
    assert part.text == "Use <div> and a<b and </script> here"


def test_half_characters_do_not_break_it() -> None:
    (part,) = parts("half \ud83d smile")
    assert part.text == "half \ufffd smile"


def test_no_part_has_more_entities_than_telegram_keeps() -> None:
    cut = parts("`code` and **bold** words, " * 150)
    assert max(len(part.entities) for part in cut) <= 100
    assert sum(len(part.entities) for part in cut) == 300
    assert "".join(part.text for part in cut).count("words") == 150


def test_blank_answers_have_no_parts() -> None:
    assert parts(" \n\n ") == []


def test_long_code_is_cut_between_lines_and_reopened() -> None:
    lines = [f"line_{number} = {number}  # 😀" for number in range(900)]
    cut = parts("Before.\n\n```python\n" + "\n".join(lines) + "\n```\n\nAfter.")
    assert len(cut) > 3
    assert all(0 < units(part.text) <= LONGEST_TEXT for part in cut)
    code = "\n".join(text.strip("\n") for part in cut for text in marked(part, "pre"))
    assert code.splitlines() == lines
    assert {e["language"] for part in cut for e in part.entities if e["type"] == "pre"} == {"python"}


def test_a_short_code_block_is_not_cut() -> None:
    text = "word " * 700 + "\n\n```\n" + "code line\n" * 80 + "```\n\ntail"
    cut = parts(text)
    assert [len(marked(part, "pre")) for part in cut].count(1) == 1
    assert sum(len(marked(part, "pre")) for part in cut) == 1


@pytest.mark.parametrize("seed", range(30))
def test_no_visible_character_is_lost(seed: int) -> None:
    chance = random.Random(seed)
    alphabet = ["слово ", "word ", "😀", "\n", "\n\n", "x" * 50, "العربية ", "a_b*c ", "<tag> "]
    text = "".join(chance.choice(alphabet) for _ in range(chance.randrange(1, 4000)))
    cut = split(text, [])
    assert all(0 < units(part.text) <= LONGEST_TEXT for part in cut)
    assert "".join("".join(part.text for part in cut).split()) == "".join(text.split())


def test_a_growing_text_shows_its_end_from_a_blocks_beginning() -> None:
    blocks = [f"**Paragraph {number}** " + "word " * 40 for number in range(60)]
    part = growing("\n\n".join(blocks))
    assert part.text.startswith("…\n\nParagraph")
    assert part.text.endswith("word")
    assert "Paragraph 59" in part.text
    assert 2_000 < units(part.text) <= LONGEST_TEXT
    later = growing("\n\n".join(blocks) + " and a little more")
    assert later.text.splitlines()[2] == part.text.splitlines()[2], "it is not pushed up by every word"


def test_a_growing_text_is_still_code_where_it_ends_in_code() -> None:
    lines = [f"line_{number} = {number}" for number in range(600)]
    part = growing("Before.\n\n```python\n" + "\n".join(lines))
    (code,) = marked(part, "pre")
    assert code.splitlines()[-1] == "line_599 = 599"
    assert all(line in lines for line in code.splitlines()), "no line is shown in part"
    assert next(e for e in part.entities if e["type"] == "pre")["language"] == "python"


def test_a_growing_text_of_nothing_is_nothing() -> None:
    assert growing(" \n").text == ""


def links(part: Part) -> dict[str, str]:
    return dict(zip(marked(part, "text_link"), (e["url"] for e in part.entities if "url" in e), strict=True))


def test_links_are_taken_by_telegram_or_written_out() -> None:
    (part,) = parts(
        "[a](https://e.org/x) [`b`](http://e.org) [c](#there) [](https://e.org/y) [d](mailto:d@e.org) ![](f.png)"
    )
    assert part.text == "a b c (#there) https://e.org/y d (d@e.org) 🖼 f.png"
    assert links(part) == {"a": "https://e.org/x", "b": "http://e.org", "https://e.org/y": "https://e.org/y"}


def test_a_definition_of_a_link_is_used_or_shown() -> None:
    (part,) = parts("See [1] and [it][2].\n\n[1]: https://e.org/1\n[2]: https://e.org/2\n[3]: https://e.org/3")
    assert part.text == "See 1 and it.\n[3]: https://e.org/3"
    assert links(part) == {"1": "https://e.org/1", "it": "https://e.org/2"}


def test_an_open_bracket_makes_no_definition_of_the_lines_below_it() -> None:
    (part,) = parts("[See the list\n[1]: https://e.org/1\nand so on")
    assert part.text == "[See the list\n[1]: https://e.org/1\nand so on"


def test_the_language_of_blank_code_is_all_there_is_to_show() -> None:
    assert parts("```empty\n\n```\nand more")[0].text.split() == ["empty", "and", "more"]


def test_formulas_are_readable_and_code_with_formulas_is_left_alone() -> None:
    (part,) = parts("So \\( x^2 \\):\n\n\\[\n\\frac{a}{b}\n+ c\n\\]\n\n`\\(x^2\\)` costs $10 (or $12), \\(\\what{x}\\)")
    assert part.text == "So x²:\n\na/b + c\n\n\\(x^2\\) costs $10 (or $12), \\what{x}"
    assert parts("$\\color{red}{x}$")[0].text == "\\color{red}{x}", "no letter is lost"
    assert marked(part, "pre") == ["a/b + c"]


@pytest.mark.parametrize("beginning", ["\\[", "\\(x", "\\[ a\n"])
def test_formulas_that_only_begin_are_read_once(beginning: str) -> None:
    began = time.process_time()
    parts(beginning * 10_000)
    assert time.process_time() - began < 3


def test_a_line_of_a_formula_may_end_with_a_gap() -> None:
    assert parts("\\[ a \\\\[2pt] b \\]")[0].entities[0]["type"] == "pre"


def test_a_narrow_table_stands_in_columns_and_a_wide_one_in_lines() -> None:
    (narrow,) = parts("| a | b |\n|---|---|\n| `x` | one<br>two |\n| too | many | cells |")
    assert marked(narrow, "pre")[0].splitlines() == [
        "a   | b       |      ",
        "----+---------+------",
        "x   | one two |      ",
        "too | many    | cells",
    ]
    (wide,) = parts("| a | b |\n|---|---|\n| **x** | [y](https://e.org) |\n| " + "long " * 12 + "| $z^2$ |")
    assert wide.text.startswith("a | b\n• x | y\n• long long")
    assert wide.text.endswith("long | z²")
    assert links(wide) == {"y": "https://e.org"}


def test_neither_doubled_bars_nor_quotes_in_quotes_are_anything_special() -> None:
    (part,) = parts("a || b || c\n\n> one\n> > two")
    assert part.text == "a || b || c\n\none\ntwo"
    assert marked(part, "blockquote") == ["one\ntwo"]


@pytest.mark.parametrize("sign", ["👩‍👩‍👧‍👦", "🇷🇺", "👍🏽", "e\u0301\u0302", "❤️", "😀", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"])
def test_what_is_one_sign_on_the_screen_is_not_torn(sign: str) -> None:
    for before in range(4):
        cut = parts("x" * before + sign * 3_000)
        assert len(cut) > 1
        assert all(part.text.removeprefix("x" * before) == sign * part.text.count(sign) for part in cut)


def test_items_quotes_and_titles_stay_whole_where_they_can() -> None:
    items = parts("\n".join(["- " + "first " * 25 + "\n  " + "then " * 48] * 20))
    assert len(items) > 1
    assert all(part.text.startswith("• first") for part in items)
    quotes = parts("\n\n".join(["> " + "first " * 25 + "\n>\n> " + "then " * 48] * 20))
    assert len(quotes) > 1
    assert all(part.text.startswith("first") for part in quotes)
    cut = parts("\n\n".join(["## Title\n\n" + "word " * 190] * 9))
    assert all(part.text.startswith("Title") for part in cut)


def test_code_that_begins_a_part_keeps_its_indentation() -> None:
    cut = parts("```\n" + "    indented\n" * 1_000 + "```")
    assert all(part.text.startswith("    indented") for part in cut)
    (part,) = parts("```go\nfunc main() {\n\tgo()\n}\n```")
    assert part.text.splitlines()[1] == "    go()", "Telegram makes one space of a tab"


@pytest.mark.parametrize("seed", range(0, 500, 3))
def test_nasty_outputs_are_whole(seed: int) -> None:
    output = made(seed)
    check(output, [Message(part.text, marked(part, "pre")) for part in parts(output.source)])


def test_escaped_brackets_round_words_are_no_formula() -> None:
    source = r"See [The \[page\]](https://a.example/) and \[1\], where \[x^2 = 4\] and"
    (part,) = parts(source)
    assert "See The [page] and [1], where " in part.text
    assert "[x" not in part.text
    assert rich(r"See [The \[page\]](https://a.example/) and \[1\]") is None
    assert rich("So:\n\\[\nx\n\\]\nis it") is not None


def test_dollars_round_nothing_are_dollars() -> None:
    source = "a $$$$ b $$ $$ c"
    assert [part.text for part in parts(source)] == [source]
    assert rich(source) is None
    assert "&#36;&#36;&#36;&#36; and $x^2$" in (rich("$$$$ and $x^2$") or "")
