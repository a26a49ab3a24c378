"""What the server is asked by who claims chats, and how the updates of a claimed chat become a process's own."""

from collections.abc import Iterable

from engine.postgres.engine import PostgresEngine
from engine.postgres.inbox import SharedInbox
from engine.postgres.schema import Connection
from engine.state import Pending

# The oldest open updates first, and of them those chats whose lock is to be had. The order of evaluation is what makes
# it right: the inner query is sorted as a whole, the outer one tries lock after lock until it has enough.
CLAIM = b"""
SELECT chat FROM (
    SELECT chat, min(place) AS first FROM inbox
    WHERE (worker IS NULL OR worker <> ALL(%(alive)s)) AND chat <> ALL(%(held)s)
        AND (NOT %(grace)s OR chat NOT IN (SELECT chat FROM inbox WHERE worker IS NOT NULL))
    GROUP BY chat
    HAVING (%(any)s OR bool_or(urgent)) AND (%(alone)s OR max(deaths) < %(suspect)s)
    ORDER BY first LIMIT %(look)s
) AS waiting WHERE pg_try_advisory_lock(chat) LIMIT %(room)s
"""
WAKE = b"""
SELECT chat FROM inbox WHERE chat = ANY(%(idle)s) GROUP BY chat HAVING %(any)s OR bool_or(urgent)
ORDER BY min(place) LIMIT %(room)s
"""
_TAKE = b"""
UPDATE inbox SET worker = %(me)s, deaths = inbox.deaths + inbox.begun::integer, begun = false
FROM (SELECT update_id, worker FROM inbox WHERE chat = ANY(%(chats)s) FOR UPDATE) AS before
WHERE inbox.update_id = before.update_id AND before.worker IS DISTINCT FROM %(me)s
RETURNING inbox.update_id, inbox.place, inbox.update, inbox.deaths, inbox.gives, before.worker IS NOT NULL,
    inbox.chat
"""

ALIVE = (
    "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)

YOUNG = "SELECT now() - pg_postmaster_start_time() < %s * interval '1 second'"


def take(engine: PostgresEngine, inbox: SharedInbox, connection: Connection, chats: Iterable[int]) -> list[Pending]:
    """Make the open updates of chats this process's own, the oldest first; it must hold the locks of these chats."""
    rows = connection.execute(_TAKE, {"me": engine.worker, "chats": list(chats)}).fetchall()
    again = [row[0] for row in rows if row[5]]  # served before
    sent: dict[int, dict[str, int]] = {}
    if again:
        found = "SELECT update_id, key, message_id FROM sends WHERE update_id = ANY(%s)"
        for update_id, key, message_id in connection.execute(found, (again,)).fetchall():
            sent.setdefault(update_id, {})[key] = message_id
    taken = []
    for update_id, place, update, deaths, gives, replayed, chat in sorted(rows, key=lambda row: row[0]):
        pending = Pending(update, place, deaths=deaths, gives=gives, replayed=replayed, chat=chat)
        pending.sends = sent.get(update_id, {})
        engine.mine[update_id] = pending
        engine.lost.discard(update_id)
        inbox.know_pieces(pending)
        taken.append(pending)
    return taken
