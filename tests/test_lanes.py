"""Order inside a lane, no waiting between lanes, a bound on who may wait."""

import sys
import threading

import pytest

from lanes import LaneFullError, Lanes


def test_order_inside_a_lane_and_no_waiting_between_lanes() -> None:
    lanes, held, done = Lanes("test", 50), threading.Event(), []
    lanes.put(1, lambda: held.wait(10))
    for number in range(100):
        lanes.put(1, lambda number=number: done.append(number))
    other = threading.Event()
    lanes.put(2, other.set)
    assert other.wait(5)
    assert done == []
    held.set()
    assert lanes.wait_idle(5)
    assert done == list(range(100))
    lanes.close()


def test_a_job_that_raises_delays_nobody() -> None:
    lanes, after = Lanes("test", 2), threading.Event()
    lanes.put(1, lambda: 1 / 0)
    lanes.put(1, lambda: sys.exit(1))
    lanes.put(1, after.set)
    assert after.wait(5)
    lanes.close()


def test_the_sixth_waiting_job_is_refused() -> None:
    lanes, held = Lanes("test", 2), threading.Event()
    started = threading.Event()
    lanes.put(1, lambda: started.set() or held.wait(10))
    assert started.wait(5)
    for _ in range(5):
        lanes.put(1, lambda: None, limit=5)
    with pytest.raises(LaneFullError):
        lanes.put(1, lambda: None, limit=5)
    held.set()
    assert lanes.wait_idle(5)
    lanes.put(1, lambda: None, limit=5)
    lanes.close()


def test_a_shortage_of_threads_loses_no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    lanes, done = Lanes("short", 4), threading.Event()

    def none_left(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", none_left)
        lanes.put(1, done.set)
    lanes.put(2, lambda: None)
    assert done.wait(5)
    lanes.close()
