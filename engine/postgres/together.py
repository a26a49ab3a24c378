"""What all workers keep together for a moment: the pace of messages, and what the admins were told lately."""

from engine.postgres.database import Database

LONGEST_SECONDS = 10.0  # a turn is away; more than that is no queue, but a clock that was set back

# https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
_TURN = """
INSERT INTO pace (free) VALUES (clock_timestamp() + %s * interval '1 second')
ON CONFLICT (one) DO UPDATE SET free = %s * interval '1 second'
    + least(greatest(pace.free, clock_timestamp()), clock_timestamp() + %s * interval '1 second')
RETURNING extract(epoch FROM free - clock_timestamp())
"""
_SPARE = """
INSERT INTO pace (free) VALUES (clock_timestamp() + %s * interval '1 second')
ON CONFLICT (one) DO UPDATE SET free = clock_timestamp() + %s * interval '1 second'
WHERE pace.free <= clock_timestamp() RETURNING true
"""
_FIRST = """
INSERT INTO told (key, at) VALUES (%s, now())
ON CONFLICT (key) DO UPDATE SET at = now() WHERE told.at <= now() - %s * interval '1 second' RETURNING true
"""
# The table is not logged: after a crash of the server nobody finds it there any more, and who was cut off goes on.
_STOP = "INSERT INTO told (key, at) VALUES ('stop', now()) ON CONFLICT (key) DO UPDATE SET at = now()"


class Together:
    """While the database is away each worker goes on by itself."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._began = database.ask("SELECT now()")[0][0]

    def turn(self, gap: float) -> float:
        """Take the next turn of all workers, `gap` seconds after the last one; in how many seconds it comes."""
        found = self._database.ask_once(_TURN, gap, gap, LONGEST_SECONDS)
        return max(0.0, float(found[0][0]) - gap) if found else gap

    def take_spare(self, gap: float) -> bool:
        """Take a turn if one is free now."""
        return bool(self._database.ask_once(_SPARE, gap, gap))

    def is_first(self, key: str, seconds: float) -> bool:
        """Whether nobody has told this in so many seconds; if so, it is told now."""
        found = self._database.ask_once(_FIRST, key, seconds)
        return found is None or bool(found)

    def stop(self) -> None:
        """Whoever runs now is to leave, also who hears nothing; raises StorageError while the database is away."""
        self._database.ask(_STOP)

    def is_stopped(self) -> bool:
        """Whether that was said since this process began; raises StorageError while the database is away."""
        return bool(self._database.ask("SELECT 1 FROM told WHERE key = 'stop' AND at > %s", self._began))

    def untell(self, key: str) -> None:
        """It was not told after all."""
        self._database.ask_once("DELETE FROM told WHERE key = %s", key)
