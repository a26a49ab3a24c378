"""`python -m proof.fault_child FOLDER KIND once|lasting STEP`: one scripted life of a store after another.

In the k-th life the disk fails at its k-th operation, for every STEP-th k until a life sees no failure. Prints a line
for each life: k and what was wrong, or nothing.
"""

import json
import logging
import shutil
import sys
from pathlib import Path
from typing import cast

from engine.datafile import DataFileError
from proof.deeds import RULES, Deed, Expected, Held, found, perform
from proof.disk_faults import FaultyDisk, Kind
from proof.kept import check_stopped
from proof.trial import Wrong, must
from storage import StorageError, Store

A, B, C = 1001, 1002, 1003
USERS = (A, B, C)
CHECKPOINT = Deed("checkpoint", 0)
SCRIPT = (
    Deed("register", A),
    Deed("register", B, A),
    Deed("accept", A, 3000, 11),
    Deed("answer", A, 3000, 11),
    Deed("done", A, 3000, 11),
    CHECKPOINT,
    Deed("refill", B, -500, 12),
    Deed("accept", B, 100, 13),
    Deed("answer", B, 100, 13),
    CHECKPOINT,
    Deed("prompt", A, 5),
    Deed("register", C, B),
    Deed("erase", A, 0, 14),
    Deed("done", B, 100, 13),
    CHECKPOINT,
)
AFTERWARDS = (
    Deed("refill", C, 250, 21),
    Deed("accept", C, 70, 22),
    Deed("answer", C, 70, 22),
    Deed("register", A),
    CHECKPOINT,
    Deed("refill", A, 5, 23),
)


class Life:
    """One store in one folder, on a disk that fails; `lasting`: until it is mended."""

    def __init__(self, folder: Path, disk: FaultyDisk, lasting: bool) -> None:
        self._folder, self._disk, self._lasting = folder, disk, lasting
        self._path = folder / "data.json"
        self._expected = Expected()
        self._in_doubt: Expected | None = None  # with the first deed that was refused
        self._confirmed: set[int] = set()  # updates that Telegram will not bring again

    def run(self) -> None:
        """Start, work, be mended, work, end; raises Wrong for a false success, a loss, or a store that gave up."""
        store = self._opened()
        try:
            self._work(store, SCRIPT)
            self._killed_now("in trouble")
            if self._lasting:
                self._disk.mend()
                store.file_engine.checkpoint()
            self._work(store, AFTERWARDS)
            self._same(store, "in memory")
        finally:
            store.close()
        self._disk.mend()
        self._reopened()

    def _opened(self) -> Store:
        try:
            return Store(self._path, RULES)
        except DataFileError as error:
            must(self._folder.name in str(error) and "annot be" in str(error), f"refused with: {error}")
        self._disk.mend()
        return Store(self._path, RULES)

    def _work(self, store: Store, deeds: tuple[Deed, ...]) -> None:
        """Deeds that returned must be there; those that raised must not."""
        for deed in deeds:
            try:
                if deed is CHECKPOINT:
                    store.file_engine.checkpoint()
                elif self._makes_sense(deed):
                    perform(store, deed)
                    self._expected = self._expected.after([deed])
            except (StorageError, OSError) as error:
                known = deed is CHECKPOINT or isinstance(error, StorageError)
                must(known, f"{deed.kind} raised {type(error).__name__}: {error}")
                if deed is not CHECKPOINT and self._in_doubt is None:
                    self._in_doubt = self._expected.after([deed])
            if deed.kind == "accept" and store.inbox.confirmable(deed.update + 1) > deed.update:
                self._confirmed.add(deed.update)

    def _makes_sense(self, deed: Deed) -> bool:
        """Whether what came before has happened."""
        if deed.kind in ("accept", "done"):
            return True
        return (deed.user in self._expected.users) != (deed.kind == "register")

    def _same(self, store: Store, when: str) -> None:
        users, pending = found(store, USERS), set(store.file_engine.state.pending)
        must(users == self._expected.users, f"{when}: {_difference(users, self._expected.users)}")
        must(pending == set(self._expected.pending), f"{when}: updates {pending}, not {set(self._expected.pending)}")

    def _killed_now(self, when: str) -> None:
        """What another process would find if this one ended here.

        The first deed that was refused may be there: a disk can take it, not keep it for sure, and not give it back.
        """
        with self._disk.resting():
            copy = self._folder / "copy"
            shutil.copytree(self._folder, copy)
            store = Store(copy / "data.json", RULES)
            try:
                users, pending = found(store, USERS), set(store.file_engine.state.pending)
            finally:
                store.close()
            shutil.rmtree(copy)
        possible = [each.users for each in (self._expected, self._in_doubt) if each]
        must(users in possible, f"killed {when}: {_difference(users, self._expected.users)}")
        lost = (self._confirmed & set(self._expected.pending)) - pending
        must(not lost, f"killed {when}: confirmed updates {lost} are lost")

    def _reopened(self) -> None:
        store = Store(self._path, RULES)
        try:
            self._same(store, "opened again")
        finally:
            store.close()
        check_stopped(self._path, tokens=self._expected.tokens)


def _difference(users: dict[int, Held], want: dict[int, Held]) -> str:
    wrong = [user for user in USERS if users.get(user) != want.get(user)]
    return "; ".join(f"{user} is {users.get(user)}, not {want.get(user)}" for user in wrong)


def main() -> None:
    """Life after life."""
    folder, kind, lasting, step = Path(sys.argv[1]), cast(Kind, sys.argv[2]), sys.argv[3] == "lasting", int(sys.argv[4])
    logging.disable()
    disk, at = FaultyDisk(), 1
    while at == 1 or disk.failed:
        place = folder / f"{at}"
        place.mkdir()
        wrong = ""
        disk.arm(at, kind, lasting)
        life = Life(place, disk, lasting)
        try:
            life.run()
        except Exception as error:
            wrong = str(error) if isinstance(error, Wrong) else f"{type(error).__name__}: {error}"
        disk.mend()
        if not wrong:
            shutil.rmtree(place)
        print(json.dumps([at, wrong]), flush=True)
        at += step


if __name__ == "__main__":
    main()
