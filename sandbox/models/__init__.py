"""A model server that speaks OpenAI's language: scripted for tests, or with a small real model for the demo."""

from functools import partial
from typing import Any, Literal

from aiohttp import web

from . import chat, control, local, pictures, responses, sound, uploads
from .catalogue import MODELS, Model, described
from .door import Call, Work, door
from .keys import KEYS, Keys
from .refusals import no_model
from .watch import WATCH, Watch

Kind = Literal["scripted", "local"]

PACE = 2.5  # seconds between the pictures of the demo that are on their way

SMALL = {
    "en": "Answers: SmolLM2 with 135 million parameters, on this computer's processor. It is small, often wrong, and "
    "best in English.",
    "ru": "Отвечает SmolLM2 на 135 миллионов параметров, на процессоре этого компьютера. Она маленькая, часто "
    "ошибается и лучше всего понимает английский.",
}
SCRIPTED = {
    "en": "Answers: no real model, only an echo of your words.",
    "ru": "Отвечает не настоящая модель, а эхо ваших слов.",
}
MISSING = {
    "en": "Answers: the small model has no package for this computer, so answers are scripted.",
    "ru": "Для этого компьютера нет пакета маленькой модели, поэтому ответы заготовлены.",
}
HEARS = {
    "en": "Voice: really recognised, English only.",
    "ru": "Голос распознаётся по-настоящему, но только английский.",
}
DEAF = {
    "en": "Voice: recognition is not installed, a scripted sentence stands in.",
    "ru": "Распознавание голоса не установлено, вместо него заготовленная фраза.",
}
PICTURES = {
    "en": "Pictures: drawn placeholders, no picture model runs here.",
    "ru": "Картинки — нарисованные заглушки: модели картинок здесь нет.",
}


def notice(kind: Kind) -> dict[str, Any]:
    """What really runs here, in plain words for the page: {"model": "scripted"|"small", "lines": {"ru", "en"}}."""
    small = kind == "local" and local.model_file() is not None
    chatting = SMALL if small else MISSING if kind == "local" else SCRIPTED
    hearing = HEARS if kind == "local" and local.listener_folder() else DEAF
    lines = {language: [part[language] for part in (chatting, hearing, PICTURES)] for language in ("ru", "en")}
    return {"model": "small" if small else "scripted", "lines": lines}


async def models(call: Call) -> web.Response:
    """`GET /v1/models`."""
    return web.json_response({"object": "list", "data": [described(model) for model in served(call)]})


async def model(call: Call) -> web.Response:
    """`GET /v1/models/<id>`."""
    asked = call.request.match_info["id"]
    for row in served(call):
        if row.id == asked:
            return web.json_response(described(row))
    raise no_model(asked)


def served(call: Call) -> list[Model]:
    """The catalogue, the honest name of the local model first where it runs."""
    own = [Model(local.NAME, "chat")] if local.LLAMA in call.request.app else []
    return own + list(MODELS.values())


def routes(app: web.Application, kind: Kind) -> None:
    """Adds `/v1`; `local` takes any key and answers by real models where their packages are installed."""
    real = kind == "local"
    app[KEYS], app[WATCH] = Keys(open=real), Watch()
    if real:
        local.install(app)
    spoken: dict[str, Work] = {
        "chat/completions": local.answer if real else chat.answer,
        "responses": responses.answer,
        "audio/transcriptions": local.hear if real else sound.answer,
        "images/generations": partial(pictures.generate, pace=PACE if real else 0.0),
        "images/edits": partial(pictures.edit, pace=PACE if real else 0.0),
    }
    for path, work in spoken.items():
        app.router.add_post(f"/v1/{path}", door(work, spoken=True))
    for method, path, work in PLAIN:
        app.router.add_route(method, f"/v1/{path}", door(work))
    app.add_routes(control.ROUTES)


PLAIN: list[tuple[str, str, Work]] = [
    ("GET", "models", models),
    ("GET", "models/{id}", model),
    ("GET", "responses/{id}", responses.retrieve),
    ("DELETE", "responses/{id}", responses.delete),
    ("POST", "files", uploads.create),
    ("GET", "files", uploads.listed),
    ("GET", "files/{id}", uploads.retrieve),
    ("DELETE", "files/{id}", uploads.delete),
]
