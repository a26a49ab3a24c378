"""R14: very many models hang, and nobody but those who asked them notices; Stop lets them go."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from proof.stage import FIRST_ID, Json, Stage
from proof.trial import Outcome, Ran, must, run_in_one, run_trials

OTHERS = 20  # people whose models answer at once
ROUNDS = 5  # of what each of them does, and as many payments of others
P95_SECONDS, CHECKOUT_SECONDS, STOP_SECONDS = 2.0, 3.0, 2.0
BEHIND = 2  # questions that wait behind one that hangs
STOPS_AT_ONCE = 10
SOON = 10.0  # seconds for what is not measured
FIRST_OTHER = FIRST_ID + 1000
BUYERS = range(FIRST_OTHER + OTHERS, FIRST_OTHER + OTHERS + ROUNDS)


class Waits(NamedTuple):
    """In seconds: each command and question of the others, and each payment until it may be made."""

    others: list[float]
    payments: list[float]


class Victim:
    """Somebody whose model hangs: before its first word, after some, in private or in a group."""

    def __init__(self, stage: Stage, number: int) -> None:
        self.stage, self.number, self.user = stage, number, FIRST_ID + number
        self.chat = int(f"-100{self.user:010d}") if number % 5 == 4 else self.user
        self.in_words = number % 2 == 1
        self.stopped_after = 0.0

    def ask(self) -> None:
        """Ask what hangs, and more behind it."""
        stage, held = self.stage, {"hold": True, "hold_after": 3 if self.in_words else 0}
        if self.chat != self.user:
            stage.world.group(self.chat, title="Friends", members=[self.user])
        stage.script.queue({"match": self._question(0), "deltas": ["And ", "so ", "it ", "goes."]} | held)
        for each in range(1 + BEHIND):
            words = f"@{stage.world.bot['username']} {self._question(each)}"
            stage.world.send(words, user=self.user, chat=self.chat)

    def _question(self, each: int) -> str:
        return f"question {each} of {self.number}?"

    def shown(self) -> Json | None:
        """What can be stopped: the draft, or in a group the message that grows, as it was last shown."""
        method = "sendMessageDraft" if self.chat == self.user else "sendMessage"
        words = "And so it" if self.in_words and method == "sendMessageDraft" else ""
        calls = [call for call in self.stage.world.calls(method) if call["params"].get("chat_id") == str(self.chat)]
        return next((call for call in calls if words in call["params"]["text"]), None)

    def stop(self) -> None:
        """Press Stop."""
        call = self.shown()
        must(call, f"nothing to stop in chat {self.chat}")
        assert call is not None
        if self.chat == self.user:
            self.stage.world.stop_draft(int(call["params"]["draft_id"]), user=self.user)
        else:
            self.stage.world.press(call["response"]["result"], "stop", user=self.user)

    def is_stopped(self) -> bool:
        return any("topped" in words for words in self.stage.said(self.chat))

    def is_served(self) -> bool:
        """Whether all that waited behind has been answered."""
        return self.stage.count(self.chat, "You said: ") == BEHIND

    def check(self) -> float:
        """Seconds until Stop was obeyed; raises Wrong when that was late, or an answer is out of order."""
        must(self.stopped_after <= STOP_SECONDS, f"chat {self.chat}: Stop after {self.stopped_after:.1f} s")
        said = [words for words in self.stage.said(self.chat) if "topped" in words or "You said: " in words]
        wanted = ["topped", *(self._question(each) for each in range(1, 1 + BEHIND))]
        in_order = len(said) == len(wanted) and all(want in words for want, words in zip(wanted, said, strict=True))
        must(in_order, f"chat {self.chat}, in its order: {said}")
        return self.stopped_after


def unnoticed(trials: int, on: type[Stage] = Stage) -> Outcome:
    """R14: so many models that hang at once; a trial is one of them."""
    waits: list[Waits] = []
    ran = run_in_one(lambda folder: _run(folder, trials, waits, on))
    if ran.failures or not waits:
        return Outcome(trials, ran.failures, "")
    others, payments = (sorted(each) for each in waits[0])
    figure = f"others' {len(others)} commands and questions p95 {_p95(others):.2f} s, "
    figure += f"pre-checkout ≤ {payments[-1]:.2f} s, Stop ≤ {max(ran.found):.2f} s"
    return Outcome(trials, 0, figure)


def _run(folder: Path, victims: int, waits: list[Waits], on: type[Stage]) -> Ran[float]:
    with on(folder, STREAMING="on", TELEGRAM_RATE="30", TOPUP_PACKAGES="50=100000") as stage:
        stage.start()
        stage.register(range(FIRST_ID, FIRST_ID + victims))
        stage.register(range(FIRST_OTHER, BUYERS.stop))
        invoices = [_invoice(stage, user) for user in BUYERS]
        hanging = [Victim(stage, number) for number in range(victims)]
        for victim in hanging:
            victim.ask()
        stage.until(lambda: all(victim.shown() for victim in hanging), "what can be stopped", SOON)
        waits.append(_others(stage, invoices))
        must(_p95(sorted(waits[0].others)) < P95_SECONDS, f"others waited {_p95(sorted(waits[0].others)):.1f} s")
        must(max(waits[0].payments) < CHECKOUT_SECONDS, f"a payment waited {max(waits[0].payments):.1f} s")
        for begin in range(0, victims, STOPS_AT_ONCE):
            _stop(stage, hanging[begin : begin + STOPS_AT_ONCE])
        stage.until(lambda: all(victim.is_served() for victim in hanging), "what waited behind")
        ran = run_trials(victims, lambda number, _: hanging[number].check(), 1, folder)
        stage.leave()
        stage.verify()
        return ran


def _invoice(stage: Stage, user: int) -> tuple[int, Json]:
    """Choose a package; who will pay for it, and the invoice."""
    stage.world.send("/topup", user=user)
    stage.until(lambda: stage.count(user, "What shall it be"), "an offer", SOON)
    offer = next(each for each in stage.world.messages(user) if "inline_keyboard" in each.get("reply_markup", {}))
    stage.world.press(offer, "buy:balance:100000:50", user=user)
    stage.until(lambda: any("invoice" in each for each in stage.world.messages(user)), "an invoice", SOON)
    return user, next(each for each in stage.world.messages(user) if "invoice" in each)


def _others(stage: Stage, invoices: list[tuple[int, Json]]) -> Waits:
    """The others write commands and questions in turn, and some pay meanwhile."""
    with ThreadPoolExecutor(ROUNDS) as pool:
        paying: Iterator[Future[float]] = (pool.submit(_paid_after, stage, *each) for each in invoices)
        found, payments = [], []
        for number in range(ROUNDS):
            payments.append(next(paying))
            words = "/balance" if number % 2 else f"And what else, in round {number}?"
            found += [_answered_after(stage, user, words) for user in range(FIRST_OTHER, FIRST_OTHER + OTHERS)]
        return Waits(found, [each.result() for each in payments])


def _answered_after(stage: Stage, user: int, words: str) -> float:
    before, begun = len(stage.said(user)), time.monotonic()
    stage.world.send(words, user=user)
    stage.until(lambda: len(stage.said(user)) > before, f"an answer to {words}", SOON)
    return time.monotonic() - begun


def _paid_after(stage: Stage, user: int, invoice: Json) -> float:
    begun = time.monotonic()
    outcome = stage.world.pay(invoice, user=user, seconds=SOON)
    must(outcome["status"] == "paid", f"a payment: {outcome}")
    return time.monotonic() - begun


def _stop(stage: Stage, victims: list[Victim]) -> None:
    """Some press Stop at once."""
    pressed: dict[Victim, float] = {}
    for victim in victims:
        victim.stop()
        pressed[victim] = time.monotonic()

    def all_stopped() -> bool:
        for victim in [each for each in pressed if each.is_stopped()]:
            victim.stopped_after = time.monotonic() - pressed.pop(victim)
        return not pressed

    stage.until(all_stopped, "an end to what was stopped", SOON)


def _p95(waits: list[float]) -> float:
    return waits[int(len(waits) * 0.95)]
