"""Two people with the bot while Telegram makes trouble: one is hit by it, the other must not notice."""

import itertools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from proof.questions import Question, await_answers, put, teach
from proof.stage import FIRST_ID, OWNER, Json, Stage
from proof.trial import must

Case = Callable[[Path], None]  # is given its folder, raises when something is wrong

VICTIM, OTHER = FIRST_ID, FIRST_ID + 1
GROUP = -700
OTHERS_SECONDS = 2.0  # the longest the other may wait for an answer the model has at once
OTHERS_PAUSE = 1.1  # between the other's questions: a chat may be written to once a second
LATE_TWINS = 2.0  # seconds in which a second copy of an answer would show up


class Call(NamedTuple):
    """What fails in which chat; without drafts a private answer grows as a message that is edited."""

    method: str
    place: int
    drafts: bool = True


CALLS = {
    "sendMessage": Call("sendMessage", VICTIM),
    "editMessageText": Call("editMessageText", GROUP),
    "sendMessageDraft": Call("sendMessageDraft", VICTIM),
    "sendChatAction": Call("sendChatAction", VICTIM),
    "a group's placeholder": Call("sendMessage", GROUP),
    "a placeholder in place of drafts": Call("sendMessage", VICTIM, drafts=False),
    "an edit in place of drafts": Call("editMessageText", VICTIM, drafts=False),
}


class Chats:
    """Questions asked so far, each with its number; what the other had to wait."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.waits: list[float] = []
        self._numbers = itertools.count()
        self._dice = random.Random(0)

    def fail(self, what: Call, **how: Any) -> None:
        """Let calls fail from now on."""
        if not what.drafts:
            refused = {"kind": "400", "description": "Bad Request: unknown method", "times": None}
            self.stage.world.fault(method="sendMessageDraft", chat_id=what.place, **refused)
        self.stage.world.fault(method=what.method, chat_id=what.place, **how)

    def ask(self, seconds: float, chat: int = VICTIM) -> Question:
        """The victim asks, in private or in the group; the model takes so long."""
        question = Question(VICTIM, next(self._numbers), 300, 0 if chat == VICTIM else chat)
        teach(self.stage, [question], seconds, self._dice)
        put(self.stage, [question])
        return question

    def others_go_on(self, over: Callable[[], bool], seconds: float) -> None:
        """The other asks one question after another until `over`, at most for so long."""
        until = time.monotonic() + seconds
        while not over() and time.monotonic() < until:
            question = Question(OTHER, next(self._numbers), 300)
            teach(self.stage, [question], 0.0, self._dice)
            asked = time.monotonic()
            put(self.stage, [question])
            await_answers(self.stage, [question], 10)
            self.waits.append(time.monotonic() - asked)
            self.stage.let_pass(OTHERS_PAUSE)
        slowest = max(self.waits, default=0.0)
        must(slowest <= OTHERS_SECONDS, f"the other chat waited {slowest:.1f} s for an answer")

    def has(self, question: Question, chat: int = 0) -> int:
        """How often a question's answer stands in its chat, or in another one."""
        return self.stage.count(chat or question.place, question.answer)

    def once(self, question: Question, seconds: float, chat: int = 0, most: int = 1) -> None:
        """Wait for the answer; it must stand there once, and stay alone."""
        self.stage.until(lambda: bool(self.has(question, chat)), f"answer {question.number}", seconds)
        self.stage.let_pass(LATE_TWINS)
        found = self.has(question, chat)
        must(found <= most, f"answer {question.number} stands there {found} times")

    def calls(self, chat: int, after: int = 0) -> list[Json]:
        """What the bot called for a chat."""
        return [call for call in self.stage.world.calls(after=after) if call["params"].get("chat_id") == str(chat)]


@contextmanager
def chats(folder: Path) -> Iterator[Chats]:
    """A running bot that both know, in private and in a group; afterwards it must leave with everything in order."""
    with Stage(folder, STREAMING="on", TELEGRAM_RATE="30") as stage:
        stage.start()
        stage.register(range(VICTIM, OTHER + 1))
        stage.world.group(GROUP, type="group", title="Friends", members=[OWNER, VICTIM, OTHER])
        yield Chats(stage)
        stage.leave()
        stage.verify()
