"""S11: files are their owner's only; who was deleted is in none of them any more, and gets nothing by coming back."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

from config import Package
from proof import stage
from proof.deeds import BONUS, GIFT, RULES, Deed, found, update
from proof.kept import check_private, check_stopped
from proof.trial import Outcome, must, run_trials
from records import Bill, Conversation, Delivery, Person, Topic, Turn
from storage import Store

GROUP = -1001000000001
DAYS = 7  # a daily copy lives
DAY = 86_400.0


def kept_clean(trials: int) -> Outcome:
    """S11: `trials` people in a life of their own among others, deleted in the middle of it."""
    ran = run_trials(trials, _one)
    seen = sum(ran.found)
    return Outcome(trials, ran.failures, f"{seen} files read for an id, a name and secret words after the deletions")


class Life:
    """Somebody who talks, in private and in a group, and a friend who stays."""

    def __init__(self, folder: Path, number: int) -> None:
        self.path = folder / "data.json"
        self.gone, self.friend = 7_000_000_000 + number * 10, 7_000_000_001 + number * 10
        self.secret = f"secret-{number}-{random.Random(number).randrange(10**9)}"
        self.updates = 100

    def person(self, user: int) -> Person:
        """Whose name tells that it is theirs."""
        return Person(user, f"Name of {user}", f"nick_{user}", "en")

    def ask(self, store: Store, user: int, topic: Topic, words: str, finish: bool = True) -> None:
        """A question from acceptance to its end, or not to its end."""
        self.updates += 1
        deed = Deed("answer", user, 30, self.updates)
        raw = update(deed)
        raw["message"] |= {"text": words, "chat": {"id": topic.chat_id, "type": "private"}}
        store.inbox.accept([raw])
        reservation = store.reserve(user, "balance", 30)
        turn = Turn(f"{words}?", f"{words}!", user)
        conversation = Conversation(topic, None, False, 10_000)
        store.settle(reservation, Bill("gpt-6-luna", 10, 20), conversation, turn, Delivery(turn.answer), self.updates)
        if finish:
            store.inbox.done(self.updates)

    def live(self, store: Store) -> None:
        """Both register, one through the other; both talk everywhere; files of every kind come to be."""
        store.register(self.person(self.gone), None)
        store.register(self.person(self.friend), self.gone)
        for words, checkpoint in ((f"{self.secret} first", True), (f"{self.secret} second", False)):
            for topic in (Topic(self.gone), Topic(self.gone, 5), Topic(GROUP), Topic(GROUP, 3)):
                self.ask(store, self.gone, topic, words)
                self.ask(store, self.friend, Topic(GROUP), "harmless")
            store.set_prompt(self.gone, f"{self.secret} prompt")
            store.refill(self.gone, "balance", -100, self.updates)
            store.buy(f"charge-{checkpoint}", self.gone, Package(50, 1000, "balance"), self.updates)
            store.set_notices(self.gone, store.open_feedback(self.gone), {1: self.updates})
            if checkpoint:
                for copy in self.path.parent.glob("data-20*.json"):
                    copy.unlink()  # made before they came
                store.file_engine.checkpoint()
        self.ask(store, self.gone, Topic(self.gone), f"{self.secret} last", finish=False)

    def traces(self) -> tuple[list[str], int]:
        """Files that hold the id, the name or the words, and how many were read; daily copies may, for a week."""
        files = [each for each in self.path.parent.rglob("*") if each.is_file() and not each.name.startswith("data-20")]
        marks = [text.encode() for text in (str(self.gone), f"nick_{self.gone}", self.secret)]
        found = [each.name for each in files if any(mark in each.read_bytes() for mark in marks)]
        return found, len(files)


def _one(number: int, folder: Path) -> int:
    life = Life(folder, number)
    store = Store(life.path, RULES)
    try:
        life.live(store)
        must(life.traces()[0], "the search finds nothing even before the deletion")
        store.erase(life.gone, life.updates)
        read = _no_trace(life, "at once")
        said = [each["content"] for each in store.history(Topic(GROUP))]
        must(store.purchase("charge-True") and store.purchase("charge-False"), "a payment is forgotten")
        must(said and all(words.startswith("harmless") for words in said), f"the group remembers {said}")
        check_private(folder)
        _comes_back(life, store)
        store.erase(life.gone)
    finally:
        store.close()
    read += _no_trace(life, "after a clean stop")
    check_stopped(life.path)
    _ages_out(life, number)
    read += _restored(life)
    return read


def _no_trace(life: Life, when: str) -> int:
    names, read = life.traces()
    must(not names, f"{when}: traces in {names}")
    return read


def _comes_back(life: Life, store: Store) -> None:
    """No gift, no bonus, for nobody."""
    before = found(store, [life.friend])[life.friend].balance
    registration = store.register(life.person(life.gone), life.friend)
    must(registration.is_new and not registration.newcomer_bonus, f"who came back got {registration}")
    must(registration.referrer is None, "who came back brought a bonus")
    now = found(store, [life.gone, life.friend])
    must(now[life.gone].balance == 0, f"who came back has {now[life.gone].balance}")
    must(now[life.friend].balance == before, f"the friend has {now[life.friend].balance}, not {before}")
    must(before < GIFT + BONUS, "nothing was ever charged")


def _ages_out(life: Life, number: int) -> None:
    """Copies of earlier days hold them still; none is older than a week, also when nothing happens any more."""
    folder, now = life.path.parent, time.time()
    copies = sorted(folder.glob("data-20*.json"))
    must(copies, "there is no daily copy")
    for day in range(1, DAYS + 3):  # the bot runs on, day after day
        old = folder / time.strftime("data-%Y-%m-%d.json", time.gmtime(now - day * DAY))
        old.write_bytes(copies[0].read_bytes())
        old.chmod(0o600)
    Store(life.path, RULES).close()
    left = sorted(each.name for each in folder.glob("data-20*.json"))
    must(len(left) <= DAYS, f"{len(left)} daily copies are left: {left}")
    oldest = time.strftime("data-%Y-%m-%d.json", time.gmtime(now - DAYS * DAY))
    must(left[0] > oldest, f"the oldest daily copy is {left[0]}")


def _restored(life: Life) -> int:
    """`--restore` of a copy in which they stand leaves them out."""
    copy = next(each for each in sorted(life.path.parent.glob("data-20*.json")) if str(life.gone) in each.read_text())
    environment = {"DATA_FILE": str(life.path), "TELEGRAM_API_KEY": "1:a", "OPENAI_API_KEY": "sk", "ADMIN_CHAT_ID": "1"}
    command = [sys.executable, "main.py", "--restore", str(copy)]
    ended = subprocess.run(command, cwd=stage.HERE, env=environment, capture_output=True, text=True, timeout=60)
    must(ended.returncode == 0, f"--restore: {ended.stdout[-200:]} {ended.stderr[-200:]}")
    records = json.loads(life.path.read_bytes())
    must(str(life.gone) not in records, "--restore brought a deleted person back")
    must(str(life.friend) in records, "--restore lost somebody")
    must(records["payments"]["charge-True"]["user"] != life.gone, "--restore brought the id of a deleted payer back")
    store = Store(life.path, RULES)
    registration = store.register(life.person(life.gone), life.friend)
    must(not registration.newcomer_bonus, "the restored file does not know who was deleted")
    store.erase(life.gone)
    store.close()
    check_private(life.path.parent)
    return 0
