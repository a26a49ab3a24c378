"""Questions that can be asked again: of each topic the one answered last, and those whose answers failed."""

from collections.abc import Mapping
from typing import Any

from accounts.dialogues import Dialogues
from engine.changes import Changes
from records import PastQuestion, Topic

KEPT = 5  # of one topic, beside the newest


class Questions(Dialogues):
    """They stand in the record of their topic until a newer answer comes, or the dialogue is forgotten."""

    def past_question(self, topic: Topic, number: int, update_id: int = 0) -> PastQuestion | None:
        """The question with this number while its button may be pressed; to who has pressed it always the same."""
        pending = self.inbox.pending(update_id)
        if pending and "press" in pending.gives:
            return _read(pending.gives["press"])
        with self.lock:
            return next((past for past in self._past(topic) if past.number == number and not past.pressed), None)

    def take_question(self, topic: Topic, number: int, update_id: int) -> PastQuestion | None:
        """The same for the first press of its button, None for every later one."""
        with self.engine.change(update_id, "press") as change:
            if not change.done_before:
                found = self.past_question(topic, number)
                change.gives = _plain(found) if found else None
                if found:
                    self._put(
                        change, topic, [found._replace(pressed=True) if p == found else p for p in self._past(topic)]
                    )
            return _read(change.gives)

    def keep_question(self, change: Changes, topic: Topic, past: PastQuestion) -> None:
        """Keep a question with its answer, unless that was forgotten after it came; an older answered one goes.

        An edit that came while it was answered stays with it.
        """
        if self._is_forgotten(topic, past.number):
            return
        before = self._past(topic)
        edits = [each.edited for each in before if each.asked_in == past.asked_in and each.edited]
        if pending := self.inbox.pending(past.number):
            edits += [_whole(past, pending.gives["edited"])] if "edited" in pending.gives else []
        news = [edit for edit in edits if not _fits(past, edit)]
        left = [p for p in before if not p.pressed and p.asked_in != past.asked_in and (p.failed or past.failed)]
        self._put(change, topic, [*left[-KEPT:], past._replace(edited=news[-1] if news else None)])

    def keep_failed(self, topic: Topic, past: PastQuestion) -> None:
        """Keep a question whose answer did not come, once for its update."""
        with self.engine.change(past.number, "failed") as change:
            if not change.done_before and self._is_here(past.asked_by):
                self.keep_question(change, topic, past)

    def edit_question(
        self, topic: Topic, person_id: int, message_id: int, edited: dict[str, Any]
    ) -> PastQuestion | None:
        """A question was edited by who asked it: as it stands now when it has been answered, else None.

        While it waits or is being answered the edit waits with it.
        """
        pending = self.inbox.pending_message(topic.chat_id, message_id)
        if pending and self.inbox.amend(pending, "edited", edited, unless={"settle", "failed"}):
            return None
        with self.engine.change() as change:
            before = self._past(topic)
            old = next((p for p in before if (p.asked_in, p.asked_by) == (message_id, person_id)), None)
            if old is None:
                return None
            reads = _whole(old, edited)
            new = old._replace(edited=None if _fits(old, reads) else reads)
            self._put(change, topic, [new if past == old else past for past in before])
            return new

    def buttons_under(self, topic: Topic, number: int) -> int:
        """The message that carries the row of the topic's last answer, if that is the answer to this; else 0."""
        with self.lock:
            under = self.records.get(topic.key, {}).get("buttons_under", {})
        return int(under["message"]) if under.get("question") == number else 0

    def set_buttons(self, topic: Topic, number: int, message_id: int) -> int:
        """The row of the last answer is under this message now; returns under which one another's was before, or 0.

        Nobody waits for the disk: after a power cut an old row may stay, and goes when it is pressed.
        """
        with self.engine.change(wait=False) as change:
            before = self.records.get(topic.key, {}).get("buttons_under", {})
            if self.past_question(topic, number):
                change.record(topic.key)["buttons_under"] = {"message": message_id, "question": number}
            elif before:
                change.record(topic.key).pop("buttons_under")
            return int(before["message"]) if before and before["message"] != message_id else 0

    def _past(self, topic: Topic) -> list[PastQuestion]:
        with self.lock:
            return [PastQuestion(**past) for past in self.records.get(topic.key, {}).get("past_questions", ())]

    def _put(self, change: Changes, topic: Topic, questions: list[PastQuestion]) -> None:
        change.record(topic.key)["past_questions"] = [_plain(past) for past in questions]


def _whole(past: PastQuestion, edited: Mapping[str, Any]) -> Mapping[str, Any]:
    """How a question reads whose first message was edited, with what others added to that."""
    if not past.own or "text" not in edited:
        return edited
    return {**edited, "text": edited["text"] + past.text[past.own :], "own": len(edited["text"])}


def _fits(past: PastQuestion, edited: Mapping[str, Any]) -> bool:
    return all(getattr(past, name) == value for name, value in edited.items())


def _plain(past: PastQuestion) -> dict[str, Any]:
    """As JSON, without what is as usual."""
    usual = PastQuestion._field_defaults
    return {name: value for name, value in past._asdict().items() if name not in usual or value != usual[name]}


def _read(given: dict[str, Any] | None) -> PastQuestion | None:
    return PastQuestion(**given) if given else None
