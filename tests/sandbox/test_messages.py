"""Words sent, edited, deleted; limits, entities, topics, privacy; with Telegram's own refusals."""

import time

import pytest

from sandbox.call import Call
from sandbox.methods import queries
from sandbox.refusal import Refusal
from sandbox.world import World

GROUP = -1001000000001
BUTTON = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}


def test_texts_are_trimmed_and_measured_in_utf16(bot):
    bold = [{"type": "bold", "offset": 1, "length": 3, "url": None}]
    sent = bot.ok("sendMessage", chat_id=101, text=" 😀a \n", entities=bold)
    assert sent["text"] == "😀a"
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    assert bot.ok("sendMessage", chat_id=101, text="😀" * 2048)
    assert bot.refused("sendMessage", chat_id=101, text="😀" * 2048 + "!") == "Bad Request: message is too long"
    assert bot.refused("sendMessage", chat_id=101, text=" \n ") == "Bad Request: message text is empty"


@pytest.mark.parametrize(
    ("entity", "words"),
    [
        ({"type": "bold", "offset": 0, "length": 9}, "ends after the end of the text at UTF-16 offset 9"),
        ({"type": "bold", "offset": 1, "length": 2}, "begins in a middle of a UTF-16 symbol"),
        ({"type": "bold", "offset": 0, "length": 1}, "ends in a middle of a UTF-16 symbol"),
        ({"type": "shout", "offset": 0, "length": 2}, "Unsupported type specified"),
    ],
)
def test_wrong_entities_are_refused(bot, entity, words):
    assert words in bot.refused("sendMessage", chat_id=101, text="😀ab", entities=[entity])


def test_links_mentions_and_commands_are_found(bot):
    sent = bot.ok("sendMessage", chat_id=101, text="😀 /help@x_bot see https://a.org/b, @alice a@b.org #tag 1/2 <tag/>")
    assert [(each["type"], each["offset"]) for each in sent["entities"]] == [
        ("bot_command", 3), ("url", 19), ("mention", 36), ("email", 43), ("hashtag", 51),
    ]  # fmt: skip
    code = [{"type": "code", "offset": 0, "length": 14}]
    assert bot.ok("sendMessage", chat_id=101, text="https://a.org/", entities=code)["entities"] == code


@pytest.mark.parametrize("text", ["\ud83d", "a\udc00b"])
def test_half_letters_are_refused(bot, text):
    assert bot("sendMessage", chat_id=101, text=text)["error_code"] == 400
    assert bot("sendRichMessage", chat_id=101, rich_message='{"markdown": "\\ud83d"}')["error_code"] == 400


def test_coming_and_going_is_told(world, bot):
    world.member("left", user=102, chat=GROUP, member=102)
    assert bot.ok("getUpdates")[-1]["message"]["left_chat_member"]["id"] == 102
    world.member("kicked", user=1, chat=GROUP)
    assert "my_chat_member" in bot.ok("getUpdates")[-1]
    world.member("member", user=1, chat=GROUP)
    *_, came, change = bot.ok("getUpdates")
    assert came["message"]["new_chat_members"][0]["is_bot"]
    assert change["my_chat_member"]["old_chat_member"]["status"] == "kicked"


def test_html_is_read(bot):
    sent = bot.ok("sendMessage", chat_id=101, text="<b>1 &lt; <i>2</i></b>", parse_mode="HTML")
    assert sent["text"] == "1 < 2"
    assert [(each["type"], each["offset"], each["length"]) for each in sent["entities"]] == [
        ("bold", 0, 5), ("italic", 4, 1),
    ]  # fmt: skip
    assert "can't parse entities" in bot.refused("sendMessage", chat_id=101, text="<b>x", parse_mode="HTML")


