"""Appeals to the admins, favours and feedback: open until the first press of an admin's button decides."""

import secrets
from typing import Any

from accounts.people import People
from engine.changes import Changes
from records import Appeal, AppealKind

KEPT = 20  # of a person's appeals; the buttons of older ones do nothing any more


class Appeals(People):
    """A person's appeals stand in their record and go with it."""

    def appeal(self, user_id: int, key: str) -> Appeal | None:
        """What is known of an appeal."""
        with self.lock:
            found = self.records.get(str(user_id), {}).get("appeals", {}).get(key)
        return _appeal(user_id, key, found) if found else None

    def open_favor(self, user_id: int, limit: int, update_id: int = 0) -> str:
        """The key of a new request for a favour; "" when one is open or the ordinary balance is above `limit`."""
        with self.engine.change(update_id, "favor") as change:
            if not change.done_before:
                record = self.records[str(user_id)]
                waits = any(_is_open(each) for each in record.get("appeals", {}).values() if each["kind"] == "favor")
                change.gives = "" if waits or int(record["balance"]) > limit else self._open(change, user_id, "favor")
            return str(change.gives)

    def open_feedback(self, user_id: int, update_id: int = 0) -> str:
        """The key of a new feedback."""
        with self.engine.change(update_id, "feedback") as change:
            if not change.done_before:
                change.gives = self._open(change, user_id, "feedback")
            return str(change.gives)

    def _open(self, change: Changes, user_id: int, kind: AppealKind) -> str:
        """A new appeal; the oldest that waits for nothing makes room."""
        key, record = secrets.token_hex(4), change.record(str(user_id))
        appeals = {**record.get("appeals", {}), key: {"kind": kind}}
        spare = [old for old, each in appeals.items() if each["kind"] == "feedback" or not _is_open(each)]
        for old in spare[: max(0, len(appeals) - KEPT)]:
            del appeals[old]
        record["appeals"] = appeals
        return key

    def set_notices(self, user_id: int, key: str, messages: dict[int, int]) -> Appeal | None:
        """Remember the admins' messages about an appeal; one that reached nobody is withdrawn."""
        with self.engine.change() as change:
            appeals = dict(self.records.get(str(user_id), {}).get("appeals", {}))
            if key in appeals:
                appeals[key] = {**appeals[key], "messages": {str(admin): sent for admin, sent in messages.items()}}
                if not messages:
                    del appeals[key]
                change.record(str(user_id))["appeals"] = appeals
        return self.appeal(user_id, key)

    def decide(self, user_id: int, key: str, grant: int, admin_id: int, update_id: int = 0) -> bool:
        """Grant so many tokens, or none; False when it was decided before, or is not there any more."""
        with self.engine.change(update_id, "decide") as change:
            if not change.done_before:
                change.gives = self._decide(change, user_id, key, grant, admin_id, update_id)
            return bool(change.gives)

    def _decide(self, change: Changes, user_id: int, key: str, grant: int, admin_id: int, update_id: int) -> bool:
        appeals = self.records.get(str(user_id), {}).get("appeals", {})
        if key not in appeals or not _is_open(appeals[key]):
            return False
        record = change.record(str(user_id))
        record["appeals"] = {**appeals, key: {**appeals[key], "by": admin_id, "granted": grant}}
        is_favor = appeals[key]["kind"] == "favor"
        if grant:
            record["balance"] += grant
            self._book(change, user_id, "balance", grant, "favour" if is_favor else "feedback", update_id)
        if grant and is_favor:
            record["favors"] = int(record.get("favors", 0)) + 1
        return True

    def appeal_at(self, admin_id: int, message_id: int) -> Appeal | None:
        """The appeal that a message to an admin tells of."""
        for user, record in self.engine.having("appeals").items():
            for key, each in record["appeals"].items():
                if each.get("messages", {}).get(str(admin_id)) == message_id:
                    return _appeal(int(user), key, each)
        return None


def _is_open(appeal: dict[str, Any]) -> bool:
    return "by" not in appeal


def _appeal(user_id: int, key: str, kept: dict[str, Any]) -> Appeal:
    messages = {int(admin): sent for admin, sent in kept.get("messages", {}).items()}
    return Appeal(user_id, key, kept["kind"], messages, kept.get("by", 0), kept.get("granted", 0))
