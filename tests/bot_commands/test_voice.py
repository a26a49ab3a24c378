"""Voices as people send them: what is shown, what is answered, what each wallet pays."""

from typing import Any

import pytest

from accounts.wallets import Wallets
from services import voice
from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation
from tests.sounds import film, sent, tone

GIFT = 20_000
USAGE = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}


@pytest.fixture
def settings() -> dict[str, str]:
    return {"NEW_USER_PREMIUM_BALANCE": str(GIFT)}


def hear(people: Conversation, words: str, answer: str = "") -> None:
    people.script.queue({"path": "transcriptions", "text": words})
    if answer:
        people.script.queue({"path": "completions", "text": answer, "usage": USAGE})


def say(people: Conversation, seconds: float = 3.6, user: int = ALICE, **fields: Any) -> list[str]:
    """Send a voice and return what the bot says until an answer or a refusal has come."""
    before = len(people.said(user))
    people.world.send(file=sent(tone(seconds)), user=user, **fields)
    people.wait_for(lambda: len(people.said(user)) > before or None)
    assert people.bot.long.wait_idle(10)
    return [each["text"] for each in people.said(user)[before:]]


def wallets(people: Conversation, user: int = ALICE) -> tuple[int, int]:
    found = people.bot.store.user(user)
    assert found
    return found.balance, found.premium_balance


def entries(people: Conversation) -> list[dict[str, Any]]:
    return [each for each in people.bot.store.engine.state.entries if each["reason"] in ("voice", "answer")]


@pytest.mark.parametrize(("user", "shown"), [(ALICE, "You said: Two and two?"), (BORIS, "Вы сказали: Two and two?")])
def test_a_voice_is_shown_answered_and_paid_by_two_wallets(alice: Conversation, user: int, shown: str) -> None:
    hear(alice, "Two and two?", "Four.")
    assert say(alice, user=user) == [shown, "Four."]
    assert wallets(alice, user) == (30_000 - 150, GIFT - 4 * 6)
    record = alice.bot.store.records[str(user)]
    assert (record["requests"], record["whisper_seconds"], record["tokens"]) == (1, 4, 150)
    heard, answered = entries(alice)
    assert (heard["amount"], heard["seconds"], heard["model"], heard["wallet"]) == (
        -24,
        4,
        "whisper-1",
        "premium_balance",
    )
    assert (answered["amount"], answered["wallet"]) == (-150, "balance")


def test_the_words_go_to_the_model_that_is_active_and_into_the_memory(alice: Conversation) -> None:
    alice.write("/ec")
    alice.write("/switch")
    hear(alice, "My name is Alice.", "Nice to meet you.")
    say(alice, 2.0)
    assert wallets(alice) == (30_000, GIFT - 12 - 150)
    alice.write("Who am I?")
    asked = alice.script.requests("completions")[-1]["body"]
    assert asked["model"] == "gpt-6.1-terra"
    assert [each["content"] for each in asked["messages"]][1:3] == ["My name is Alice.", "Nice to meet you."]


@pytest.mark.parametrize(("kind", "data"), [("audio", tone(2.0)), ("video_note", film(2.0))])
def test_audio_and_video_notes_are_heard_too(alice: Conversation, kind: str, data: bytes) -> None:
    hear(alice, "Hello", "Hi.")
    alice.world.send(file=sent(data, kind, duration=2), user=ALICE)
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "Hi." or None)
    assert wallets(alice)[1] == GIFT - 12


@pytest.mark.parametrize(
    ("user", "words"), [(ALICE, "I could not make out any words."), (BORIS, "Слов разобрать не удалось.")]
)
def test_nothing_recognised_is_said_and_costs_nothing(alice: Conversation, user: int, words: str) -> None:
    hear(alice, "")
    (said,) = say(alice, user=user)
    assert said.startswith(words)
    assert wallets(alice, user) == (30_000, GIFT)
    assert entries(alice) == []


