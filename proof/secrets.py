"""S5: each place has a secret word that all its messages carry; what models are asked is read for foreign ones."""

import base64
import io
import json
import random
import re
import time
from collections import Counter, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from proof.places import Place, arranged
from proof.stage import ANSWER_SECONDS, FIRST_ID, OWNER, Json, Stage
from proof.trial import Outcome, Ran, must, report, run_in_one

TURNS_A_USER = 50
TURNS_A_PROCESS = 2000  # what models were asked is read then; the model server keeps 5,000 requests
LEAST_USERS = 10
AT_ONCE, AT_ONCE_IN_A_CHAT = 40, 3  # messages under way
KNOWN = 12  # messages of a place that are replied to
REPORTED = 5  # requests with foreign words
MEMORIES = ("1500", "5000", "0")  # characters
SETTINGS = {"STREAMING": "off", "BUDGET_USD_PER_DAY": "0", "NEW_USER_PREMIUM_BALANCE": "10000000"}
ELSEWHERE = "as somebody said elsewhere"

WORD = re.compile(r"sek\d{4}ret")
SQUARE, BITS = 16, 14  # pixels; of a number below 10,000


class Found(NamedTuple):
    """What models were asked: requests, those with earlier words, with a picture, with one of an earlier message."""

    requests: int
    earlier: int
    pictures: int
    pictures_along: int
    foreign: int


def kept_apart(trials: int) -> Outcome:
    """S5: `trials` turns of people who each write in several places."""
    ran = run_in_one(lambda folder: Ran(*_run(folder, trials)))
    words = [
        f"{each.requests:,} requests, {each.earlier:,} with earlier words, {each.pictures:,} with pictures, "
        f"{each.foreign} with words of another place"
        for each in ran.found
    ]
    return Outcome(trials, ran.failures, "".join(words))


