"""Telegram Stars as plain values: what is offered, what was paid and given back.

https://core.telegram.org/bots/payments-stars
"""

from typing import Any, NamedTuple

CURRENCY = "XTR"


class Invoice(NamedTuple):
    """An offer: title up to 32 characters, description up to 255, up to 128 bytes that come back when it is paid."""

    title: str
    description: str
    payload: str
    stars: int


class Transaction(NamedTuple):
    """A payment of a person or its refund, as Telegram's list has it; `time` in unix seconds."""

    charge: str
    user_id: int
    stars: int
    time: int
    is_refund: bool


def read_transaction(raw: dict[str, Any]) -> Transaction | None:
    """A StarTransaction of the Bot API; None when it is no invoice's: a gift, a withdrawal, an advertisement.

    https://core.telegram.org/bots/api#startransaction
    """
    partner = raw.get("source") or raw.get("receiver") or {}
    if partner.get("type") != "user" or partner.get("transaction_type") != "invoice_payment":
        return None
    is_refund = "source" not in raw
    return Transaction(str(raw["id"]), int(partner["user"]["id"]), int(raw["amount"]), int(raw["date"]), is_refund)
