"""Who can be written to unasked: the receivers of announcements."""

from dialogues import Dialogues


class Audience(Dialogues):
    """People and groups who took the bot's last message, or have written since they did not."""

    def receivers(self, requests: int = 0, balance: int = 0) -> list[int]:
        """Registered people who are not blocked and can be written to, with at least so many requests and tokens."""
        with self.lock:
            return [
                int(key)
                for key, record in self.records.items()
                if "balance" in record
                and not record.get("blacklist")
                and not record.get("unreachable")
                and int(record.get("requests", 0)) >= requests
                and int(record["balance"]) >= balance
            ]

    def set_reachable(self, chat_id: int, reachable: bool) -> None:
        """Remember whether a chat takes messages; of a chat without a record nothing is kept."""
        with self.lock:
            record = self.records.get(str(chat_id))
        if record is not None and bool(record.get("unreachable")) is reachable:
            self.set_fields(str(chat_id), unreachable=None if reachable else True)
