"""Pictures and files inside a question, held against what OpenAI takes, and the tokens they cost.

https://platform.openai.com/docs/guides/images-vision, https://platform.openai.com/docs/guides/file-inputs
"""

import base64
import binascii
import io
import re
import zlib
from pathlib import PurePath
from typing import Any, NamedTuple

from PIL import Image, UnidentifiedImageError

from .catalogue import Model
from .keys import Key
from .refusals import Refused, missing, wrong

FIELDS = {
    "image_url": ("url", "detail"),
    "file": ("filename", "file_data", "file_id"),
    "input_image": ("image_url", "file_id", "detail"),
    "input_file": ("filename", "file_data", "file_id", "file_url", "detail"),
}
PLAIN = ("type", "prompt_cache_breakpoint")  # fields that any part may have
DETAILS = {"image_url": ("auto", "low", "high"), "input_file": ("auto", "low", "high")}
FINEST = ("auto", "low", "high", "original")  # of `input_image`
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
TEXTS = (
    ".txt", ".md", ".csv", ".tsv", ".json", ".html", ".xml", ".py", ".js", ".ts", ".c", ".cpp", ".java", ".go", ".rs",
    ".sh", ".sql", ".css", ".yaml", ".yml", ".docx", ".pptx", ".xlsx", ".xls", ".doc", ".rtf", ".odt",
)  # fmt: skip
LARGEST = 50 * 1024 * 1024  # bytes of all files of a request
PATCH, MOST_PATCHES, LOW_SIDE = 32, 1_536, 512  # pixels of a patch, patches of a picture, pixels of one in low detail
A_PAGE = 1_000  # tokens of a PDF's page: its words and its picture
SHOULD = {
    "picture": "Expected a base64-encoded data URL with an image MIME type (e.g. "
    "'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU=')",
    "file": "Expected a base64-encoded data URL with an application/pdf MIME type (e.g. "
    "'data:application/pdf;base64,SGVsbG8sIFdvcmxkIQ==')",
}


class Given(NamedTuple):
    """A picture or file as a part names it: the data itself or the id of an upload."""

    kind: str  # of the part, as in FIELDS
    place: str  # its path in the request
    fields: dict[str, Any]

    @property
    def is_picture(self) -> bool:
        return self.kind in ("image_url", "input_image")

    @property
    def source(self) -> str:
        """The field that carries the data."""
        return {"image_url": "url", "input_image": "image_url"}.get(self.kind, "file_data")

    def refused(self, text: str, code: str = "invalid_value") -> Refused:
        """400 for what the part carries."""
        return Refused(400, text, f"{self.place}.{self.source}", code)


class Seen(NamedTuple):
    """A picture or file that was looked at: the number of its message, what it costs, its size or its pages."""

    message: int
    tokens: int
    name: str = ""
    width: int = 0
    height: int = 0
    pages: int = 0


def look(key: Key, asked: Model, param: str, items: list[dict[str, Any]]) -> list[Seen]:
    """All pictures and files in the messages, each looked at. Raises Refused."""
    found: list[Seen] = []
    size = 0
    for index, item in enumerate(items):
        content = item.get("content")
        for number, part in enumerate(content if isinstance(content, list) else ()):
            if part["type"] not in FIELDS:
                continue
            given = taken(part, f"{param}[{index}].content[{number}]", item["role"])
            able(asked, given)
            name, data = carried(key, given)
            size += len(data)
            found.append(picture(given, data, index) if given.is_picture else document(given, name, data, index))
    if size > LARGEST:
        raise Refused(400, "Total file size, including file name, exceeds the limit of 50 MB.", param, "invalid_value")
    return found


def taken(part: dict[str, Any], place: str, role: str) -> Given:
    """A part with nothing in it but its own fields, all of them words. Raises Refused."""
    kind: str = part["type"]
    if role != "user":
        raise Refused(400, f"'{kind}' is only allowed for messages with role 'user', not '{role}'.", place)
    nested = kind in ("image_url", "file")
    if nested and not isinstance(part.get(kind), dict):
        raise Refused(400, f"Invalid type for '{place}.{kind}': expected an object.", f"{place}.{kind}", "invalid_type")
    fields = part[kind] if nested else {name: value for name, value in part.items() if name not in PLAIN}
    given = Given(kind, f"{place}.{kind}" if nested else place, {k: v for k, v in fields.items() if v is not None})
    strangers = [name for name in given.fields if name not in FIELDS[kind]]
    strangers += [name for name in part if nested and name not in (kind, *PLAIN)]
    for name in strangers:
        raise Refused(400, f"Unknown parameter: '{given.place}.{name}'.", f"{given.place}.{name}", "unknown_parameter")
    for name, value in given.fields.items():
        if not isinstance(value, str):
            raise Refused(400, f"Invalid type for '{given.place}.{name}'.", f"{given.place}.{name}", "invalid_type")
    if given.fields.get("detail", "auto") not in DETAILS.get(kind, FINEST):
        raise wrong(f"{given.place}.detail", f"one of {', '.join(DETAILS.get(kind, FINEST))}")
    return given


