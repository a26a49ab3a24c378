"""Tables and formulas as rich messages, as readable text where Telegram takes none; long answers as files too."""

from typing import Any

import pytest

from delivery import Screen
from delivery.screen import file_name
from formatting import rich
from sandbox.rich import read_markdown
from telegram_io import Place
from tests.conftest import ALICE, GROUP, Conversation

TABLE = "Prices:\n\n| What | How much |\n|---|---:|\n| a < b | $5 |\n| **tea** | $x^2$ |"
LONG = "\n\n".join(f"## Part {number}\n\n" + "word " * 420 for number in range(7))


def asked(
    people: Conversation, answer: str, question: str = "What does tea cost?", **reply: Any
) -> list[dict[str, Any]]:
    """The bot's messages for a question; the next one is answered when they are all there."""
    people.script.queue({"text": answer, "match": question} | reply, {"text": "The end.", "match": "Done?"})
    sent = people.world.send(question, user=ALICE)["message"]["message_id"]
    people.world.send("Done?", user=ALICE)
    people.wait_for(
        lambda: people.said(ALICE, sent)[-1:] and people.said(ALICE, sent)[-1].get("text") == "The end.", 20
    )
    return people.said(ALICE, sent)[:-1]


def kinds(message: dict[str, Any]) -> list[str]:
    return [block["type"] for block in message["rich_message"]["blocks"]]


def test_a_table_becomes_a_rich_message_once(alice: Conversation) -> None:
    (message,) = asked(alice, TABLE, delay=0.5)
    assert kinds(message) == ["paragraph", "table"]
    cells = message["rich_message"]["blocks"][1]["cells"]
    assert [cell["text"] for cell in cells[1]] == ["a < b", "$5"]
    assert cells[2][1]["text"] == {"type": "mathematical_expression", "expression": "x^2"}
    (draft,) = alice.world.calls("sendRichMessageDraft")
    (sent,) = alice.world.calls("sendRichMessage")
    assert draft["params"]["rich_message"] == sent["params"]["rich_message"]
    late = [call for call in alice.world.calls() if call["method"].endswith("Draft") and call["n"] > sent["n"]]
    assert all(call["params"]["draft_id"] != draft["params"]["draft_id"] for call in late)


def test_words_alone_are_no_rich_message(alice: Conversation) -> None:
    asked(alice, "**Words** and `code`, for $5 or $6.")
    assert alice.world.calls("sendRichMessage") == []


def test_in_a_group_the_placeholder_becomes_the_rich_message(alice: Conversation) -> None:
    alice.world.group(GROUP, type="group", title="Friends", members=[ALICE])
    alice.script.queue({"deltas": [TABLE[:20], TABLE[20:]], "hold": True, "hold_after": 1})
    alice.world.send(f"@{alice.bot.telegram.username} what?", user=ALICE, chat=GROUP)
    placed = alice.wait_for(lambda: alice.said(GROUP)[-1:] or None)[0]
    alice.script.release()
    whole = alice.wait_for(lambda: next((m for m in alice.said(GROUP) if "rich_message" in m), None))
    assert whole["message_id"] == placed["message_id"]
    assert kinds(whole) == ["paragraph", "table"]
    assert len(alice.said(GROUP)) == len({each["message_id"] for each in alice.said(GROUP)})


def test_in_a_group_the_placeholder_becomes_text_where_it_may_not_be_rich(alice: Conversation) -> None:
    alice.world.group(GROUP, type="group", title="Friends", members=[ALICE])
    alice.script.queue({"deltas": [TABLE[:20], TABLE[20:]], "hold": True, "hold_after": 1})
    alice.world.send(f"@{alice.bot.telegram.username} what?", user=ALICE, chat=GROUP)
    placed = alice.wait_for(lambda: alice.said(GROUP)[-1:] or None)[0]
    alice.world.fault(method="editMessageText", kind="400", description="Bad Request: RICH_MESSAGE_INVALID", times=1)
    alice.script.release()
    whole = alice.wait_for(lambda: next((m for m in alice.said(GROUP) if "What  |" in m.get("text", "")), None))
    assert whole["message_id"] == placed["message_id"]
    assert alice.world.calls("sendRichMessage") == []


