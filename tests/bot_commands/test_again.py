"""The row under an answer: again, on, the edited question; each once, for its asker, in the history one turn."""

from typing import Any

import pytest

from bot_commands.offers import joined
from tests.bot_commands.test_look import picture
from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons
from tests.sounds import sent, tone

USAGE = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
USED_UP = "This button does not work any more."
FENCE = "```"


def answers(people: Conversation, *texts: str, **fields: Any) -> None:
    people.script.queue(*({"path": "completions", "text": text, "usage": USAGE} | fields for text in texts))


def row(people: Conversation, message: dict[str, Any]) -> list[str]:
    """The labels under a message as it stands now."""
    return [button["text"] for button in buttons(people.message(message["chat"]["id"], message["message_id"]))]


def comes(people: Conversation, text: str, chat: int = ALICE) -> dict[str, Any]:
    """The bot's newest message, when it says this."""
    found: dict[str, Any] = people.wait_for(
        lambda: people.said(chat)[-1] if people.said(chat)[-1]["text"] == text else None
    )
    assert people.bot.long.wait_idle(10)
    return people.message(chat, found["message_id"])


def history(people: Conversation, key: str = str(ALICE)) -> list[str]:
    return [each["content"] for each in people.bot.store.engine.history(key)]


def prompt_of(people: Conversation) -> list[str]:
    return [each["content"] for each in people.script.requests("completions")[-1]["body"]["messages"][1:]]


@pytest.mark.parametrize(
    ("user", "labels", "used_up"),
    [(ALICE, ["Again"], USED_UP), (BORIS, ["Ещё раз"], "Эта кнопка больше не действует.")],
)
def test_again_asks_and_pays_anew_and_takes_the_old_turns_place(
    alice: Conversation, user: int, labels: list[str], used_up: str
) -> None:
    alice.write("/ec", user=user)
    answers(alice, "Nothing.", "Four.", "Five.")
    alice.write("Hello", user=user)
    first = alice.ask("Two and two?", user=user)
    assert row(alice, first) == labels
    alice.press(first, labels[0], user=user)
    second = comes(alice, "Five.", user)
    assert prompt_of(alice) == ["Hello", "Nothing.", "Two and two?"], "the answer that is to be replaced is not shown"
    assert history(alice, str(user)) == ["Hello", "Nothing.", "Two and two?", "Five."]
    assert row(alice, first) == []
    assert row(alice, second) == labels
    record = alice.bot.store.records[str(user)]
    assert (record["balance"], record["requests"]) == (30_000 - 450, 3)
    assert alice.press(first, f"again:{1}", user=user, forged=True) == used_up


def test_only_the_last_answer_has_a_row(alice: Conversation) -> None:
    first, second = alice.ask("One"), alice.ask("Two")
    alice.wait_for(lambda: not row(alice, first))
    assert row(alice, second) == ["Again"]
    alice.restart()
    third = alice.ask("Three")
    alice.wait_for(lambda: not row(alice, second))
    assert row(alice, third) == ["Again"]
    assert len(alice.bot.store.records[str(ALICE)]["past_questions"]) == 1


@pytest.mark.parametrize("settings", [{"TELEGRAM_RATE": "30"}])
def test_rows_fade_at_telegrams_pace_too(alice: Conversation) -> None:
    first, second = alice.ask("One"), alice.ask("Two")
    alice.wait_for(lambda: not row(alice, first))
    assert row(alice, second) == ["Again"]
    assert len(alice.bot.store.records[str(ALICE)]["past_questions"]) == 1


@pytest.mark.parametrize("settings", [{"TELEGRAM_RATE": "30"}])
def test_a_row_that_could_not_fade_goes_when_it_is_pressed(alice: Conversation) -> None:
    first = alice.ask("One")
    alice.world.fault(method="editMessageReplyMarkup", kind="400", times=1)
    answers(alice, "Second.")
    alice.write("Two")
    alice.wait_for(lambda: alice.world.calls("editMessageReplyMarkup") or None)
    assert row(alice, first) == ["Again"]
    assert alice.press(first, "Again") == USED_UP
    alice.wait_for(lambda: not row(alice, first))
    assert len(alice.script.requests("completions")) == 2


def test_the_row_stands_under_the_last_part_and_survives_a_restart(alice: Conversation) -> None:
    alice.write("/ec")
    answers(alice, "\n\n".join(f"row {number} of the answer" for number in range(400)))
    alice.ask("Everything, please")
    assert alice.bot.long.wait_idle(10)
    parts = alice.said(ALICE)[-3:]
    assert [row(alice, part) for part in parts] == [[], [], ["Again"]]
    alice.restart()
    answers(alice, "Short.")
    alice.press(parts[-1], "Again")
    comes(alice, "Short.")
    assert history(alice) == ["Everything, please", "Short."]


