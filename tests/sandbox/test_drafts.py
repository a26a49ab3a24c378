"""Drafts grow in private chats, end with the answer, and can be stopped; rich messages are read by the server."""

import asyncio

import pytest

from sandbox.call import Call
from sandbox.methods import drafts
from sandbox.rich import read_markdown
from sandbox.world import World

GROUP = -1001000000001


def draft(world):
    return (world.state()["drafts"] or [None])[0]


def test_a_draft_grows_and_ends_with_the_answer(world, bot):
    seen = world.state()["event_id"]
    bot.ok("sendMessageDraft", chat_id=101, draft_id=5, text="")
    bot.ok("sendMessageDraft", chat_id=101, draft_id=5, text="Once")
    assert draft(world)["text"] == "Once"
    bot.ok("sendMessage", chat_id=101, text="Once upon a time")
    assert draft(world) is None
    assert [each["type"] for each in world.events(seen, 1)] == ["draft", "draft", "draft_end", "message"]


def test_a_draft_with_another_number_takes_the_place(world, bot):
    bot.ok("sendMessageDraft", chat_id=101, draft_id=5, text="a")
    seen = world.state()["event_id"]
    bot.ok("sendMessageDraft", chat_id=101, draft_id=6, text="b")
    assert [each["type"] for each in world.events(seen, 1)] == ["draft_end", "draft"]
    assert len(world.state()["drafts"]) == 1


def test_stop(world, bot):
    bot.ok("sendMessageDraft", chat_id=101, draft_id=5, text="a")
    with pytest.raises(Exception, match="no such draft that can be stopped"):
        world.stop_draft(5)
    bot.ok("sendMessageDraft", chat_id=101, draft_id=5, text="ab", can_stop=True)
    world.stop_draft(5)
    stopped = bot.ok("getUpdates")[-1]["stopped_message_generation"]
    assert (stopped["chat"]["id"], stopped["draft_id"]) == (101, 5)
    assert draft(world) is None
    bot.ok("sendMessageDraft", chat_id=101, draft_id=6, text="ab", can_stop=True, keep_on_stop=True)
    world.stop_draft(6)
    assert draft(world)["text"] == "ab"


def test_a_draft_left_alone_disappears(monkeypatch):
    monkeypatch.setattr(drafts, "DRAFT_SECONDS", 0.05)

    async def leave_alone():
        world = World("1:a")
        drafts.send_message_draft(world, Call("sendMessageDraft", {"chat_id": 101, "draft_id": 5, "text": "x"}))
        assert world.drafts
        await world.events.wait(world.events.last, 5)
        return world.drafts, world.events.since(0)[-1].kind

    assert asyncio.run(leave_alone()) == ({}, "draft_end")


def test_what_is_no_draft(bot):
    assert bot("sendMessageDraft", chat_id=GROUP, draft_id=5, text="a")["error_code"] == 400
    assert bot.refused("sendMessageDraft", chat_id=101, draft_id=0, text="a") == "Bad Request: RANDOM_ID_EMPTY"
    assert (
        bot.refused("sendMessageDraft", chat_id=101, draft_id=5, text="a" * 4097) == "Bad Request: message is too long"
    )
    wrong = "Bad Request: wrong parameter action in request"
    assert bot.refused("sendChatAction", chat_id=101, action="thinking") == wrong


def test_rich_messages(world, bot):
    table = {"markdown": "|a|b|\n|:-|-:|\n|1|**2**|"}
    bot.ok("sendRichMessageDraft", chat_id=101, draft_id=5, rich_message=table)
    assert draft(world)["rich_message"]["blocks"][0]["type"] == "table"
    sent = bot.ok("sendRichMessage", chat_id=101, rich_message=table)
    assert sent["rich_message"]["blocks"][0]["cells"][1] == [
        {"align": "left", "valign": "middle", "text": "1"},
        {"align": "right", "valign": "middle", "text": {"type": "bold", "text": "2"}},
    ]
    which = {"chat_id": 101, "message_id": sent["message_id"]}
    assert bot.ok("editMessageText", **which, text="plain")["text"] == "plain"
    edited = bot.ok("editMessageText", **which, rich_message={"markdown": "# Head"})
    assert edited["rich_message"] == {"blocks": [{"type": "heading", "text": "Head", "size": 1}]}
    assert "text" not in edited
    long = {"markdown": "x" * 32_769}
    assert bot.refused("sendRichMessage", chat_id=101, rich_message=long) == "Bad Request: RICH_MESSAGE_TEXT_TOO_LONG"
    assert bot("sendRichMessage", chat_id=101, rich_message={"markdown": " "})["error_code"] == 400


@pytest.mark.parametrize(
    ("source", "block"),
    [
        ("one\ntwo", {"type": "paragraph", "text": "one two"}),
        ("```py\nx = 1\n```", {"type": "pre", "text": "x = 1", "language": "py"}),
        ("---", {"type": "divider"}),
        ("$$\na_b*c*\n$$", {"type": "mathematical_expression", "expression": "a_b*c*"}),
        ("$a*b*c$", {"type": "paragraph", "text": {"type": "mathematical_expression", "expression": "a*b*c"}}),
        ("> said", {"type": "blockquote", "blocks": [{"type": "paragraph", "text": "said"}]}),
        (
            "cost $5 and $6, but $x_1$",
            {
                "type": "paragraph",
                "text": ["cost $5 and $6, but ", {"type": "mathematical_expression", "expression": "x_1"}],
            },
        ),
        ("[**a**](https://b.org)", {"type": "paragraph", "text": {
            "type": "url", "text": {"type": "bold", "text": "a"}, "url": "https://b.org"}}),
        ("see https://a.org/b.", {"type": "paragraph", "text": [
            "see ", {"type": "url", "text": "https://a.org/b", "url": "https://a.org/b"}, "."]}),
        ("<https://a.org>", {"type": "paragraph", "text": {
            "type": "url", "text": "https://a.org", "url": "https://a.org"}}),
        ("H<sub>2</sub>O ~~no~~", {"type": "paragraph", "text": [
            "H", {"type": "subscript", "text": "2"}, "O ", {"type": "strikethrough", "text": "no"}]}),
        ("<details><summary>More</summary>\n\nin\n\n</details>", {
            "type": "details", "summary": "More", "blocks": [{"type": "paragraph", "text": "in"}]}),
    ],
)  # fmt: skip
def test_markdown_blocks(source, block):
    assert read_markdown(source) == [block]


def test_lists_and_tasks():
    items = read_markdown("3. three\n4. four\n\n- [ ] to do\n- [x] done")
    assert [(item["label"], item["value"], item["type"]) for item in items[0]["items"]] == [
        ("3.", 3, "1"),
        ("4.", 4, "1"),
    ]
    assert [(item["has_checkbox"], item.get("is_checked", False)) for item in items[1]["items"]] == [
        (True, False), (True, True),
    ]  # fmt: skip
    assert items[1]["items"][1]["blocks"] == [{"type": "paragraph", "text": "done"}]


def test_details_inside_code_stay_code():
    (block,) = read_markdown("```\n<details><summary>x</summary>\n</details>\n```")
    assert block["type"] == "pre"
