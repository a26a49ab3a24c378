"""The chat page in a real browser; the test itself plays the bot, step by step, so nothing has to be waited out."""

import io
import json
import os
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sandbox.client import Sandbox, World

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
ALICE, KITCHEN = 101, 2
WIDE = "| " + " | ".join(f"column {n}" for n in range(12)) + " |\n|" + "---|" * 12 + "\n|" + " 123456 |" * 12
QUESTION = Path(__file__).parents[1] / "media" / "capital-of-france.ogg"
COUNT_ANSWERS = """() => {
  window.answers = new Set();
  const count = () => answers.add(document.querySelectorAll("article.theirs").length);
  new MutationObserver(count).observe(document.getElementById("messages"), { childList: true, subtree: true });
}"""

if not CHROMIUM and os.environ.get("CI") != "true":
    pytest.skip("no Chromium here: set CHROMIUM to its path", allow_module_level=True)


class Bot:
    """A bot whose every step the test takes itself."""

    def __init__(self, sandbox: Sandbox, world: World) -> None:
        self.url = f"{sandbox.url.rstrip('/')}/bot{world.token}/"
        self.offset = 0

    def __call__(self, method: str, **parameters: Any) -> Any:
        body = json.dumps(parameters).encode()
        request = urllib.request.Request(self.url + method, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=15) as answer:
            return json.load(answer)["result"]

    def next(self, kind: str) -> dict[str, Any]:
        """The next update, which must be of this kind."""
        update = self("getUpdates", offset=self.offset, limit=1, timeout=10)[0]
        self.offset = update["update_id"] + 1
        return update[kind]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield chromium
        chromium.close()


@pytest.fixture
def world(sandbox: Sandbox) -> Iterator[World]:
    made = sandbox.world()
    yield made
    made.close()


@pytest.fixture
def bot(sandbox: Sandbox, world: World) -> Bot:
    return Bot(sandbox, world)


@pytest.fixture
def page(browser: Browser, sandbox: Sandbox, world: World) -> Iterator[Page]:
    context = browser.new_context(locale="en-US", viewport={"width": 1100, "height": 800})
    opened, errors = context.new_page(), []
    opened.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(f"{sandbox.url.rstrip('/')}/?world={world.token}")
    expect(opened.locator(".row-chat")).to_have_count(6)
    yield opened
    assert errors == []
    context.close()


def write(page: Page, text: str) -> None:
    page.fill("#words", text)
    page.press("#words", "Enter")


def test_an_answer_grows_stops_and_its_button_is_answered(page: Page, bot: Bot) -> None:
    write(page, "How many legs has a dog?")
    assert bot.next("message")["text"] == "How many legs has a dog?"
    expect(page.locator(".own", has_text="How many legs")).to_be_visible()
    draft = page.locator(".draft")
    for text in ("", "Four", "Four legs 🐕"):
        bot("sendMessageDraft", chat_id=ALICE, draft_id=7, text=text, can_stop=True)
        expect(draft.locator(".text")).to_have_text(text or "Thinking…")
    draft.get_by_role("button", name="Stop").click()
    assert int(bot.next("stopped_message_generation")["draft_id"]) == 7
    expect(draft).to_have_count(0)
    bot("sendMessageDraft", chat_id=ALICE, draft_id=8, text="Four")
    expect(draft.locator(".text")).to_have_text("Four")
    keyboard = {"inline_keyboard": [[{"text": "Again", "callback_data": "again"}]]}
    page.evaluate(COUNT_ANSWERS)
    bot("sendMessage", chat_id=ALICE, text="Four legs 🐕", reply_markup=keyboard)
    expect(page.locator("article:not(.draft)", has_text="Four legs 🐕")).to_be_visible()
    expect(draft).to_have_count(0)
    assert page.evaluate("[...answers]") == [1]  # the message took the draft's place: never both, never neither
    again = page.get_by_role("button", name="Again")
    again.click()
    query = bot.next("callback_query")
    assert query["data"] == "again"
    expect(again).to_have_attribute("aria-busy", "true")
    bot("answerCallbackQuery", callback_query_id=query["id"], text="Once more")
    expect(page.locator(".toast")).to_have_text("Once more")
    expect(again).not_to_have_attribute("aria-busy", "true")


def test_a_topic_of_the_group_shows_formatted_text(page: Page, bot: Bot, world: World) -> None:
    page.locator(".row-chat", has_text="Kitchen").click()
    write(page, f"@{world.bot['username']} soup?")
    asked = bot.next("message")
    assert asked["message_thread_id"] == KITCHEN
    text = "😀 hot soup <b>x</b>\nboil()\nsaid the cook"
    marks = [("bold", 3, 8), ("italic", 7, 4), ("pre", 21, 6), ("blockquote", 28, 13)]
    entities = [{"type": kind, "offset": offset, "length": length} for kind, offset, length in marks]
    entities[2]["language"] = "python"
    reply = {"message_id": asked["message_id"]}
    place = {"chat_id": asked["chat"]["id"], "message_thread_id": KITCHEN}
    bot("sendMessage", **place, text=text, entities=entities, reply_parameters=reply)
    answer = page.locator("article", has_text="said the cook")
    expect(answer.locator("strong")).to_have_text("hot soup")
    expect(answer.locator("strong em")).to_have_text("soup")
    expect(answer.locator("pre code")).to_have_text("boil()")
    expect(answer.locator(".bar span")).to_have_text("python")
    expect(answer.locator("blockquote")).to_have_text("said the cook")
    expect(answer.locator(".text")).to_contain_text("<b>x</b>")
    expect(answer.locator(".quote")).to_contain_text("soup?")


