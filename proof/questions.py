"""Questions whose answers and costs are known, and what must have come of each in the end."""

import random
from typing import NamedTuple

from proof.stage import GIFT, Json, Stage
from proof.trial import Wrong, must


class Question(NamedTuple):
    """Asked once, in private or in a group (0: none); `cost` is what the model says it used, in tokens."""

    user: int
    number: int
    cost: int
    group: int = 0

    @property
    def place(self) -> int:
        """The chat where the answer must stand."""
        return self.group or self.user

    @property
    def words(self) -> str:
        """What is asked; no other question contains it."""
        return f"Question {self.number}, please?"

    @property
    def answer(self) -> str:
        """What the answer begins with; no other answer contains it."""
        return f"Answer {self.number}, as you wished."


def prepare(users: range, dice: random.Random, first: int = 0) -> list[Question]:
    """One question a user, in private."""
    return [Question(user, first + place, dice.randrange(200, 3000)) for place, user in enumerate(users)]


def in_groups(stage: Stage, asked: list[Question]) -> list[Question]:
    """The same questions, each to be put in a group of its own."""
    moved = [question._replace(group=int(f"-100{question.user:010d}")) for question in asked]
    for question in moved:
        stage.world.group(question.group, title="Friends", members=[question.user])
    return moved


def teach(stage: Stage, asked: list[Question], slowest: float, dice: random.Random) -> None:
    """Let the model know the answers; each takes up to `slowest` seconds, streamed half in writing."""
    for question in asked:
        seconds = dice.uniform(slowest / 10, slowest)
        writing = seconds / 2 if stage.streaming else 0.0
        stage.script.queue(_reply(question, seconds - writing, writing))


def put(stage: Stage, asked: list[Question]) -> None:
    """Let people send their questions."""
    mention = f"@{stage.world.bot['username']} "
    for question in asked:
        words = mention + question.words if question.group else question.words
        stage.world.send(words, user=question.user, chat=question.place)


def _reply(question: Question, thinking: float, writing: float) -> Json:
    text = f"{question.answer} " + "It goes on **for a while**. " * 4
    usage = {"prompt_tokens": question.cost - 60, "completion_tokens": 60}
    pace = {"delay": thinking, "per_delta": writing / len(text.split())}
    return {"match": question.words, "text": text, "usage": usage, "times": 10**6, **pace}


def await_answers(stage: Stage, asked: list[Question], seconds: float = 30.0) -> None:
    """Wait until every question has its answer; raises Wrong with those that have none."""
    try:
        stage.until(lambda: not unanswered(stage, asked), "all answers", seconds)
    except Wrong as wrong:
        missing = unanswered(stage, asked)
        raise Wrong(f"{wrong}; {len(missing)} of {len(asked)} questions without one: {missing[:10]}") from None


def unanswered(stage: Stage, asked: list[Question]) -> list[int]:
    """The numbers of the questions without an answer."""
    return [question.number for question in asked if not stage.stands(question.place, question.answer)]


def doubled(stage: Stage, asked: list[Question]) -> int:
    """How many answers stand there more than once."""
    return sum(stage.count(question.place, question.answer) > 1 for question in asked)


def settled(stage: Stage, asked: list[Question]) -> None:
    """With the bot stopped: each question is answered, charged and remembered once, and `--verify` agrees."""
    lost = unanswered(stage, asked)
    must(not lost, f"{len(lost)} of {len(asked)} questions were never answered: {lost[:10]}")
    if stage.ours:
        records, ledger = stage.records(), stage.ledger()
        for user in {question.user for question in asked}:
            _paid(records[str(user)], ledger, user, [each for each in asked if each.user == user])
        for place in {question.place for question in asked}:
            _remembered(records.get(str(place), {}), place, [each for each in asked if each.place == place])
        stage.verify()


def _paid(record: Json, ledger: list[Json], user: int, asked: list[Question]) -> None:
    cost, requests = sum(question.cost for question in asked), len(asked)
    must(record["balance"] == GIFT - cost, f"user {user} paid {GIFT - record['balance']}, not {cost}")
    must(record["requests"] == requests, f"user {user}: {record['requests']} requests counted, not {requests}")
    must(record["tokens"] == cost, f"user {user}: {record['tokens']} tokens counted, not {cost}")
    charges = [-line["amount"] for line in ledger if line["user"] == user and line["amount"] < 0]
    want_charges = [question.cost for question in asked]
    must(sorted(charges) == sorted(want_charges), f"user {user}: ledger charges {charges}, not {want_charges}")


def _remembered(record: Json, place: int, asked: list[Question]) -> None:
    kept = [said["content"] for said in record.get("history", ()) if said["role"] == "user"]
    found = [question.number for question in asked for words in kept if words.endswith(question.words)]
    want = [question.number for question in asked]
    must(sorted(found) == want and len(kept) == len(want), f"chat {place} remembers {kept}, not {want}")
