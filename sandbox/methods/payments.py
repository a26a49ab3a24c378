"""Telegram Stars: invoices, checkout, refunds, the list of transactions.

https://core.telegram.org/bots/payments-stars
"""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Final

from sandbox.call import Call, Json
from sandbox.methods.target import end_draft, markup, put, target
from sandbox.refusal import PeopleError, bad_request
from sandbox.world import Chat, World, for_bot, public

LONGEST_PAYLOAD: Final = 128  # bytes
CHECKOUT_SECONDS: Final = 10
MOST_STARS: Final = 100_000


def _invoice(call: Call) -> Json:
    title, description, payload = (call.required(name) for name in ("title", "description", "payload"))
    if len(title) > 32:
        raise bad_request("INVOICE_TITLE_INVALID")
    if len(description) > 255:
        raise bad_request("INVOICE_DESCRIPTION_INVALID")
    if len(payload.encode()) > LONGEST_PAYLOAD:
        raise bad_request("INVOICE_PAYLOAD_INVALID")
    if call.text("currency") != "XTR":
        raise bad_request("PAYMENT_PROVIDER_INVALID" if call.text("provider_token") else "CURRENCY_INVALID")
    prices = call.json("prices", list, "prices")
    if len(prices) != 1:
        raise bad_request("STARS_INVOICE_INVALID" if prices else "there must be at least one price")
    amount = prices[0].get("amount")
    if not isinstance(amount, int) or not 1 <= amount <= MOST_STARS or not prices[0].get("label"):
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
    return {"title": title, "description": description, "payload": payload, "amount": amount}


def send_invoice(world: World, call: Call) -> Json:
    """An invoice in Stars (currency XTR): exactly one price, payload 1 to 128 bytes."""
    place, invoice = target(world, call), _invoice(call)
    shown = {"title": invoice["title"], "description": invoice["description"], "currency": "XTR"}
    shown |= {"start_parameter": call.text("start_parameter"), "total_amount": invoice["amount"]}
    buttons = {"inline_keyboard": [[{"text": f"Pay ⭐️{invoice['amount']}", "pay": True}]]}
    message = put(world, place, {"invoice": shown, "reply_markup": buttons} | markup(call))
    world.invoices[place.chat.id, message["message_id"]] = invoice
    return message


def create_invoice_link(world: World, call: Call) -> str:
    """The same invoice as a link that anybody may pay."""
    link = f"https://t.me/${secrets.token_urlsafe(12)}"
    world.invoices[link] = _invoice(call)
    return link


async def pay(world: World, chat: Chat, user_id: int, invoice: Json, wait: bool, seconds: float) -> Json:
    """A person pays: ask the bot, give it `seconds`, then pay or not; `wait`: stay until that is known."""
    answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    query_id = secrets.token_hex(9)
    user = public(world.users[user_id])
    world.queries[query_id] = {"user_id": user_id, "checkout": answer}
    price = {"currency": "XTR", "total_amount": invoice["amount"], "invoice_payload": invoice["payload"]}
    if world.updates.add("pre_checkout_query", {"id": query_id, "from": user, **price}) is None:
        raise PeopleError("the bot does not take pre_checkout_query updates")
    outcome = asyncio.create_task(_checkout(world, chat, user, price, answer, seconds))
    world.queries[query_id]["task"] = outcome
    return {"pre_checkout_query_id": query_id, **(await outcome if wait else {"status": "asked"})}


async def _checkout(
    world: World, chat: Chat, user: Json, price: Json, answer: asyncio.Future[str], seconds: float
) -> Json:
    try:
        error = await asyncio.wait_for(answer, seconds)
    except TimeoutError:
        outcome = {"status": "timeout"}
        world.events.add("payment", user_id=user["id"], **outcome)
        return outcome
    if error:
        world.events.add("payment", user_id=user["id"], status="refused", error=error)
        return {"status": "refused", "error": error}
    charge = f"stx{secrets.token_urlsafe(24)}"
    paid = price | {"telegram_payment_charge_id": charge, "provider_payment_charge_id": f"0_{secrets.token_hex(6)}"}
    world.payments[charge] = {"user_id": user["id"], "refunded": False, **paid}
    _book(world, charge, paid, "source", user)
    message = world.post(chat, user, {"successful_payment": paid})
    world.updates.add("message", for_bot(message))
    world.events.add("payment", user_id=user["id"], status="paid", charge_id=charge)
    return {"status": "paid", "charge_id": charge}


def _book(world: World, charge: str, paid: Json, side: str, user: Json) -> None:
    partner = {"type": "user", "transaction_type": "invoice_payment", "user": user}
    partner["invoice_payload"] = paid["invoice_payload"]
    entry = {"id": charge, "amount": paid["total_amount"], "date": int(time.time()), side: partner}
    world.transactions.append(entry)


def answer_pre_checkout_query(world: World, call: Call) -> bool:
    """Let a payment go on or stop it, within 10 seconds of the question."""
    query = world.queries.get(call.text("pre_checkout_query_id"), {})
    answer = query.get("checkout")
    if answer is None or answer.done():
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if not call.flag("ok") and not call.text("error_message"):
        raise bad_request('parameter "error_message" is required')
    answer.set_result("" if call.flag("ok") else call.text("error_message"))
    return True


def refund_star_payment(world: World, call: Call) -> bool:
    """Give the Stars of one charge back, once."""
    charge = call.required("telegram_payment_charge_id")
    paid = world.payments.get(charge)
    if paid is None or paid["user_id"] != call.whole("user_id"):
        raise bad_request("CHARGE_NOT_FOUND")
    if paid["refunded"]:
        raise bad_request("CHARGE_ALREADY_REFUNDED")
    paid["refunded"] = True
    user, chat = public(world.users[paid["user_id"]]), world.chats[paid["user_id"]]
    _book(world, charge, paid, "receiver", user)
    refunded = {name: value for name, value in paid.items() if name not in ("user_id", "refunded")}
    end_draft(world, chat.id, 0)
    message = world.post(chat, public(world.bot), {"refunded_payment": refunded})
    world.updates.add("message", for_bot(message))
    return True


def get_star_transactions(world: World, call: Call) -> Json:
    """Payments and refunds in the order they happened, at most 100 a call."""
    offset, limit = call.whole("offset"), max(1, min(call.whole("limit", 100), 100))
    oldest_first = world.transactions
    return {"transactions": oldest_first[offset : offset + limit]}


def get_my_star_balance(world: World, call: Call) -> Json:
    """Stars taken minus Stars given back."""
    return {"amount": sum(entry["amount"] * (1 if "source" in entry else -1) for entry in world.transactions)}
