"""C1: the same conversation by Chat Completions and by Responses, through kills and a chain that has expired."""

import base64
import io
import random
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from proof.stage import FIRST_ID, Json, Stage
from proof.trial import Outcome, must, run_trials

TURNS = 30
MEMORY = 2500  # characters: fewer than half of the turns
PERSON = FIRST_ID
CHARGED = ("wallet", "amount", "reason", "model", "tokens_in", "tokens_out", "note")
WORDS = ["река", "утро", "кот", "дом", "sky", "river", "stone", "because", "window", "😀", "λόγος", "мост"]
SLOW_SECONDS = 1.0  # an answer that the process does not live to see
CALLS = "responses"


class Way(NamedTuple):
    """How a conversation is had: by which API, and what happens in it."""

    name: str
    api: str
    killed: bool = False
    expires: bool = False


WAYS = (
    Way("chat", "chat"),
    Way("responses", "responses"),
    Way("responses, killed", "responses", killed=True),
    Way("responses, expired", "responses", expires=True),
    Way("chat, killed", "chat", killed=True),
)


class Turn(NamedTuple):
    """Words that are said, or a command; a `photo` goes with them, `premium` is asked by /pro."""

    words: str
    answer: str = ""  # "" for a command
    photo: bool = False
    premium: bool = False


class Kept(NamedTuple):
    """What must be the same by either way, and how many answers went on from what the provider kept."""

    history: list[Json]
    charges: list[Json]
    went_on: int


def alike(trials: int) -> Outcome:
    """C1: a conversation a trial, had in each of the ways."""
    ran = run_trials(trials, _trial)
    turns = len(ran.found) * TURNS
    figure = f"{turns} turns in {len(WAYS)} ways each: same history, same ledger; {sum(ran.found)} went on from a chain"
    return Outcome(trials, ran.failures, figure)


def _trial(number: int, folder: Path) -> int:
    dice = random.Random(number)
    talk = _conversation(dice)
    kills, expiries = dice.sample(range(2, TURNS), 2), dice.sample(range(2, TURNS), 4)
    streaming = "on" if number % 2 else "off"

    def had(way: Way) -> Kept:
        here = folder / str(WAYS.index(way))
        here.mkdir()
        return _had(here, way, talk, streaming, kills if way.killed else [], expiries if way.expires else [])

    with ThreadPoolExecutor(len(WAYS)) as pool:  # each waits most of its time for the pace of a chat
        found = dict(zip((way.name for way in WAYS), pool.map(had, WAYS), strict=True))
    first = found["chat"]
    must(len(first.charges) == TURNS, f"{len(first.charges)} charges for {TURNS} answers")
    for name, kept in found.items():
        must(kept.history == first.history, f"{name}: history {kept.history}, not {first.history}")
        must(kept.charges == first.charges, f"{name}: {_first_difference(kept.charges, first.charges)}")
    went_on = found["responses"].went_on
    must(went_on, "no answer went on from a chain")
    must(not first.went_on, "Chat Completions went on from a chain")
    return went_on


def _first_difference(found: list[Json], wanted: list[Json]) -> str:
    pairs = enumerate(zip(found, wanted, strict=False))
    differ = next(((place, *pair) for place, pair in pairs if pair[0] != pair[1]), None)
    return f"{len(found)} charges, the first that differs: {differ}"


def _conversation(dice: random.Random) -> list[Turn]:
    """30 turns: a photo, two by /pro, a prompt that changes twice, a /new in the middle."""
    said = [
        Turn(f"Turn {number:02}: {_some(dice, 5, 40)}", f"Answer {number:02}. {_some(dice, 10, 60)}")
        for number in range(TURNS)
    ]
    for number in dice.sample(range(TURNS), 4)[:2]:
        said[number] = said[number]._replace(premium=True)
    photo = dice.randrange(3, TURNS)
    said[photo] = said[photo]._replace(photo=True, premium=False)
    for command in (f"/prompt Answer as a {dice.choice(WORDS)}", "/new", "/reset_prompt"):
        said.insert(dice.randrange(8, len(said) - 4), Turn(command))
    return said


def _some(dice: random.Random, least: int, most: int) -> str:
    return " ".join(dice.choices(WORDS, k=dice.randint(least, most)))


def _had(folder: Path, way: Way, talk: list[Turn], streaming: str, kills: list[int], expiries: list[int]) -> Kept:
    settings = {"OPENAI_API": way.api, "STREAMING": streaming, "DEFAULT_CONTEXT": str(MEMORY)}
    with Stage(folder, NEW_USER_PREMIUM_BALANCE="1000000", BUDGET_USD_PER_DAY="0", **settings) as stage:
        stage.start()
        stage.register(range(PERSON, PERSON + 1))
        for number, turn in enumerate(talk):
            if number in expiries:
                stage.script.expire()
            _take(stage, turn, number in kills)
        stage.leave()
        stage.verify()
        kept = _kept(stage)
        if way == WAYS[1]:
            _nothing_stays(stage)
        return kept


def _take(stage: Stage, turn: Turn, killed: bool) -> None:
    """Say it and wait for the answer; `killed`: the process ends while the model answers, and once more afterwards."""
    if not turn.answer:
        stage.answered.discard(PERSON)
        stage.world.send(turn.words, user=PERSON)
        stage.until(lambda: PERSON in stage.answered, f"an answer to {turn.words}")
        return
    delay = SLOW_SECONDS if killed else 0.0
    stage.script.queue({"match": turn.words[:8], "text": turn.answer, "delay": delay, "times": 10**6})
    before = len(_asked(stage))
    file = {"kind": "photo", "data": _photo()} if turn.photo else None
    stage.world.send(f"/pro {turn.words}" if turn.premium else turn.words, user=PERSON, file=file)
    if killed:
        stage.script.wait(lambda seen: len(_spoken(seen)) > before, timeout=30)
        stage.kill()
        stage.start(until="getMe")
    stage.until(partial(stage.count, PERSON, turn.answer[:10]), f"the answer to {turn.words[:8]}")
    if killed:
        stage.kill()
        stage.start()


def _asked(stage: Stage) -> list[Json]:
    return _spoken(stage.script.requests())


def _spoken(seen: list[Json]) -> list[Json]:
    return [each for each in seen if each["method"] == "POST"]


def _kept(stage: Stage) -> Kept:
    """With the bot stopped."""
    history = [
        {name: said.get(name) for name in ("role", "content")}  # numbers of messages are others after a kill
        for said in stage.records()[str(PERSON)].get("history", [])
    ]
    lines = [line for line in stage.ledger() if line["user"] == PERSON and line["reason"] == "answer"]
    charges = [{name: line.get(name) for name in CHARGED} for line in lines]
    went_on = [each for each in _asked(stage) if each["status"] == 200 and "previous_response_id" in each["body"]]
    return Kept(history, charges, len(went_on))


def _nothing_stays(stage: Stage) -> None:
    """After /new the provider keeps nothing of it: each answer that it kept was deleted there."""
    stored = len([each for each in _asked(stage) if each["status"] == 200 and each["body"].get("store")])
    stage.start()
    stage.world.send("/new", user=PERSON)

    def deleted(seen: list[Json]) -> bool:
        return len([each for each in seen if each["method"] == "DELETE" and each["status"] == 200]) == stored

    stage.script.wait(deleted, CALLS, timeout=30)
    stage.leave()


def _photo() -> str:
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), "green").save(picture, "PNG")
    return base64.b64encode(picture.getvalue()).decode()
