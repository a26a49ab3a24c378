"""Dialogues: prompt, model and memory of a chat, and what was said in each of its topics."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from accounts.chains import Chains
from accounts.chats import Chats
from engine.changes import Changes
from engine.either import AnyEngine, AnyInbox
from records import Conversation, Rules, Shown, Size, Told, Topic, Turn, Upload, packed, unpacked

ATTACHMENT_TURNS = 5  # files go along with so many questions after their own
# Fields of a topic's record that are forgotten together.
OF_HISTORY = ("began", "full", "attachment", "past_questions")


class Dialogues(Chats):
    """Prompt, model and memory belong to the chat; what was said belongs to the topic."""

    def __init__(self, engine: AnyEngine, inbox: AnyInbox, rules: Rules) -> None:
        super().__init__(engine, inbox, rules)
        self._moved = self._moves()
        self._chains = Chains()
        # Told of what other processes know, too: a topic forgotten, a group moved.
        self.forgotten: Callable[[Topic], None] = lambda topic: None
        self.moved: Callable[[int, int], None] = lambda old, new: None

    def _moves(self) -> dict[int, int]:
        """Groups that are supergroups now: old id → new."""
        return {int(each["moved_from"]): int(key) for key, each in self.engine.having("moved_from").items()}

    def conversation(self, topic: Topic) -> Conversation:
        """Prompt, model and memory belong to the chat; what was said belongs to the topic."""
        with self.lock:
            record, said = self.records.get(str(topic.chat_id), {}), self.records.get(topic.key, {})
            return Conversation(
                topic=topic,
                prompt=record.get("prompt"),
                premium=record.get("lang_model") == "premium",
                memory=int(record.get("max_context_length", self._default_memory(record))),
                ordinary_model=record.get("ordinary_model"),
                premium_model=record.get("premium_model"),
                web=bool(record.get("web")),
                began=str(said.get("began", "")),
                full=bool(said.get("full")),
            )

    def _default_memory(self, record: Mapping[str, Any]) -> int:
        return 0 if record.get("context_off") else self.rules.default_context

    def history(self, topic: Topic, asked_in: int = 0) -> list[dict[str, Any]]:
        """The remembered messages, oldest first, each with `role` and `content`.

        The newest turn is left out when its question is the message `asked_in`: that one is asked anew.
        """
        history = self.engine.history(topic.key)
        history = history[: len(history) - _replaced(history, asked_in)]
        return [{"role": said["role"], "content": said["content"]} for said in history]

    def chain(self, topic: Topic, message_id: int) -> list[Told]:
        """The turns that a reply to a message goes on from, oldest first; none that an earlier process answered."""
        return self._chains.up_from(topic, message_id)

    def note_chain(self, told: Told, messages: Iterable[int], update_id: int) -> None:
        """Know a turn again by its messages, unless its topic was forgotten, or its author erased, meanwhile."""
        with self.lock:
            if self.inbox.pending(update_id) and not self._is_forgotten(told.topic, update_id):
                self._chains.note(told, messages)

    def attachment(self, topic: Topic) -> Shown | None:
        """What goes along with the next question."""
        with self.lock:
            record = self.records.get(topic.key, {})
            if "attachment" not in record:
                return None
            kept = unpacked(record["attachment"])
            history = enumerate(self.engine.history(topic.key))
            place = max((place for place, said in history if said.get("attachment") == kept[0].file_id), default=-1)
            about = record["attachment"]
            return Shown(kept, place, ATTACHMENT_TURNS - about["turns"], about["tokens"])

    def sizes(self, user_id: int | None = None) -> list[Size]:
        """What is remembered of dialogues, the largest first: one's own and the groups one is quoted in, or all."""
        held = self.engine.history_sizes(user_id)
        sizes = [Size(_topic(key), messages, characters) for key, messages, characters in held]
        return sorted(sizes, key=lambda size: -size.characters)

    def forget(self, topic: Topic, update_id: int = 0) -> int:
        """Drop what was said in a topic, and the turns of questions that came before; returns the messages dropped."""
        with self.engine.change(update_id, "forget") as change:
            if not change.done_before:
                change.gives = self._drop_said(change, topic)
                change.record(topic.key)["forgotten"] = self.inbox.order(update_id) or self.inbox.newest()
            return int(change.gives)

    def forget_chat(self, chat_id: int, update_id: int = 0) -> int:
        """The same for all topics of a chat."""
        with self.engine.change(update_id, "forget") as change:
            if not change.done_before:
                topics = [_topic(key) for key in self.engine.under(chat_id)]
                change.gives = sum(self._drop_said(change, topic) for topic in (Topic(chat_id), *topics))
                order = self.inbox.order(update_id) or self.inbox.newest()
                change.record(str(chat_id))["all_forgotten"] = order
            return int(change.gives)

    def _drop_said(self, change: Changes, topic: Topic) -> int:
        record = change.record(topic.key)
        messages = change.drop_history(topic.key)
        for name in OF_HISTORY:
            record.pop(name, None)
        self.end_chain(change, topic.key)
        self.end_uploads(change, topic.key)
        self._chains.forget(topic)
        self.forgotten(topic)
        return messages

    def forget_chain(self, topic: Topic) -> None:
        """A topic was forgotten by another process."""
        self._chains.forget(topic)

    def forget_chains_of(self, user_id: int) -> None:
        """A person was erased by another process."""
        self._chains.forget_person(user_id)

    def know_moved(self, old: int, new: int) -> None:
        """A group was moved by another process."""
        self._moved[old] = new

    def catch_up(self) -> None:
        """What other processes told may have been missed: know no chain that one of them has forgotten, and what moved.

        Raises StorageError while the database is away for long.
        """
        self._chains.forget_all()
        self._moved |= self._moves()

    def move_chat(self, old: int, new: int) -> None:
        """A group has a new id since it became a supergroup: what belongs to it goes along."""
        with self.engine.change() as change:
            self._moved[old] = new
            if str(old) in self.records or self.engine.under(old):
                change.line["move"] = [old, new]
                change.record(str(new))["moved_from"] = old  # what came before may be answered by the next process
            for key, asked in self.engine.having("step").items():
                if asked["step"].get("chat_id") == old:
                    change.record(key)["step"] = asked["step"] | {"chat_id": new}
            self.moved(old, new)

    def remember(self, change: Changes, conversation: Conversation, turn: Turn, update_id: int) -> None:
        """Add a turn to its history, unless that was forgotten after the question came."""
        place = self.now_at(conversation.topic)
        if self._is_forgotten(place, update_id):
            self.disown(change, turn)
            return
        history, new = self.engine.history(place.key), _messages(turn)
        replaced = _replaced(history, turn.asked_in)
        old = history[: len(history) - replaced]
        kept = trimmed([*old, *new], conversation.memory)
        topic = change.record(place.key)
        if kept and not history:
            topic["began"] = datetime.now(self.rules.zone).strftime("%Y-%m-%d %H:%M:%S")
        topic.update(full=True) if turn.full else topic.pop("full", None)
        _keep_attachment(topic, turn, turns=0 if replaced else 1)
        if turn.kept:
            self.go_on(change, place.key, turn.kept)
        if len(kept) < len(old) + len(new) or (replaced and not turn.kept):
            self.end_chain(change, place.key)
        change.said(place.key, min(len(old), len(old) + len(new) - len(kept)), new if kept else [], replaced)

    def keep_upload(self, topic: Topic, file_id: str, new: Upload, update_id: int) -> None:
        """A provider keeps a file of Telegram's, as long as its topic is not forgotten after the update came."""
        with self.engine.change() as change:
            place = self.now_at(topic)
            if self._is_forgotten(place, update_id) or not self.inbox.pending(update_id):
                self.put_aside(change, new.provider, [new.id], is_file=True)
            else:
                self.go_on_with(change, place.key, file_id, new)

    def now_at(self, topic: Topic) -> Topic:
        """Where a topic is since its group has become a supergroup."""
        return topic._replace(chat_id=self._moved.get(topic.chat_id, topic.chat_id))

    def _is_forgotten(self, topic: Topic, update_id: int) -> bool:
        """Whether what was said in a topic has been dropped since an update came."""
        order, chat = self.inbox.order(update_id), self.records.get(str(topic.chat_id), {})
        since = max(int(self.records.get(topic.key, {}).get("forgotten", 0)), int(chat.get("all_forgotten", 0)))
        return 0 < order < since


