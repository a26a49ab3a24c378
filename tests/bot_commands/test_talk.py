"""Questions and answers as people see them: growing, whole, stopped, failed, tried again, in groups."""

import logging

import pytest

from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons, on_files

FENCE = "```"


def prompt_of(people: Conversation, number: int = -1) -> list[str]:
    body = people.script.requests("/v1/chat/completions")[number]["body"]
    return [each["content"] for each in body["messages"]]


def test_an_answer_is_charged_by_real_usage(alice: Conversation) -> None:
    alice.script.queue({"text": "Four.", "usage": {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150}})
    assert alice.write("Two and two?") == "Four."
    assert "29,850 tokens" in alice.write("/balance")
    assert "Requests: 1\nTokens of the ordinary model: 150" in alice.write("/stats")


def test_markdown_becomes_formatting(alice: Conversation) -> None:
    alice.script.queue({"text": f"A **bold** word\n\n{FENCE}python\nprint(1 < 2)\n{FENCE}"})
    message = alice.ask("Show me")
    assert message["text"] == "A bold word\n\nprint(1 < 2)"
    assert [(e["type"], e.get("language")) for e in message["entities"]] == [("bold", None), ("pre", "python")]


def test_a_long_answer_arrives_whole_in_parts(alice: Conversation) -> None:
    lines = [f"row {number} of the answer" for number in range(600)]
    alice.script.queue({"text": "\n\n".join(lines)})
    alice.ask("Everything, please")
    alice.wait_for(lambda: len(alice.said(ALICE)) >= 5 or None)
    alice.write("/help")
    parts = [each["text"] for each in alice.said(ALICE)[1:-1]]
    assert "\n\n".join(parts).split("\n\n") == lines


def test_the_answer_grows_as_a_draft_and_no_draft_follows_it(alice: Conversation) -> None:
    alice.script.queue({"deltas": ["Once ", "upon ", "a time."], "hold": True, "hold_after": 2})
    alice.world.send("A tale", user=ALICE)
    alice.wait_for(
        lambda: "Once upon" in [c["params"].get("text") for c in alice.world.calls("sendMessageDraft")] or None
    )
    alice.wait_for(lambda: alice.world.calls("sendChatAction") or None)
    alice.script.release()
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "Once upon a time." or None)
    alice.write("/help")
    methods = [call["method"] for call in alice.world.calls() if call["method"] in ("sendMessageDraft", "sendMessage")]
    assert methods[-2:] == ["sendMessage", "sendMessage"]


def test_stop_ends_a_growing_answer_and_charges_what_came(alice: Conversation) -> None:
    alice.script.queue({"deltas": ["One ", "two ", "three"], "hold": True, "hold_after": 2})
    alice.world.send("Count", user=ALICE)
    drafts = alice.wait_for(
        lambda: [c for c in alice.world.calls("sendMessageDraft") if c["params"].get("text") == "One two"] or None
    )
    alice.world.stop_draft(int(drafts[0]["params"]["draft_id"]))
    answer = alice.wait_for(lambda: "One two" in alice.said(ALICE)[-1]["text"] and alice.said(ALICE)[-1])
    assert answer["text"] == "One two\n\nAnswer stopped."
    alice.wait_for(lambda: alice.script.requests("/v1/chat/completions")[-1]["aborted"] or None)
    charged = 30_000 - int(alice.write("/balance").split("• ")[1].split(" tokens")[0].replace(",", ""))
    assert 0 < charged < 100


