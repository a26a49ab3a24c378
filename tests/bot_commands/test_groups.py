"""Groups: how the bot is called, who is nobody there, how it comes and goes, and what becomes of a group that grows."""

from typing import Any

import pytest

from accounts import people as people_module
from tests.bot_commands.test_talk import prompt_of
from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons

BASIC = -555
WORKSHOP = {"id": GROUP, "type": "supergroup", "title": "Workshop", "is_forum": True}
ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
CHANNEL_BOT = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
SERVICE = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
OTHER_BOT = {"id": 555, "is_bot": True, "first_name": "Other", "username": "other_bot"}
NEWS = {"id": -1001000000999, "type": "channel", "title": "News"}
NOBODY: dict[str, dict[str, Any]] = {
    "an anonymous admin": {"from": ANONYMOUS, "sender_chat": WORKSHOP},
    "a channel": {"from": CHANNEL_BOT, "sender_chat": NEWS},
    "a post of the linked channel": {"from": SERVICE, "sender_chat": NEWS, "is_automatic_forward": True},
}
CALL = "/help@sandbox_assistant_bot"
WORDS = "Мне не видно, кто спрашивает."  # in the owner's language


def say(people: Conversation, text: str, **sender: Any) -> None:
    message = {"message_id": 90000, "date": 1_900_000_000, "chat": WORKSHOP, "text": text, **sender}
    people.world.update({"message": message})


def said(people: Conversation) -> list[str]:
    """What the bot has said in the group, when all that came before is served."""
    probe = people.world.send("/cancel", user=ALICE, chat=GROUP)["message"]["message_id"]
    answered = "There is nothing to cancel."
    people.wait_for(lambda: any(each["text"] == answered for each in people.said(GROUP, probe)) or None)
    return [each["text"] for each in people.said(GROUP) if each["text"] != answered]