def test_a_restart_between_press_and_answer_asks_once(alice: Conversation) -> None:
    alice.write("/ec")
    answers(alice, "Four.")
    first = alice.ask("Two and two?")
    alice.script.queue({"path": "completions", "hold": True, "text": "never"})
    alice.press(first, "Again")
    alice.script.wait(lambda seen: len(seen) == 2 or None, "completions")
    answers(alice, "Five.")
    alice.restart()
    comes(alice, "Five.")
    assert history(alice) == ["Two and two?", "Five."]
    assert alice.bot.store.records[str(ALICE)]["balance"] == 30_000 - 300


def test_a_newer_turn_keeps_the_older_one_in_its_place(alice: Conversation) -> None:
    alice.write("/ec")
    answers(alice, "Four.")
    first = alice.ask("Two and two?")
    alice.script.queue({"path": "completions", "hold": True, "text": "Because.", "match": "Why"})
    alice.world.send("Why?", user=ALICE)
    alice.script.wait(lambda seen: len(seen) == 2 or None, "completions")
    answers(alice, "Five.")
    alice.press(first, "Again")
    alice.script.release()
    comes(alice, "Five.")
    assert history(alice) == ["Two and two?", "Four.", "Why?", "Because.", "Two and two?", "Five."]


def test_a_failed_again_leaves_the_old_turn_and_can_be_tried_once_more(alice: Conversation) -> None:
    alice.write("/ec")
    answers(alice, "Four.")
    first = alice.ask("Two and two?")
    alice.script.queue({"path": "completions", "times": 2, "fault": {"kind": "status", "status": 500}})
    alice.press(first, "Again")
    failure = alice.wait_for(lambda: "Nothing was charged" in alice.said(ALICE)[-1]["text"] and alice.said(ALICE)[-1])
    assert history(alice) == ["Two and two?", "Four."]
    answers(alice, "Five.")
    alice.press(failure, "Retry")
    comes(alice, "Five.")
    assert history(alice) == ["Two and two?", "Five."]
    assert alice.bot.store.records[str(ALICE)]["balance"] == 30_000 - 300


def test_several_failures_in_a_row_can_each_be_tried_again(alice: Conversation) -> None:
    alice.script.default({"fault": {"kind": "status", "status": 400}})
    failures = [alice.ask(f"Question {number}") for number in range(3)]
    alice.script.default({})
    for number, failure in enumerate(failures):
        alice.press(failure, "Retry")
        comes(alice, f"You said: Question {number}")
    assert alice.press(failures[0], "Retry", forged=True) == USED_UP


def test_an_answer_cut_by_its_length_goes_on_in_one_turn(alice: Conversation) -> None:
    alice.write("/ec")
    answers(alice, "One, two,", finish_reason="length")
    first = alice.ask("Count to four")
    assert row(alice, first) == ["Continue", "Again"]
    answers(alice, "three, four.")
    alice.press(first, "Continue")
    second = comes(alice, "three, four.")
    go_on = "Go on exactly where the answer broke off: no introduction, nothing repeated."
    assert prompt_of(alice) == ["Count to four", "One, two,", go_on]
    assert history(alice) == ["Count to four", "One, two,three, four."]
    assert row(alice, second) == ["Again"]
    assert row(alice, first) == []
    answers(alice, "1 2 3 4")
    alice.press(second, "Again")
    comes(alice, "1 2 3 4")
    assert history(alice) == ["Count to four", "1 2 3 4"]


def test_without_memory_an_answer_goes_on_too_and_its_failure_can_be_tried_again(alice: Conversation) -> None:
    answers(alice, "Один, ", finish_reason="length")
    first = alice.ask("Сосчитай до двух", user=BORIS)
    alice.script.queue({"path": "completions", "times": 2, "fault": {"kind": "status", "status": 500}})
    alice.press(first, "Продолжить", user=BORIS)
    failure = alice.wait_for(lambda: "Ничего не списано" in alice.said(BORIS)[-1]["text"] and alice.said(BORIS)[-1])
    alice.restart()
    answers(alice, "два.")
    alice.press(failure, "Повторить", user=BORIS)
    comes(alice, "два.", BORIS)
    assert prompt_of(alice)[:2] == ["Сосчитай до двух", "Один, "]
    assert history(alice, str(BORIS)) == []


def test_code_that_was_cut_goes_on_as_code(alice: Conversation) -> None:
    answers(alice, f"Here:\n\n{FENCE}python\nprint(", finish_reason="length")
    first = alice.ask("Code, please")
    answers(alice, f"1)\n{FENCE}\n\nDone.")
    alice.press(first, "Continue")
    second = comes(alice, "1)\n\nDone.")
    assert [(e["type"], e.get("language")) for e in second["entities"]] == [("pre", "python")]


