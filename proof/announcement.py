"""R12: an announcement to very many, some of whom are blocked, flooded or closed to it, through kills of the bot."""

import random
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from proof.stage import FIRST_ID, OWNER, Json, Stage
from proof.trial import Outcome, Ran, must, run_in_one
from telegram_io.wire import COUNTED, LIVELY
from texts import say

RATE = 30  # messages a second, Telegram's ceiling. https://core.telegram.org/bots/faq
BLOCKED, FLOODED, CLOSED = 0.03, 0.01, 0.001  # shares of the receivers: 403, 429 once, a 400 of their own
RECEIVERS_A_KILL = 2_000
ASKING_SECONDS = 1.0  # between the questions somebody puts meanwhile
LONGEST_WAIT = 2.0  # for their answers
LONGEST_AMONG_MANY = 15.0  # where the server may be restarted under them, or who takes updates in may be gone
NEWS = "Tonight we are closed."
WALLET = "Your wallet"  # stands in what /balance says


class Receivers(NamedTuple):
    """Everybody the announcement is for, and those who will not get it, or not at once."""

    everybody: list[int]
    blocked: set[int]
    flooded: set[int]
    closed: set[int]


def reaches(receivers: int, on: type[Stage] = Stage) -> Outcome:
    """R12: `receivers` people, each a trial."""
    ran = run_in_one(lambda folder: Ran([_run(folder, receivers, on)], 0))
    return Outcome(receivers, ran.failures, "".join(ran.found))


