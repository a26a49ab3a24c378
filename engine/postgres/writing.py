"""A deed becomes rows: what a line of the journal says, said to PostgreSQL inside the deed's transaction."""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from engine import usage
from engine.changes import Changes, Record
from engine.journal import Line
from engine.postgres.database import Row, json
from engine.postgres.records import DELETED, PAID_BY, USAGE
from engine.postgres.schema import Connection
from engine.state import PAYMENTS, WIDE, unnamed, without

_PUT = "INSERT INTO records (key, fields) VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET fields = excluded.fields"
_PUT_WIDE = (
    "INSERT INTO wide (key, name, value) VALUES (%s, %s, %s) ON CONFLICT (key, name) DO UPDATE SET value ="
    " excluded.value"
)
_BOOK = (
    "INSERT INTO ledger (n, k, time, person, wallet, amount, reason, turn, more)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_COLUMNS = ("time", "user", "wallet", "amount", "reason")


class WideChanges(MutableMapping[str, Any]):
    """What becomes of a wide record: `changed` holds the new values by name, None for what is taken out."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields
        self.changed: Record = {}

    def __getitem__(self, name: str) -> Any:
        value = self.changed[name] if name in self.changed else self._fields[name]
        if value is None:
            raise KeyError(name)
        return value

    def __setitem__(self, name: str, value: Any) -> None:
        self.changed[name] = value

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        self.changed[name] = None

    def __iter__(self) -> Iterator[str]:
        return (name for name in {**dict.fromkeys(self._fields), **self.changed} if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class TableChanges(Changes):
    """The same, with histories and the fields of wide records in tables of their own."""

    def __init__(self, connection: Connection, records: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__(records)
        self._connection = connection
        self._wide: dict[str, WideChanges] = {}

    def wide(self, key: str) -> MutableMapping[str, Any]:
        """Those of its fields that are asked for are read, those that are changed are written."""
        if key not in self._wide:
            self._wide[key] = WideChanges(self._records[key])
        return self._wide[key]

    def whole(self) -> Line:
        """The line, as `data.json` would have it."""
        line = super().whole()
        wide = {key: each.changed for key, each in self._wide.items() if each.changed}
        return line | ({"set": line.get("set", {}) | wide} if wide else {})

    def drop_history(self, key: str) -> int:
        """Forget what was said under a key; returns how many messages that were."""
        super().drop_history(key)
        return self._connection.execute("DELETE FROM history WHERE key = %s", (key,)).rowcount


def write(connection: Connection, records: Mapping[str, Mapping[str, Any]], line: Line, turn: int | None) -> None:
    """Make what a line says true; `turn` is the place of the update that is charged for."""
    new: dict[str, Record] = {}
    for key, patch in line.get("set", {}).items():
        if key in WIDE:
            _put_wide(connection, key, patch)
        else:
            new[key] = merged(records.get(key, {}), patch)
    for key, (dropped, messages, *replaced) in line.get("said", {}).items():
        _say(connection, key, dropped, messages, sum(replaced))
        new[key] = {**(new.get(key) or records.get(key, {})), "history": []}
    if entries := line.get("ledger", ()):
        book(connection, entries, turn)
        for entry in entries:
            _count(connection, records, new, entry)
    for key, record in new.items():
        connection.execute(_PUT, (key, json(record)))
    if "move" in line:
        _move(connection, *line["move"])
    if "erase" in line:
        _erase(connection, int(line["erase"]), line["as"])
        _remember(connection, new.get("global") or records["global"], line["as"])


def merged(record: Mapping[str, Any], patch: Mapping[str, Any]) -> Record:
    """A record with other values; None takes a field out."""
    new = {**record, **patch}
    return {name: value for name, value in new.items() if value is not None or name not in patch}


def _put_wide(connection: Connection, key: str, patch: Mapping[str, Any]) -> None:
    connection.execute("INSERT INTO records (key, fields) VALUES (%s, '{}') ON CONFLICT DO NOTHING", (key,))
    gone = [name for name, value in patch.items() if value is None]
    connection.execute("DELETE FROM wide WHERE key = %s AND name = ANY(%s)", (key, gone))
    rows = [(key, name, json(value)) for name, value in patch.items() if value is not None]
    with connection.cursor() as cursor:
        cursor.executemany(_PUT_WIDE, rows)


def _say(connection: Connection, key: str, dropped: int, messages: list[Record], replaced: int) -> None:
    """Add messages in the place of so many at the end; take so many off the beginning."""
    for number, order in ((dropped, "ASC"), (replaced, "DESC")):
        if number:
            some = f"SELECT n FROM history WHERE key = %s ORDER BY n {order} LIMIT %s"
            connection.execute(f"DELETE FROM history WHERE n IN ({some})".encode(), (key, number))
    with connection.cursor() as cursor:
        cursor.executemany(SAY, [said_row(key, said) for said in messages])


SAY = "INSERT INTO history (key, author, characters, message) VALUES (%s, %s, %s, %s)"


def said_row(key: str, said: Record) -> Row:
    """A message of a history."""
    return key, said.get("from"), len(said["content"]), json(said)


def book(connection: Connection, entries: list[dict[str, Any]], turn: int | None) -> None:
    """Add lines to the ledger, under the next number."""
    found = connection.execute("SELECT nextval('deeds')").fetchone()
    number = int(found[0]) if found else 0
    with connection.cursor() as cursor:
        cursor.executemany(_BOOK, [ledger_row(number, k, entry, turn) for k, entry in enumerate(entries)])


def ledger_row(n: int, k: int, entry: dict[str, Any], turn: int | None) -> Row:
    """A line of the ledger."""
    more = {name: value for name, value in entry.items() if name not in (*_COLUMNS, "n", "k")}
    time, user, wallet, amount, reason = (entry[name] for name in _COLUMNS)
    return n, k, time, str(user), wallet, amount, reason, turn, json(more)


def _count(
    connection: Connection, records: Mapping[str, Mapping[str, Any]], new: dict[str, Record], entry: Mapping[str, Any]
) -> None:
    """Sum up what a paid step used: a person's in their record, everybody's by day."""
    if not entry.get("model"):
        return
    day, key = str(entry["time"])[:10], str(entry["user"])
    rows = connection.execute("SELECT value FROM wide WHERE key = %s AND name = %s", (USAGE, day)).fetchall()
    counted: dict[str, Record] = {"global": {"usage": {day: rows[0][0]} if rows else {}}}
    if key in new or key in records:
        counted[key] = new.get(key) or dict(records[key])
    usage.add(counted, entry)
    connection.execute(_PUT_WIDE, (USAGE, day, json(counted["global"]["usage"][day])))
    if key in counted:
        new[key] = counted[key]


def _move(connection: Connection, old: int, new: int) -> None:
    """Give a chat's records a new name; what stands there already wins."""
    rows = connection.execute(
        "SELECT key, fields FROM records WHERE key = %s OR key LIKE %s ORDER BY place", (str(old), f"{old}/%")
    ).fetchall()
    for key, fields in rows:
        there = str(new) + key.removeprefix(str(old))
        found = connection.execute("SELECT fields FROM records WHERE key = %s", (there,)).fetchall()
        stands = found[0][0] if found else {}
        connection.execute(_PUT, (there, json(fields | stands)))
        connection.execute("DELETE FROM records WHERE key = %s", (key,))
        if "history" in stands:
            connection.execute("DELETE FROM history WHERE key = %s", (key,))
        connection.execute("UPDATE history SET key = %s WHERE key = %s", (there, key))


def _erase(connection: Connection, user_id: int, remains: str) -> None:
    """Take a person out of all tables; in the ledger and among the payments stands what is left of the id."""
    own = (str(user_id), f"{user_id}/%")
    connection.execute("DELETE FROM history WHERE key = %s OR key LIKE %s OR author = %s", (*own, user_id))
    connection.execute("DELETE FROM records WHERE key = %s OR key LIKE %s", own)
    connection.execute("DELETE FROM pictures WHERE person = %s", (user_id,))
    rows = connection.execute(
        "SELECT key, fields FROM records WHERE holds_others(key, fields) OR ref_id = %s", own[:1]
    ).fetchall()
    for key, fields in rows:
        if (cleaned := without(fields, user_id)) is not fields:
            connection.execute(_PUT, (key, json(cleaned)))
    for charge, paid in connection.execute(PAID_BY, own[:1]).fetchall():
        connection.execute(_PUT_WIDE, (PAYMENTS, charge, json(unnamed(paid, user_id, remains))))
    connection.execute("UPDATE ledger SET person = %s WHERE person = %s", (remains, own[0]))


def _remember(connection: Connection, everything: Mapping[str, Any], remains: str) -> None:
    """Keep what is left of a deleted id; `global` has an empty field in its place."""
    if DELETED not in everything:
        connection.execute(_PUT, ("global", json({**everything, DELETED: []})))
    keep = "INSERT INTO wide (key, name, value) VALUES (%s, %s, 'true') ON CONFLICT DO NOTHING"
    connection.execute(keep, (DELETED, remains))
