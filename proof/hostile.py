"""Faults that try to get secrets and people's words out: each for a person and their words, in turn."""

import base64
import http.client
import itertools
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from proof import saboteur
from proof.kinds import HOPELESS, malformed, samples
from proof.sabotaged import Sabotaged
from proof.stage import Json
from proof.trial import must

TELEGRAM = ("sendMessage", "sendMessageDraft", "sendChatAction")  # methods that an answer needs
KINDS = ("400", "403", "429", "500", "502", "garbage", "html", "reset")
STATUSES = (400, 401, 403, 404, 408, 409, 422, 429, 500, 503)
CODES = ("", "context_length_exceeded", "content_filter", "insufficient_quota", "model_not_found")
CUTS = (0, 40, 260, 280, 290, 470, 490)  # letters before the secrets: texts that are cut off are cut inside of them
VOICE = Path(__file__).resolve().parent.parent / "tests" / "media" / "capital-of-france.ogg"


class Person(NamedTuple):
    """Who meets a fault; `word` is in all that they say of themselves."""

    id: int
    word: str


class Hostile:
    """Makes faults on one stage; what it is told to quote are the secrets."""

    def __init__(self, stage: Sabotaged, drafts: bool, dice: random.Random) -> None:
        self._stage, self._ears, self._secrets, self._dice = stage, stage.ears, stage.secrets, dice
        self._breaks = itertools.cycle([(place, error) for error in saboteur.ERRORS for place in saboteur.PLACES])
        methods = TELEGRAM if drafts else [method for method in TELEGRAM if "Draft" not in method]
        self._kinds = itertools.cycle([(kind, method) for kind in KINDS for method in methods])
        self.made = dict.fromkeys(FAMILIES, 0)

    def make(self, family: str, person: Person) -> None:
        """One fault of a family, and the message that meets it."""
        self.made[family] += 1
        FAMILIES[family](self, person)

    def _quote(self, word: str) -> str:
        """All secrets and the word, somewhere in a text."""
        secrets = [*self._secrets, word]
        self._dice.shuffle(secrets)
        return "x" * self._dice.choice(CUTS) + f" {word} said " + " and ".join(secrets)

    def _say(self, person: Person, words: str, **more: Any) -> None:
        self._stage.world.send(words, user=person.id, **more)

    def _refusal(self, person: Person) -> Json:
        quote = self._quote(person.word)
        code = self._dice.choice((*CODES, quote)) or None
        status = self._dice.choice(STATUSES)
        return {"kind": "status", "status": status, "message": quote, "type": quote, "param": quote, "code": code}

    def model(self, person: Person) -> None:
        """A model refuses or breaks off, and quotes what it was told, and with which key."""
        fault: Json = self._dice.choice(
            (
                *[self._refusal(person)] * 6,
                {"kind": "garbage", "after": 1},
                {"kind": "cut", "after": 1},
                {"kind": "event_error", "after": 1, "code": self._quote(person.word)},
                {"kind": "empty"},
                {"kind": "reset"},
            )
        )
        self._stage.script.queue({"match": person.word, "times": 3, "fault": fault})
        self._say(person, f"I have {person.word}, what now?")

    def picture(self, person: Person) -> None:
        """The same of one that draws."""
        self._stage.script.queue({"path": "images", "fault": self._refusal(person)})
        self._say(person, f"/img {person.word} in a boat")

    def sound(self, person: Person) -> None:
        """The same of one that listens; its key is another."""
        self._ears.queue({"path": "transcriptions", "fault": self._refusal(person)})
        voice = {"kind": "voice", "data": _voice(), "duration": 1}
        self._say(person, person.word, file=voice)

    def telegram(self, person: Person) -> None:
        """Telegram takes no message, and quotes it."""
        kind, method = next(self._kinds)
        words = f"Bad Request: can't parse entities: {self._quote(person.word)}"
        described = {"description": words} if kind in ("400", "403", "500", "502") else {}
        self._stage.world.fault(method=method, chat_id=person.id, kind=kind, times=1, **described)
        self._stage.script.queue({"match": person.word, "text": "Well, well.", "delay": 0.5, "per_delta": 0.3})
        self._say(person, f"I have {person.word}, what now?")

    def poll(self, person: Person) -> None:
        """The same of the poll for updates, in which the next message would have come."""
        kind = self._dice.choice(("400", "500", "502", "garbage", "html", "reset"))
        words = {"description": self._quote(person.word)} if kind.isdigit() else {}
        self._stage.world.fault(method="getUpdates", kind=kind, times=1, **words)
        self._say(person, f"/help {person.word}")

    def knock(self, person: Person) -> None:
        """Somebody posts to the webhook what is no update, with everything in it."""
        quote = self._quote(person.word)
        body = self._dice.choice((quote, f'["{quote}"]', f'{{"update_id": "{quote}"}}', f'{{"{quote}": {{'))
        path = self._dice.choice(("/telegram", "/telegram", f"/{person.word}", f"/telegram?{person.word}"))
        password = self._dice.choice((self._stage.password, person.word))
        caller = http.client.HTTPConnection(self._stage.door, timeout=20)
        try:
            caller.request("POST", path, body, {"X-Telegram-Bot-Api-Secret-Token": password})
            answer = caller.getresponse()
            must(400 <= answer.status < 500 and not answer.read(), f"the door answers {answer.status}")
        finally:
            caller.close()
        self._say(person, f"/help {person.word}")

    def update(self, person: Person) -> None:
        """An update that can't be read, with somebody's words in it."""
        user = {"id": person.id, "is_bot": False, "first_name": person.word, "username": person.word}
        kinds = samples(user)
        name = self._dice.choice(("message", "edited_message", "callback_query", "my_chat_member"))
        update: Json = malformed({name: kinds[name] | {"text": person.word, "data": person.word}}, self._dice)
        hopeless = self._dice.choice(HOPELESS) | {"message": {"text": person.word, "caption": [person.word]}}
        self._stage.world.update(update if self._stage.door else self._dice.choice((update, hopeless)))
        self._say(person, "/help")

    def part(self, person: Person) -> None:
        """A part of the bot breaks, and its error quotes everything."""
        place, error = next(self._breaks)
        self._say(person, f"{person.word} break {place} by {error}")


FAMILIES: dict[str, Callable[[Hostile, Person], None]] = {
    "model": Hostile.model,
    "telegram": Hostile.telegram,
    "part": Hostile.part,
    "update": Hostile.update,
    "poll": Hostile.poll,
    "knock": Hostile.knock,
    "picture": Hostile.picture,
    "sound": Hostile.sound,
}
TURNS = ("part", "model", "telegram", "part", "update", "model", "part", "telegram", "picture", "part", "sound", "poll")
POSTED_TURNS = tuple("knock" if family == "poll" else family for family in TURNS)


@cache
def _voice() -> str:
    return base64.b64encode(VOICE.read_bytes()).decode()
