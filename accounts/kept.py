"""Answers that a provider keeps: those a topic's next question goes on from, and those to be deleted there."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from engine.engine import Changes, Engine
from engine.state import Records
from records import Chain, Kept, Left, Topic, Turn

LEFT = "to_delete_at_provider"  # the record of all answers that nobody goes on from, by their ids there


class KeptAnswers:
    """The chain of each topic stands in its record beside the history, whose end is its end, too."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.parted: Callable[[], None] = lambda: None  # told when there are answers to be deleted at a provider

    def kept_chain(self, topic: Topic) -> Chain | None:
        """What a provider keeps of a topic, None for nothing."""
        with self.engine.lock:
            kept = self.engine.state.records.get(topic.key, {}).get("chain")
        return Chain(**kept) if kept else None

    def left(self) -> list[Left]:
        """The answers that are still to be deleted at their providers."""
        with self.engine.lock:
            return [Left(response, **each) for response, each in self.engine.state.records.get(LEFT, {}).items()]

    def leave(self, provider: str, responses: list[str]) -> None:
        """Nobody will go on from these answers."""
        if responses:
            with self.engine.change() as change:
                self.put_aside(change, provider, responses)

    def deleted(self, responses: list[str]) -> None:
        """The provider keeps these no more."""
        if responses:
            with self.engine.change() as change:
                for response in responses:
                    change.record(LEFT).pop(response, None)

    def put_aside(self, change: Changes, provider: str, responses: list[str]) -> None:
        """Note as part of a deed that answers are to be deleted."""
        self.parted()
        today = datetime.now(self.engine.zone).date().isoformat()
        for response in responses:
            change.record(LEFT)[response] = {"provider": provider, "since": today}

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


def chains_with(records: Records, user_id: int) -> list[str]:
    """The keys of the topics whose chains hold a person's words."""
    own = str(user_id)
    return [key for key, record in records.items() if "chain" in record and _is_in(key, record, own)]


def _is_in(key: str, record: dict[str, Any], own: str) -> bool:
    is_own = key == own or key.startswith(f"{own}/")
    return is_own or any(str(said.get("from")) == own for said in record.get("history", ()))
