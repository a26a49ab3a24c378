"""Updates are posted until they are taken, those of a chat one after another, to the address that was set."""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.sandbox.strict import check_call

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Hook(ThreadingHTTPServer):
    """Takes what is posted, and answers with the statuses that are planned, else with 200."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/hook"
        self.taken, self.times, self.secrets, self.planned = [], [], [], []
        self.retry_after, self.held = "", threading.Event()
        self.held.set()
        self.at_once, self.most_at_once = defaultdict(int), defaultdict(int)
        self.lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        hook = self.server
        update = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        chat = update["message"]["chat"]["id"]
        with hook.lock:
            hook.times.append(time.monotonic())
            for key in (chat, "all"):
                hook.at_once[key] += 1
                hook.most_at_once[key] = max(hook.most_at_once[key], hook.at_once[key])
            status = hook.planned.pop(0) if hook.planned else 200
            hook.secrets.append(self.headers.get(SECRET_HEADER))
        hook.held.wait(10)
        with hook.lock:
            for key in (chat, "all"):
                hook.at_once[key] -= 1
            if status == 200:
                hook.taken.append(update["message"]["text"])
        self.send_response(status)
        if hook.retry_after:
            self.send_header("Retry-After", hook.retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    threading.Thread(target=made.serve_forever, args=(0.05,), daemon=True).start()
    yield made
    made.held.set()
    made.shutdown()
    made.server_close()


def set_hook(bot, hook, **params):
    params = {"url": hook.url, "secret_token": "a-secret_1", "max_connections": 40, **params}
    check_call("setWebhook", params)
    return bot.ok("setWebhook", **params)


def until(world, ready):
    deadline = time.monotonic() + 10
    while not ready():
        assert time.monotonic() < deadline
        world.events(world.state()["event_id"], 0.05, calls=True)


def test_what_waited_and_what_comes_is_posted_with_the_secret(world, bot, hook):
    world.send("before")
    assert set_hook(bot, hook) is True
    world.send("after")
    until(world, lambda: not world.pending())
    assert hook.taken == ["before", "after"]
    assert hook.secrets == ["a-secret_1"] * 2
    info = bot.ok("getWebhookInfo")
    assert info["url"] == hook.url
    assert info["max_connections"] == 40
    assert info["pending_update_count"] == 0
    assert "a-secret_1" not in json.dumps(info)
    check_call("getWebhookInfo", {})


def test_polling_is_refused_until_the_webhook_is_deleted(world, bot, hook):
    hook.planned = [500] * 100
    set_hook(bot, hook)
    world.send("kept")
    assert bot.refused("getUpdates").startswith("Conflict: can't use getUpdates method while webhook is active")
    check_call("deleteWebhook", {"drop_pending_updates": False})
    bot.ok("deleteWebhook", drop_pending_updates=False)
    assert [each["message"]["text"] for each in bot.ok("getUpdates")] == ["kept"]
    assert bot.ok("getWebhookInfo")["url"] == ""


def test_a_poll_that_waits_is_ended_by_a_webhook(world, bot, hook):
    answers = []
    poller = threading.Thread(target=lambda: answers.append(bot("getUpdates", timeout=30)))
    poller.start()
    world.wait(lambda: world.calls("getUpdates"))
    set_hook(bot, hook)
    poller.join(10)
    assert answers[0]["description"] == "Conflict: terminated by setWebhook request"


def test_pending_updates_can_be_dropped(world, bot, hook):
    world.send("dropped")
    set_hook(bot, hook, drop_pending_updates=True)
    world.send("taken")
    until(world, lambda: hook.taken)
    assert hook.taken == ["taken"]


def test_the_chats_go_side_by_side_and_each_in_its_order(world, bot, hook):
    hook.held.clear()
    for number in range(5):
        world.send(f"a{number}", user=101)
        world.send(f"b{number}", user=102)
    set_hook(bot, hook)
    until(world, lambda: hook.at_once["all"] == 2)
    hook.held.set()
    until(world, lambda: not world.pending())
    assert [text for text in hook.taken if text[0] == "a"] == [f"a{number}" for number in range(5)]
    assert [text for text in hook.taken if text[0] == "b"] == [f"b{number}" for number in range(5)]
    assert hook.most_at_once[101] == hook.most_at_once[102] == 1


def test_no_more_at_once_than_connections(world, bot, hook):
    hook.held.clear()
    for user in range(1000, 1010):
        world.user(user, started=True)
        world.send("hello", user=user)
    set_hook(bot, hook, max_connections=3)
    until(world, lambda: hook.at_once["all"] == 3)
    hook.held.set()
    until(world, lambda: not world.pending())
    assert hook.most_at_once["all"] == 3


def test_a_refused_update_comes_again_and_the_chats_next_one_waits_for_it(world, bot, hook):
    hook.planned = [503, 403]
    set_hook(bot, hook)
    world.send("first", user=101)
    world.send("second", user=101)
    until(world, lambda: not world.pending())
    assert hook.taken == ["first", "second"]
    pauses = [later - earlier for earlier, later in zip(hook.times, hook.times[1:], strict=False)]
    assert pauses[0] < 1  # once more at once, then at growing pauses
    assert 1.9 < pauses[1] < 3.5
    assert bot.ok("getWebhookInfo")["last_error_message"] == "Wrong response from the webhook: 403 Forbidden"


def test_a_webhook_may_ask_for_a_pause(world, bot, hook):
    hook.planned, hook.retry_after = [503, 503], "1"
    set_hook(bot, hook)
    world.send("first")
    until(world, lambda: hook.taken)
    pauses = [later - earlier for earlier, later in zip(hook.times, hook.times[1:], strict=False)]
    assert all(0.9 < pause < 1.9 for pause in pauses)


def test_nobody_there_is_told_and_tried_again_by_a_new_webhook(world, bot, hook):
    set_hook(bot, hook, url="http://127.0.0.1:9/nobody")
    world.send("patient")
    until(world, lambda: "last_error_message" in bot.ok("getWebhookInfo"))
    info = bot.ok("getWebhookInfo")
    assert info["last_error_message"] == "Connection refused"
    assert info["pending_update_count"] == 1
    time.sleep(1.0)  # Telegram takes one setWebhook a second
    set_hook(bot, hook)
    until(world, lambda: hook.taken)
    assert hook.taken == ["patient"]


def test_the_same_again_changes_nothing_and_haste_is_refused(world, bot, hook):
    hook.planned = [500, 500, 500]
    set_hook(bot, hook)
    answer = bot("setWebhook", url=hook.url)
    assert answer["error_code"] == 429
    assert answer["parameters"] == {"retry_after": 1}
    world.send("slowed down")
    until(world, lambda: len(hook.times) == 2)
    time.sleep(1.0)
    set_hook(bot, hook)  # the same: the pauses go on
    assert len(hook.times) == 2
    time.sleep(1.0)
    set_hook(bot, hook, max_connections=39)  # begins anew
    until(world, lambda: hook.taken)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"url": "http://example.org/hook"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://example.org:8080/"}, "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"),
        ({"url": "https://example.org/", "secret_token": "x" * 257}, "secret token is too long"),
        ({"url": "https://example.org/", "secret_token": "a secret"}, "secret token contains unallowed characters"),
    ],
)
def test_what_telegram_refuses(world, bot, params, words):
    assert bot.refused("setWebhook", **params) == f"Bad Request: {words}"
    assert bot.ok("getWebhookInfo")["url"] == ""
