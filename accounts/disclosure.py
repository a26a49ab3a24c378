"""Everything that is kept about one person, for that person."""

from typing import Any

from accounts.dialogues import Dialogues


class Disclosure(Dialogues):
    """Gathers what `erase` would take out."""

    def everything_about(self, user_id: int) -> dict[str, Any]:
        """The record, dialogues in topics, words in others' dialogues, payments, ledger, messages not answered yet."""
        own = str(user_id)
        with self.lock:
            others = [key for key in self.engine.topics_with(user_id) if key != own and not key.startswith(f"{own}/")]
            groups = {key: _words(self._with_history(key), user_id) for key in others}
            waiting, set_aside = self.inbox.of_person(user_id)
            found: dict[str, Any] = {
                "record": self._with_history(own),
                "topics": {key: self._with_history(key) for key in self.engine.under(user_id)},
                "in_groups": {key: words for key, words in groups.items() if words},
                "payments": self.engine.payments_of(user_id),
                "waiting": waiting,
                "set_aside": set_aside,
            }
        return found | {"ledger": self.engine.ledger_of(user_id)}

    def _with_history(self, key: str) -> dict[str, Any]:
        record, history = self.records.get(key, {}), self.engine.history(key)
        return {**record, "history": history} if history else dict(record)


def _words(record: dict[str, Any], user_id: int) -> list[dict[str, Any]]:
    said = [*record.get("history", ()), record.get("attachment", {})]
    asked = [past for past in record.get("past_questions", ()) if past["asked_by"] == user_id]
    return [each for each in said if each.get("from") == user_id] + asked
