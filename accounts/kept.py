"""What a provider keeps: answers that a topic goes on from, files it is about; and what is to be deleted there."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from engine.changes import Changes
from engine.either import AnyEngine
from engine.state import LEFT
from records import Chain, Kept, Left, Topic, Turn, Upload

AT_ONCE = 200  # taken off the list: other deeds wait for it
UPLOAD_SECONDS = 86_400  # a file is kept for so long
SPARE_SECONDS = 900  # before its end it is not relied on any more


class KeptAnswers:
    """The chain and the files of each topic stand in its record beside the history, whose end is theirs, too."""

    def __init__(self, engine: AnyEngine) -> None:
        self.engine = engine
        self.parted: Callable[[], None] = lambda: None  # told when there are answers to be deleted at a provider

    def kept_chain(self, topic: Topic) -> Chain | None:
        """What a provider keeps of a topic, None for nothing."""
        with self.engine.lock:
            kept = self.engine.records.get(topic.key, {}).get("chain")
        return Chain(**kept) if kept else None

    def left(self) -> list[Left]:
        """What is still to be deleted at its provider."""
        with self.engine.lock:
            return [Left(kept, **each) for kept, each in self.engine.records.get(LEFT, {}).items()]

    def leave(self, provider: str, responses: list[str]) -> None:
        """Nobody will go on from these answers."""
        if responses:
            with self.engine.change() as change:
                self.put_aside(change, provider, responses)

    def deleted(self, ids: list[str]) -> None:
        """The provider keeps these no more."""
        for start in range(0, len(ids), AT_ONCE):
            with self.engine.change() as change:
                for kept in ids[start : start + AT_ONCE]:
                    change.wide(LEFT).pop(kept, None)

    def put_aside(self, change: Changes, provider: str, ids: list[str], **kind: bool) -> None:
        """Note as part of a deed that answers, or with `is_file` files, are to be deleted."""
        self.parted()
        today = datetime.now(self.engine.zone).date().isoformat()
        for kept in ids:
            change.wide(LEFT)[kept] = {"provider": provider, "since": today, **kind}

    def upload(self, topic: Topic, file_id: str, provider: str) -> Upload | None:
        """A file of Telegram's as a provider keeps it for this topic, None where it does not."""
        with self.engine.lock:
            kept = self.engine.records.get(topic.key, {}).get("uploads", {}).get(file_id)
        if not kept or kept["provider"] != provider or kept["until"] - SPARE_SECONDS < time.time():
            return None
        return Upload(kept["id"], provider, kept["from"], kept["tokens"])

    def go_on_with(self, change: Changes, key: str, file_id: str, new: Upload) -> None:
        """A provider keeps a file of a topic for a day, as part of a deed; what has expired there is forgotten here."""
        record, now = change.record(key), int(time.time())
        self._end_upload(change, record.get("uploads", {}).get(file_id))
        valid = {name: each for name, each in record.get("uploads", {}).items() if each["until"] > now}
        kept = {"id": new.id, "provider": new.provider, "until": now + UPLOAD_SECONDS}
        record["uploads"] = valid | {file_id: kept | {"from": new.author, "tokens": new.tokens}}

    def end_uploads(self, change: Changes, key: str) -> None:
        """Leave all files of a topic, as part of a deed."""
        for each in change.record(key).pop("uploads", {}).values():
            self._end_upload(change, each)

    def _end_upload(self, change: Changes, kept: dict[str, Any] | None) -> None:
        if kept and kept["until"] > time.time():
            self.put_aside(change, kept["provider"], [kept["id"]], is_file=True)

    def lose_uploads(self, topic: Topic) -> None:
        """A provider does not keep a topic's files any more, whatever it had said."""
        with self.engine.change() as change:
            self.end_uploads(change, topic.key)

    def end_chain(self, change: Changes, key: str) -> None:
        """Leave all of a topic's chain, as part of a deed."""
        if chain := change.record(key).pop("chain", None):
            self.put_aside(change, chain["provider"], chain["responses"])

    def disown(self, change: Changes, turn: Turn | None) -> None:
        """Leave the answer of a turn that is not remembered."""
        if turn and turn.kept:
            self.put_aside(change, turn.kept.provider, [turn.kept.response])

    def go_on(self, change: Changes, key: str, kept: Kept) -> None:
        """Add an answer to the chain it goes on from, or begin one with it, as part of a deed."""
        chain = change.record(key).get("chain") or {}
        goes_on = bool(kept.after) and chain.get("responses", ())[-1:] == [kept.after]
        responses = [*chain["responses"], kept.response] if goes_on else [kept.response]
        if not goes_on:
            self.end_chain(change, key)
        change.record(key)["chain"] = kept.chain(responses)._asdict()

    def leave_all(self, change: Changes, user_id: int) -> None:
        """Leave, as part of a deed, the chains that hold a person's words, and the person's files."""
        for key in self.engine.topics_with(user_id):
            if "chain" in self.engine.records.get(key, {}):
                self.end_chain(change, key)
        for key, record in self.engine.having("uploads").items():
            if any(each["from"] == user_id for each in record["uploads"].values()):
                self.end_uploads(change, key)
