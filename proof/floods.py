"""R15, 429: a chat that Telegram wants left alone is left alone by everything, and by nothing else."""

from functools import partial
from pathlib import Path

from proof.chats import CALLS, Call, Case, Chats, chats
from proof.trial import must

ANSWER_SECONDS = 3.0  # of the model, long enough for drafts, edits and chat actions
WORTH_WAITING = 60  # seconds; of longer pauses only the beginning is watched
WATCHED = 20.0  # seconds of those
IN_THE_AIR = 0.15  # seconds in which calls already under way may still arrive
BACK = 10.0  # seconds after the pause within which the answer must be there


def flood(what: Call, pause: int, folder: Path) -> None:
    """A method gets 429 once in one chat."""
    place = what.place
    with chats(folder) as people:
        people.fail(what, kind="429", retry_after=pause, times=1)
        question = people.ask(ANSWER_SECONDS, place)
        if pause <= WORTH_WAITING:
            people.others_go_on(lambda: bool(people.has(question)), ANSWER_SECONDS + pause + BACK)
            people.once(question, 0.1)
        else:
            people.others_go_on(lambda: False, ANSWER_SECONDS + WATCHED)
            must(not people.has(question), "the answer came during the pause")
        _quiet(people, place, pause)


def _quiet(people: Chats, place: int, pause: float) -> None:
    """Between the 429 and the end of the pause nothing was sent to the chat."""
    calls = people.calls(place)
    refused = [call["time"] for call in calls if call["status"] == 429]
    must(refused, "nothing was refused: the case shows nothing")
    begun = refused[0]
    early = [call for call in calls if begun + IN_THE_AIR < call["time"] < begun + pause - IN_THE_AIR]
    said = [f"{call['method']} after {call['time'] - begun:.2f} s" for call in early]
    must(not early, f"in a pause of {pause} s: {', '.join(said[:5])}")


QUICK: dict[str, Case] = {f"429, 1 s, {name}": partial(flood, what, 1) for name, what in CALLS.items()}
SLOW: dict[str, Case] = {
    f"429, {pause} s, {name}": partial(flood, what, pause) for pause in (5, 30, 300) for name, what in CALLS.items()
}
