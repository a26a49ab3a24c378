"""Markdown of a model as Telegram's text and entities: nothing lost, nothing too long, fences whole."""

import random

import pytest

from formatting import LONGEST_TEXT, parts, split


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
    assert part.text == "half ? smile"


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
