"""Databases made for a test and dropped after it."""

import atexit
import itertools
import os
from functools import cache
from urllib.parse import urlsplit

import psycopg

from engine.postgres.schema import WORKERS

_numbers = itertools.count(1)


def new_database(server: str) -> str:
    """The address of a new, empty database on the server with this address."""
    name = f"assistant_test_{os.getpid()}_{next(_numbers)}"
    _ask(server, f'CREATE DATABASE "{name}"')
    return urlsplit(server)._replace(path=f"/{name}").geturl()


@cache
def _database_of_process(server: str) -> str:
    url = new_database(server)
    atexit.register(drop_database, server, url)
    return url


def emptied_database(server: str) -> str:
    """The address of the one database of this process, which costs less to empty than to make and drop."""
    url = _database_of_process(server)
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    _ask(url, f"{others} AND pid <> pg_backend_pid()", "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    return url


def drop_database(server: str, url: str) -> None:
    """Drop it, whoever still uses it."""
    name = urlsplit(url).path.removeprefix("/")
    _ask(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def end_session_of(url: str, worker: int) -> None:
    """End the connection that holds a worker's locks and hears the others, and wait for that."""
    here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    held = f"FROM pg_locks WHERE {here} AND locktype = 'advisory' AND classid = {WORKERS} AND objid::bigint = {worker}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"SELECT pg_terminate_backend(pid, 5000) {held}".encode())


def all_rows(url: str) -> str:
    """Every row of every table, as text."""
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT schema_to_xml('public', false, false, '')").fetchone()
    assert rows
    return str(rows[0])


def edit_oldest(url: str, key: str, message: str) -> None:
    """Put another message, as JSON, in the place of the oldest of a history."""
    with psycopg.connect(url) as connection:
        oldest = "(SELECT min(n) FROM history WHERE key = %s)"
        connection.execute(f"UPDATE history SET message = %s WHERE n = {oldest}".encode(), (message, key))


def _ask(server: str, *statements: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
