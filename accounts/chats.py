"""What a chat has chosen, what the bot has asked there, and what was pressed."""

import time
from collections.abc import Mapping
from typing import Any

from accounts.kept import KeptAnswers
from engine.either import AnyEngine, AnyInbox
from records import Rules, Step, Topic

PRESSES = 50  # of a chat's buttons that work once, remembered


class Chats(KeptAnswers):
    """Fields of the record of a chat, or of a person."""

    def __init__(self, engine: AnyEngine, inbox: AnyInbox, rules: Rules) -> None:
        super().__init__(engine)
        self.inbox, self.rules = inbox, rules
        self.lock = engine.lock

    @property
    def records(self) -> Mapping[str, Mapping[str, Any]]:
        """All records, to be looked at under the lock and never changed."""
        return self.engine.records

    def language(self, chat_id: int) -> str | None:
        """The language a chat chose, None when it never did."""
        with self.lock:
            return self.records.get(str(chat_id), {}).get("language")

    def set_language(self, chat_id: int, language: str) -> None:
        """Remember the language a chat chose."""
        self.set_fields(str(chat_id), language=language)

    def set_prompt(self, chat_id: int, prompt: str | None) -> None:
        """Set a chat's system prompt; None goes back to the default."""
        self.set_fields(str(chat_id), prompt=prompt)

    def set_premium(self, chat_id: int, premium: bool) -> None:
        """Choose between the ordinary and the premium model."""
        self.set_fields(str(chat_id), lang_model="premium" if premium else "default")

    def choose_model(self, chat_id: int, name: str, premium: bool) -> None:
        """Answer by a model, and by it again whenever the chat switches to its kind."""
        kind = "premium" if premium else "default"
        self.set_fields(str(chat_id), **{_field(premium): name}, lang_model=kind)

    def set_web(self, chat_id: int, on: bool) -> None:
        """Let models that can search the web do so."""
        self.set_fields(str(chat_id), web=True if on else None)

    def default_model(self, premium: bool) -> str | None:
        """What the owner chose for everybody who has chosen nothing; None: .env decides."""
        with self.lock:
            name: str | None = self.records["global"].get(_field(premium))
            return name

    def set_default_model(self, name: str | None, premium: bool) -> None:
        """Choose for everybody who has chosen nothing; None: .env decides again."""
        self.set_fields("global", **{_field(premium): name})

    def switch_model(self, chat_id: int, update_id: int = 0) -> bool:
        """From the ordinary to the premium model or back; whether it is the premium one now."""
        with self.engine.change(update_id, "switch") as change:
            if not change.done_before:
                record = change.record(str(chat_id))
                change.gives = record.get("lang_model") != "premium"
                record["lang_model"] = "premium" if change.gives else "default"
            return bool(change.gives)

    def set_memory(self, chat_id: int, characters: int) -> None:
        """Remember so many characters of the dialogue; 0 turns the memory off, histories stay until forgotten."""
        off = characters == 0
        self.set_fields(str(chat_id), max_context_length=None if off else characters, context_off=True if off else None)

    def step(self, user_id: int) -> Step | None:
        """What the bot has asked a person and still waits for."""
        with self.lock:
            asked = self.records.get(str(user_id), {}).get("step")
        step = Step(**asked) if asked else None
        return step if step and step.until > time.time() else None

    def set_step(self, user_id: int, step: Step | None) -> None:
        """The next message of this person at this place answers a question; None: it does not any more."""
        if step is not None or "step" in self.records.get(str(user_id), {}):
            self.set_fields(str(user_id), step=step._asdict() | {"known": dict(step.known)} if step else None)

    def take_step(self, user_id: int, topic: Topic, update_id: int) -> Step | None:
        """The question that this update answers, which is answered now; the same when the update runs again."""
        pending = self.inbox.pending(update_id)
        step = self.step(user_id)
        if not (pending and "step" in pending.gives) and (step is None or (step.chat_id, step.thread) != topic):
            return None
        with self.engine.change(update_id, "step") as change:
            if not change.done_before:
                change.gives = change.record(str(user_id)).pop("step")
            return Step(**change.gives)

    def begins_album(self, chat_id: int, album: str, update_id: int) -> bool:
        """Whether this update brings the first file of an album; its files come one by one, each an update."""
        with self.engine.change(update_id, "album") as change:
            if not change.done_before:
                record = change.record(str(chat_id))
                change.gives = record.get("album") != album
                record["album"] = album
            return bool(change.gives)

    def first_press(self, chat_id: int, message_id: int, update_id: int) -> bool:
        """Whether a button that works once is pressed by its first update, as far back as the chat's last 50."""
        with self.engine.change(update_id, "press") as change:
            if not change.done_before:
                record = change.record(str(chat_id))
                pressed = record.get("pressed", [])
                change.gives = message_id not in pressed
                if change.gives:
                    record["pressed"] = [*pressed, message_id][-PRESSES:]
            return bool(change.gives)

    def _is_here(self, user_id: int) -> bool:
        """Whether somebody is registered."""
        return "balance" in self.records.get(str(user_id), {})

    def set_fields(self, key: str, **values: Any) -> None:
        """Set fields of a record; None takes a field out. Of who is not registered (any more) nothing is kept."""
        with self.engine.change() as change:
            if key.isdecimal() and not self._is_here(int(key)):
                return
            record = change.record(key)
            for name, value in values.items():
                if value is None:
                    record.pop(name, None)
                else:
                    record[name] = value


def _field(premium: bool) -> str:
    """Where the name of a chosen model stands, in a chat's record and in `global`."""
    return "premium_model" if premium else "ordinary_model"
