"""What is kept about a person: told, handed out, erased; in both languages."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ALICE, BORIS, GROUP, Conversation, buttons, on_files


def data_of(people: Conversation, message: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(people.world.file(message["document"]["file_id"]))
    return data


def test_privacy_says_what_is_kept_where_and_who_sees_it(alice: Conversation) -> None:
    said = alice.ask("/privacy")
    assert "within 7 days" in said["text"]
    assert "Whoever runs the model (127.0.0.1) gets" in said["text"]
    assert "debugging log" not in said["text"]
    assert [each["callback_data"] for each in buttons(said)] == ["/mydata", "/delete_me"]
    assert "исчезают за 7 дней" in alice.write("/privacy", user=BORIS)


def test_a_stranger_may_read_it_first(people: Conversation) -> None:
    said = people.ask("/privacy")
    assert said["text"].startswith("What is kept")
    assert not buttons(said)


@pytest.mark.parametrize("settings", [{"DEBUG_MODE": "1"}])
def test_a_debugging_log_is_no_secret(alice: Conversation) -> None:
    assert alice.write("/privacy").endswith("it may hold the words of messages, too.")
    assert "made-up name" not in alice.write("/privacy")
    assert alice.write("/privacy", user=BORIS).endswith("в нём могут быть и слова сообщений.")


def test_the_log_is_told_of(alice: Conversation) -> None:
    assert alice.write("/privacy").endswith("the chat by a made-up name.")


@pytest.mark.parametrize("length", [30, 9000])
def test_the_owners_own_words(alice: Conversation, length: int, tmp_path: Path) -> None:
    text = "Own <b>words</b>. ".ljust(length, "x")
    (tmp_path / "privacy.txt").write_text(text + "\n")
    alice.environment["PRIVACY_FILE"] = "privacy.txt"
    alice.restart()
    said = alice.ask("/privacy")
    if length < 4096:
        assert said["text"] == text
    else:
        assert alice.world.file(said["document"]["file_id"]).decode().strip() == text


def test_my_data_is_everything_and_nobody_elses(alice: Conversation) -> None:
    alice.write("/ec")
    alice.write("My secret is Rosebud")
    alice.write("/ec", user=1, chat=GROUP)
    alice.write("@sandbox_assistant_bot call me Rosebud", chat=GROUP)
    alice.write("@sandbox_assistant_bot and me Boris", chat=GROUP, user=BORIS)
    message = alice.ask("/mydata")
    assert message["caption"].startswith("Everything kept about you")
    data = data_of(alice, message)
    assert data["record"]["balance"] < 30_000
    assert data["record"]["history"][0]["content"] == "My secret is Rosebud"
    assert [each["content"] for each in data["in_groups"][str(GROUP)] if each["role"] == "user"] == [
        "Alice: call me Rosebud"
    ]
    assert {each["user"] for each in data["ledger"]} == {ALICE}
    assert sum(each["amount"] for each in data["ledger"] if each["wallet"] == "balance") == data["record"]["balance"]
    assert "Boris" not in json.dumps(data)
    assert alice.ask("/mydata", user=BORIS)["caption"].startswith("Всё, что о вас хранится")


def test_the_ledger_is_whole_across_restarts(alice: Conversation) -> None:
    alice.write("Hello")
    alice.restart()
    alice.write("Hello")
    ledger = data_of(alice, alice.ask("/mydata"))["ledger"]
    assert [each["reason"] for each in ledger] == ["start", "answer", "answer"]


def test_from_a_group_it_goes_to_the_private_chat(alice: Conversation) -> None:
    assert alice.write("/mydata", chat=GROUP) == "Sent to you in private."
    assert data_of(alice, alice.said(ALICE)[-1])["record"]["name"] == "Alice"
    alice.world.member("kicked", user=ALICE)
    assert alice.write("/mydata", chat=GROUP).startswith("The file goes to a private chat only")


def test_every_provider_of_the_catalogue_is_named(alice: Conversation) -> None:
    row = {"name": "other", "base_url": "https://models.example/v1", "key": "OTHER_API_KEY"}
    (alice.folder / "own.json").write_text(json.dumps([row]))
    alice.environment |= {"MODELS_FILE": "own.json", "OTHER_API_KEY": "sk-other"}
    alice.restart()
    assert "(127.0.0.1, models.example)" in alice.write("/privacy")


@pytest.mark.parametrize("disk", ["well", pytest.param("full", marks=on_files)])
def test_who_came_back_gets_nothing_of_what_was_erased(
    alice: Conversation, disk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError("no space")

    alice.write("Hello")
    alice.save()
    if disk == "full":
        monkeypatch.setattr(alice.bot.store.engine, "checkpoint", full)
    question = alice.ask("/privacy")
    alice.press(question, "/delete_me")
    alice.wait_for(lambda: "Erase everything" in alice.message(ALICE, question["message_id"])["text"] or None)
    alice.press(alice.message(ALICE, question["message_id"]), "delete:yes")
    alice.wait_for(lambda: "Erased" in alice.message(ALICE, question["message_id"])["text"] or None)
    alice.write("/start")
    assert data_of(alice, alice.ask("/mydata"))["ledger"] == []


@pytest.mark.parametrize("settings", [{"WALLETS": "off", "DEFAULT_CONTEXT": "5000"}])
def test_an_answer_that_was_under_way_leaves_no_trace_with_who_came_back(alice: Conversation) -> None:
    alice.script.queue({"text": "It is safe with me", "hold": True})
    alice.world.send("My secret is Rosebud", user=ALICE)
    alice.world.send("And my second secret is Xanadu", user=ALICE)
    alice.script.wait(lambda seen: seen or None, "completions")
    question = alice.ask("/delete_me")
    alice.press(question, "delete:yes")
    alice.wait_for(lambda: "Erased" in alice.message(ALICE, question["message_id"])["text"] or None)
    alice.write("/start")
    alice.script.release()
    assert alice.bot.long.wait_idle(10)
    everything = data_of(alice, alice.ask("/mydata"))
    assert "Rosebud" not in json.dumps(everything)
    assert "Xanadu" not in json.dumps(everything)
    assert everything["ledger"] == []
    assert len(alice.script.requests("completions")) == 1
