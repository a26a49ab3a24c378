"""What a call costs the owner: list prices of known providers, offline."""

from genai_prices import Usage, calc_price


def of_tokens(base_url: str, model: str, prompt: int, cached: int, answer: int) -> float | None:
    """USD of one call to a chat model at the provider's list price, None when that is not known.

    `cached` is the part of `prompt` that the provider had in its cache. Prices: https://github.com/pydantic/genai-prices
    """
    used = Usage(input_tokens=prompt, cache_read_tokens=min(cached, prompt), output_tokens=answer)
    try:
        return float(calc_price(used, model, provider_api_url=base_url).total_price)
    except LookupError:  # neither the provider nor the model has to be a known one
        return None