def test_edits(world, bot):
    sent = bot.ok("sendMessage", chat_id=101, text="one", reply_markup=BUTTON)
    which = {"chat_id": 101, "message_id": sent["message_id"]}
    same = bot.refused("editMessageText", **which, text="one", reply_markup=BUTTON)
    assert same.startswith("Bad Request: message is not modified: specified new message content and reply markup")
    edited = bot.ok("editMessageText", **which, text="two")
    assert edited["text"] == "two"
    assert "reply_markup" not in edited
    assert edited["edit_date"]
    assert bot.ok("editMessageReplyMarkup", **which, reply_markup=BUTTON)["reply_markup"] == BUTTON
    assert bot.refused("editMessageText", **which, text="x" * 4097) == "Bad Request: MESSAGE_TOO_LONG"
    assert (
        bot.refused("editMessageText", chat_id=101, message_id=999, text="x")
        == "Bad Request: message to edit not found"
    )
    theirs = world.send("mine")["message"]["message_id"]
    assert (
        bot.refused("editMessageText", chat_id=101, message_id=theirs, text="x")
        == "Bad Request: message can't be edited"
    )


def test_deletes(world, bot):
    one, two = (bot.ok("sendMessage", chat_id=101, text="x")["message_id"] for _ in range(2))
    assert bot.ok("deleteMessage", chat_id=101, message_id=one) is True
    assert bot.refused("deleteMessage", chat_id=101, message_id=one) == "Bad Request: message to delete not found"
    assert bot.ok("deleteMessages", chat_id=101, message_ids=[one, two]) is True
    assert world.messages(101) == []
    theirs = world.send("/hi", chat=GROUP)["message"]["message_id"]
    assert bot.refused("deleteMessage", chat_id=GROUP, message_id=theirs) == "Bad Request: message can't be deleted"


def test_replies(world, bot):
    asked = world.send("question")["message"]["message_id"]
    reply = bot.ok("sendMessage", chat_id=101, text="answer", reply_parameters={"message_id": asked})
    assert reply["reply_to_message"]["text"] == "question"
    again = world.send("more", reply_to=reply["message_id"])["message"]
    assert "reply_to_message" not in again["reply_to_message"]
    lost = {"chat_id": 101, "text": "x", "reply_parameters": {"message_id": 999}}
    assert bot.refused("sendMessage", **lost) == "Bad Request: message to be replied not found"
    lost["reply_parameters"]["allow_sending_without_reply"] = True
    assert "reply_to_message" not in bot.ok("sendMessage", **lost)


def test_buttons(world, bot):
    def wrong(**button):
        return bot.refused("sendMessage", chat_id=101, text="x", reply_markup={"inline_keyboard": [[button]]})

    assert wrong(text="a", callback_data="ж" * 33) == "Bad Request: BUTTON_DATA_INVALID"
    assert wrong(text="a", callback_data="") == "Bad Request: BUTTON_DATA_INVALID"
    assert "Wrong HTTP URL" in wrong(text="a", url="nowhere")
    assert "Text buttons are unallowed in the inline keyboard" in wrong(text="a")
    keyboard = {"keyboard": [[{"text": "Menu"}]], "resize_keyboard": True}
    assert "reply_markup" not in bot.ok("sendMessage", chat_id=101, text="x", reply_markup=keyboard)
    assert world.messages(101)[-1]["reply_markup"] == keyboard


def test_presses(world, bot):
    bot.ok("sendMessage", chat_id=101, text="x", reply_markup=BUTTON)
    query_id = world.press(world.messages(101)[-1], "Go")
    query = bot.ok("getUpdates")[-1]["callback_query"]
    assert (query["id"], query["data"], query["from"]["id"]) == (query_id, "go", 101)
    seen = world.state()["event_id"]
    bot.ok("answerCallbackQuery", callback_query_id=query_id, text="done", show_alert=True)
    answer = world.events(seen, 5)[0]
    assert (answer["type"], answer["text"], answer["show_alert"]) == ("callback_answer", "done", True)
    late = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    assert bot.refused("answerCallbackQuery", callback_query_id="1") == late
    with pytest.raises(LookupError):
        world.press(world.messages(101)[-1], "Stop")
    assert world.press(world.messages(101)[-1], "forged", forged=True)


def test_a_press_is_answered_in_time_or_not_at_all():
    world = World("1:a")
    world.queries["7"] = {"data": "go", "user_id": 101, "time": time.monotonic() - queries.ANSWER_SECONDS - 1}
    with pytest.raises(Refusal, match="query is too old"):
        queries.answer_callback_query(world, Call("answerCallbackQuery", {"callback_query_id": "7"}))