def test_stop_before_the_first_word_costs_nothing(alice: Conversation) -> None:
    alice.script.queue({"fault": {"kind": "stall", "seconds": 60}})
    alice.world.send("Anybody there?", user=ALICE)
    drafts = alice.wait_for(lambda: alice.world.calls("sendMessageDraft") or None)
    alice.world.stop_draft(int(drafts[0]["params"]["draft_id"]))
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"].startswith("Stopped before the first word") or None, 2)
    assert "30,000 tokens" in alice.write("/balance")
    assert alice.write("And now?") == "You said: And now?"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "status", "status": 401, "code": "invalid_api_key"}, "can't reach its model"),
        ({"kind": "status", "status": 429, "code": "insufficient_quota"}, "run out of credit"),
        ({"kind": "status", "status": 429, "code": "rate_limit_exceeded"}, "overloaded"),
        ({"kind": "status", "status": 404, "code": "model_not_found"}, "no longer served"),
        ({"kind": "status", "status": 400, "code": "context_length_exceeded"}, "do not fit into the model"),
        ({"kind": "status", "status": 400, "code": "content_filter"}, "declined to answer"),
        ({"kind": "status", "status": 500}, "overloaded"),
        ({"kind": "garbage", "after": 0}, "arrived broken"),
        ({"kind": "empty"}, "empty answer"),
        ({"kind": "reset"}, "no connection to the model"),
        ({"kind": "event_error", "after": 0}, "arrived broken"),
    ],
)
def test_failures_are_calm_cost_nothing_and_can_be_retried(alice: Conversation, fault: dict, words: str) -> None:
    alice.write("/ec")
    alice.script.default({"fault": fault})
    failure = alice.ask("Hello?")
    assert words in failure["text"]
    assert failure["text"].endswith("Nothing was charged.")
    assert "30,000 tokens" in alice.write("/balance")
    assert len(alice.script.requests("/v1/chat/completions")) <= 3
    alice.script.default({})
    alice.press(failure, "Retry")
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: Hello?" or None)
    assert prompt_of(alice) == ["You are a helpful assistant", "Hello?"]
    assert alice.press(failure, "retry", forged=True) == "This button does not work any more."


def test_the_admin_hears_once_of_what_only_they_can_mend(alice: Conversation) -> None:
    alice.script.default({"fault": {"kind": "status", "status": 401, "code": "invalid_api_key"}})
    alice.write("One")
    alice.write("Two")
    alice.wait_for(lambda: "gpt-6-luna не отвечает" in alice.said(OWNER)[-1]["text"] or None)
    assert sum("не отвечает" in each["text"] for each in alice.said(OWNER)) == 1


def test_an_answer_cut_in_the_middle_says_so_and_leaves_no_history(alice: Conversation) -> None:
    alice.write("/ec")
    alice.script.queue({"deltas": ["Half of", " an answer"], "fault": {"kind": "cut", "after": 1}})
    assert alice.write("Go on") == "Half of"
    notice = alice.wait_for(lambda: buttons(alice.said(ALICE)[-1]) and alice.said(ALICE)[-1])
    assert notice["text"] == "The answer broke off in the middle."
    alice.press(notice, "Retry")
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: Go on" or None)
    assert prompt_of(alice) == ["You are a helpful assistant", "Go on"]


@pytest.mark.parametrize("counted", [-100_000, 10**30])
def test_a_senseless_usage_is_not_believed(alice: Conversation, counted: int) -> None:
    counts = {"prompt_tokens": counted, "completion_tokens": 5, "total_tokens": counted}
    alice.script.queue({"text": "Here.", "usage": counts})
    assert alice.write("Hello") == "Here."
    assert "• 29,981" in alice.write("/balance"), "charged by the estimate"


@pytest.mark.parametrize("text", ["[]()", "```\n```", "#", "$" * 20, "$$ $$"])
def test_an_answer_of_signs_alone_is_shown_as_it_is(alice: Conversation, text: str) -> None:
    alice.script.queue({"text": text})
    assert alice.write("Hello") == text


@pytest.mark.parametrize("text", [" \n\n", "\u200b\u2060", "\u00a0"])
def test_an_answer_that_nobody_can_see_is_an_empty_one(alice: Conversation, text: str) -> None:
    alice.script.queue({"text": text})
    assert "empty answer" in alice.write("Hello")
    assert "30,000 tokens" in alice.write("/balance")


