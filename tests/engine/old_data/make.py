"""A bot's data as an earlier landing kept it: its own code lives a day here, then is killed; see README.md.

It runs in the folder of that landing, so everything it imports is of then. What that landing had not learned is left
out. `answers` asks a store, of then or of today, for all that must not change.
"""

import json
import os
import signal
import sys
import time
from dataclasses import asdict, fields
from datetime import UTC
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import records
from records import Person, Rules, Topic, Turn
from storage import Store

OWNER, ALICE, BORIS, CAROL, DORA, GROUP = 1, 101, 102, 103, 104, -1001000000001
PEOPLE = {
    ALICE: Person(ALICE, "Alice", "alice", "en"),
    BORIS: Person(BORIS, "Борис", None, "ru"),
    CAROL: Person(CAROL, "Carol <b>", "carol", "en"),
    DORA: Person(DORA, "Dora", "dora", "en"),
}
TOPICS = [Topic(ALICE), Topic(ALICE, 9), Topic(BORIS), Topic(CAROL), Topic(DORA), Topic(GROUP), Topic(GROUP, 7)]
PAID, WAITS, HEARD, AGAIN, DONE = 501, 502, 503, 504, 500  # updates
FILE = {"file_id": "AgAD-old", "kind": "photo", "size": 4321, "name": "", "mime_type": ""}


def rules() -> Rules:
    return Rules(
        gifts={"balance": 30_000, "premium_balance": 500, "image_balance": 2},
        referral_bonus=20_000,
        referral_daily_limit=2,
        default_context=3000,
        admins=(OWNER,),
        charging=True,
        zone=UTC,
    )


def message(update_id: int, user: int, text: str = "", **other: Any) -> dict[str, Any]:
    """An update as Telegram sends it."""
    person = PEOPLE[user]
    sender = {"id": user, "is_bot": False, "first_name": person.name, "language_code": person.language}
    said = {"message_id": update_id + 1000, "from": sender, "date": int(time.time())}
    said |= {"chat": {"id": user, "type": "private", "first_name": person.name}}
    return {"update_id": update_id, "message": said | ({"text": text} if text else {}) | other}


def press(update_id: int, user: int, data: str, question: str) -> dict[str, Any]:
    """A press of the button under an answer to a question."""
    asked = message(update_id - 100, user, question)["message"]
    sender, bot = asked["from"], {"id": 7, "is_bot": True, "first_name": "Assistant"}
    answer = message(update_id - 99, user, "It failed.")["message"] | {"from": bot, "reply_to_message": asked}
    answer["reply_markup"] = {"inline_keyboard": [[{"text": "Retry", "callback_data": data}]]}
    return {
        "update_id": update_id,
        "callback_query": {"id": "1", "from": sender, "chat_instance": "1", "data": data, "message": answer},
    }


def knows(kind: type, **values: Any) -> Any:
    """A value with those of its fields that this landing has."""
    names = kind._fields if hasattr(kind, "_fields") else [each.name for each in fields(kind)]
    return kind(**{name: value for name, value in values.items() if name in names})


def answer(store: Store, user: int, topic: Topic, question: str, tokens: int, update_id: int = 0, **more: Any) -> None:
    """Ask and be answered, paid by the ordinary wallet, or by the premium one."""
    wallet = more.pop("wallet", "balance")
    reservation = store.reserve(user, wallet, tokens)
    turn = knows(Turn, question=question, answer=f"On {question}: yes.", author=user, **more)
    conversation = store.conversation(topic)
    if not hasattr(records, "Bill"):  # 0.1.0
        store.settle(reservation, tokens, conversation, turn)
        return
    bill = knows(records.Bill, model="gpt-6-luna", tokens_in=tokens - 20, tokens_out=20, usd=tokens / 1_000_000)
    past = {}
    if hasattr(records, "PastQuestion") and update_id:
        past["past"] = records.PastQuestion(update_id, user, update_id + 1000, question)
    store.settle(reservation, bill, conversation, turn, records.Delivery(f"On {question}: yes."), update_id, **past)


