"""Who is let in, who is not, and what becomes of those who dawdle."""

import contextlib
import json
import os
import socket
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from tests.conftest import ALICE, OWNER, Conversation
from tests.webhook.conftest import ALLOWED, HEADER, SECRET, knock
from webhook import door

BIG = 1024 * 1024


def update(number: int = 7, text: str = "Hello", user: int = ALICE) -> bytes:
    person = {"id": user, "is_bot": False, "first_name": "Alice", "language_code": "en"}
    chat = {"id": user, "type": "private", "first_name": "Alice"}
    message = {"message_id": 9000 + number, "date": int(time.time()), "from": person, "chat": chat, "text": text}
    return json.dumps({"update_id": number, "message": message}).encode()


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("POST", "/telegram", {}, update(), 403),
        ("POST", "/telegram", {HEADER: ""}, update(), 403),
        ("POST", "/telegram", {HEADER: SECRET[:-1]}, update(), 403),
        ("POST", "/telegram", {HEADER: SECRET + "x"}, update(), 403),
        ("POST", "/telegram", {HEADER: SECRET.upper()}, update(), 403),
        ("POST", "/telegram", {HEADER: "x" * 10_000}, update(), 403),
        ("POST", "/telegram", {HEADER: "\xe9\xff"}, update(), 403),
        ("POST", "/telegram", {HEADER: "x" * 20_000}, update(), 431),
        ("GET", "/telegram", ALLOWED, None, 405),
        ("PUT", "/telegram", ALLOWED, update(), 405),
        ("POST", "/telegram/", ALLOWED, update(), 404),
        ("POST", "//telegram", ALLOWED, update(), 404),
        ("POST", "/", ALLOWED, update(), 404),
        ("POST", "/health", ALLOWED, update(), 405),
        ("GET", "/health", {}, b"x" * 100, 400),
        ("POST", "/telegram", ALLOWED, b"x" * (BIG + 1), 413),
        ("POST", "/telegram", ALLOWED | {"Content-Length": "-1"}, b"", 400),
        ("POST", "/telegram", ALLOWED | {"Content-Length": "9" * 30}, b"", 413),
        ("POST", "/telegram", ALLOWED | {"Transfer-Encoding": "gzip"}, b"", 501),
        ("POST", "/telegram", ALLOWED, b"", 400),
        ("POST", "/telegram", ALLOWED, b"x" * BIG, 400),
        ("POST", "/telegram", ALLOWED, b"\x1f\x8b\x08\x00", 400),
        ("POST", "/telegram", ALLOWED, b"[" * 500_000, 400),
        ("POST", "/telegram", ALLOWED, b'{"update_id":7,"message":' + b"[" * 400 + b"]" * 400 + b"}", 400),
        ("POST", "/telegram", ALLOWED, b'{"update_id":7,"m":"\\ud83d","n":' + b"[" * 2000 + b"]" * 2000 + b"}", 400),
        ("POST", "/telegram", ALLOWED, b'[{"update_id":7}]', 400),
        ("POST", "/telegram", ALLOWED, b'{"message":{}}', 400),
        ("POST", "/telegram", ALLOWED, b'{"update_id":"7"}', 400),
        ("POST", "/telegram", ALLOWED, b'{"update_id":true}', 400),
        ("POST", "/telegram", ALLOWED, b'{"update_id":-7}', 400),
        ("POST", "/telegram", ALLOWED, b'{"update_id":1' + b"0" * 400 + b"}", 400),
    ],
)
def test_what_is_refused_changes_nothing(
    posted: Conversation, method: str, path: str, headers: dict[str, str], body: bytes | None, status: int
) -> None:
    before = posted.bot.store.inbox.newest()
    found, words = knock(posted, method, path, body, headers)
    assert found == status
    assert SECRET.encode() not in words
    assert posted.bot.store.inbox.newest() == before
    assert posted.write("/help").startswith("Talking")


def test_an_update_is_taken_once_however_often_it_is_posted(posted: Conversation) -> None:
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda _: knock(posted, "POST", body=update()), range(40)))
    assert found == [(200, b"")] * 40
    posted.wait_for(lambda: posted.said(ALICE)[-1]["text"] == "You said: Hello" or None)
    assert posted.silent("@nobody", chat=-1001000000001)
    assert len(posted.script.requests()) == 1


def test_half_characters_and_unknown_fields_are_no_trouble(posted: Conversation) -> None:
    body = update(8, "half: ").replace(b"half: ", b"half: \\ud83d").replace(b'"message"', b'"new":{"a":[1]},"message"')
    assert knock(posted, "POST", body=body) == (200, b"")
    posted.wait_for(lambda: posted.said(ALICE)[-1]["text"] == "You said: half: �" or None)


def test_a_body_in_pieces_is_bounded_too(posted: Conversation) -> None:
    def chunks(count: int) -> bytes:
        return b"".join(b"10000\r\n" + b" " * 65536 + b"\r\n" for _ in range(count))

    said = update(9, "in pieces")
    good = b"%x\r\n%s\r\n0\r\n\r\n" % (len(said), said)
    for body, status in ((chunks(20), b"413"), (good, b"200"), (b"zz\r\n" + said + b"\r\n0\r\n\r\n", b"400")):
        with _dial(posted) as caller:
            head = f"POST /telegram HTTP/1.1\r\nHost: x\r\n{HEADER}: {SECRET}\r\nTransfer-Encoding: chunked\r\n\r\n"
            caller.sendall(head.encode() + body[:65536])
            _send(caller, body[65536:])
            assert caller.recv(4096).split()[1] == status
    posted.wait_for(lambda: posted.said(ALICE)[-1]["text"] == "You said: in pieces" or None)


