"""The old balance bot's data.json, and our own of 0.1.0, as records of today; what it reads it never changes."""

import json
import logging
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any, NamedTuple

from records import COUNTERS, WALLETS, Wallet

log = logging.getLogger(__name__)

Records = dict[str, dict[str, Any]]

HISTORIES = "chat_context"  # the old bot's folder beside its data.json, one file a user
LARGEST = 10**18  # of a number; JSON's and SQLite's writers stop at 64 bits, and sums need room
DEEPEST = 100  # of lists and objects in each other; our JSON writer gives up at 254

_ID = re.compile(r"-?[1-9][0-9]{0,15}(/[1-9][0-9]{0,15})?")  # a user, a group, or a topic of a group
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]*)?")
_NULL_IS_ABSENT = ("favors", "max_context_length", "ref_id")
_NUMBERS = {*COUNTERS, *WALLETS, *_NULL_IS_ABSENT}

_CLOCK = timezone(timedelta(hours=3))  # the old bot wrote Moscow's time whatever its machine's was
_OURS = "%Y-%m-%d %H:%M:%S"
_FIRST_YEAR = 2015  # Telegram had no bots before; the old bot gave newcomers a date in 1990, so that is "never"


class TakeoverError(Exception):
    """The old data cannot be taken over; the message names the place, the value, what was expected and what to do."""


class Opening(NamedTuple):
    """What a wallet holds from now on; `was` is what the old file said where that was below zero."""

    user: int
    wallet: Wallet
    amount: int
    was: int | None


class TakenOver(NamedTuple):
    """Records as ours are, in the old order, and where each wallet that holds or owed something begins."""

    records: Records
    openings: list[Opening]


class _Twice(NamedTuple):
    """Two different values under one name of one object."""

    first: Any
    second: Any


def parse(content: bytes) -> object:
    """An old JSON file in UTF-8, as editors leave it too (with a byte order mark); damage raises TakeoverError.

    One name with two different values is damage: other readers silently forget the first, perhaps somebody's money.
    """
    try:
        value = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_object)
        _refuse_twins(value, [])
    except UnicodeDecodeError as error:
        raise TakeoverError(
            f"byte {error.start} is not UTF-8: save the file as UTF-8, or put a copy in its place"
        ) from None
    except json.JSONDecodeError as error:
        raise TakeoverError(
            f"not whole JSON, {error.msg} at line {error.lineno}, column {error.colno}: "
            "mend that place, or put a copy (data-backup.json) in its place"
        ) from None
    except (RecursionError, ValueError):  # ValueError: a number of thousands of digits
        raise TakeoverError("not a data file: put a copy (data-backup.json) in its place") from None
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        made[name] = _Twice(made[name], value) if name in made and made[name] != value else value
    return made


def _refuse_twins(value: Any, path: list[str]) -> None:
    if isinstance(value, _Twice):
        numbers = all(isinstance(each, int | float) for each in value)  # nobody's words belong in a log
        both = f"as {_shown(value.first)} and as {_shown(value.second)}" if numbers else "with different values"
        place = " in ".join(_shown(name) for name in reversed(path))
        raise TakeoverError(f"{place} stands there twice, {both}: delete the wrong one and start again")
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        _refuse_twins(each, [*path, str(name)])


def old_histories(folder: Path) -> dict[int, object]:
    """What stands in `chat_context/<id>.json` beside the data file; `folder` is the data file's.

    Files that cannot be read are skipped with a warning: a lost dialogue must not keep the wallets back.
    """
    found: dict[int, object] = {}
    for path in sorted((folder / HISTORIES).glob("*.json")):
        if not _ID.fullmatch(path.stem):
            log.warning("%s is skipped: its name is no user's id", path)
            continue
        try:
            found[int(path.stem)] = parse(path.read_bytes())
        except OSError as error:
            log.warning("the dialogue in %s is not taken over: %s", path, error.strerror)
        except TakeoverError:  # its words may quote the dialogue
            log.warning("the dialogue in %s is not taken over: the file is damaged", path)
    return found


def take_over(old: object, histories: Mapping[int, object], zone: tzinfo) -> TakenOver:
    """Records as ours are, from a parsed old data file and its histories; times are told in `zone`.

    Unknown fields stay. Taking over the result once more gives the same records. Raises TakeoverError.
    """
    if not isinstance(old, dict):
        raise TakeoverError(f"{_shown(old)} is no object of records: put a copy (data-backup.json) in the file's place")
    records: Records = {}
    openings: list[Opening] = []
    for name, record in old.items():
        _check(name, record)
        records[name] = _record(name, record, zone)
        if name != "global" and "/" not in name:
            openings += _open_wallets(int(name), records[name])
    for user, entries in histories.items():
        _add_history(records, str(user), entries)
    return TakenOver(_with_sums(records), openings)


def _check(name: str, record: object) -> None:
    if name != "global" and not _ID.fullmatch(name):
        raise TakeoverError(
            f'record {_shown(name)}: a user\'s numeric Telegram id or "global" was expected: '
            "put the id there or delete the record, and start again"
        )
    if not isinstance(record, dict):
        raise TakeoverError(
            f'record "{name}": {_shown(record)} stands there, an object with fields was expected: '
            "mend or delete the record and start again"
        )


def _record(name: str, old: dict[str, Any], zone: tzinfo) -> dict[str, Any]:
    """One record with its fields as ours are called and written; wallets may still be below zero."""
    record: dict[str, Any] = {}
    for field, value in old.items():
        if field in _NUMBERS:
            record[field] = _number(name, field, value)
        else:
            record[_storable(name, field, field)] = _storable(name, field, value)
    for field in _NULL_IS_ABSENT:
        if record.get(field, 0) is None:
            del record[field]
    if any(wallet in record for wallet in WALLETS):
        record.setdefault("balance", 0)  # it is what makes a user registered: their other wallets must not be lost
    _put_name(record)
    _put_date(record, zone)
    _put_memory(record)
    if "history" in record:
        record["history"] = _messages(name, record["history"])
    return record


