"""The records as a mapping, and what is asked of all of them: rows of PostgreSQL under the names of data.json."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any, Protocol

from engine.changes import Record
from engine.ledger import Entry, plain
from engine.postgres.database import Row
from engine.state import WIDE

# Two fields of `global` that are rows of `wide`, too: what everybody used, by day, and what is left of deleted ids.
USAGE, DELETED = "usage", "deleted"
# Sorted before the rest is looked up, so that the first records come at once and nothing large is sorted.
WHOLE = (
    "SELECT key, fields, (SELECT json_agg(message ORDER BY n) FROM history WHERE history.key = sorted.key),"
    " CASE WHEN key = ANY(%s) THEN (SELECT json_object_agg(name, value ORDER BY place) FROM wide"
    " WHERE wide.key = CASE sorted.key WHEN 'global' THEN 'usage' ELSE sorted.key END) END,"
    " CASE key WHEN 'global' THEN (SELECT json_agg(name ORDER BY place) FROM wide WHERE wide.key = 'deleted') END"
    " FROM (SELECT key, fields FROM records ORDER BY place) AS sorted"
)
AT_ONCE = 5_000  # rows of a question that is asked in pages
_PAGE = "SELECT place, key, fields FROM records WHERE place > %s ORDER BY place LIMIT %s"
PAID_BY = "SELECT name, value FROM wide WHERE key = 'payments' AND value ->> 'user' = %s ORDER BY place"
LEDGER_COLUMNS = "n, k, time, person, wallet, amount, reason, more"


class Asked(Protocol):
    """Who answers statements: a database, or one moment of it."""

    @property
    def transaction_cache(self) -> dict[str, Any] | None:
        """What has been read already and must not change, None when everything may."""

    def ask(self, sql: str, *values: Any) -> list[Row]:
        """The rows of one statement."""


class Wide(Mapping[str, Any]):
    """One of `engine.state.WIDE`: a field is a question when it is first looked at, and all of them are one."""

    def __init__(self, database: Asked, key: str) -> None:
        self._database, self._key = database, key
        self._known: dict[str, Any] = {}  # None for a field that is not there
        self._is_whole = False

    def __getitem__(self, name: str) -> Any:
        if name not in self._known and not self._is_whole:
            found = "SELECT value FROM wide WHERE key = %s AND name = %s"
            rows = self._database.ask(found, self._key, name) if is_text(name) else []
            self._known[name] = rows[0][0] if rows else None
        if (value := self._known.get(name)) is None:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        if not self._is_whole:
            found = "SELECT name, value FROM wide WHERE key = %s ORDER BY place"
            self._known, self._is_whole = dict(self._database.ask(found, self._key)), True
        return iter(self._known)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return bool(self._database.ask("SELECT 1 FROM wide WHERE key = %s LIMIT 1", self._key))


class Records(Mapping[str, Mapping[str, Any]]):
    """Each look at a key is a question, but for those of one transaction, which sees the same until its end."""

    def __init__(self, database: Asked) -> None:
        self._database = database

    def __getitem__(self, key: str) -> Mapping[str, Any]:
        cache = self._database.transaction_cache
        if cache is None:
            found = self._read(key)
        else:
            if key not in cache:
                cache[key] = self._read(key)
            found = cache[key]
        if found is None:
            raise KeyError(key)
        return found

    def _read(self, key: str) -> Mapping[str, Any] | None:
        if key in WIDE:
            return Wide(self._database, key)
        rows = self._database.ask("SELECT fields FROM records WHERE key = %s", key)
        return dict(rows[0][0]) if rows else None

    def __iter__(self) -> Iterator[str]:
        return iter([key for (key,) in self._database.ask("SELECT key FROM records ORDER BY place")])

    def __len__(self) -> int:
        return int(self._database.ask("SELECT count(*) FROM records")[0][0])


class Lookups:
    """The questions of `engine.lookups`, each of them one statement."""

    zone: tzinfo

    def __init__(self, database: Asked) -> None:
        self.database = database
        self.records: Mapping[str, Mapping[str, Any]] = Records(database)

    def moment(self) -> dict[str, Record]:
        """All records as they are now."""
        return dict(self.database.ask("SELECT key, fields FROM records ORDER BY place"))

    def each(self) -> Iterator[tuple[str, Record]]:
        """All records under their keys, one after another: so many are too large for the memory of a worker."""
        last = 0
        while rows := self.database.ask(_PAGE, last, AT_ONCE):
            yield from ((key, fields) for _, key, fields in rows)
            last = rows[-1][0]

    def everything(self) -> dict[str, Record]:
        """All records as they are now, whole, as data.json has them."""
        rows = self.database.ask(WHOLE, [*WIDE, "global"])
        return {key: whole(key, *parts) for key, *parts in rows}

    def history(self, key: str) -> list[Record]:
        """What was said under a key, oldest first."""
        return [said for (said,) in self.database.ask("SELECT message FROM history WHERE key = %s ORDER BY n", key)]

    def history_sizes(self, user_id: int | None = None) -> list[tuple[str, int, int]]:
        """Key, messages and characters of each history: a person's own and those they are quoted in, or all."""
        sizes = "SELECT key, count(*), sum(characters) FROM history"
        if user_id is None:
            rows = self.database.ask(f"{sizes} GROUP BY key")
        else:
            own = "SELECT key FROM history WHERE key = %s OR key LIKE %s OR author = %s"
            values = str(user_id), f"{user_id}/%", user_id
            rows = self.database.ask(f"{sizes} WHERE key IN ({own}) GROUP BY key", *values)
        return [(key, int(messages), int(characters)) for key, messages, characters in rows]

    def under(self, chat_id: int) -> list[str]:
        """The keys of a chat's topics."""
        rows = self.database.ask("SELECT key FROM records WHERE key LIKE %s ORDER BY place", f"{chat_id}/%")
        return [key for (key,) in rows]

    def topics_with(self, user_id: int) -> list[str]:
        """The keys of a person's own records, and of those that hold words or files of theirs."""
        rows = self.database.ask(
            "SELECT key FROM records WHERE key IN (SELECT key FROM records WHERE key = %s OR key LIKE %s"
            " UNION SELECT key FROM history WHERE author = %s"
            " UNION SELECT key FROM records WHERE holds_others(key, fields)"
            " AND (fields -> 'attachment' ->> 'from' = %s OR EXISTS (SELECT"
            " FROM json_array_elements(coalesce(fields -> 'past_questions', '[]')) AS past"
            " WHERE past ->> 'asked_by' = %s))) ORDER BY place",
            *(str(user_id), f"{user_id}/%", user_id, str(user_id), str(user_id)),
        )
        return [key for (key,) in rows]

    def having(self, field: str) -> dict[str, Record]:
        """The records that have a field."""
        named = field.replace("'", "''")  # in the words of an index, which a parameter may not be
        return dict(
            self.database.ask(f"SELECT key, fields FROM records WHERE fields -> '{named}' IS NOT NULL ORDER BY place")
        )

    def named(self, username: str) -> dict[str, Record]:
        """The records with a @username, in any case."""
        if not is_text(username):
            return {}
        found = "SELECT key, fields FROM records WHERE username = lower(%s) ORDER BY place"
        return dict(self.database.ask(found, username))

    def invited_by(self, user_id: int) -> dict[str, Record]:
        """The records of whom a person has invited."""
        found = "SELECT key, fields FROM records WHERE ref_id = %s ORDER BY place"
        return dict(self.database.ask(found, str(user_id)))

    def people_count(self) -> int:
        """How many people have a wallet."""
        return int(self.database.ask("SELECT count(*) FROM records WHERE balance IS NOT NULL")[0][0])

    def days(self, since: str = "") -> dict[str, dict[str, Any]]:
        """What was used by everybody, by day (YYYY-MM-DD) and model, from a day on."""
        found = "SELECT name, value FROM wide WHERE key = %s AND name >= %s ORDER BY name"
        return dict(self.database.ask(found, USAGE, since))

    def is_deleted(self, remains: str) -> bool:
        """Whether a person was deleted of whom this is left."""
        return bool(self.database.ask("SELECT 1 FROM wide WHERE key = %s AND name = %s", DELETED, remains))

    def payments_of(self, user_id: int) -> dict[str, Record]:
        """What a person has paid, by its charge, oldest first."""
        return dict(self.database.ask(PAID_BY, str(user_id)))

    def entries(self, since: str = "") -> Iterator[Entry]:
        """The ledger from a day (YYYY-MM-DD) on, oldest first."""
        last = (-1, -1)
        while True:
            rows = self.database.ask(
                f"SELECT {LEDGER_COLUMNS} FROM ledger WHERE (n, k) > (%s, %s) AND time >= %s ORDER BY n, k LIMIT %s",
                *(*last, since, AT_ONCE),
            )
            yield from map(entry_of, rows)
            if not rows:
                return
            last = rows[-1][:2]

    def ledger_of(self, user_id: int) -> list[Record]:
        """One person's lines of the ledger, oldest first."""
        rows = self.database.ask(f"SELECT {LEDGER_COLUMNS} FROM ledger WHERE person = %s ORDER BY n, k", str(user_id))
        return [plain(entry_of(row)) for row in rows]

    def bytes_on_disk(self) -> int:
        """What the database takes."""
        return int(self.database.ask("SELECT pg_database_size(current_database())")[0][0])


def whole(
    key: str, fields: Record, history: list[Record] | None, wide: Record | None, deleted: list[str] | None
) -> Record:
    """A record with what stands elsewhere in the places that its fields have for it."""
    if key in WIDE:
        return wide or {}
    kept = fields | ({"history": history} if history else {})
    return kept | ({USAGE: wide} if wide else {}) | ({DELETED: deleted} if deleted else {})


def is_text(name: str) -> bool:
    """Whether PostgreSQL can hold it as text, or compare it with one."""
    return "\0" not in name and name == name.encode(errors="ignore").decode()


LEFT_OF_DELETED = 32  # characters: no id is so long


def entry_of(row: Row) -> Entry:
    """A row of the ledger."""
    n, k, time, person, wallet, amount, reason, more = row
    user = person if len(person) == LEFT_OF_DELETED else int(person)
    return Entry(n, k, time, user, wallet, amount, reason, **more)
