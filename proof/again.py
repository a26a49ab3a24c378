"""R3: Telegram delivers every update again, later and in any order: to the same process and to later ones."""

import random
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from proof.questions import Question, await_answers, teach
from proof.stage import FIRST_ID, GIFT, OWNER, Json, Stage
from proof.trial import Outcome, Ran, must, run_in_one

MOST_USERS = 20
LOW = 1000  # an update's number far below all others
PRESENT = 7  # tokens, what the owner gives away
HELP = "/balance — what is left"  # stands in what /help says
SUMS = ("requests", "tokens", "premium_tokens", "images", "whisper_seconds")
QUIET_BUTTONS = ("memory:5000", "memory:15000", "memory:0")


def redelivered(trials: int, on: type[Stage] = Stage) -> Outcome:
    """R3: `trials` updates of mixed content, each delivered three times more, a third of them also at once."""
    ran = run_in_one(lambda folder: Ran([_run(folder, trials, on)], 0))
    calls, lines = ran.found[0] if ran.found else (0, 0)
    return Outcome(trials, ran.failures, f"{calls} model calls, {lines} ledger lines, as when delivered once")


class Kept(NamedTuple):
    """What must be the same however often an update is delivered."""

    records: dict[str, Json]
    ledger: list[Json]
    calls: int
    words: Counter[tuple[int, str]]