def test_three_hundred_seconds_are_heard_and_no_more_whatever_the_sender_claims(alice: Conversation) -> None:
    hear(alice, "A long story", "Indeed.")
    assert say(alice, 300)[-1] == "Indeed."
    assert wallets(alice)[1] == GIFT - 1800
    alice.world.send(file=sent(tone(301), duration=3), user=ALICE)
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"].startswith("The recording is too long") or None)
    assert "300 seconds" in alice.said(ALICE)[-1]["text"]
    assert wallets(alice)[1] == GIFT - 1800
    assert len(alice.script.requests("transcriptions")) == 1


def test_a_file_that_is_said_to_be_too_large_is_not_fetched(alice: Conversation) -> None:
    alice.world.send(file=sent(tone(1.0), file_size=21 * 1024 * 1024), user=ALICE)
    alice.wait_for(
        lambda: alice.said(ALICE)[-1]["text"] == "The file is too large: I take files of up to 20 MB." or None
    )
    assert alice.world.calls("getFile") == []


@pytest.mark.parametrize("settings", [{"MAX_FILE_MB": "1", "NEW_USER_PREMIUM_BALANCE": "20000"}])
def test_a_file_that_is_larger_than_it_says_is_found_out(alice: Conversation) -> None:
    alice.world.send(file=sent(bytes(1_048_577), file_size=100), user=ALICE)
    alice.wait_for(
        lambda: alice.said(ALICE)[-1]["text"] == "The file is too large: I take files of up to 1 MB." or None
    )


def test_what_holds_no_sound_is_said(alice: Conversation) -> None:
    alice.world.send(file=sent(film(1.0, sound=False), "video_note"), user=ALICE)
    alice.wait_for(lambda: "no sound in this file" in alice.said(ALICE)[-1]["text"] or None)
    assert wallets(alice)[1] == GIFT


def test_a_provider_that_fails_costs_nothing_and_can_be_tried_again(alice: Conversation) -> None:
    alice.script.queue({"path": "transcriptions", "times": 2, "fault": {"kind": "status", "status": 500}})
    (failure,) = say(alice)
    assert failure == "The model is overloaded. Try again in a moment. Nothing was charged."
    assert wallets(alice) == (30_000, GIFT)
    hear(alice, "Hello", "Hi.")
    alice.press(alice.said(ALICE)[-1], "hear")
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "Hi." or None)
    assert wallets(alice) == (30_000 - 150, GIFT - 24)
    assert alice.press(alice.said(ALICE)[-3], "hear", forged=True) == "This button does not work any more."


def test_an_answer_that_fails_after_the_words_can_be_tried_again(alice: Conversation) -> None:
    hear(alice, "Hello")
    alice.script.queue({"path": "completions", "times": 2, "fault": {"kind": "status", "status": 500}})
    said = say(alice)
    assert said[0] == "You said: Hello"
    assert said[1].endswith("Only the listening was charged.")
    assert wallets(alice) == (30_000, GIFT - 24)
    hear(alice, "Something else", "Hi.")
    alice.press(alice.said(ALICE)[-1], "Retry")
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "Hi." or None)
    assert len(alice.script.requests("transcriptions")) == 1, "the words are known"
    assert wallets(alice) == (30_000 - 150, GIFT - 24)


