"""R16: nasty model outputs through the real bot; Telegram takes each message, and each stands in its chat whole."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from proof.nasty import FORMULAS, Output, made
from proof.stage import FIRST_ID, OWNER, Json, Stage
from proof.trial import Outcome, Ran, must, run_in_one, run_trials
from proof.whole import LONGEST_RICH, Message, check, seen

AT_ONCE = 10
GROUP = -900  # the first of the groups, one for each person
LONGEST = 100_000  # tokens of an answer
SECONDS = 120.0
SETTINGS = {"MAX_REQUEST_TOKENS": str(LONGEST), "BUDGET_USD_PER_DAY": "0", "NEW_USER_BALANCE": "1000000000"}
MEANT = {"".join(latex.split()): shown for latex, shown in FORMULAS.items()}
MODEL = {"name": "gpt-6-luna", "wallet": "ordinary", "window": 1_000_000}


def delivered(trials: int) -> Outcome:
    """R16: so many outputs, ten at a time, every fourth in a group."""
    ran = run_in_one(lambda folder: _run(folder, trials))
    messages, rich = sum(count for count, _ in ran.found), sum(rich for _, rich in ran.found)
    return Outcome(trials, ran.failures, f"{messages} messages, {rich} of them rich: all whole, none refused")


def _run(folder: Path, trials: int) -> Ran[tuple[int, int]]:
    models = folder / "models.json"
    models.write_text(json.dumps([MODEL]))
    with Stage(folder, STREAMING="on", MODELS_FILE=str(models), **SETTINGS) as stage:
        stage.start()
        people = range(FIRST_ID, FIRST_ID + AT_ONCE)
        stage.register(people)
        for user in people:
            stage.world.group(GROUP - user, type="group", title="Friends", members=[OWNER, user])
        came: dict[int, list[Json]] = {}
        for first in range(0, trials, AT_ONCE):
            came |= _asked(stage, [made(seed) for seed in range(first, min(first + AT_ONCE, trials))])
        refused = [call for call in stage.world.calls() if call["status"] == 400]
        must(not refused, f"{len(refused)} refused, the first: {_said(refused)}")
        stage.leave()
        stage.verify()
        return run_trials(trials, lambda seed, _: _judged(made(seed), came[seed]), 1, folder)


def _said(refused: Sequence[Json]) -> str:
    return str([(call["method"], call.get("answer"), call["params"]) for call in refused[:1]])[:700]


def _asked(stage: Stage, outputs: Sequence[Output]) -> dict[int, list[Json]]:
    """Each asked for by somebody else; what came of each, by its seed. The next answer tells that one is all there."""
    stage.messages.clear()
    asked = {output.seed: _put(stage, output, user) for user, output in enumerate(outputs, FIRST_ID)}
    stage.until(lambda: all(stage.count(asked[output.seed][0], _end(output)) for output in outputs), "answers", SECONDS)
    return {output.seed: _between(stage, *asked[output.seed], _end(output)) for output in outputs}


def _put(stage: Stage, output: Output, user: int) -> tuple[int, int]:
    """Ask for an output, and whether that was all; the chat, and the number of the question."""
    chat, question, end = _chat(output, user), f"Output {output.seed}, please", f"Is {output.seed} all?"
    stage.script.queue({"text": output.source, "match": question, "times": 3}, {"text": _end(output), "match": end})
    mention = f"@{stage.world.bot['username']} " if chat < 0 else ""
    sent = [stage.world.send(mention + words, user=user, chat=chat)["message"] for words in (question, end)]
    return chat, int(sent[0]["message_id"])


def _chat(output: Output, user: int) -> int:
    return GROUP - user if output.seed % 4 == 3 else user


def _end(output: Output) -> str:
    return f"That is all of {output.seed}."


def _between(stage: Stage, chat: int, after: int, end: str) -> list[Json]:
    """What the bot said in a chat after a question, up to the answer that tells that this is all."""
    me = stage.world.bot["id"]
    here = [each for (place, number), each in sorted(stage.messages.items()) if place == chat and number > after]
    said = [each for each in here if each["from"]["id"] == me]
    return [each for each in said if each.get("text") != end and "document" not in each]


def _judged(output: Output, came: Sequence[Json]) -> tuple[int, int]:
    if not seen(output.shown) and not output.code:  # nothing to be seen: one sentence says so, or signs stand there
        must(len(came) == 1, f"{len(came)} messages about an empty output")
        return len(came), 0
    for message in came:
        _fits(message)
    check(output, [_message(message) for message in came])
    return len(came), sum("rich_message" in message for message in came)


def _fits(message: Json) -> None:
    """Entities within the text, at most a hundred, none overlapping another in part."""
    units, found = message.get("text", "").encode("utf-16-le"), message.get("entities", ())
    given = [each for each in found if each["type"] not in ("url", "email", "mention", "hashtag", "bot_command")]
    must(len(given) <= 100, f"{len(given)} entities in a message")
    for entity in given:
        begin, end = entity["offset"], entity["offset"] + entity["length"]
        must(0 <= begin < end <= len(units) // 2, f"an entity outside of the text: {entity}")
        for other in given:
            torn = begin < other["offset"] < end < other["offset"] + other["length"]
            must(not torn, f"entities that overlap: {entity} and {other}")


def _message(message: Json) -> Message:
    if "rich_message" in message:
        blocks = message["rich_message"]["blocks"]
        return Message("\n".join(_letters(blocks)), list(_code(blocks)), LONGEST_RICH)
    units = message["text"].encode("utf-16-le")
    spans = [
        (e["offset"] * 2, (e["offset"] + e["length"]) * 2) for e in message.get("entities", ()) if e["type"] == "pre"
    ]
    return Message(message["text"], [units[begin:end].decode("utf-16-le") for begin, end in spans])


def _letters(part: Any) -> Iterator[str]:
    """All that a rich message shows, in order; formulas as they are meant."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, list):
        for each in part:
            yield from _letters(each)
    elif "expression" in part:
        yield MEANT.get("".join(part["expression"].split()), part["expression"])
    else:
        for name in ("label", "summary", "text", "blocks", "items", "cells"):
            yield from _letters(part.get(name, ""))


def _code(blocks: Any) -> Iterator[str]:
    for block in blocks if isinstance(blocks, list) else ():
        if block.get("type") == "pre":
            yield block["text"]
        for inner in (block.get("blocks"), block.get("items")):
            yield from _code(inner)
