"""R17: answers of two minutes that grow in many chats at once, counted from what arrived at Telegram."""

import bisect
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from proof.stage import FIRST_ID, Json, Stage
from proof.trial import Outcome, Ran, must, run_in_one, run_trials

LONG_SECONDS, SHORT_SECONDS = 120.0, 24.0  # of an answer, in full and in CI
THINKING = 0.15  # the share of it before the first word
PACE = 0.05  # seconds a word
BACK = 30.0  # seconds after its end within which the whole answer must be there
QUICK_SECONDS = 2.0  # of the answers that follow one another
IN_A_ROW = 6  # of them at once: one runs, five wait
LIVELY = ("sendMessageDraft", "sendRichMessageDraft", "sendChatAction")
WORDS = ("sendMessageDraft", "sendMessage", "sendRichMessage", "editMessageText")
SHORT_WINDOW, LONG_WINDOW = (5.0, 20), (30.0, 40)  # seconds and calls, drafts and chat actions together
MINUTE = (60.0, 20)  # of a group, messages and edits
SILENCE = 10.0
APART = 0.9  # seconds between two edits, less what a call may be late


class Kind(NamedTuple):
    """What happens to the calls of a chat, and what kind of chat it is."""

    name: str
    faults: tuple[Json, ...] = ()
    group: bool = False
    in_a_row: bool = False


DRAFT = {"method": "sendMessageDraft"}
KINDS = (
    Kind("in peace"),
    Kind("429 on drafts", tuple(DRAFT | {"kind": "429", "retry_after": s, "after": 4 * s} for s in (1, 3, 5))),
    Kind("429 on chat actions", ({"method": "sendChatAction", "kind": "429", "retry_after": 5, "after": 2},)),
    Kind("formatting refused", (DRAFT | {"kind": "400", "after": 8},)),
    Kind("no drafts", (DRAFT | {"kind": "400", "description": "Bad Request: unknown method", "times": None},)),
    Kind("drafts that hang", tuple(DRAFT | {"kind": "stall", "seconds": 30, "after": each} for each in (3, 12))),
    Kind("drafts that are lost", (DRAFT | {"kind": "reset", "after": 5, "times": 2},)),
    Kind("in a group", group=True),
    Kind("in a group, 429", ({"method": "editMessageText", "kind": "429", "retry_after": 5, "after": 2},), group=True),
    Kind("one answer after another", in_a_row=True),
)


class Seen(NamedTuple):
    """Of one chat: most drafts and actions in 5 s and in 30 s, longest silence in seconds."""

    short: int
    long: int
    silence: float


class Talk:
    """One chat with one kind of trouble."""

    def __init__(self, stage: Stage, number: int, seconds: float) -> None:
        self.stage, self.number, self.seconds = stage, number, seconds
        self.kind, self.user = KINDS[number % len(KINDS)], FIRST_ID + number
        self.chat = int(f"-100{self.user:010d}") if self.kind.group else self.user
        self.asked = 0

    def begin(self) -> None:
        """Let everything go wrong that will, and ask."""
        for fault in self.kind.faults:
            self.stage.world.fault(chat_id=self.chat, **fault)
        if self.kind.group:
            self.stage.world.group(self.chat, title="Friends", members=[self.user])
        self.go_on(False)

    def go_on(self, over: bool) -> None:
        """Ask the next questions where all are answered."""
        wanted = 0 if over else IN_A_ROW if self.kind.in_a_row else 1 - min(self.asked, 1)
        if not self.is_whole():
            return
        for _ in range(wanted):
            self.asked += 1
            seconds = QUICK_SECONDS if self.kind.in_a_row else self.seconds
            words = f"@{self.stage.world.bot['username']} {self._name(self.asked)}?"
            self.stage.script.queue({"match": f"{self._name(self.asked)}?"} | _answer(self._end(self.asked), seconds))
            self.stage.world.send(words, user=self.user, chat=self.chat)

    def is_whole(self) -> bool:
        """Whether every question has its whole answer."""
        return all(self.stage.count(self.chat, self._end(each)) for each in range(1, self.asked + 1))

    def check(self, calls: Sequence[Json]) -> Seen:
        """What arrived for this chat, oldest first; raises Wrong."""
        for each in range(1, self.asked + 1):
            must(
                self.stage.count(self.chat, self._end(each)) == 1, f"{self.kind.name}: an answer stands there not once"
            )
        lively = [call["time"] for call in calls if call["method"] in LIVELY]
        seen = Seen(_most(lively, SHORT_WINDOW[0]), _most(lively, LONG_WINDOW[0]), self._silence(calls))
        must(seen.short <= SHORT_WINDOW[1] and seen.long <= LONG_WINDOW[1], f"{self.kind.name}: too many calls: {seen}")
        must(seen.silence <= SILENCE, f"{self.kind.name}: silent for {seen.silence:.1f} s")
        self._in_order(calls)
        return seen

    def _in_order(self, calls: Sequence[Json]) -> None:
        """No draft comes after its answer, edits keep their distance, nothing grows where it cannot."""
        ends = [call["n"] for call in calls if self._is_end(call)]
        drafts = [call for call in calls if call["method"] == "sendMessageDraft"]
        late = [call["n"] for call in drafts if call["params"]["text"] and ends and call["n"] > ends[-1]]
        must(not late, f"{self.kind.name}: drafts after the final message")
        if self.kind.name == "no drafts" or self.kind.group:
            must(
                len(drafts) <= 1 and not (drafts and self.kind.group), f"{self.kind.name}: drafts where there are none"
            )
            edits = [call["time"] for call in calls if call["method"] == "editMessageText"]
            nearest = min((later - earlier for earlier, later in pairwise(edits[:-1])), default=APART)
            must(nearest >= APART and len(edits) > 3, f"{self.kind.name}: {len(edits)} edits, {nearest:.2f} s apart")
        if self.kind.group:
            counted = [call["time"] for call in calls if call["method"] in WORDS]
            must(_most(counted, MINUTE[0]) <= MINUTE[1], f"{self.kind.name}: more messages than a group takes")

    def _silence(self, calls: Sequence[Json]) -> float:
        """The longest time without words that arrived, from the first of an answer to its end."""
        said = [call["time"] for call in calls if call["method"] in WORDS and call["status"] == 200]
        return float(max(later - earlier for earlier, later in pairwise(said)))

    def _is_end(self, call: Json) -> bool:
        shown = str(call["params"].get("text", ""))
        return call["method"] != "sendMessageDraft" and any(self._end(n) in shown for n in range(1, self.asked + 1))

    def _name(self, question: int) -> str:
        return f"Question {question} of {self.number}"

    def _end(self, question: int) -> str:
        return f"End of answer {question} to {self.number}."


