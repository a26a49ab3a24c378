"""Users and their wallets, with their dialogues: named questions and deeds; a deed is on the disk when it returns."""

import itertools
import logging
import secrets
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from audience import Audience
from engine.datafile import KEPT_DAYS, DataFileError, encode
from engine.engine import Changes, Engine, StorageError
from engine.inbox import Inbox
from engine.ledger import Entry
from engine.state import BOOKKEEPING, remains
from records import (
    ADMIN_GIFT,
    COUNTERS,
    WALLETS,
    Bill,
    Conversation,
    Delivery,
    Person,
    Registration,
    Reservation,
    Rules,
    Turn,
    User,
    Wallet,
)

log = logging.getLogger(__name__)

__all__ = ["KEPT_DAYS", "StorageError", "Store"]


class Store(Audience):
    """The records of all chats; safe to call from many threads.

    A deed that is given the id of the update it serves is done once for it, also when the update runs again.
    """

    def __init__(self, path: Path, rules: Rules, refusals: tuple[type[Exception], ...] = ()) -> None:
        """`refusals` are the errors of a message that was surely not sent."""
        engine = Engine(path, rules.zone)
        super().__init__(engine, Inbox(engine, refusals), rules)
        self._reserved: dict[int, Reservation] = {}
        self._numbers = itertools.count(1)
        try:
            self._first_start()
            self.engine.start()
        except (StorageError, OSError) as error:
            self.engine.close()
            raise DataFileError(f"{path.parent} cannot be written to: {error}") from error

    def _first_start(self) -> None:
        """A new file begins with the sums of all and the admins' records."""
        with self.engine.change() as change:
            sums = self.records["global"]
            change.record("global").update({name: 0 for name in COUNTERS if name not in sums})
            change.record("global").setdefault("deletion_key", secrets.token_hex(32))
            for admin in self.rules.admins:
                if "balance" not in self.records.get(str(admin), {}):
                    change.record(str(admin)).update(dict.fromkeys(COUNTERS, 0) | ADMIN_GIFT)
                    self._book_gifts(change, admin, ADMIN_GIFT, 0)

    # -- questions

    def user(self, user_id: int) -> User | None:
        """A registered user, else None."""
        with self.lock:
            record = self.records.get(str(user_id))
            return self._user(user_id, record) if record and "balance" in record else None

    def find(self, who: str) -> User | None:
        """A registered user by id or @username, in any case."""
        if who.isdecimal():
            return self.user(int(who))
        wanted = "@" + who.removeprefix("@").lower()
        with self.lock:
            for key, record in self.records.items():
                if str(record.get("username", "")).lower() == wanted and "balance" in record:
                    return self._user(int(key), record)
        return None

    def users_count(self) -> int:
        """How many people are registered."""
        with self.lock:
            return sum("balance" in record for record in self.records.values())

    def file_content(self) -> bytes:
        """All records of this moment, as data.json holds them."""
        with self.lock:
            records = dict(self.records)
        everything = {name: value for name, value in records["global"].items() if name not in BOOKKEEPING}
        return b"".join(encode({**records, "global": everything}))

    def available(self, user_id: int, wallet: Wallet) -> int:
        """What a wallet holds beyond running reservations."""
        with self.lock:
            return self._available(user_id, wallet)

    # -- deeds

    def register(self, person: Person, referrer: int | None, update_id: int = 0) -> Registration:
        """Make a wallet for who has none; both sides of an invitation get their bonus, once.

        Who was deleted and comes back starts with nothing and brings nobody a bonus.
        """
        with self.engine.change(update_id, "register") as change:
            if change.done_before:
                return Registration(*change.gives)
            if "balance" in self.records.get(str(person.id), {}):
                return Registration(is_new=False)
            registration = self._register(change, person, referrer, update_id)
            change.gives = list(registration)
            return registration

    def _register(self, change: Changes, person: Person, referrer: int | None, update_id: int) -> Registration:
        returns = self._remains(person.id) in self.records["global"].get("deleted", ())
        gifts = dict.fromkeys(WALLETS, 0) if returns else self.rules.gifts
        record = change.record(str(person.id))
        record.update(dict.fromkeys(COUNTERS, 0) | gifts | _names(person))
        record.update(last_request=self._now(), language=person.language)
        self._book_gifts(change, person.id, gifts, update_id)
        if returns or not self._may_invite(referrer, person.id):
            return Registration(is_new=True)
        bonus = self.rules.referral_bonus
        record["balance"] += bonus
        record["ref_id"] = referrer
        self._book(change, person.id, "balance", bonus, "invited", update_id)
        paid = self._reward(change.record(str(referrer)))
        if paid:
            self._book(change, int(referrer or 0), "balance", bonus, "invitation", update_id)
        return Registration(True, bonus, referrer if paid else None)

    def _may_invite(self, referrer: int | None, newcomer: int) -> bool:
        inviter = self.user(referrer) if referrer else None
        return inviter is not None and not inviter.banned and inviter.id != newcomer

    def _reward(self, inviter: dict[str, Any]) -> bool:
        """Pay who invited, at most so many times a day."""
        today = self._now()[:10]
        paid = int(inviter.get("referrals_paid", 0)) if inviter.get("referral_day") == today else 0
        if paid >= self.rules.referral_daily_limit:
            return False
        inviter.update(balance=inviter["balance"] + self.rules.referral_bonus, referral_day=today)
        inviter["referrals_paid"] = paid + 1
        return True

    def refresh(self, person: Person) -> None:
        """Keep name and @username of a registered user as Telegram has them now; who writes can be written to."""
        with self.lock:
            record = self.records.get(str(person.id), {})
            now = _names(person) | {"language": record.get("language", person.language), "unreachable": None}
            stale = {name: value for name, value in now.items() if record.get(name) != value}
        if stale and "balance" in record:
            self.set_fields(str(person.id), **stale)

    def refill(self, user_id: int, wallet: Wallet, amount: int, update_id: int = 0) -> int:
        """Add to a wallet, or take away down to zero at most; returns the new balance."""
        with self.engine.change(update_id, "refill") as change:
            if not change.done_before:
                record = change.record(str(user_id))
                held = int(record.get(wallet, 0))
                record[wallet] = change.gives = max(0, held + amount)
                self._book(change, user_id, wallet, record[wallet] - held, "refill", update_id)
            return int(change.gives)

    def ban(self, user_id: int, banned: bool, update_id: int = 0) -> bool:
        """Block a user, or let them in again; whether that changed anything."""
        with self.engine.change(update_id, "ban") as change:
            if not change.done_before:
                record = change.record(str(user_id))
                change.gives = bool(record.get("blacklist")) != banned
                record["blacklist"] = banned
                if not banned:
                    del record["blacklist"]
            return bool(change.gives)

    def erase(self, user_id: int, update_id: int = 0) -> None:
        """Take a person out of records, histories, journal and ledger at once; a keyed hash of the id stays."""
        left = self._remains(user_id)
        with self.engine.change(update_id, "erase") as change:
            held = self.records.get(str(user_id), {})
            for wallet in WALLETS:
                if amount := int(held.get(wallet, 0)):
                    self._book(change, user_id, wallet, -amount, "deleted", update_id)
            everything = change.record("global")
            everything["deleted"] = sorted({*everything.get("deleted", ()), left})
            change.line |= {"erase": user_id, "as": left}
        try:
            self.engine.checkpoint()
        except OSError:  # out of all records and of what will be written; the next checkpoint rewrites the files
            log.exception("the files still hold a deleted person")
            self.engine.trouble()

    def _remains(self, user_id: int) -> str:
        return remains(self.records["global"]["deletion_key"], user_id)

    def reserve(self, user_id: int, wallet: Wallet, amount: int) -> Reservation:
        """Set aside `amount`, or as much of it as the wallet has; admins and WALLETS=off always get it all.

        Raises StorageError while the disk takes nothing: what cannot be charged is not to be bought.
        """
        if not self.engine.takes_lines():
            raise StorageError("nothing can be charged")
        with self.lock:
            granted = min(amount, self._available(user_id, wallet)) if self._pays(user_id) else amount
            reservation = Reservation(next(self._numbers), user_id, wallet, granted)
            self._reserved[reservation.number] = reservation
            return reservation

    def release(self, reservation: Reservation) -> None:
        """Give a reservation back, if that was not done yet: the step failed and costs nothing, or is settled."""
        with self.lock:
            self._reserved.pop(reservation.number, None)

    def settle(
        self,
        reservation: Reservation,
        bill: Bill,
        conversation: Conversation,
        turn: Turn | None,
        delivery: Delivery,
        update_id: int = 0,
    ) -> None:
        """Charge what was really used, never below zero, count the request, remember the turn and what to deliver."""
        with self.engine.change(update_id, "settle") as change:
            user_id, wallet = reservation.user_id, reservation.wallet
            if not change.done_before and str(user_id) in self.records:  # else deleted meanwhile
                record = change.record(str(user_id))
                charged = min(bill.tokens, int(record.get(wallet, 0))) if self._pays(user_id) else 0
                record[wallet] = int(record.get(wallet, 0)) - charged
                self._count(change, record, wallet, bill)
                note = f"written off {bill.tokens - charged}" if self._pays(user_id) and charged < bill.tokens else ""
                self._book(change, user_id, wallet, -charged, "answer", update_id, bill, note)
                if turn and conversation.memory:
                    self.remember(change, conversation, turn, update_id)
            change.gives = list(delivery)
            self.release(reservation)

    def _count(self, change: Changes, record: dict[str, Any], wallet: Wallet, bill: Bill) -> None:
        counter = "premium_tokens" if wallet == "premium_balance" else "tokens"
        for counted in (record, change.record("global")):
            counted["requests"] = int(counted.get("requests", 0)) + 1
            counted[counter] = int(counted.get(counter, 0)) + bill.tokens
        record["last_request"] = self._now()

    def delivery(self, update_id: int) -> Delivery | None:
        """The answer that was paid for this update and may not be delivered yet."""
        pending = self.inbox.pending(update_id)
        given = pending.gives.get("settle") if pending else None
        return Delivery(*given) if given else None

    # -- inside

    def _user(self, user_id: int, record: dict[str, Any]) -> User:
        username = record.get("username")
        return User(
            id=user_id,
            name=str(record.get("name", "")),
            username=None if username in (None, "None") else str(username).removeprefix("@"),
            language=str(record.get("language", "")),
            **{wallet: int(record.get(wallet, 0)) for wallet in WALLETS},
            requests=int(record.get("requests", 0)),
            tokens=int(record.get("tokens", 0)),
            premium_tokens=int(record.get("premium_tokens", 0)),
            last_request=str(record.get("last_request", "")),
            banned=bool(record.get("blacklist")),
            is_admin=user_id in self.rules.admins,
            referrer=record.get("ref_id"),
        )

    def _pays(self, user_id: int) -> bool:
        return self.rules.charging and user_id not in self.rules.admins

    def _available(self, user_id: int, wallet: Wallet) -> int:
        held = int(self.records.get(str(user_id), {}).get(wallet, 0))
        reserved = [each.amount for each in self._reserved.values() if each[1:3] == (user_id, wallet)]
        return max(0, held - sum(reserved))

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
                usd=bill.usd,
                note=", ".join(filter(None, notes)),
            )
        change.entry(entry)

    def _book_gifts(self, change: Changes, user_id: int, gifts: dict[Wallet, int], update_id: int) -> None:
        for wallet, amount in gifts.items():
            self._book(change, user_id, wallet, amount, "start", update_id)

    def close(self) -> None:
        """Write everything into data.json and its backup; let the file go."""
        self.engine.close()


def _names(person: Person) -> dict[str, Any]:
    return {"name": person.name, "username": f"@{person.username}" if person.username else "None"}