@pytest.mark.parametrize(("chat", "method"), [(ALICE, "sendMessage"), (GROUP, "editMessageText")])
def test_refused_formatting_costs_no_words(alice: Conversation, chat: int, method: str) -> None:
    alice.script.queue({"text": "Some **bold** words", "match": "bold?", "hold": True})
    asked = alice.world.send("@sandbox_assistant_bot bold?", user=ALICE, chat=chat)["message"]["message_id"]
    if chat == GROUP:
        alice.wait_for(lambda: alice.said(chat, asked))
    refusal = "Bad Request: can't parse entities: unexpected end"
    alice.world.fault(method=method, kind="400", chat_id=chat, description=refusal)
    alice.script.wait(lambda requests: any(request.get("held") for request in requests))
    alice.script.release()
    answer = alice.wait_for(lambda: next((m for m in alice.said(chat, asked) if "bold" in m["text"]), None))
    assert answer["text"] == "Some bold words"
    assert "entities" not in answer
    assert sum("bold words" in each["text"] for each in alice.said(chat)) == 1


def test_a_connection_lost_after_the_first_word_is_not_asked_again(alice: Conversation) -> None:
    alice.script.queue({"deltas": ["Half", " way"], "fault": {"kind": "reset", "after": 1}})
    assert alice.write("Go on") == "Half"
    assert len(alice.script.requests("/v1/chat/completions")) == 1


def test_the_providers_words_stay_out_of_the_log(alice: Conversation, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    refusal = {"kind": "status", "status": 400, "code": "odd", "message": "bad input: SECRET"}
    alice.script.default({"fault": refusal})
    assert "arrived broken" in alice.write("SECRET")
    assert "ended early: broken" in caplog.text
    assert "SECRET" not in caplog.text


def test_a_length_limit_is_said(alice: Conversation) -> None:
    alice.script.queue({"text": "A long", "finish_reason": "length"})
    assert alice.write("Talk") == "A long\n\nAnswer cut: it reached the longest length allowed."


def test_an_empty_wallet_is_refused_before_the_call(alice: Conversation) -> None:
    alice.write("/refill 101 -29900", user=OWNER)
    assert "Not enough tokens for an answer: 100 left" in alice.write("Hello")
    assert alice.script.requests() == []


def test_the_answer_is_limited_to_what_the_wallet_holds(alice: Conversation) -> None:
    alice.write("/refill 101 -29000", user=OWNER)
    alice.write("Hello")
    limit = alice.script.requests("/v1/chat/completions")[-1]["body"]["max_completion_tokens"]
    assert 900 < limit < 1000


def test_messages_of_a_chat_are_answered_in_order_and_the_sixth_waiting_is_refused(alice: Conversation) -> None:
    alice.script.queue({"text": "first", "hold": True, "match": "q0"})
    for number in range(7):
        alice.world.send(f"q{number}", user=ALICE)
    refusal = alice.wait_for(lambda: next((m for m in alice.said(ALICE) if "waiting already" in m["text"]), None))
    assert refusal["reply_to_message"]["text"] == "q6"
    assert "30,000 tokens" in alice.write("/balance"), "commands do not wait"
    alice.script.release()
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: q5" or None)
    answers = [m["text"] for m in alice.said(ALICE) if m["text"].startswith(("first", "You said"))]
    assert answers == ["first", *(f"You said: q{number}" for number in range(1, 6))]


def test_a_forgotten_history_stays_forgotten(alice: Conversation) -> None:
    alice.write("/ec")
    alice.script.queue({"text": "late", "hold": True})
    alice.world.send("A secret", user=ALICE)
    alice.wait_for(lambda: alice.script.requests("/v1/chat/completions") or None)
    alice.write("/new")
    alice.script.release()
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "late" or None)
    alice.write("What do you know?")
    assert prompt_of(alice)[1:] == ["What do you know?"]


