"""Telegram Stars: bought once, given back once, never silently lost."""

import json
import threading
import time
from typing import Any

import pytest

import reconciliation
from config import Package
from stars import Order, payload, read_payload
from tests.conftest import ALICE, BORIS, OWNER, Conversation, buttons, mentions, on_files

TOKENS, PREMIUM = Package(50, 100_000, "balance"), Package(100, 20_000, "premium_balance")


@pytest.fixture
def settings() -> dict[str, str]:
    return {"TOPUP_PACKAGES": "50=100000, 100=20000 premium, 30=5 image"}


def invoice(people: Conversation, user: int = ALICE, package: str = "buy:balance:100000:50") -> dict[str, Any]:
    """Choose a package; its invoice."""
    offer = people.ask("/topup", user=user)
    people.press(offer, package, user=user)
    found: dict[str, Any] = people.wait_for(
        lambda: next((each for each in people.said(user, offer["message_id"]) if "invoice" in each), None)
    )
    return found


def bought(people: Conversation, user: int = ALICE, package: str = "buy:balance:100000:50") -> str:
    """Buy a package; the charge, after the bot has said thanks."""
    charge = str(people.world.pay(invoice(people, user, package), user=user)["charge_id"])
    people.wait_for(lambda: people.bot.store.purchase(charge))
    told(people, "Thank you!", user)
    return charge


def held(people: Conversation, user: int = ALICE, wallet: str = "balance") -> int:
    return int(people.bot.store.records[str(user)][wallet])


def ledger(people: Conversation, *reasons: str) -> list[tuple[int, str]]:
    return [(line["amount"], line.get("note", "")) for line in people.entries() if line["reason"] in reasons]


def told(people: Conversation, words: str, user: int = OWNER) -> str:
    found: str = people.wait_for(
        lambda: next((each["text"] for each in people.said(user) if words in each.get("text", "")), None)
    )
    return found


def shows(people: Conversation, message: dict[str, Any], words: str) -> None:
    """Wait until a message of Alice's chat holds these words."""
    people.wait_for(lambda: people.message(ALICE, message["message_id"])["text"] == words or None)


def deliver(people: Conversation, charge: str, about: str, amount: int = 50, user: int = ALICE) -> None:
    """Telegram says that something was paid."""
    person = {"id": user, "first_name": "Alice", "is_bot": False, "language_code": "en"}
    paid = {"currency": "XTR", "total_amount": amount, "invoice_payload": about}
    message = {"message_id": 9000, "date": int(time.time()), "chat": {"id": user, "type": "private"}, "from": person}
    paid |= {"telegram_payment_charge_id": charge, "provider_payment_charge_id": "0"}
    people.world.update({"message": message | {"successful_payment": paid}})


def test_a_payload_is_read_back_and_nothing_else_is() -> None:
    about = payload(Order(10**15, Package(10_000, 10**11, "premium_balance")))
    assert len(about.encode()) <= 128
    assert read_payload(about) == Order(10**15, Package(10_000, 10**11, "premium_balance"))
    assert payload(Order(1, TOKENS)) != payload(Order(1, TOKENS))
    assert read_payload("topup:101:gold:1:1:000000000000") is None
    assert read_payload(about + "\n") is None


def test_packages_are_offered_and_bought(alice: Conversation) -> None:
    offer = alice.ask("/topup", user=BORIS)
    labels = ["100\u00a0000 токенов — ⭐ 50", "20\u00a0000 премиум-токенов — ⭐ 100", "5 картинок — ⭐ 30", "Отмена"]
    assert [button["text"] for button in buttons(offer)] == labels
    alice.press(offer, "buy:premium_balance:20000:100", user=BORIS)
    sent = alice.wait_for(lambda: next((each for each in alice.said(BORIS) if "invoice" in each), None))
    assert sent["invoice"]["title"] == "20\u00a0000 премиум-токенов"
    assert alice.world.pay(sent, user=BORIS)["status"] == "paid"
    thanks = told(alice, "Спасибо!", BORIS)
    assert thanks == "Спасибо! Зачислено: 20\u00a0000 премиум-токенов. На счету «премиум» теперь 20\u00a0000."
    charge = alice.bot.store.purchases(BORIS)[0].charge
    assert told(alice, "Продано").endswith(f"Борис (id 102).\nНомер платежа: {charge}")
    assert ledger(alice, "topup") == [(20_000, charge)]


