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
from engine.changes import StorageError
from engine.datafile import KEPT_DAYS, DataFileError, encode
from engine.either import open_storage
from engine.engine import Engine
from engine.postgres.together import Together
from engine.state import BOOKKEEPING
from records import ADMIN_GIFT, COUNTERS, Rules

__all__ = ["ATTACHMENT_TURNS", "KEPT_DAYS", "BudgetError", "StorageError", "Store", "Together"]


class Store(Figures, Purchases, Appeals, Drawings, Audience, Disclosure):
    """The records of all chats; safe to call from many threads.

    A deed that is given the id of the update it serves is done once for it, also when the update runs again.
    """

    def __init__(self, where: Path | str, rules: Rules, refusals: tuple[type[Exception], ...] = ()) -> None:
        """`where` is a path, or an address `postgresql://`; `refusals` are the errors of a message surely not sent."""
        engine, inbox = open_storage(where, rules.zone, refusals)
        super().__init__(engine, inbox, rules)
        try:
            self._first_start()
            self.engine.start()
        except (StorageError, OSError) as error:
            self.engine.close()
            place = where.parent if isinstance(where, Path) else "STORAGE_URL"
            raise DataFileError(f"{place} cannot be written to: {error}") from error

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

    def belong_to(self, bot_id: int) -> None:
        """Work for this bot; raises DataFileError while another one works on the same database."""
        if not isinstance(self.engine, Engine):
            self.engine.belong_to(bot_id)

    @property
    def file_engine(self) -> Engine:
        """The engine of data.json, for who looks behind the store; raises TypeError with another."""
        if not isinstance(self.engine, Engine):
            raise TypeError("the records are not in a file")
        return self.engine

    def file_content(self) -> bytes:
        """All records of this moment, as data.json holds them."""
        records = self.engine.everything()
        everything = {name: value for name, value in records["global"].items() if name not in BOOKKEEPING}
        return b"".join(encode({**records, "global": everything}))

    def bytes_on_disk(self) -> int:
        """What data.json, its copies, its journal and its ledger take."""
        return self.engine.bytes_on_disk()

    def close(self) -> None:
        """Write everything into data.json and its backup; let the file go."""
        self.engine.close()
