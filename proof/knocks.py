"""S10: strangers knock at the door of the webhook: without its secret, with too much, too slowly, with lies."""

import base64
import itertools
import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from proof.others import Others
from proof.process import held
from proof.stage import FIRST_ID, Stage
from proof.trial import Outcome, Ran, must, run_in_one, run_trials
from sandbox.ports import free_port

SECRET = "Only_Telegram-knows-this_one"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
OTHERS = range(FIRST_ID, FIRST_ID + 10)
INTRUDER = 900_000  # the first of the made-up senders
RANDOM_SHARE = 0.75  # of all who knock have a secret, and it is wrong
AT_ONCE = 6  # who knock at the same time
SLOW = 150  # connections that bring a byte a second, all the time
MEGABYTE = 1024 * 1024
MOST_GROWTH = 20  # megabytes of memory
REFUSED, GONE = 403, 0  # the second: the connection was closed


class Knock(NamedTuple):
    """What is sent, and the answers that are right."""

    name: str
    sent: bytes
    right: tuple[int, ...]


def refused(trials: int) -> Outcome:
    """S10: `trials` who knock; nothing of what they bring may have any effect."""
    ran = run_in_one(partial(_run, trials=trials))
    return Outcome(trials, ran.failures, "".join(ran.found))


def _run(folder: Path, trials: int) -> Ran[str]:
    port = free_port()
    where = {"WEBHOOK_URL": f"http://127.0.0.1:{port}/telegram", "WEBHOOK_LISTEN": f"127.0.0.1:{port}"}
    with Stage(folder, WEBHOOK_SECRET=SECRET, **where) as stage:
        stage.start(until="setWebhook")
        stage.register(OTHERS)
        others, before = Others(stage, OTHERS), held(stage.pid).megabytes
        with _dawdling(port) as closed:
            ran = _knocking(stage, others, trials, port, folder)
            until = time.monotonic() + 30
            while len(closed) < SLOW and time.monotonic() < until:  # each has only some seconds
                others.live(time.monotonic() + 0.5)
        must(len(closed) >= SLOW, f"only {len(closed)} of {SLOW} dawdlers were sent away")
        others.check("while strangers knock")
        grown = held(stage.pid).megabytes - before
        must(grown < MOST_GROWTH, f"memory grew by {grown:.0f} MB")
        _without_effect(stage)
    figure = f"0 let in, {len(closed)} dawdlers sent away, others' p95 {others.p95():.2f} s, memory {grown:+.0f} MB"
    return Ran([figure], ran.failures)


def _knocking(stage: Stage, others: Others, trials: int, port: int, folder: Path) -> Ran[None]:
    """They knock in the background; meanwhile other people live on."""
    found: list[Ran[None]] = []
    knock = partial(_one, port)
    run = threading.Thread(target=lambda: found.append(run_trials(trials, knock, AT_ONCE, shared=folder)), daemon=True)
    run.start()
    while run.is_alive():
        others.live(time.monotonic() + 0.1)
    must(found, "the knocking broke off")
    return found[0]


def _one(port: int, number: int, _: Path) -> None:
    dice = random.Random(number)
    knock = _random_secret(number, dice) if number % 100 < RANDOM_SHARE * 100 else _strange(number, dice)
    status = _sent(port, knock.sent)
    must(status in knock.right, f"{knock.name}: answered {status}, not {knock.right[0]}")