def able(asked: Model, given: Given) -> None:
    """The model takes such parts. Raises Refused."""
    if asked.sees:
        return
    if given.is_picture:
        text = f"Invalid content type. {given.kind} is only supported by certain models."
        raise Refused(400, text, given.place)
    raise Refused(400, "This model does not support file content types.", given.place, "invalid_value")


def carried(key: Key, given: Given) -> tuple[str, bytes]:
    """Name and content, out of the part itself or of the upload it names. Raises Refused."""
    if "file_url" in given.fields:
        raise Refused(400, f"Error while downloading {given.fields['file_url']}.", f"{given.place}.file_url")
    ways = [name for name in (given.source, "file_id") if name in given.fields]
    if not ways:
        raise missing(f"{given.place}.{given.source}")
    if len(ways) > 1:
        text = f"'{given.place}' takes only one of '{given.source}' and 'file_id'."
        raise Refused(400, text, given.place, "mutually_exclusive_parameters")
    if ways == ["file_id"]:
        return uploaded(key, given)
    if not given.is_picture and not given.fields.get("filename"):
        raise missing(f"{given.place}.filename")
    return given.fields.get("filename", ""), decoded(given)


def uploaded(key: Key, given: Given) -> tuple[str, bytes]:
    """The upload named: unknown 400, expired or deleted 404 (both are met in the wild). Raises Refused."""
    name = given.fields["file_id"]
    if file := key.file(name):
        return file.row["filename"], file.data
    param = f"{given.place}.file_id"
    if name in key.expired:
        raise Refused(404, f"No such File object: {name}", param)
    raise Refused(400, f"Files [{name}] were not found.", param, "invalid_value")


def decoded(given: Given) -> bytes:
    """The bytes of a data URL; this server fetches nothing from other addresses. Raises Refused."""
    url = given.fields[given.source]
    should = f"Invalid '{given.place}.{given.source}'. {SHOULD['picture' if given.is_picture else 'file']}, but got "
    if given.is_picture and url.startswith(("http://", "https://")):
        raise given.refused(f"Error while downloading {url}.", "invalid_image_url")
    found = re.match(r"data:([^;,]*)[^,]*;base64,", url)
    if not found:
        raise given.refused(f"{should}a value without the 'data:' prefix.")
    if not fits(given, found[1]):
        raise given.refused(f"{should}unsupported MIME type '{found[1]}'.")
    try:
        data = base64.b64decode(url[found.end() :], validate=True)
    except binascii.Error:
        raise given.refused(f"{should}an invalid base64-encoded value.") from None
    if not data:
        raise given.refused(f"{should}empty base64-encoded bytes.")
    return data


def fits(given: Given, mime_type: str) -> bool:
    """Whether such data may be there: Chat Completions take no other files than PDF, Responses look at the name."""
    if given.is_picture:
        return mime_type.startswith("image/")
    return mime_type == "application/pdf" or given.kind == "input_file"


def picture(given: Given, data: bytes, message: int) -> Seen:
    """A picture that costs its patches, shrunk to what a model looks at. Raises Refused."""
    broken = "You uploaded an unsupported image. Please make sure your image "
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            moves = getattr(image, "is_animated", False)
            kind, width, height = image.format, *image.size
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise given.refused(f"{broken}is valid.", "image_parse_error") from None
    if kind not in FORMATS or moves:
        names = [name.lower() for name in FORMATS]
        raise given.refused(f"{broken}has of one the following formats: {names}.", "invalid_image_format")
    shrink = min(1.0, LOW_SIDE / max(width, height)) if given.fields.get("detail") == "low" else 1.0
    patches = -(-int(width * shrink) // PATCH) * -(-int(height * shrink) // PATCH)
    return Seen(message, min(MOST_PATCHES, patches), width=width, height=height)


def document(given: Given, name: str, data: bytes, message: int) -> Seen:
    """A file: a PDF costs its pages, in Responses other documents their length. Raises Refused."""
    ending = PurePath(name).suffix.lower()
    if ending == ".pdf" or b"%PDF-" in data[:1024]:
        if number := pages(data):
            return Seen(message, number * A_PAGE, name, pages=number)
        raise given.refused(f"The file '{name}' could not be read as a PDF.")
    if given.kind == "input_file" and ending in TEXTS:
        return Seen(message, -(-len(data) // 4), name)
    supported = "application/pdf" if given.kind == "file" else f".pdf, {', '.join(TEXTS)}"
    raise given.refused(f"Invalid input: expected a file of a supported format ({supported}), but got '{ending}'.")


def pages(data: bytes) -> int:
    """How many pages a PDF has, those counted too that newer writers keep in compressed objects; 0 for no PDF."""
    if b"%PDF-" not in data[:1024]:
        return 0
    page = rb"/Type\s*/Page(?![a-zA-Z])"
    number = len(re.findall(page, data))
    for found in re.finditer(rb"/ObjStm.{0,300}?stream\r?\n", data, re.DOTALL):
        try:
            number += len(re.findall(page, zlib.decompressobj().decompress(data[found.end() :], LARGEST)))
        except zlib.error:
            continue  # stored in another way
    return number
