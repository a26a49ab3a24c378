"""Stars: paid once the bot agrees within ten seconds, refunded once."""

import threading

import pytest

INVOICE = {
    "chat_id": 101, "title": "Tokens", "description": "100,000 tokens", "payload": "p1", "currency": "XTR",
    "provider_token": "", "prices": [{"label": "Tokens", "amount": 50}],
}  # fmt: skip


def pay(world, bot, invoice, **answer):
    outcome = []
    before = [update["update_id"] for update in bot.ok("getUpdates")]
    paying = threading.Thread(target=lambda: outcome.append(world.pay(invoice)))
    paying.start()
    asked = bot.ok("getUpdates", timeout=10, offset=max(before, default=0) + 1)[-1]["pre_checkout_query"]
    assert (asked["currency"], asked["total_amount"], asked["invoice_payload"]) == ("XTR", 50, "p1")
    bot.ok("answerPreCheckoutQuery", pre_checkout_query_id=asked["id"], **answer)
    paying.join(10)
    return outcome[0]


def test_paying_and_refunding(world, bot):
    invoice = bot.ok("sendInvoice", **INVOICE)
    assert invoice["invoice"]["total_amount"] == 50
    assert invoice["reply_markup"]["inline_keyboard"][0][0]["pay"]
    charge = pay(world, bot, invoice, ok=True)["charge_id"]
    paid = bot.ok("getUpdates")[-1]["message"]["successful_payment"]
    assert (paid["telegram_payment_charge_id"], paid["invoice_payload"]) == (charge, "p1")
    assert bot.ok("getMyStarBalance") == {"amount": 50}
    assert (
        bot.refused("refundStarPayment", user_id=102, telegram_payment_charge_id=charge)
        == "Bad Request: CHARGE_NOT_FOUND"
    )
    assert bot.ok("refundStarPayment", user_id=101, telegram_payment_charge_id=charge) is True
    again = bot.refused("refundStarPayment", user_id=101, telegram_payment_charge_id=charge)
    assert again == "Bad Request: CHARGE_ALREADY_REFUNDED"
    assert bot.ok("getMyStarBalance") == {"amount": 0}
    first, second = bot.ok("getStarTransactions")["transactions"]
    assert first["source"]["user"]["id"] == second["receiver"]["user"]["id"] == 101
    assert first["id"] == second["id"] == charge
    assert world.messages(101)[-1]["refunded_payment"]["total_amount"] == 50


def test_the_same_invoice_can_be_paid_again(world, bot):
    link = bot.ok("createInvoiceLink", **{name: value for name, value in INVOICE.items() if name != "chat_id"})
    charges = {pay(world, bot, link, ok=True)["charge_id"] for _ in range(2)}
    assert len(charges) == 2


def test_refused_and_late(world, bot):
    invoice = bot.ok("sendInvoice", **INVOICE)
    assert pay(world, bot, invoice, ok=False, error_message="sold out") | {"pre_checkout_query_id": ""} == {
        "pre_checkout_query_id": "", "status": "refused", "error": "sold out",
    }  # fmt: skip
    assert world.pay(invoice, seconds=0.05)["status"] == "timeout"
    late = bot.ok("getUpdates")[-1]["pre_checkout_query"]["id"]
    assert "query is too old" in bot.refused("answerPreCheckoutQuery", pre_checkout_query_id=late, ok=True)
    assert bot.ok("getMyStarBalance") == {"amount": 0}


@pytest.mark.parametrize(
    "wrong",
    [
        {"payload": "ж" * 65},
        {"payload": ""},
        {"title": "x" * 33},
        {"currency": "USD"},
        {"prices": []},
        {"prices": [{"label": "a", "amount": 1}, {"label": "b", "amount": 1}]},
        {"prices": [{"label": "a", "amount": 0}]},
    ],
)
def test_wrong_invoices(bot, wrong):
    assert bot("sendInvoice", **{**INVOICE, **wrong})["error_code"] == 400
