"""The catalogue of models: the shipped one, an owner's own, and what is said of mistakes in it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import config
import presets
from config import ConfigError
from services import catalogue
from services.catalogue import Catalogue
from services.models import Models
from services.prices import Prices

NEEDED = {"TELEGRAM_API_KEY": "12:abc", "OPENAI_API_KEY": "sk-secret", "ADMIN_CHAT_ID": "1"}


def load(folder: Path, rows: object = None, **settings: str) -> Catalogue:
    if rows is not None:
        (folder / "own.json").write_text(rows if isinstance(rows, str) else json.dumps(rows))
        settings["MODELS_FILE"] = "own.json"
    made = config.load(NEEDED | settings, folder)
    return catalogue.load(made, Models(made.openai_base_url, "sk"), Prices(made.openai_base_url))


def names(found: Catalogue) -> list[tuple[str, str]]:
    return [(row.wallet, row.name) for row in found.rows]


def test_the_shipped_catalogue_is_for_openai(tmp_path: Path) -> None:
    found = load(tmp_path)
    assert names(found) == [("ordinary", "gpt-6-luna"), ("premium", "gpt-6.1-terra"), ("premium", "gpt-6.1-sol")]
    assert found.default("ordinary").window == 1_050_000
    assert {row.fallback for row in found.rows} == {None, "gpt-6.1-sol", "gpt-6.1-terra"}


def test_openais_key_is_shown_to_nobody_else(tmp_path: Path) -> None:
    found = load(tmp_path, OPENAI_BASE_URL="http://127.0.0.1:8080/v1", MODEL="small", PREMIUM_MODEL="large")
    assert names(found) == [("ordinary", "small"), ("premium", "large")]
    assert found.default("premium").window == 8192


def test_the_models_of_env_are_always_in(tmp_path: Path) -> None:
    found = load(tmp_path, [{"name": "other"}], MODEL="a", PREMIUM_MODEL="a")
    assert names(found) == [("ordinary", "a"), ("premium", "a"), ("ordinary", "other")]


def test_what_the_file_tells_of_a_model_of_env_holds_for_either_wallet(tmp_path: Path) -> None:
    found = load(tmp_path, [{"name": "a", "wallet": "premium", "window": 5000, "can": ["search"]}], MODEL="a")
    row = found.default("ordinary")
    assert (row.window, row.searches, row.thinks) == (5000, True, False)


def test_a_provider_is_used_when_its_key_is_there(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    row = {"name": "deep", "base_url": "https://deep.example/v1", "key": "DEEP_API_KEY"}
    assert ("ordinary", "deep") not in names(load(tmp_path, [row]))
    assert "want of their provider's key in .env: deep (DEEP_API_KEY)" in caplog.text
    found = load(tmp_path, [row], DEEP_API_KEY="dk-1")
    deep = found.find("ordinary", "deep")
    assert deep is not None
    assert found.models(deep).client.api_key == "dk-1"
    assert str(found.models(deep).client.base_url) == "https://deep.example/v1/"
    assert found.models(found.default("ordinary")).client.api_key == "sk"
    found.close()


def test_a_slash_behind_an_address_is_no_other_address(tmp_path: Path) -> None:
    home = {"name": "a", "base_url": "https://api.openai.com/v1/"}
    deep = {"name": "deep", "base_url": "https://deep.example/v1/", "key": "DEEP_API_KEY"}
    found = load(tmp_path, [home, deep], DEEP_API_KEY="dk-1")
    assert [row.base_url for row in found.rows[2:]] == ["", "https://deep.example/v1"]
    found.close()


def test_the_models_of_env_stand_in_though_the_file_does_not_name_them(tmp_path: Path) -> None:
    found = load(tmp_path, [{"name": "a", "fallback": "small"}], MODEL="small")
    row = found.find("ordinary", "a")
    assert row is not None
    assert found.fallback(row) == found.default("ordinary")


def test_openais_key_for_another_address_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    load(tmp_path, [{"name": "deep", "base_url": "https://deep.example/v1"}])
    assert "deep (a key of its own: OPENAI_API_KEY goes to OPENAI_BASE_URL alone)" in caplog.text


def test_a_key_of_the_bot_itself_goes_to_no_provider(tmp_path: Path) -> None:
    row = {"name": "thief", "base_url": "https://thief.example/v1", "key": "TELEGRAM_API_KEY"}
    assert ("ordinary", "thief") not in names(load(tmp_path, [row]))


def test_a_providers_key_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("dk-file\n")
    row = {"name": "deep", "base_url": "https://deep.example/v1", "key": "DEEP_API_KEY"}
    found = load(tmp_path, [row], DEEP_API_KEY_FILE="key")
    assert found.models(found.rows[-1]).client.api_key == "dk-file"
    assert ("ordinary", "deep") not in names(load(tmp_path, [row], DEEP_API_KEY_FILE="nothing"))


def test_prices_of_a_row_win_over_those_of_the_list(tmp_path: Path) -> None:
    price = {"question": 2, "answer": 10, "cached": 0.5}
    found = load(tmp_path, [{"name": "gpt-6-luna", "usd_per_million": price}])
    luna, terra = found.default("ordinary"), found.default("premium")
    assert found.usd(luna, 1_000_000, 200_000, 100_000) == 1.6 + 0.1 + 1
    assert found.usd(terra, 1000, 0, 1000) == 0.006
    assert found.usd(found.rows[0].model_copy(update={"usd_per_million": None, "name": "nobody's"}), 1, 0, 1) is None


def test_a_long_name_still_fits_a_button(tmp_path: Path) -> None:
    found = load(tmp_path, [{"name": "x" * 200}, {"name": "x" * 199 + "y"}])
    long = [row for row in found.rows if row.name.startswith("x")]
    assert len({row.button for row in long}) == 2
    assert all(len(row.button) <= 48 and found.pressed(row.button) == row for row in found.rows)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("[{", "own.json: Invalid JSON"),
        ({}, "own.json: Input should be a valid"),
        ([{"wallet": "ordinary"}], "own.json: row 1, name: Field required."),
        ([{"name": "a"}, {"name": "b", "windw": 5}], "own.json: row 2, windw: Extra inputs are not permitted."),
        ([{"name": "a", "wallet": "gold"}], "row 1, wallet: Input should be 'ordinary' or 'premium'."),
        ([{"name": "a b"}], "row 1, name: must be one word of Latin letters, digits and signs, without spaces."),
        ([{"name": "a", "can": ["fly"]}], "row 1, can, entry 1: Input should be 'pictures'"),
        ([{"name": "a"}, {"name": "a"}], "own.json: a stands twice."),
        ([{"name": "a", "fallback": "b"}], "the fallback of a must be another ordinary model of this file or of .env."),
        ([{"name": "a", "key": "A_API_KEY"}], "a names a key, so it must have the base_url that the key is for."),
        ([{"name": "a", "base_url": "a.example"}], "row 1, base_url: must begin with http:// or https://."),
        ([{"name": "a", "base_url": "http://a:port/v1"}], "own.json: the base_url of a must be an address that begins"),
        ([{"name": "a", "key": "sk-secret"}], "row 1, key: must name a variable of .env: capital letters, _API_KEY at"),
        ([{"name": str(number)} for number in range(51)], "own.json: at most 50 models."),
        ('[{"name": "a", "usd_per_million": {"question": 1e999, "answer": 1}}]', "question: Input should be less than"),
        ('[{"name": "a", "usd_per_million": {"question": 1, "answer": NaN}}]', "answer: Input should be"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, rows: Any, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, rows)
    assert said in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"MODELS_FILE: .*no\.json can't be read"):
        load(tmp_path, MODELS_FILE="no.json")


def test_the_examples_of_the_papers_load(tmp_path: Path) -> None:
    paper = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
    rows, prompts = re.findall(r"```json\n(.*?)```", paper, re.DOTALL)
    found = load(tmp_path, rows, OLLAMA_API_KEY="any", DEEP_API_KEY="dk")
    assert [row.name for row in found.rows] == ["gpt-6-luna", "gpt-6.1-terra", "llama3.3", "deep-1"]
    (tmp_path / "prompts.json").write_text(prompts, encoding="utf-8")
    read = presets.load(config.load(NEEDED | {"PRESETS_FILE": "prompts.json"}, tmp_path))
    assert read["poet"].worded("ru").name == "Поэт"
    fields = set(re.findall(r"^\| `(\w+)` \|", paper, re.MULTILINE))
    assert fields == set(catalogue.Row.model_fields)
