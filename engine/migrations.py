"""Data that an earlier version kept, made into data of this version: named steps, in order, each once.

`schema` in `global` says how many of them the data have behind them; data without it are of 0.1.0 to 0.4.0, and which
of these is seen by each step itself. The journal is applied before, so a step finds lines of its own version only.
Steps change what is in memory; opening has kept the file as it was, and the engine writes the new one at once.
"""

import re
from collections.abc import Callable

from engine import usage
from engine.ledger import Ledger, plain
from engine.state import Records, State

Step = Callable[[State, Ledger], None]


def count_what_the_ledger_says(state: State, ledger: Ledger) -> None:
    """Before 0.3.0 sums were kept neither of usage nor of what invitations have brought."""
    if "usage" in state.records["global"]:
        return
    usage.begin(state.records)
    earned: dict[str, int] = {}
    for entry in ledger.everything(state.entries, state.redactions):
        usage.add(state.records, plain(entry))
        if entry.reason == "invitation":
            earned[str(entry.user)] = earned.get(str(entry.user), 0) + entry.amount
    for key in earned.keys() & state.records.keys():
        kept = int(state.records[key].get("referral_earned", 0))
        state.records[key] = {**state.records[key], "referral_earned": max(kept, earned[key])}


def keep_whole_questions(state: State, _: Ledger) -> None:
    """At first 0.3.0 noted of a press of Retry only that it was the first one; the question was in the message."""
    for pending in state.pending.values():
        if pending.gives.get("press") is True and pending.update["callback_query"]["data"].startswith("retry"):
            query = pending.update["callback_query"]
            asked = query["message"]["reply_to_message"]
            text = re.sub(r"^/\S*\s*", "", asked.get("text") or asked.get("caption", ""))
            about = {"number": 0, "asked_by": query["from"]["id"], "asked_in": asked["message_id"], "text": text}
            pending.gives["press"] = about


def name_spoken_languages(state: State, _: Ledger) -> None:
    """Before 0.4.0 words that were heard and paid stood alone; now their languages follow them."""
    for pending in state.pending.values():
        if isinstance(words := pending.gives.get("voice"), str):
            pending.gives["voice"] = [words]


def estimate_kept_files(state: State, _: Ledger) -> None:
    """Before 0.4.0 nobody noted how many tokens the files of a dialogue take."""
    for key, record in list(state.records.items()):
        if "tokens" not in record.get("attachment", {"tokens": 0}):
            state.records[key] = {**record, "attachment": {**record["attachment"], "tokens": 0}}


STEPS: tuple[Step, ...] = (
    count_what_the_ledger_says,
    keep_whole_questions,
    name_spoken_languages,
    estimate_kept_files,
)
SCHEMA = len(STEPS)


def schema(records: Records) -> int:
    """How many steps the data have behind them; raises ValueError for what is no such number."""
    found = records.get("global", {}).get("schema", 0)
    if not isinstance(found, int) or found < 0:
        raise ValueError('"schema" is no whole number')
    return found


def are_missing(records: Records) -> bool:
    """Whether there are steps to be taken; all of them, where somebody took the sums out to have them counted anew."""
    return schema(records) < SCHEMA or "usage" not in records["global"]


def migrate(state: State, ledger: Ledger) -> None:
    """Take the steps that are missing; raises LedgerError where the ledger has to be read and cannot be."""
    first = schema(state.records) if "usage" in state.records["global"] else 0
    for step in STEPS[first:]:
        step(state, ledger)
    state.records["global"] = {**state.records["global"], "schema": SCHEMA}
    state.migrated = True
