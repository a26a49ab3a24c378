"""What people bought for Telegram Stars: each payment is credited once, and stays known for its refund."""

from typing import Any, Literal

from accounts.people import People
from config import Package
from engine.changes import Changes
from engine.state import PAYMENTS
from records import Purchase

Bought = Literal["credited", "known", "unassigned"]


class Purchases(People):
    """Payments stand in a record of their own, by telegram_payment_charge_id; they outlive whoever paid."""

    def purchase(self, charge: str) -> Purchase | None:
        """What is known of a payment."""
        with self.lock:
            found = self.records.get(PAYMENTS, {}).get(charge)
        return _purchase(charge, found) if found else None

    def purchases(self, user_id: int) -> list[Purchase]:
        """What a person has paid, newest first."""
        with self.lock:
            payments = self.engine.payments_of(user_id)
        return [_purchase(charge, each) for charge, each in reversed(payments.items())]

    def all_purchases(self) -> dict[str, Purchase]:
        """What is known of all payments, under their charges."""
        with self.lock:
            payments = self.records.get(PAYMENTS, {})
        return {charge: _purchase(charge, each) for charge, each in payments.items()}

    def was_paid(self) -> bool:
        """Whether anybody has ever paid."""
        return bool(self.records.get(PAYMENTS))

    def takes_payments(self) -> bool:
        """Whether a payment could be kept at this moment: the disk takes what is written."""
        return self.engine.takes_lines()

    def buy(self, charge: str, user_id: int, package: Package, update_id: int = 0) -> Bought:
        """Credit what was paid for, once for a charge; a payer without a record has nothing to be credited to."""
        with self.engine.change(update_id, "buy") as change:
            if not change.done_before:
                change.gives = self._buy(change, charge, user_id, package, update_id)
            gives: Bought = change.gives
            return gives

    def _buy(self, change: Changes, charge: str, user_id: int, package: Package, update_id: int) -> Bought:
        known = self.records.get(PAYMENTS, {}).get(charge)
        if known and (not known.get("missing") or known.get("refunded")):
            return "known"
        if "balance" not in self.records.get(str(user_id), {}):
            return self._keep(change, charge, user_id, package.stars)
        record = change.record(str(user_id))
        record[package.wallet] = int(record.get(package.wallet, 0)) + package.amount
        self._book(change, user_id, package.wallet, package.amount, "topup", update_id, note=charge)
        paid = {"user": user_id, "time": self._timestamp(), "stars": package.stars}
        change.wide(PAYMENTS)[charge] = paid | {"wallet": package.wallet, "amount": package.amount}
        return "credited"

    def keep_unassigned(self, charge: str, user_id: int, stars: int, update_id: int = 0) -> Bought:
        """Remember a payment that fits no order: nothing is credited until the owner decides."""
        with self.engine.change(update_id, "buy") as change:
            if not change.done_before:
                known = charge in self.records.get(PAYMENTS, {})
                change.gives = "known" if known else self._keep(change, charge, user_id, stars)
            gives: Bought = change.gives
            return gives

    def keep_missing(self, charge: str, user_id: int, stars: int) -> None:
        """Remember a payment that Telegram lists and never told us about; should it still do so, it is credited."""
        with self.engine.change() as change:
            if charge not in self.records.get(PAYMENTS, {}):
                self._keep(change, charge, user_id, stars)
                change.wide(PAYMENTS)[charge]["missing"] = True

    def _keep(self, change: Changes, charge: str, user_id: int, stars: int) -> Literal["unassigned"]:
        """Note who paid, as a keyed hash where nobody of that id is registered (any more)."""
        payer = user_id if str(user_id) in self.records else self._remains(user_id)
        change.wide(PAYMENTS)[charge] = {"user": payer, "time": self._timestamp(), "stars": stars}
        return "unassigned"

    def take_back(self, charge: str, user_id: int, stars: int, update_id: int = 0) -> bool:
        """The Stars were given back: take what they bought, down to zero at most; False when that was done before."""
        with self.engine.change(update_id, "take back") as change:
            if not change.done_before:
                if charge not in self.records.get(PAYMENTS, {}):
                    self._keep(change, charge, user_id, stars)
                change.gives = self._take_back(change, charge, update_id)
            return bool(change.gives)

    def _take_back(self, change: Changes, charge: str, update_id: int) -> bool:
        payments = change.wide(PAYMENTS)
        paid = _purchase(charge, payments[charge])
        if paid.refunded:
            return False
        payments[charge] = {**payments[charge], "refunded": self._timestamp()}
        if paid.amount and isinstance(paid.user, int):
            record = change.record(str(paid.user))
            taken = min(paid.amount, int(record.get(paid.wallet, 0)))
            record[paid.wallet] = int(record.get(paid.wallet, 0)) - taken
            note = f"{charge}, written off {paid.amount - taken}" if taken < paid.amount else charge
            self._book(change, paid.user, paid.wallet, -taken, "refund", update_id, note=note)
            payments[charge]["taken"] = taken
        return True


def _purchase(charge: str, kept: dict[str, Any]) -> Purchase:
    return Purchase(
        charge=charge,
        user=kept["user"],
        time=kept["time"],
        stars=kept["stars"],
        wallet=kept.get("wallet", "balance"),
        amount=kept.get("amount", 0),
        refunded=bool(kept.get("refunded")),
        taken=kept.get("taken", 0),
    )
