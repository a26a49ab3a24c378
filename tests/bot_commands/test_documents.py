"""Documents as people send them: read by the active model, paid by its wallet, known to the questions after them."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from services.tokens import estimate
from tests.conftest import ALICE, BORIS, GROUP, OWNER, Conversation, buttons
from tests.sounds import sent

USAGE = {"prompt_tokens": 900, "completion_tokens": 50, "total_tokens": 950}
WINDOW = 60_000  # tokens
# Both models can do the same but take PDF: that is for who pays with premium tokens.
ROWS = [
    {"name": "gpt-6-luna", "window": WINDOW, "can": ["pictures", "effort"]},
    {"name": "gpt-6.1-terra", "wallet": "premium", "window": WINDOW, "can": ["pictures", "files", "effort"]},
]
MEDIA = Path(__file__).parents[1] / "media"
NOTES = "The meeting is on Tuesday.\nBring the red folder.\n"


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "own.json").write_text(json.dumps(ROWS))
    return {"MODELS_FILE": "own.json", "NEW_USER_PREMIUM_BALANCE": "40000"}


def text(words: str = NOTES, name: str = "notes.txt", **about: Any) -> dict[str, Any]:
    return sent(words.encode(), "document", name=name, **about)


def asked(people: Conversation, number: int = -1) -> dict[str, Any]:
    body: dict[str, Any] = people.script.requests("completions")[number]["body"]
    return body


def contents(people: Conversation, number: int = -1) -> list[Any]:
    return [each["content"] for each in asked(people, number)["messages"]]


def wallets(people: Conversation, user: int = ALICE) -> tuple[int, int]:
    assert people.bot.long.wait_idle(10)
    found = people.bot.store.user(user)
    assert found
    return found.balance, found.premium_balance


def test_a_text_is_read_by_the_active_model_and_paid_by_its_wallet(alice: Conversation) -> None:
    alice.script.queue({"text": "On Tuesday.", "usage": USAGE})
    answer = alice.ask("When?", file=text())
    assert answer["text"] == "📄 notes.txt\n\nOn Tuesday."
    assert asked(alice)["model"] == "gpt-6-luna"
    assert contents(alice)[-1] == f'<document name="notes.txt">\n{NOTES.strip()}\n</document>\n\nWhen?'
    assert wallets(alice) == (30_000 - 950, 40_000)


@pytest.mark.parametrize(
    ("user", "question"),
    [(ALICE, "What is in this document? Sum it up."), (BORIS, "Что в этом документе? Перескажи кратко.")],
)
def test_without_a_caption_it_is_summed_up(alice: Conversation, user: int, question: str) -> None:
    alice.ask(None, user=user, file=text())
    assert contents(alice)[-1].endswith(f"</document>\n\n{question}")


def test_it_says_that_it_reads(alice: Conversation) -> None:
    alice.script.queue({"text": "On Tuesday.", "delay": 0.6})
    alice.ask("When?", file=text())
    assert alice.world.calls("sendMessageDraft")[0]["params"]["text"] == "Reading…"


def test_with_memory_follow_ups_know_it_for_five_turns(alice: Conversation) -> None:
    alice.write("/ec")
    alice.ask("When?", file=text())
    assert "The last document goes along with 5 more questions." in alice.write("/info")
    for turn in range(1, 6):
        assert alice.write(f"Sure? {turn}") == f"You said: Sure? {turn}", "only the first answer names it"
        assert contents(alice)[1].startswith('<document name="notes.txt">')
    alice.write("And now?")
    assert contents(alice)[1] == "When?"


def test_its_tokens_count_in_the_dialogue(alice: Conversation) -> None:
    alice.write("/ec")
    alice.script.queue({"text": "No use."})
    alice.ask("When?", file=text("Some words of no use. " * 1000))
    assert "6,0" in alice.write("/t").splitlines()[0]


def test_a_document_in_reply_to_another_is_compared_with_it(alice: Conversation) -> None:
    first = alice.world.send("When?", user=ALICE, file=text())["message"]["message_id"]
    alice.wait_for(lambda: alice.said(ALICE, first) or None)
    alice.script.queue({"text": "They differ."}, {"text": "They do."})
    answer = alice.ask("And this?", file=text("On Friday.", "two.txt"), reply_to=first)
    assert answer["text"] == "📄 two.txt, notes.txt\n\nThey differ."
    assert contents(alice)[-1].count("<document name=") == 2
    alice.press(answer, "Again")
    again = alice.wait_for(lambda: alice.said(ALICE)[-1] if "They do." in alice.said(ALICE)[-1]["text"] else None)
    assert again["text"] == "📄 two.txt, notes.txt\n\nThey do."


def test_without_memory_a_reply_to_the_document_or_to_its_answer_knows_it(alice: Conversation) -> None:
    sent_in = alice.world.send("When?", user=ALICE, file=text())["message"]["message_id"]
    answer = alice.wait_for(lambda: alice.said(ALICE, sent_in) or None)[-1]
    alice.write("Hello")
    assert contents(alice)[-1] == "Hello"
    for message_id in (answer["message_id"], sent_in):
        alice.write("Which folder?", reply_to=message_id)
        assert any(NOTES.strip() in content for content in contents(alice))
        assert contents(alice)[-1].endswith("Which folder?")


def test_a_document_of_a_group_is_read_when_the_bot_is_called(alice: Conversation) -> None:
    alice.world.group(GROUP, title="Friends", members=[ALICE, BORIS])
    mine = alice.world.send(None, user=BORIS, chat=GROUP, file=text())["message"]["message_id"]
    answer = alice.ask("@sandbox_assistant_bot when?", chat=GROUP, reply_to=mine)
    assert answer["text"].startswith("📄 notes.txt\n\n")
    assert NOTES.strip() in contents(alice)[-1]


def test_an_album_of_documents_is_one_question(alice: Conversation) -> None:
    files = [text(name="one.txt"), text("Two.", "two.md"), text("x = 3", "three.py")]
    alice.world.send("Compare", user=ALICE, files=files)
    said = alice.wait_for(lambda: alice.said(ALICE)[-1] if "Compare" in alice.said(ALICE)[-1]["text"] else None)
    assert said["text"].startswith("📄 one.txt, two.md, three.py\n\n")
    assert contents(alice)[-1].count("<document name=") == 3
    assert len(alice.script.requests("completions")) == 1


def test_files_of_people_at_once_do_not_mix(alice: Conversation) -> None:
    for number in range(3):
        for user in (ALICE, BORIS):
            alice.world.send(
                f"Whose {user} {number}?", user=user, file=text(f"Of {user}, {number}.", f"{user}-{number}.txt")
            )
    alice.wait_for(lambda: len(alice.script.requests("completions")) == 6 or None)
    for number in range(6):
        words = contents(alice, number)[-1]
        user, which = words.split("Whose ")[1].rstrip("?").split()
        assert (
            words == f'<document name="{user}-{which}.txt">\nOf {user}, {which}.\n</document>\n\nWhose {user} {which}?'
        )


def test_a_pdf_under_another_name_is_one_to_its_provider(alice: Conversation) -> None:
    alice.write("/switch")
    alice.ask("What?", file=sent((MEDIA / "text.pdf").read_bytes(), "document", name="letter"))
    assert [row["filename"] for row in kept_there(alice)] == ["letter.pdf"]


def test_a_name_is_shown_as_it_is_and_on_one_line(alice: Conversation) -> None:
    answer = alice.ask("When?", file=text(name="*a*_b_`c`\n\u202ecod.<b>x</b>.txt"))
    assert answer["text"].startswith("📄 *a*_b_'c'cod.<b>x</b>.txt\n\n")


def test_one_that_the_wallet_cannot_pay_is_offered_in_part(alice: Conversation) -> None:
    alice.bot.store.refill(ALICE, "balance", -21_000)
    refused = alice.ask("When?", file=text("Some words of no use. " * 3000, "long.txt"))
    assert refused["text"] == "Reading long.txt takes about 18,000 tokens, 9,000 left."
    assert [button["text"] for button in buttons(refused)][:2] == ["Read the beginning", "Go to the premium model"]
    assert wallets(alice)[0] == 9000
    assert alice.script.requests("completions") == []
    alice.script.queue({"text": "No use.", "usage": {"prompt_tokens": 5800, "completion_tokens": 50}})
    alice.press(refused, "Read the beginning")
    said = alice.wait_for(lambda: alice.said(ALICE)[-1] if "No use" in alice.said(ALICE)[-1]["text"] else None)
    assert "long.txt: the beginning was read, about 5," in said["text"]
    assert wallets(alice)[0] == 9000 - 5850
    assert alice.press(refused, "beginning", forged=True)
    assert len(alice.script.requests("completions")) == 1


def test_of_several_documents_each_is_read_as_far_as_its_share(alice: Conversation) -> None:
    alice.bot.store.refill(ALICE, "balance", -21_000)
    one, two = (text(f"{word} words of no use. " * 3000, f"{word}.txt") for word in ("Some", "More"))
    alice.world.send("Compare", user=ALICE, files=[one, two, text()])
    refused = alice.wait_for(lambda: alice.said(ALICE)[-1] if "tokens, 9,000" in alice.said(ALICE)[-1]["text"] else 0)
    alice.script.queue({"text": "No use."})
    alice.press(refused, "Read the beginning")
    said = alice.wait_for(lambda: alice.said(ALICE)[-1] if "No use" in alice.said(ALICE)[-1]["text"] else None)
    assert said["text"].startswith("📄 Some.txt, More.txt, notes.txt")
    assert "Some.txt: the beginning was read, about 2," in said["text"]
    assert "More.txt: the beginning was read, about 2," in said["text"]
    assert NOTES.strip() in contents(alice)[-1]


def test_one_that_its_model_has_no_room_for_is_read_from_the_beginning(alice: Conversation) -> None:
    alice.bot.store.refill(ALICE, "balance", 10**7)
    long = "".join(f"Line {number} of the long, long story.\n" for number in range(12_000))
    alice.script.queue({"text": "Nothing happens."})
    answer = alice.ask("When?", file=text(long, "story.txt"))
    assert answer["text"].endswith("of 130,000 tokens; more does not fit into the model.")
    read = estimate(contents(alice)[-1])
    assert 0.6 * WINDOW < read < 0.75 * WINDOW
    alice.write("/ec 50000")
    alice.script.queue({"text": "Never."})
    alice.ask("When?", file=text(long, "story.txt"))
    alice.write("And then?")
    assert len(contents(alice)) == 4, "there is room for what is said about it"


@pytest.mark.parametrize("user", [ALICE, BORIS])
@pytest.mark.parametrize(
    ("data", "name", "english", "russian"),
    [
        (
            b"MZ\x90\0\3\0\0\0" * 40,
            "setup.exe",
            "I don't read such files: setup.exe",
            "Такие файлы я не читаю: setup.exe",
        ),
        (b"", "empty.txt", "There is no text in this file: empty.txt", "В файле нет текста: empty.txt"),
        (b"%PDF-1.7\ngarbage", "a.pdf", "The file is damaged, I could not read it: a.pdf", "Файл повреждён"),
    ],
)
def test_what_can_not_be_read_is_said_and_not_charged(
    alice: Conversation, user: int, data: bytes, name: str, english: str, russian: str
) -> None:
    answer = alice.ask("What?", user=user, file=sent(data, "document", name=name))
    assert answer["text"].startswith(russian if user == BORIS else english)
    assert wallets(alice, user) == (30_000, 40_000)
    assert alice.script.requests() == []


# -- PDF


def pdf(name: str) -> dict[str, Any]:
    return sent((MEDIA / name).read_bytes(), "document", name=name, mime_type="application/pdf")


def files(people: Conversation, number: int = -1) -> list[dict[str, Any]]:
    """The files within the last request."""
    parts = [part for content in contents(people, number) if isinstance(content, list) for part in content]
    return [part["file"] for part in parts if part["type"] == "file"]


def kept_there(people: Conversation) -> list[dict[str, Any]]:
    """What the provider keeps."""
    rows: list[dict[str, Any]] = people.script.files()
    return rows


def test_a_model_that_takes_no_files_is_given_the_words_of_a_pdf_page_by_page(alice: Conversation) -> None:
    answer = alice.ask("What?", file=pdf("text.pdf"))
    assert answer["text"].startswith("📄 text.pdf\n\n")
    assert contents(alice)[-1].startswith('<document name="text.pdf">\n[page 1]\n')
    assert wallets(alice)[1] == 40_000


def test_300_pages_are_read_as_words_even_where_files_are_taken(alice: Conversation) -> None:
    alice.write("/switch")
    alice.ask("What?", file=pdf("300-pages.pdf"))
    assert "[page 300]" in contents(alice)[-1]
    assert kept_there(alice) == []


def test_a_model_that_takes_files_reads_a_pdf_whole_kept_for_a_day_until_new(alice: Conversation) -> None:
    alice.write("/switch")
    alice.write("/ec")
    alice.script.queue({"text": "A letter.", "usage": USAGE})
    assert alice.ask("What?", file=pdf("text.pdf"))["text"] == "📄 text.pdf\n\nA letter."
    (row,) = kept_there(alice)
    assert (row["purpose"], row["filename"], row["expires_at"] - row["created_at"]) == ("user_data", "text.pdf", 86_400)
    assert files(alice) == [{"file_id": row["id"]}]
    assert wallets(alice) == (30_000, 40_000 - 950)
    fetched = len(alice.world.calls("getFile"))
    alice.write("Sure?")
    assert files(alice) == [{"file_id": row["id"]}], "uploaded once"
    assert len(alice.world.calls("getFile")) == fetched
    alice.write("/new")
    alice.wait_for(lambda: not kept_there(alice) or None)
    alice.write("Hello")
    assert files(alice) == []


def test_what_is_kept_goes_with_its_person(alice: Conversation) -> None:
    alice.write("/switch")
    alice.ask("What?", file=pdf("text.pdf"))
    assert kept_there(alice)
    alice.press(alice.ask("/delete_me"), "Erase")
    alice.wait_for(lambda: not kept_there(alice) or None)


def test_a_file_that_the_provider_has_lost_goes_within_the_question(alice: Conversation) -> None:
    alice.write("/switch")
    alice.write("/ec")
    alice.ask("What?", file=pdf("text.pdf"))
    alice.script.later(90_000)
    alice.script.queue({"text": "A letter still.", "usage": USAGE})
    assert alice.write("Sure?") == "A letter still."
    assert files(alice)[0]["filename"] == "text.pdf"
    assert files(alice)[0]["file_data"].startswith("data:application/pdf;base64,JVBERi0")


def test_where_no_files_are_kept_it_goes_within_the_question(alice: Conversation) -> None:
    alice.write("/switch")
    alice.script.queue({"path": "/files", "times": 1, "fault": {"kind": "status", "status": 404}})
    for _ in range(2):
        alice.ask("What?", file=pdf("text.pdf"))
        assert files(alice)[0]["file_data"].startswith("data:application/pdf;base64,JVBERi0")
    assert kept_there(alice) == []


def test_pages_of_a_scan_are_looked_at_where_files_are_not_taken(alice: Conversation) -> None:
    alice.script.queue({"text": "A page.", "usage": USAGE})
    assert alice.ask("What?", file=pdf("scanned.pdf"))["text"] == "📄 scanned.pdf\n\nA page."
    assert [part["type"] for part in contents(alice)[-1]] == ["text", "image_url"]
    assert wallets(alice) == (30_000 - 950, 40_000), "the ordinary model has eyes here"


def test_a_locked_one_is_refused(alice: Conversation) -> None:
    assert alice.ask("What?", file=pdf("encrypted.pdf"))["text"].startswith("The file is locked with a password:")
    assert wallets(alice) == (30_000, 40_000)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "koi8-r"])
def test_russian_texts_are_read_whatever_their_encoding(alice: Conversation, encoding: str) -> None:
    data = (MEDIA / f"poem-{encoding}.txt").read_bytes()
    alice.ask("О чём это?", file=sent(data, "document", name="poem.txt"))
    assert data.decode(encoding).strip() in contents(alice)[-1]


@pytest.mark.parametrize("name", ["letter.docx", "book.xlsx"])
def test_office_documents_are_read_as_words(alice: Conversation, name: str) -> None:
    data = (MEDIA / name).read_bytes()
    assert alice.ask("What?", file=sent(data, "document", name=name))["text"].startswith(f"📄 {name}\n\n")
    assert len(contents(alice)[-1]) > 100


def test_an_album_of_pdf_is_kept_once_for_the_questions_after_it(alice: Conversation) -> None:
    alice.write("/switch")
    alice.write("/ec")
    alice.world.send("Compare", user=ALICE, files=[pdf("text.pdf"), pdf("restricted.pdf")])
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"].startswith("📄 text.pdf, restricted.pdf") or None)
    there = {row["id"] for row in kept_there(alice)}
    alice.write("Sure?")
    assert {each["file_id"] for each in files(alice)} == there
    assert len(kept_there(alice)) == 2
    alice.write("/new")
    alice.wait_for(lambda: not kept_there(alice) or None)


def test_one_replied_to_that_the_wallet_cannot_pay_is_offered_in_part(alice: Conversation) -> None:
    alice.script.queue({"text": "Long."}, {"text": "No use."})
    long = alice.ask("What?", file=text("Some words of no use. " * 3000, "long.txt"))["message_id"] - 1
    alice.bot.store.refill(ALICE, "balance", 9000 - wallets(alice)[0])
    refused = alice.ask("Sum it up", reply_to=long)
    assert refused["text"] == "Reading long.txt takes about 18,000 tokens, 9,000 left."
    alice.press(refused, "Read the beginning")
    said = alice.wait_for(lambda: alice.said(ALICE)[-1] if "No use" in alice.said(ALICE)[-1]["text"] else None)
    assert "long.txt: the beginning was read" in said["text"]


def test_a_scan_that_its_model_has_no_room_for_is_refused(alice: Conversation) -> None:
    (alice.folder / "own.json").write_text(json.dumps([ROWS[0] | {"window": 4096}, ROWS[1]]))
    alice.restart()
    assert alice.write("What?", file=pdf("scanned.pdf")).startswith("The question is too long: about 2,500 tokens")
    assert alice.script.requests("completions") == []


def test_stop_does_not_wait_for_a_slow_file(alice: Conversation) -> None:
    alice.world.fault(kind="drip", method="file", seconds=0.3, times=None)
    before = time.monotonic()
    alice.world.send("When?", user=ALICE, file=text("Slow. " * 100_000))
    drafts = alice.wait_for(lambda: alice.world.calls("sendMessageDraft"))
    alice.world.stop_draft(int(drafts[0]["params"]["draft_id"]))
    alice.wait_for(lambda: alice.said(ALICE)[-1]["text"].startswith("Stopped before the first word") or None)
    assert time.monotonic() - before < 5
    assert alice.script.requests("completions") == []


@pytest.mark.parametrize("chat", [ALICE, GROUP])
def test_who_is_erased_while_a_file_comes_hears_nothing_more(alice: Conversation, chat: int) -> None:
    alice.write("/switch")
    alice.script.queue({"path": "/files", "delay": 1.5})
    alice.write("/switch", user=OWNER, chat=GROUP)
    alice.world.send("@sandbox_assistant_bot what?", user=ALICE, chat=chat, file=pdf("text.pdf"))
    alice.script.wait(lambda seen: seen or None, "/files")
    alice.press(alice.ask("/delete_me"), "Erase")
    erased = alice.wait_for(lambda: alice.said(ALICE)[-1] if "Erased" in alice.said(ALICE)[-1]["text"] else None)
    assert alice.bot.long.wait_idle(10)
    assert alice.said(ALICE)[-1] == erased
    assert not any(word in each["text"] for word in ("Reading", "tokens for this") for each in alice.said(chat))
    assert alice.script.requests("completions") == []
    alice.wait_for(lambda: not kept_there(alice) or None)