def test_the_owner_hears_of_a_missing_ffmpeg(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise RuntimeError("no ffmpeg")

    recording = sent(tone(1.0))
    monkeypatch.setattr(voice.shutil, "which", lambda _: None)
    monkeypatch.setattr(voice.imageio_ffmpeg, "get_ffmpeg_exe", none)
    alice.world.send(file=recording, user=ALICE)
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"].startswith("The bot can't listen right now") or None)
    alice.wait_for(lambda: "ffmpeg" in alice.said(OWNER)[-1]["text"] or None)


@pytest.mark.parametrize("settings", [{"NEW_USER_PREMIUM_BALANCE": "23"}])
@pytest.mark.parametrize(
    ("user", "words"), [(ALICE, "takes 24 premium tokens, 23 left"), (BORIS, "нужно 24 премиум-токена, свободно 23")]
)
def test_a_wallet_that_cannot_pay_the_seconds(alice: Conversation, user: int, words: str) -> None:
    (said,) = say(alice, user=user)
    assert words in said
    assert alice.script.requests("transcriptions") == []
    assert wallets(alice, user) == (30_000, 23)


@pytest.mark.parametrize("settings", [{"NEW_USER_BALANCE": "0", "NEW_USER_PREMIUM_BALANCE": "500"}])
def test_words_that_nobody_could_pay_an_answer_to_are_not_bought(alice: Conversation) -> None:
    (said,) = say(alice)
    assert said.startswith("Not enough tokens for an answer")
    assert wallets(alice) == (0, 500)


def test_stop_while_it_listens_costs_nothing(alice: Conversation) -> None:
    alice.script.queue({"path": "transcriptions", "fault": {"kind": "stall", "seconds": 60}})
    alice.world.send(file=sent(tone(1.0)), user=ALICE)
    alice.script.wait(lambda seen: seen or None, "transcriptions")
    draft = alice.wait_for(lambda: alice.world.calls("sendMessageDraft") or None)[0]["params"]
    assert draft["text"] == "Listening…"
    alice.world.stop_draft(int(draft["draft_id"]))
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"].startswith("Stopped before the first word") or None)
    assert wallets(alice) == (30_000, GIFT)


def test_a_restart_after_the_words_were_paid_buys_them_once(alice: Conversation) -> None:
    hear(alice, "Two and two?")
    alice.script.queue({"path": "completions", "hold": True}, {"path": "completions", "text": "Four.", "usage": USAGE})
    alice.world.send(file=sent(tone(3.6)), user=ALICE)
    alice.script.wait(lambda seen: seen or None, "completions")
    alice.restart()
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "Four." or None)
    assert [each["text"] for each in alice.said(ALICE)].count("You said: Two and two?") == 1
    assert len(alice.script.requests("transcriptions")) == 1
    assert wallets(alice) == (30_000 - 150, GIFT - 24)


def test_words_that_were_paid_are_shown_even_if_no_answer_can_be_paid_any_more(alice: Conversation) -> None:
    hear(alice, "Two and two?")
    alice.script.queue({"path": "completions", "hold": True})
    alice.world.fault(method="sendMessage", kind="stall", times=1, seconds=60)
    alice.world.send(file=sent(tone(3.6)), user=ALICE)
    alice.wait_for(lambda: wallets(alice)[1] < GIFT or None)
    alice.bot.store.refill(ALICE, "balance", -30_000)
    alice.restart()
    alice.wait_for(lambda: "Not enough tokens" in alice.said(ALICE)[-1]["text"] or None)
    assert any(each["text"].startswith("You said: Two and two?") for each in alice.said(ALICE))
    assert len(alice.script.requests("transcriptions")) == 1
    assert wallets(alice) == (0, GIFT - 24)


def test_a_restart_while_it_listens_listens_again(alice: Conversation) -> None:
    alice.script.queue({"path": "transcriptions", "fault": {"kind": "stall", "seconds": 60}})
    alice.world.send(file=sent(tone(3.6)), user=ALICE)
    alice.script.wait(lambda seen: seen or None, "transcriptions")
    hear(alice, "Hello", "Hi.")
    alice.restart()
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "Hi." or None)
    assert wallets(alice) == (30_000 - 150, GIFT - 24)


