"""Telegram's edge against a Telegram that fails: over real HTTP to the sandbox."""

import base64
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image
from telebot import apihelper
from telebot.apihelper import ApiTelegramException

import telegram_io
from sandbox.client import Sandbox, World
from stars import Invoice
from telegram_io import Button, NotRefunded, Place, Telegram, Unreachable, files, messages, payments, wire
from telegram_io.pacer import Leaving
from telegram_io.wire import DownloadError
from tests.conftest import ALICE, BORIS

GROUP = -500


@pytest.fixture
def world(sandbox: Sandbox) -> Iterator[World]:
    made = sandbox.world()
    for person in (ALICE, BORIS):
        made.user(person, started=True)
    yield made
    made.close()


@pytest.fixture
def telegram(sandbox: Sandbox, world: World) -> Iterator[Telegram]:
    made = Telegram(world.token, sandbox.url)
    yield made
    made.leaving.set()


@pytest.fixture
def paced(sandbox: Sandbox, world: World) -> Iterator[Telegram]:
    """A bot of one message a second for which time stands still until it is let go."""
    made = Telegram(world.token, sandbox.url, rate=1)
    made._wire.pacer._clock = lambda: 0.0
    yield made
    made.leaving.set()


def let_go(telegram: Telegram) -> None:
    telegram._wire.pacer._clock = time.monotonic


def until(ready: Callable[[], bool]) -> None:
    """Wait for what another thread of this process is about to do."""
    patience = time.monotonic() + 10
    while not ready():
        assert time.monotonic() < patience
        time.sleep(0.002)


def waiting(telegram: Telegram) -> int:
    turns = telegram._wire.pacer._turns
    assert turns is not None
    return sum(map(len, turns._waiting.values()))


def begin(job: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=job, daemon=True)
    thread.start()
    return thread


def texts(world: World, chat: int = ALICE) -> list[str]:
    return [message["text"] for message in world.messages(chat) if "text" in message]


# Telegram and the network fail


@pytest.mark.parametrize("kind", ["reset", "garbage", "html", "500", "502"])
def test_a_message_arrives_after_trouble(telegram: Telegram, world: World, kind: str) -> None:
    world.fault(kind=kind, method="sendMessage")
    telegram.send(Place(ALICE), "Hello")
    assert texts(world) == ["Hello"]
    first, second = (call["time"] for call in world.calls("sendMessage"))
    assert 0.5 <= second - first < 5.0


def test_pauses_grow_to_five_seconds(telegram: Telegram, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(telegram.leaving, "wait", pauses.append)
    world.fault(kind="html", method="sendMessage", times=8)
    telegram.send(Place(ALICE), "Hello")
    assert pauses == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0, 5.0]