def test_an_invoice_paid_twice_is_credited_twice(alice: Conversation) -> None:
    sent = invoice(alice, package="buy:image_balance:5:30")
    charges = {alice.world.pay(sent)["charge_id"] for _ in range(2)}
    alice.wait_for(lambda: held(alice, wallet="image_balance") == 10 or None)
    assert {note for _, note in ledger(alice, "topup")} == charges


def test_an_offer_sends_one_invoice(alice: Conversation) -> None:
    offer = alice.ask("/topup")
    busy = threading.Event()
    alice.bot.quick.put(ALICE, lambda: [busy.wait(10)].clear())
    for package in ("balance:100000:50", "premium_balance:20000:100"):
        alice.world.press(offer, f"buy:{package}")
    busy.set()
    alice.wait_for(lambda: len(alice.world.calls("answerCallbackQuery")) == 2 or None)
    shows(alice, offer, "100,000 tokens for ⭐ 50: the button to pay is below. Another package: /topup")
    other = alice.ask("/topup")
    alice.press(other, "buy:cancel")
    shows(alice, other, "Nothing was bought.")
    assert len(alice.world.calls("sendInvoice")) == 1


def test_a_payment_delivered_again_is_credited_once(alice: Conversation) -> None:
    charge = bought(alice)
    for restart in (False, True):
        if restart:
            alice.restart()
        deliver(alice, charge, payload(Order(ALICE, TOKENS)))
        alice.write("/help")
    assert held(alice) == 130_000
    assert len(ledger(alice, "topup")) == 1


@pytest.mark.parametrize("user", [BORIS, 999])
def test_a_foreign_or_unknown_payer_is_refused_at_checkout(alice: Conversation, user: int) -> None:
    sent = invoice(alice)
    alice.world.user(999, first_name="Mallory", language_code="en", started=True)
    outcome = alice.world.pay(sent, user=user)
    errors = {BORIS: "Эта покупка не ваша. Свою начните командой /topup", 999: "First open a wallet: /start"}
    assert (outcome["status"], outcome["error"]) == ("refused", errors[user])
    alice.write("/ban 101", user=OWNER)
    assert alice.world.pay(sent)["error"] == "You have been blocked from this bot."


def test_a_package_that_is_gone_is_refused_at_checkout(alice: Conversation) -> None:
    sent, offer = invoice(alice), alice.ask("/topup")
    alice.environment["TOPUP_PACKAGES"] = "60=100000"
    alice.restart()
    assert alice.world.pay(sent)["error"] == "There is no such package any more. What there is: /topup"
    assert alice.press(offer, "buy:balance:100000:50").startswith("There is no such package any more.")


def test_a_checkout_waits_for_nobody(alice: Conversation) -> None:
    """Not for what its chat is busy with."""
    sent = invoice(alice)
    held_up = threading.Event()
    alice.bot.quick.put(ALICE, lambda: [held_up.wait(10)].clear())
    begun = time.monotonic()
    try:
        assert alice.world.pay(sent, seconds=5)["status"] == "paid"
        assert time.monotonic() - begun < 3.0
    finally:
        held_up.set()
    told(alice, "Thank you!", ALICE)


