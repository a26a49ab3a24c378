"""What `make proof` shows with many trials, shown here with few."""

import os

import pytest

from proof import server
from proof.rows import ON_POSTGRES, ROWS, Row


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_no_trial_fails(row: Row) -> None:
    assert row.run(row.short).failures == 0  # each failed trial says on stderr what was wrong


@pytest.mark.skipif(not os.environ.get("TEST_POSTGRES_URL"), reason="TEST_POSTGRES_URL is not set")
@pytest.mark.skipif(server.programs() is None, reason="PostgreSQL is not installed: the rows start one of their own")
@pytest.mark.parametrize("row", [row for row in ON_POSTGRES if row.short], ids=lambda row: row.name)
def test_no_trial_fails_on_postgres(row: Row) -> None:
    assert row.run(row.short).failures == 0
