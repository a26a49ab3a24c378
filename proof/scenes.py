"""What S4 plays: people with names and texts full of markup, what they do, and what must be seen of it."""

import base64
import io
import random
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from proof import markup
from proof.markup import CAPTION_UNITS, PROMPT_UNITS
from proof.stage import FIRST_ID, OWNER, Json, Stage

AT_ONCE = 10  # casts
FEEDBACK_UNITS = 3600
FULL_UNITS = 3700  # with so many of a text a message may be too small for it
OWNERS_NAME = ("*Olga* <b>`_", "[x](tg://user?id=1) {name}")
OWNER_SHOWN = " ".join(OWNERS_NAME)
LISTED = 40  # characters of a name in a list


QUOTE = "a quote"


class Shown(NamedTuple):
    """A sentence that must stand in a chat (0: in any), with these blanks as they are; a bare text has no key.

    With `QUOTE` for a key it is the text of a quote.
    """

    chat: int
    key: str
    known: dict[str, str]

    def stands(self, stage: Stage) -> Json | None:
        """The message that shows it; a long text may have come in two parts, and then it is the last."""
        me = stage.world.bot["id"]
        here = [
            each for (chat, _), each in stage.messages.items() if self.chat in (0, chat) and each["from"]["id"] == me
        ]
        if any(markup.units(value) > FULL_UNITS for value in self.known.values()):
            here += [_both(first, second) for first, second in pairwise(here)]
        return next(filter(self._is, here), None)

    def _is(self, message: Json) -> bool:
        if self.key == QUOTE:
            return markup.quotes(message, self.known["text"])
        if not self.key:
            return markup.said(message) == self.known["text"] and markup.is_plain(message)
        return markup.shows(message, self.key, **self.known)


def _both(first: Json, second: Json) -> Json:
    """Two messages as one."""
    return second | {"text": str(first.get("text", "")) + str(second.get("text", ""))}


@dataclass
class Cast:
    """Somebody with a name and texts full of markup, and a friend who comes by their link."""

    number: int
    missing: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        dice = random.Random(self.number)
        self.me, self.friend = FIRST_ID + 2 * self.number, FIRST_ID + 2 * self.number + 1
        self.group = -1_001_000_100_000 - self.number
        self.names = {self.me: markup.name(2 * self.number, dice), self.friend: markup.name(2 * self.number + 1, dice)}
        self.prompt = markup.words(self.number, dice, PROMPT_UNITS)
        self.feedback = markup.words(self.number, dice, FEEDBACK_UNITS)
        self.caption = markup.words(self.number, dice, CAPTION_UNITS).replace("\n", " ")

    @property
    def name(self) -> str:
        return " ".join(self.names[self.me])

    @property
    def friends_name(self) -> str:
        return " ".join(self.names[self.friend])

    @property
    def is_heard(self) -> bool:
        """Every tenth ten goes through what takes long, too."""
        return self.number // AT_ONCE % 10 == 0


def meet(stage: Stage, user: int, names: tuple[str, str]) -> None:
    """Let somebody be there under a first and a last name."""
    stage.world.user(user, first_name=names[0], last_name=names[1], language_code="en")


# -- acts: each does something for a cast, and says what must be seen of it


def _come(stage: Stage, cast: Cast) -> Iterator[Shown]:
    meet(stage, cast.me, cast.names[cast.me])
    stage.world.send("/start", user=cast.me)
    yield Shown(cast.me, "welcome", {"name": cast.name})
    yield Shown(OWNER, "admin_new_user", {"name": cast.name, "id": str(cast.me)})


def _invite(stage: Stage, cast: Cast) -> Iterator[Shown]:
    meet(stage, cast.friend, cast.names[cast.friend])
    stage.world.send(f"/start {cast.me}", user=cast.friend)
    yield Shown(cast.friend, "welcome", {"name": cast.friends_name})
    yield Shown(OWNER, "admin_new_invited", {"name": cast.friends_name, "referrer": cast.name})
    yield Shown(cast.me, "invited_someone", {"name": cast.friends_name})


def _talk(stage: Stage, cast: Cast) -> Iterator[Shown]:
    """What people say of themselves, in private and in a group."""
    stage.world.group(cast.group, title="*Friends* <b>", members=[cast.me, cast.friend])
    for words in (f"/prompt {cast.prompt}", "/prompt", f"/feedback {cast.feedback}", "/ask_favor", "/start"):
        stage.world.send(words, user=cast.me)
    stage.world.send("/stats", user=cast.friend)
    for words in ("/balance", "/ref"):
        stage.world.send(words, user=cast.me, chat=cast.group)
    yield Shown(cast.me, "prompt_shown", {"prompt": cast.prompt})
    yield Shown(cast.me, "welcome", {"name": cast.name})
    yield Shown(OWNER, "admin_feedback", {"name": cast.name, "id": str(cast.me), "text": cast.feedback})
    yield Shown(OWNER, "admin_favor", {"name": cast.name, "id": str(cast.me)})
    yield Shown(cast.friend, "stats", {"referrer": cast.name})
    yield Shown(cast.group, "balance_brief", {"name": cast.name})
    yield Shown(cast.group, "ref_brief", {"name": cast.name})