def test_what_follows_a_refused_header_is_no_request(posted: Conversation) -> None:
    """Nor is what follows a body shorter than it is."""
    inner = update(10, "smuggled")
    head = f"POST /telegram HTTP/1.1\r\nHost: x\r\n{HEADER}: {SECRET}\r\nContent-Length: {len(inner)}\r\n\r\n".encode()
    with _dial(posted) as caller:
        caller.sendall(b"POST /telegram HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n" + head + inner)
        assert caller.recv(4096).split()[1] == b"403"
        assert caller.recv(4096) == b""
    before = posted.bot.store.inbox.newest()
    assert before == posted.bot.store.inbox.newest()
    assert posted.write("Hello") == "You said: Hello"
    assert all("smuggled" not in each["text"] for each in posted.said(ALICE))


def test_who_dawdles_is_sent_away_and_holds_nobody_up(posted: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "BODY_SECONDS", 1.0)
    monkeypatch.setattr(door, "MOST_WAITING", 100)
    head = f"POST /telegram HTTP/1.1\r\nHost: x\r\n{HEADER}: {SECRET}\r\nContent-Length: 500\r\n\r\n".encode()
    slow = [_dial(posted) for _ in range(150)]
    for caller in slow:
        with contextlib.suppress(ConnectionError):  # beyond the most that may wait some are sent away at once
            caller.sendall(head + b"{")
    begun = time.monotonic()
    assert posted.write("Hello") == "You said: Hello"
    assert time.monotonic() - begun < 2
    for caller in slow:
        with contextlib.suppress(ConnectionResetError):  # closed while our words were on their way
            assert caller.recv(100) == b"", "closed without an answer"
        caller.close()
    assert time.monotonic() - begun < 6
    assert posted.write("Still there?") == "You said: Still there?"


def test_while_the_disk_takes_nothing_telegram_keeps_it(posted: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write

    def full(file: int, data: bytes) -> int:
        if stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(28, "No space left on device")
        return write(file, data)

    assert knock(posted, "GET", "/health", headers={}) == (200, b"")
    assert knock(posted, "HEAD", "/health", headers={}) == (200, b"")
    with monkeypatch.context() as patch:
        patch.setattr("engine.disk.os.write", full)
        assert knock(posted, "POST", body=update(11, "/help"))[0] == 503
        assert knock(posted, "GET", "/health", headers={})[0] == 503
    assert knock(posted, "POST", body=update(11, "/help"))[0] == 200
    assert knock(posted, "GET", "/health", headers={})[0] == 200
    posted.wait_for(lambda: "не записывается" in posted.said(OWNER)[-1]["text"] or None)
    assert posted.silent("@nobody", chat=-1001000000001)
    assert sum(each["text"].startswith("Nothing can be saved") for each in posted.said(ALICE)) == 1


def test_at_the_end_nobody_is_let_in_and_what_was_told_is_kept(posted: Conversation) -> None:
    posted.script.queue({"text": "late", "hold": True})
    assert knock(posted, "POST", body=update(12, "wait"))[0] == 200
    posted.script.wait(lambda seen: seen or None)
    posted.bot.stop()
    with pytest.raises(ConnectionRefusedError):
        knock(posted, "GET", "/health")
    assert posted.world.calls("deleteWebhook") == []
    posted.start()
    posted.wait_for(lambda: posted.said(ALICE)[-1]["text"] == "You said: wait" or None)


def test_an_address_in_use_is_one_clear_sentence(posted: Conversation) -> None:
    host, _, port = posted.environment["WEBHOOK_LISTEN"].rpartition(":")
    with pytest.raises(door.DoorError, match="Address already in use"):
        door.Door((host, int(port)), "/", SECRET, lambda _: True, lambda: True)


def test_a_door_that_broke_is_late_for_ever(posted: Conversation) -> None:
    assert posted.bot.updates.late() < 3
    posted.bot.updates._door._server.handle_close()
    time.sleep(2.5)
    assert posted.bot.updates.late() > 2


def _dial(people: Conversation) -> socket.socket:
    host, _, port = people.environment["WEBHOOK_LISTEN"].rpartition(":")
    return socket.create_connection((host, int(port)), timeout=10)


def _send(caller: socket.socket, data: bytes) -> None:
    """Whatever of it is still taken."""
    with suppress(OSError):
        caller.sendall(data)


def test_the_secret_is_compared_in_constant_time(posted: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one comparison that takes as long for any wrong secret decides alone."""
    compared = []

    def compare(given: bytes, wanted: bytes) -> bool:
        compared.append((given, wanted))
        return given == b"another"

    monkeypatch.setattr("webhook.door.hmac.compare_digest", compare)
    assert knock(posted, "POST", body=b"[]")[0] == 403
    assert knock(posted, "POST", body=b"[]", headers={HEADER: "another"})[0] == 400
    assert knock(posted, "POST", body=b"[]", headers={})[0] == 403
    assert compared[-3:] == [(SECRET.encode(), SECRET.encode()), (b"another", SECRET.encode()), (b"", SECRET.encode())]
