"""Two libraries that know nothing of the sandbox read its every answer: aiogram strictly, telebot as the bot does."""

import asyncio
import base64
import io

import pytest
import telebot
from aiogram import Bot, methods, types
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from PIL import Image

from tests.sandbox.strict import CallError, check_call

GROUP = -1001000000001
MARKDOWN = (
    "# Head\n\nText **bold *both*** `code` ~~no~~ [link](https://a.org) $x^2$ H<sub>2</sub>O\n\n- [x] done\n- plain\n\n"
    "2. two\n3. three\n\n|a|b|\n|:-:|-:|\n|1|**2**|\n\n```py\nx\n```\n\n> quote\n\n---\n\n$$\nE\n$$\n\n"
    "<details open><summary>More</summary>\n\n> inside\n\n</details>"
)
PRICE = [types.LabeledPrice(label="Tokens", amount=5)]
BUTTONS = types.InlineKeyboardMarkup(inline_keyboard=[[types.InlineKeyboardButton(text="Go", callback_data="go")]])


def picture():
    out = io.BytesIO()
    Image.new("RGB", (700, 500), "navy").save(out, "PNG")
    return out.getvalue()


def strange(thing, path="answer"):
    """Fields that the types of aiogram do not know, by their path."""
    found = [f"{path}.{name}" for name in (getattr(thing, "model_extra", None) or {})]
    if isinstance(thing, list):
        return found + [odd for place, each in enumerate(thing) for odd in strange(each, f"{path}[{place}]")]
    for name in type(thing).model_fields if hasattr(type(thing), "model_fields") else ():
        found += strange(getattr(thing, name), f"{path}.{name}")
    return found


def every_call(files):
    """One call of each kind, in an order that works in a fresh world; the first message of each chat is there."""
    photo, document = types.BufferedInputFile(picture(), "p.png"), types.BufferedInputFile(b"words", "w.txt")
    rich = types.InputRichMessage(markdown=MARKDOWN)
    invoice = {"title": "T", "description": "D", "payload": "p", "currency": "XTR", "prices": PRICE}
    scope = types.BotCommandScopeChat(chat_id=101)
    return [
        methods.GetMe(),
        methods.SendMessage(chat_id=101, text="hi https://a.org", reply_markup=BUTTONS),
        methods.SendMessage(chat_id=GROUP, text="hi", message_thread_id=2),
        methods.SendRichMessage(chat_id=101, rich_message=rich),
        methods.SendMessageDraft(chat_id=101, draft_id=1, text="x", can_stop=True),
        methods.SendRichMessageDraft(chat_id=101, draft_id=1, rich_message=rich),
        methods.SendChatAction(chat_id=101, action="typing"),
        methods.SendPhoto(chat_id=101, photo=photo, caption="c"),
        methods.SendDocument(chat_id=101, document=document),
        methods.SendVoice(chat_id=101, voice=types.BufferedInputFile(b"OggS", "v.ogg"), duration=3),
        methods.SendAudio(chat_id=101, audio=types.BufferedInputFile(b"ID3", "a.mp3"), title="Song"),
        methods.SendVideo(chat_id=101, video=types.BufferedInputFile(b"mp4", "v.mp4")),
        methods.SendMediaGroup(chat_id=101, media=[types.InputMediaPhoto(media=photo) for _ in range(2)]),
        methods.GetFile(file_id=files[0]),
        methods.CopyMessage(chat_id=101, from_chat_id=101, message_id=1),
        methods.ForwardMessage(chat_id=101, from_chat_id=101, message_id=1),
        methods.SetMessageReaction(chat_id=101, message_id=1, reaction=[types.ReactionTypeEmoji(emoji="👍")]),
        methods.GetChat(chat_id=101),
        methods.GetChat(chat_id=GROUP),
        methods.GetChatMember(chat_id=GROUP, user_id=1),
        methods.GetChatMemberCount(chat_id=GROUP),
        methods.GetChatAdministrators(chat_id=GROUP),
        methods.SetMyCommands(commands=[types.BotCommand(command="a", description="b")], scope=scope),
        methods.GetMyCommands(scope=scope),
        methods.GetMyName(),
        methods.GetMyDescription(),
        methods.GetMyShortDescription(),
        methods.GetChatMenuButton(chat_id=101),
        methods.SendInvoice(chat_id=101, **invoice),
        methods.CreateInvoiceLink(**invoice),
        methods.GetStarTransactions(),
        methods.GetMyStarBalance(),
        methods.GetWebhookInfo(),
    ]


def people_do_everything(world):
    world.send("/start @alice #tag", user=101)
    world.send("hello", chat=GROUP, thread=3)
    for kind in ("photo", "voice", "audio", "video", "video_note", "document", "sticker"):
        world.send("about it", file={"kind": kind, "name": "f.bin", "data": base64.b64encode(picture()).decode()})
    message = world.send("reply", reply_to=1)["message"]
    world.edit(message, "edited")
    world.member("administrator", user=1, chat=GROUP)
    world.member("kicked", user=102)
    world.member("left", user=1, chat=GROUP, member=102)
    return [message["document"]["file_id"] for message in world.messages(101) if "document" in message]


