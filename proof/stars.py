"""R11: payments in Stars that come twice, do not fit, are given back without an answer, while the process is killed."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from config import Package
from proof.stage import FIRST_ID, GIFT, OWNER, Json, Stage
from proof.trial import Outcome, must, run_trials
from stars import Order, payload

PACKAGES = (Package(50, 100_000, "balance"), Package(100, 20_000, "premium_balance"), Package(30, 5, "image_balance"))
SOLD = "50=100000, 100=20000 premium, 30=5 image"
BUYERS = range(FIRST_ID, FIRST_ID + 6)
WRONG = ("amount", "currency", "payer", "payload")  # what does not fit in a payment
THANKS, UNFIT, RETURNED = "Thank you! Added", "Your Stars have come", "given back (id"
PAYING_SECONDS = 0.04  # in which all payments are made, if nothing happens
REFUNDING_SECONDS = 2.0  # the same of refunds, with the pauses after two lost answers
CHECKOUT_SECONDS = 9.0  # a person waits for the bot's agreement


class Seen(NamedTuple):
    """What a trial saw: payments, those that fit nothing, refunds."""

    paid: int
    unfit: int
    refunds: int


def credited_once(trials: int) -> Outcome:
    """R11: each trial six buyers, one of whom pays an invoice twice, and three kills."""
    ran = run_trials(trials, _one)
    paid, unfit, refunds = (sum(each[place] for each in ran.found) for place in range(3))
    figure = (
        f"{paid} payments credited once each, {unfit} that fit nothing kept and told, {refunds} refunds taken once "
        f"each through {3 * len(ran.found)} kills and lost answers"
    )
    return Outcome(trials, ran.failures, figure)


class Shop:
    """Six buyers and an owner; what was truly paid, by charge: who paid for which package."""

    def __init__(self, stage: Stage, dice: random.Random) -> None:
        self.stage, self.dice = stage, dice
        self.paid: dict[str, Order] = {}
        self.unfit: dict[str, int] = {}  # charge → payer
        self.refunded: list[str] = []

    def open(self) -> dict[int, tuple[Package, Json]]:
        """Everybody chooses a package; their invoices."""
        stage, chosen = self.stage, {user: self.dice.choice(PACKAGES) for user in BUYERS}
        for user in BUYERS:
            stage.world.send("/topup", user=user)
        stage.until(lambda: all(stage.count(user, "What shall it be") for user in BUYERS), "offers")
        for user, (stars, amount, wallet) in chosen.items():
            offer = next(each for each in stage.world.messages(user) if "reply_markup" in each)
            stage.world.press(offer, f"buy:{wallet}:{amount}:{stars}", user=user)
        stage.until(lambda: all(_invoice(stage, user) for user in BUYERS), "invoices")
        return {user: (package, _invoice(stage, user)) for user, package in chosen.items()}

    def pay(self, invoices: dict[int, tuple[Package, Json]]) -> None:
        """All pay at once, the first twice, and the process is killed meanwhile; a timeout is paid again."""
        left = [*BUYERS, BUYERS[0]]
        killed = False
        with ThreadPoolExecutor(len(left)) as pool:
            while left:
                paying = {pool.submit(self._pay, user, invoices[user][1]): user for user in left}
                if not killed:
                    self.die(PAYING_SECONDS)
                    killed = True
                outcomes = [(user, future.result()) for future, user in paying.items()]
                left = [user for user, outcome in outcomes if outcome["status"] == "timeout"]
                for user, outcome in outcomes:
                    must(outcome["status"] != "refused", f"refused at checkout: {outcome}")
                    if outcome["status"] == "paid":
                        self.paid[outcome["charge_id"]] = Order(user, invoices[user][0])

    def _pay(self, user: int, invoice: Json) -> Json:
        return self.stage.world.pay(invoice, user=user, seconds=CHECKOUT_SECONDS)

    def die(self, latest: float) -> None:
        """Work on for so many seconds at most, then be killed and come back."""
        self.stage.let_pass(self.dice.uniform(0, latest))
        self.stage.kill()
        self.stage.start(until="getMe")

    def again(self) -> None:
        """Every payment is said to have been made once more: as the same update, and as a new one."""
        for update in self._payments():
            self.stage.world.update(update)
            self.stage.world.update({"message": update["message"]})

    def _payments(self) -> list[Json]:
        calls = self.stage.world.calls("getUpdates")
        updates = {each["update_id"]: each for call in calls for each in (call["response"] or {}).get("result") or ()}
        return [each for each in updates.values() if "successful_payment" in each.get("message", {})]

    def pay_wrongly(self) -> None:
        """Payments come that fit no order."""
        sample = self._payments()[0]
        for number, wrong in enumerate(WRONG):
            user = self.dice.choice(BUYERS)
            charge = f"wrong-{number}"
            self.unfit[charge] = user
            paid = _wrong(wrong, user) | {"telegram_payment_charge_id": charge, "provider_payment_charge_id": "0"}
            person = {"id": user, "first_name": f"User {user}", "is_bot": False, "language_code": "en"}
            about = {"from": person, "chat": {"id": user, "type": "private", "first_name": f"User {user}"}}
            self.stage.world.update({"message": sample["message"] | about | {"successful_payment": paid}})

    def give_back(self) -> None:
        """The owner gives half of it back; Telegram's answers are lost, twice."""
        self.refunded = sorted(self.dice.sample(sorted(self.paid), len(self.paid) // 2))
        self.stage.world.fault(kind="reset", method="refundStarPayment", done=True, times=2)
        for charge in self.refunded:
            self.stage.world.send(f"/refund {charge}", user=OWNER)

    def said_thanks(self) -> bool:
        """Whether every payer has heard of every payment."""
        thanked = Counter(order.user_id for order in self.paid.values())
        unfit = Counter(self.unfit.values())
        count = self.stage.count
        return all(count(user, THANKS) >= thanked[user] and count(user, UNFIT) >= unfit[user] for user in BUYERS)


def _invoice(stage: Stage, user: int) -> Json:
    return next((each for each in stage.world.messages(user) if "invoice" in each), {})


def _wrong(what: str, user: int) -> Json:
    package = PACKAGES[0]
    right: Json = {"currency": "XTR", "total_amount": package.stars, "invoice_payload": payload(Order(user, package))}
    other: dict[str, Json] = {
        "amount": {"total_amount": package.stars - 1},
        "currency": {"currency": "USD"},
        "payer": {"invoice_payload": payload(Order(user + 1, package))},
        "payload": {"invoice_payload": "topup:all"},
    }
    return right | other[what]


def _one(number: int, folder: Path) -> Seen:
    dice = random.Random(number)
    with Stage(folder, TOPUP_PACKAGES=SOLD) as stage:
        stage.start()
        stage.register(range(OWNER, OWNER + 1))
        stage.register(BUYERS)
        shop = Shop(stage, dice)
        shop.pay(shop.open())
        stage.until(shop.said_thanks, "thanks")
        shop.again()
        shop.pay_wrongly()
        shop.die(PAYING_SECONDS)
        stage.until(shop.said_thanks, "a word about every payment")
        shop.give_back()
        shop.die(REFUNDING_SECONDS)
        stage.until(partial(_all_given_back, shop), "refunds")
        shop.again()
        for user in BUYERS:
            stage.world.send("/balance", user=user)
        stage.until(lambda: all(stage.count(user, "Your wallet:") for user in BUYERS), "balances")
        stage.until(lambda: not stage.world.pending(), "an empty queue")
        stage.leave()
        _agrees(shop)
        stage.verify()
        return Seen(len(shop.paid), len(shop.unfit), len(shop.refunded))


def _all_given_back(shop: Shop) -> bool:
    return shop.stage.count(OWNER, RETURNED) >= len(shop.refunded)


def _agrees(shop: Shop) -> None:
    """Files, wallets and Telegram's own list say the same."""
    records, ledger = shop.stage.records(), shop.stage.ledger()
    kept = records["payments"]
    must(set(kept) == {*shop.paid, *shop.unfit}, f"kept: {sorted(kept)}; paid: {sorted({*shop.paid, *shop.unfit})}")
    given_back = sorted(charge for charge, each in kept.items() if each.get("refunded"))
    must(given_back == shop.refunded, f"given back: {given_back}, not {shop.refunded}")
    for reason, charges in (("topup", sorted(shop.paid)), ("refund", shop.refunded)):
        booked = sorted(line["note"] for line in ledger if line["reason"] == reason)
        must(booked == charges, f"{reason} in the ledger: {booked}, not {charges}")
    want: Counter[tuple[int, str]] = Counter({(user, "balance"): GIFT for user in BUYERS})
    for charge, order in shop.paid.items():
        if charge not in shop.refunded:
            want[order.user_id, order.package.wallet] += order.package.amount
    for user in BUYERS:
        for wallet in ("balance", "premium_balance", "image_balance"):
            held = records[str(user)][wallet]
            must(held == want[user, wallet], f"user {user}: {wallet} holds {held}, not {want[user, wallet]}")
    for charge in shop.unfit:
        must(shop.stage.count(OWNER, f"/refund {charge}"), f"the owner was not told of {charge}")
