"""S1: whatever breaks, and whatever it quotes: no secret leaves the bot, and no words of people get into its log."""

import itertools
import json
import random
import re
import secrets
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from proof.hostile import POSTED_TURNS, TURNS, Hostile, Person
from proof.sabotaged import Life, Sabotaged, database, server_is_there
from proof.stage import OWNER, Json, Stage
from proof.trial import Outcome, Ran, Wrong, must, report, run_trials

FIRST = 7_351_000_001  # ids that are found again wherever they stand
PEOPLE = 12  # at once
SERVED_SECONDS = 60.0
SHOWN = 5  # leaks that are reported
ENDED = re.compile(r"update (\d+) (?:of chat|set aside)")

LIVES = (
    Life("text", False, "chat", "on"),
    Life("json", False, "responses", "on"),
    Life("text", True, "responses", "off"),
    Life("json", True, "chat", "on"),
    Life("json", False, "chat", "on", shared=True),
    Life("text", False, "chat", "off", posted=True),
)


class Seen(NamedTuple):
    """What was looked through without a leak: faults that struck, lines of logs, calls of Telegram, other files."""

    faults: Counter[str]
    lines: int
    calls: int
    files: int


def none(trials: int) -> Outcome:
    """S1: `trials` faults, shared among the ways to run the bot."""
    shared = server_is_there()
    lives = [life for life in LIVES if shared or not life.shared]
    each = max(len(TURNS), -(-trials // len(lives)))
    ran: Ran[Seen] = run_trials(len(lives), lambda number, folder: _life(lives[number], folder, each))
    faults = sum((seen.faults for seen in ran.found), Counter[str]())
    looked = [sum(getattr(seen, name) for seen in ran.found) for name in ("lines", "calls", "files")]
    figure = (
        f"{', '.join(f'{count} by {name}' for name, count in faults.most_common())}; {looked[0]:,} lines of logs, "
        f"{looked[1]:,} calls of Telegram, {looked[2]:,} files and pages looked through"
        f"{'' if shared else ', without PostgreSQL'}"
    )
    return Outcome(each * len(lives), ran.failures, figure)


def _life(life: Life, folder: Path, trials: int) -> Seen:
    dice = random.Random(trials)
    with database(life.shared) as address, Sabotaged(folder, life, address) as stage:
        stage.start("setWebhook" if life.posted else "getUpdates")
        stage.register(range(OWNER, OWNER + 1))
        people = [Person(FIRST + number, f"zeb{secrets.token_hex(6)}") for number in range(PEOPLE)]
        for person in people:
            stage.world.user(person.id, first_name=person.word, username=person.word, language_code="en")
            stage.world.send("/start", user=person.id)
        hostile, words = Hostile(stage, life.streaming == "on", dice), {person.word for person in people}
        _all(stage, hostile, people, words, trials)
        pages = _exports(stage, people[0])
        stage.leave()
        pages |= {} if life.shared else _tools(stage, folder)
        seen = _looked(stage, life, words, pages, _struck(stage))
        _really(seen, hostile)
        return seen


def _all(stage: Sabotaged, hostile: Hostile, people: list[Person], words: set[str], trials: int) -> None:
    """Fault after fault, each person's when their last one is over; everybody says something new each time."""
    turns, left = itertools.cycle(POSTED_TURNS if stage.door else TURNS), trials
    while left:
        sent = []
        for person in people[: min(left, len(people))]:
            said = Person(person.id, f"zeb{secrets.token_hex(6)}")
            words.add(said.word)
            hostile.make(next(turns), said)
            sent.append(stage.world.send("/help", user=person.id)["update_id"])
            left -= 1
        _wait(stage, {int(number) for number in sent})


def _wait(stage: Sabotaged, updates: set[int]) -> None:
    """Until the log tells the end of these, and their people wait for nothing else."""
    until, log = time.monotonic() + SERVED_SECONDS, stage.folder / "log"
    while updates - (ended := {int(number) for number in ENDED.findall(log.read_text(errors="replace"))}):
        must(time.monotonic() < until, f"the log does not tell how {sorted(updates - ended)[:5]} ended")
        must(stage.process and stage.process.poll() is None, "the bot has ended")
        stage.listen(0.2)
    _idle(stage, until)


def _idle(stage: Sabotaged, until: float) -> None:
    while "assistant_inbox_open 0.0" not in (page := stage.metrics()):
        must(time.monotonic() < until, f"updates stay open: {page[-2000:]}")
        stage.listen(0.2)


def _exports(stage: Sabotaged, person: Person) -> dict[str, str]:
    """What the running bot gives out: its figures, all data, one person's."""
    pages = {"metrics": stage.metrics()}
    for user, command in ((OWNER, "/data"), (person.id, "/mydata")):
        before = len(_files(stage, user))
        stage.world.send(command, user=user)
        stage.until(partial(_more, stage, user, before), f"the file of {command}")
        pages[command] = stage.world.file(_files(stage, user)[-1]).decode(errors="replace")
    return pages


def _files(stage: Stage, chat: int) -> list[str]:
    """What was sent there, by file_id."""
    found = [message for (place, _), message in sorted(stage.messages.items()) if place == chat]
    return [message["document"]["file_id"] for message in found if "document" in message]


def _more(stage: Stage, chat: int, known: int) -> bool:
    return len(_files(stage, chat)) > known


def _tools(stage: Sabotaged, folder: Path) -> dict[str, str]:
    """What the owner's tools say and write."""
    pages = {}
    for name, arguments in {
        "csv": ("--export-csv", str(folder / "csv")),
        "sqlite": ("--export-sqlite", str(folder / "sqlite.db")),
        "check": ("--check",),  # a provider that has just failed may do so again
    }.items():
        code, said = stage.run_to_end(*arguments)
        must(code == 0 or name == "check", f"{name}: exit code {code}: {said[-300:]}")
        pages[f"words of {name}"] = said
    return pages


def _struck(stage: Sabotaged) -> Counter[str]:
    """Faults that really came about."""
    refused = [call for call in stage.world.calls() if call["status"] != 200]
    asked = [request for script in (stage.script, stage.ears) for request in script.requests()]
    found = Counter({"Telegram": len(refused), "parts": len(stage.notes.read_text().splitlines())})
    found["models"] = sum(request["status"] != 200 or request["aborted"] for request in asked)
    return found


def _really(seen: Seen, hostile: Hostile) -> None:
    """Nearly every fault has met somebody: some parts are not reached by some messages."""
    wanted = {"Telegram": hostile.made["telegram"] + hostile.made["poll"], "parts": hostile.made["part"]}
    for name, count in wanted.items():
        must(seen.faults[name] >= count * 0.9, f"only {seen.faults[name]} of {count} faults of {name} came about")


def _looked(stage: Sabotaged, life: Life, words: set[str], pages: dict[str, str], faults: Counter[str]) -> Seen:
    """Look for pieces of secrets everywhere, for words and ids where none may be."""
    logs = {path.name: path.read_text(errors="replace") for path in stage.folder.glob("*log*") if path.is_file()}
    skipped = {stage.notes.name, "known", *logs}
    files = {
        str(path.relative_to(stage.folder)): path.read_text(errors="replace")
        for path in stage.folder.rglob("*")
        if path.is_file() and path.name not in skipped
    }
    calls = stage.world.calls()
    shown = {f"call {call['n']} {call['method']}": _params(call) for call in calls}
    places = logs | files | pages | shown
    windows = stage.windows()
    found = [(name, next((piece for piece in windows if piece in text), "")) for name, text in places.items()]
    leaks = [f"a secret in {name}: {_around(places[name], piece)}" for name, piece in found if piece]
    silent = {name: text for name, text in places.items() if name in ("metrics", *pages) and not name.startswith("/")}
    silent |= {name: text for name, text in files.items() if name.startswith(("csv", "sqlite"))}
    silent |= logs if not life.debug else {}
    named = _names(json.loads(pages["/data"]))
    for name, text in silent.items():
        leaks += [f"words in {name}: {_around(text, word)}" for word in words if word in text and word not in named]
    for name, text in (logs if not life.debug else {}).items():
        ids = sorted(set(re.findall(rf"{str(FIRST)[:7]}\d{{3}}", text)))
        leaks += [f"the id {each} in {name}: {_around(text, each)}" for each in ids]
    leaks += _told_others(calls, words - named)
    for leak in leaks[:SHOWN]:
        report(0, Wrong(f"{life}: {leak}"), stage.folder)
    must(not leaks, f"{len(leaks)} leaks")
    return Seen(faults, sum(text.count("\n") for text in logs.values()), len(shown), len(files) + len(pages))


def _params(call: Json) -> str:
    """What Telegram was told; the webhook's secret is for Telegram."""
    own = "secret_token" if call["method"] == "setWebhook" else ""
    return json.dumps({name: value for name, value in call["params"].items() if name != own}, ensure_ascii=False)


def _names(records: dict[str, Any]) -> set[str]:
    """The words that people go by: those stand in exports and notices, as they must."""
    return {str(record.get("name")) for record in records.values() if isinstance(record, dict)}


def _told_others(calls: list[Json], words: set[str]) -> list[str]:
    """Words in a chat of somebody else."""
    foreign = [call for call in calls if call["params"].get("chat_id") == str(OWNER)]
    said = {call["n"]: json.dumps(call["params"], ensure_ascii=False) for call in foreign}
    return [f"words in a notice: {_around(text, word)}" for text in said.values() for word in words if word in text]


def _around(text: str, word: str) -> str:
    at = text.index(word)
    return text[max(0, at - 150) : at + 80]
