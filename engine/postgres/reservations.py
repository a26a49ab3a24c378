"""What is set aside before paid steps, of all workers together; that of a worker which is gone is let go."""

from engine.postgres.database import Database
from engine.postgres.schema import NAMES, WRITING, Connection
from engine.reservations import Held
from records import Wallet

# In a transaction that need not be on the disk at once: what a crash of the server takes was never anybody's money.
SOON = "set_config('synchronous_commit', 'off', true)"


class Reservations:
    """Rows under a worker's number; called inside `Database.alone` where it matters."""

    def __init__(self, database: Database, worker: int) -> None:
        self._database, self._worker = database, worker
        self._doubtful: set[int] = set()  # nobody's, but perhaps there: the server's answer never came

    def add(self, held: Held) -> int:
        """Set aside; returns the number. Where the end of the transaction is not heard, nobody will give it back."""
        rows = self._database.ask(
            "INSERT INTO reservations (worker, person, wallet, amount, usd) VALUES (%s, %s, %s, %s, %s)"
            f" RETURNING number, {SOON}",
            *(self._worker, *held),
        )
        number = int(rows[0][0])
        self._database.if_undone(lambda: self._doubtful.add(number))
        return number

    def drop(self, number: int) -> None:
        """Give back, if that was not done yet."""
        alone = self._database.transaction_cache is None  # else it is part of a deed, which must be on the disk
        try:
            self._database.ask(
                f"DELETE FROM reservations WHERE number = %s{f' RETURNING {SOON}' if alone else ''}", number
            )
        except BaseException:
            if alone:  # else it stands if the deed was not done, and is given back after it
                self._doubtful.add(number)
            raise

    def drop_doubtful(self, connection: Connection) -> None:
        """Give back what nobody holds: whoever has the lock of deeds knows that the deed in doubt has ended."""
        if doubtful := list(self._doubtful):
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (NAMES, WRITING))
                gone = "DELETE FROM reservations WHERE worker = %s AND number = ANY(%s)"
                connection.execute(gone, (self._worker, doubtful))
            self._doubtful.difference_update(doubtful)

    def void(self, user_id: int) -> None:
        """A person was deleted: nothing of theirs stands any more, even if they come back."""
        self._database.ask("UPDATE reservations SET void = true, amount = 0 WHERE person = %s", user_id)

    def stands(self, number: int) -> bool:
        """Whether its person was there all the time."""
        return not self._database.ask("SELECT 1 FROM reservations WHERE number = %s AND void", number)

    def amount(self, user_id: int, wallet: Wallet) -> int:
        """What is set aside of a wallet."""
        total = "SELECT coalesce(sum(amount), 0)::bigint FROM reservations WHERE person = %s AND wallet = %s"
        return int(self._database.ask(total, user_id, wallet)[0][0])

    def usd(self) -> float:
        """The most that all steps under way may cost."""
        return float(self._database.ask("SELECT coalesce(sum(usd), 0) FROM reservations")[0][0])
