"""What sounds and pictures cost the owner."""

import pytest

from services.prices import USUAL_PICTURE, Prices

OPENAI = "https://api.openai.com/v1"


@pytest.mark.parametrize(
    ("model", "seconds", "usd"),
    [
        ("whisper-1", 60, 0.006),
        ("whisper-1", 1, 0.0001),
        ("gpt-transcribe", 300, 0.0225),
        ("gpt-4o-transcribe", 60, None),  # the list has its tokens only
        ("unheard-of", 60, None),
    ],
)
def test_sounds_at_the_list_price(model: str, seconds: int, usd: float | None) -> None:
    assert Prices(OPENAI).of_sound(model, seconds) == usd


@pytest.mark.parametrize("model", ["gpt-image-2.6-flare", "gpt-image-2.5-flare"])
def test_pictures_at_the_list_price_of_their_tokens(model: str) -> None:
    prices = Prices(OPENAI)
    assert prices.of_picture(model, 20, 1000) == 0.0301
    assert prices.of_picture(model) == round(USUAL_PICTURE["high"] * 30 / 1e6, 9)
    assert prices.of_picture(model, quality="low") == round(USUAL_PICTURE["low"] * 30 / 1e6, 9)
    assert prices.of_picture("unheard-of", 20, 1000) is None


def test_another_provider_has_prices_of_its_own() -> None:
    prices = Prices("http://127.0.0.1:8080/v1")
    assert prices.of_sound("whisper-1", 60) is None
    assert prices.of_picture("gpt-image-2.6-flare", 20, 1000) is None


def test_the_owners_prices_come_first() -> None:
    prices = Prices(OPENAI, a_minute=0.06, a_picture=0.5)
    assert prices.of_sound("whisper-1", 90) == 0.09
    assert prices.of_picture("gpt-image-2.6-flare", 20, 1000) == 0.5
    assert Prices(OPENAI, a_minute=0.0, a_picture=0.0).of_picture("gpt-image-2.6-flare") == 0.0
