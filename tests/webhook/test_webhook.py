"""How Telegram is brought to post here, and kept at it; what it posts is lost or doubled by no kill."""

import http.client
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from proof.stage import Stage
from tests.conftest import ALICE, OWNER, Conversation
from tests.webhook.conftest import ALLOWED, SECRET, hooked
from tests.webhook.test_door import update
from webhook import CONNECTIONS, Webhook


def last_call(people: Conversation) -> dict[str, Any]:
    return people.wait_for(lambda: people.world.calls("setWebhook"))[-1]


def told(people: Conversation, words: str) -> None:
    people.wait_for(lambda: words in people.said(OWNER)[-1]["text"] or None)


def test_telegram_is_asked_for_the_same_updates_and_drops_none(posted: Conversation) -> None:
    asked = last_call(posted)["params"]
    assert asked["url"] == posted.environment["WEBHOOK_URL"]
    assert asked["secret_token"] == SECRET
    assert "pre_checkout_query" in asked["allowed_updates"]
    assert asked["drop_pending_updates"] in ("False", "false", False)
    assert int(asked["max_connections"]) == CONNECTIONS


def test_there_and_back_again(alice: Conversation) -> None:
    """A line more or less in .env changes how updates come, and nothing else."""
    assert alice.write("Hello") == "You said: Hello"
    alice.bot.stop()
    url = alice.environment.pop("WEBHOOK_URL")
    alice.world.send("Hello again", user=ALICE)
    alice.start()
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: Hello again" or None)
    assert alice.world.calls("getUpdates")
    alice.bot.stop()
    alice.environment["WEBHOOK_URL"] = url
    alice.world.send("And again", user=ALICE)
    alice.start()
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: And again" or None)
    assert [each["text"] for each in alice.said(ALICE)].count("You said: Hello again") == 1