class Talk:
    """Some users and an owner who write, press and pay; what it must have cost."""

    def __init__(self, stage: Stage, updates: int, dice: random.Random) -> None:
        self.stage, self.left, self.dice = stage, updates, dice
        self.users = range(FIRST_ID, FIRST_ID + max(3, min(MOST_USERS, updates // 10)))
        self.asked: list[Question] = []
        self.presents: Counter[int] = Counter()
        self.raw: dict[int, Json] = {}  # every update as it was delivered, by its id
        self.fences = 0

    def run(self) -> None:
        """Everybody registers, then does something by chance, round by round, till all updates are used up."""
        self.stage.register(range(OWNER, OWNER + 1))
        self.stage.register(self.users)
        for user in self.users:
            self.stage.world.send("/ec 3000", user=user)
        self.left -= 1 + 3 * len(self.users)
        self.fence()
        while self.left > 0:
            for user in list(self.users)[: self.left]:
                self._something(user)
            self.left -= len(self.users)
            self._at_once_again()
            await_answers(self.stage, self.asked)
        self.fence()
        self._low_numbers()

    def _something(self, user: int) -> None:
        deed = self.dice.choices(("ask", "refill", "press", "/new", "/switch", "/ec 3000"), (45, 10, 15, 10, 10, 10))[0]
        if deed == "ask":
            question = Question(user, len(self.asked), self.dice.randrange(200, 3000))
            self.asked.append(question)
            teach(self.stage, [question], 0.0, self.dice)
            self.stage.world.send(question.words, user=user)
        elif deed == "refill":
            self.presents[user] += 1
            self.stage.world.send(f"/refill {user} {PRESENT}", user=OWNER)
        elif deed == "press":
            self._press(user)
        else:
            self.stage.world.send(deed, user=user)

    def _press(self, user: int) -> None:
        message = next(each for each in self.stage.world.messages(user) if "reply_markup" in each)
        self.stage.world.press(message, self.dice.choice(QUIET_BUTTONS), user=user)

    def _at_once_again(self) -> None:
        """A third of what waits comes twice in a row."""
        for update in self.stage.world.pending():
            self.raw[update["update_id"]] = update
            if self.dice.random() < 0.3:
                self.stage.world.update(update)

    def _low_numbers(self) -> None:
        """After a silent week Telegram's numbers begin anywhere: one question each that never came before.

        https://core.telegram.org/bots/api#update
        """
        self._collect()
        samples = {update["message"]["from"]["id"]: update for update in self.raw.values() if "message" in update}
        for place, user in enumerate(self.users):
            question = Question(user, len(self.asked), self.dice.randrange(200, 3000))
            self.asked.append(question)
            teach(self.stage, [question], 0.0, self.dice)
            message = {name: value for name, value in samples[user]["message"].items() if name != "entities"}
            self.stage.world.update({"update_id": LOW + place, "message": message | {"text": question.words}})
        await_answers(self.stage, self.asked)

    def again(self) -> None:
        """Deliver every update once more, in random order, and wait until the bot is through."""
        self._collect()
        updates = list(self.raw.values())
        self.dice.shuffle(updates)
        for update in updates:
            self.stage.world.update(update)
        self.fence()

    def _collect(self) -> None:
        for call in self.stage.world.calls("getUpdates"):
            self.raw.update({each["update_id"]: each for each in (call["response"] or {}).get("result") or ()})

    def fence(self) -> None:
        """Everybody asks for help: what came before has begun by the time they are answered."""
        self.fences += 1
        for user in self.users:
            self.stage.world.send("/help", user=user)
        stage = self.stage
        stage.until(lambda: all(stage.count(user, HELP) >= self.fences for user in self.users), "answers to /help")
        stage.until(lambda: not stage.world.pending(), "an empty queue")

    def kept(self) -> Kept:
        """What stands in the files of the stopped bot, and what was said and asked so far."""
        words = Counter((user, text) for user in self.users for text in self.stage.said(user) if HELP not in text)
        words[OWNER, "presents"] = self.stage.count(OWNER, f"+{PRESENT}")
        records = self.stage.records()
        everybody = records.pop("global")  # holds marks of its own beside the sums
        records["global"] = {name: everybody[name] for name in SUMS}
        return Kept(records, self.stage.ledger(), len(self.stage.script.requests("chat/completions")), words)


def _run(folder: Path, updates: int, on: type[Stage]) -> tuple[int, int]:
    with on(folder, NEW_USER_PREMIUM_BALANCE=str(GIFT)) as stage:
        stage.start()
        talk = Talk(stage, updates, random.Random(updates))
        talk.run()
        talk.again()
        stage.leave()
        once = talk.kept()
        _paid_once(talk, once)
        for end in (stage.kill, stage.leave):  # of the process that gets everything again
            stage.start()
            talk.again()
            end()
        later = talk.kept()
        _same(once, later)
        _paid_once(talk, later)
        stage.verify()
        return once.calls, len(once.ledger)


def _paid_once(talk: Talk, kept: Kept) -> None:
    """As many calls, answers and charges as questions, as many presents as were given."""
    must(kept.calls == len(talk.asked), f"{kept.calls} model calls for {len(talk.asked)} questions")
    twice = sum(talk.stage.count(question.user, question.answer) > 1 for question in talk.asked)
    must(not twice, f"{twice} answers stand there twice")
    for user in talk.users:
        helped = talk.stage.count(user, HELP)
        must(helped == talk.fences, f"user {user} asked {talk.fences} times for help and got it {helped} times")
        costs = [question.cost for question in talk.asked if question.user == user]
        record = kept.records[str(user)]
        held, want = (
            record["balance"] + record["premium_balance"],
            2 * GIFT + PRESENT * talk.presents[user] - sum(costs),
        )
        must(held == want, f"user {user} holds {held}, not {want}")
        charges = [-line["amount"] for line in kept.ledger if line["user"] == user and line["amount"] < 0]
        must(sorted(charges) == sorted(costs), f"user {user}: ledger charges {charges}, not {costs}")


def _same(once: Kept, later: Kept) -> None:
    for name, before, after in zip(Kept._fields, once, later, strict=True):
        must(before == after, f"{name} differ: {_difference(before, after)}")


def _difference(before: Any, after: Any) -> str:
    if isinstance(before, Counter):
        return f"more {list((after - before).items())[:3]}, fewer {list((before - after).items())[:3]}"
    if isinstance(before, dict):
        return str([(key, before.get(key), value) for key, value in after.items() if before.get(key) != value][:2])
    if isinstance(before, list):
        return str([line for line in after if line not in before][:3])
    return f"{before} before, {after} after"