def _administer(stage: Stage, cast: Cast) -> Iterator[Shown]:
    """What the admin is shown of them, and of words that are nobody's name."""
    nobody = cast.caption.split()[0] + "<b>*_`"
    commands = (
        *(f"/data {cast.me}", f"/data {cast.friend}", f"/refill {cast.friend} 5", f"/refill {nobody} 5"),
        *(f"/ban {cast.friend}", f"/unban {cast.friend}"),
        *(f"/announce {cast.me}", cast.caption, "/cancel"),
    )
    for words in commands:
        stage.world.send(words, user=OWNER)
    yield Shown(OWNER, "card", {"name": cast.name, "id": str(cast.me)})
    yield Shown(OWNER, "card", {"name": cast.friends_name, "referrer": cast.name})
    yield Shown(OWNER, "refilled", {"name": cast.friends_name, "id": str(cast.friend)})
    yield Shown(OWNER, "user_unknown", {"who": nobody})
    yield Shown(OWNER, "ban_done", {"name": cast.friends_name})
    yield Shown(OWNER, "unban_done", {"name": cast.friends_name})
    yield Shown(OWNER, "", {"text": cast.caption})


def _decide(stage: Stage, cast: Cast) -> Iterator[Shown]:
    """The admin says yes to a favour, rewards the feedback and answers it."""
    about = {"name": cast.name, "id": str(cast.me)}
    favour = Shown(OWNER, "admin_favor", about).stands(stage)
    feedback = Shown(OWNER, "admin_feedback", about | {"text": cast.feedback}).stands(stage)
    if favour is None or feedback is None:
        return
    for message in (favour, feedback):
        stage.world.press(message, message["reply_markup"]["inline_keyboard"][0][0]["text"], user=OWNER)
    stage.world.send(cast.feedback, user=OWNER, reply_to=feedback["message_id"])
    yield Shown(OWNER, "admin_favor_granted", about | {"admin": OWNER_SHOWN})
    yield Shown(OWNER, "admin_rewarded", about | {"admin": OWNER_SHOWN})
    yield Shown(OWNER, "admins_answer_sent", about)
    yield Shown(cast.me, "admins_answer", {"text": cast.feedback})


def _draw_and_speak(stage: Stage, cast: Cast) -> Iterator[Shown]:
    """A caption, and words that were heard."""
    if not cast.is_heard:
        return
    answer = f"Answer {cast.number}."
    stage.script.queue({"path": "transcriptions", "text": cast.caption}, {"path": "completions", "text": answer})
    stage.world.send(f"/img {cast.caption}", user=cast.me)
    stage.world.send("/extended_context", user=cast.friend)
    stage.world.send(file={"kind": "voice", "data": _second_of_sound(), "duration": 1}, user=cast.friend)
    yield Shown(cast.me, "", {"text": cast.caption})
    yield Shown(0, QUOTE, {"text": cast.caption})  # to whoever was heard first
    yield Shown(0, "", {"text": answer})


def _report(stage: Stage, cast: Cast) -> Iterator[Shown]:
    """What the admin sees in lists: each name on one line and not too long."""
    about = f"{_listed(cast.name)} (id {cast.me})"
    if cast.number % AT_ONCE == AT_ONCE - 1:
        for words in ("/recent", f"/top {2 * AT_ONCE} refs", "/sessions"):
            stage.world.send(words, user=OWNER)
    yield Shown(OWNER, "recent_line", {"user": about})
    if cast.number < AT_ONCE:
        yield Shown(OWNER, "top_line", {"user": about})
        yield Shown(OWNER, "sessions_person", {"name": _short(cast.friends_name), "id": str(cast.friend)})
    if cast.is_heard:
        yield Shown(OWNER, "log_who", {"name": " ".join(cast.name.split())[:LISTED], "id": str(cast.me)})


def _listed(name: str) -> str:
    return _short(" ".join(name.split()))


def _short(line: str) -> str:
    return line if len(line) <= LISTED else line[: LISTED - 1] + "…"


def _second_of_sound() -> str:
    """A tone as a WAV file, in base64."""
    buffer, rate = io.BytesIO(), 8000
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(rate)
        sound.writeframes(bytes(128 + 100 * (place // 10 % 2) for place in range(rate)))
    return base64.b64encode(buffer.getvalue()).decode()


ACTS = (_come, _invite, _talk, _administer, _decide, _draw_and_speak, _report)
