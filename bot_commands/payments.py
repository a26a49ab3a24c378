"""Telegram Stars: packages, checkout, credit, refund, help with a payment.

https://core.telegram.org/bots/payments-stars
"""

from bot_commands.account import tell
from bot_commands.request import Reply, Request, UserError
from config import Package
from incoming import Payment
from records import Purchase
from stars import CURRENCY, Invoice, Order, payload, read_payload
from telegram_io import Button, NotRefunded
from texts import Language, guess, say

TITLE = 32  # characters of an invoice's title. https://core.telegram.org/bots/api#sendinvoice
SHOWN = 5  # payments in /paysupport


def topup(request: Request) -> Reply | str:
    """The packages as buttons; where nothing is sold, whom to ask."""
    config = request.tools.config
    if not config.wallets:
        return request.say("wallets_off")
    if not config.topup_packages:
        return request.say("topup_none")
    rows = [
        [Button(_label(request, each), f"buy:{each.wallet}:{each.amount}:{each.stars}")]
        for each in config.topup_packages
    ]
    return Reply(request.say("topup"), [*rows, [Button(request.say("button_cancel"), "buy:cancel")]])


def _label(request: Request, package: Package) -> str:
    return request.say(
        "button_package", what=_what(request.language, package.wallet, package.amount), stars=package.stars
    )


def _what(language: Language, wallet: str, amount: int) -> str:
    return say(language, f"package_{wallet}", amount=amount)


def buy(request: Request) -> Reply:
    """Send the invoice of a package; the buttons work once."""
    incoming = request.incoming
    if not request.tools.store.first_press(incoming.chat_id, incoming.message_id, request.update_id):
        raise UserError("used_up")
    if request.argument == "cancel":
        return Reply(request.say("topup_cancelled"))
    package = _offered(request)
    what = _what(request.language, package.wallet, package.amount)
    invoice = Invoice(
        title=what[:TITLE],
        description=request.say("invoice_description", what=what),
        payload=payload(Order(request.registered.id, package)),
        stars=package.stars,
    )
    request.once("invoice", lambda _: request.tools.telegram.send_invoice(request.place, invoice))
    return Reply(request.say("invoice_sent", what=what, stars=package.stars))


def _offered(request: Request) -> Package:
    config = request.tools.config
    for each in config.topup_packages if config.wallets else ():
        if request.argument == f"{each.wallet}:{each.amount}:{each.stars}":
            return each
    raise UserError("package_gone")


def checkout(request: Request) -> None:
    """Let a payment go on, or say why not; Telegram waits 10 seconds for it."""
    request.tools.telegram.answer_checkout(request.incoming.query_id, _objection(request))


def _objection(request: Request) -> str:
    payment, config = _payment(request), request.tools.config
    order = read_payload(payment.payload)
    if request.user is None:
        return request.say("checkout_unknown")
    if request.user.banned:
        return request.say("banned")
    if order is None or order.user_id != request.user.id:
        return request.say("checkout_foreign")
    if not config.wallets or order.package not in config.topup_packages or not _fits(payment, order):
        return request.say("package_gone")
    return "" if request.tools.store.takes_payments() else request.say("storage_failed")


def _payment(request: Request) -> Payment:
    payment = request.incoming.payment
    if payment is None:
        raise LookupError("no payment in this update")
    return payment


def _fits(payment: Payment, order: Order) -> bool:
    return payment.currency == CURRENCY and payment.amount == order.package.stars


def settle(request: Request) -> str | None:
    """What was paid is credited, what was given back is taken; each once for its charge."""
    if request.incoming.content == "refunded_payment":
        return _given_back(request)
    payment, store, payer = _payment(request), request.tools.store, request.writer
    order = read_payload(payment.payload)
    if order is None or order.user_id != payer.id or not _fits(payment, order):
        bought = store.keep_unassigned(payment.charge_id, payer.id, payment.amount, request.update_id)
    else:
        bought = store.buy(payment.charge_id, payer.id, order.package, request.update_id)
    if bought == "unassigned":
        return _unassigned(request, payment)
    return _thanks(request, payment, order.package) if bought == "credited" and order else None


