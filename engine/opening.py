"""Opening the data: data.json or its backup, the journal on top, old bots' files taken over, edits by hand noticed."""

import logging
from datetime import datetime, tzinfo
from glob import escape
from pathlib import Path
from typing import NamedTuple

from engine import journal, migrations, takeover
from engine.datafile import BEFORE_UPGRADE, KEPT_DAYS, DataFileError, Snapshot, load, sealed
from engine.disk import write_content
from engine.journal import JournalError
from engine.ledger import Ledger, Sums, sums
from engine.state import Records, State
from records import COUNTERS, WALLETS, Wallet

log = logging.getLogger(__name__)


class Correction(NamedTuple):
    """A ledger line that is missing: a wallet was changed by other hands than the bot's."""

    user_id: int
    wallet: Wallet
    amount: int
    reason: str
    note: str = ""


Notices = list[tuple[str, dict[str, object]]]  # keys of texts.TEXTS and their blanks, for the admin


class Opened(NamedTuple):
    """The state, the last journal line that data.json itself held, whether it must be written anew at once."""

    state: State
    number: int
    stale: bool
    notices: Notices


def read(path: Path, zone: tzinfo) -> Opened:
    """Everything that was accepted; raises DataFileError with what to do when that is not there."""
    notices: Notices = []
    snapshot = _newest(path, notices)
    if snapshot.foreign:
        return _foreign(path, zone, notices)
    state = _state(path, snapshot)
    number = state.number
    corrections = [] if snapshot.sealed else _by_hand(path, state, notices)
    _replay(path, state, corrections)
    _upgrade(path, state, number, notices)
    book(state, corrections, zone)
    return Opened(state, number, bool(corrections) or state.migrated or not path.exists(), notices)


def look(path: Path) -> State:
    """The same without touching anything; raises DataFileError also for the file of another bot."""
    found = load(path)
    if found is None:
        backup = _backup(path)
        if backup.exists():
            raise DataFileError(f"{path} is gone: start the bot once, it goes on from {backup.name}")
        raise DataFileError(f"{path} is not there: nothing was kept yet")
    if found.foreign:
        raise DataFileError(f"{path} comes from another bot: start this one once, it takes the file over")
    state = _state(path, found)
    _replay(path, state, [])
    if migrations.are_missing(state.records):
        migrations.migrate(state, Ledger(path))
    return state


def _backup(path: Path) -> Path:
    return path.with_name(f"{path.stem}-backup{path.suffix}")


def refuse_newer(path: Path, snapshot: Snapshot) -> None:
    """Raises DataFileError for a file that only a newer version can read."""
    try:
        schema = migrations.schema(snapshot.records)
    except ValueError as error:
        raise _unusable(path, error) from None
    if not snapshot.foreign and schema > migrations.SCHEMA:
        raise DataFileError(
            f"{path} was written by a newer version of this bot (schema {schema}, this one knows {migrations.SCHEMA}): "
            f"install that version again, or put back a copy of before as docs/running.md tells under Upgrading"
        )


def _upgrade(path: Path, state: State, number: int, notices: Notices) -> None:
    """Make data of an earlier version those of this one; the file as it was is kept beside for some days.

    Where a killed bot has left a journal, that is the file as a stop in good order would have left it.
    """
    if not migrations.are_missing(state.records):
        return
    if migrations.schema(state.records) < migrations.SCHEMA:
        whole = state.number == number and path.exists()
        original = _keep(path, BEFORE_UPGRADE, path.read_bytes() if whole else sealed(state.snapshot()))
        notices.append(("admin_upgraded", {"file": original.name, "days": KEPT_DAYS}))
    migrations.migrate(state, Ledger(path))


def _state(path: Path, snapshot: Snapshot) -> State:
    refuse_newer(path, snapshot)
    try:
        for record in () if snapshot.sealed else snapshot.records.values():
            for name in (*WALLETS, *COUNTERS):
                int(record.get(name, 0))
        return State(snapshot.records)
    except (TypeError, ValueError, AttributeError) as error:
        raise _unusable(path, error) from None


def _unusable(path: Path, error: Exception) -> DataFileError:
    return DataFileError(f"{path} was edited so that it cannot be used ({error}): put a copy in its place")


def book(state: State, corrections: list[Correction], zone: tzinfo) -> None:
    """Put corrections into the ledger under the next number; done again after a crash they get the same one."""
    if not corrections:
        return
    state.number += 1
    now = datetime.now(zone).isoformat(timespec="seconds")
    for place, (user_id, wallet, amount, reason, note) in enumerate(corrections):
        entry = {"time": now, "user": user_id, "wallet": wallet, "amount": amount, "reason": reason}
        state.entries.append({"n": state.number, "k": place, **entry} | ({"note": note} if note else {}))


def _newest(path: Path, notices: Notices) -> Snapshot:
    """data.json, or when that is damaged or gone its backup: with the journal it holds the same."""
    backup = _backup(path)
    try:
        found = load(path)
        if found is not None:
            return found
        damage = f"{path} is gone"
    except DataFileError as error:
        damage = str(error)
    saved = _good(backup)
    if saved is None:
        if path.exists():
            raise DataFileError(f"{damage}.{_copies(path)}")
        if not journal.paths(path) and (Ledger(path).files() or _copies(path)):
            anew = f"To begin anew, move {path.stem}-ledger and the copies of {path.name} away."
            raise DataFileError(f"{damage}, but not what belongs to it.{_copies(path)} {anew}")
        begin = {"journal": 0, "schema": migrations.SCHEMA, "usage": {}}
        return Snapshot({"global": begin}, sealed=True, foreign=False)
    refuse_newer(backup, saved)
    if path.exists():
        path.rename(aside(path, "damaged"))
    log.error("%s: going on from %s", damage, backup)
    notices.append(("admin_alert_backup", {"file": path.name, "backup": backup.name}))
    return saved


