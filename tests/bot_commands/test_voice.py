"""Voices as people send them: what is shown, what is answered, what each wallet pays."""

from pathlib import Path
from typing import Any

import pytest

from accounts.wallets import Wallets
from sandbox.client import Sandbox
from services import voice
from telegram_io.wire import DownloadError
from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation
from tests.sounds import film, sent, speech, tone

MEDIA = Path(__file__).parents[1] / "media"
PNG = bytes.fromhex("89504e470d0a1a0a")
GIFT = 20_000
YOU, RU = "🎙 You said (English):\n", "🎙 Вы сказали (английский):\n"
DECODED_SECONDS = 30.0  # a long recording beside other tests, at most
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
    people.wait_for(lambda: len(people.said(user)) > before or None, DECODED_SECONDS)
    assert people.bot.long.wait_idle(DECODED_SECONDS)
    return [each["text"] for each in people.said(user)[before:]]


def wallets(people: Conversation, user: int = ALICE) -> tuple[int, int]:
    found = people.bot.store.user(user)
    assert found
    return found.balance, found.premium_balance


def entries(people: Conversation) -> list[dict[str, Any]]:
    return [each for each in people.entries() if each["reason"] in ("voice", "answer")]


@pytest.mark.parametrize(("user", "shown"), [(ALICE, YOU + "Two and two?"), (BORIS, RU + "Two and two?")])
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


def test_a_recording_sent_as_a_file_is_heard_with_what_is_said_beside_it(alice: Conversation) -> None:
    alice.script.queue({"path": "transcriptions", "text": "Il pleut."})
    file = sent(tone(2), "document", name="memo.ogg", mime_type="audio/ogg")
    alice.ask("Translate this", file=file)
    alice.wait_for(lambda: alice.script.requests("completions") or None)
    assert alice.script.requests("completions")[-1]["body"]["messages"][-1]["content"] == "Translate this\n\nIl pleut."


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
    alice.wait_for(
        lambda: alice.said(ALICE)[-1]["text"].startswith("The recording is too long") or None, DECODED_SECONDS
    )
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
    assert said[0] == YOU + "Hello"
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
    assert [each["text"] for each in alice.said(ALICE)].count(YOU + "Two and two?") == 1
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
    assert any(each["text"].startswith(YOU + "Two and two?") for each in alice.said(ALICE))
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
    assert " ".join(said[:2]) == YOU + words
    for message, skipped in zip(alice.said(ALICE)[-3:-1], (len(YOU) + 1, 0), strict=True):  # the emoji counts twice
        (quote,) = message["entities"]
        assert (quote["type"], quote["offset"]) == ("expandable_blockquote", skipped)
        assert quote["offset"] + quote["length"] == len(message["text"]) + (skipped > 0)


def test_an_answer_keeps_its_place_among_the_others(alice: Conversation) -> None:
    alice.script.queue({"path": "transcriptions", "text": "first", "delay": 0.5})
    alice.world.send(file=sent(tone(1.0)), user=ALICE)
    alice.world.send("second", user=ALICE)
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "You said: second" or None)
    assert [each["text"] for each in alice.said(ALICE)][-3:] == [
        YOU + "first",
        "You said: first",
        "You said: second",
    ]


def recording(people: Conversation, user: int, **fields: Any) -> int:
    """Somebody's recording that nobody answers, since the bot may not have it; its id."""
    people.world.fault(kind="400", method="getFile", times=1)
    before = len(people.said(fields.get("chat", user)))
    message = people.world.send(user=user, **fields)["message"]
    people.wait_for(lambda: len(people.said(fields.get("chat", user))) > before or None)
    return int(message["message_id"])


def test_only_the_words(alice: Conversation) -> None:
    assert "voice message, audio, video or video note" in alice.write("/transcribe")
    voice_id = recording(alice, ALICE, file=sent(tone(3.6)))
    told = "Telegram does not have this file any more. Send it anew. Nothing was charged."
    assert alice.said(ALICE)[-1]["text"] == told
    hear(alice, "Buy *some* milk")
    assert alice.write("/transcribe", reply_to=voice_id) == "Buy *some* milk"
    assert "entities" not in alice.said(ALICE)[-1]
    assert alice.bot.long.wait_idle(10)
    assert wallets(alice) == (30_000, GIFT - 24)
    assert alice.bot.store.records[str(ALICE)]["requests"] == 1
    assert alice.script.requests("completions") == []


MP3 = (MEDIA / "song-with-cover.mp3").read_bytes()


