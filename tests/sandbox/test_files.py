"""Files up and down, albums, captions."""

import base64
import io
import json
import urllib.error
import urllib.request

import pytest
import requests
from PIL import Image

from sandbox.client import SandboxError


def picture(width=640, height=480):
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()


def coded(data):
    return base64.b64encode(data).decode()


def download(world, path):
    return urllib.request.urlopen(f"{world.url}/file/bot{world.token}/{path}", timeout=10).read()


def upload(world, method, files, **data):
    return requests.post(f"{world.url}/bot{world.token}/{method}", data=data, files=files, timeout=30).json()


def test_a_document_comes_down_as_it_went_up(world, bot):
    file = {"kind": "document", "name": "сказка.txt", "mime_type": "text/plain", "data": coded(b"once")}
    world.send("read this", file=file)
    message = bot.ok("getUpdates")[-1]["message"]
    assert message["caption"] == "read this"
    assert (message["document"]["file_name"], message["document"]["file_size"]) == ("сказка.txt", 4)
    where = bot.ok("getFile", file_id=message["document"]["file_id"])
    assert where["file_path"].startswith("documents/")
    assert download(world, where["file_path"]) == b"once"
    assert world.file(message["document"]["file_id"]) == b"once"


def test_photos_come_in_sizes(world, bot):
    data = picture()
    world.send(file={"kind": "photo", "data": coded(data)})
    sizes = bot.ok("getUpdates")[-1]["message"]["photo"]
    assert [(size["width"], size["height"]) for size in sizes] == [(90, 68), (320, 240), (640, 480)]
    assert world.file(sizes[-1]["file_id"]) == data


def test_downloads_end_at_20_megabytes(world, bot):
    world.send(file={"kind": "voice", "size": 20 * 1024 * 1024 + 1, "duration": 9})
    voice = bot.ok("getUpdates")[-1]["message"]["voice"]
    assert voice["duration"] == 9
    assert bot.refused("getFile", file_id=voice["file_id"]) == "Bad Request: file is too big"
    assert bot.refused("getFile", file_id="x") == "Bad Request: invalid file_id"
    with pytest.raises(urllib.error.HTTPError):
        download(world, "documents/nothing.txt")


def test_a_file_may_lie_about_its_size(world, bot):
    world.send(file={"kind": "document", "name": "a.bin", "size": 5000, "file_size": 10})
    document = bot.ok("getUpdates")[-1]["message"]["document"]
    assert document["file_size"] == 10
    assert len(download(world, bot.ok("getFile", file_id=document["file_id"])["file_path"])) == 5000


def test_albums_are_several_updates(world, bot):
    files = [{"kind": "photo", "data": coded(picture(50 + n, 50))} for n in range(3)]
    world.send("three", files=files)
    messages = [update["message"] for update in bot.ok("getUpdates")]
    assert len({message["media_group_id"] for message in messages}) == 1
    assert [message.get("caption") for message in messages] == ["three", None, None], "the first one has the words"
    own = [files[0], files[1] | {"caption": "the second"}]
    world.send("both", files=own)
    assert [update["message"]["caption"] for update in bot.ok("getUpdates", offset=-2)] == ["both", "the second"]


def test_people_pass_albums_on(world, bot):
    files = [{"kind": "document", "name": f"{n}.txt", "data": coded(b"x")} for n in range(2)]
    sent = world.send("two", files=files)["messages"]
    world.forward(sent, user=101)
    first, second = (update["message"] for update in bot.ok("getUpdates", offset=-2))
    assert (first["caption"], second["document"]["file_name"]) == ("two", "1.txt")
    assert first["forward_origin"]["sender_user"]["id"] == 101
    assert first["media_group_id"] == second["media_group_id"] != sent[0]["media_group_id"]
    world.forward([first], user=101)
    assert bot.ok("getUpdates", offset=-1)[0]["message"]["forward_origin"] == first["forward_origin"]
    service = world.messages(-1001000000001)[0]
    with pytest.raises(SandboxError, match="can't be passed on"):
        world.forward([service], user=101)


