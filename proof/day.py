"""D1: many people use everything that costs, for a day, through kills; in the end all figures agree."""

import base64
import io
import json
import math
import random
import wave
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from proof.kept import check_stopped
from proof.stage import FIRST_ID, OWNER, Json, Stage
from proof.trial import Outcome, Ran, must, run_in_one
from records import WALLETS
from texts import dollars, say

ROUNDS = 5
USERS_A_KILL = 25
ROUND_SECONDS = 180.0
DELETED = 0.02  # share of the people who leave for good in the evening
SECONDS = 4  # of a voice message
COST = {"prompt_tokens": 180, "completion_tokens": 33, "total_tokens": 213}
SPOKEN, HEARD = "A spoken question, please?", "Heard and done."
PRESENT = 77  # tokens
NEVER = 2**53  # more than any id of a message
KINDS = {
    "ask": 30,
    "pro": 15,
    "photo": 10,
    "voice": 15,
    "img": 12,
    "topup": 10,
    "favor": 8,
    "feedback": 5,
    "refill": 5,
    "/new": 3,
    "/switch": 3,
    "/ec 3000": 3,
}
ANSWERED = ("ask", "pro", "photo", "voice")
SETTINGS = {
    "NEW_USER_BALANCE": "30000",
    "NEW_USER_PREMIUM_BALANCE": "20000",
    "NEW_USER_IMAGE_BALANCE": "10",
    "FAVOR_MIN_LIMIT": "1000000000",
    "BUDGET_USD_PER_DAY": "0",
    "REFERRAL_DAILY_LIMIT": "5",
    "TOPUP_PACKAGES": "50=100000, 100=20000 premium, 30=5 image",
    "OPENAI_PRICE_PER_1K_TOKENS": "0.0123",
    "WHISPER_PRICE": "0.006",
    "DALLE_PRICE": "0.041",
}


class Deed(NamedTuple):
    """What one person does; no other deed has its number."""

    user: int
    kind: str
    number: int

    @property
    def words(self) -> str:
        """What is asked, drawn or said."""
        return f"Number {self.number}, please?"

    @property
    def answer(self) -> str:
        """What the model answers."""
        return f"Done with {self.number}."


def lived(users: int) -> Outcome:
    """A day of so many people, each a trial."""
    ran = run_in_one(lambda folder: Ran([_lived(folder, users)], 0))
    return Outcome(users, ran.failures, "".join(ran.found))


