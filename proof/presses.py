"""S3: one button pressed a hundred times at once, by all who may and some who may not: one effect."""

import os
import random
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from proof.again import HELP
from proof.stage import FIRST_ID, GIFT, OWNER, Json, Stage
from proof.trial import Outcome, must, run_trials
from texts import TEXTS

PRESSES = 100
FOREIGN = 10  # presses by somebody whose button it is not
AT_ONCE = 20  # threads that press
SECOND_ADMIN, ALICE, STRANGER, FOREIGNER = 2, FIRST_ID, FIRST_ID + 1, FIRST_ID + 2
GROUP = -1009000000000
REFUSALS = [words for key in ("used_up", "not_yours") for words in TEXTS[key]]

AGAIN, CONTINUE, EDITED = "Again", "Continue", "Answer the edited question"

Choice = tuple[Json, str, int]  # message, data of a button under it, who presses


class Case(NamedTuple):
    """A button: how it comes to be, where its effect is seen, and how often the files of the stopped bot say it was.

    `killed`: the process may be killed while it works; else one message more would be no wonder.
    """

    name: str
    offer: Callable[[Stage], list[Choice]]
    seen: Callable[[Stage], bool]
    effects: Callable[[Stage], int]
    killed: bool = True


def once(trials: int) -> Outcome:
    """S3: `trials` times a hundred presses; the process is killed in the middle of every second one that allows it."""
    ran = run_trials(trials, _one)
    names = ", ".join(dict.fromkeys(case.name for case in CASES[:trials]))
    return Outcome(trials, ran.failures, f"{len(ran.found) * PRESSES} presses, {sum(ran.found)} effects: {names}")


def _one(number: int, folder: Path) -> int:
    dice, case = random.Random(number), CASES[number % len(CASES)]
    settings = {"ADMIN_CHAT_ID": f"{OWNER},{SECOND_ADMIN}", "TOPUP_PACKAGES": "50=100000", "REFERRAL_BONUS": "0"}
    with Stage(folder, FAVOR_MIN_LIMIT=str(GIFT), **settings) as stage:
        stage.start()
        stage.register(range(OWNER, SECOND_ADMIN + 1))
        stage.register(range(ALICE, ALICE + 1))
        stage.register(range(FOREIGNER, FOREIGNER + 1))
        choices = case.offer(stage)
        _refused(stage, choices, dice)
        _press_all(stage, choices, dice)
        if case.killed and number // len(CASES) % 2:
            stage.let_pass(dice.uniform(0, 0.5))
            stage.kill()
            stage.start(until="getMe")
        stage.until(lambda: case.seen(stage), f"what {case.name} does")
        _settle(stage, choices)
        stage.leave()
        stage.verify()
        effects = case.effects(stage)
        must(effects == 1, f"{case.name}: {effects} effects")
        return effects


def _refused(stage: Stage, choices: list[Choice], dice: random.Random) -> None:
    """Somebody else presses first, and is told that this button is not for them."""
    before = int(stage.world.state()["event_id"])
    queries = set()
    for _ in range(FOREIGN):
        message, data, _ = dice.choice(choices)
        queries.add(stage.world.press(message, data, user=FOREIGNER, forged=True))

    def answers() -> list[Json]:
        events = [each for each in stage.world.events(before, 0.0) if each["type"] == "callback_answer"]
        return [each for each in events if each["callback_query_id"] in queries]

    stage.until(lambda: len(answers()) == FOREIGN, "answers to foreign presses")
    for each in answers():
        must(each["text"] in REFUSALS, f"a foreign press was answered {each['text']!r}")


def _press_all(stage: Stage, choices: list[Choice], dice: random.Random) -> None:
    """A hundred presses wait for the bot when it wakes up: each was made while the button was there."""
    os.kill(stage.pid, signal.SIGSTOP)
    pressed = [dice.choice(choices) for _ in range(PRESSES)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda each: stage.world.press(each[0], each[1], user=each[2]), pressed))
    os.kill(stage.pid, signal.SIGCONT)


def _settle(stage: Stage, choices: list[Choice]) -> None:
    """Wait until nothing is left to be done: in every chat a question comes after the presses."""
    places = {message["chat"]["id"]: user for message, _, user in choices}
    for chat, user in places.items():
        stage.world.send("/help", user=user, chat=chat)
    stage.until(lambda: all(stage.count(chat, HELP) for chat in places), "answers to /help")


# -- the buttons


def _newest(stage: Stage, chat: int, words: str) -> Json:
    """The bot's newest message with these words and a button under it."""

    def found() -> Json:
        here = [each for each in stage.world.messages(chat) if words in each.get("text", "")]
        return next((each for each in reversed(here) if "reply_markup" in each), {})

    stage.until(lambda: bool(found()), f"a button under {words!r}")
    return found()


def _data(message: Json) -> list[str]:
    return [button["callback_data"] for row in message["reply_markup"]["inline_keyboard"] for button in row]


def _to_admins(stage: Stage, asked: str, words: str) -> list[Choice]:
    stage.world.send(asked, user=ALICE)
    notices = {admin: _newest(stage, admin, words) for admin in (OWNER, SECOND_ADMIN)}
    return [(message, data, admin) for admin, message in notices.items() for data in _data(message)]


def _favour(stage: Stage) -> list[Choice]:
    return _to_admins(stage, "/ask_favor", "asks for tokens")


def _told(stage: Stage) -> int:
    return stage.count(ALICE, "The admin gave you") + stage.count(ALICE, "The admin declined")