def test_a_phone_scrolls_only_up_and_down(page: Page, bot: Bot) -> None:
    page.set_viewport_size({"width": 390, "height": 780})
    expect(page.locator("#side")).to_be_hidden()
    page.get_by_role("button", name="Back to the chats").click()
    expect(page.locator("#chat")).to_be_hidden()
    page.locator(".row-chat", has_text="Alice").click()
    bot("sendMessage", chat_id=ALICE, text="long" * 400)
    bot("sendRichMessage", chat_id=ALICE, rich_message={"markdown": WIDE})
    expect(page.locator("th")).to_have_count(12)
    for part in ("html", "#history", "#composer"):
        assert page.eval_on_selector(part, "part => part.scrollWidth - part.clientWidth") == 0
    assert page.eval_on_selector(".wide", "part => part.scrollWidth - part.clientWidth") > 0


def picture(name: str, side: int = 64) -> Any:
    out = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(out, Path(name).suffix[1:].replace("jpg", "jpeg"))
    return {"name": name, "mimeType": f"image/{Path(name).suffix[1:].replace('jpg', 'jpeg')}", "buffer": out.getvalue()}


def hand(page: Page, *files: Any, caption: str = "", untick: str = "") -> None:
    page.set_input_files("#files", list(files))
    if untick:
        page.get_by_label(untick).uncheck()
    page.fill("dialog input[type=text]", caption)
    page.press("dialog input[type=text]", "Enter")


def test_photos_make_an_album_and_documents_another(page: Page, bot: Bot) -> None:
    pdf = {"name": "Отчёт.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    hand(page, *(picture(f"{n}.jpg") for n in range(5)), pdf, caption="What is there?")
    photos = [bot.next("message") for _ in range(5)]
    assert [each.get("caption") for each in photos] == ["What is there?", None, None, None, None]
    assert len({each["media_group_id"] for each in photos}) == 1
    document = bot.next("message")["document"]
    assert (document["file_name"], document["mime_type"], document["file_size"]) == ("Отчёт.pdf", "application/pdf", 8)
    album = page.locator("article:has(.album)")
    expect(album.locator(".by2")).to_have_count(2)
    expect(album.locator(".by3")).to_have_count(3)
    expect(album.locator(".text")).to_have_text("What is there?")
    file = page.locator(".file")
    expect(file).to_have_text("PDFОтчёт.pdf8 bytes")


def test_sounds_pictures_and_stickers_go_as_what_they_are(page: Page, bot: Bot) -> None:
    hand(page, QUESTION)
    voice = bot.next("message")["voice"]
    assert (voice["mime_type"], voice["duration"]) == ("audio/ogg", 2)
    hand(page, QUESTION, untick="Send sounds as voice messages")
    assert bot.next("message")["audio"]["file_name"] == "capital-of-france.ogg"
    hand(page, picture("cat.png"), untick="Send pictures as photos")
    assert bot.next("message")["document"]["mime_type"] == "image/png"
    expect(page.locator(".file img")).to_be_visible()
    hand(page, picture("cat.webp", 512))
    assert "mime_type" not in bot.next("message")["sticker"]
    assert page.locator("img.sticker").evaluate("image => image.decode().then(() => image.naturalWidth)") == 512


def test_a_message_is_passed_on_with_whose_it_was(page: Page, bot: Bot) -> None:
    write(page, "The cook is late")
    bot.next("message")
    page.locator(".own", has_text="The cook").hover()
    page.get_by_role("button", name="Forward").click()
    page.get_by_label("Forward to").select_option(label="Alice")
    page.locator("dialog").get_by_role("button", name="Forward").click()
    passed = bot.next("message")
    assert passed["text"] == "The cook is late"
    assert passed["forward_origin"]["sender_user"]["id"] == ALICE
    expect(page.locator(".forwarded")).to_have_text("Forwarded from Alice")


def test_words_become_a_picture_that_becomes_another(page: Page, bot: Bot) -> None:
    hand(page, picture("a.png", 64))
    small = bot.next("message")["photo"][-1]["file_id"]
    stop = {"inline_keyboard": [[{"text": "Stop", "callback_data": "stop"}]]}
    waiting = bot("sendMessage", chat_id=ALICE, text="Drawing…", reply_markup=stop)["message_id"]
    message = page.locator(f'article[data-id="{waiting}"]')
    expect(message.locator(".text")).to_have_text("Drawing…")
    shown = []
    for words in ("Drawing… 6 s", "Drawing… 8 s"):
        media = {"type": "photo", "media": small, "caption": words}
        bot("editMessageMedia", chat_id=ALICE, message_id=waiting, media=media, reply_markup=stop)
        expect(message.locator(".text")).to_have_text(words)
        expect(message.get_by_role("button", name="Stop")).to_be_visible()
        shown.append(message.locator(".photo img").get_attribute("src"))
    assert len(set(shown)) == 2
    bot("deleteMessage", chat_id=ALICE, message_id=waiting)
    expect(message).to_have_count(0)
