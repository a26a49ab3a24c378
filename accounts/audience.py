"""Who can be written to unasked, and announcements to them."""

from accounts.dialogues import Dialogues
from records import Announcement, Target


class Audience(Dialogues):
    """People and groups who took the bot's last message, or have written since they did not."""

    def receivers(self, target: Target) -> list[int]:
        """The chats of a target; where it names none, people who are registered, not blocked, and can be written to."""
        if target.chats:
            return list(target.chats)
        return [
            int(key)
            for key, record in self.engine.each()
            if "balance" in record
            and not record.get("blacklist")
            and not record.get("unreachable")
            and int(record.get("requests", 0)) >= target.requests
            and int(record["balance"]) >= target.balance
        ]

    def set_reachable(self, chat_id: int, reachable: bool) -> None:
        """Remember whether a chat takes messages; of a chat without a record nothing is kept."""
        with self.lock:
            record = self.records.get(str(chat_id))
        if record is not None and bool(record.get("unreachable")) is reachable:
            self.set_fields(str(chat_id), unreachable=None if reachable else True)

    def announce(self, user_id: int, preview: int, update_id: int) -> Announcement | None:
        """Send off what this admin has prepared, to the receivers of this moment; None when it is not this preview."""
        with self.engine.change(update_id, "announce") as change:
            if not change.done_before:
                step = self.step(user_id)
                if step is None or step.known.get("preview") != preview:
                    return None
                change.record(str(user_id)).pop("step")
                change.gives = [preview, self.receivers(Target(*step.known["target"]))]
            return Announcement(*change.gives)