def _sent(port: int, data: bytes) -> int:
    """The status of the answer, GONE when there was none."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as caller:
        with suppress(OSError):  # the answer may be there before all is sent
            caller.sendall(data)
            caller.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            words = caller.recv(4096).split()
            return int(words[1]) if len(words) > 1 else GONE
    return GONE


def _without_effect(stage: Stage) -> None:
    """Nobody of them was registered, answered or heard by a model."""
    asked = [request for request in stage.script.requests() if "knock" in json.dumps(request["body"])]
    must(not asked, f"a model was asked: {asked[:1]}")
    answered = [call for call in stage.world.calls() if int(call["params"].get("chat_id") or 0) >= INTRUDER]
    must(not answered, f"somebody was answered: {answered[:1]}")
    stage.leave()
    stage.verify()
    known = [key for key in stage.records() if key.isdecimal() and int(key) >= INTRUDER]
    must(not known, f"somebody was registered: {known[:3]}")


@contextmanager
def _dawdling(port: int) -> Iterator[list[float]]:
    """Half of them spell a header without the secret, half a body with it; those sent away are counted and go on."""
    closed: list[float] = []
    over = threading.Event()
    good = _request(secret=SECRET, headers=("Content-Length: 3000",))
    beginnings = itertools.cycle((b"POST /telegram HTTP/1.1\r\nHost: ", good + b'{"update_id":'))
    run = threading.Thread(target=_dawdle, args=(port, beginnings, closed, over), daemon=True)
    run.start()
    try:
        yield closed
    finally:
        over.set()
        run.join()


def _dawdle(port: int, beginnings: Iterator[bytes], closed: list[float], over: threading.Event) -> None:
    callers: list[socket.socket] = []
    while not over.is_set():
        for caller in [*callers]:
            if not _goes_on(caller):
                closed.append(time.monotonic())
                callers.remove(caller)
        for beginning in itertools.islice(beginnings, SLOW - len(callers)):
            callers.append(socket.create_connection(("127.0.0.1", port), timeout=5))
            callers[-1].sendall(beginning)
            callers[-1].setblocking(False)
        over.wait(1.0)
    for caller in callers:
        caller.close()


def _goes_on(caller: socket.socket) -> bool:
    try:
        caller.send(b"1")
        heard = caller.recv(100)
    except BlockingIOError:
        return True
    except OSError:
        heard = b""
    caller.close()
    must(heard == b"", f"a dawdler was answered: {heard!r}")
    return False


# -- what they bring


def _update(number: int) -> bytes:
    sender = {"id": INTRUDER + number, "is_bot": False, "first_name": "Intruder", "language_code": "en"}
    chat = {"id": INTRUDER + number, "type": "private", "first_name": "Intruder"}
    message = {"message_id": number + 1, "date": int(time.time()), "from": sender, "chat": chat, "text": "/start knock"}
    return json.dumps({"update_id": 1_000_000 + number, "message": message}).encode()


def _request(
    method: str = "POST", path: str = "/telegram", secret: str | None = None, headers: tuple[str, ...] = ()
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: bot.example.org", "Content-Type: application/json", *headers]
    lines += [f"{HEADER}: {secret}"] if secret is not None else []
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _whole(number: int, body: bytes | None = None, *headers: str, **about: str) -> bytes:
    """A request as it should be but for what is said."""
    said = _update(number) if body is None else body
    return _request(**about, headers=(f"Content-Length: {len(said)}", *headers)) + said


def _random_secret(number: int, dice: random.Random) -> Knock:
    raw = base64.urlsafe_b64encode(dice.randbytes(192)).decode()
    return Knock("a random secret", _whole(number, secret=raw[: dice.randint(1, 256)]), (REFUSED,))


def _strange(number: int, dice: random.Random) -> Knock:
    strange = [*_secrets(number), *_bodies(number), *_lies(number), *_elsewhere(number)]
    return strange[(number // 100 * 25 + number % 100 - 75) % len(strange)]


def _secrets(number: int) -> list[Knock]:
    wrong = {
        "empty": "", "cut": SECRET[:-1], "longer": SECRET + "x", "in capitals": SECRET.upper(), "spaced": SECRET + " x",
        "quoted": f'"{SECRET}"', "long": "x" * 8000, "long and right at first": SECRET * 200, "not Latin": "\xe9\xff",
    }  # fmt: skip
    known = [Knock(f"a secret {name}", _whole(number, secret=text), (REFUSED,)) for name, text in wrong.items()]
    twice = _whole(number, None, f"{HEADER}: {SECRET}", secret=SECRET)
    folded = _whole(number, None, f"X-Telegram-Bot-Api-Secret-Token : {SECRET}")
    return [
        *known,
        Knock("no secret", _whole(number), (REFUSED,)),
        Knock("the secret twice", twice, (REFUSED,)),
        Knock("the secret under another name", _whole(number, None, f"Authorization: Bearer {SECRET}"), (REFUSED,)),
        Knock("the secret with underscores", _whole(number, None, f"{HEADER.replace('-', '_')}: {SECRET}"), (REFUSED,)),
        Knock("the secret in the address", _whole(number, path=f"/telegram?secret_token={SECRET}"), (REFUSED,)),
        Knock("a blank before the colon", folded, (400,)),
        Knock("a secret of 100 kB", _whole(number, secret="x" * 100_000), (431, GONE)),
    ]


def _bodies(number: int) -> list[Knock]:
    big, deep = b" " * (MEGABYTE + 1), b"[" * 100_000
    pieces = b"".join(b"10000\r\n" + b" " * 65536 + b"\r\n" for _ in range(20))
    chunked = _request(secret=SECRET, headers=("Transfer-Encoding: chunked",))
    huge = _request(headers=("Content-Length: 1000000000000",))
    return [
        Knock("a body above 1 MB", _whole(number, big, secret=SECRET), (413, GONE)),
        Knock("a body of 5 MB without the secret", _whole(number, big * 5), (REFUSED, GONE)),
        Knock("a body of 1 TB without the secret", huge + big, (REFUSED, GONE)),
        Knock("a body above 1 MB in pieces", chunked + pieces, (413, GONE)),
        Knock("a list", _whole(number, b"[" + _update(number) + b"]", secret=SECRET), (400,)),
        Knock("no update_id", _whole(number, _update(number).replace(b"update_id", b"id"), secret=SECRET), (400,)),
        Knock("too deep", _whole(number, deep, secret=SECRET), (400,)),
        Knock("no JSON", _whole(number, b"update_id=1", secret=SECRET), (400,)),
        Knock("nothing", _whole(number, b"", secret=SECRET), (400,)),
    ]


def _lies(number: int) -> list[Knock]:
    said = _update(number)
    short, long = (f"Content-Length: {length}" for length in (len(said) // 2, len(said) * 2))
    good = {"secret": SECRET}
    inner = _whole(number, secret="guessed")
    return [
        Knock("shorter than said", _request(**good, headers=(long,)) + said, (GONE,)),
        Knock("longer than said", _request(**good, headers=(short,)) + said, (400,)),
        Knock("two lengths", _request(**good, headers=(short, long)) + said, (400,)),
        Knock("a length below zero", _request(**good, headers=("Content-Length: -5",)) + said, (400,)),
        Knock("a length with a sign", _request(**good, headers=("Content-Length: +5",)) + said, (400,)),
        Knock("unknown coding", _request(**good, headers=("Transfer-Encoding: gzip",)) + said, (501,)),
        Knock("broken pieces", _request(**good, headers=("Transfer-Encoding: chunked",)) + b"zz\r\n" + said, (400,)),
        Knock("a request in a refused body", _whole(number, inner), (REFUSED,)),
    ]


def _elsewhere(number: int) -> list[Knock]:
    methods = ("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND")
    paths = ("/", "/telegram/", "/Telegram", "//telegram", "/telegram%2f", "/x/../telegram", "/health/telegram", "*")
    return [
        *(Knock(method, _whole(number, method=method, secret=SECRET), (405,)) for method in methods),
        *(Knock(f"POST {path}", _whole(number, path=path, secret=SECRET), (404,)) for path in paths),
        *(Knock(f"POST {path}, no secret", _whole(number, path=path), (404,)) for path in paths),
        Knock("a small post", _whole(number, method="post", secret=SECRET), (400,)),
        Knock("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 300 + b"\r\n\r\n", (400, GONE)),
        Knock("POST /health", _whole(number, path="/health", secret=SECRET), (405,)),
        Knock("GET /health with a body", _whole(number, method="GET", path="/health"), (400,)),
    ]
