"""S7: files that swell, loop or lie, sent to the bot: each ends in one clear word, and nobody else notices."""

import base64
import io
import itertools
import time
import wave
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from proof import pdf_bombs, picture_bombs, sound_bombs, zip_bombs
from proof.others import Others
from proof.process import Family, held
from proof.stage import FIRST_ID, GIFT, Stage
from proof.trial import Outcome, Ran, must, run_in_one
from services.child import DECODERS
from texts import TEXTS

ANSWER = "I have read it."
WARM = range(FIRST_ID, FIRST_ID + 4)  # who sends good files first
IDLE = FIRST_ID + 9  # who does nothing, and pays nothing
OTHERS = range(FIRST_ID + 10, FIRST_ID + 30)
SENDERS = FIRST_ID + 100  # and on: a person for each bomb
AT_ONCE = 4
MOST_GROWTH = 50  # megabytes
LONGEST = 180.0  # seconds until the last of those sent at once has its word
LOOKS = 0.2  # seconds between two looks at what is held
ASKED = "What does it say?"
REFUSALS = (
    *("picture_unreadable", "picture_too_large", "voice_unreadable", "voice_too_long", "nothing_heard"),
    *("document_unknown", "document_unreadable", "document_encrypted", "document_too_large", "document_empty"),
)
PAID = ("balance", "premium_balance", "image_balance")


class Bomb(NamedTuple):
    """A file as it is sent."""

    kind: str
    name: str
    content: bytes


def contained(trials: int) -> Outcome:
    """S7: `trials` bombs of the four sorts in turn, four at once, each from another person."""
    bombs = list(itertools.islice(_bombs(), trials))
    ran = run_in_one(lambda folder: _run(folder, bombs))
    return Outcome(trials, ran.failures, "".join(ran.found))


def _bombs() -> Iterator[Bomb]:
    """The first of each sort, then the second of each, and so on; made when it is their turn."""
    sorts = [
        (Bomb("document", *case) for case in pdf_bombs.cases()),
        (Bomb("document", *case) for case in picture_bombs.cases()),
        (Bomb("document", *case) for case in zip_bombs.cases()),
        (Bomb("voice", *case) for case in sound_bombs.cases()),
    ]
    return (bomb for turn in itertools.zip_longest(*sorts) for bomb in turn if bomb is not None)


def _run(folder: Path, bombs: list[Bomb]) -> Ran[str]:
    with Stage(folder, TELEGRAM_RATE="30", MAX_FILE_MB="20", NEW_USER_PREMIUM_BALANCE=str(GIFT)) as stage:
        stage.script.default({"text": ANSWER, "usage": {"prompt_tokens": 300, "completion_tokens": 20}})
        stage.script.queue({"path": "transcriptions", "text": ASKED, "times": 10**6})
        stage.start()
        senders = range(SENDERS, SENDERS + len(bombs))
        stage.register([*WARM, IDLE, *OTHERS, *senders])
        _warm(stage)
        others = Others(stage, OTHERS)
        before = held(stage.pid).megabytes
        with Family(stage.pid, "python") as family:
            for first in range(0, len(bombs), AT_ONCE):
                _thrown(stage, others, dict(zip(senders[first : first + AT_ONCE], bombs[first:], strict=False)))
        grown = family.own - before
        must(grown <= MOST_GROWTH, f"the bot grew from {before:.0f} to {family.own:.0f} MB")
        must(family.children <= DECODERS, f"{family.children} decoders at once")
        others.check("beside bombs")
        stage.leave()
        stage.verify()
        refused = [_ended(stage, sender, bomb) for sender, bomb in zip(senders, bombs, strict=True)]
    held_most = f"the bot {grown:+.0f} MB at most, {family.megabytes:.0f} MB with its {family.children} children"
    figure = f"{sum(refused)} refused, {len(bombs) - sum(refused)} read within limits, {held_most}"
    return Ran([f"{figure}, others' p95 {others.p95():.2f} s"], 0)


def _sent(stage: Stage, sender: int, bomb: Bomb) -> None:
    named = {"file_name": bomb.name} if bomb.kind == "document" else {}
    file = {"kind": bomb.kind, "data": base64.b64encode(bomb.content).decode(), **named}
    stage.world.send(ASKED if bomb.kind == "document" else None, user=sender, file=file)


def _thrown(stage: Stage, others: Others, bombs: dict[int, Bomb]) -> None:
    """Send some at once, and wait until each sender has the last word of it."""
    for sender, bomb in bombs.items():
        _sent(stage, sender, bomb)
    until = time.monotonic() + LONGEST
    while left := [bomb.name for sender, bomb in bombs.items() if not _last(stage, sender)]:
        must(time.monotonic() < until, f"no last word within {LONGEST:.0f} s of {left}")
        others.live(time.monotonic() + LOOKS)


def _last(stage: Stage, sender: int) -> str:
    """What the bot has said of a bomb in the end: the name of a text, "answer", or nothing yet."""
    said = stage.said(sender)[1:]  # after the greeting
    if any(ANSWER in words for words in said):
        return "answer"
    return next((key for key in REFUSALS for text in said if text.startswith(TEXTS[key].en.split("{")[0])), "")


def _ended(stage: Stage, sender: int, bomb: Bomb) -> bool:
    """Whether it was refused: by one message, and for nothing."""
    if _last(stage, sender) == "answer":
        return False
    said = stage.said(sender)[1:]
    must(len(said) == 1, f"{bomb.name}: {len(said)} messages, {said}")
    records = stage.records()
    record, other = records[str(sender)], records[str(IDLE)]
    paid = {name: (record.get(name), other.get(name)) for name in PAID if record.get(name) != other.get(name)}
    must(not paid, f"{bomb.name}: charged, {paid}")
    return True


def _warm(stage: Stage) -> None:
    """Good files of all sorts are read once: what is loaded for that is no bomb's doing."""
    good = {
        "a.pdf": pdf_bombs.drawn(zlib.compress(b"0 0 m 9 9 l S")),
        "a.png": picture_bombs.png(10, 10, zlib.compress(bytes(310))),
        "a.txt": b"Good morning to everybody.",
    }
    bombs = [Bomb("document", *case) for case in good.items()] + [Bomb("voice", "", _second_of_sound())]
    for sender, bomb in zip(WARM, bombs, strict=True):
        _sent(stage, sender, bomb)
    for sender in OTHERS:
        stage.world.send("Hello", user=sender)
    stage.until(lambda: all(_last(stage, sender) for sender in (*WARM, *OTHERS)), "answers about good files")
    stage.answered.clear()


def _second_of_sound() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"\0\0\0\x40" * 4000)
    return out.getvalue()