def test_a_stalled_message_is_tried_again(telegram: Telegram, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert apihelper.READ_TIMEOUT <= 30
    monkeypatch.setattr(apihelper, "READ_TIMEOUT", 0.2)
    world.fault(kind="stall", method="sendMessage", seconds=3)
    telegram.send(Place(ALICE), "Hello")
    assert texts(world) == ["Hello"]


def test_nothing_goes_to_a_chat_before_the_time_asked(telegram: Telegram, world: World) -> None:
    world.fault(kind="429", method="sendMessage", chat_id=ALICE, retry_after=1)
    first = begin(lambda: telegram.send(Place(ALICE), "one"))
    until(lambda: bool(telegram._wire._quiet))  # what Telegram asks for has been read
    second = begin(lambda: telegram.send(Place(ALICE), "two"))
    telegram.send(Place(BORIS), "meanwhile")
    assert texts(world) == []
    for thread in (first, second):
        thread.join(10)
    refused, *later = [call["time"] for call in world.calls("sendMessage") if call["params"]["chat_id"] == str(ALICE)]
    assert len(later) == 2
    assert all(1.0 <= each - refused < 3.0 for each in later)
    assert sorted(texts(world)) == ["one", "two"]


def test_a_chat_that_cannot_be_written_to_is_nothing_to_retry(telegram: Telegram, world: World) -> None:
    world.fault(kind="403", method="sendMessage")
    with pytest.raises(Unreachable):
        telegram.send(Place(ALICE), "Hello")
    assert len(world.calls("sendMessage")) == 1


@pytest.mark.parametrize("words", ["TOPIC_CLOSED", "CHAT_WRITE_FORBIDDEN", "group chat was deactivated"])
def test_where_nobody_may_write_there_is_nothing_to_retry(telegram: Telegram, world: World, words: str) -> None:
    world.fault(kind="400", method="sendMessage", description=f"Bad Request: {words}")
    with pytest.raises(Unreachable):
        telegram.send(Place(ALICE), "Hello")


def test_what_was_meant_for_a_topic_that_is_deleted_arrives_in_its_chat(telegram: Telegram, world: World) -> None:
    telegram.send(Place(ALICE, thread=77), "Hello")
    assert texts(world) == ["Hello"]


def test_an_upgraded_group_is_written_to_under_its_new_id(telegram: Telegram, world: World) -> None:
    world.group(GROUP, type="group", title="Friends", members=[ALICE])
    new = world.upgrade(GROUP)
    telegram.send(Place(GROUP), "Hello")
    assert texts(world, new)[-1] == "Hello"


def test_a_copy_is_the_whole_message(telegram: Telegram, world: World) -> None:
    photo = {"kind": "photo", "size": 3}
    marked = [{"type": "bold", "offset": 0, "length": 3}]
    sent = world.send("New: pictures", user=BORIS, file=photo, entities=marked)["message"]
    copy = telegram.copy(Place(ALICE), Place(BORIS), sent["message_id"])
    (message,) = world.messages(ALICE)
    assert message["message_id"] == copy
    assert [message[name] for name in ("photo", "caption", "caption_entities")] == [
        sent["photo"],
        "New: pictures",
        marked,
    ]
    assert "forward_origin" not in message


def test_a_copy_follows_an_upgraded_group(telegram: Telegram, world: World) -> None:
    world.group(GROUP, type="group", title="Friends", members=[ALICE])
    new, moved = world.upgrade(GROUP), []
    telegram.upgraded = lambda *ids: moved.append(ids)
    sent = world.send("Hello", user=BORIS)["message"]["message_id"]
    telegram.copy(Place(GROUP), Place(BORIS), sent)
    assert texts(world, new)[-1] == "Hello"
    assert moved == [(GROUP, new)]


@pytest.mark.parametrize("kind", ["html", "reset"])
def test_a_picture_arrives_whole_after_trouble(telegram: Telegram, world: World, kind: str) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    question = world.send("Draw", user=ALICE)["message"]["message_id"]
    world.fault(kind=kind, method="sendPhoto", times=1)
    place = Place(ALICE, reply_to=question)
    sent = telegram.send_photo(place, picture.getvalue(), "*A* <b>red</b> one", [[Button("Again", "again")]])
    arrived = world.messages(ALICE)[-1]
    assert (arrived["message_id"], arrived["caption"]) == (sent, "*A* <b>red</b> one")
    assert "caption_entities" not in arrived
    assert arrived["reply_to_message"]["message_id"] == question
    assert arrived["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "again"
    assert world.file(arrived["photo"][-1]["file_id"]) == picture.getvalue()


def test_copies_wait_behind_answers(paced: Telegram, world: World) -> None:
    sent = world.send("copied", user=BORIS)["message"]["message_id"]
    begin(lambda: paced.send(Place(ALICE), "begun")).join(10)
    copying = begin(lambda: paced.copy(Place(ALICE), Place(BORIS), sent))
    until(lambda: waiting(paced) == 1)
    answering = begin(lambda: paced.send(Place(ALICE), "answer"))
    until(lambda: waiting(paced) == 2)
    let_go(paced)
    for thread in (copying, answering):
        thread.join(10)
    assert texts(world) == ["begun", "answer", "copied"]


def test_where_the_bot_is_a_member(telegram: Telegram, world: World) -> None:
    telegram.introduce()
    world.group(GROUP, title="Friends", members=[ALICE])
    assert telegram.is_member(GROUP)
    world.member("kicked", chat=GROUP)
    assert not telegram.is_member(GROUP)
    assert not telegram.is_member(-5)


def test_updates_wait_as_long_as_asked(telegram: Telegram, world: World) -> None:
    world.fault(kind="429", method="getUpdates", retry_after=7)
    with pytest.raises(ApiTelegramException) as refused:
        telegram.updates(0)
    assert telegram_io.patience(refused.value, 0.5) == 7.0


# The pace


def test_the_urgent_overtake_those_who_wait(paced: Telegram, world: World) -> None:
    begun = begin(lambda: paced.send(Place(ALICE), "begun"))
    begun.join(10)
    threads = []
    for urgency in ("last", "answer", "first"):
        threads.append(begin(lambda urgency=urgency: paced.send(Place(ALICE), urgency, urgency=urgency)))
        until(lambda: waiting(paced) == len(threads))
    let_go(paced)
    for thread in threads:
        thread.join(10)
    assert texts(world) == ["begun", "first", "answer", "last"]


def test_words_of_a_growing_answer_are_dropped_when_they_would_wait(paced: Telegram, world: World) -> None:
    message = paced.send(Place(ALICE), "Thinking…")
    paced.try_edit(ALICE, message, "Once", (), ())
    assert world.calls("editMessageText") == []
    final = begin(lambda: paced.edit(ALICE, message, "Once upon a time"))
    until(lambda: waiting(paced) == 1)
    let_go(paced)
    final.join(10)
    assert texts(world) == ["Once upon a time"]


def test_words_of_a_growing_answer_are_shown_when_there_is_room(telegram: Telegram, world: World) -> None:
    message = telegram.send(Place(ALICE), "Thinking…")
    telegram.try_edit(ALICE, message, "Once", (), ())
    assert texts(world) == ["Once"]


def test_an_edit_that_changes_nothing_costs_no_turn(telegram: Telegram, world: World) -> None:
    rows = [[Button("Yes", "yes")], [Button("No", "no")]]
    message = telegram.send(Place(ALICE), "Which?")
    for _ in range(20):
        telegram.edit(ALICE, message, "This one?", rows=rows)
    assert len(world.calls("editMessageText")) == 1
    telegram.drop_buttons(ALICE, message)
    telegram.edit(ALICE, message, "This one?", rows=rows)
    telegram.try_edit(ALICE, message, "That one?", (), rows)
    telegram.edit(ALICE, message, "This one?", rows=rows)
    assert texts(world) == ["This one?"]
    assert len(world.calls("editMessageText")) == 4


def test_looks_of_old_messages_are_forgotten(telegram: Telegram, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "LOOKS", 2)
    for number in range(4):
        telegram.edit(ALICE, telegram.send(Place(ALICE), "Which?"), str(number))
    assert len(telegram._looks) == 2


def test_drafts_and_actions_need_no_turn(paced: Telegram, world: World) -> None:
    paced.send(Place(ALICE), "begun")
    for number in range(1, 4):
        paced.try_draft(Place(ALICE), 7, "Once" * number, ())
        paced.try_action(Place(ALICE), "typing")
    assert len(world.calls("sendMessageDraft")) == len(world.calls("sendChatAction")) == 3


def test_leaving_ends_the_wait_for_a_turn(paced: Telegram, world: World) -> None:
    paced.send(Place(ALICE), "begun")
    ended: list[Exception] = []

    def send() -> None:
        try:
            paced.send(Place(ALICE), "never")
        except Leaving as error:
            ended.append(error)

    held = begin(send)
    until(lambda: waiting(paced) == 1)
    paced.leaving.set()
    held.join(10)
    assert ended
    assert texts(world) == ["begun"]


def test_leaving_ends_the_wait_for_a_429(telegram: Telegram, world: World) -> None:
    world.fault(kind="429", method="sendMessage", retry_after=300)
    ended: list[Exception] = []

    def send() -> None:
        try:
            telegram.send(Place(ALICE), "never")
        except ApiTelegramException as error:
            ended.append(error)

    held = begin(send)
    world.wait(lambda: world.calls("sendMessage") or None)
    telegram.leaving.set()
    held.join(10)
    assert [error.error_code for error in ended] == [429]


# Files


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A twentieth of all times that concern files."""
    monkeypatch.setattr(wire, "STILL_SECONDS", 0.5)
    monkeypatch.setattr(files, "STILL_SECONDS", 0.5)
    monkeypatch.setattr(files, "DOWNLOAD_SECONDS", 3.0)
    monkeypatch.setattr(files, "LONGEST_PAUSE", 0.25)


def arrived(telegram: Telegram, world: World, content: bytes, **said: Any) -> str:
    """The id of a file that Alice sends."""
    file = {"kind": "document", "name": "a.bin", "data": base64.b64encode(content).decode(), **said}
    world.send("read this", user=ALICE, file=file)
    return str(telegram.updates(0)[-1]["message"]["document"]["file_id"])


def refused(telegram: Telegram, file_id: str, limit: int = 1_000_000) -> tuple[str, int]:
    """Why a file did not come, and how much of it did."""
    into = io.BytesIO()
    begun = time.monotonic()
    with pytest.raises(DownloadError) as error:
        telegram.download(file_id, into, limit)
    assert telegram._token not in repr(error.value) + str(error.value)
    assert error.value.__suppress_context__ or error.value.__context__ is None
    assert time.monotonic() - begun <= files.DOWNLOAD_SECONDS
    return error.value.kind, len(into.getvalue())


@pytest.mark.parametrize("size", [0, 1, 200_000])
def test_a_file_comes_as_it_is(telegram: Telegram, world: World, size: int) -> None:
    content, into = bytes(number % 251 for number in range(size)) or b"", io.BytesIO()
    assert telegram.download(arrived(telegram, world, content), into, max(size, 1)) == size
    assert into.getvalue() == content


def test_a_file_said_to_be_too_large_is_not_asked_for(telegram: Telegram, world: World) -> None:
    file_id = arrived(telegram, world, b"tiny", file_size=1_000_001)
    world.fault(kind="403", method="file", times=None)
    assert refused(telegram, file_id) == ("too_large", 0)


def test_a_file_larger_than_telegram_hands_out(telegram: Telegram, world: World) -> None:
    world.fault(kind="400", method="getFile", description="Bad Request: file is too big")
    assert refused(telegram, arrived(telegram, world, b"x")) == ("too_large", 0)


@pytest.mark.parametrize("drip", [False, True], ids=["with its length", "without its length"])
def test_a_file_that_lies_about_its_size_is_cut_off(telegram: Telegram, world: World, drip: bool) -> None:
    file_id = arrived(telegram, world, bytes(300_000), file_size=10)
    if drip:
        world.fault(kind="drip", method="file", seconds=0)
    kind, came = refused(telegram, file_id, 100_000)
    assert kind == "too_large"
    assert came <= 100_000


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(("kind", "seconds"), [("drip", 0.2), ("drip", 60), ("stall", 60)])
def test_a_file_that_stalls_or_drips_is_given_up(telegram: Telegram, world: World, kind: str, seconds: float) -> None:
    file_id = arrived(telegram, world, bytes(200_000))
    world.fault(kind=kind, method="file", seconds=seconds, times=None)
    assert refused(telegram, file_id)[0] == "stalled"


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("kind", ["stall", "reset", "html", "429"])
def test_a_file_whose_path_does_not_come_is_given_up(telegram: Telegram, world: World, kind: str) -> None:
    file_id = arrived(telegram, world, b"x")
    world.fault(kind=kind, method="getFile", seconds=60, retry_after=60, times=None)
    assert refused(telegram, file_id) == ("stalled", 0)


@pytest.mark.parametrize("kind", ["reset", "502"])
def test_a_file_that_does_not_begin_to_come_is_asked_for_again(telegram: Telegram, world: World, kind: str) -> None:
    file_id, into = arrived(telegram, world, b"once"), io.BytesIO()
    world.fault(kind=kind, method="file")
    world.fault(kind=kind, method="getFile")
    assert telegram.download(file_id, into, 4) == 4
    assert into.getvalue() == b"once"


def test_a_file_that_is_not_there(telegram: Telegram, world: World) -> None:
    assert refused(telegram, "A" * 40) == ("gone", 0)
    file_id = arrived(telegram, world, b"x")
    world.fault(kind="400", method="file")
    assert refused(telegram, file_id) == ("gone", 0)


def test_a_full_disk_is_not_called_a_stall(telegram: Telegram, world: World) -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        telegram.download(arrived(telegram, world, b"x"), Full(), 10)


def test_a_file_is_asked_for_in_growing_pauses(
    telegram: Telegram, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    file_id = arrived(telegram, world, b"x")
    monkeypatch.setattr(telegram.leaving, "wait", pauses.append)
    world.fault(kind="502", method="file", times=5)
    assert telegram.download(file_id, io.BytesIO(), 10) == 1
    assert pauses == [1.0, 2.0, 4.0, 5.0, 5.0]


@pytest.mark.parametrize("method", ["file", "getFile"])
def test_leaving_ends_a_download(telegram: Telegram, world: World, method: str) -> None:
    file_id = arrived(telegram, world, b"x")
    world.fault(kind="reset", method=method, times=None)
    telegram.leaving.set()
    with pytest.raises(Leaving):
        telegram.download(file_id, io.BytesIO(), 10)


# Stars

TOKENS = Invoice("100,000 tokens", "For the ordinary model", "101:7", 50)


def paid(telegram: Telegram, world: World, message_id: int, **answer: str) -> dict[str, Any]:
    """What comes of it when Alice pays and the bot answers."""
    outcome: list[dict[str, Any]] = []
    chat = {"chat": {"id": ALICE}, "message_id": message_id}
    paying = begin(lambda: outcome.append(world.pay(chat, user=ALICE, seconds=5)))
    until(lambda: any("pre_checkout_query" in each for each in world.pending()))
    asked = world.pending()[-1]
    telegram.confirm(asked["update_id"] + 1)
    telegram.answer_checkout(asked["pre_checkout_query"]["id"], **answer)
    paying.join(10)
    return outcome[0]


@pytest.fixture
def checkouts(telegram: Telegram) -> None:
    """Telegram asks this bot before it takes a payment."""
    wanted = json.dumps(["message", "pre_checkout_query"])
    apihelper._make_request(telegram._token, "getUpdates", params={"allowed_updates": wanted})


@pytest.mark.usefixtures("checkouts")
def test_an_invoice_is_paid_and_refunded_once(telegram: Telegram, world: World) -> None:
    charge = paid(telegram, world, telegram.send_invoice(Place(ALICE), TOKENS))["charge_id"]
    with pytest.raises(NotRefunded, match="CHARGE_NOT_FOUND"):
        telegram.refund(BORIS, charge)
    world.fault(kind="reset", method="refundStarPayment", done=True)
    telegram.refund(ALICE, charge)
    telegram.refund(ALICE, charge)
    rows = [(each.charge, each.user_id, each.stars, each.is_refund) for each in telegram.transactions()]
    assert rows == [(charge, ALICE, 50, False), (charge, ALICE, 50, True)]


@pytest.mark.usefixtures("checkouts")
@pytest.mark.parametrize("kind", ["reset", "html", "429", "stall"])
def test_a_checkout_is_answered_in_time(
    telegram: Telegram, world: World, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payments, "CHECKOUT_TRY_SECONDS", 0.5)
    message = telegram.send_invoice(Place(ALICE), TOKENS)
    world.fault(kind=kind, method="answerPreCheckoutQuery")
    assert paid(telegram, world, message)["status"] == "paid"


@pytest.mark.usefixtures("checkouts")
def test_a_refused_checkout_says_why_and_a_late_answer_harms_nobody(telegram: Telegram, world: World) -> None:
    message = telegram.send_invoice(Place(ALICE), TOKENS)
    assert paid(telegram, world, message, refusal="Sold out")["error"] == "Sold out"
    telegram.answer_checkout("1")


def test_the_list_of_transactions_is_read_to_its_end(
    telegram: Telegram, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[int] = []
    person = {"type": "user", "transaction_type": "invoice_payment", "user": {"id": ALICE}}
    gift = {"type": "user", "transaction_type": "gift_purchase", "user": {"id": ALICE}}
    withdrawn = {"type": "fragment"}

    def page(_: str, offset: int, limit: int) -> dict[str, Any]:
        pages.append(offset)
        rows: list[dict[str, Any]] = [
            {"id": f"c{offset + at}", "amount": 1, "date": 9, "source": person} for at in range(limit)
        ]
        if offset == 2 * limit:
            rows = [{"id": "g", "amount": 1, "date": 9, "receiver": each} for each in (gift, withdrawn, person)]
        return {"transactions": rows}

    monkeypatch.setattr(apihelper, "get_star_transactions", page)
    found = list(telegram.transactions())
    assert pages == [0, 100, 200]
    assert len({each.charge for each in found}) == 201
    assert [each.is_refund for each in found].count(True) == 1