def _topic(key: str) -> Topic:
    chat, _, thread = key.partition("/")
    return Topic(int(chat), int(thread or 0))


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


def _keep_attachment(topic: dict[str, Any], turn: Turn, turns: int) -> None:
    """The newest files of a dialogue stay known for some turns; so many have passed with this one."""
    kept = topic.pop("attachment", None)
    if new := packed(turn.attachments):
        topic["attachment"] = new | {"turns": 0, "tokens": turn.attached} | _author(turn)
    elif kept and not turn.lost and kept["turns"] + turns < ATTACHMENT_TURNS:
        topic["attachment"] = kept | {"turns": kept["turns"] + turns}


def _author(turn: Turn) -> dict[str, int]:
    return {"from": turn.author} if turn.author else {}


def _messages(turn: Turn) -> list[dict[str, Any]]:
    author = _author(turn)
    question: dict[str, Any] = {"role": "user", "content": turn.question}
    answer = {"role": "assistant", "content": turn.answer}
    if turn.attachments:
        question["attachment"] = turn.attachments[0].file_id
    if turn.asked_in:
        question["asked_in"] = turn.asked_in
    return [question | author, answer | author]


def _replaced(history: list[dict[str, Any]], asked_in: int) -> int:
    """How many messages at the end of a history answer the message `asked_in`; a newer turn keeps an older in place.

    Words that came after an answer may speak of it.
    """
    return 2 if asked_in and len(history) > 1 and history[-2].get("asked_in") == asked_in else 0