def _good(path: Path) -> Snapshot | None:
    try:
        found = load(path)
    except DataFileError:
        return None
    return found if found and found.sealed else None


def _copies(path: Path) -> str:
    days = sorted(path.parent.glob(f"{escape(path.stem)}-[0-9]*-[0-9]*-[0-9]*{escape(path.suffix)}"))
    good = [day for day in days if _good(day)]
    return f" The newest good copy: `python main.py --restore {good[-1].name}`." if good else ""


def aside(path: Path, why: str) -> Path:
    """A name beside a file that nothing has yet: `data.json.damaged`, `data.json.damaged-2`, ..."""
    name, number = path.with_name(f"{path.name}.{why}"), 1
    while name.exists():
        number += 1
        name = path.with_name(f"{path.name}.{why}-{number}")
    return name


def _keep(path: Path, why: str, content: bytes) -> Path:
    """Where this content of a file lies beside it; what an interrupted start has kept already is not kept twice."""
    for kept in path.parent.glob(f"{escape(path.name)}.{why}*"):
        if kept.read_bytes() == content:
            return kept
    kept = aside(path, why)
    write_content(kept, content)
    return kept


def _replay(path: Path, state: State, corrections: list[Correction]) -> None:
    """Apply the journal; a wallet that was changed by hand and then by the journal gets both changes."""
    before = {each: _held(state, each.user_id, each.wallet) for each in corrections}
    try:
        lines = journal.read(path, state.number)
    except JournalError as error:
        raise DataFileError(str(error)) from None
    for line in lines:
        state.apply(line["n"], line)
    for each, held in before.items():
        now = _held(state, each.user_id, each.wallet)
        if now != held:
            state.records[str(each.user_id)][each.wallet] = max(0, now + each.amount)
    for pending in state.pending.values():
        pending.replayed = True


def _held(state: State, user_id: int, wallet: Wallet) -> int:
    return int(state.records.get(str(user_id), {}).get(wallet, 0))


def _by_hand(path: Path, state: State, notices: Notices) -> list[Correction]:
    """Wallets that differ from the ledger in a file that somebody edited."""
    log.warning("%s was edited: comparing its wallets with the ledger", path)
    corrections = differences(state.records, sums(Ledger(path).entries(), state.number), "by hand")
    if corrections:
        users = ", ".join(dict.fromkeys(str(each.user_id) for each in corrections))
        notices.append(("admin_by_hand", {"file": path.name, "users": users}))
    return corrections


def differences(records: Records, booked: Sums, reason: str) -> list[Correction]:
    """The ledger lines that make the ledger say what the wallets hold."""
    held: dict[tuple[int, Wallet], int] = {
        (int(key), wallet): int(record.get(wallet, 0))
        for key, record in records.items()
        if key.isdecimal() and "balance" in record
        for wallet in WALLETS
    }
    known = {(user, wallet): amount for (user, wallet), amount in booked.items() if isinstance(user, int)}
    found = [(key, held.get(key, 0) - known.get(key, 0)) for key in sorted({*held, *known})]
    return [Correction(*key, amount, reason) for key, amount in found if amount]


def _foreign(path: Path, zone: tzinfo, notices: Notices) -> Opened:
    """Take over the file of an older bot; the original is set aside untouched."""
    if journal.paths(path):
        raise DataFileError(
            f"{path} comes from another bot, but a journal of this one lies beside it: to begin anew from this file "
            f"run `python main.py --restore {path.name}`, which sets the journal aside"
        )
    content = path.read_bytes()
    try:
        taken = takeover.take_over(takeover.parse(content), takeover.old_histories(path.parent), zone)
    except takeover.TakeoverError as error:
        raise DataFileError(f"{path}: {error}") from None
    original = _keep(path, "before-import", content)
    ledger = Ledger(path)
    corrections = _openings(taken, sums(ledger.entries()))
    notices.append(("admin_taken_over", {"users": len({each.user for each in taken.openings}), "file": original.name}))
    state = State(taken.records)
    state.number = ledger.last_number  # 0, unless this bot has worked here before
    migrations.migrate(state, ledger)
    book(state, corrections, zone)
    return Opened(state, 0, True, notices)


def _openings(taken: takeover.TakenOver, booked: Sums) -> list[Correction]:
    """The ledger lines that make it say what an old file held, whatever it said before."""
    found = []
    for each in taken.openings:
        amount = each.amount - booked.pop((each.user, each.wallet), 0)
        if amount or each.was:
            note = f"was {each.was}" if each.was else ""
            found.append(Correction(each.user, each.wallet, amount, "taken over", note))
    left = [(key, amount) for key, amount in booked.items() if amount and isinstance(key[0], int)]
    return found + [Correction(int(user), wallet, -amount, "taken over") for (user, wallet), amount in left]
