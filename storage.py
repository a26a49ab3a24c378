"""Users, wallets, prompts and histories in a locked data.json: deeds are on disk when they return."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from datafile import DataFile, Records, encode, write_atomically
from records import (
    ADMIN_GIFT,
    COUNTERS,
    WALLETS,
    Conversation,
    Person,
    Registration,
    Reservation,
    Rules,
    Topic,
    Turn,
    User,
    Wallet,
)

log = logging.getLogger(__name__)


class StorageError(Exception):
    """A change could not be written to the disk."""


class _Batch:
    """Changes that go into the next file together; `kept` is None until it is known whether they are on the disk."""

    kept: bool | None = None


class _Changes:
    """Copies of the records a deed touches; they take the place of the originals only if it ends well."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.copies: Records = {}

    def record(self, key: str) -> dict[str, Any]:
        """The record to be changed, made empty when there is none."""
        if key not in self.copies:
            self.copies[key] = dict(self._records.get(key, {}))
        return self.copies[key]


class Store:
    """The only owner of the records; safe to call from many threads."""

    def __init__(self, path: Path, rules: Rules) -> None:
        self._rules = rules
        self._file = DataFile(path)
        self._lock = threading.Condition()
        self._reserved: dict[tuple[int, Wallet], int] = {}
        self._epochs: dict[str, int] = {}
        self._pending: _Batch | None = None
        self._closing = False
        try:
            self._records: Records = self._file.load() or {}
        except BaseException:
            self._file.close()
            raise
        self._durable: Records = dict(self._records)
        self._saver = threading.Thread(target=self._save_forever, name="storage", daemon=True)
        self._saver.start()
        self._first_start()

    def _first_start(self) -> None:
        """A new file begins with the sums of all and the admins' records."""
        with self._change() as change:
            if "global" not in self._records:
                change.record("global").update(dict.fromkeys(COUNTERS, 0))
            for admin in self._rules.admins:
                if "balance" not in self._records.get(str(admin), {}):
                    change.record(str(admin)).update(dict.fromkeys(COUNTERS, 0) | ADMIN_GIFT)

    # -- questions

    def user(self, user_id: int) -> User | None:
        """A registered user, else None."""
        with self._lock:
            record = self._records.get(str(user_id))
            return self._user(user_id, record) if record and "balance" in record else None

    def find(self, who: str) -> User | None:
        """A registered user by id or @username, in any case."""
        if who.isdecimal():
            return self.user(int(who))
        wanted = "@" + who.removeprefix("@").lower()
        with self._lock:
            for key, record in self._records.items():
                if str(record.get("username", "")).lower() == wanted and "balance" in record:
                    return self._user(int(key), record)
        return None

    def users_count(self) -> int:
        """How many people are registered."""
        with self._lock:
            return sum("balance" in record for record in self._records.values())

    def file_content(self) -> bytes:
        """All records of this moment, as data.json holds them."""
        with self._lock:
            return encode(self._records)

    def conversation(self, topic: Topic) -> Conversation:
        """Prompt, model and memory belong to the chat; what was said belongs to the topic."""
        with self._lock:
            record = self._records.get(str(topic.chat_id), {})
            return Conversation(
                topic=topic,
                prompt=record.get("prompt"),
                premium=record.get("lang_model") == "premium",
                memory=int(record.get("max_context_length", self._default_memory(record))),
                epoch=self._epochs.get(topic.key, 0),
            )

    def _default_memory(self, record: dict[str, Any]) -> int:
        return 0 if record.get("context_off") else self._rules.default_context

    def history(self, topic: Topic) -> list[dict[str, Any]]:
        """The remembered messages, oldest first, each with `role` and `content`."""
        with self._lock:
            return list(self._records.get(topic.key, {}).get("history", ()))

    def available(self, user_id: int, wallet: Wallet) -> int:
        """What a wallet holds beyond running reservations."""
        with self._lock:
            return self._available(user_id, wallet)

    # -- deeds

    def register(self, person: Person, referrer: int | None) -> Registration:
        """Make a wallet for who has none; both sides of an invitation get their bonus, once."""
        with self._change() as change:
            if "balance" in self._records.get(str(person.id), {}):
                return Registration(is_new=False)
            record = change.record(str(person.id))
            record.update(dict.fromkeys(COUNTERS, 0) | self._rules.gifts | _names(person))
            record.update(last_request=self._now(), language=person.language)
            if not self._may_invite(referrer, person.id):
                return Registration(is_new=True)
            record["balance"] += self._rules.referral_bonus
            record["ref_id"] = referrer
            paid = self._reward(change.record(str(referrer)))
            return Registration(True, self._rules.referral_bonus, referrer if paid else None)

    def _may_invite(self, referrer: int | None, newcomer: int) -> bool:
        inviter = self.user(referrer) if referrer else None
        return inviter is not None and not inviter.banned and inviter.id != newcomer

    def _reward(self, inviter: dict[str, Any]) -> bool:
        """Pay who invited, at most so many times a day."""
        today = self._now()[:10]
        paid = int(inviter.get("referrals_paid", 0)) if inviter.get("referral_day") == today else 0
        if paid >= self._rules.referral_daily_limit:
            return False
        inviter.update(balance=inviter["balance"] + self._rules.referral_bonus, referral_day=today)
        inviter["referrals_paid"] = paid + 1
        return True

    def refresh(self, person: Person) -> None:
        """Keep name and @username of a registered user as Telegram has them now."""
        with self._lock:
            record = self._records.get(str(person.id), {})
            now = _names(person) | {"language": record.get("language", person.language)}
            stale = {name: value for name, value in now.items() if record.get(name) != value}
        if stale and "balance" in record:
            self._set(str(person.id), **stale)

    def refill(self, user_id: int, wallet: Wallet, amount: int) -> int:
        """Add to a wallet, or take away down to zero at most; returns the new balance."""
        with self._change() as change:
            record = change.record(str(user_id))
            record[wallet] = max(0, int(record.get(wallet, 0)) + amount)
            return int(record[wallet])

    def ban(self, user_id: int, banned: bool) -> None:
        """Block a user, or let them in again."""
        self._set(str(user_id), blacklist=True if banned else None)

    def set_language(self, chat_id: int, language: str) -> None:
        """Remember the language a chat chose."""
        self._set(str(chat_id), language=language)

    def language(self, chat_id: int) -> str | None:
        """The language a chat chose, None when it never did."""
        with self._lock:
            return self._records.get(str(chat_id), {}).get("language")

    def set_prompt(self, chat_id: int, prompt: str | None) -> None:
        """Set a chat's system prompt; None goes back to the default."""
        self._set(str(chat_id), prompt=prompt)

    def set_premium(self, chat_id: int, premium: bool) -> None:
        """Choose between the ordinary and the premium model."""
        self._set(str(chat_id), lang_model="premium" if premium else "default")

    def set_memory(self, chat_id: int, characters: int) -> None:
        """Remember so many characters of the dialogue; 0 turns the memory off, histories stay until forgotten."""
        off = characters == 0
        self._set(str(chat_id), max_context_length=None if off else characters, context_off=True if off else None)

    def forget(self, topic: Topic) -> int:
        """Drop what was said in a topic; an answer still under way is not written. Returns the messages dropped."""
        with self._change() as change:
            self._epochs[topic.key] = self._epochs.get(topic.key, 0) + 1
            return len(change.record(topic.key).pop("history", ()))

    def reserve(self, user_id: int, wallet: Wallet, amount: int) -> Reservation:
        """Set aside `amount`, or as much of it as the wallet has; admins and WALLETS=off always get it all."""
        with self._lock:
            granted = min(amount, self._available(user_id, wallet)) if self._pays(user_id) else amount
            key = (user_id, wallet)
            self._reserved[key] = self._reserved.get(key, 0) + granted
            return Reservation(user_id, wallet, granted)

    def release(self, reservation: Reservation) -> None:
        """Give a reservation back: the step failed and costs nothing."""
        with self._lock:
            self._give_back(reservation)

    def settle(self, reservation: Reservation, tokens: int, conversation: Conversation, turn: Turn | None) -> int:
        """Charge what was really used, never below zero, count the request, remember the turn; returns the charge."""
        with self._change() as change:
            record = change.record(str(reservation.user_id))
            charged = min(tokens, int(record.get(reservation.wallet, 0))) if self._pays(reservation.user_id) else 0
            record[reservation.wallet] = int(record.get(reservation.wallet, 0)) - charged
            counter = "premium_tokens" if reservation.wallet == "premium_balance" else "tokens"
            for counted in (record, change.record("global")):
                counted["requests"] = int(counted.get("requests", 0)) + 1
                counted[counter] = int(counted.get(counter, 0)) + tokens
            record["last_request"] = self._now()
            if turn and conversation.memory and self._epochs.get(conversation.topic.key, 0) == conversation.epoch:
                kept = change.record(conversation.topic.key)
                kept["history"] = trimmed([*kept.get("history", ()), *_messages(turn)], conversation.memory)
            self._give_back(reservation)
            return charged

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
            is_admin=user_id in self._rules.admins,
            referrer=record.get("ref_id"),
        )

    def _pays(self, user_id: int) -> bool:
        return self._rules.charging and user_id not in self._rules.admins

    def _available(self, user_id: int, wallet: Wallet) -> int:
        held = int(self._records.get(str(user_id), {}).get(wallet, 0))
        return max(0, held - self._reserved.get((user_id, wallet), 0))

    def _give_back(self, reservation: Reservation) -> None:
        key = (reservation.user_id, reservation.wallet)
        left = self._reserved[key] - reservation.amount
        if left:
            self._reserved[key] = left
        else:
            del self._reserved[key]

    def _now(self) -> str:
        return datetime.now(self._rules.zone).strftime("%Y-%m-%d %H:%M:%S")

    def _set(self, key: str, **values: Any) -> None:
        """Set fields of a record; None takes a field out."""
        with self._change() as change:
            record = change.record(key)
            for name, value in values.items():
                if value is None:
                    record.pop(name, None)
                else:
                    record[name] = value

    @contextmanager
    def _change(self) -> Iterator[_Changes]:
        """Change records and wait until they are on the disk; a block that raises changes nothing."""
        with self._lock:
            change = _Changes(self._records)
            yield change
            self._records.update(change.copies)
            batch = self._pending = self._pending or _Batch()
            self._lock.notify_all()
            self._lock.wait_for(lambda: batch.kept is not None)
            if not batch.kept:
                raise StorageError("data.json could not be written")

    def _save_forever(self) -> None:
        """One writer for all: everybody who waits meanwhile shares the next file."""
        while True:
            with self._lock:
                self._lock.wait_for(lambda: self._pending or self._closing)
                batch, self._pending = self._pending, None
                if batch is None:
                    return
                state = dict(self._records)  # records are replaced, never changed in place
            try:
                self._file.save(encode(state))
            except Exception:  # this thread must live: everybody who changes something waits for it
                log.exception("data.json could not be written")
                self._take_back(batch)
            else:
                with self._lock:
                    batch.kept, self._durable = True, state
                    self._lock.notify_all()

    def _take_back(self, batch: _Batch) -> None:
        """What is not on the disk did not happen, nor what was built on it: everybody who waits is told so."""
        with self._lock:
            self._records = dict(self._durable)
            batch.kept = False
            if self._pending:
                self._pending.kept, self._pending = False, None
            self._lock.notify_all()

    def close(self, backup: Path | None = None) -> None:
        """End the writer when all is written, let the file go; `backup` gets a copy of the last state."""
        with self._lock:
            self._closing = True
            self._lock.notify_all()
        self._saver.join()
        try:
            if backup:
                write_atomically(backup, self.file_content())
        except OSError:
            log.exception("%s could not be written; data.json is whole", backup)
        finally:
            self._file.close()


def trimmed(history: list[dict[str, Any]], characters: int) -> list[dict[str, Any]]:
    """The newest whole turns that fit into so many characters; a turn begins with the user's message."""
    total, kept = 0, len(history)
    for index in range(len(history) - 1, -1, -1):
        total += len(history[index]["content"])
        if total > characters:
            break
        if history[index]["role"] == "user":
            kept = index
    return history[kept:]


def _messages(turn: Turn) -> list[dict[str, Any]]:
    return [{"role": "user", "content": turn.question}, {"role": "assistant", "content": turn.answer}]


def _names(person: Person) -> dict[str, Any]:
    return {"name": person.name, "username": f"@{person.username}" if person.username else "None"}
