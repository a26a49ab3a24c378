"""What a call costs the owner in USD: the owner's own prices, else list prices of known providers, offline."""

from dataclasses import dataclass

from genai_prices import Usage, calc_price

DIGITS = 9  # behind the point: figures of so many digits add up exactly
# OpenAI bills pictures by their tokens. A square one of gpt-image-2.5-flare is said to take 196, 439 or 1,756 by its
# quality (https://github.com/sanand0/blog, posts/2026/quality-levels-of-gpt-image-2.5-flare.md), the other shapes half
# as much again, each picture shown on the way 100: set aside before, and booked where the provider does not count.
USUAL_PICTURE = {"low": 500, "medium": 860, "high": 2_840}
# Models that are newer than the list, and one on it that costs the same: $5 a million tokens of text in, $30 of picture
# out for both. https://developers.openai.com/api/docs/pricing, 2026-11-05
_SAME_PRICE = {"gpt-image-2.6-flare": "gpt-image-2.5-flare", "gpt-image-2.6-sunburst": "gpt-image-2.5-sunburst"}


@dataclass(frozen=True)
class Prices:
    """Of one provider; the owner's overrides are None where the list price holds."""

    base_url: str
    per_1k_tokens: float | None = None
    a_minute: float | None = None
    a_picture: float | None = None
    listening_url: str = ""  # of another provider that listens

    def of_tokens(self, model: str, prompt: int, cached: int, answer: int) -> float | None:
        """One call to a chat model, None when its price is not known.

        `cached` is the part of `prompt` that the provider had in its cache. Prices: https://github.com/pydantic/genai-prices
        """
        if self.per_1k_tokens is not None:
            return round((prompt + answer) * self.per_1k_tokens / 1000, DIGITS)
        used = Usage(input_tokens=prompt, cache_read_tokens=min(cached, prompt), output_tokens=answer)
        try:
            return round(float(calc_price(used, model, provider_api_url=self.base_url).total_price), DIGITS)
        except LookupError:  # neither the provider nor the model has to be a known one
            return None

    def of_sound(self, model: str, seconds: float) -> float | None:
        """A transcription of so many seconds, None when its price is not known."""
        if self.a_minute is not None:
            return round(seconds * self.a_minute / 60, DIGITS)
        return self._listed(model, Usage(audio_seconds=seconds), self.listening_url)

    def of_picture(
        self, model: str, tokens_in: int = 0, tokens_out: int = 0, quality: str | None = None
    ) -> float | None:
        """A picture drawn, None when its price is not known; without counted tokens at what a usual one takes."""
        if self.a_picture is not None:
            return round(self.a_picture, DIGITS)
        used = Usage(input_tokens=tokens_in, output_tokens=tokens_out or _usual(quality))
        return self._listed(_SAME_PRICE.get(model, model), used)

    def _listed(self, model: str, used: Usage, base_url: str = "") -> float | None:
        """At the provider's list price; 0 says that the list has a price for another unit, or none."""
        try:
            price = calc_price(used, model, provider_api_url=base_url or self.base_url).total_price
            return round(float(price), DIGITS) or None
        except (LookupError, ValueError):
            return None


def _usual(quality: str | None) -> int:
    """Tokens of a picture: where the provider chooses the quality, as many as of the best."""
    return USUAL_PICTURE.get(quality or "", USUAL_PICTURE["high"])
