"""Files of a world: kept in memory, named the way Telegram names them, with the objects messages carry.

https://core.telegram.org/bots/api#getfile
"""

from __future__ import annotations

import io
import secrets
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image

from sandbox.refusal import bad_request

Json = dict[str, Any]

LARGEST_DOWNLOAD: Final = 20 * 1024 * 1024  # bytes
LARGEST_UPLOAD: Final = 50 * 1024 * 1024
LARGEST_PHOTO: Final = 10 * 1024 * 1024
PHOTO_SIDES: Final = (90, 320, 800, 1280)  # longest side of each size Telegram makes, in pixels
FOLDERS: Final = {
    "photo": "photos", "voice": "voice", "audio": "music", "video": "videos", "video_note": "video_notes",
    "document": "documents", "sticker": "stickers", "animation": "animations",
}  # fmt: skip
EXTENSIONS: Final = {"photo": "jpg", "voice": "oga", "audio": "mp3", "video": "mp4", "video_note": "mp4"}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file on the server; `content` is what messages say of it beside ids and size."""

    file_id: str
    unique_id: str
    kind: str
    path: str
    data: bytes
    content: Json

    def about(self) -> Json:
        """The fields every file object of the Bot API has."""
        size = self.content.get("file_size", len(self.data))
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": size}


class Files:
    """All files of one world by id and by path."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def store(self, kind: str, data: bytes, content: Json) -> StoredFile:
        """Keep a file and give it ids and a path."""
        number = len(self._by_id) + 1
        name = str(content.get("file_name", ""))
        tail = name.rpartition(".")[2] if name.rpartition(".")[2].isalnum() and "." in name else ""
        path = f"{FOLDERS.get(kind, 'documents')}/file_{number}.{tail or EXTENSIONS.get(kind, 'bin')}"
        stored = StoredFile(f"SBX{secrets.token_urlsafe(24)}", secrets.token_urlsafe(9), kind, path, data, content)
        self._by_id[stored.file_id] = self._by_path[path] = stored
        return stored

    def get(self, file_id: str) -> StoredFile:
        """A file by its id, or Telegram's refusal."""
        if (stored := self._by_id.get(file_id)) is None:
            raise bad_request("invalid file_id" if len(file_id) < 12 else "wrong file identifier/HTTP URL specified")
        return stored

    def at(self, path: str) -> StoredFile | None:
        """A file by its path on the server."""
        return self._by_path.get(path)

    def photo(self, data: bytes, width: int = 0, height: int = 0) -> Json:
        """Store a picture in the sizes Telegram makes; given width and height count where the data cannot be read."""
        sizes = _sizes(data) or [(data, width or 800, height or 600)]
        return {"photo": [self._size(*size) for size in sizes]}

    def _size(self, data: bytes, width: int, height: int) -> Json:
        stored = self.store("photo", data, {"width": width, "height": height})
        return {**stored.about(), "width": width, "height": height}

    def media(self, kind: str, data: bytes, spec: Json) -> Json:
        """Store a file of any kind and return the content of a message that shows it."""
        if kind == "photo":
            return self.photo(data, int(spec.get("width", 0)), int(spec.get("height", 0)))
        return shown(self.store(kind, data, _described(kind, spec)))

    def photo_of(self, stored: StoredFile) -> Json:
        """The content of a message that shows a stored picture again, in every size it has."""
        return self.photo(stored.data, stored.content.get("width", 0), stored.content.get("height", 0))


def is_picture(data: bytes) -> bool:
    """Whether the bytes are a picture that can be read."""
    return bool(_sizes(data))


def shown(stored: StoredFile) -> Json:
    """The content of a message that shows a stored file that is no photo."""
    return {stored.kind: {**stored.about(), **stored.content}}


def _described(kind: str, spec: Json) -> Json:
    typed = ("mime_type",) if kind not in ("sticker", "video_note") else ()
    content: Json = {name: spec[name] for name in (*typed, "file_size") if name in spec}
    if kind in ("document", "audio", "video", "animation") and (spec.get("file_name") or spec.get("name")):
        content["file_name"] = spec.get("file_name") or spec["name"]
    if kind in ("voice", "audio", "video", "video_note", "animation"):
        content["duration"] = int(spec.get("duration", 1))
    if kind in ("video", "animation", "sticker"):
        content |= {"width": int(spec.get("width", 512)), "height": int(spec.get("height", 512))}
    if kind == "sticker":
        content |= {"type": "regular", "is_animated": False, "is_video": False}
        content["emoji"] = spec.get("emoji", "🙂")
    if kind == "video_note":
        content["length"] = int(spec.get("length", 240))
    if kind == "audio":
        content |= {name: spec[name] for name in ("title", "performer") if name in spec}
    return content


def _sizes(data: bytes) -> list[tuple[bytes, int, int]]:
    """The picture itself and smaller ones, smallest first; empty when it cannot be read."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            width, height = picture.size
            sizes = []
            for side in (side for side in PHOTO_SIDES if side < max(width, height)):
                small = picture.convert("RGB")
                small.thumbnail((side, side))
                out = io.BytesIO()
                small.save(out, "JPEG", quality=80)
                sizes.append((out.getvalue(), *small.size))
    except (OSError, ValueError, Image.DecompressionBombError):
        return []
    return [*sizes, (data, width, height)] if max(width, height) <= PHOTO_SIDES[-1] else sizes