def test_a_charge_that_cannot_be_written_gives_no_words(alice: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OSError("no journal")

    hear(alice, "Hello")
    with monkeypatch.context() as patch:
        patch.setattr(Wallets, "_charge", broken)
        alice.script.default({"path": "transcriptions", "text": "Hello"})
        said = say(alice)
    assert "Something broke" in said[-1]
    assert wallets(alice) == (30_000, GIFT)


def test_a_long_transcript_is_shown_whole_and_never_as_formatting(alice: Conversation) -> None:
    words = " ".join(f"*word* {number}" for number in range(500))
    hear(alice, words, "Indeed.")
    said = say(alice, 2.0)
    assert len(said) == 3
    assert " ".join(said[:2]) == f"You said: {words}"
    assert "entities" not in alice.said(ALICE)[-3]


def test_an_answer_keeps_its_place_among_the_others(alice: Conversation) -> None:
    alice.script.queue({"path": "transcriptions", "text": "first", "delay": 0.5})
    alice.world.send(file=sent(tone(1.0)), user=ALICE)
    alice.world.send("second", user=ALICE)
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: second" or None)
    assert [each["text"] for each in alice.said(ALICE)][-3:] == [
        "You said: first",
        "You said: first",
        "You said: second",
    ]


def test_only_the_words(alice: Conversation) -> None:
    assert "voice message, audio or video note" in alice.write("/transcribe")
    alice.world.fault(kind="400", method="getFile", times=1)
    said = say(alice)
    assert said == ["Telegram does not have this file any more. Send it anew. Nothing was charged."]
    recording = next(each for each in alice.world.messages(ALICE) if "voice" in each)
    hear(alice, "Buy some milk")
    assert alice.write("/transcribe", reply_to=recording["message_id"]) == "Buy some milk"
    assert alice.bot.long.wait_idle(10)
    assert wallets(alice) == (30_000, GIFT - 24)
    assert alice.bot.store.records[str(ALICE)]["requests"] == 1
    assert alice.script.requests("completions") == []


def test_in_a_group_the_placeholder_becomes_the_words_and_another_the_answer(alice: Conversation) -> None:
    alice.world.group(GROUP, title="Friends", members=[ALICE, BORIS])
    first = alice.ask("@sandbox_assistant_bot hello", chat=GROUP)
    hear(alice, "And now?", "Now too.")
    alice.world.send(file=sent(tone(2.0)), user=BORIS, chat=GROUP, reply_to=first["message_id"])
    alice.wait_for(lambda: alice.said(GROUP)[-1]["text"] == "Now too." or None)
    assert [each["text"] for each in alice.said(GROUP)][-2:] == ["Вы сказали: And now?", "Now too."]
    assert wallets(alice, BORIS)[1] == GIFT - 12


@pytest.mark.parametrize("settings", [{"WALLETS": "off"}])
def test_without_wallets_it_is_counted_and_free(alice: Conversation) -> None:
    hear(alice, "Hello", "Hi.")
    assert say(alice)[-1] == "Hi."
    assert wallets(alice) == (30_000, 0)
    assert alice.bot.store.records[str(ALICE)]["whisper_seconds"] == 4


def failed(people: Conversation) -> list[dict[str, Any]]:
    assert people.bot.long.wait_idle(10)
    return [each for each in people.bot.store.engine.state.entries if each["reason"] == "failed"]


@pytest.mark.parametrize("settings", [{"NEW_USER_PREMIUM_BALANCE": str(GIFT), "WHISPER_PRICE": "60"}])
def test_silence_costs_nobody_tokens_and_the_owners_budget_what_it_cost(alice: Conversation) -> None:
    hear(alice, "")
    say(alice, 2.0)
    (entry,) = failed(alice)
    assert (entry["amount"], entry["seconds"], entry["usd"]) == (0, 2, 2.0)
    assert alice.bot.store.cost_today() == 2.0
    assert wallets(alice) == (30_000, GIFT)


def test_a_stop_between_words_and_answer_says_what_was_charged(alice: Conversation) -> None:
    hear(alice, "Hello")
    alice.script.queue({"path": "completions", "hold": True})
    alice.world.send(file=sent(tone(3.6)), user=ALICE)
    alice.script.wait(lambda seen: seen or None, "completions")
    thinking = alice.wait_for(  # the draft of the listening says so
        lambda: [call for call in alice.world.calls("sendMessageDraft") if not call["params"].get("text")] or None
    )
    alice.world.stop_draft(int(thinking[0]["params"]["draft_id"]))
    alice.wait_for(lambda: "only the listening was charged" in alice.said(ALICE)[-1]["text"] or None)
    assert wallets(alice) == (30_000, GIFT - 24)
