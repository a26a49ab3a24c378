"""Pictures that people let be changed: where Telegram has them, for the buttons that change them once more."""

from accounts.people import People
from records import Attachment

KEPT = 20  # changes of one person


class Drawings(People):
    """They stand in the record of who asked, under the number of the update that did."""

    def keep_sources(self, user_id: int, number: int, files: tuple[Attachment, ...]) -> None:
        """Keep what one change is made of; the oldest go."""
        with self.engine.change(number, "sources") as change:
            if not change.done_before and self._is_here(user_id):
                kept = {**change.record(str(user_id)).get("drawn_on", {}), str(number): [[*file] for file in files]}
                change.record(str(user_id))["drawn_on"] = dict(list(kept.items())[-KEPT:])

    def sources(self, user_id: int, number: int) -> tuple[Attachment, ...]:
        """What a change was made of; nothing when that is forgotten."""
        with self.lock:
            kept = self.records.get(str(user_id), {}).get("drawn_on", {}).get(str(number), ())
        return tuple(Attachment(*file) for file in kept)