@pytest.mark.parametrize(
    "file",
    [sent(film(2.0), "video", duration=2), sent(MP3, "document", mime_type="audio/mpeg", file_name="lecture.mp3")],
    ids=["video", "a sound as a file"],
)
def test_the_words_of_a_video_and_of_a_sound_sent_as_a_file(alice: Conversation, file: dict[str, Any]) -> None:
    message = alice.world.send(file=file, user=ALICE)["message"]
    alice.wait_for(lambda: alice.said(ALICE, message["message_id"]) or None)
    assert alice.bot.long.wait_idle(10), "a sound as a file is heard when it comes"
    hear(alice, "What the sea says")
    assert alice.write("/transcribe", reply_to=message["message_id"]) == "What the sea says"


def test_a_picture_and_a_paper_have_no_words_to_listen_to(alice: Conversation) -> None:
    for kind in ("photo", "document"):
        file = sent(PNG, kind, mime_type="application/pdf")
        message = alice.world.send(file=file, user=ALICE)["message"]
        alice.wait_for(lambda sent=message["message_id"]: alice.said(ALICE, sent) or None)
        assert "Reply with this command" in alice.write("/transcribe", reply_to=message["message_id"])


def test_somebody_elses_words_in_a_topic_of_a_group(alice: Conversation) -> None:
    alice.world.group(GROUP, title="Friends", members=[ALICE, BORIS], is_forum=True)
    thread = alice.world.topic(GROUP, "Plans", BORIS)
    voice_id = alice.world.send(file=sent(tone(3.6)), user=BORIS, chat=GROUP, thread=thread)["message"]["message_id"]
    hear(alice, "Завтра в девять")
    said = alice.ask("/transcribe", chat=GROUP, thread=thread, reply_to=voice_id)
    assert (said["text"], said["message_thread_id"]) == ("Завтра в девять", thread)
    assert alice.bot.long.wait_idle(10)
    assert (wallets(alice, ALICE)[1], wallets(alice, BORIS)[1]) == (GIFT - 24, GIFT)


def test_very_many_words_come_in_parts_and_as_a_file(alice: Conversation) -> None:
    voice_id = recording(alice, ALICE, file=sent(tone(1.0)))
    words = " ".join(f"Sentence number {number}." for number in range(1200))
    hear(alice, words)
    alice.world.send("/transcribe", user=ALICE, reply_to=voice_id)
    file = alice.wait_for(lambda: next((each for each in alice.said(ALICE) if "document" in each), None))
    parts = [each["text"] for each in alice.said(ALICE) if each.get("text", "").startswith("Sentence")]
    assert len(parts) > 5
    assert " ".join(parts) == words
    assert file["document"]["file_name"] == "Sentence-number-0-Sentence-number-1.txt"


def test_what_was_passed_on_or_is_no_voice_of_ones_own_is_not_said_by_its_sender(alice: Conversation) -> None:
    hear(alice, "Buy milk", "Indeed.")
    said = say(alice, extra={"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Zoe"}})
    assert said[0] == "🎙 In the recording (English):\nBuy milk"
    hear(alice, "Как прекрасен этот мир", "Indeed.")
    alice.world.send(file=sent(MP3, "audio"), user=BORIS)
    alice.wait_for(lambda: alice.said(BORIS)[-1]["text"] == "Indeed." or None)
    assert alice.said(BORIS)[-2]["text"] == "🎙 В записи (русский):\nКак прекрасен этот мир"


@pytest.mark.parametrize("kind", ["audio", "document"])
def test_a_caption_asks_about_what_is_heard(alice: Conversation, kind: str) -> None:
    """Also where a phone sends a recording as a file."""
    hear(alice, "Guten Morgen", "Good morning.")
    file = sent(MP3, kind, name="memo.mp3", mime_type="audio/mpeg")
    alice.world.send(file=file, user=ALICE, caption="Translate this")
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "Good morning." or None)
    (asked,) = alice.script.requests("completions")
    assert asked["body"]["messages"][-1]["content"] == "Translate this\n\nGuten Morgen"
    assert alice.said(ALICE)[-2]["text"] == "🎙 In the recording (English):\nGuten Morgen"


def test_a_language_nobody_names_is_left_out(alice: Conversation) -> None:
    alice.script.queue({"path": "transcriptions", "text": "Qapla'", "language": "klingon"})
    assert say(alice)[0] == "🎙 You said:\nQapla'"


def test_silence_is_not_bought(alice: Conversation) -> None:
    alice.world.send(file=sent((MEDIA / "silence.ogg").read_bytes()), user=ALICE)
    alice.wait_for(lambda: "could not make out any words" in alice.said(ALICE)[-1]["text"] or None)
    assert alice.script.requests("transcriptions") == []


LONG = {"LONGEST_VOICE": "700", "NEW_USER_PREMIUM_BALANCE": str(GIFT), "WHISPER_PRICE": "6", "BUDGET_USD_PER_DAY": "99"}


