"""Speech into text: https://platform.openai.com/docs/api-reference/audio/createTranscription."""

import re
from pathlib import PurePath

from aiohttp import web

from . import checks
from .door import Call, Upload, before, uploaded
from .refusals import Refused, wrong
from .stream import whole

KINDS = ("flac", "m4a", "mp3", "mp4", "mpeg", "mpga", "oga", "ogg", "wav", "webm")
LARGEST = 25 * 1024 * 1024  # bytes, OpenAI's limit
WHISPER = {"en": "english", "ru": "russian"}  # calls languages by their names, gpt-transcribe by their codes
BYTES_A_SECOND = 4_000  # of a scripted transcript: about what a voice message of Telegram takes


def recording(call: Call) -> Upload:
    """The file to transcribe, its request checked. Raises Refused."""
    checks.model(call.body, "sound")
    upload = uploaded(call, "file")
    if PurePath(upload.name).suffix.lower().lstrip(".") not in KINDS:
        raise Refused(400, f"Invalid file format. Supported formats: {list(KINDS)}", "file")
    if len(upload.data) > LARGEST:
        raise Refused(413, f"Maximum content size limit ({LARGEST}) exceeded.", "file")
    forms = ("json",) if call.body["model"].startswith("gpt-") else ("json", "verbose_json")
    if call.body.get("response_format", "json") not in forms:
        raise wrong("response_format", f"{' or '.join(forms)}, no other of this server")
    return upload


async def answer(call: Call) -> web.StreamResponse:
    """`POST /v1/audio/transcriptions` by script: the reply's `text` and `seconds`, or a sentence naming the file."""
    upload = recording(call)
    call.choose(upload.name)
    await before(call)
    seconds = -(-len(upload.data) // BYTES_A_SECOND)
    return await say(call, call.reply.get("text", f"Words of {upload.name}"), call.reply.get("seconds", seconds))


async def say(call: Call, text: str, seconds: float) -> web.StreamResponse:
    """A transcript with the length of its sound, and with its language where the model tells it."""
    if call.reply.get("fault", {}).get("kind") == "empty":
        text = ""
    code = call.reply.get("language", language(text))
    about: dict[str, object] = {"text": text, "usage": {"type": "duration", "seconds": seconds}}
    if call.body.get("response_format") == "verbose_json":
        about |= {"task": "transcribe", "language": WHISPER.get(code, code), "duration": seconds, "segments": []}
    elif call.body["model"] == "gpt-transcribe":
        about["languages"] = [{"code": code}] if text else []
    return await whole(call, about)


def language(text: str) -> str:
    """`ru` for a text with Cyrillic letters, else `en`."""
    return "ru" if re.search("[а-яё]", text, re.IGNORECASE) else "en"
