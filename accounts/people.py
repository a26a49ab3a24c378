"""People: who is registered, who invited whom, who is shut out, who wants to be forgotten."""

import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any

from accounts.wallets import Wallets
from engine.changes import Changes
from engine.state import TURNED_AWAY, remains
from records import COUNTERS, WALLETS, Person, Registration, User

SILENCE_SECONDS = 86_400  # a stranger, or somebody blocked, is answered once a day


class People(Wallets):
    """A person's record is made by `register` and taken out by `erase`."""

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
        found = self.engine.named(wanted)
        return next((self._user(int(key), record) for key, record in found.items() if "balance" in record), None)

    def users_count(self) -> int:
        """How many people are registered."""
        return self.engine.people_count()

    def register(self, person: Person, referrer: int | None, update_id: int = 0) -> Registration:
        """Make a wallet for who has none; both sides of an invitation get their bonus, once.

        Who was deleted and comes back starts with nothing, brings nobody a bonus, and earns none on that day.
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
        returns = self.engine.is_deleted(self._remains(person.id))
        gifts = dict.fromkeys(WALLETS, 0) if returns else self.rules.gifts
        record = change.record(str(person.id))
        record.update(dict.fromkeys(COUNTERS, 0) | gifts | _names(person))
        record.update(last_request=self._now(), language=person.language)
        self._book_gifts(change, person.id, gifts, update_id)
        if returns:  # how often they were paid today is erased
            record.update(referral_day=self._now()[:10], referrals_paid=self.rules.referral_daily_limit)
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

    def invitations(self, user_id: int) -> tuple[int, int]:
        """How many registered people came by this user's link, and the tokens that has brought."""
        invited = len(self.engine.invited_by(user_id))
        return invited, int(self.records.get(str(user_id), {}).get("referral_earned", 0))

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
        inviter["referral_earned"] = int(inviter.get("referral_earned", 0)) + self.rules.referral_bonus
        return True

    def refresh(self, person: Person) -> None:
        """Keep name and @username of a registered user as Telegram has them now; who writes can be written to."""
        with self.lock:
            record = self.records.get(str(person.id), {})
            now = _names(person) | {"language": record.get("language", person.language), "unreachable": None}
            stale = {name: value for name, value in now.items() if record.get(name) != value}
        if stale and "balance" in record:
            self.set_fields(str(person.id), **stale)

    def phone(self, user_id: int, update_id: int = 0) -> str:
        """What is known of the keys and the menu on a person's phone, "" if nothing; to an update always the same."""
        with self.lock:
            return str(self.given(update_id, "phone") or self.records.get(str(user_id), {}).get("phone", ""))

    def set_phone(self, user_id: int, phone: str, update_id: int = 0) -> None:
        """Remember what a person's phone shows from now on."""
        with self.engine.change(update_id, "phone") as change:
            if not change.done_before:
                record = change.record(str(user_id))
                change.gives = record.get("phone", "")
                record["phone"] = phone

    def ban(self, user_id: int, banned: bool, update_id: int = 0) -> bool:
        """Block a user, or let them in again; whether that changed anything."""
        with self.engine.change(update_id, "ban") as change:
            if not change.done_before and self._is_here(user_id):
                record = change.record(str(user_id))
                change.gives = bool(record.get("blacklist")) != banned
                record["blacklist"] = banned
                if not banned:
                    del record["blacklist"]
                    change.wide(TURNED_AWAY).pop(self._told("banned", user_id), None)
            return bool(change.gives)

    def turn_away(self, user_id: int, why: str, update_id: int = 0) -> bool:
        """Whether somebody who may not use the bot is to be told so: once a day for each reason."""
        now, name = int(time.time()), self._told(why, user_id)
        with self.engine.change(update_id, "turned away") as change:
            if not change.done_before:
                last = self.records.get(TURNED_AWAY, {}).get(name)
                change.gives = last is None or now - last >= SILENCE_SECONDS
                if change.gives:
                    change.wide(TURNED_AWAY)[name] = now
            return bool(change.gives)

    def tidy(self) -> None:
        """Once a day: forget who was turned away a day ago, and the updates that Telegram does not offer again."""
        now = int(time.time())
        with self.engine.change() as change:
            told = change.wide(TURNED_AWAY)
            for old in [old for old, since in told.items() if now - since >= SILENCE_SECONDS]:
                del told[old]
        self.inbox.tidy()

    def _told(self, why: str, user_id: int) -> str:
        return f"{why} {self._remains(user_id)}"

    def erase(self, user_id: int, update_id: int = 0) -> None:
        """Take a person out of records, histories, journal and ledger at once; a keyed hash of the id stays."""
        left = self._remains(user_id)
        with self.engine.change(update_id, "erase") as change:
            held = self.records.get(str(user_id), {})
            for wallet in WALLETS:
                if amount := int(held.get(wallet, 0)):
                    self._book(change, user_id, wallet, -amount, "deleted", update_id)
            self.leave_all(change, user_id)
            change.line |= {"erase": user_id, "as": left}
            self._chains.forget_person(user_id)  # now, for nobody may learn whether the rest was done
        self._chains.forget_person(user_id)  # what came in between
        self.void(user_id)
        self.engine.expunge()

    def _remains(self, user_id: int) -> str:
        return remains(self.records["global"]["deletion_key"], user_id)

    def log_key(self) -> bytes:
        """The key by which the log names chats: who has no copy of the data finds no id by trying them all.

        Not that of deleted people itself: a log must not tell who they were.
        """
        key = bytes.fromhex(self.records["global"]["deletion_key"])
        return hmac.new(key, b"the names of chats in the log", hashlib.sha256).digest()

    def _user(self, user_id: int, record: Mapping[str, Any]) -> User:
        username = record.get("username")
        return User(
            id=user_id,
            name=str(record.get("name", "")),
            username=None if username in (None, "None") else str(username).removeprefix("@"),
            language=str(record.get("language", "")),
            **{wallet: int(record.get(wallet, 0)) for wallet in WALLETS},
            **{counter: int(record.get(counter, 0)) for counter in COUNTERS},
            last_request=str(record.get("last_request", "")),
            banned=bool(record.get("blacklist")),
            is_admin=user_id in self.rules.admins,
            referrer=record.get("ref_id"),
        )


def _names(person: Person) -> dict[str, Any]:
    return {"name": person.name, "username": f"@{person.username}" if person.username else "None"}