def _decided(stage: Stage) -> int:
    """How often a favour was decided: what was said and what was booked are the same."""
    granted = stage.count(ALICE, "The admin gave you")
    must(_booked(stage, "favour") == bool(granted), f"{_booked(stage, 'favour')} favours booked, told {granted}")
    return bool(granted) + bool(stage.count(ALICE, "The admin declined"))


def _feedback(stage: Stage) -> list[Choice]:
    return _to_admins(stage, "/feedback Well done", "Well done")


def _package(stage: Stage) -> list[Choice]:
    stage.world.send("/topup", user=ALICE)
    offer = _newest(stage, ALICE, "What shall it be")
    return [(offer, _data(offer)[0], ALICE)]


def _deletion(stage: Stage) -> list[Choice]:
    stage.world.send("/delete_me", user=ALICE)
    question = _newest(stage, ALICE, "Erase everything")
    return [(question, _data(question)[0], ALICE)]


def _failure(stage: Stage) -> list[Choice]:
    """A question in a group that the model does not answer: its asker may ask again."""
    stage.world.group(GROUP, title="Friends", members=[ALICE, FOREIGNER])
    stage.script.default({"fault": {"kind": "status", "status": 500}})
    stage.world.send(f"@{stage.world.bot['username']} Why?", user=ALICE, chat=GROUP)
    notice = _newest(stage, GROUP, "Nothing was charged")
    stage.script.default({"text": "Because.", "usage": {"prompt_tokens": 40, "completion_tokens": 60}})
    return [(notice, _data(notice)[0], ALICE)]


def _answers(stage: Stage) -> int:
    return sum(line["reason"] == "answer" and line["user"] == ALICE for line in stage.ledger())


def _answered(stage: Stage, label: str, **answer: str) -> list[Choice]:
    """An answer in a group that remembers, with this button under it; the next answer is another one."""
    stage.world.group(GROUP, title="Friends", members=[OWNER, ALICE, FOREIGNER])
    stage.world.send("/ec", user=OWNER, chat=GROUP)
    usage = {"prompt_tokens": 40, "completion_tokens": 60}
    stage.script.default({"text": "Perhaps,", "usage": usage, **answer})
    question = stage.world.send(f"@{stage.world.bot['username']} Why?", user=ALICE, chat=GROUP)["message"]
    message = _newest(stage, GROUP, "Perhaps,")
    if label == EDITED:
        stage.world.edit(question, f"@{stage.world.bot['username']} Why not?")
    stage.until(lambda: label in _labels(_newest(stage, GROUP, "Perhaps,")), f"the button {label!r}")
    stage.script.default({"text": "Because.", "usage": usage})
    message = _newest(stage, GROUP, "Perhaps,")
    return [(message, _data(message)[_labels(message).index(label)], ALICE)]


def _labels(message: Json) -> list[str]:
    return [button["text"] for row in message["reply_markup"]["inline_keyboard"] for button in row]


def _once_more(stage: Stage) -> int:
    """Answers beside the first one; the history holds one turn that ends with the new one."""
    history = stage.records()[str(GROUP)]["history"]
    must(len(history) == 2, f"{len(history)} messages remembered, not one turn")
    must(history[1]["content"].endswith("Because."), f"the turn ends {history[1]['content']!r}")
    return _answers(stage) - 1


def _invitation(stage: Stage) -> list[Choice]:
    stage.world.user(STRANGER, first_name="Stranger", language_code="en")
    stage.world.send("Hello", user=STRANGER)
    message = _newest(stage, STRANGER, "To begin")
    return [(message, _data(message)[0], STRANGER)]


def _announcement(stage: Stage) -> list[Choice]:
    stage.world.send("/announce all", user=OWNER)
    stage.until(lambda: bool(stage.count(OWNER, "Send me the message")), "a question for the message")
    stage.world.send("News for everybody", user=OWNER)
    preview = _newest(stage, OWNER, "Above is the very message")
    return [(preview, _data(preview)[0], OWNER)]


def _heard(stage: Stage) -> int:
    return stage.count(FOREIGNER, "News for everybody")


def _says(stage: Stage, chat: int, words: str) -> bool:
    return stage.count(chat, words) > 0


def _says_because(stage: Stage) -> bool:
    return _says(stage, GROUP, "Because.")


def _invoices(stage: Stage) -> int:
    return len(stage.world.calls("sendInvoice"))


def _booked(stage: Stage, reason: str, wallet: str = "balance") -> int:
    return sum(line["reason"] == reason and line["wallet"] == wallet for line in stage.ledger())


def _registered(stage: Stage) -> int:
    return sum(line["reason"] == "start" and line["user"] == STRANGER for line in stage.ledger())


CASES = (
    Case("a favour", _favour, lambda stage: bool(_told(stage)), _decided),
    Case("an invoice", _package, lambda stage: bool(_invoices(stage)), _invoices, killed=False),
    Case("a deletion", _deletion, lambda stage: _says(stage, ALICE, "Erased"), lambda stage: _booked(stage, "deleted")),
    Case("a question tried again", _failure, _says_because, _answers),
    Case("the same again", lambda stage: _answered(stage, AGAIN), _says_because, _once_more),
    Case("the rest", lambda stage: _answered(stage, CONTINUE, finish_reason="length"), _says_because, _once_more),
    Case("an edited question", lambda stage: _answered(stage, EDITED), _says_because, _once_more),
    Case("a reward", _feedback, lambda stage: _says(stage, ALICE, "rewards"), lambda stage: _booked(stage, "feedback")),
    Case("a registration", _invitation, lambda stage: _says(stage, STRANGER, "Hello, Stranger"), _registered),
    Case("an announcement", _announcement, lambda stage: bool(_heard(stage)), _heard, killed=False),
)