def _lived(folder: Path, users: int) -> str:
    dice, kills = random.Random(users), max(1, users // USERS_A_KILL)
    with _Day(folder, dice) as day:
        day.start()
        people = day.arrive(users)
        rounds = Counter(dice.randrange(ROUNDS) for _ in range(kills))
        for number in range(ROUNDS):
            kinds = dice.choices(list(KINDS), list(KINDS.values()), k=users)
            day.live([Deed(user, kind, day.number()) for user, kind in zip(people, kinds, strict=True)], rounds[number])
        day.part(dice.sample(people, math.ceil(users * DELETED)))
        shown = day.figures()
        day.leave()
        day.verify()
        check_stopped(folder / "data.json")
        _as_lived(day)
        cost = _agree(shown, day.records(), day.ledger())
    counts = ", ".join(f"{times} {kind}" for kind, times in Counter(deed.kind for deed in day.done).most_common())
    return f"{len(day.done):,} deeds ({counts}), {kills} kills; all figures agree to the token and the cent: {cost}"


class _Day(Stage):
    """The stage of a day: what everybody does, and the owner who decides what is asked of them."""

    def __init__(self, folder: Path, dice: random.Random) -> None:
        super().__init__(folder, STREAMING="off", **SETTINGS)
        self.dice = dice
        self.done: list[Deed] = []
        self.gone: set[int] = set()
        self.charges: set[str] = set()
        self._by_chat: dict[int, set[int]] = defaultdict(set)
        self._numbers = 0
        self._pressed: set[int] = set()  # messages of the owner
        self._buying: dict[int, Deed] = {}
        self._paying: dict[int, int] = {}  # of who buys: the invoice
        self._invoices: dict[int, int] = {}  # of who buys: the newest message that was paid, or pressed

    def number(self) -> int:
        """One that no deed has."""
        self._numbers += 1
        return self._numbers

    def listen(self, seconds: float) -> list[Json]:
        """Follow the world; a payment that came to nothing is tried again."""
        events = super().listen(seconds)
        for event in events:
            if event["type"] in ("message", "edit"):
                self._by_chat[event["message"]["chat"]["id"]].add(event["message"]["message_id"])
            if event["type"] == "payment" and event["status"] == "paid":
                self.charges.add(event["charge_id"])
            elif event["type"] == "payment":
                self._invoices[event["user_id"]] = self._paying[event["user_id"]] - 1
        return events

    def arrive(self, users: int) -> list[int]:
        """Everybody registers, most by somebody's link."""
        people = list(range(FIRST_ID, FIRST_ID + users))
        self.register(range(OWNER, OWNER + 1))
        self.register(range(FIRST_ID, FIRST_ID + 3))
        for user in people[3:]:
            self.world.user(user, first_name=f"User {user}", language_code="en")
            friend = self.dice.choice(people[: user - FIRST_ID])
            self.world.send(f"/start {friend}" if self.dice.random() < 0.7 else "/start", user=user)
        self.kill()
        self.start()
        self.until(lambda: all(self.said(user) for user in people), "greetings")
        self.script.queue(
            {"path": "transcriptions", "text": SPOKEN, "seconds": SECONDS, "times": 10**6},
            {"match": SPOKEN, "text": HEARD, "usage": COST, "times": 10**6},
        )
        return people

    def live(self, deeds: list[Deed], kills: int) -> None:
        """Everybody does something at once, and it is brought to its end through so many kills."""
        before = {deed.number: self._count(deed) for deed in deeds}
        for deed in deeds:
            self._begin(deed)
        for _ in range(kills):
            self._go_on(self.dice.uniform(0.2, 3.0))
            self.kill()
            self.start(until="getMe")
        self.is_up()

        def all_done() -> bool:
            self._decide()
            return all(self._count(deed) > before[deed.number] for deed in deeds)

        try:
            self.until(all_done, "the end of all deeds", ROUND_SECONDS)
        finally:
            left = [deed for deed in deeds if self._count(deed) <= before[deed.number]]
            must(not left, f"never done: {left[:5]}; {self.said(left[0].user)[-3:] if left else ''}")
        self.done += deeds

    def _go_on(self, seconds: float) -> None:
        self._decide()
        self.let_pass(seconds)
        self._decide()

    def _begin(self, deed: Deed) -> None:
        match deed.kind:
            case "ask" | "pro" | "photo":
                reply = {"match": deed.words, "text": deed.answer, "usage": COST, "delay": self.dice.random() * 2}
                self.script.queue(reply | {"times": 10**6})
        match deed.kind:
            case "ask":
                self.world.send(deed.words, user=deed.user)
            case "photo":
                self.world.send(deed.words, user=deed.user, file={"kind": "photo", "data": _photo(deed.number)})
            case "voice":
                self.world.send(user=deed.user, file={"kind": "voice", "data": _voice(), "duration": SECONDS})
            case "pro" | "img" | "feedback":
                self.world.send(f"/{deed.kind} {deed.words}", user=deed.user)
            case "refill":
                self.world.send(f"/refill {deed.user} {PRESENT} premium", user=OWNER)
            case "topup":
                self._buying[deed.user] = deed
                self._invoices[deed.user] = self._ids(deed.user)[-1]
                self.world.send("/topup", user=deed.user)
            case "favor":
                self.world.send("/ask_favor", user=deed.user)
            case command:
                self.world.send(command, user=deed.user)

    def _count(self, deed: Deed) -> int:
        """How often what ends a deed of this kind stands in its chat."""
        ends = {
            "voice": [HEARD],
            "topup": ["Thank you! Added:"],
            "favor": ["The admin gave you", "The admin declined"],
            "feedback": ["The admin rewards your feedback"],
            "refill": [f"The admin added {PRESENT} to your wallet"],
            "/new": ["New dialogue"],
            "/switch": [" answers now"],
            "/ec 3000": ["I remember up to 3,000"],
        }
        if deed.kind == "img":
            return sum("photo" in each and deed.words in each.get("caption", "") for each in self._here(deed.user))
        return sum(self.count(deed.user, words) for words in ends.get(deed.kind, [deed.answer]))

    def _here(self, chat: int) -> list[Json]:
        """The messages of a chat as they stand now, oldest first."""
        return [self.messages[chat, message_id] for message_id in self._ids(chat)]

    def _ids(self, chat: int) -> list[int]:
        return sorted(self._by_chat[chat])

    def said(self, chat: int) -> list[str]:
        """The bot's words in a chat; the same as ever, found faster among very many."""
        me = self.world.bot["id"]
        return [str(each.get("text", "")) for each in self._here(chat) if each["from"]["id"] == me]

    def _decide(self) -> None:
        """The owner presses what waits for them; who buys presses a package, then pays."""
        waiting = [message for chat in (OWNER, *self._buying) for message in self._here(chat)]
        for message in waiting:
            chat, message_id, offered = message["chat"]["id"], message["message_id"], _offered(message)
            if chat == OWNER and message_id not in self._pressed:
                choices = [data for data in offered if data.startswith(("favor:", "reward:"))]
                if choices:
                    self._pressed.add(message_id)
                    self.world.press(message, self.dice.choice(choices), user=OWNER)
            elif chat in self._buying and message_id > self._invoices[chat]:
                packages = [data for data in offered if data.startswith("buy:") and data != "buy:cancel"]
                if packages:
                    self._invoices[chat] = message_id
                    self.world.press(message, self.dice.choice(packages), user=chat)
                elif "invoice" in message:
                    self._paying[chat], self._invoices[chat] = message_id, NEVER  # a kill may have brought a second one
                    self.world.pay(message, user=chat, wait=False)

    def part(self, people: list[int]) -> None:
        """Some want to be forgotten."""
        for user in people:
            self.world.send("/delete_me", user=user)
        self.until(lambda: all(self._asked(user) for user in people), "the questions whether to erase")
        for user in people:
            self.world.press(self._asked(user), "delete:yes", user=user)
        self.until(lambda: all(self.count(user, "Erased:") for user in people), "erased")
        self.gone.update(people)

    def _asked(self, user: int) -> Json:
        """The message that asks whether to erase."""
        found = [each for each in self._here(user) if "delete:yes" in _offered(each)]
        return found[-1] if found else {}

    def figures(self) -> dict[str, str]:
        """What the owner is shown in the evening: the words of each command, and /data's file."""
        shown = {}
        commands = ("/stat", "/top 1000 cost", "/top 1000 tokens")
        for command in commands:
            before = self._ids(OWNER)[-1]
            self.world.send(command, user=OWNER)
            self.until(partial(self._reply, before, "text"), f"the answer to {command}")
            shown[command] = str(self._reply(before, "text")["text"])
        before = self._ids(OWNER)[-1]
        self.world.send("/data", user=OWNER)
        self.until(partial(self._reply, before, "document"), "the file of /data")
        shown["/data"] = self.world.file(self._reply(before, "document")["document"]["file_id"]).decode()
        return shown

    def _reply(self, after: int, content: str) -> Json:
        me = self.world.bot["id"]
        newer = [each for each in self._here(OWNER) if each["message_id"] > after and each["from"]["id"] == me]
        return next((each for each in newer if content in each), {})


def _offered(message: Json) -> list[str]:
    """What the buttons of a message send back."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [str(button.get("callback_data", "")) for row in rows for button in row]


def _voice() -> str:
    """A real recording of a tone, in base64."""
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(bytes(128 + round(90 * math.sin(place / 3)) for place in range(8000 * SECONDS)))
    return base64.b64encode(sound.getvalue()).decode()


def _photo(number: int) -> str:
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), (number % 256, 120, 60)).save(picture, "JPEG")
    return base64.b64encode(picture.getvalue()).decode()


def _as_lived(day: _Day) -> None:
    """Each deed is in the ledger as often as it was done, and every payment once."""
    ledger = day.ledger()
    lines = Counter((line["user"], line["reason"]) for line in ledger)
    want: Counter[tuple[int, str]] = Counter()
    for deed in day.done:
        if deed.user not in day.gone:
            want[deed.user, "answer"] += deed.kind in ANSWERED
            want[deed.user, "voice"] += deed.kind == "voice"
            want[deed.user, "picture"] += deed.kind == "img"
            want[deed.user, "topup"] += deed.kind == "topup"
            want[deed.user, "refill"] += deed.kind == "refill"
    wrong = {key: (lines[key], times) for key, times in want.items() if lines[key] != times}
    must(not wrong, f"lines in the ledger and deeds: {list(wrong.items())[:5]}")
    paid = Counter(line["note"] for line in ledger if line["reason"] == "topup")
    must(set(paid) == day.charges and max(paid.values(), default=1) == 1, "a payment was credited twice or never")


class _Used(NamedTuple):
    """What the ledger says was used, by user and in all."""

    usd: dict[str, float]
    tokens: Counter[str]
    premium_tokens: int
    requests: int
    pictures: int


def _used(ledger: list[Json]) -> _Used:
    usd: dict[str, float] = defaultdict(float)
    tokens: dict[str, Counter[str]] = {wallet: Counter() for wallet in WALLETS}
    for line in ledger:
        usd[str(line["user"])] += line.get("usd") or 0.0
        if line["reason"] == "answer":
            tokens[line["wallet"]][str(line["user"])] += line.get("tokens_in", 0) + line.get("tokens_out", 0)
    return _Used(
        usd=usd,
        tokens=tokens["balance"],
        premium_tokens=sum(tokens["premium_balance"].values()),
        requests=sum(line["reason"] in ("answer", "picture") for line in ledger),
        pictures=sum(line.get("pictures", 0) for line in ledger),
    )


def _agree(shown: dict[str, str], records: dict[str, Json], ledger: list[Json]) -> str:
    """What the owner saw is what the ledger says; returns the cost of the day."""
    users = {key: record for key, record in records.items() if "balance" in record}
    data, used = json.loads(shown["/data"]), _used(ledger)
    same = ("requests", "tokens", "premium_tokens", "images", "whisper_seconds", "usage", *WALLETS)
    for key in (*users, "global"):
        must(all(data[key].get(name) == records[key].get(name) for name in same), f"/data shows {key} otherwise")
    cost = dollars("en", round(sum(used.usd.values()), 9))
    head = say(
        "en",
        "stat",
        users=len(users),
        requests=used.requests,
        tokens=sum(used.tokens.values()),
        premium_tokens=used.premium_tokens,
        images=used.pictures,
        voice="\0",
        cost="\0",
        today=cost,
        week=cost,
        month=cost,
    ).split("\0")
    head.append(f"Cost: {cost}")
    must(all(part in shown["/stat"] for part in head), f"/stat says {shown['/stat'][:400]}, the ledger {head}")
    _ranked(shown["/top 1000 tokens"], {key: used.tokens[key] for key in users}, _number)
    _ranked(shown["/top 1000 cost"], {key: round(used.usd[key], 9) for key in users}, _dollars)
    return cost


def _number(amount: float) -> str:
    return say("en", "number", n=int(amount))


def _dollars(amount: float) -> str:
    return dollars("en", amount)


def _ranked(text: str, amounts: dict[str, float], words: Callable[[float], str]) -> None:
    """The lines of a top list are those of the ledger, as many as the message had room for."""
    first = sorted((key for key in amounts if amounts[key]), key=lambda key: (-amounts[key], int(key)))
    lines = [line for line in text.splitlines() if line[:1].isdigit()]
    must(lines, f"an empty list: {text[:200]}")
    for line, key in zip(lines, first, strict=False):
        must(f"(id {key}" in line and line.endswith(f": {words(amounts[key])}"), f"{line!r}, the ledger {amounts[key]}")