def test_the_bot_sends_files(world):
    answer = upload(world, "sendPhoto", {"photo": ("p.png", picture(), "image/png")}, chat_id=101, caption="teal")
    assert answer["result"]["caption"] == "teal"
    again = upload(world, "sendPhoto", None, chat_id=101, photo=answer["result"]["photo"][-1]["file_id"])
    assert again["result"]["photo"][-1]["width"] == 640
    document = upload(world, "sendDocument", {"document": ("отчёт.pdf", b"%PDF-")}, chat_id=101)["result"]["document"]
    assert document["file_name"] == "отчёт.pdf"
    wrong = upload(world, "sendVoice", None, chat_id=101, voice=document["file_id"])
    assert wrong["description"] == "Bad Request: can't use file of type Document as Voice"


def test_refused_files(world):
    def refused(files, **data):
        return upload(world, "sendPhoto", files, chat_id=101, **data)["description"]

    assert refused(None) == "Bad Request: there is no photo in the request"
    assert refused(None, photo="https://example.org/x.png") == "Bad Request: failed to get HTTP URL content"
    assert refused({"photo": ("p.png", b"no picture")}) == "Bad Request: IMAGE_PROCESS_FAILED"
    assert "is too big for a photo" in refused({"photo": ("p.png", bytes(10 * 1024 * 1024 + 1))})
    assert refused({"photo": ("p.png", picture())}, caption="x" * 1025) == "Bad Request: message caption is too long"
    empty = upload(world, "sendDocument", {"document": ("e.txt", b"")}, chat_id=101)
    assert empty["description"] == "Bad Request: file must be non-empty"
    huge = upload(world, "sendDocument", {"document": ("h.bin", bytes(50 * 1024 * 1024 + 1))}, chat_id=101)
    assert (huge["error_code"], huge["description"]) == (413, "Request Entity Too Large")


def test_the_bot_sends_albums(world):
    media = [{"type": "photo", "media": f"attach://p{n}", "caption": f"no. {n}"} for n in range(2)]
    files = {f"p{n}": (f"p{n}.png", picture(), "image/png") for n in range(2)}
    answer = upload(world, "sendMediaGroup", files, chat_id=101, media=json.dumps(media))
    assert [message["caption"] for message in answer["result"]] == ["no. 0", "no. 1"]
    one = upload(world, "sendMediaGroup", files, chat_id=101, media=json.dumps(media[:1]))
    assert one["error_code"] == 400
    record = world.calls("sendMediaGroup")[0]
    assert record["files"]["p0"]["mime_type"] == "image/png"


def put(world, message, data, **media):
    media = {"type": "photo", "media": "attach://p", **media}
    where = {"chat_id": 101, "message_id": message["message_id"], "media": json.dumps(media)}
    return upload(world, "editMessageMedia", {"p": ("p.png", data, "image/png")} if data else None, **where)


def test_words_and_pictures_are_replaced_by_a_picture(world, bot):
    words = bot.ok("sendMessage", chat_id=101, text="Drawing…")
    shown = put(world, words, picture(), caption="coarse")["result"]
    assert (shown["caption"], "text" in shown, shown["message_id"]) == ("coarse", False, words["message_id"])
    finer = put(world, words, picture(500, 500))["result"]
    assert (finer["photo"][-1]["width"], "caption" in finer) == (500, False)
    assert bot.refused("editMessageText", chat_id=101, message_id=words["message_id"], text="x").endswith("to edit")
    again = put(world, words, None, media=finer["photo"][-1]["file_id"])
    assert again["ok"] is True
    assert put(world, words, None)["description"] == 'Bad Request: attached file "p" not found'
    assert put(world, words, b"no picture")["description"] == "Bad Request: IMAGE_PROCESS_FAILED"
    assert put(world, words, picture(), type="album")["description"].startswith("Bad Request: can't parse InputMedia")
    theirs = world.send("mine")["message"]
    assert put(world, theirs, picture())["description"] == "Bad Request: message can't be edited"