def test_who_cannot_be_written_to(world, bot):
    assert bot.refused("sendMessage", chat_id=5, text="x") == "Bad Request: chat not found"
    world.user(7, first_name="Shy")
    assert bot.refused("sendMessage", chat_id=7, text="x") == "Forbidden: bot can't initiate conversation with a user"
    world.send("/start", user=7)
    assert bot.ok("sendMessage", chat_id=7, text="x")
    world.member("kicked", user=7)
    assert bot.refused("sendMessage", chat_id=7, text="x") == "Forbidden: bot was blocked by the user"
    assert bot.ok("getUpdates")[-1]["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    world.member("kicked", user=1, chat=GROUP)
    assert bot.refused("sendMessage", chat_id=GROUP, text="x") == "Forbidden: bot was kicked from the supergroup chat"
    world.member("left", user=1, chat=GROUP)
    refusal = bot.refused("sendMessage", chat_id=GROUP, text="x")
    assert refusal == "Forbidden: bot is not a member of the supergroup chat"


def test_an_upgraded_group_says_its_new_id(world, bot):
    world.group(-55, type="group", title="Small")
    new = world.upgrade(-55)
    answer = bot("sendMessage", chat_id=-55, text="x")
    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert answer["parameters"] == {"migrate_to_chat_id": new}
    assert bot.ok("sendMessage", chat_id=new, text="x")
    assert [u["message"].get("migrate_to_chat_id") for u in bot.ok("getUpdates")] == [new, None]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("chatter", False),
        ("/help", True),
        ("/help@sandbox_assistant_bot", True),
        ("/help@other_bot", False),
        ("well, @sandbox_assistant_bot?", True),
        ("@sandbox_assistant_bots", False),
    ],
)
def test_privacy_mode_in_groups(world, text, seen):
    assert bool(world.send(text, chat=GROUP)["update_id"]) is seen


def test_what_ends_privacy(world, bot):
    own = bot.ok("sendMessage", chat_id=GROUP, text="x")["message_id"]
    assert world.send("yes", chat=GROUP, reply_to=own)["update_id"]
    photo = {"kind": "photo", "data": ""}
    assert world.send(chat=GROUP, file=photo)["update_id"] is None
    world.set_bot(can_read_all_group_messages=True)
    assert world.send("chatter", chat=GROUP)["update_id"]
    world.set_bot(can_read_all_group_messages=False)
    world.member("administrator", user=1, chat=GROUP)
    assert world.send("chatter", chat=GROUP)["update_id"]


def test_topics(world, bot):
    world.send("/ask", chat=GROUP, thread=2)
    message = bot.ok("getUpdates")[-1]["message"]
    assert message["message_thread_id"] == 2
    assert message["is_topic_message"]
    assert message["reply_to_message"]["forum_topic_created"]["name"] == "Кухня / Kitchen"
    assert bot.ok("sendMessage", chat_id=GROUP, text="x", message_thread_id=2)["message_thread_id"] == 2
    reply = {"message_id": message["message_id"]}
    assert bot.ok("sendMessage", chat_id=GROUP, text="x", reply_parameters=reply)["message_thread_id"] == 2
    for missing in (1, 99):
        refusal = bot.refused("sendMessage", chat_id=GROUP, text="x", message_thread_id=missing)
        assert refusal == "Bad Request: message thread not found"
    assert bot.ok("sendChatAction", chat_id=GROUP, action="typing", message_thread_id=1)
    assert "message_thread_id" not in bot.ok("sendMessage", chat_id=GROUP, text="general")
    assert len(world.messages(GROUP, 2)) == 4  # the header, the question, two answers


def test_topics_in_private_chats(world, bot):
    assert bot.refused("createForumTopic", chat_id=101, name="Trip") == "Bad Request: the chat is not a forum"
    world.set_bot(has_topics_enabled=True)
    thread = bot.ok("createForumTopic", chat_id=101, name="Trip")["message_thread_id"]
    assert world.send("hello", thread=thread)["message"]["message_thread_id"] == thread
    assert bot.ok("sendMessage", chat_id=101, text="x", message_thread_id=thread)["is_topic_message"]
    assert bot.ok("deleteForumTopic", chat_id=101, message_thread_id=thread)


