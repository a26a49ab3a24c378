"""Everything that is kept about one person, for that person."""

from typing import Any

from accounts.dialogues import Dialogues
from engine.state import PAYMENTS, sent_by


class Disclosure(Dialogues):
    """Gathers what `erase` would take out."""

    def everything_about(self, user_id: int) -> dict[str, Any]:
        """The record, dialogues in topics, words in others' dialogues, payments, ledger, messages not answered yet."""
        own, state = str(user_id), self.engine.state
        with self.lock:
            groups = {key: _words(record, user_id) for key, record in self.records.items() if not _is_of(key, own)}
            found: dict[str, Any] = {
                "record": self.records.get(own, {}),
                "topics": {key: each for key, each in self.records.items() if key.startswith(f"{own}/")},
                "in_groups": {key: words for key, words in groups.items() if words},
                "payments": _payments(self.records.get(PAYMENTS, {}), user_id),
                "waiting": [each.update for each in state.pending.values() if sent_by(each.update, user_id)],
                "set_aside": [each["update"] for each in state.aside.values() if sent_by(each["update"], user_id)],
            }
        return found | {"ledger": self.engine.ledger_of(user_id)}


def _is_of(key: str, own: str) -> bool:
    return key == own or key.startswith(f"{own}/")


def _payments(payments: dict[str, Any], user_id: int) -> dict[str, Any]:
    return {charge: paid for charge, paid in payments.items() if paid["user"] == user_id}


def _words(record: dict[str, Any], user_id: int) -> list[dict[str, Any]]:
    said = [*record.get("history", ()), record.get("attachment", {})]
    asked = [past for past in record.get("past_questions", ()) if past["asked_by"] == user_id]
    return [each for each in said if each.get("from") == user_id] + asked
