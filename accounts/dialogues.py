"""Dialogues: prompt, model and memory of a chat, and what was said in each of its topics."""

import time
from datetime import datetime
from typing import Any

from engine.engine import Changes, Engine
from engine.inbox import Inbox
from engine.state import Records
from records import Conversation, Rules, Size, Step, Topic, Turn

PRESSES = 50  # of a chat's buttons that work once, remembered


class Dialogues:
    """Prompt, model and memory belong to the chat; what was said belongs to the topic."""

    def __init__(self, engine: Engine, inbox: Inbox, rules: Rules) -> None:
        self.engine, self.inbox, self.rules = engine, inbox, rules
        self.lock = engine.lock

    @property
    def records(self) -> Records:
        """All records, to be looked at under the lock and never changed."""
        return self.engine.state.records

    def conversation(self, topic: Topic) -> Conversation:
        """Prompt, model and memory belong to the chat; what was said belongs to the topic."""
        with self.lock:
            record = self.records.get(str(topic.chat_id), {})
            return Conversation(
                topic=topic,
                prompt=record.get("prompt"),
                premium=record.get("lang_model") == "premium",
                memory=int(record.get("max_context_length", self._default_memory(record))),
                ordinary_model=record.get("ordinary_model"),
                premium_model=record.get("premium_model"),
                web=bool(record.get("web")),
                began=str(self.records.get(topic.key, {}).get("began", "")),
            )

    def _default_memory(self, record: dict[str, Any]) -> int:
        return 0 if record.get("context_off") else self.rules.default_context

    def history(self, topic: Topic) -> list[dict[str, Any]]:
        """The remembered messages, oldest first, each with `role` and `content`."""
        with self.lock:
            history = self.records.get(topic.key, {}).get("history", ())
        return [{"role": said["role"], "content": said["content"]} for said in history]

    def sizes(self, user_id: int | None = None) -> list[Size]:
        """What is remembered of dialogues, the largest first: one's own and the groups one is quoted in, or all."""
        with self.lock:
            held = {key: record["history"] for key, record in self.records.items() if record.get("history")}
        return sorted(
            (
                Size(_topic(key), len(history), sum(len(said["content"]) for said in history))
                for key, history in held.items()
                if user_id is None or key.split("/")[0] == str(user_id) or _quotes(history, user_id)
            ),
            key=lambda size: -size.characters,
        )

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

    def forget(self, topic: Topic, update_id: int = 0) -> int:
        """Drop what was said in a topic, and the turns of questions that came before; returns the messages dropped."""
        with self.engine.change(update_id, "forget") as change:
            if not change.done_before:
                record = change.record(topic.key)
                change.gives = len(record.pop("history", ()))
                record.pop("began", None)
                record["forgotten"] = self.inbox.order(update_id) or self.engine.state.orders
            return int(change.gives)

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

    def move_chat(self, old: int, new: int) -> None:
        """A group has a new id since it became a supergroup: what belongs to it goes along."""
        with self.engine.change() as change:
            if any(key == str(old) or key.startswith(f"{old}/") for key in self.records):
                change.line["move"] = [old, new]

    def remember(self, change: Changes, conversation: Conversation, turn: Turn, update_id: int) -> None:
        """Add a turn to its history, unless that was forgotten after the question came."""
        record = self.records.get(conversation.topic.key, {})
        order = self.inbox.order(update_id)
        if order and order < record.get("forgotten", 0):
            return
        old, new = record.get("history", []), _messages(turn)
        kept = trimmed([*old, *new], conversation.memory)
        if kept and not old:
            now = datetime.now(self.rules.zone)
            change.record(conversation.topic.key)["began"] = now.strftime("%Y-%m-%d %H:%M:%S")
        change.said(conversation.topic.key, min(len(old), len(old) + len(new) - len(kept)), new if kept else [])

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


def _topic(key: str) -> Topic:
    chat, _, thread = key.partition("/")
    return Topic(int(chat), int(thread or 0))


def _quotes(history: list[dict[str, Any]], user_id: int) -> bool:
    return any(said.get("from") == user_id for said in history)


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
    author = {"from": turn.author} if turn.author else {}
    question, answer = {"role": "user", "content": turn.question}, {"role": "assistant", "content": turn.answer}
    return [question | author, answer | author]