def test_what_is_refused_as_rich_is_sent_as_text_and_after_three_times_not_tried_again(alice: Conversation) -> None:
    alice.world.fault(
        method="sendRichMessage", kind="400", description="Bad Request: can't parse rich message", times=None
    )
    for _ in range(4):
        (message,) = asked(alice, TABLE)
        assert message["text"].startswith("Prices:\n\nWhat  | How much")
    assert len(alice.world.calls("sendRichMessage")) == 3


def test_a_429_changes_nothing_but_the_time(alice: Conversation) -> None:
    alice.world.fault(method="sendRichMessage", kind="429", retry_after=1, times=1)
    (message,) = asked(alice, TABLE)
    assert kinds(message) == ["paragraph", "table"]


def test_a_doubt_is_no_refusal(alice: Conversation) -> None:
    alice.world.fault(method="sendRichMessage", kind="502", times=1)
    (message,) = asked(alice, TABLE)
    assert kinds(message) == ["paragraph", "table"]


def test_a_rich_message_that_may_be_there_already_says_so(alice: Conversation) -> None:
    place = Place(ALICE)
    Screen(
        alice.bot.telegram, place, "en", str, lambda key, send: send(key == "rich"), private=True, streaming=True
    ).finish(TABLE, "Stopped.")
    last = alice.said(ALICE)[-1]["rich_message"]["blocks"][-1]
    assert str(last["text"]).count("italic") == 2
    assert "Stopped." in str(last)
    assert "Sent again" in str(last)


def test_a_decision_against_a_rich_message_outlives_the_process(alice: Conversation) -> None:
    known = {"rich": -1}
    for screen in range(2):
        Screen(
            alice.bot.telegram,
            Place(ALICE),
            "en",
            str,
            lambda key, send: known.get(key) or known.setdefault(key, send(False)),
            private=True,
            streaming=bool(screen),
        ).finish(TABLE)
    assert alice.world.calls("sendRichMessage") == []
    assert known["part 0"] == alice.said(ALICE)[-1]["message_id"]


def test_a_very_long_answer_comes_as_a_file_too_once_and_last(alice: Conversation) -> None:
    *parts, file = asked(alice, LONG, "How do I cook рис, step/by../step? In detail")
    assert len(parts) > 5
    assert all("text" in part for part in parts)
    assert file["document"]["file_name"] == "How-do-I-cook-рис-step.md"
    assert len(alice.world.calls("sendDocument")) == 1
    assert alice.world.file(file["document"]["file_id"]).decode() == LONG


def test_no_file_where_telegram_takes_none(alice: Conversation) -> None:
    alice.world.fault(method="sendDocument", kind="400", description="Bad Request: not enough rights", times=1)
    assert len(asked(alice, LONG)) > 5


def test_files_have_names_of_words() -> None:
    assert file_name("../../etc/passwd\n<b>") == "etc-passwd-b.md"
    assert file_name("😀?!") == "answer.md"
    assert len(file_name("слово" * 100)) <= 60


@pytest.mark.parametrize(
    "answer",
    [
        "| a |\n|---|\n| [x](file.txt) |",  # an address Telegram would not take
        "| a |\n|---|\n| ![](https://e.org/x.png) |",
        "| a |\n|---|\n| one | too many |",
        "|" + "a|" * 21 + "\n|" + "-|" * 21 + "\n|" + "b|" * 21,
        "$x$" + " word" * 1_500,
        "$x$\n\n" + "".join("  " * depth + f"- {depth}\n" for depth in range(12)),
        "$x$\n\n" + "- a\n" * 600,
        "It costs $10 (or $12)",
    ],
)
def test_what_would_lose_something_as_a_rich_message_is_none(answer: str) -> None:
    assert rich(answer) is None


def test_the_server_reads_no_more_than_markdown_into_an_answer() -> None:
    words = "$x$ <b>a</b> == c == ~5~ $6 or $7 [^1] \\$8 \\*"
    ((block),) = read_markdown(rich(words) or "")
    assert block["text"][1] == " <b>a</b> == c == ~5~ $6 or $7 [^1] $8 *"


def test_lines_stay_lines_and_a_remark_is_outside_of_code() -> None:
    blocks = read_markdown(rich("$x$\none\n\n> two\n> three\n\n```py\nfour", "Cut.") or "")
    assert [block["type"] for block in blocks] == ["paragraph", "blockquote", "pre", "paragraph"]
    assert blocks[0]["text"][1] == "\none"
    assert blocks[1]["blocks"][0]["text"] == "two\nthree"
    assert blocks[3]["text"] == {"type": "italic", "text": "Cut."}