def morning(store: Store) -> None:
    """What everybody could do from the first landing on, and a group."""
    store.register(PEOPLE[ALICE], None)
    store.register(PEOPLE[BORIS], ALICE)
    store.register(PEOPLE[CAROL], BORIS)
    store.set_prompt(ALICE, "You are Marv - a sarcastic reluctant assistant")
    store.set_memory(ALICE, 5000)
    store.set_language(ALICE, "ru")
    store.set_premium(BORIS, True)
    store.set_memory(BORIS, 0)
    store.refill(CAROL, "image_balance", 40)
    store.set_memory(GROUP, 15_000)
    store.set_prompt(GROUP, "You are the secretary of our workshop")
    for number in range(3):
        answer(store, ALICE, Topic(ALICE), f"question {number}", 100 + number)
    answer(store, BORIS, Topic(GROUP, 7), "When do we meet?", 77)
    answer(store, CAROL, Topic(GROUP, 7), "A secret of Carol's", 66)
    store.refill(BORIS, "balance", -1000)


def noon(store: Store) -> None:
    """Wallets of every kind, payments, appeals (0.3.0)."""
    if not hasattr(store, "charge"):
        return
    Bill = records.Bill
    store.charge(store.reserve(ALICE, "premium_balance", 60), Bill("whisper-1", seconds=10.2, price=60), "voice", 0)
    picture = Bill("gpt-image-2", pictures=1, usd=0.04, price=1)
    store.charge(store.reserve(CAROL, "image_balance", 1), picture, "picture", 0)
    package = SimpleNamespace(stars=75, wallet="balance", amount=100_000)
    store.buy("charge-1", ALICE, package)
    store.buy("charge-2", CAROL, package)
    store.take_back("charge-2", CAROL, 75)
    store.keep_unassigned("charge-3", BORIS, 7)
    key = store.open_favor(BORIS, 10**9)
    store.set_notices(BORIS, key, {OWNER: 33})
    store.decide(BORIS, key, 5000, OWNER)
    store.open_feedback(ALICE)
    store.choose_model(CAROL, "gpt-6-terra", premium=True)
    store.set_default_model("gpt-6-luna", premium=False)
    store.set_web(ALICE, True)
    store.set_step(CAROL, records.Step("prompt", CAROL, 0, 4_000_000_000, {"why": "test"}))
    store.set_reachable(BORIS, False)
    store.set_phone(ALICE, "ru admin")
    store.turn_away(999, "stranger")


def afternoon(store: Store) -> None:
    """Files, answers that a provider keeps, questions asked again (0.3.0), uploads and drawings (0.4.0)."""
    if not hasattr(records, "Attachment"):
        return
    files = {"attachment": records.Attachment(**FILE), "attachments": (records.Attachment(**FILE),), "attached": 85}
    kept = records.Kept("https://api.example/v1 KEY", "gpt-6-luna", "resp_1", "", 2, "fingerprint")
    answer(store, CAROL, Topic(CAROL), "What is on it?", 120, asked_in=55, kept=kept, **files)
    store.leave("https://api.example/v1 KEY", ["resp_0"])
    if hasattr(store, "keep_sources"):
        store.keep_sources(CAROL, 77, (records.Attachment(**FILE),))
        store.inbox.accept([message(499, CAROL, "a PDF")])
        store.keep_upload(
            Topic(CAROL), "BQAD-old", records.Upload("file-1", "https://api.example/v1 KEY", CAROL, 900), 499
        )
        store.inbox.done(499)


def evening(store: Store) -> None:
    """What was under way when the process died (0.2.0)."""
    if not hasattr(store, "inbox"):
        return
    inbox = store.inbox
    inbox.accept([message(DONE, ALICE, "hello")])
    inbox.run(DONE)
    inbox.once(DONE, "end", lambda _: 900)
    inbox.done(DONE)
    inbox.accept([message(PAID, ALICE, "paid question"), message(WAITS, BORIS, "ждёт")])
    inbox.run(PAID)
    answer(store, ALICE, Topic(ALICE), "paid question", 40, PAID)
    if hasattr(store, "charge"):
        voice = {"file_id": "AwAD-old", "file_unique_id": "u", "duration": 3, "mime_type": "audio/ogg"}
        inbox.accept([message(HEARD, BORIS, voice=voice)])
        inbox.run(HEARD)
        words: Any = ["Сколько будет дважды два?", "russian"] if hasattr(store, "keep_sources") else "Сколько?"
        bill = records.Bill("whisper-1", seconds=3.0, price=18)
        store.charge(store.reserve(BORIS, "premium_balance", 18), bill, "voice", HEARD, words, BORIS)
    if hasattr(store, "first_press"):
        asks_again(store)
    store.inbox.accept([message(498, DORA, "I will be gone")])
    store.engine.checkpoint = lambda: None  # type: ignore[method-assign] # the kill comes before the files are written
    store.erase(DORA)