@pytest.mark.parametrize("sender", NOBODY)
def test_who_calls_without_a_name_hears_how_once_a_day(
    alice: Conversation, sender: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(alice, "Good morning", **NOBODY[sender])
    say(alice, "/ban@sandbox_assistant_bot 101", **NOBODY[sender])
    say(alice, CALL, **NOBODY[sender])
    say(alice, "/help", **NOBODY[sender])
    (answer,) = [words for words in said(alice) if words.startswith(WORDS)]
    alice.restart()
    say(alice, CALL, **NOBODY[sender])
    assert [words for words in said(alice) if words.startswith(WORDS)] == [answer]
    monkeypatch.setattr(people_module, "SILENCE_SECONDS", 0)
    say(alice, CALL, **NOBODY[sender])
    assert sum(words.startswith(WORDS) for words in said(alice)) == 2
    assert alice.script.requests() == []
    assert not alice.bot.store.user(101).banned


def test_other_bots_are_never_answered(alice: Conversation) -> None:
    hello = alice.ask("@sandbox_assistant_bot hello", chat=GROUP)
    before = len(said(alice))
    say(alice, CALL, **{"from": OTHER_BOT})
    say(alice, "And you?", **{"from": OTHER_BOT, "reply_to_message": hello})
    assert len(said(alice)) == before
    assert len(alice.script.requests()) == 1


@pytest.mark.parametrize(
    ("privacy", "status", "promises"), [(True, "member", False), (True, "administrator", True), (False, "member", True)]
)
def test_what_is_promised_is_what_works_there(alice: Conversation, privacy: bool, status: str, promises: bool) -> None:
    alice.bot.telegram.sees_groups = not privacy
    alice.world.set_bot(can_read_all_group_messages=not privacy)
    alice.world.member("left", user=OWNER, chat=GROUP)
    alice.world.member(status, user=ALICE, chat=GROUP)
    greeting = alice.wait_for(lambda: alice.said(GROUP) and alice.said(GROUP)[-1]["text"])
    assert "@sandbox_assistant_bot" in greeting
    assert ("//" in greeting) is promises
    assert ("//" in alice.write("/help")) is not privacy
    if promises:
        theirs = alice.world.send("Cats purr.", user=BORIS, chat=GROUP)["message"]["message_id"]
        alice.ask("// Is that true?", chat=GROUP, reply_to=theirs)
        assert prompt_of(alice)[-1] == "Alice: Is that true?"


def test_who_is_told_of_privacy_mode_is_told_the_truth(alice: Conversation) -> None:
    alice.world.set_bot(can_read_all_group_messages=True)
    alice.restart()
    assert alice.bot.telegram.sees_groups


def test_an_anonymous_admin_adds_the_bot_and_throws_it_out(alice: Conversation) -> None:
    member, gone = ({"user": alice.world.bot, "status": status} for status in ("member", "left"))
    change = {"chat": WORKSHOP, "from": ANONYMOUS, "date": 1_900_000_000}
    alice.write("/ec 5000", user=OWNER, chat=GROUP)
    alice.world.update({"my_chat_member": {**change, "old_chat_member": gone, "new_chat_member": member}})
    alice.wait_for(lambda: alice.said(GROUP) and alice.said(GROUP)[-1]["text"].startswith("Здравствуйте!"))
    alice.world.update({"my_chat_member": {**change, "old_chat_member": member, "new_chat_member": gone}})
    alice.wait_for(lambda: alice.bot.store.records[str(GROUP)].get("unreachable"))


def test_made_an_admin_it_does_not_greet_again(alice: Conversation) -> None:
    alice.world.member("administrator", user=OWNER, chat=GROUP)
    alice.world.member("member", user=OWNER, chat=GROUP)
    assert said(alice) == []


def test_a_channel_is_not_greeted(alice: Conversation) -> None:
    member, gone = ({"user": alice.world.bot, "status": status} for status in ("administrator", "left"))
    change = {"chat": NEWS, "from": {"id": ALICE, "is_bot": False, "first_name": "Alice"}, "date": 1_900_000_000}
    alice.world.update({"my_chat_member": {**change, "old_chat_member": gone, "new_chat_member": member}})
    alice.wait_for(lambda: not alice.bot.quick.running() and not alice.world.pending())
    assert [call for call in alice.world.calls("sendMessage") if call["params"]["chat_id"] == str(NEWS["id"])] == []


def test_the_general_topic_is_answered_there(alice: Conversation) -> None:
    message = {"message_id": 90001, "date": 1_900_000_000, "chat": WORKSHOP, "text": CALL}
    person = {"id": ALICE, "is_bot": False, "first_name": "Alice", "language_code": "en"}
    alice.world.update({"message": {**message, "from": person, "message_thread_id": 1, "is_topic_message": True}})
    answer = alice.wait_for(lambda: alice.said(GROUP) and alice.said(GROUP)[-1])
    assert answer["text"].startswith("Talking")
    assert "message_thread_id" not in alice.world.calls("sendMessage")[-1]["params"]


def test_a_group_that_becomes_a_supergroup_keeps_an_answer_under_way_and_a_question_of_the_bot(
    alice: Conversation,
) -> None:
    alice.world.group(BASIC, type="group", title="Friends", members=[OWNER, ALICE, BORIS])
    alice.write("/ec 5000", user=OWNER, chat=BASIC)
    alice.write("/refill 101 2 img", user=OWNER)
    ask = alice.ask("/img", chat=BASIC)
    assert ask["text"].startswith("What shall I draw?")
    alice.script.queue({"text": "Here it is.", "hold": True, "hold_after": 0})
    alice.world.send("@sandbox_assistant_bot where?", user=BORIS, chat=BASIC)
    alice.wait_for(lambda: alice.script.requests("/v1/chat/completions") or None)
    now = alice.world.upgrade(BASIC)
    alice.wait_for(lambda: str(now) in alice.bot.store.records or None)
    alice.script.release()
    alice.wait_for(lambda: any(each["text"] == "Here it is." for each in alice.said(now)) or None)
    alice.ask("@sandbox_assistant_bot and then?", user=BORIS, chat=now)
    assert prompt_of(alice)[1:] == ["Борис: where?", "Here it is.", "Борис: and then?"]
    reply = alice.said(now)[-1]["message_id"]
    assert alice.ask("A red cat", chat=now, reply_to=reply)["text"] == "Which format?"


@pytest.mark.parametrize(("fault", "button"), [({}, "Again"), ({"fault": {"kind": "event_error"}}, "Retry")])
def test_what_waited_while_a_group_became_a_supergroup_knows_what_was_said_and_can_be_asked_again(
    alice: Conversation, fault: dict[str, Any], button: str
) -> None:
    alice.world.group(BASIC, type="group", title="Friends", members=[OWNER, ALICE])
    alice.write("/ec 5000", user=OWNER, chat=BASIC)
    alice.script.queue({"text": "First.", "hold": True, "hold_after": 0}, {"text": "Second.", **fault})
    for words in ("one", "two"):
        alice.world.send(f"@sandbox_assistant_bot {words}", user=ALICE, chat=BASIC)
    alice.wait_for(lambda: alice.script.requests("completions") or None)
    now = alice.world.upgrade(BASIC)
    alice.wait_for(lambda: str(now) in alice.bot.store.records or None)
    alice.script.release()
    alice.wait_for(lambda: alice.said(now)[1:] and [each["text"] for each in buttons(alice.said(now)[-1])] == [button])
    assert alice.bot.long.wait_idle(10)
    assert prompt_of(alice)[1:] == ["Alice: one", "First.", "Alice: two"]
    assert str(BASIC) not in alice.bot.store.records
    alice.press(alice.said(now)[-1], button)
    alice.wait_for(lambda: "You said" in alice.said(now)[-1]["text"])


def test_a_restart_still_knows_where_a_group_has_gone(alice: Conversation) -> None:
    alice.world.group(BASIC, type="group", title="Friends", members=[OWNER, ALICE])
    alice.write("/ec 5000", user=OWNER, chat=BASIC)
    alice.write("@sandbox_assistant_bot one", chat=BASIC)
    alice.script.queue({"hold": True, "hold_after": 0})
    alice.world.send("@sandbox_assistant_bot two", user=ALICE, chat=BASIC)
    alice.wait_for(lambda: len(alice.script.requests("completions")) == 2 or None)
    now = alice.world.upgrade(BASIC)
    alice.wait_for(lambda: str(now) in alice.bot.store.records or None)
    alice.restart()
    alice.wait_for(lambda: alice.said(now) and "two" in alice.said(now)[-1]["text"])
    assert prompt_of(alice)[1:] == ["Alice: one", "You said: Alice: one", "Alice: two"]
    assert str(BASIC) not in alice.bot.store.records


def test_where_members_are_hidden_the_admins_still_decide(alice: Conversation) -> None:
    alice.world.member("administrator", user=OWNER, chat=GROUP, member=BORIS)
    hidden = "Bad Request: member list is inaccessible"
    alice.world.fault(method="getChatMember", kind="400", description=hidden, times=None)
    assert "администраторы" not in alice.write("/prompt Будь краток", user=BORIS, chat=GROUP)
    assert alice.write("/prompt Be long", user=ALICE, chat=GROUP) == "The admins of this group decide that."
    assert alice.bot.store.records[str(GROUP)]["prompt"] == "Будь краток"
