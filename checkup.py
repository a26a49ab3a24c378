"""`--check`: would the bot work if it were started now? A line for each part it needs; nothing is started."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from telebot.apihelper import ApiTelegramException

import presets
from config import Api, Config, ConfigError
from engine.datafile import DataFile, DataFileError, InUse, load
from engine.postgres.database import place_of
from engine.postgres.looking import state_of
from services import catalogue, voice, wire
from services.catalogue import Catalogue, Row
from services.listener import Heard, Listener
from services.models import Models
from services.prices import Prices
from services.provider import Failure, ModelError
from services.question import Answer, Question
from telegram_io import UNCERTAIN, Away, Telegram

SHORT_ANSWER = 200  # tokens; enough for a word, also from a model that thinks first

# What the owner can do about each way a model may fail.
ADVICE: dict[Failure, str] = {
    "auth": "the key is refused: mend OPENAI_API_KEY, or OPENAI_BASE_URL if the key is another provider's",
    "quota": "the account has no money or quota left: top it up at the provider",
    "busy": "the provider asks to wait: try again in a minute",
    "stalled": "no answer in time: try again, or see whether the provider is up",
    "network": "no connection: check the network, OPENAI_BASE_URL and PROXY",
    "too_long": "the model has no room even for a short question: choose another one",
    "filtered": "the provider's filter stopped a harmless question: choose another model",
    "no_model": "the provider does not serve it: mend MODEL or PREMIUM_MODEL",
    "broken": "the answer was not of the API asked for: mend OPENAI_API, or OPENAI_BASE_URL, which includes /v1",
    "empty": "the answer had no words: choose another model",
    "thought_too_long": "the model thought longer than a short answer may be: lower the reasoning effort",
}

LISTENER_ADVICE: dict[Failure, str] = {
    "no_model": "the provider does not serve it: mend TRANSCRIPTION_MODEL; without one voice messages fail",
    "broken": "the answer was not a transcription: this provider may have none, so voice messages will fail",
}

ELSEWHERE_ADVICE: dict[Failure, str] = {
    "auth": "the key is refused: mend TRANSCRIPTION_API_KEY",
    "network": "no connection: is the server up? Else mend TRANSCRIPTION_BASE_URL",
    "broken": "the answer was not a transcription: mend TRANSCRIPTION_BASE_URL, which includes /v1",
}


class Finding(NamedTuple):
    """What became of one part: `told` says what was found, or what to do."""

    part: str
    sound: bool
    told: str


def run(config: Config, say: Callable[[str], None] = print) -> int:
    """Try Telegram, the models that answer and listen, ffmpeg and the data file; return 0 when all work, else 1."""
    findings = [_telegram(config), *_webhook(config), *_models(config), _ffmpeg(), _storage(config)]
    for finding in findings:
        say(f"{'ok  ' if finding.sound else 'FAIL'}  {finding.part}: {finding.told}")
    return 0 if all(finding.sound for finding in findings) else 1


def _telegram(config: Config) -> Finding:
    part = f"Telegram at {config.telegram_api_url}"
    telegram = Telegram(config.telegram_api_key, config.telegram_api_url, config.proxy)
    try:
        telegram.introduce(seconds=0)  # one try: someone is waiting for the verdict
    except ApiTelegramException as error:
        if error.error_code in (401, 404):
            return Finding(part, False, "the token is refused: copy TELEGRAM_API_KEY from @BotFather again")
        return Finding(part, False, f"answers with error {error.error_code}: try again later")
    except Away:  # the texts of its causes carry the token
        return Finding(part, False, "no sensible answer: check the network, TELEGRAM_API_URL and PROXY")
    return Finding(part, True, f"this bot is @{telegram.username}")


def _webhook(config: Config) -> list[Finding]:
    """What Telegram says of it; nothing when it says nothing, or there is to be none."""
    if not config.webhook_url:
        return []
    part = f"webhook {config.webhook_url}"
    try:
        found = Telegram(config.telegram_api_key, config.telegram_api_url, config.proxy).webhook()
    except (ApiTelegramException, *UNCERTAIN):
        return []
    waiting, words = found.get("pending_update_count"), found.get("last_error_message")
    if found.get("url") != config.webhook_url:
        return [Finding(part, True, "will be set at the start")]
    if waiting and words:
        return [Finding(part, False, f"updates wait, and Telegram says: {words}; see to the proxy before the bot")]
    return [Finding(part, True, "set, and nothing waits" if not waiting else f"set; updates that wait: {waiting}")]


def _models(config: Config) -> list[Finding]:
    """MODEL, PREMIUM_MODEL and the first model of each further provider, each asked as its row says."""
    home = Models(config.openai_base_url, config.openai_api_key, config.proxy)
    part = "models and prompts to choose from"
    try:
        found, prompts = catalogue.load(config, home, Prices(config.openai_base_url)), presets.load(config)
        usual = list(dict.fromkeys((found.default("ordinary"), found.default("premium"))))
        further = [rows[0] for rows in found.by_provider() if rows[0].provider not in {row.provider for row in usual}]
        findings = [
            *(_model(found.models(row), row.name, found.api(row)) for row in usual),
            _listener(config),
            Finding(part, True, f"{len(found.rows)} models, {len(prompts)} prompts"),
            *(_further(found, row) for row in further),
        ]
        found.close()
        return findings
    except ConfigError as error:
        names = dict.fromkeys((config.model, config.premium_model))
        answering = [_model(home, name, config.openai_api) for name in names]
        return [*answering, _listener(config), *(Finding(part, False, problem) for problem in error.problems)]
    finally:
        home.close()


def _further(found: Catalogue, row: Row) -> Finding:
    finding = _model(found.models(row), row.name, found.api(row))
    told = f"{row.base_url} does not answer with {row.key}: mend its row in models.json, or the key"
    return finding if finding.sound else finding._replace(told=told)


def _model(models: Models, name: str, api: Api) -> Finding:
    part, began = f"model {name}" if api == "chat" else f"model {name} by Responses", time.monotonic()
    question = Question(name, [{"role": "user", "content": "Say: OK"}], SHORT_ANSWER, api=api)
    try:
        models.ask(question, Answer(), wire.Call())
    except ModelError as error:
        speaks_not = error.kind == "no_model" and api == "responses"
        return Finding(part, False, ADVICE[error.kind] + (", or OPENAI_API=chat" if speaks_not else ""))
    return Finding(part, True, f"answered in {time.monotonic() - began:.1f} s")


def _listener(config: Config) -> Finding:
    """A second of silence, which costs a fraction of a cent and need not have words."""
    name, began = config.listener(datetime.now(config.time_zone).date()), time.monotonic()
    elsewhere = f" at {config.transcription_base_url}" if config.transcription_base_url else ""
    part = f"transcription {name}{elsewhere}"
    listener, language = Listener(*config.listens_at, config.proxy), config.transcription_language or ""
    try:
        listener.listen(voice.silence(), name, language, Heard(), wire.Call())
    except ModelError as error:
        told = LISTENER_ADVICE.get(error.kind, ADVICE[error.kind])
        return Finding(part, False, ELSEWHERE_ADVICE.get(error.kind, told) if elsewhere else told)
    finally:
        listener.close()
    return Finding(part, True, f"listened in {time.monotonic() - began:.1f} s")


def _ffmpeg() -> Finding:
    try:
        path = voice.ffmpeg()
    except voice.SoundError:
        return Finding("ffmpeg", False, "none on this machine: install it with the system's packages")
    return Finding("ffmpeg", True, path)


def _storage(config: Config) -> Finding:
    if not config.storage_url:
        return _data_file(config)
    part = place_of(config.storage_url)
    try:
        return Finding(part, True, state_of(config.storage_url))
    except DataFileError as error:
        return Finding(part, False, f"{error}: mend STORAGE_URL, or start the server")


def _data_file(config: Config) -> Finding:
    part = f"data file {config.data_file}"
    try:
        file = DataFile(config.data_file)
    except InUse:
        return Finding(part, True, "a bot works with it now")
    except DataFileError as error:
        return Finding(part, False, str(error))
    try:
        found = load(config.data_file)
    except DataFileError as error:
        return Finding(part, False, str(error))
    finally:
        file.close()
    return Finding(part, True, f"{len(found.records)} records" if found else "will be made at the first start")