def asks_again(store: Store) -> None:
    """Alice has pressed Retry, and was charged for the answer that did not reach her yet."""
    question = "asked again"
    if hasattr(store, "take_question"):
        failed = records.PastQuestion(400, ALICE, 1404, question, failed=True)
        store.keep_failed(Topic(ALICE), failed)
        store.inbox.accept([press(AGAIN, ALICE, "retry:400", question)])
        store.inbox.run(AGAIN)
        store.take_question(Topic(ALICE), 400, AGAIN)
    else:
        store.inbox.accept([press(AGAIN, ALICE, "retry", question)])
        store.inbox.run(AGAIN)
        store.first_press(ALICE, 1405, AGAIN)
    answer(store, ALICE, Topic(ALICE), question, 44, AGAIN)


def live(path: Path) -> Store:
    """A day, with a checkpoint before the evening where there are any: what comes after it is only in the journal."""
    store = Store(path, rules())
    morning(store)
    store.register(PEOPLE[DORA], ALICE)
    answer(store, DORA, Topic(DORA), "Dora's secret", 55)
    if hasattr(store, "engine"):
        store.engine.checkpoint()
    noon(store)
    if hasattr(store, "engine"):
        store.engine.checkpoint()
        answer(store, ALICE, Topic(GROUP), "after the checkpoint", 31, wallet="premium_balance")
    afternoon(store)
    evening(store)
    return store


def answers(store: Store) -> dict[str, Any]:
    """Everything that people would notice, as JSON; what a landing does not know is not in it."""
    found = {
        "users": {str(each): asdict(user) for each in (OWNER, *PEOPLE) if (user := store.user(each))},
        "histories": {each.key: [[said["role"], said["content"]] for said in store.history(each)] for each in TOPICS},
        "settings": {each.key: asdict(store.conversation(each)) for each in TOPICS},
        "languages": {str(each): store.language(each) for each in PEOPLE},
    }
    for chosen in found["settings"].values():
        chosen.pop("epoch", None)  # of the process
    if hasattr(store, "inbox"):
        updates = [each for each in (PAID, WAITS, HEARD, AGAIN) if store.inbox.pending(each)]
        found["waiting"] = updates
        found["paid answers"] = {str(each): given.text for each in updates if (given := store.delivery(each))}
        found["ledger"] = ledger(store)
    for name in ("invitations", "purchases", "usage_of"):
        if hasattr(store, name):
            found[name] = {str(each): getattr(store, name)(each) for each in PEOPLE}
    if hasattr(store, "charge"):
        found["usage"], found["totals"] = store.usage(), store.totals()
        found["step"], found["receivers"] = store.step(CAROL), store.receivers(records.Target())
        found["default"], found["phone"] = store.default_model(False), store.phone(ALICE)
        found["appeals"] = [each for each in [store.appeal_at(OWNER, 33)] if each]
    if hasattr(store, "kept_chain"):
        found["chain"], found["left"] = store.kept_chain(Topic(CAROL)), sorted(each[0] for each in store.left())
    if hasattr(store, "keep_sources"):
        found["sources"] = store.sources(CAROL, 77)
    return json.loads(json.dumps(found, default=str, skipkeys=True))


def ledger(store: Store) -> dict[str, int]:
    """What each wallet holds as the ledger says."""
    sums: dict[str, int] = {}
    state = store.engine.state
    for entry in store.engine.ledger.everything(state.entries, state.redactions):
        sums[f"{entry.user} {entry.wallet}"] = sums.get(f"{entry.user} {entry.wallet}", 0) + entry.amount
    return sums


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True)
    lived = live(folder / "data.json")
    (folder / "expected.json").write_text(json.dumps(answers(lived), ensure_ascii=False, indent=1) + "\n")
    for spare in ("data.json.pid", "data.json.lock", *(each.name for each in folder.glob("data-20*"))):
        (folder / spare).unlink(missing_ok=True)
    os.kill(os.getpid(), signal.SIGKILL)