def _thanks(request: Request, payment: Payment, package: Package) -> str:
    user = request.tools.store.user(request.writer.id)
    about = {"stars": payment.amount, "name": request.writer.name, "id": str(request.writer.id)}
    alerts = request.tools.alerts
    what = _what(alerts.language, package.wallet, package.amount)
    alerts.note("admin_sold", what=what, charge=payment.charge_id, **about)
    return request.say(
        "paid",
        what=_what(request.language, package.wallet, package.amount),
        wallet=request.say(f"wallet_{package.wallet}"),
        balance=getattr(user, package.wallet, 0),
    )


def _unassigned(request: Request, payment: Payment) -> str:
    """Tell the main admin of money that belongs to nothing, before the payer is told so."""
    words = request.tools.alerts.in_words(
        "admin_unassigned",
        amount=payment.amount,
        currency=payment.currency,
        name=request.writer.name,
        id=str(request.writer.id),
        charge=payment.charge_id,
    )
    tell(request, request.tools.config.admin_ids[0], words)
    return request.say("paid_unassigned", charge=payment.charge_id)


def _given_back(request: Request) -> str | None:
    """Telegram's word that a payment was given back, by /refund or from elsewhere."""
    payment, store = _payment(request), request.tools.store
    first = store.take_back(payment.charge_id, request.incoming.chat_id, payment.amount, request.update_id)
    purchase = store.purchase(payment.charge_id)
    return _paid_back(request.language, purchase) if first and purchase else None


def _paid_back(language: Language, purchase: Purchase) -> str:
    if not purchase.taken:
        return say(language, "paid_back_only", stars=purchase.stars)
    return say(language, "paid_back", stars=purchase.stars, what=_what(language, purchase.wallet, purchase.taken))


def refund(request: Request) -> str:
    """Give the Stars of a payment back and take what they bought, as far as it is still there."""
    charge, store = request.argument, request.tools.store
    if len(charge.split()) != 1:
        raise UserError("refund_usage")
    payer, stars = _payer(request, charge)
    try:
        request.tools.telegram.refund(payer, charge)
    except NotRefunded as error:
        raise UserError("refund_refused", reason=str(error)) from None
    first = store.take_back(charge, payer, stars, request.update_id)
    purchase = store.purchase(charge)
    if purchase is None:
        raise LookupError("given back, but not there")
    if first:
        tell(request, payer, _paid_back(guess(store.language(payer)), purchase))
    if not purchase.taken:
        return request.say("refund_done_only", stars=stars, id=str(payer))
    what = _what(request.language, purchase.wallet, purchase.taken)
    return request.say("refund_done", stars=stars, id=str(payer), what=what)


def _payer(request: Request, charge: str) -> tuple[int, int]:
    """Who paid and how many Stars; of a payment without a name Telegram is asked."""
    known = request.tools.store.purchase(charge)
    if known is not None and isinstance(known.user, int):
        return known.user, known.stars
    for each in request.tools.telegram.transactions():
        if each.charge == charge:
            return each.user_id, each.stars
    raise UserError("refund_unknown", charge=charge)


def paysupport(request: Request) -> str:
    """How to get help with a payment, and the last ones with their ids."""
    purchases = request.tools.store.purchases(request.registered.id)[:SHOWN]
    lines = [_line(request, each) for each in purchases]
    heading = request.say("paysupport_payments" if lines else "paysupport_none")
    return "\n\n".join([request.say("paysupport"), heading, *lines])


def _line(request: Request, purchase: Purchase) -> str:
    what = _what(request.language, purchase.wallet, purchase.amount)
    if purchase.refunded:
        what = request.say("payment_refunded")
    elif not purchase.amount:
        what = request.say("payment_unassigned")
    time = purchase.time[:16].replace("T", " ")
    return request.say("payment_line", time=time, stars=purchase.stars, what=what, charge=purchase.charge)