@pytest.mark.parametrize(
    ("about", "amount"),
    [
        (payload(Order(ALICE, TOKENS)), 49),
        (payload(Order(BORIS, TOKENS)), 50),
        ("nobody's", 50),
    ],
    ids=["less than it costs", "somebody else's", "no order"],
)
def test_a_payment_that_fits_nothing_waits_for_the_admin(alice: Conversation, about: str, amount: int) -> None:
    deliver(alice, "charge-1", about, amount)
    assert told(alice, "Your Stars have come", ALICE).endswith("The payment's id:\ncharge-1")
    assert told(alice, "ни к чему").endswith("вернуть звёзды: /refund charge-1")
    assert held(alice) == 30_000
    assert f"⭐ {amount} · waits for the admin\ncharge-1" in alice.write("/paysupport")


def test_a_payer_who_is_not_registered_is_told_too(alice: Conversation) -> None:
    alice.world.user(999, first_name="Mallory", language_code="en", started=True)
    deliver(alice, "charge-2", payload(Order(999, TOKENS)), user=999)
    told(alice, "charge-2")
    assert told(alice, "Your Stars have come", 999)
    assert not mentions(json.dumps(dict(alice.bot.store.records["payments"])), 999)


def test_a_refund_takes_what_is_left(alice: Conversation) -> None:
    charge = bought(alice)
    alice.world.send("/refill 101 -60k", user=OWNER)
    told(alice, "−60")
    done = alice.write(f"/refund {charge}", user=OWNER)
    assert done == "Возвращено ⭐ 50 (id 101). Со счёта снято: 70\u00a0000 токенов."
    assert held(alice) == 0
    assert (
        told(alice, "given back", ALICE) == "Your payment was given back: ⭐ 50. Taken from your wallet: 70,000 tokens."
    )
    assert ledger(alice, "refund") == [(-70_000, f"{charge}, written off 30000")]
    assert alice.write(f"/refund {charge}", user=OWNER) == done
    assert "given back" in alice.write("/paysupport")
    assert len([each for each in alice.said(ALICE) if "Your payment was given back" in each.get("text", "")]) == 1
    assert len(ledger(alice, "refund")) == 1
    assert len([each for each in alice.world.messages(ALICE) if "refunded_payment" in each]) == 1


def test_a_refund_whose_answer_was_lost_is_a_refund(alice: Conversation) -> None:
    charge = bought(alice)
    alice.world.fault(kind="reset", method="refundStarPayment", done=True)
    assert alice.write(f"/refund {charge}", user=OWNER).startswith("Возвращено ⭐ 50")
    assert held(alice) == 30_000


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("", "Какой платёж вернуть"),
        ("two words", "Какой платёж вернуть"),
        ("stx-unknown", "Платежа stx-unknown нет ни у меня, ни в Telegram."),
    ],
)
def test_a_refund_of_nothing(alice: Conversation, words: str, answer: str) -> None:
    assert alice.write(f"/refund {words}", user=OWNER).startswith(answer)


def test_what_telegram_refuses_changes_nothing(alice: Conversation) -> None:
    charge = bought(alice)
    alice.world.fault(kind="400", method="refundStarPayment", description="Bad Request: BALANCE_TOO_LOW")
    assert "BALANCE_TOO_LOW" in alice.write(f"/refund {charge}", user=OWNER)
    assert held(alice) == 130_000


def test_a_refund_from_elsewhere_takes_the_tokens(alice: Conversation) -> None:
    charge = bought(alice)
    alice.bot.telegram.refund(ALICE, charge)
    assert told(alice, "given back", ALICE).startswith(
        "Your payment was given back: ⭐ 50. Taken from your wallet: 100,000 tokens."
    )
    assert held(alice) == 30_000


@on_files
def test_who_is_deleted_can_be_refunded_still(alice: Conversation) -> None:
    charge = bought(alice)
    alice.press(alice.ask("/delete_me"), "delete:yes")
    alice.wait_for(lambda: str(ALICE) not in alice.bot.store.records or None)
    kept = alice.bot.store.purchase(charge)
    assert kept is not None
    assert isinstance(kept.user, str)
    assert '"user": 101' not in (alice.folder / "data.json").read_text()
    assert alice.write(f"/refund {charge}", user=OWNER) == "Возвращено ⭐ 50 (id 101)."
    alice.wait_for(lambda: alice.bot.store.purchase(charge).refunded or None)


