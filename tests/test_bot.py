"""What a new process does with the updates of one that ended."""

import json
import threading
import time
from typing import Any

from tests.conftest import ALICE, BORIS, OWNER, Conversation, on_files


def pending(update_id: int, user: int, text: str, order: int, deaths: int) -> dict[str, Any]:
    person = {"id": user, "is_bot": False, "first_name": "Somebody", "language_code": "en"}
    chat = {"id": user, "type": "private", "first_name": "Somebody"}
    message = {"message_id": 9000 + order, "date": int(time.time()), "from": person, "chat": chat, "text": text}
    update = {"update_id": update_id, "message": message}
    return {"update": update, "order": order, "begun": bool(deaths), "deaths": deaths, "gives": {}, "sends": {}}


def leave_behind(people: Conversation, *left: dict[str, Any]) -> None:
    """Stop the bot, and put updates into its file that it did not finish."""
    people.bot.stop()
    file = people.folder / "data.json"
    records = json.loads(file.read_text())
    records["inbox"] = {str(each["update"]["update_id"]): each for each in left}
    file.write_text(json.dumps(records))


def asked(people: Conversation) -> list[str]:
    read = [each["body"] for each in people.script.requests() if each["body"]]  # others are still coming in
    return [str(body["messages"][-1]["content"]) for body in read]


@on_files
def test_what_saw_the_process_end_five_times_runs_alone_after_the_others(alice: Conversation) -> None:
    alice.script.queue({"text": "slow", "hold": True, "match": "innocent"})
    leave_behind(
        alice,
        pending(1, ALICE, "suspect one", 1, deaths=4),  # with the end that the start counts: five
        pending(2, ALICE, "suspect two", 2, deaths=7),
        pending(3, BORIS, "innocent", 3, deaths=3),
    )
    starts = threading.Thread(target=alice.start)
    starts.start()
    alice.wait_for(lambda: asked(alice) == ["innocent"] or None)
    assert asked(alice) == ["innocent"], "nobody runs beside a suspect, nor a suspect beside others"
    alice.script.release()
    starts.join()
    alice.wait_for(lambda: len(asked(alice)) == 3 or None)
    assert asked(alice) == ["innocent", "suspect one", "suspect two"]
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: suspect two" or None)


@on_files
def test_what_goes_on_ending_the_process_is_set_aside_and_told(alice: Conversation) -> None:
    leave_behind(alice, pending(1, ALICE, "deadly", 1, deaths=24))
    alice.start()
    alice.wait_for(lambda: "отложено" in alice.said(OWNER)[-1]["text"] or None)
    assert alice.write("Hello") == "You said: Hello"
    assert asked(alice) == ["Hello"]


@on_files
def test_what_was_left_is_answered_once_in_order(alice: Conversation) -> None:
    before = len(alice.said(ALICE))
    leave_behind(
        alice,
        pending(1, ALICE, "first", 1, deaths=0),
        pending(2, ALICE, "/balance", 2, deaths=0),
        pending(3, ALICE, "second", 3, deaths=1),
    )
    alice.start()
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: second" or None)
    alice.restart()
    texts = [each["text"] for each in alice.said(ALICE)[before:]]
    assert sorted(text[:10] for text in texts) == ["You said: ", "You said: ", "Your walle"]
    assert asked(alice) == ["first", "second"]