def test_copies_and_forwards(world, bot):
    theirs = world.send("*hi*", user=102)["message"]
    source = {"from_chat_id": 102, "message_id": theirs["message_id"]}
    copy = bot.ok("copyMessage", chat_id=101, **source)
    assert world.messages(101)[-1]["message_id"] == copy["message_id"]
    assert "forward_origin" not in world.messages(101)[-1]
    forwarded = bot.ok("forwardMessage", chat_id=101, **source)
    assert forwarded["forward_origin"]["sender_user"]["id"] == 102
    assert (
        bot.refused("copyMessage", chat_id=101, from_chat_id=102, message_id=99)
        == "Bad Request: message to copy not found"
    )


def test_people_edit_their_words(world, bot):
    message = world.send("fist")["message"]
    assert world.edit(message, "/first")["update_id"]
    edited = bot.ok("getUpdates")[-1]["edited_message"]
    assert edited["text"] == "/first"
    assert edited["entities"][0]["type"] == "bot_command"


def test_menus(world, bot):
    start = {"command": "start", "description": "Begin"}
    bot.ok("setMyCommands", commands=[start])
    bot.ok("setMyCommands", commands=[], language_code="ru", scope={"type": "chat", "chat_id": 1})
    assert bot.ok("getMyCommands") == [start]
    menus = world.state()["commands"]
    assert menus[0] == {"scope": {"type": "default"}, "language_code": "", "commands": [start]}
    assert len(menus) == 2
    bot.ok("deleteMyCommands")
    assert bot.ok("getMyCommands") == []
    wrong = {"command": "Start", "description": "x"}
    assert bot.refused("setMyCommands", commands=[wrong]) == "Bad Request: BOT_COMMAND_INVALID"
    assert bot.refused("setMyCommands", commands=[start] * 101) == "Bad Request: BOT_COMMANDS_TOO_MUCH"
    bot.ok("setMyDescription", description="Помощник", language_code="ru")
    assert bot.ok("getMyDescription", language_code="ru") == {"description": "Помощник"}
    assert bot.ok("getMyDescription") == {"description": ""}


@pytest.mark.parametrize("url", ["#there", "", "mailto:a@b.org", "javascript:alert(1)", "http://", "https://a b.org"])
def test_links_to_nowhere_are_refused(bot, url):
    link = {"type": "text_link", "offset": 0, "length": 1, "url": url}
    assert "Wrong message entity" in bot.refused("sendMessage", chat_id=101, text="x", entities=[link])


def test_what_shows_nothing_is_empty(bot):
    for text in ("\u200b\u200d", "\u3164 \ufeff", " \n"):
        assert bot.refused("sendMessage", chat_id=101, text=text) == "Bad Request: message text is empty"


def test_indentation_of_code_stays_and_quotes_hold_no_quotes(bot):
    code = [{"type": "pre", "offset": 0, "length": 3}]
    assert bot.ok("sendMessage", chat_id=101, text="  x\n", entities=code)["text"] == "  x"
    quotes = [{"type": "blockquote", "offset": 0, "length": 3}, {"type": "blockquote", "offset": 1, "length": 1}]
    assert len(bot.ok("sendMessage", chat_id=101, text="abc", entities=quotes)["entities"]) == 1


def test_old_markdown(bot):
    text = "*b* _i_ `c` [l](https://e.org) ```py x``` a\\_b"
    sent = bot.ok("sendMessage", chat_id=101, text=text, parse_mode="Markdown")
    assert sent["text"] == "b i c l x a_b"
    assert [each["type"] for each in sent["entities"]] == ["bold", "italic", "code", "text_link", "pre"]
    refused = bot.refused("sendMessage", chat_id=101, text="a_b", parse_mode="Markdown")
    assert refused == "Bad Request: can't parse entities: Can't find end of the entity starting at byte offset 1"