def test_groups_are_answered_when_mentioned_or_replied_to(alice: Conversation) -> None:
    assert alice.silent("nobody asked you", chat=GROUP)
    answer = alice.ask("@sandbox_assistant_bot, hello", chat=GROUP)
    assert answer["text"] == "You said: Alice: hello"
    assert answer["reply_to_message"]["from"]["id"] == ALICE
    reply = alice.ask("и мне", chat=GROUP, user=BORIS, reply_to=answer["message_id"])
    assert reply["text"] == "You said: Борис: и мне"
    assert alice.world.calls("sendMessageDraft") == []


def test_two_slashes_call_the_bot_to_what_somebody_else_said(alice: Conversation) -> None:
    alice.world.set_bot(can_read_all_group_messages=True)
    other = alice.world.send("The sea is blue", user=BORIS, chat=GROUP)["message"]["message_id"]
    assert alice.silent("why is it so?", chat=GROUP, reply_to=other)
    assert alice.silent("// why is it so?", chat=GROUP)
    assert alice.write("// why is it so?", chat=GROUP, reply_to=other) == "You said: Alice: why is it so?"
    messages = alice.script.requests()[-1]["body"]["messages"]
    assert [each["content"] for each in messages[1:]] == ["Борис: The sea is blue", "Alice: why is it so?"]
    assert alice.write("//", chat=GROUP, reply_to=other) == "You said: Alice: The sea is blue"
    assert alice.write("// hm") == "You said: // hm"


def test_a_mention_without_words_is_asked_for_the_question(alice: Conversation) -> None:
    assert alice.write("@sandbox_assistant_bot", chat=GROUP).startswith("What is the question?")


def test_a_group_answer_grows_in_place_and_only_its_asker_stops_it(alice: Conversation) -> None:
    alice.script.queue({"deltas": ["One ", "two"], "hold": True, "hold_after": 1})
    alice.world.send("@sandbox_assistant_bot count", user=ALICE, chat=GROUP, thread=3)
    growing = alice.wait_for(lambda: next((m for m in alice.said(GROUP, thread=3) if buttons(m)), None))
    assert growing["text"] == "Thinking…"
    alice.wait_for(lambda: alice.message(GROUP, growing["message_id"])["text"] == "One" or None)
    assert alice.press(growing, "stop", user=BORIS) == "Эта кнопка не ваша."
    assert alice.press(growing, "stop", user=ALICE) == "Stopping…"
    alice.wait_for(lambda: "Answer stopped." in alice.message(GROUP, growing["message_id"])["text"] or None)
    assert len(alice.said(GROUP, thread=3)) == 1


def test_nothing_said_in_private_reaches_a_group(alice: Conversation) -> None:
    alice.write("/ec")
    alice.write("/ec", user=OWNER, chat=GROUP)
    alice.write("my secret word")
    alice.write("@sandbox_assistant_bot what do you know?", chat=GROUP)
    assert prompt_of(alice) == ["You are a helpful assistant", "Alice: what do you know?"]
    alice.write("@sandbox_assistant_bot other topic", chat=GROUP, thread=3)
    assert prompt_of(alice) == ["You are a helpful assistant", "Alice: other topic"]


@pytest.mark.parametrize("settings", [{"STREAMING": "off"}])
def test_without_streaming_the_answer_appears_at_once(alice: Conversation) -> None:
    assert alice.write("Hello") == "You said: Hello"
    assert alice.world.calls("sendMessageDraft") == []


def test_who_is_blocked_while_waiting_is_not_answered(alice: Conversation) -> None:
    alice.script.queue({"text": "first", "hold": True, "match": "q0"})
    for number in range(3):
        alice.world.send(f"q{number}", user=ALICE)
    alice.wait_for(lambda: alice.script.requests("/v1/chat/completions") or None)
    alice.write("/ban 101", user=OWNER)
    alice.script.release()
    alice.wait_for(lambda: not alice.bot.long.running())
    assert len(alice.script.requests("/v1/chat/completions")) == 1


