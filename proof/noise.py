"""S12: somebody who never stops writing, a group that talks among itself, another bot that answers everything."""

import itertools
import time
from pathlib import Path
from typing import Any

from bot_commands.flood import MOST_HELD
from proof.others import ASKED_EVERY, Others
from proof.process import held
from proof.stage import FIRST_ID, Stage
from proof.trial import Outcome, Ran, must, run_in_one
from texts import TEXTS

FLOODER = FIRST_ID
OTHERS = range(FIRST_ID + 1, FIRST_ID + 21)
GROUP = -1_001_000_000_120
OTHER_BOT = {"id": 7_000_000_012, "is_bot": True, "first_name": "Echo", "username": "echo_bot"}
BOT = "sandbox_assistant_bot"

A_MINUTE = 1000  # messages of the one who floods
GROUP_SHARE, ROUNDS = 10, 20  # messages in the group for each of the flood; what the other bot says
FLOOD = ("What now?", "/balance", "/help", "/hepl", "x" * 3000, "Tell me more.", "/prompt", "/nothing_at_all")
CHAT = ("Good morning", "/start@other_bot", "and/or", "Who has seen @alice?", "😀", "/unheard_of")
MOST_GROWTH = 25  # megabytes
ANSWER = "I say this."


def borne(trials: int) -> Outcome:
    """S12: of `trials` messages one in eleven is a flood's, the others are unaddressed ones in a group."""
    ran = run_in_one(lambda folder: Ran([_run(folder, trials // (GROUP_SHARE + 1))], 0))
    return Outcome(trials, ran.failures, "".join(ran.found))


def _run(folder: Path, flood: int) -> str:
    with Stage(folder, TELEGRAM_RATE="30") as stage:
        stage.script.default({"text": ANSWER, "usage": {"prompt_tokens": 300, "completion_tokens": 20}})
        stage.world.set_bot(can_read_all_group_messages=True)
        stage.start()
        stage.register(range(FLOODER, OTHERS.stop))
        stage.world.group(GROUP, type="supergroup", title="Friends", members=[*OTHERS])
        others = Others(stage, OTHERS)
        _warm(stage)
        before = held(stage.pid)
        _flooded(stage, others, flood)
        _talked(stage, others, flood * GROUP_SHARE)
        _answered_by_a_bot(stage)
        after = held(stage.pid)
        grown = after.megabytes - before.megabytes
        must(grown < MOST_GROWTH, f"memory grew from {before.megabytes:.0f} to {after.megabytes:.0f} MB")
        said = len(stage.said(FLOODER))
        stage.leave()
        stage.verify()
    return f"others' p95 {others.p95():.2f} s, the flooder was written to {said} times, memory {grown:+.0f} MB"


def _warm(stage: Stage) -> None:
    """Everybody is answered once: what is loaded and grows for that is no flood's doing."""
    for user in OTHERS:
        stage.world.send("Hello", user=user)
    stage.until(lambda: all(ANSWER in stage.said(user) for user in OTHERS), "answers")
    stage.answered.clear()


def _flooded(stage: Stage, others: Others, messages: int) -> None:
    """One person writes a thousand messages a minute: bounded, told once; nobody else notices."""
    begun = time.monotonic()
    for number, words in zip(range(messages), itertools.cycle(FLOOD), strict=False):
        others.live(begun + number * 60 / A_MINUTE)
        stage.world.send(words, user=FLOODER)
    others.live(time.monotonic() + 3 * ASKED_EVERY)
    others.check("under a flood")
    seconds = time.monotonic() - begun
    said = len(stage.said(FLOODER))
    must(said <= seconds * 1.5 + 30, f"the flooder was written to {said} times in {seconds:.0f} s")
    must(_told(stage) == (messages > 3 * MOST_HELD), f"the flooder was told {_told(stage)} times to be slower")


def _told(stage: Stage) -> int:
    """How often the flooder heard of it."""
    return stage.count(FLOODER, TEXTS["too_fast"].en.split("{")[0])


def _talked(stage: Stage, others: Others, messages: int) -> None:
    """A group talks among itself: no model hears of it, and the bot says nothing."""
    asked = len(stage.script.requests())
    for number, words in zip(range(messages), itertools.cycle(CHAT), strict=False):
        stage.world.send(words, user=OTHERS[number % len(OTHERS)], chat=GROUP)
        others.live(0.0)
    must(stage.said(GROUP) == [], f"the bot spoke up: {stage.said(GROUP)[:3]}")
    stage.world.send(f"@{BOT} are you there?", user=OTHERS[0], chat=GROUP)
    stage.until(lambda: stage.said(GROUP) == [ANSWER], "an answer to who calls the bot")
    others.check("beside a talking group")
    heard = [_last(request) for request in stage.script.requests()[asked:]]
    wrong = [words for words in heard if any(each in words for each in CHAT)]
    must(not wrong, f"a model heard of it: {wrong[:3]}")
    must("User: are you there?" in heard, "nor of who called the bot: this shows nothing")


def _answered_by_a_bot(stage: Stage) -> None:
    """Another bot registers and answers whatever ours says, at once and with our name in it: ours does not go on."""
    home = {"id": OTHER_BOT["id"], "type": "private", "first_name": "Echo"}
    begin = {"message_id": 899_999, "date": int(time.time()), "chat": home, "from": OTHER_BOT, "text": "/start"}
    stage.world.update({"message": begin})
    said = len(stage.said(GROUP))
    ours = stage.world.messages(GROUP)[-1]
    for number in range(ROUNDS):
        words = {"text": f"@{BOT} {number}", "entities": [{"type": "mention", "offset": 0, "length": len(BOT) + 1}]}
        message = {"message_id": 900_000 + number, "date": int(time.time()), "chat": ours["chat"], "from": OTHER_BOT}
        stage.world.update({"message": {**message, **words, "reply_to_message": ours}})
    stage.world.send(f"/cancel@{BOT}", user=OTHERS[1], chat=GROUP)
    stage.until(lambda: TEXTS["nothing_to_cancel"].en in stage.said(GROUP), "what comes after the other bot")
    replies = len(stage.said(GROUP)) - said - 1
    must(replies <= 1, f"the bots have talked {replies} times")


def _last(request: Any) -> str:
    return str(request["body"]["messages"][-1]["content"])
