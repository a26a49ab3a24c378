"""What `make proof` shows with many trials, shown here with few."""

import pytest

from proof.rows import ROWS, Row


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_no_trial_fails(row: Row) -> None:
    assert row.run(row.short).failures == 0  # each failed trial says on stderr what was wrong
