"""Amounts of money in both languages."""

import pytest

from texts import dollars


@pytest.mark.parametrize(
    ("usd", "english", "russian"),
    [
        (0.0, "$0.00", "0,00\u00a0$"),
        (12.345, "$12.35", "12,35\u00a0$"),
        (1234567.8, "$1,234,567.80", "1\u00a0234\u00a0567,80\u00a0$"),
        (0.01, "$0.01", "0,01\u00a0$"),
        (0.00421, "$0.0042", "0,0042\u00a0$"),
        (0.0000005, "$0.00000050", "0,00000050\u00a0$"),
        (1e-15, "$0.000000000", "0,000000000\u00a0$"),
        (-3.5, "−$3.50", "−3,50\u00a0$"),
    ],
)
def test_dollars(usd: float, english: str, russian: str) -> None:
    assert dollars("en", usd) == english
    assert dollars("ru", usd) == russian


def test_dollars_with_a_wanted_number_of_decimals() -> None:
    assert dollars("en", 1500, 0) == "$1,500"
    assert dollars("ru", 0.5, 3) == "0,500\u00a0$"