def _run(folder: Path, number: int, on: type[Stage]) -> str:
    dice, kills = random.Random(number), max(1, number // RECEIVERS_A_KILL)
    receivers = _people(number, dice)
    longest = LONGEST_WAIT if on is Stage else LONGEST_AMONG_MANY
    with on(folder, TELEGRAM_RATE=str(RATE), STREAMING="off") as stage:
        _settle(stage, receivers)
        stage.start()
        question = _prepared(stage, len(receivers.everybody))
        stage.world.press(question, f"announce:{question['message_id'] - 1}", user=OWNER)
        begun, waits = time.monotonic(), list[float]()
        first = len(stage.messages)
        for kill in range(kills):
            goal = first + int(number * (kill + dice.uniform(0.2, 0.8)) / kills)
            _go_on(stage, waits, partial(_seen, stage, goal), number)
            stage.kill()
            stage.start(until="getMe")
        _go_on(stage, waits, partial(_ended, stage), number)
        seconds = time.monotonic() - begun
        peak = _peak(stage.world.calls())
        must(peak <= RATE, f"{peak} messages arrived within a second")
        must(max(waits) < longest, f"somebody else waited {max(waits):.1f} s for an answer")
        stage.leave()
        twice = _arrived(stage, receivers, kills)
        _told(stage, receivers, kills)
        stage.verify()
    return (
        f"kills: {kills}; {twice} have it twice, all others once; at most {peak} messages in a second; "
        f"the report is true; done after {seconds:.0f} s, others answered within {max(waits):.2f} s"
    )


def _people(number: int, dice: random.Random) -> Receivers:
    people = list(range(FIRST_ID, FIRST_ID + number))
    drawn = iter(dice.sample(people[1:], number - 1))  # the first one asks questions
    blocked, flooded, closed = (
        {next(drawn) for _ in range(max(1, int(number * share)))} for share in (BLOCKED, FLOODED, CLOSED)
    )
    return Receivers([*people, OWNER], blocked, flooded, closed)


def _settle(stage: Stage, receivers: Receivers) -> None:
    """The bot's data from before, everybody at Telegram, and what will go wrong."""
    records: dict[str, Json] = {"global": {"requests": 0, "tokens": 0, "images": 0}}
    about = {"requests": 0, "tokens": 0, "balance": 30_000, "username": "None", "lastdate": "20.11.2026 10:00:00"}
    for user in receivers.everybody[:-1]:
        records[str(user)] = {**about, "name": f"User {user}"}
        stage.world.user(user, first_name=f"User {user}", language_code="en", started=True)
    stage.begin_with(records)
    troubles: list[tuple[set[int], Json]] = [
        (receivers.blocked, {"kind": "403", "times": None}),
        (receivers.flooded, {"kind": "429", "retry_after": 1}),
        (receivers.closed, {"kind": "400", "times": None, "description": "Bad Request: VOICE_MESSAGES_FORBIDDEN"}),
    ]
    for people, trouble in troubles:
        for user in people:
            stage.world.fault(method="copyMessage", chat_id=user, **trouble)


def _prepared(stage: Stage, number: int) -> Json:
    """Go as far as the question whether to send it."""
    stage.world.send("/announce all", user=OWNER)
    ask = say("ru", "announce_ask", receivers=number)
    stage.until(lambda: stage.count(OWNER, ask) > 0, "the question for the message")
    stage.world.send(NEWS, user=OWNER)
    confirm = say("ru", "announce_confirm", receivers=number)
    stage.until(lambda: stage.count(OWNER, confirm) > 0, "the preview")
    return next(each for each in stage.messages.values() if each.get("text") == confirm)


def _seen(stage: Stage, messages: int) -> bool:
    return len(stage.messages) >= messages


def _ended(stage: Stage) -> bool:
    return bool(stage.messages) and any(_is_report(each) for each in list(stage.messages.values())[-20:])


def _is_report(message: Json) -> bool:
    heading = say("ru", "announce_report", delivered=0, blocked=0, failed=0).partition("\n")[0]
    return message["chat"]["id"] == OWNER and str(message.get("text")).startswith(f"{heading}\n")


def _go_on(stage: Stage, waits: list[float], over: Callable[[], bool], number: int) -> None:
    """Let it be sent until `over`, while somebody asks for their balance now and then."""
    until = time.monotonic() + 60 + 3 * number / RATE
    while not over():
        must(time.monotonic() < until, "the announcement does not end")
        waits.append(_asked(stage))
        pause = time.monotonic() + ASKING_SECONDS
        while not over() and time.monotonic() < pause:
            stage.listen(pause - time.monotonic())


def _asked(stage: Stage) -> float:
    """Seconds that somebody waits for their balance."""
    asked, before = time.monotonic(), stage.count(FIRST_ID, WALLET)
    stage.world.send("/balance", user=FIRST_ID)
    stage.until(lambda: stage.count(FIRST_ID, WALLET) > before, "an answer meanwhile")
    return time.monotonic() - asked


def _peak(calls: list[Json]) -> int:
    """The most messages that arrived within any second."""
    times = [each["time"] for each in calls if each["method"].startswith(COUNTED) and each["method"] not in LIVELY]
    start = peak = 0
    for place, moment in enumerate(times):
        while times[start] <= moment - 1.0:
            start += 1
        peak = max(peak, place - start + 1)
    return peak


def _arrived(stage: Stage, receivers: Receivers, kills: int) -> int:
    """Everybody who can has the message once, of each kill one at most twice; says how many have it twice."""
    me = stage.world.bot["id"]
    mine = [each for each in stage.messages.values() if each["from"]["id"] == me and each.get("text") == NEWS]
    found = Counter(int(each["chat"]["id"]) for each in mine)
    found[OWNER] -= 1  # the preview
    reachable = set(receivers.everybody) - receivers.blocked - receivers.closed
    missing = [user for user in reachable if not found[user]]
    must(not missing, f"{len(missing)} did not get it: {missing[:5]}")
    must(set(+found) == reachable, "somebody got it who had blocked the bot")
    twice = sum(found.values()) - len(reachable)
    must(twice <= kills and max(found.values()) <= 2, f"{twice} copies too many after {kills} kills")
    return twice


def _told(stage: Stage, receivers: Receivers, kills: int) -> None:
    """The report has the true figures, each restart was told, and who is blocked will be left out."""
    blocked, failed = len(receivers.blocked), len(receivers.closed)
    true = say(
        "ru", "announce_report", delivered=len(receivers.everybody) - blocked - failed, blocked=blocked, failed=failed
    )
    reports = [each["text"] for each in stage.messages.values() if _is_report(each)]
    must(reports == [true], f"the report says {reports}, true is {true}")
    goes_on = say("ru", "announce_goes_on", done=0, total=0).partition(":")[0]
    notes, hit = stage.count(OWNER, goes_on), stage.hit
    must(hit <= notes <= kills, f"{notes} notes after {kills} kills, {hit} of who was sending")
    marked = {int(key) for key, record in stage.records().items() if record.get("unreachable")}
    must(marked == receivers.blocked, f"{len(marked)} are marked as unreachable, {blocked} are")