@pytest.mark.parametrize(
    ("before", "more", "shown", "whole"),
    [
        ("the quick", "fox", "fox", "the quick fox"),
        ("the quick,", " fox", " fox", "the quick, fox"),
        (f"{FENCE}py\na = (", f"1)\n{FENCE}", f"{FENCE}py\n1)\n{FENCE}", f"{FENCE}py\na = (1)\n{FENCE}"),
        (
            f"{FENCE}py\na = 1\n",
            f"{FENCE}py\nb = 2\n{FENCE}",
            f"{FENCE}py\nb = 2\n{FENCE}",
            f"{FENCE}py\na = 1\nb = 2\n{FENCE}",
        ),
        (f"{FENCE}\na\n", f"{FENCE}\nThat is all.", "That is all.", f"{FENCE}\na\n{FENCE}\nThat is all."),
        (f"{FENCE}\na\n", f"{FENCE}\nb\n{FENCE}", f"{FENCE}\nb\n{FENCE}", f"{FENCE}\na\nb\n{FENCE}"),
        (f"{FENCE}\na\n", FENCE, FENCE, f"{FENCE}\na\n{FENCE}"),
        (f"{FENCE}\na\n{FENCE}\nb", "c", "c", f"{FENCE}\na\n{FENCE}\nb c"),
        ("~~~~md\n~~~\n", "x", "~~~~md\nx", "~~~~md\n~~~\nx"),
    ],
)
def test_how_two_pieces_are_joined(before: str, more: str, shown: str, whole: str) -> None:
    assert joined(before, more) == (shown, whole)


def test_a_wallet_that_is_empty_keeps_the_button(alice: Conversation) -> None:
    alice.write("/refill 101 -29700", user=OWNER)
    answers(alice, "As long as it", finish_reason="length")
    first = alice.ask("Talk")
    assert "the wallet had enough for" in first["text"]
    assert row(alice, first) == ["Continue", "Again"]
    before = first["message_id"]
    alice.press(first, "Continue")
    assert "Not enough tokens" in alice.wait_for(lambda: alice.said(ALICE, before))[-1]["text"]
    alice.write("/refill 101 1000", user=OWNER)
    answers(alice, "lasts.")
    alice.press(first, "Continue")
    comes(alice, "lasts.")
    assert alice.bot.store.records[str(ALICE)]["balance"] == 150 + 1000 - 150


@pytest.mark.parametrize(
    ("user", "label"), [(ALICE, "Answer the edited question"), (BORIS, "Ответить на исправленный вопрос")]
)
def test_an_edited_question_is_offered_to_be_answered(alice: Conversation, user: int, label: str) -> None:
    alice.write("/ec", user=user)
    first = alice.ask("Two and too?", user=user)
    question = next(each for each in alice.world.messages(user) if each.get("text") == "Two and too?")
    alice.world.edit(question, "Two and two?")
    alice.wait_for(lambda: row(alice, first) == [label])
    alice.restart()
    alice.press(alice.message(user, first["message_id"]), label, user=user)
    comes(alice, "You said: Two and two?", user)
    assert history(alice, str(user)) == ["Two and two?", "You said: Two and two?"]
    assert len(alice.script.requests("completions")) == 2


def test_an_edit_that_is_taken_back_offers_again(alice: Conversation) -> None:
    first = alice.ask("One")
    question = next(each for each in alice.world.messages(ALICE) if each.get("text") == "One")
    alice.world.edit(question, "Two")
    alice.wait_for(lambda: row(alice, first) == ["Answer the edited question"])
    alice.world.edit(question, "One")
    alice.wait_for(lambda: row(alice, first) == ["Again"])


@pytest.mark.parametrize("again", [False, True])
def test_an_edit_while_the_answer_runs_is_offered_when_it_is_done(alice: Conversation, again: bool) -> None:
    if again:
        first = alice.ask("Two and too?")
    alice.script.queue({"path": "completions", "hold": True, "text": "What?"})
    if again:
        alice.press(first, "Again")
        question = next(each for each in alice.world.messages(ALICE) if each.get("text") == "Two and too?")
    else:
        question = alice.world.send("Two and too?", user=ALICE)["message"]
    alice.script.wait(lambda seen: len(seen) == 1 + again or None, "completions")
    alice.world.edit(question, "Two and two?")
    alice.write("/help")
    alice.script.release()
    second = comes(alice, "What?")
    assert row(alice, second) == ["Answer the edited question"]
    alice.press(second, "Answer the edited question")
    comes(alice, "You said: Two and two?")


