"""S4: names, prompts and captions full of markup are shown as they are, wherever the bot shows them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from proof import markup
from proof.markup import CAPTION_UNITS, PROMPT_UNITS
from proof.stage import FIRST_ID, OWNER, Json, Stage
from proof.trial import Outcome, Ran, Wrong, must, run_in_one, run_trials

AT_ONCE = 10  # casts
SHOWN_SECONDS = 15.0
FEEDBACK_UNITS = 3600
FULL_UNITS = 3700  # with so many of a text a message may be too small for it
OWNERS_NAME = ("*Olga* <b>`_", "[x](tg://user?id=1) {name}")
OWNER_SHOWN = " ".join(OWNERS_NAME)
GIFT_LIMIT = "1000000000"  # a favour may always be asked for


class Shown(NamedTuple):
    """A sentence that must stand in a chat, with these blanks as they are; a copy has no key."""

    chat: int
    key: str
    known: dict[str, str]

    def stands(self, stage: Stage) -> Json | None:
        """The message that shows it; a long text may have come in two parts, and then it is the last."""
        me = stage.world.bot["id"]
        here = [each for (chat, _), each in stage.messages.items() if chat == self.chat and each["from"]["id"] == me]
        if any(markup.units(value) > FULL_UNITS for value in self.known.values()):
            here += [_both(first, second) for first, second in pairwise(here)]
        return next(filter(self._is, here), None)

    def _is(self, message: Json) -> bool:
        if not self.key:
            return message.get("text") == self.known["text"] and markup.is_plain(message)
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


def as_they_are(trials: int) -> Outcome:
    """S4: `trials` casts, ten at a time."""
    ran = run_in_one(lambda folder: _run(folder, [Cast(number) for number in range(trials)]))
    shown = sum(ran.found)
    return Outcome(trials, ran.failures, f"{shown} notices, reports and copies show what they should as it is")


def _run(folder: Path, casts: list[Cast]) -> Ran[int]:
    with Stage(folder, FAVOR_MIN_LIMIT=GIFT_LIMIT, REFERRAL_DAILY_LIMIT="1000") as stage:
        stage.start()
        _meet(stage, OWNER, OWNERS_NAME)
        stage.world.send("/start", user=OWNER)
        stage.until(lambda: bool(stage.said(OWNER)), "a greeting")
        counts = dict.fromkeys(range(len(casts)), 0)
        for begin in range(0, len(casts), AT_ONCE):
            some = casts[begin : begin + AT_ONCE]
            stage.messages.clear()
            for act in ACTS:
                expected = [(cast, shown) for cast in some for shown in act(stage, cast)]
                _all_shown(stage, expected)
                for cast, _ in expected:
                    counts[cast.number] += 1
        parsed = [call["method"] for call in stage.world.calls() if "parse_mode" in call["params"]]
        must(not parsed, f"texts were sent to be parsed, by {set(parsed)}")
        stage.leave()
        stage.verify()
        return run_trials(len(casts), lambda number, _: _judged(casts[number], counts[number]), 1, folder)


def _judged(cast: Cast, count: int) -> int:
    must(not cast.missing, f"not shown as it is: {cast.missing}")
    return count


def _all_shown(stage: Stage, expected: list[tuple[Cast, Shown]]) -> None:
    """Wait for all of them; those that do not come are noted with their cast."""
    left = list(expected)

    def over() -> bool:
        left[:] = [each for each in left if each[1].stands(stage) is None]
        return not left

    try:
        stage.until(over, "all that is shown", SHOWN_SECONDS)
    except Wrong:
        if stage.process is None or stage.process.poll() is not None:
            raise
        for cast, shown in left:
            cast.missing.append(f"{shown.key or 'a copy'} in {shown.chat}")


def _meet(stage: Stage, user: int, names: tuple[str, str]) -> None:
    stage.world.user(user, first_name=names[0], last_name=names[1], language_code="en")


# -- acts: each does something for a cast, and says what must be seen of it


def _come(stage: Stage, cast: Cast) -> Iterator[Shown]:
    _meet(stage, cast.me, cast.names[cast.me])
    stage.world.send("/start", user=cast.me)
    yield Shown(cast.me, "welcome", {"name": cast.name})
    yield Shown(OWNER, "admin_new_user", {"name": cast.name, "id": str(cast.me)})


def _invite(stage: Stage, cast: Cast) -> Iterator[Shown]:
    _meet(stage, cast.friend, cast.names[cast.friend])
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
    yield Shown(cast.friend, "stats_invited_by", {"name": cast.name})
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


ACTS = (_come, _invite, _talk, _administer, _decide)