def _number(name: str, field: str, value: object) -> int | None:
    """Whole numbers, also written as 12.0 or "12"; fractions are cut off, null holds nothing."""
    if value is None:
        return None if field in _NULL_IS_ABSENT else 0
    number: int | None = None
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        number = int(value.strip().partition(".")[0])
    elif isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, float) and math.isfinite(value):
        number = int(value)
    if number is None or abs(number) > LARGEST:
        raise TakeoverError(
            f'record "{name}", field "{field}": {_shown(value)} stands there, a whole number up to {LARGEST:.0e} '
            "was expected: write the right number and start again"
        )
    return number


def _open_wallets(user: int, record: dict[str, Any]) -> list[Opening]:
    """Lift wallets below zero to zero, and say what each begins with."""
    openings = []
    for wallet in WALLETS:
        held = record.get(wallet, 0)
        if held < 0:
            record[wallet] = 0
        if held:
            openings.append(Opening(user, wallet, max(0, held), held if held < 0 else None))
    return openings


def _put_name(record: dict[str, Any]) -> None:
    """`username` is "@name" or the text "None"; one old edition left the @ out. Name and prompt are texts."""
    username = record.get("username")
    if isinstance(username, str):
        bare = username.strip().removeprefix("@")
        record["username"] = "None" if bare in ("", "None") else f"@{bare}"
    for field in ("name", "prompt"):
        if record.get(field, "") is None:
            del record[field]
        elif field in record:
            record[field] = str(record[field])


def _put_date(record: dict[str, Any], zone: tzinfo) -> None:
    """The later of the two dates becomes `last_request`; one that cannot be read stays as `lastdate`."""
    ours, theirs = record.pop("last_request", None), record.get("lastdate")
    our_date, their_date = _date(ours, zone, zone), _date(theirs, _CLOCK, zone)
    if our_date or their_date:
        record["last_request"] = max(our_date or "", their_date or "")
    if their_date:
        del record["lastdate"]
    if ours is not None and not our_date:
        record.setdefault("lastdate", ours)


def _date(value: object, clock: tzinfo, zone: tzinfo) -> str | None:
    """The moment as our records write it in `zone`; a date that we may have written ourselves is on `clock`."""
    try:
        moment = _moment(value, clock).astimezone(zone)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.strftime(_OURS) if moment.year >= _FIRST_YEAR else None


def _moment(value: object, clock: tzinfo) -> datetime:
    """Unix seconds or a date; raises ValueError, OverflowError or OSError for what is neither."""
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        for form, written_on in (("%d.%m.%Y %H:%M:%S", _CLOCK), ("%d-%m-%Y %H:%M:%S", _CLOCK), (_OURS, clock)):
            with suppress(ValueError):
                return datetime.strptime(value.strip(), form).replace(tzinfo=written_on)
    elif isinstance(value, int | float | str) and not isinstance(value, bool):
        return datetime.fromtimestamp(float(value), _CLOCK)
    raise ValueError("no date")


def _put_memory(record: dict[str, Any]) -> None:
    """The old bot remembered nothing without `max_context_length`; in our records that has to be said.

    A `language` stands in every record of a user who wrote to a bot of ours: there, absent means the default.
    """
    characters = record.get("max_context_length")
    theirs = "balance" in record and "language" not in record and {"lastdate", "last_request"} & record.keys()
    if characters is None and theirs:
        record["context_off"] = True
    elif characters is not None and characters <= 0:
        del record["max_context_length"]
        record["context_off"] = True


def _add_history(records: Records, name: str, entries: object) -> None:
    if name not in records:
        log.warning("the dialogue of %s is not taken over: there is no such user in the data file", name)
    elif "history" not in records[name] and (messages := _messages(name, entries)):
        records[name]["history"] = messages


def _messages(name: str, entries: object) -> list[dict[str, Any]]:
    """The entries that a model can be given again, in their order."""
    if not isinstance(entries, list):
        log.warning("the dialogue of %s is not taken over: it is no list of messages", name)
        return []
    kept = [_storable(name, "history", entry) for entry in entries if _is_message(entry)]
    if len(kept) < len(entries):
        log.warning("the dialogue of %s: %d entries that are no messages left out", name, len(entries) - len(kept))
    return kept


def _is_message(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and entry.get("role") in ("user", "assistant", "system")
        and isinstance(entry.get("content"), str)
        and not any(isinstance(value, dict | list) for value in entry.values())
    )


def _with_sums(records: Records) -> Records:
    """With every counter in `global`; one that the old edition did not keep is the sum over the users."""
    kept = records.get("global", {})
    users = [record for name, record in records.items() if name != "global"]
    sums = {each: sum(user.get(each, 0) for user in users) for each in COUNTERS if each not in kept}
    if "global" in records:
        kept.update(sums)
        return records
    return {"global": sums, **records}


def _storable(name: str, field: str, value: Any, depth: int = 0) -> Any:
    """A copy that our JSON writer takes: half letters become U+FFFD, numbers past 64 bits text, NaN null."""
    if depth > DEEPEST:
        raise TakeoverError(
            f'record "{name}", field {_shown(field)}: more than {DEEPEST} lists or objects in each other: '
            "delete the field and start again"
        )
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST:
        return str(value)
    if isinstance(value, dict):
        return {_storable(name, field, key): _storable(name, field, each, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [_storable(name, field, each, depth + 1) for each in value]
    return value


def _shown(value: object) -> str:
    """A value as the file writes it, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= 60 else text[:59] + "…"
