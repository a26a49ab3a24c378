"""Troubles on demand, and Telegram's flood limits."""

import http.client
import time
import urllib.error
import urllib.request

import pytest

TEXT = {"chat_id": 101, "text": "x"}


def test_refusals_as_often_as_asked(world, bot):
    world.fault(method="sendMessage", kind="429", retry_after=7, times=2, after=1)
    answers = [bot("sendMessage", **TEXT) for _ in range(4)]
    assert [answer["ok"] for answer in answers] == [True, False, False, True]
    assert answers[1] == {
        "ok": False, "error_code": 429, "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }  # fmt: skip
    assert [call["status"] for call in world.calls("sendMessage")] == [200, 429, 429, 200]


@pytest.mark.parametrize("kind", ["500", "502", "409", "403", "400"])
def test_codes(world, bot, kind):
    world.fault(method="*", kind=kind, times=None, description="Because")
    assert bot("getMe") == {"ok": False, "error_code": int(kind), "description": "Because"}
    world.clear_faults()
    assert bot("getMe")["ok"]


def test_one_chat_only(world, bot):
    world.fault(method="sendmessage", chat_id=102, kind="403")
    assert bot("sendMessage", **TEXT)["ok"]
    assert not bot("sendMessage", chat_id=102, text="x")["ok"]


def test_broken_connections(world, bot):
    world.fault(method="sendMessage", kind="reset")
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        bot("sendMessage", **TEXT)
    assert world.messages(101) == []
    world.fault(method="sendMessage", kind="reset", done=True)
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        bot("sendMessage", **TEXT)
    assert len(world.messages(101)) == 1


def test_slow_garbage_and_html(world, bot):
    world.fault(method="sendMessage", kind="slow", seconds=0.3)
    asked = time.monotonic()
    assert bot("sendMessage", **TEXT)["ok"]
    assert time.monotonic() - asked >= 0.3
    for kind in ("garbage", "html"):
        world.fault(method="sendMessage", kind=kind)
        with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
            bot("sendMessage", **TEXT)
    assert len(world.messages(101)) == 1


def test_a_stall_ends_without_an_answer(world, bot):
    world.fault(method="sendMessage", kind="stall", seconds=0.2)
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        bot("sendMessage", **TEXT)


def test_flood_limits(world, bot):
    def send(times, **to):
        return [bot("sendMessage", text="x", **to) for _ in range(times)]

    assert all(answer["ok"] for answer in send(40, chat_id=101))
    world.flood(True)
    hasty = send(7, chat_id=101)
    assert [answer["ok"] for answer in hasty] == [True] * 5 + [False] * 2
    assert 1 <= hasty[-1]["parameters"]["retry_after"] <= 5
    group = send(21, chat_id=-1001000000001)
    assert [answer["ok"] for answer in group] == [True] * 20 + [False]
    drafts = [bot("sendMessageDraft", chat_id=102, draft_id=1, text="x")["ok"] for _ in range(21)]
    assert drafts == [True] * 20 + [False]


def test_downloads_fail_too(world, bot):
    world.send(file={"kind": "document", "name": "a.bin", "size": 10_000})
    document = bot.ok("getUpdates")[-1]["message"]["document"]
    address = f"{world.url}/file/bot{world.token}/{bot.ok('getFile', file_id=document['file_id'])['file_path']}"
    world.fault(method="file", kind="drip", seconds=0.05)
    asked = time.monotonic()
    assert len(urllib.request.urlopen(address).read()) == 10_000
    assert time.monotonic() - asked >= 0.15
    world.fault(method="file", kind="502")
    with pytest.raises(urllib.error.HTTPError, match="502"):
        urllib.request.urlopen(address)
    world.fault(method="file", kind="reset")
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        urllib.request.urlopen(address)
    assert urllib.request.urlopen(address).read() == bytes(10_000)