def test_paysupport_says_how_and_lists_the_last(alice: Conversation) -> None:
    assert alice.write("/paysupport").endswith("You have not paid anything yet.")
    charge = bought(alice)
    assert f"⭐ 50 · 100,000 tokens\n{charge}" in alice.write("/paysupport")


def test_the_comparison_finds_what_never_came(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "YOUNGEST", -1.0)
    charge, other = bought(alice), bought(alice)
    compare = alice.bot.reconciliation.compare
    compare()
    with alice.bot.store.engine.change() as change:
        del change.wide("payments")[charge]
    alice.world.fault(kind="reset", method="getStarTransactions")
    compare()
    note = told(alice, "расходится")
    assert note.count("/refund") == 1
    assert note.endswith(f"вернуть: /refund {charge}")
    compare()
    assert len([each for each in alice.said(OWNER) if "расходится" in each["text"]]) == 1
    deliver(alice, charge, payload(Order(ALICE, TOKENS)))
    alice.wait_for(lambda: held(alice) == 330_000 or None)
    alice.bot.telegram.refund(ALICE, other)
    alice.wait_for(lambda: alice.bot.store.purchase(other).refunded or None)
    with alice.bot.store.engine.change() as change:
        payments = change.wide("payments")
        payments[other] = {name: value for name, value in payments[other].items() if name != "refunded"}
    compare()
    assert told(alice, "Возвращено через Telegram").endswith(f"Снять: /refund {other}")


def test_a_young_payment_is_not_missed_yet(alice: Conversation) -> None:
    charge = bought(alice)
    with alice.bot.store.engine.change() as change:
        del change.wide("payments")[charge]
        change.wide("payments")["other"] = {"user": 1, "time": "", "stars": 1}
    alice.bot.reconciliation.compare()
    assert not [each for each in alice.said(OWNER) if "расходится" in each["text"]]


def test_an_empty_wallet_leads_to_the_packages(alice: Conversation) -> None:
    alice.write("/refill 101 -29900", user=OWNER)
    refusal = alice.ask("Why?")
    alice.press(refusal, "/topup")
    shows(alice, refusal, "What shall it be for Telegram Stars? It is added as soon as it is paid.")
    alice.press(alice.message(ALICE, refusal["message_id"]), "buy:balance:100000:50")
    sent = alice.wait_for(lambda: next((each for each in alice.said(ALICE) if "invoice" in each), None))
    assert alice.world.pay(sent)["status"] == "paid"
    alice.wait_for(lambda: held(alice) == 100_100 or None)


class TestWithoutPackages:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {}

    def test_one_is_told_whom_to_ask(self, alice: Conversation) -> None:
        assert alice.write("/topup").startswith("Nothing is sold here. The admin can add to your wallet")
        alice.bot.reconciliation.compare()
        assert alice.world.calls("getStarTransactions") == []


def test_what_was_given_back_before_it_came_is_not_credited(
    alice: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "YOUNGEST", -1.0)
    charge = bought(alice)
    alice.write("/refill 101 -100k", user=OWNER)
    with alice.bot.store.engine.change() as change:
        del change.wide("payments")[charge]
    alice.bot.reconciliation.compare()
    assert alice.write(f"/refund {charge}", user=OWNER).startswith("Возвращено ⭐ 50")
    before = len(alice.said(ALICE))
    deliver(alice, charge, payload(Order(ALICE, TOKENS)))
    assert alice.write("/paysupport")
    assert held(alice) == 30_000
    assert len(alice.said(ALICE)) == before + 1
    assert alice.bot.store.purchase(charge).refunded