@pytest.mark.parametrize("settings", [LONG])
def test_a_long_recording_is_heard_in_pieces_and_seen_as_it_is(alice: Conversation) -> None:
    hear(alice, "The *first* part.")
    alice.script.queue({"path": "transcriptions", "text": "The second part.", "hold": True})
    alice.script.queue({"path": "completions", "text": "Indeed."})
    alice.world.send(file=sent(speech(400, 50)), user=ALICE)
    alice.wait_for(
        lambda: (
            [c for c in alice.world.calls("sendMessageDraft") if c["params"].get("text") == "The *first* part."] or None
        )
    )
    alice.script.release()
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "Indeed." or None)
    assert alice.said(ALICE)[-2]["text"] == YOU + "The *first* part. The second part."
    assert wallets(alice)[1] == GIFT - 400 * 6


@pytest.mark.parametrize("settings", [LONG])
def test_what_was_bought_of_a_long_recording_before_it_failed_is_the_owners(alice: Conversation) -> None:
    hear(alice, "The first part.")
    alice.script.queue({"path": "transcriptions", "fault": {"kind": "status", "status": 401}})
    alice.world.send(file=sent(speech(400, 50)), user=ALICE)
    alice.wait_for(lambda: "Nothing was charged" in alice.said(ALICE)[-1]["text"] or None)
    (entry,) = failed(alice)
    assert entry["seconds"] in (299, 300), "the pause nearest to the end of five minutes"
    assert entry["usd"] == pytest.approx(entry["seconds"] / 10)
    assert wallets(alice)[1] == GIFT


@pytest.mark.parametrize("settings", [LONG])
def test_a_long_recording_can_be_stopped_between_its_pieces(alice: Conversation) -> None:
    hear(alice, "The first part.")
    alice.script.queue({"path": "transcriptions", "fault": {"kind": "stall", "seconds": 60}})
    alice.world.send(file=sent(speech(400, 50)), user=ALICE)
    alice.script.wait(lambda seen: len(seen) == 2 or None, "transcriptions")
    draft = alice.wait_for(lambda: alice.world.calls("sendMessageDraft") or None)[0]["params"]["draft_id"]
    alice.world.stop_draft(int(draft))
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"].startswith("Stopped before the first word") or None)
    (entry,) = failed(alice)
    assert (entry["seconds"], entry["usd"]) == (400, 40.0)
    assert wallets(alice)[1] == GIFT


def test_another_server_listens_with_a_key_of_its_own(sandbox: Sandbox, people: Conversation) -> None:
    people.bot.stop()
    ears = sandbox.script(f"sk-ears-{people.script.key}")
    people.environment["TRANSCRIPTION_BASE_URL"] = f"{sandbox.url}/v1/"
    people.environment["TRANSCRIPTION_API_KEY"] = ears.key
    people.start()
    people.write("/start", user=OWNER)
    people.script.queue({"path": "completions", "text": "Four."})
    ears.queue({"text": "Two and two?"})
    assert say(people, user=OWNER)[-1] == "Four."
    assert len(ears.requests("transcriptions")) == 1
    assert people.script.requests("transcriptions") == []


def test_what_telegram_hands_over_too_slowly_can_be_asked_for_again(
    alice: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stalled(*_: object) -> None:
        raise DownloadError("stalled")

    with monkeypatch.context() as patch:
        patch.setattr(alice.bot.telegram, "download", stalled)
        assert say(alice)[-1].startswith("Telegram did not hand over the file in time")
    hear(alice, "Hello", "Hi.")
    alice.press(alice.said(ALICE)[-1], "Retry")
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"] == "Hi." or None)


def test_in_a_group_the_placeholder_becomes_the_words_and_another_the_answer(alice: Conversation) -> None:
    alice.world.group(GROUP, title="Friends", members=[ALICE, BORIS])
    first = alice.ask("@sandbox_assistant_bot hello", chat=GROUP)
    hear(alice, "And now?", "Now too.")
    alice.world.send(file=sent(tone(2.0)), user=BORIS, chat=GROUP, reply_to=first["message_id"])
    alice.wait_for(lambda: alice.said(GROUP)[-1]["text"] == "Now too." or None)
    assert [each["text"] for each in alice.said(GROUP)][-2:] == [RU + "And now?", "Now too."]
    assert wallets(alice, BORIS)[1] == GIFT - 12


@pytest.mark.parametrize("settings", [{"WALLETS": "off"}])
def test_without_wallets_it_is_counted_and_free(alice: Conversation) -> None:
    hear(alice, "Hello", "Hi.")
    assert say(alice)[-1] == "Hi."
    assert wallets(alice) == (30_000, 0)
    assert alice.bot.store.records[str(ALICE)]["whisper_seconds"] == 4


def failed(people: Conversation) -> list[dict[str, Any]]:
    assert people.bot.long.wait_idle(10)
    return [each for each in people.entries() if each["reason"] == "failed"]


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
