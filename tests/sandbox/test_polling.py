"""Updates are delivered until confirmed, to one poller at a time."""

import threading
import time

import pytest


def ids(updates):
    return [each["update_id"] for each in updates]


def test_updates_come_again_until_a_later_offset_confirms_them(world, bot):
    first, second = world.send("one")["update_id"], world.send("two")["update_id"]
    assert ids(bot.ok("getUpdates")) == [first, second]
    assert ids(bot.ok("getUpdates", offset=first)) == [first, second]
    assert ids(bot.ok("getUpdates", offset=second)) == [second]
    assert ids(bot.ok("getUpdates", offset=first)) == [second]
    assert ids(bot.ok("getUpdates", offset=second + 1)) == []


def test_limit_and_negative_offset(world, bot):
    sent = [world.send(str(number))["update_id"] for number in range(5)]
    assert ids(bot.ok("getUpdates", limit=2)) == sent[:2]
    assert ids(bot.ok("getUpdates", offset=-1)) == sent[-1:]
    assert ids(bot.ok("getUpdates")) == sent[-1:]


def test_a_poll_waits_for_the_first_update(world, bot):
    later = threading.Thread(target=world.send, args=("late",))
    asked = time.monotonic()
    threading.Timer(0.2, later.start).start()
    updates = bot.ok("getUpdates", timeout=20)
    assert updates[0]["message"]["text"] == "late"
    assert 0.1 < time.monotonic() - asked < 10


def test_a_second_poller_ends_the_first(world, bot):
    refusals = []
    first = threading.Thread(target=lambda: refusals.append(bot("getUpdates", timeout=30)))
    first.start()
    world.wait(lambda: world.calls("getUpdates"))
    second = threading.Thread(target=lambda: bot("getUpdates", timeout=1))
    second.start()
    first.join(10)
    assert refusals[0]["error_code"] == 409
    assert refusals[0]["description"].startswith("Conflict: terminated by other getUpdates request; make sure that")
    second.join(10)


def test_allowed_updates_are_remembered(world, bot):
    bot.ok("getUpdates", allowed_updates=["callback_query"])
    assert world.send("not wanted")["update_id"] is None
    bot.ok("getUpdates", allowed_updates=[])
    assert world.send("wanted")["update_id"]
    assert world.member("member", user=1, chat=-1001000000001, member=101)["update_id"] is None


def test_a_raw_update_may_repeat_an_old_number(world, bot):
    old = world.send("again")["update_id"]
    update = bot.ok("getUpdates")[0]
    bot.ok("getUpdates", offset=old + 1)
    assert world.update(update) == old
    assert ids(bot.ok("getUpdates", offset=old + 1)) == [old]
    assert ids(bot.ok("getUpdates", offset=old + 1)) == []
    assert world.send("and on")["update_id"] == old + 1


def test_raw_updates_go_out_as_they_are(world, bot):
    world.update({"message": {"text": "\ud83d", "unheard_of": [1]}})
    assert bot.ok("getUpdates")[0]["message"] == {"text": "\ud83d", "unheard_of": [1]}


def test_webhook_and_polling_exclude_each_other(world, bot):
    bot.ok("setWebhook", url="https://example.org/x", drop_pending_updates=True)
    assert bot.refused("getUpdates").startswith("Conflict: can't use getUpdates method while webhook is active")
    assert bot.ok("getWebhookInfo")["url"] == "https://example.org/x"
    bot.ok("deleteWebhook")
    assert bot.ok("getUpdates") == []


def test_unknown_token_and_method(world, bot):
    assert bot("noSuchMethod") == {"ok": False, "error_code": 404, "description": "Not Found"}
    assert bot("GETME")["ok"]
    world.token, real = "1:nobody", world.token
    assert bot("getMe") == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    world.token = real


def test_closing_a_world_wakes_its_poller(sandbox, bot):
    gone = sandbox.world()
    bot.world = gone
    answers = []
    poller = threading.Thread(target=lambda: answers.append(bot("getUpdates", timeout=30)))
    poller.start()
    gone.wait(lambda: gone.calls("getUpdates"))
    gone.close()
    poller.join(10)
    assert answers[0]["error_code"] == 401


@pytest.mark.parametrize("path", ["", "/state"])
def test_foreign_pages_are_not_admitted(world, bot, path):
    import urllib.error
    import urllib.request

    request = urllib.request.Request(
        f"{world.url}/world/{world.token}{path}"[: None if path else -len(world.token) - 1]
    )
    request.add_header("Origin", "http://evil.example")
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(request)
    assert refusal.value.code == 403
