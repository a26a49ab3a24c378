"""What happens once a day happens, goes on after a failure, and ends with the bot."""

import threading

import pytest

import daily
from daily import Daily


def test_work_is_done_again_and_again_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_SECONDS", "DAY_SECONDS", "AGAIN_SECONDS"):
        monkeypatch.setattr(daily, name, 0.001)
    good, bad, enough = threading.Semaphore(0), threading.Semaphore(0), 3

    def fails() -> None:
        bad.release()
        raise ValueError("not today")

    work = Daily(lambda: True, good.release, fails)
    work.start()
    assert all(each.acquire(timeout=10) for each in (good, bad) for _ in range(enough))
    work.stop()
    for thread in work._threads:
        thread.join(10)
        assert not thread.is_alive()