@pytest.fixture
def aio(world):
    """Call methods by aiogram."""
    server = TelegramAPIServer.from_base(world.url)

    def run(*calls):
        async def all_of_them():
            async with Bot(world.token, session=AiohttpSession(api=server)) as bot:
                return [await bot(call) for call in calls]

        return asyncio.run(all_of_them())

    return run


def test_aiogram_reads_every_answer_and_knows_every_field(world, aio):
    files = people_do_everything(world)
    calls = every_call(files)
    for call, answer in zip(calls, aio(*calls), strict=True):
        assert not strange(answer), type(call).__name__


def test_aiogram_reads_every_update(world, aio):
    wanted = ["message", "edited_message", "my_chat_member", "chat_member", "callback_query", "pre_checkout_query"]
    aio(methods.GetUpdates(allowed_updates=[*wanted, "stopped_message_generation"]))
    people_do_everything(world)
    aio(methods.SendMessage(chat_id=101, text="x", reply_markup=BUTTONS))
    world.press(world.messages(101)[-1], "Go")
    aio(methods.SendMessageDraft(chat_id=101, draft_id=7, text="x", can_stop=True))
    world.stop_draft(7)
    aio(methods.SendInvoice(chat_id=101, title="T", description="D", payload="p", currency="XTR", prices=PRICE))
    world.pay(world.messages(101)[-1], wait=False)
    (updates,) = aio(methods.GetUpdates())
    assert {update.event_type for update in updates} == {*wanted, "stopped_message_generation"}
    assert not strange(updates)
    (_, _) = aio(
        methods.AnswerCallbackQuery(callback_query_id=next(u for u in updates if u.callback_query).callback_query.id),
        methods.AnswerPreCheckoutQuery(pre_checkout_query_id=updates[-1].pre_checkout_query.id, ok=True),
    )
    world.wait(lambda: "successful_payment" in world.messages(101)[-1])
    charge = world.messages(101)[-1]["successful_payment"]["telegram_payment_charge_id"]
    transactions, _, updates = aio(
        methods.GetStarTransactions(),
        methods.RefundStarPayment(user_id=101, telegram_payment_charge_id=charge),
        methods.GetUpdates(offset=-2),
    )
    assert not strange(transactions)
    assert not strange(updates)
    assert updates[-1].message.refunded_payment


def test_calls_of_aiogram_pass_the_strict_reading(world, aio):
    aio(*every_call(people_do_everything(world)))
    for call in world.calls():
        check_call(call["method"], call["params"], call["files"])


@pytest.mark.parametrize(
    ("method", "params", "words"),
    [
        ("sendMessage", {"chat_id": 1}, "needs 'text'"),
        ("sendMessage", {"chat_id": 1, "text": "a", "foo": 1}, "no parameter 'foo'"),
        ("sendMessage", {"chat_id": 1, "text": 1}, "str is expected"),
        ("sendMessage", {"chat_id": 1, "text": "a", "message_thread_id": "x"}, "int is expected"),
        ("sendMessage", {"chat_id": 1, "text": "a", "entities": '[{"type":"bold","offset":0}]'}, "needs 'length'"),
        ("sendMessage", {"chat_id": 1, "text": "a", "reply_markup": {"inline_keyboard": [[{"txt": "a"}]]}}, "'txt'"),
        ("setMyCommands", {"commands": [], "scope": {"type": "town"}}, "is none of"),
        ("sendPhoto", {"chat_id": 1}, "needs 'photo'"),
        ("sendNothing", {}, "there is no method"),
    ],
)
def test_the_strict_reading_refuses(method, params, words):
    with pytest.raises(CallError, match=words):
        check_call(method, params)


def test_telebot_reads_it_too(world, monkeypatch):
    monkeypatch.setattr(telebot.apihelper, "API_URL", world.url + "/bot{0}/{1}")
    monkeypatch.setattr(telebot.apihelper, "FILE_URL", world.url + "/file/bot{0}/{1}")
    people_do_everything(world)
    bot = telebot.TeleBot(world.token, threaded=False)
    assert bot.get_me().username == "sandbox_assistant_bot"
    updates = bot.get_updates(timeout=1)
    document = next(update.message.document for update in updates if update.message and update.message.document)
    assert bot.download_file(bot.get_file(document.file_id).file_path) == picture()
    sent = bot.send_message(101, "hello", entities=[telebot.types.MessageEntity("bold", 0, 5)])
    assert sent.entities[0].type == "bold"
    assert bot.edit_message_text("bye", 101, sent.message_id).text == "bye"
    assert bot.send_photo(101, picture(), caption="c").photo[-1].width == 700
    assert bot.send_message_draft(101, 4, "…")
    long = bot.send_message(101, "ж" * 4096)
    assert len(long.text) == 4096
    with pytest.raises(telebot.apihelper.ApiTelegramException, match="chat not found"):
        bot.send_message(5, "x")
