"""R15, refusals: formatting that Telegram does not take, people who blocked the bot, a group with a new id."""

from functools import partial
from pathlib import Path

from proof.chats import GROUP, VICTIM, Case, chats
from proof.stage import OWNER
from proof.trial import must

SENDING = ("sendMessage", "editMessageText")
PROMPT = "Answer like a pirate"


def formatting(method: str, place: int, folder: Path) -> None:
    """400 on entities: the same words go out without them."""
    with chats(folder) as people:
        people.stage.world.fault(method=method, chat_id=place, kind="400", times=1)
        question = people.ask(2.0, place)
        people.once(question, 10)
        said = [call for call in people.calls(place) if question.answer in str(call["params"].get("text"))]
        shown = [(call["status"], "entities" in call["params"]) for call in said if call["method"] in SENDING]
        must(shown[-1] == (200, False), f"statuses and whether formatted: {shown}")
        people.others_go_on(lambda: len(people.waits) > 1, 10)


def blocked(folder: Path) -> None:
    """403: who blocked the bot while it was thinking gets nothing; afterwards they are served as before."""
    with chats(folder) as people:
        world = people.stage.world
        people.ask(2.0)
        world.member("kicked", user=VICTIM)
        people.others_go_on(lambda: False, 5)
        world.member("member", user=VICTIM)
        people.once(people.ask(0.0), 10)
        must(not people.stage.said(VICTIM)[-1].startswith("Answer 0"), "what was refused was sent later")


def refused_once(folder: Path) -> None:
    """403 on a message out of the blue; the next question is answered."""
    with chats(folder) as people:
        people.stage.world.fault(method="sendMessage", chat_id=VICTIM, kind="403", times=1)
        people.ask(0.5)
        people.others_go_on(lambda: len(people.waits) > 2, 10)
        people.once(people.ask(0.0), 10)


def upgraded(folder: Path) -> None:
    """A basic group becomes a supergroup while an answer grows: it ends there, and the group's prompt moved along."""
    with chats(folder) as people:
        stage = people.stage
        stage.world.send(f"/prompt {PROMPT}", user=OWNER, chat=GROUP)
        stage.until(lambda: bool(stage.said(GROUP)), "the new prompt")
        first = people.ask(3.0, GROUP)
        stage.until(lambda: len(stage.said(GROUP)) > 1, "the beginning of an answer")
        group = stage.world.upgrade(GROUP)
        people.once(first, 15, group)
        second = people.ask(0.0, group)
        people.once(second, 10)
        asked = [request["body"]["messages"][0]["content"] for request in stage.script.requests("chat/completions")]
        must(asked[-1] == PROMPT, "the group's prompt did not move along")
        people.others_go_on(lambda: len(people.waits) > 1, 10)


CASES: dict[str, Case] = {
    "400 on formatting, private": partial(formatting, "sendMessage", VICTIM),
    "400 on formatting, group": partial(formatting, "editMessageText", GROUP),
    "403, blocked while thinking": blocked,
    "403 once": refused_once,
    "chat upgraded": upgraded,
}
