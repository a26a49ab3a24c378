"""Wallets: what they hold, what is set aside, what paid steps cost; every change is a line of the ledger."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from accounts.questions import Questions
from engine.changes import Changes, StorageError
from engine.either import AnyEngine, AnyInbox
from engine.ledger import Entry
from engine.reservations import Held
from records import Bill, Conversation, Delivery, PastQuestion, Reservation, Rules, Spent, Turn, Wallet


class BudgetError(Exception):
    """BUDGET_USD_PER_DAY is spent or set aside: nothing more is bought for users today."""


class Wallets(Questions):
    """Reserve, then settle or release: a wallet is never below zero, whatever runs side by side."""

    def __init__(self, engine: AnyEngine, inbox: AnyInbox, rules: Rules) -> None:
        super().__init__(engine, inbox, rules)
        self.budget_reached: Callable[[int, float], None] = lambda percent, usd: None  # told once a day each percent
        self.spent: Callable[[Spent], None] = lambda spent: None  # told once of each paid step, when it is on the disk

    def available(self, user_id: int, wallet: Wallet) -> int:
        """What a wallet holds beyond running reservations."""
        with self.engine.alone():
            return self._available(user_id, wallet)

    def refill(self, user_id: int, wallet: Wallet, amount: int, update_id: int = 0) -> int:
        """Add to a wallet, or take away down to zero at most; returns the new balance."""
        with self.engine.change(update_id, "refill") as change:
            if not change.done_before and self._is_here(user_id):
                record = change.record(str(user_id))
                held = int(record.get(wallet, 0))
                record[wallet] = change.gives = max(0, held + amount)
                self._book(change, user_id, wallet, record[wallet] - held, "refill", update_id)
            return int(change.gives or 0)

    def reserve(self, user_id: int, wallet: Wallet, amount: int, usd: float | None = None) -> Reservation:
        """Set aside `amount`, or as much of it as the wallet has; admins and WALLETS=off always get it all.

        `usd` is the most the step may cost the owner. Raises BudgetError when that is more than the day has left, and
        StorageError while the disk takes nothing: what cannot be charged is not to be bought.
        """
        if not self.engine.takes_lines():
            raise StorageError("nothing can be charged")
        with self.engine.alone():
            if user_id not in self.rules.admins and self._over_budget(usd or 0.0):
                raise BudgetError("the day's budget is spent")
            granted = min(amount, self._available(user_id, wallet)) if self._pays(user_id) else amount
            number = self.engine.reservations.add(Held(user_id, wallet, granted, usd or 0.0))
            return Reservation(number, user_id, wallet, granted, usd or 0.0)

    def release(self, reservation: Reservation) -> None:
        """Give a reservation back, if that was not done yet: the step failed and costs nothing, or is settled."""
        with self.lock:
            self.engine.reservations.drop(reservation.number)

    def void(self, user_id: int) -> None:
        """Somebody was deleted: what they still wait for is neither charged nor remembered, even if they come back."""
        with self.lock:
            self.engine.reservations.void(user_id)

    def settle(
        self,
        reservation: Reservation,
        bill: Bill,
        conversation: Conversation,
        turn: Turn | None,
        delivery: Delivery,
        update_id: int = 0,
        past: PastQuestion | None = None,
    ) -> None:
        """Charge what was really used, never below zero, count the request, remember the turn and what to deliver.

        `past` is kept for the buttons under the answer.
        """
        user_id, wallet = reservation.user_id, reservation.wallet
        with self.engine.change(update_id, "settle") as change:
            if not change.done_before and self._stands(reservation):
                self._charge(change, reservation, bill, "answer", update_id)
                self._count(change, user_id, {_counter(wallet): bill.tokens, "requests": 1})
                if turn and conversation.memory:
                    self.remember(change, conversation, turn, update_id)
                if past:
                    self.keep_question(change, self.now_at(conversation.topic), past)
            elif not change.done_before:
                self.disown(change, turn)
            change.gives = list(delivery)
            self.release(reservation)
        if not change.done_before:
            remembers = conversation.memory > 0
            self.spent(Spent(update_id, user_id, conversation.topic.chat_id, "answer", wallet, bill, remembers))

    def charge(
        self,
        reservation: Reservation,
        bill: Bill,
        reason: Literal["voice", "picture"],
        update_id: int,
        gives: Any = None,
        chat_id: int = 0,
    ) -> Any:
        """Charge a paid step that is no answer, once for its update; returns what the first run `gives`, as JSON.

        A picture counts as a request; a voice does not: its answer will, or `count_request`.
        """
        with self.engine.change(update_id, reason) as change:
            if not change.done_before and self._stands(reservation):
                self._charge(change, reservation, bill, reason, update_id)
                drawn = {"images": bill.pictures, "requests": 1}
                heard = {"whisper_seconds": round(bill.seconds)}
                self._count(change, reservation.user_id, drawn if reason == "picture" else heard)
            if not change.done_before:
                change.gives = gives
            self.release(reservation)
        if not change.done_before:
            self.spent(Spent(update_id, reservation.user_id, chat_id, reason, reservation.wallet, bill))
        return change.gives

    def write_off(self, reservation: Reservation, bill: Bill, update_id: int) -> None:
        """Book what a step cost the owner that came to nothing: its person pays nothing, the day's budget does."""
        with self.engine.change(update_id, "write off") as change:
            if not change.done_before and self._stands(reservation):
                self._book(change, reservation.user_id, reservation.wallet, 0, "failed", update_id, bill)
                self._watch_budget(change, bill)
                change.gives = True
            self.release(reservation)

    def count_request(self, user_id: int, update_id: int) -> None:
        """Count a request that was answered without a model's words."""
        with self.engine.change(update_id, "request") as change:
            if not change.done_before and str(user_id) in self.records:
                self._count(change, user_id, {"requests": 1})

    def given(self, update_id: int, deed: str) -> Any:
        """What a deed gave an earlier run of this update, None when there was none."""
        pending = self.inbox.pending(update_id)
        return pending.gives.get(deed) if pending else None

    def delivery(self, update_id: int) -> Delivery | None:
        """The answer that was paid for this update and may not be delivered yet."""
        given = self.given(update_id, "settle")
        return Delivery(*given) if given else None

    def cost_today(self) -> float:
        """What everybody's paid steps of today have cost, in USD, as far as prices are known."""
        with self.lock:
            return self._cost_today()

    def _cost_today(self) -> float:
        today = self.engine.days(self._now()[:10]).get(self._now()[:10], {})
        return float(sum(figures.get("usd", 0.0) for figures in today.values()))

    def _over_budget(self, usd: float) -> bool:
        spent = self._cost_today()
        return 0 < self.rules.budget < spent + self.engine.reservations.usd() + usd or 0 < self.rules.budget <= spent

    def _charge(self, change: Changes, reservation: Reservation, bill: Bill, reason: str, update_id: int) -> None:
        user_id, wallet = reservation.user_id, reservation.wallet
        record = change.record(str(user_id))
        held = int(record.get(wallet, 0))
        charged = min(bill.amount, held) if self._pays(user_id) else 0
        record[wallet] = held - charged
        note = f"written off {bill.amount - charged}" if self._pays(user_id) and charged < bill.amount else ""
        self._book(change, user_id, wallet, -charged, reason, update_id, bill, note)
        self._watch_budget(change, bill)

    def _watch_budget(self, change: Changes, bill: Bill) -> None:
        """Tell once a day that 80 % of the budget are spent, once that all of it is."""
        spent, budget = self._cost_today() + (bill.usd or 0.0), self.rules.budget
        reached = next((percent for percent in (100, 80) if budget and spent >= budget * percent / 100), 0)
        told = str(change.record("global").get("budget_told", ""))
        today = self._now()[:10]
        if reached > (int(told[11:]) if told.startswith(today) else 0):
            change.record("global")["budget_told"] = f"{today} {reached}"
            self.budget_reached(reached, spent)

    def _count(self, change: Changes, user_id: int, counts: dict[str, int]) -> None:
        for counted in (change.record(str(user_id)), change.record("global")):
            for name, more in counts.items():
                counted[name] = int(counted.get(name, 0)) + more
        change.record(str(user_id))["last_request"] = self._now()

    def _stands(self, reservation: Reservation) -> bool:
        """Whether who reserved is still there, and was all the time."""
        return self.engine.reservations.stands(reservation.number) and str(reservation.user_id) in self.records

    def _pays(self, user_id: int) -> bool:
        return self.rules.charging and user_id not in self.rules.admins

    def _available(self, user_id: int, wallet: Wallet) -> int:
        held = int(self.records.get(str(user_id), {}).get(wallet, 0))
        return max(0, held - self.engine.reservations.amount(user_id, wallet))

    def _timestamp(self) -> str:
        return datetime.now(self.rules.zone).isoformat(timespec="seconds")

    def _now(self) -> str:
        return datetime.now(self.rules.zone).strftime("%Y-%m-%d %H:%M:%S")

    def _book(
        self,
        change: Changes,
        user_id: int,
        wallet: Wallet,
        amount: int,
        reason: str,
        update_id: int,
        bill: Bill | None = None,
        note: str = "",
    ) -> None:
        """Write a line of the ledger; refusals and gifts of nothing are not worth one."""
        if not amount and not bill:
            return
        entry = Entry(0, 0, self._timestamp(), user_id, wallet, amount, reason, update_id or None, note=note)
        if bill:
            notes = [note, "estimated"] if bill.estimated else [note]
            entry = replace(
                entry,
                model=bill.model,
                tokens_in=bill.tokens_in,
                tokens_cached=bill.tokens_cached,
                tokens_out=bill.tokens_out,
                tokens_reasoning=bill.tokens_reasoning,
                seconds=bill.seconds,
                pictures=bill.pictures,
                usd=bill.usd,
                note=", ".join(filter(None, notes)),
            )
        change.entry(entry)

    def _book_gifts(self, change: Changes, user_id: int, gifts: dict[Wallet, int], update_id: int) -> None:
        for wallet, amount in gifts.items():
            self._book(change, user_id, wallet, amount, "start", update_id)


def _counter(wallet: Wallet) -> str:
    return "premium_tokens" if wallet == "premium_balance" else "tokens"
