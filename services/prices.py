"""What a call costs the owner in USD: the owner's own prices, else list prices of known providers, offline."""

from dataclasses import dataclass

from genai_prices import Usage, calc_price

DIGITS = 9  # behind the point: figures of so many digits add up exactly


@dataclass(frozen=True)
class Prices:
    """Of one provider; the owner's overrides are None where the list price holds."""

    base_url: str
    per_1k_tokens: float | None = None
    a_minute: float | None = None
    a_picture: float | None = None

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
