"""S8: files whose names want to be paths, commands, markup or another text: nothing is written beside, all is answered.

The bot runs with its every write noted; after it the folders around it are compared with what they were.
"""

import base64
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from proof import papers
from proof.stage import FIRST_ID, HERE, OURS, Json, Stage
from proof.trial import Outcome, Ran, Wrong, must, report, run_in_one, run_trials

AT_ONCE = 20  # files on their way
ANSWER = "I have looked at it."
ANSWER_SECONDS = 120.0
MIME_TYPES = papers.MIME_TYPES | {"sound": "audio/wav"}
NAMED = ("text", "pdf")  # what an answer names in its first line
SHOWN, HALF, LONGEST = 60, 20, 120  # letters of a name shown whole, of each end of a longer one; of the line
MARKED = {"bold", "italic", "underline", "strikethrough", "spoiler", "pre", "text_link", "blockquote"}
SHORTEST_TELLING = 4  # letters of a name that is no usual argument
ALIKE = 12  # letters by which troubles of one kind are reported once
PASSED_OVER = {".git", ".venv", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", "tmp"}
STARTS = {"os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.startfile", "subprocess.Popen"}
PAIRS = {"os.rename", "os.link", "os.symlink", "shutil.copyfile", "shutil.move"}
SETTINGS = {
    "ADMIN_LOG": "full",
    "NEW_USER_PREMIUM_BALANCE": "10000000",
    "BUDGET_USD_PER_DAY": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
}
MODELS = [{"name": "gpt-6-luna", "window": 100_000, "can": ["files", "effort"]}]  # so that names go into uploads
# Characters that turn or hide what stands after them; isolates of one's own round a name are no harm.
HARMFUL = {*map(chr, range(32)), "\x7f", *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067"} - {"\n"}


class Sent(NamedTuple):
    """A file with a bad name, and whose it is."""

    user: int
    name: str
    kind: str


def names(folder: Path) -> list[str]:
    """The names; `folder` is what they try to get at."""
    paths = ["../../../../etc/passwd", "/etc/passwd", f"{folder}/absolute.txt", "../beside.txt", "../data.json"]
    paths += ["..\\..\\beside.txt", ".env", "~/.bashrc", "$HOME/beside", "a/b/c.txt", ".", "..", "...", "", " ", "CON"]
    paths += ["nul.txt", "COM1.pdf", "C:\\Windows\\x.txt", "\\\\server\\share\\x.txt", "a:b.txt", "file:///etc/passwd"]
    paths += ["%2e%2e%2fbeside.txt", "beside.txt\x00.png", "\x00", "x" * 4096, "я" * 2000 + ".txt", "name. ", "-rf"]
    shell = ["; rm -rf ~", f"$(touch {folder}/beside)", f"`touch {folder}/beside`", f"x.ogg; touch {folder}/beside"]
    shell += [f"| tee {folder}/beside", "--output=beside", "-i", "' OR 1=1 --", '"; DROP TABLE users', "%s%n%x"]
    shell += ["{name}", "{0.__class__}", "${jndi:ldap://127.0.0.1/x}", "concat:/etc/passwd|x.ogg", "pipe:7"]
    looks = [
        "\u202efdp.exe",
        "\u2066\u202etxt.js",
        "line\nbreak.txt",
        "a\r\nContent-Type: text/html\r\n\r\n<b>",
        "\x1b[31mred",
    ]
    looks += ["<b>bold</b>.txt", "<script>alert(1)</script>.pdf", "&lt;b&gt;.txt", "&#60;i&#62;.md", "**bold** _it_.md"]
    looks += [
        "[click](http://127.0.0.1:9/x).txt",
        "![x](http://127.0.0.1:9/x.png)",
        "||spoiler||.txt",
        "```py",
        "$$x$$",
    ]
    looks += ["@alice", "/ban 5", "/refill 1 999999.txt", "https://evil.example/a.pdf", "tg://user?id=1", "😀" * 60]
    looks += [
        "zero\u200bwidth.txt",
        "\ufeffbom.txt",
        "a" + "\u0301" * 500,
        "\ud800half.txt",
        "ﷺ" * 50,
        "İ.TXT",
        "| a | b |",
    ]
    return [*paths, *shell, *looks]


def harmless(trials: int) -> Outcome:
    """S8: `trials` files, each from a person of its own."""
    ran = run_in_one(lambda folder: _run(folder, trials))
    return Outcome(trials, ran.failures, "".join(ran.found))


class Watched(Stage):
    """A stage whose bot is watched."""

    @property
    def notes(self) -> Path:
        return self.folder / "notes.jsonl"

    def launch(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """The bot inside `proof.watched`."""
        if not self.ours:
            return super().launch(*arguments)
        command = [sys.executable, "-m", "proof.watched", str(self.notes), *OURS, *arguments]
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=HERE, env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )


def _run(folder: Path, trials: int) -> Ran[str]:
    bad, kinds = names(folder), list(MAKERS)
    random.Random(trials).shuffle(bad)  # few trials get some of each sort
    sent = [_one(number, bad, kinds) for number in range(trials)]
    catalogue = folder / "models.json"
    catalogue.write_text(json.dumps(MODELS))
    with Watched(folder, MODELS_FILE=str(catalogue), **SETTINGS) as stage:
        stage.script.default({"text": ANSWER})
        stage.start()
        stage.register(range(FIRST_ID, FIRST_ID + trials))
        before = _trees(folder)
        for begin in range(0, trials, AT_ONCE):
            _send(stage, sent[begin : begin + AT_ONCE])
        left = [each.name for each in stage.temporary.rglob("*")]
        calls = stage.world.calls()
        uploads = stage.script.files()
        stage.leave()
        stage.verify()
    must(not [call for call in calls if "parse_mode" in call["params"]], "texts were sent to be parsed")
    notes = [json.loads(line) for line in stage.notes.read_bytes().splitlines()]
    troubles = [f"left behind: {left}"] if left else []
    troubles += [f"uploaded as {each['filename']!r}" for each in uploads if HARMFUL & set(each["filename"])]
    troubles += [*_beside(folder, before), *_written(stage, notes), *_started(notes, {each.name for each in sent})]
    for trouble in {each[:ALIKE]: each for each in troubles}.values():
        report(0, Wrong(trouble), folder)
    ran = run_trials(trials, lambda number, _: _shown(stage, sent[number]), 1, folder)
    shown = f"{sum(ran.found)} names shown as they are, {len(uploads)} files uploaded"
    return Ran([f"{shown}, {len(notes)} writes noted"], ran.failures + len(troubles))


def _one(number: int, bad: list[str], kinds: list[str]) -> Sent:
    """Every name in its turn, each time with another kind of file."""
    lap, place = divmod(number, len(bad))
    return Sent(FIRST_ID + number, bad[place], kinds[(place + lap) % len(kinds)])


def _send(stage: Stage, some: list[Sent]) -> None:
    """Send them at once, and wait for what the bot says of each."""
    greeted = {each.user: len(stage.said(each.user)) for each in some}
    for each in some:
        named = {"name": each.name, "file_name": each.name, "title": each.name, "performer": each.name}
        data = base64.b64encode(MAKERS[each.kind]()).decode()
        file = {
            "kind": "audio" if each.kind == "sound" else "document",
            "mime_type": MIME_TYPES[each.kind],
            "data": data,
            **named,
        }
        stage.world.send("What is this?", user=each.user, file=file)

    def answered(each: Sent) -> bool:
        return len(stage.said(each.user)) > greeted[each.user]

    try:
        stage.until(lambda: all(map(answered, some)), "an answer to each file", ANSWER_SECONDS)
    except Wrong:
        silent = [(each.name[:40], each.kind) for each in some if not answered(each)]
        raise Wrong(f"no answer to {silent}") from None


def _shown(stage: Stage, sent: Sent) -> bool:
    """Nothing that turns or breaks the text is passed on; a document's answer begins with its name as it is."""
    said = "\n".join(stage.said(sent.user))
    harmful = sorted({f"U+{ord(each):04X}" for each in said if each in HARMFUL})
    must(not harmful, f"{sent.name[:40]!r}, {sent.kind}: {harmful} were said to {sent.user}")
    if sent.kind not in NAMED or not _letters(sent.name):
        return False
    answer = next((each for each in _messages(stage, sent.user) if ANSWER in each["text"]), None)
    must(answer is not None, f"{sent.name[:40]!r}, {sent.kind}: not answered but {said[-80:]!r}")
    assert answer
    first = answer["text"].partition("\n")[0]
    whole, shown = _letters(sent.name), _letters(first)
    as_it_is = (
        shown == whole if len(whole) <= SHOWN else shown.startswith(whole[:HALF]) and shown.endswith(whole[-HALF:])
    )
    must(as_it_is and len(first) < LONGEST, f"{sent.name[:60]!r}, {sent.kind}: shown as {first[:90]!r}")
    marked = {each["type"] for each in answer.get("entities", ()) if each["offset"] < len(first)} & MARKED
    must(not marked, f"{sent.name[:60]!r}, {sent.kind}: shown as {marked}")
    return True


def _letters(words: str) -> str:
    """What of a name is left whatever is done about its signs."""
    return re.sub(r"[\W_]", "", words)


def _messages(stage: Stage, user: int) -> list[Json]:
    me = stage.world.bot["id"]
    return [each for (chat, _), each in stage.messages.items() if chat == user and each["from"]["id"] == me]


def _trees(folder: Path) -> dict[Path, tuple[int, int]]:
    """Every file of the bot's folder and of its program, by size and time."""
    found = {}
    for root in (HERE, folder):
        for place, folders, files in os.walk(root):
            folders[:] = [each for each in folders if each not in PASSED_OVER]
            for name in files:
                about = Path(place, name).lstat()
                found[Path(place, name)] = about.st_size, about.st_mtime_ns
    return found


def _beside(folder: Path, before: dict[Path, tuple[int, int]]) -> list[str]:
    """What has come, gone or changed and is not the bot's."""
    after = _trees(folder)
    changed = {path for path in {*before, *after} if before.get(path) != after.get(path)}
    return [f"changed beside: {path}" for path in sorted(changed) if not _is_own(folder, path)]


def _is_own(folder: Path, path: Path) -> bool:
    inside = path.relative_to(folder).parts[:1] if path.is_relative_to(folder) else ()
    return any(each.startswith("data") or each in ("log", "notes.jsonl") for each in inside)


def _written(stage: Stage, notes: list[list[str]]) -> list[str]:
    """Writes that went neither to the temporary folder nor to the bot's own files."""
    wrong = []
    for event, *values in notes:
        paths = [] if event in STARTS else values[:2] if event in PAIRS else values[:1]
        for path in (Path(os.path.realpath(HERE / each)) for each in paths):
            folder = Path(os.path.realpath(stage.folder))
            own = _is_own(folder, path) or str(path) == os.devnull or (event, path) == ("os.mkdir", folder)
            if not own and not path.is_relative_to(os.path.realpath(stage.temporary)):
                wrong.append(f"{event} {path}")
    return wrong


def _started(notes: list[list[str]], bad: set[str]) -> list[str]:
    """Programs that were started with a name of a file in their arguments."""
    started = [(event, values) for event, *values in notes if event in STARTS]
    telling = [name for name in bad if len(name) > SHORTEST_TELLING]
    return [f"{event} with {name[:40]!r}" for event, values in started for name in telling if name in " ".join(values)]


MAKERS = {
    "text": lambda: papers.text("Two and two are four."),
    "pdf": lambda: papers.pdf("Two and two are four."),
    "picture": lambda: papers.picture("Two and two are four."),
    "sound": papers.sound,
}
