"""The tables, made and upgraded by the program itself: each step once, in order, by whoever comes first."""

import logging
from typing import Any

import psycopg

log = logging.getLogger(__name__)

Connection = psycopg.Connection[Any]

# Names of advisory locks, in the space of two numbers; the space of one number is that of the chats.
NAMES = 0x74656C65  # "tele"
UPGRADING, WRITING, LEADING, MOVING = 1, 2, 3, 4
WORKERS = 0x776F726B  # "work": with it a worker's number
BOTS = 0x626F7473  # "bots": with it the bot whose processes these are, shared by all of them

_FIRST = """
-- One row a chat, person or topic, as data.json has them. What stands in tables of its own is an empty field here, in
-- its place: a history, the days of usage in `global`, and all of the records whose fields are rows of `wide`.
-- `fields` is json, not jsonb: what was put in comes out as it was, in its order.
CREATE TABLE records (
    key text PRIMARY KEY,
    place bigint GENERATED ALWAYS AS IDENTITY,
    fields json NOT NULL,
    balance bigint GENERATED ALWAYS AS (trunc((fields ->> 'balance')::numeric)::bigint) STORED CHECK (balance >= 0),
    premium_balance bigint GENERATED ALWAYS AS (trunc((fields ->> 'premium_balance')::numeric)::bigint) STORED
        CHECK (premium_balance >= 0),
    image_balance bigint GENERATED ALWAYS AS (trunc((fields ->> 'image_balance')::numeric)::bigint) STORED
        CHECK (image_balance >= 0),
    username text GENERATED ALWAYS AS (lower(fields ->> 'username')) STORED,
    ref_id text GENERATED ALWAYS AS (fields ->> 'ref_id') STORED
);
CREATE INDEX ON records (key text_pattern_ops);
CREATE INDEX ON records (place);
CREATE INDEX ON records (username) WHERE username IS NOT NULL;
CREATE INDEX ON records (ref_id) WHERE ref_id IS NOT NULL;
-- What few records have is found without a look at all of them.
CREATE INDEX ON records (place) WHERE fields -> 'appeals' IS NOT NULL;
CREATE INDEX ON records (place) WHERE fields -> 'moved_from' IS NOT NULL;
CREATE INDEX ON records (place) WHERE fields -> 'step' IS NOT NULL;
CREATE INDEX ON records (place) WHERE fields -> 'uploads' IS NOT NULL;
CREATE FUNCTION holds_others(key text, fields json) RETURNS boolean IMMUTABLE LANGUAGE sql AS $$
    SELECT coalesce(fields -> 'attachment' ->> 'from' <> split_part(key, '/', 1), false) OR EXISTS (
        SELECT FROM json_array_elements(coalesce(fields -> 'past_questions', '[]')) AS past
        WHERE past ->> 'asked_by' <> split_part(key, '/', 1))
$$;
CREATE INDEX ON records (place) WHERE holds_others(key, fields);

-- `schema` is that of engine.migrations: a step there that changes what is kept has a step here that does the same.
INSERT INTO records (key, fields) VALUES ('global', '{"schema":4,"usage":{}}');

-- Records with very many fields, a row a field: payments by charge, days of usage, what is to be deleted elsewhere.
CREATE TABLE wide (
    key text,
    name text,
    place bigint GENERATED ALWAYS AS IDENTITY,
    value json NOT NULL,
    PRIMARY KEY (key, name)
);

CREATE TABLE history (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL,
    author bigint,
    characters integer NOT NULL,
    message json NOT NULL
);
CREATE INDEX ON history (key text_pattern_ops, n);
CREATE INDEX ON history (author) WHERE author IS NOT NULL;

CREATE SEQUENCE deeds;  -- numbers the lines of the ledger
CREATE TABLE ledger (
    n bigint,
    k integer,
    time text NOT NULL,
    person text NOT NULL,  -- an id, or what is left of a deleted one
    wallet text NOT NULL,
    amount bigint NOT NULL,
    reason text NOT NULL,
    turn bigint,  -- the place in the inbox of the update that was charged for
    more json NOT NULL,  -- model, tokens, price, note
    PRIMARY KEY (n, k)
);
CREATE INDEX ON ledger (time);
CREATE INDEX ON ledger (person);
CREATE UNIQUE INDEX charged_once ON ledger (turn, person, wallet, reason) WHERE turn IS NOT NULL;

CREATE TABLE reservations (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    worker integer NOT NULL,
    person bigint NOT NULL,
    wallet text NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    usd double precision NOT NULL,
    void boolean NOT NULL DEFAULT false
);

CREATE SEQUENCE workers AS integer CYCLE;  -- numbers the processes
CREATE SEQUENCE places;  -- the order of acceptance over all updates
CREATE TABLE inbox (
    update_id bigint PRIMARY KEY,
    place bigint NOT NULL DEFAULT nextval('places'),
    chat bigint NOT NULL,
    sender bigint,
    urgent boolean NOT NULL,
    update json NOT NULL,
    accepted timestamptz NOT NULL DEFAULT now(),
    worker integer,  -- who serves it, or did until it died
    begun boolean NOT NULL DEFAULT false,
    deaths integer NOT NULL DEFAULT 0,
    gives json NOT NULL DEFAULT '{}'
);
CREATE INDEX ON inbox (chat, place);
CREATE INDEX ON inbox (place) WHERE worker IS NULL;
CREATE TABLE sends (
    update_id bigint REFERENCES inbox ON DELETE CASCADE,
    key text,
    n bigint GENERATED ALWAYS AS IDENTITY,
    message_id bigint NOT NULL,
    PRIMARY KEY (update_id, key)
);
CREATE TABLE seen (update_id bigint PRIMARY KEY, day date NOT NULL);
CREATE INDEX ON seen (day);
CREATE TABLE aside (
    update_id bigint PRIMARY KEY,
    n bigint GENERATED ALWAYS AS IDENTITY,
    reference text NOT NULL,
    update json NOT NULL
);

CREATE TABLE pictures (  -- as they came from the provider, for a day
    person bigint,
    number bigint,
    kept timestamptz NOT NULL DEFAULT now(),
    ending text NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (person, number)
);

-- What all workers keep together for a moment; a crash of the server may empty it.
CREATE UNLOGGED TABLE pace (one boolean PRIMARY KEY DEFAULT true CHECK (one), free timestamptz NOT NULL);
CREATE UNLOGGED TABLE told (key text PRIMARY KEY, at timestamptz NOT NULL);
"""