def _run(folder: Path, turns: int) -> tuple[list[Found], int]:
    with Stage(folder, **SETTINGS) as stage:
        stage.start()
        users = range(FIRST_ID, FIRST_ID + max(LEAST_USERS, turns // TURNS_A_USER))
        stage.register(users)
        play, counts, last = _Play(stage, arranged(stage, users)), Counter[str](), 0
        for begun in range(0, turns, TURNS_A_PROCESS):
            play.go_on(min(TURNS_A_PROCESS, turns - begun))
            new = [each for each in stage.script.requests("completions") if each["n"] > last]
            _read(new, counts)
            last = max((each["n"] for each in new), default=last)
            stage.leave()
            stage.start()
    found = Found(*(counts[name] for name in Found._fields))
    must(found.requests > turns / 2, f"only {found.requests} requests of {turns} turns")
    must(min(found[1:4]) > 0, f"nothing went along: {found}")
    return [found], found.foreign


class _Play:
    """People write wherever a chat is not too busy; what is said there is replied to later."""

    def __init__(self, stage: Stage, places: list[Place]) -> None:
        self.stage, self.places = stage, places
        self.dice = random.Random(len(places))
        self.known: dict[tuple[int, int], deque[Json]] = {each.key: deque(maxlen=KNOWN) for each in places}
        self.waiting: Counter[int] = Counter()  # chat → answers to come
        self.heard = time.monotonic()

    def go_on(self, turns: int) -> None:
        """So many turns, and all of their answers."""
        for _ in range(turns):
            place = self.dice.choice(self.places)
            while self.waiting.total() >= AT_ONCE or self.waiting[place.chat] >= AT_ONCE_IN_A_CHAT:
                self._listen()
                place = self.dice.choice(self.places)
            self._turn(place)
        while self.waiting.total():
            self._listen()

    def _listen(self) -> None:
        """Answers that came are not waited for any more, and may be replied to; raises Wrong when none come."""
        must(time.monotonic() < self.heard + ANSWER_SECONDS, f"silence, with answers to come in {+self.waiting}")
        for event in self.stage.listen(1.0):
            message = event.get("message", {})
            if event["type"] != "message" or message["from"]["id"] != self.stage.world.bot["id"]:
                continue
            self.heard = time.monotonic()
            chat = message["chat"]["id"]
            self.waiting[chat] = max(0, self.waiting[chat] - 1)
            self._know(message)

    def _know(self, message: Json) -> None:
        key = message["chat"]["id"], message.get("message_thread_id", 0)
        if key in self.known:
            self.known[key].append(message)

    def _turn(self, place: Place) -> None:
        deeds: dict[Callable[[Place], None], int] = {
            self._ask: 45,
            self._reply: 25,
            self._show: 6,
            self._quote_elsewhere: 6,
            self._again: 4,
            self._remember: 6,
            self._forget: 6,
        }
        (deed,) = self.dice.choices(list(deeds), list(deeds.values()))
        deed(place)

    def _send(self, place: Place, words: str, user: int = 0, **fields: Any) -> None:
        if not self.waiting.total():
            self.heard = time.monotonic()
        self.waiting[place.chat] += 1
        who = user or self.dice.choice(place.people)
        sent = self.stage.world.send(words, user=who, chat=place.chat, thread=place.thread or None, **fields)
        self._know(sent["message"])

    def _ask(self, place: Place, **fields: Any) -> None:
        self._send(place, f"{place.call}{place.word} {self.dice.random()} " + "and so on " * 9, **fields)

    def _reply(self, place: Place) -> None:
        known = self.known[place.key]
        self._ask(place, reply_to=self.dice.choice(known)["message_id"] if known else None)

    def _show(self, place: Place) -> None:
        data = base64.b64encode(_picture(place.word)).decode()
        self._ask(place, file={"kind": "photo", "name": "a.png", "mime_type": "image/png", "data": data})

    def _quote_elsewhere(self, place: Place) -> None:
        """A message of another place is replied to here: Telegram sends its chat and id along, and the words quoted."""
        other = self.dice.choice(self.places)
        known = self.known[other.key]
        if other.key == place.key or not known:
            self._ask(place)
            return
        message = self.dice.choice(known)
        origin = {"type": "user", "sender_user": message["from"], "date": message["date"]}
        external = {"origin": origin, "chat": message["chat"], "message_id": message["message_id"]}
        self._ask(place, extra={"external_reply": external, "quote": {"text": ELSEWHERE, "position": 0}})

    def _again(self, place: Place) -> None:
        """In a private chat, where everything is one person's."""
        rows = [each.get("reply_markup", {}).get("inline_keyboard", []) for each in self.known[place.key]]
        newest = rows[-1] if rows else []
        again = [button["callback_data"] for row in newest for button in row if button["text"] == "Again"]
        if not again or place.chat < 0:
            self._reply(place)
            return
        message = self.known[place.key][-1]  # whether it is answered depends on what comes meanwhile
        self.stage.world.press(message, again[0], user=place.people[0], forged=True)  # the button may just have gone

    def _remember(self, place: Place) -> None:
        self._send(place, f"/ec{place.at} {self.dice.choice(MEMORIES)}", self._admin(place))

    def _forget(self, place: Place) -> None:
        self._send(place, f"/{self.dice.choice(('new', 'new', 'delete_context'))}{place.at}", self._admin(place))

    def _admin(self, place: Place) -> int:
        """Who may say what a group remembers."""
        return OWNER if place.chat < 0 else place.people[0]


def _picture(word: str) -> bytes:
    """A picture that shows the number of a word, a square for each of its bits; whatever is no dot the bot strips."""
    out, picture = io.BytesIO(), Image.new("L", (SQUARE * BITS, SQUARE))
    for place in range(BITS):
        picture.paste(255 * (int(word[3:7]) >> place & 1), (SQUARE * place, 0, SQUARE * (place + 1), SQUARE))
    picture.save(out, "PNG")
    return out.getvalue()


def _read(requests: list[Json], counts: Counter[str]) -> None:
    """Look through what was sent to models."""
    for request in requests:
        messages = request["body"]["messages"]
        shown = [_in_pictures(each["content"]) for each in messages]
        words = WORD.findall(json.dumps(messages)) + [word for each in shown for word in each]
        counts["requests"] += 1
        counts["earlier"] += len(words) > 1
        counts["pictures"] += any(shown)
        counts["pictures_along"] += any(shown[:-1])
        if len(set(words)) != 1:
            counts["foreign"] += 1
            if counts["foreign"] <= REPORTED:
                report(request["n"], ValueError(f"words of {sorted(set(words))}: {json.dumps(messages)}"), Path())


def _in_pictures(content: Any) -> list[str]:
    parts = content if isinstance(content, list) else []
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    return [_shown(base64.b64decode(url.partition(",")[2])) for url in urls]


def _shown(data: bytes) -> str:
    """The word whose number a picture shows."""
    with Image.open(io.BytesIO(data)) as picture:
        row = picture.convert("L").crop((0, SQUARE // 2, SQUARE * BITS, SQUARE // 2 + 1)).tobytes()
    return f"sek{sum(1 << place for place in range(BITS) if row[SQUARE * place + SQUARE // 2] > 127):04}ret"
