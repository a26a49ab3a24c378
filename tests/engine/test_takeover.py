"""Old data files become records of today, or are refused with words that help; nobody's money or words are lost."""

import json
import logging
from datetime import UTC
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest

from engine.takeover import Opening, TakeoverError, old_histories, parse, take_over

SAMPLES = Path(__file__).parent / "old_data"
EXPECTED: dict[str, dict[str, Any]] = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
BERLIN = ZoneInfo("Europe/Berlin")  # neither the old bot's zone nor without summer time


@pytest.mark.parametrize("name", EXPECTED)
def test_old_files(name: str) -> None:
    content, expected = (SAMPLES / name).read_bytes(), EXPECTED[name]
    if "refused" in expected:
        with pytest.raises(TakeoverError) as refusal:
            take_over(parse(content), {}, BERLIN)
        assert [words for words in expected["refused"] if words not in str(refusal.value)] == []
        assert len(str(refusal.value)) < 300
        return
    taken = take_over(parse(content), old_histories(SAMPLES), BERLIN)
    assert taken.records == expected["records"]
    assert list(taken.records) == list(expected["records"])
    if "openings" in expected:
        assert taken.openings == [Opening(*opening) for opening in expected["openings"]]


@pytest.mark.parametrize("name", [name for name in EXPECTED if "records" in EXPECTED[name]])
def test_a_second_takeover_changes_nothing_and_our_file_can_hold_it(name: str) -> None:
    old = parse((SAMPLES / name).read_bytes())
    before = repr(old)
    once = take_over(old, old_histories(SAMPLES), BERLIN)
    assert repr(old) == before
    written = orjson.loads(orjson.dumps(once.records))
    again = take_over(written, old_histories(SAMPLES), BERLIN)
    assert again.records == written == once.records
    assert [each.amount for each in again.openings] == [each.amount for each in once.openings if each.amount]


def test_every_sample_is_expected_to_be_something() -> None:
    assert {path.name for path in SAMPLES.glob("*.json")} == {*EXPECTED, "expected.json"}
    assert len(EXPECTED) >= 50


def test_nobodys_words_get_into_the_log_or_a_refusal(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        histories = old_histories(SAMPLES)
        take_over(parse((SAMPLES / "41-histories.json").read_bytes()), histories, UTC)
    assert len(caplog.records) == 7, "two damaged, a name, one no list, two with strays, a user who is gone"
    twice = '{"101": {"balance": 1, "prompt": "Secret one", "prompt": "Secret two"}}'
    with pytest.raises(TakeoverError) as refusal:
        parse(twice.encode())
    for secret in ("Secret", "words", "stray", "gone?"):
        assert secret not in caplog.text + str(refusal.value)


def test_no_folder_of_histories_is_no_histories(tmp_path: Path) -> None:
    assert old_histories(tmp_path) == {}


def test_a_folder_named_like_a_history_is_skipped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "chat_context" / "101.json").mkdir(parents=True)
    assert old_histories(tmp_path) == {}
    assert "101.json is not taken over" in caplog.text


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b"[" * 5_000 + b"]" * 5_000, b'{"101": {"balance": ' + b"9" * 5000 + b"}}"]
)
def test_monsters_are_refused_like_other_damage(content: bytes) -> None:
    with pytest.raises(TakeoverError, match=r"put a copy \(data-backup\.json\)"):
        parse(content)


def test_a_monster_among_the_messages_does_not_keep_the_wallets_back() -> None:
    monster = {"role": "user", "content": "hi", "odd": parse(b"[" * 150 + b"]" * 150)}
    taken = take_over({"101": {"balance": 1}}, {101: [monster, {"role": "user", "content": "kept"}]}, UTC)
    assert taken.records["101"]["history"] == [{"role": "user", "content": "kept"}]


def test_ten_thousand_users_keep_their_order_and_their_money() -> None:
    users = {str(10_000 - number): {"requests": 1, "balance": number - 5_000} for number in range(10_000)}
    taken = take_over(users, {}, UTC)
    assert list(taken.records) == ["global", *users]
    assert taken.records["global"]["requests"] == 10_000
    assert sum(opening.amount for opening in taken.openings) == sum(range(5_000))
    assert [each.was for each in taken.openings[:5_000]] == list(range(-5_000, 0))