_SECOND = """
-- What is left of deleted ids: rows of `wide`, which `global` leaves an empty field for.
INSERT INTO wide (key, name, value)
SELECT 'deleted', remains, 'true' FROM records, json_array_elements_text(fields -> 'deleted')
    WITH ORDINALITY AS each (remains, n) WHERE key = 'global' ORDER BY n ON CONFLICT DO NOTHING;
UPDATE records SET fields = (
    SELECT json_object_agg(name, CASE name WHEN 'deleted' THEN '[]' ELSE value END ORDER BY n)
    FROM json_each(fields) WITH ORDINALITY AS each (name, value, n)
) WHERE key = 'global' AND fields -> 'deleted' IS NOT NULL;
ALTER TABLE records ADD CONSTRAINT deleted_are_rows  -- a program of the first step must not lose one
    CHECK (key <> 'global' OR json_array_length(coalesce(fields -> 'deleted', '[]')) = 0);
CREATE INDEX ON wide ((value ->> 'user')) WHERE key = 'payments';
"""

STEPS = (_FIRST, _SECOND)

_AT_WORK = (
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2"
    " AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class SchemaError(Exception):
    """The tables cannot be made or used; the words say what to do."""


def step_of(connection: Connection) -> int:
    """The step of a database's tables, 0 when it has none."""
    found = connection.execute("SELECT to_regclass('schema') IS NOT NULL").fetchone()
    if not found or not found[0]:
        return 0
    row = connection.execute("SELECT coalesce(max(step), 0) FROM schema").fetchone()
    return int(row[0]) if row else 0


def check_newest(connection: Connection) -> None:
    """Raise SchemaError when the tables are not of the newest step."""
    if (step := step_of(connection)) != len(STEPS):
        raise SchemaError(f"the tables are of step {step} by now, this program knows {len(STEPS)}")


def upgrade(connection: Connection) -> None:
    """Bring the tables to the newest step; raises SchemaError when that cannot be."""
    if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
        raise SchemaError(f"the database is of encoding {encoding}, make it anew by `createdb -E UTF8 -T template0`")
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (NAMES, UPGRADING))
        if not (step := step_of(connection)):  # whoever only uses the tables needs no right to make some
            connection.execute("CREATE TABLE IF NOT EXISTS schema (step integer NOT NULL)")
        if step > len(STEPS):
            known = f"the tables are of step {step}, this program knows {len(STEPS)}"
            raise SchemaError(f"{known}: install the newer program again")
        if 0 < step < len(STEPS):
            _keep_others_out(connection)
        for number, sql in enumerate(STEPS[step:], step + 1):
            log.info("making step %s of the tables", number)
            connection.execute(sql.encode())
            connection.execute("INSERT INTO schema VALUES (%s)", (number,))


def _keep_others_out(connection: Connection) -> None:
    """Nobody changes anything until the end of the transaction; raises SchemaError while others work."""
    connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (NAMES, WRITING))
    if connection.execute(_AT_WORK, (BOTS,)).fetchone():
        raise SchemaError("processes of an earlier version work on it: stop all of them, then start the new ones")