def test_a_flood_is_refused_a_few_times_then_in_silence(alice: Conversation) -> None:
    alice.script.queue({"text": "first", "hold": True, "match": "q0"})
    for number in range(40):
        alice.world.send(f"q{number}", user=ALICE)
    alice.world.send("/help", user=ALICE)
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"].startswith("Talking") or None)

    def refused() -> int:
        return sum("waiting already" in each["text"] for each in alice.said(ALICE))

    alice.wait_for(lambda: refused() >= 5)
    alice.script.release()
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: q5" or None)
    assert refused() == 5


def test_a_name_of_blanks_is_answered_in_groups(people: Conversation) -> None:
    people.world.user(600, first_name="\u00a0")
    people.world.member("member", user=OWNER, chat=GROUP, member=600)
    people.write("/start", user=600)
    assert people.write("@sandbox_assistant_bot hi", user=600, chat=GROUP) == "You said: User 600: hi"


def test_a_retry_that_breaks_is_said(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    alice.script.queue({"fault": {"kind": "empty"}})
    failure = alice.ask("Hello?")
    monkeypatch.setattr(alice.bot.store, "history", None)
    alice.write("/ec")
    alice.press(failure, "Retry")
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"].startswith("Something broke") or None)


@on_files
def test_a_full_disk_is_said_and_nothing_is_bought_until_it_is_back(
    alice: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("engine.disk.os.write", full)
        assert alice.write("/prompt Be brief").startswith("Nothing can be saved right now")
        assert alice.write("Hello?").startswith("Nothing can be saved right now")
        assert alice.write("@sandbox_assistant_bot hi", chat=GROUP).startswith("Nothing can be saved right now")
        assert alice.write("/help").startswith("Talking"), "what needs no writing is served"
        assert alice.write("/balance").startswith("Your wallet")
    assert alice.script.requests() == []
    assert alice.write("And now?") == "You said: And now?"
    assert "29,9" in alice.write("/balance")
    alice.wait_for(
        lambda: sum("Файл данных не записывается" in each["text"] for each in alice.said(OWNER)) == 1 or None
    )
    alice.restart()
    assert alice.silent("@nobody", chat=GROUP)
    assert len(alice.script.requests()) == 1


@on_files
def test_a_disk_that_fails_while_a_model_answers_leaves_nothing_thinking(
    alice: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: int) -> None:
        raise OSError(5, "Input/output error")

    alice.script.queue({"text": "paid", "hold": True})
    alice.world.send("@sandbox_assistant_bot hi", user=ALICE, chat=GROUP)
    alice.wait_for(lambda: alice.said(GROUP) and alice.script.requests())
    with monkeypatch.context() as patch:
        patch.setattr("engine.disk.os.fsync", broken)
        alice.script.release()
        alice.wait_for(lambda: alice.said(GROUP)[-1]["text"].startswith("Nothing can be saved right now") or None)
    assert not buttons(alice.said(GROUP)[-1])
    assert "30,000" in alice.write("/balance")
    assert alice.write("And now?") == "You said: And now?"


def test_a_model_that_asks_for_a_long_pause_is_not_waited_for(alice: Conversation) -> None:
    alice.script.default({"fault": {"kind": "status", "status": 429, "code": "rate_limit_exceeded", "retry_after": 30}})
    assert "overloaded" in alice.write("Hello?")
    assert len(alice.script.requests("/v1/chat/completions")) == 1


def test_stop_ends_the_pause_before_another_try(alice: Conversation) -> None:
    alice.script.default({"fault": {"kind": "status", "status": 429, "code": "rate_limit_exceeded", "retry_after": 5}})
    alice.world.send("Hello?", user=ALICE)
    (draft, *_) = alice.wait_for(lambda: alice.world.calls("sendMessageDraft") or None)
    alice.wait_for(lambda: alice.script.requests("/v1/chat/completions") or None)
    alice.world.stop_draft(int(draft["params"]["draft_id"]))
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"].startswith("Stopped before the first word") or None, 2)
    assert len(alice.script.requests("/v1/chat/completions")) == 1


def test_a_short_trouble_of_the_model_is_not_seen(alice: Conversation) -> None:
    alice.script.queue({"fault": {"kind": "status", "status": 503}}, {"text": "Here."})
    assert alice.write("Hello?") == "Here."


def test_a_press_that_is_tried_again_is_still_the_first(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    alice.script.queue({"fault": {"kind": "empty"}})
    failure = alice.ask("Hello?")
    drop, breaks = alice.bot.telegram.drop_buttons, [ZeroDivisionError()]

    def fragile(chat_id: int, message_id: int) -> None:
        if breaks:
            raise breaks.pop()
        drop(chat_id, message_id)

    monkeypatch.setattr(alice.bot.telegram, "drop_buttons", fragile)
    alice.press(failure, "Retry")
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: Hello?" or None)


def test_a_telegram_that_is_away_for_long_gets_the_answer_when_it_is_back(
    alice: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot_commands.guard.AWAY_SECONDS", 0.1)
    insist = alice.bot.telegram._insist
    monkeypatch.setattr(
        alice.bot.telegram, "_insist", lambda attempt, urgency="answer", **_: insist(attempt, urgency, seconds=0.2)
    )
    alice.world.fault(method="sendMessage", chat_id=ALICE, kind="502", times=8)
    assert alice.write("Hello?") == "You said: Hello?"
    assert alice.world.calls("sendMessage")[-2]["status"] == 502
    assert len(alice.script.requests()) == 1


PRICED = {"OPENAI_PRICE_PER_1K_TOKENS": "1", "BUDGET_USD_PER_DAY": "6", "MAX_REQUEST_TOKENS": "200"}


@pytest.mark.parametrize("settings", [PRICED])
def test_the_days_budget_is_watched_told_and_kept(alice: Conversation) -> None:
    usage = {"prompt_tokens": 4000, "completion_tokens": 900, "total_tokens": 4900}
    alice.script.queue({"text": "Here you are", "usage": usage})
    assert alice.write("Hello") == "Here you are"
    told = "Потрачено 80 % дневного бюджета: 4,90\u00a0$ из 6,00\u00a0$"
    alice.wait_for(lambda: any(told in each["text"] for each in alice.said(OWNER)) or None)
    words = "The" + " word" * 1100
    assert alice.write(words).startswith("The bot has used up what it may spend on answers today.")
    alice.wait_for(lambda: any("Кому-то отказано" in each["text"] for each in alice.said(OWNER)) or None)
    assert alice.write("Hello", user=OWNER), "admins are never refused"
    assert "25,100 tokens" in alice.write("/balance")


def spent_today(people: Conversation) -> float:
    assert people.bot.long.wait_idle(10)
    return people.bot.store.cost_today()


@pytest.mark.parametrize("settings", [PRICED])
def test_a_stop_before_the_first_word_counts_in_the_budget(alice: Conversation) -> None:
    alice.script.queue({"text": "late", "hold": True})
    alice.world.send("A question " * 100, user=ALICE)
    alice.script.wait(lambda seen: seen or None, "completions")
    draft = alice.wait_for(lambda: alice.world.calls("sendMessageDraft") or None)[-1]["params"]["draft_id"]
    alice.world.stop_draft(int(draft))
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"].startswith("Stopped before") or None)
    assert spent_today(alice) == pytest.approx(0.216)
    assert "30,000 tokens" in alice.write("/balance")
    (entry,) = [each for each in alice.entries() if each["reason"] == "failed"]
    assert (entry["amount"], entry["note"]) == (0, "estimated")


@pytest.mark.parametrize("settings", [PRICED])
def test_an_empty_answer_that_was_counted_is_paid_by_the_budget_alone(alice: Conversation) -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200}
    alice.script.queue({"text": "", "finish_reason": "length", "usage": usage})
    assert alice.write("Hello").endswith("Nothing was charged.")
    assert spent_today(alice) == pytest.approx(1.2)
    assert "30,000 tokens" in alice.write("/balance")
