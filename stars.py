"""Telegram Stars as plain values: what is offered, what was paid and given back.

https://core.telegram.org/bots/payments-stars
"""

import re
import secrets
from typing import Any, NamedTuple

from config import Package

CURRENCY = "XTR"
_PAYLOAD = re.compile(
    r"topup:([0-9]{1,16}):(balance|premium_balance|image_balance):([0-9]{1,12}):([0-9]{1,5}):[0-9a-f]{12}"
)


class Invoice(NamedTuple):
    """An offer: title up to 32 characters, description up to 255, up to 128 bytes that come back when it is paid."""

    title: str
    description: str
    payload: str
    stars: int


class Order(NamedTuple):
    """What the payload of an invoice says: who ordered what."""

    user_id: int
    package: Package


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


def payload(order: Order) -> str:
    """At most 80 bytes, different for each invoice."""
    stars, amount, wallet = order.package
    return f"topup:{order.user_id}:{wallet}:{amount}:{stars}:{secrets.token_hex(6)}"


def read_payload(text: str) -> Order | None:
    """The order of an invoice of ours, None for any other text."""
    found = _PAYLOAD.fullmatch(text)
    if found is None:
        return None
    wallet: Any = found[2]
    return Order(int(found[1]), Package(int(found[4]), int(found[3]), wallet))
