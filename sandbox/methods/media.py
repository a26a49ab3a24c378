"""Files up and down: photos, documents, sounds, films, albums.

https://core.telegram.org/bots/api#sending-files
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Final

from sandbox.call import Call, Json, Upload
from sandbox.files import LARGEST_DOWNLOAD, LARGEST_PHOTO, LARGEST_UPLOAD, is_picture, shown
from sandbox.methods.messages import BODY, MEDIA, caption_content, edited
from sandbox.methods.target import chat_of, markup, own_message, put, send, target
from sandbox.refusal import Refusal, bad_request
from sandbox.world import World

FEWEST_IN_ALBUM: Final = 2
MOST_IN_ALBUM: Final = 10
NAMED: Final = ("duration", "width", "height", "title", "performer")


def sender(kind: str) -> Callable[[World, Call], Json]:
    """The method that sends one file of this kind."""

    def send_file(world: World, call: Call) -> Json:
        target(world, call)  # refused before the file is taken
        given = call.uploads.get(kind) or call.text(kind)
        if not given:
            raise bad_request(f"there is no {kind.replace('_', ' ')} in the request")
        return send(world, call, _content(world, call, kind, given, call.params) | caption_content(call))

    return send_file


def _content(world: World, call: Call, kind: str, given: Upload | str, spec: Json) -> Json:
    if isinstance(given, str) and given.startswith("attach://"):
        name = given.removeprefix("attach://")
        if name not in call.uploads:
            raise bad_request(f'attached file "{name}" not found')
        given = call.uploads[name]
    if isinstance(given, str):
        return _again(world, kind, given)
    _check(kind, given.data)
    described = {"name": given.name, "mime_type": given.mime_type} | {n: spec[n] for n in NAMED if spec.get(n)}
    return world.files.media(kind, given.data, described)


def _again(world: World, kind: str, given: str) -> Json:
    """A file that is on the server already; nothing is fetched from elsewhere."""
    if given.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    stored = world.files.get(given)
    if stored.kind != kind:
        raise bad_request(f"can't use file of type {stored.kind.title()} as {kind.title()}")
    return world.files.photo_of(stored) if kind == "photo" else shown(stored)


def _check(kind: str, data: bytes) -> None:
    if not data:
        raise bad_request("file must be non-empty")
    if len(data) > LARGEST_UPLOAD:
        raise Refusal(413, "Request Entity Too Large")
    if kind == "photo" and len(data) > LARGEST_PHOTO:
        size = f"file of size {len(data)} bytes is too big for a photo"
        raise bad_request(f"{size}; the maximum size is {LARGEST_PHOTO} bytes")
    if kind == "photo" and not is_picture(data):
        raise bad_request("IMAGE_PROCESS_FAILED")


def edit_message_media(world: World, call: Call) -> Json:
    """Another photo, film, document or sound in place of a file of the bot's own message, or of its words."""
    media: Json = call.json("media", dict, "InputMedia")
    if media.get("type") not in ("photo", "video", "document", "audio", "animation"):
        raise bad_request("can't parse InputMedia: type must be non-empty")
    chat = chat_of(world, call)
    old = own_message(chat, world, call)
    if not any(name in old for name in ("text", "rich_message", *MEDIA)) or "invoice" in old:
        raise bad_request("there is no media in the message to edit")
    content = _content(world, call, media["type"], str(media.get("media", "")), media) | caption_content(call, media)
    return edited(world, chat, old, content | markup(call), (*BODY, *MEDIA, "caption", "caption_entities"))


def send_media_group(world: World, call: Call) -> list[Json]:
    """An album of 2 to 10 photos, films, documents or sounds."""
    items: list[Any] = call.json("media", list, "media")
    if not FEWEST_IN_ALBUM <= len(items) <= MOST_IN_ALBUM:
        raise bad_request("Too many items specified" if items else "Media must be non-empty")
    place = target(world, call)
    contents = []
    for item in items:
        if not isinstance(item, dict) or item.get("type") not in ("photo", "video", "document", "audio"):
            raise bad_request("can't parse InputMedia: type must be non-empty")
        content = _content(world, call, item["type"], str(item.get("media", "")), item)
        contents.append(content | caption_content(call, item))
    album = secrets.token_hex(8)
    return [put(world, place, content | {"media_group_id": album}) for content in contents]


def get_file(world: World, call: Call) -> Json:
    """Where to download a file of at most 20 MB."""
    stored = world.files.get(call.required("file_id"))
    if len(stored.data) > LARGEST_DOWNLOAD:
        raise bad_request("file is too big")
    return {**stored.about(), "file_path": stored.path}
