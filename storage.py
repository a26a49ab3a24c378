"""The records of all chats in one file: people, wallets, dialogues; a deed is on the disk when it returns."""

import secrets
from pathlib import Path

from accounts.appeals import Appeals
from accounts.audience import Audience
from accounts.dialogues import ATTACHMENT_TURNS
from accounts.disclosure import Disclosure
from accounts.drawings import Drawings
from accounts.figures import Figures
from accounts.purchases import Purchases
from accounts.wallets import BudgetError
from engine.datafile import KEPT_DAYS, DataFileError, encode
from engine.engine import Engine, StorageError
from engine.inbox import Inbox
from engine.state import BOOKKEEPING
from records import ADMIN_GIFT, COUNTERS, Rules

__all__ = ["ATTACHMENT_TURNS", "KEPT_DAYS", "BudgetError", "StorageError", "Store"]


class Store(Figures, Purchases, Appeals, Drawings, Audience, Disclosure):
    """The records of all chats; safe to call from many threads.

    A deed that is given the id of the update it serves is done once for it, also when the update runs again.
    """

    def __init__(self, path: Path, rules: Rules, refusals: tuple[type[Exception], ...] = ()) -> None:
        """`refusals` are the errors of a message that was surely not sent."""
        engine = Engine(path, rules.zone)
        super().__init__(engine, Inbox(engine, refusals), rules)
        try:
            self._first_start()
            self.engine.start()
        except (StorageError, OSError) as error:
            self.engine.close()
            raise DataFileError(f"{path.parent} cannot be written to: {error}") from error

    def _first_start(self) -> None:
        """A new file begins with the sums of all and the admins' records."""
        with self.engine.change() as change:
            sums = self.records["global"]
            change.record("global").update({name: 0 for name in COUNTERS if name not in sums})
            change.record("global").setdefault("deletion_key", secrets.token_hex(32))
            for admin in self.rules.admins:
                if "balance" not in self.records.get(str(admin), {}):
                    change.record(str(admin)).update(dict.fromkeys(COUNTERS, 0) | ADMIN_GIFT)
                    self._book_gifts(change, admin, ADMIN_GIFT, 0)

    def file_content(self) -> bytes:
        """All records of this moment, as data.json holds them."""
        with self.lock:
            records = dict(self.records)
        everything = {name: value for name, value in records["global"].items() if name not in BOOKKEEPING}
        return b"".join(encode({**records, "global": everything}))

    def bytes_on_disk(self) -> int:
        """What data.json, its copies, its journal and its ledger take."""
        path = self.engine.path
        own = [*path.parent.glob(f"{path.stem}.*"), *path.parent.glob(f"{path.stem}-*"), *self.engine.ledger.files()]
        return sum(each.stat().st_size for each in own if each.is_file())

    def close(self) -> None:
        """Write everything into data.json and its backup; let the file go."""
        self.engine.close()