def test_edits_of_other_messages_change_nothing(alice: Conversation) -> None:
    alice.world.set_bot(can_read_all_group_messages=True)
    other = alice.world.send("not for you", user=BORIS, chat=GROUP)["message"]
    first = alice.ask("@sandbox_assistant_bot one", chat=GROUP)
    alice.world.edit(other, "@sandbox_assistant_bot and now?")
    question = next(each for each in alice.world.messages(GROUP) if each.get("text") == "@sandbox_assistant_bot one")
    alice.world.edit(question, "/refill 101 5")
    alice.write("/help", chat=GROUP)
    assert row(alice, first) == ["Again"]
    alice.world.edit(question, "/pro@sandbox_assistant_bot two")
    alice.wait_for(lambda: row(alice, first) == ["Answer the edited question"])


def test_in_a_group_only_the_asker_and_as_a_reply_to_the_question(alice: Conversation) -> None:
    alice.write("/ec", user=OWNER, chat=GROUP)
    first = alice.ask("@sandbox_assistant_bot hi", chat=GROUP, thread=3)
    assert alice.press(first, "Again", user=BORIS) == "Эта кнопка не ваша."
    answers(alice, "Other.")
    alice.press(first, "Again")
    second = alice.wait_for(lambda: next((m for m in alice.said(GROUP, thread=3) if m["text"] == "Other."), None))
    assert second["reply_to_message"]["message_id"] == first["reply_to_message"]["message_id"]
    assert alice.bot.long.wait_idle(10)
    assert history(alice, f"{GROUP}/3") == ["Alice: hi", "Other."]
    assert row(alice, second) == ["Again"]
    assert row(alice, first) == []


def test_who_is_blocked_meanwhile_is_refused(alice: Conversation) -> None:
    first = alice.ask("Hello")
    alice.write("/ban 101", user=OWNER)
    assert "access" in alice.press(first, "Again").lower() or "block" in alice.press(first, "Again").lower()
    assert len(alice.script.requests("completions")) == 1


@pytest.mark.parametrize("settings", [{"NEW_USER_PREMIUM_BALANCE": "20000"}])
def test_a_voice_is_not_listened_to_again(alice: Conversation) -> None:
    alice.script.queue({"path": "transcriptions", "text": "Two and two?"})
    answers(alice, "Four.", "Five.")
    alice.world.send(file=sent(tone(3.6)), user=ALICE)
    first = comes(alice, "Four.")
    alice.press(first, "Again")
    comes(alice, "Five.")
    assert prompt_of(alice) == ["Two and two?"]
    assert len(alice.script.requests("transcriptions")) == 1
    assert alice.bot.store.records[str(ALICE)]["premium_balance"] == 20_000 - 24


@pytest.mark.parametrize("settings", [{"NEW_USER_PREMIUM_BALANCE": "20000"}])
def test_a_photo_is_looked_at_again_also_after_a_restart(alice: Conversation) -> None:
    first = alice.ask("Which colour?", file=sent(picture(), "photo"))
    alice.restart()
    answers(alice, "Red.")
    alice.press(first, "Again")
    comes(alice, "Red.")
    words, image = prompt_of(alice)[-1]
    assert words["text"] == "Which colour?"
    assert image["image_url"]["url"].startswith("data:image/")


def test_a_question_that_replied_takes_that_message_along_again(alice: Conversation) -> None:
    other = alice.ask("The sea")
    first = alice.ask("Shorter!", reply_to=other["message_id"])
    alice.press(first, "Again")
    alice.wait_for(lambda: len(alice.script.requests("completions")) == 3 or None)
    assert prompt_of(alice) == ["The sea", "You said: The sea", "Shorter!"]


@pytest.mark.parametrize("command", ["/new", "/delete_context"])
def test_what_is_forgotten_cannot_be_asked_again(alice: Conversation, command: str) -> None:
    first = alice.ask("A secret")
    assert "A secret" in str(alice.bot.store.everything_about(ALICE)["record"])
    alice.write(command)
    assert "A secret" not in str(alice.bot.store.records)
    assert alice.press(first, "Again") == USED_UP
    alice.wait_for(lambda: not row(alice, first))


def test_an_answer_to_a_question_forgotten_meanwhile_has_no_row(alice: Conversation) -> None:
    alice.script.queue({"path": "completions", "hold": True, "text": "late"})
    alice.world.send("A secret", user=ALICE)
    alice.script.wait(lambda seen: seen or None, "completions")
    alice.write("/new")
    alice.script.release()
    assert row(alice, comes(alice, "late")) == []
    assert "A secret" not in str(alice.bot.store.records)


def test_delete_me_erases_the_question_in_groups_too(alice: Conversation) -> None:
    alice.ask("@sandbox_assistant_bot my secret", chat=GROUP)
    assert "my secret" in str(alice.bot.store.everything_about(ALICE)["in_groups"])
    question = alice.ask("/delete_me")
    alice.press(question, buttons(question)[0]["text"])
    alice.wait_for(lambda: alice.bot.store.user(ALICE) is None)
    assert "my secret" not in str(alice.bot.store.records)