def test_a_telegram_that_is_away_at_the_start_is_waited_for(
    posted: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted.bot.stop()
    monkeypatch.setattr("webhook.LONGEST_PAUSE", 0.1)
    for kind in ("502", "reset", "html", "garbage"):
        posted.world.fault(method="getWebhookInfo", kind=kind)
    posted.world.fault(method="setWebhook", kind="502")
    before = len(posted.world.calls("setWebhook"))
    posted.start()
    # The sandbox, as Telegram, tells who sets a webhook twice in a second to wait.
    posted.world.wait(
        lambda: len(posted.world.calls("setWebhook")) >= before + 2 and last_call(posted)["status"] == 200, 20
    )
    assert posted.write("Hello") == "You said: Hello"


def test_a_new_start_is_a_new_webhook_for_telegram(posted: Conversation) -> None:
    """Else what could not be posted for a while would come up to two minutes late."""
    first = int(last_call(posted)["params"]["max_connections"])
    posted.restart()
    posted.wait_for(lambda: len([each for each in posted.world.calls("setWebhook") if each["status"] == 200]) > 1)
    assert int(last_call(posted)["params"]["max_connections"]) != first


def test_what_telegram_refuses_is_told_and_tried_again(
    people: Conversation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    people.write("/start", user=OWNER)
    people.bot.stop()
    monkeypatch.setattr("webhook.WATCH_SECONDS", 0.2)
    people.world.fault(method="setWebhook", kind="400", description="Bad Request: bad webhook: Failed to resolve host")
    people.start()
    told(people, "не принимает вебхук")
    assert "bad webhook: Failed to resolve host" in caplog.text
    people.wait_for(lambda: last_call(people)["status"] == 200 or None)


def test_a_webhook_taken_away_is_told_and_set_again(posted: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webhook.WATCH_SECONDS", 0.2)
    posted.restart()
    posted.wait_for(lambda: posted.bot.updates._is_set or None)
    posted.bot.telegram.leave_webhook()
    told(posted, "сняла его вебхук")
    assert posted.write("Hello") == "You said: Hello"


def test_what_telegram_cannot_deliver_is_told(
    posted: Conversation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("webhook.WATCH_SECONDS", 0.2)
    posted.restart()
    posted.wait_for(lambda: posted.bot.updates._is_set or None)
    monkeypatch.setattr(posted.bot.updates, "_take", lambda _: False)
    posted.world.send("Hello", user=ALICE)
    told(posted, "не может доставить обновления на WEBHOOK_URL")
    assert "could not post an update: Wrong response from the webhook: 503" in caplog.text
    monkeypatch.undo()
    posted.wait_for(lambda: posted.said(ALICE)[-1]["text"] == "You said: Hello" or None)


def test_what_comes_together_is_taken_in_the_order_of_its_numbers(posted: Conversation) -> None:
    """A proxy may swap two requests: while the disk works on one batch, the next one gathers."""
    busy, taken = threading.Event(), []

    def take(batch: list[dict[str, Any]]) -> bool:
        taken.append([each["update_id"] for each in batch])
        busy.wait(10)
        return True

    place = hooked()
    host, _, port = place["WEBHOOK_LISTEN"].rpartition(":")
    hook = Webhook(
        place["WEBHOOK_URL"], SECRET, (host, int(port)), posted.bot.telegram, posted.bot.alerts.tell, take, lambda: True
    )
    hook._threads.pop()  # Telegram posts elsewhere
    hook.start()
    callers = [threading.Thread(target=_post, args=(int(port), number)) for number in (1, 9, 3, 7, 5)]
    for number, caller in enumerate(callers):
        caller.start()
        until(lambda number=number: len(taken) == 1 and len(hook._waiting) == number)
    time.sleep(0.2)
    assert all(caller.is_alive() for caller in callers), "nobody is answered before the disk has what they brought"
    busy.set()
    for caller in callers:
        caller.join()
    hook.stop()
    assert taken == [[1], [3, 5, 7, 9]]


def _post(port: int, number: int) -> None:
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    caller.request("POST", "/telegram", update(number), ALLOWED)
    assert caller.getresponse().status == 200
    caller.close()


def until(ready: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.005)


# -- kills


class Relay(ThreadingHTTPServer):
    """Stands between Telegram and the bot, as a proxy does; kills the bot when it has got what it was to get."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.behind, self.kill, self.when = behind, None, "never"
        self.url = f"http://127.0.0.1:{self.server_port}/telegram"


class Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        relay, status = self.server, 502
        doomed = relay.when != "never" and b"Question" in body
        with suppress(OSError, http.client.HTTPException):
            bot = http.client.HTTPConnection(relay.behind, timeout=20)
            bot.request("POST", self.path, body, {name: self.headers[name] for name in ("Content-Type", *ALLOWED)})
            if doomed and relay.when == "at any moment":
                threading.Timer(random.uniform(0, 0.01), relay.kill).start()
            status = bot.getresponse().status
        if doomed:
            told, relay.when = relay.when == "once it was told so", "never"
            relay.kill()
            if not told:  # nobody hears the answer
                self.close_connection = True
                self.connection.close()
                return
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[tuple[Stage, Relay]]:
    place = hooked()
    relay = Relay(place["WEBHOOK_LISTEN"])
    threading.Thread(target=relay.serve_forever, args=(0.05,), daemon=True).start()
    with Stage(tmp_path, **place | {"WEBHOOK_URL": relay.url}) as made:
        relay.kill = lambda: made.process.kill()
        yield made, relay
    relay.shutdown()
    relay.server_close()


def test_a_kill_between_a_post_and_its_answer_loses_and_doubles_nothing(stage: tuple[Stage, Relay]) -> None:
    made, relay = stage
    made.start(until="setWebhook")
    made.register(range(ALICE, ALICE + 1))
    for number, when in enumerate(("before it is told so", "once it was told so", "at any moment")):
        answer = {"match": f"Question {number}", "text": f"Answer {number}.", "times": 9}
        made.script.queue(answer | {"delay": 0.3})  # longer than until the kill
        relay.when = when
        made.world.send(f"Question {number}", user=ALICE)
        deadline = time.monotonic() + 10
        while relay.when != "never" or made.process.poll() is None:
            assert time.monotonic() < deadline
            made.let_pass(0.05)
        made.kill()
        made.start(until="setWebhook")
        made.until(lambda number=number: made.count(ALICE, f"Answer {number}."), "the answer")
        made.until(lambda: not made.world.pending(), "an empty queue")
    made.leave()
    made.verify()
    answers = [text for text in made.said(ALICE) if "Answer" in text]
    assert answers == [f"Answer {number}." for number in range(3)]
    charged = [line for line in made.ledger() if line["user"] == ALICE and line["amount"] < 0]
    assert len(charged) == 3


def test_the_process_says_what_is_wrong_and_leaves(tmp_path: Path, posted: Conversation) -> None:
    place = {name: value for name, value in posted.environment.items() if name.startswith("WEBHOOK")}
    (tmp_path / "another").mkdir()
    with Stage(tmp_path / "another", **place) as made:
        code, words = made.run_to_end()
        assert code == 1, words
        assert words.splitlines()[-1].startswith("WEBHOOK_LISTEN: 127.0.0.1:")
        assert "Address already in use" in words
    command = [sys.executable, "main.py"]
    environment = posted.environment | {"WEBHOOK_SECRET": "", "PATH": os.environ["PATH"]}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=Path.cwd(), timeout=30)
    assert ended.returncode == 2
    assert "WEBHOOK_SECRET is missing, which WEBHOOK_URL needs: python3 -c" in ended.stderr