def _answer(end: str, seconds: float) -> Json:
    thinking = seconds * THINKING
    words = int((seconds - thinking) / PACE) - 1
    deltas = [
        f"**{each}** " if each % 9 == 0 else f"{each}\n\n" if each % 31 == 0 else f"{each} " for each in range(words)
    ]
    return {"deltas": [*deltas, end], "delay": thinking, "per_delta": PACE}


def _most(times: Sequence[float], seconds: float) -> int:
    """How many there are at most in any span of so many seconds; `times` in order."""
    return max((bisect.bisect_right(times, begin + seconds) - first for first, begin in enumerate(times)), default=0)


def within_budget(trials: int) -> Outcome:
    """R17: so many chats at once, every kind among them; a trial is a chat."""
    seconds = LONG_SECONDS if trials > len(KINDS) else SHORT_SECONDS
    ran = run_in_one(lambda folder: _run(folder, trials, seconds))
    if ran.failures:
        return Outcome(trials, ran.failures, "")
    most = [max(figures) for figures in zip(*ran.found, strict=True)]
    figure = (
        f"answers of {seconds:.0f} s: ≤ {most[0]} calls in 5 s, ≤ {most[1]} in 30 s a chat, silent ≤ {most[2]:.1f} s"
    )
    return Outcome(trials, 0, f"{figure}, 0 drafts after the final message")


def _run(folder: Path, chats: int, seconds: float) -> Ran[Seen]:
    with Stage(folder, STREAMING="on", TELEGRAM_RATE="30") as stage:
        stage.start()
        stage.register(range(FIRST_ID, FIRST_ID + chats))
        begun = stage.world.calls()[-1]["n"]
        talks = [Talk(stage, number, seconds) for number in range(chats)]
        for talk in talks:
            talk.begin()
        _follow(stage, talks, seconds)
        calls: dict[str, list[Json]] = {}
        for call in stage.world.calls(after=begun):
            calls.setdefault(str(call["params"].get("chat_id")), []).append(call)
        ran = run_trials(chats, lambda number, _: talks[number].check(calls[str(talks[number].chat)]), 1, folder)
        stage.leave()
        stage.verify()
        return ran


def _follow(stage: Stage, talks: list[Talk], seconds: float) -> None:
    """Until all is answered; who asks one question after another is done about when the others' answers are."""
    lasts = [talk for talk in talks if not talk.kind.in_a_row]
    enough = time.monotonic() + seconds - IN_A_ROW * QUICK_SECONDS

    def all_there() -> bool:
        over = time.monotonic() > enough or all(talk.is_whole() for talk in lasts)
        for talk in talks:
            talk.go_on(over)
        return all(talk.is_whole() for talk in talks)

    stage.until(all_there, "all answers", seconds + BACK)
