"""Speech into words: sounds are sent to a recogniser piece by piece, and their words joined."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx2
import openai

from services import provider, wire
from services.provider import CONNECT_SECONDS, SILENCE_SECONDS, ModelError, decoded, failures, twice
from services.voice import Piece, Sound

# The longest listening; enforced by whoever watches the `wire.Call`. A recogniser that takes half as long as somebody
# spoke is given that time for long recordings.
TOTAL_SECONDS, PACE = 180.0, 0.5
PLAIN = "gpt-"  # so begin the names of models that answer in `json` only; others tell the language in `verbose_json`


@dataclass
class Heard:
    """Words as they come; `languages` as the recogniser calls them; seconds that were sent to it, and came back."""

    pieces: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    sent: float = 0.0
    answered: float = 0.0

    @property
    def words(self) -> str:
        """All so far, joined."""
        return " ".join(filter(None, self.pieces))


def total_seconds(longest: int) -> float:
    """How long listening to a recording of so many seconds may take."""
    return max(TOTAL_SECONDS, longest * PACE)


class Listener:
    """A server that turns speech into words; safe to call from many threads."""

    def __init__(self, base_url: str, key: str, proxy: str | None = None) -> None:
        self._client = provider.client(base_url, key, provider.http(proxy))
        self._plain: set[str] = set()  # models that answered in no other format than `json`

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def listen(self, sound: Sound, model: str, language: str, heard: Heard, call: wire.Call) -> None:
        """Fill `heard`, with no words when there are none; `language` is ISO 639-1, empty for "guess".

        Raises `ModelError`, or `wire.CutError` when cut. https://platform.openai.com/docs/api-reference/audio
        """
        if language:
            heard.languages.append(language)
        for piece in sound.pieces():
            call.sent = 0  # of this piece
            with failures(), call.running():
                heard.sent = min(heard.sent + piece.seconds, sound.seconds)
                said = self._said(piece, model, language, call)
            words = said.get("text")
            if not isinstance(words, str):
                raise ModelError("broken", "a transcription without text")
            heard.pieces.append(words.strip())
            heard.answered = heard.sent
            if words.strip() and not language:
                heard.languages.extend(name for name in _languages(said) if name not in heard.languages)

    def _said(self, piece: Piece, model: str, language: str, call: wire.Call) -> dict[str, Any]:
        """What the recogniser says of a piece; one that refuses the longer format is asked for the plain one."""
        plain = partial(self._send, piece, model, language, "json")
        if model.startswith(PLAIN) or model in self._plain:
            return decoded(twice(call, plain))
        try:
            return decoded(twice(call, partial(self._send, piece, model, language, "verbose_json")))
        except openai.APIStatusError as error:
            if error.status_code not in (400, 415, 422):
                raise
        said = decoded(twice(call, plain))
        self._plain.add(model)
        return said

    def _send(self, piece: Piece, model: str, language: str, form: str) -> bytes:
        """A recogniser says nothing until it has heard all: its silence may last longer than another model's."""
        transcriptions: Any = self._client.audio.transcriptions.with_raw_response
        answer = transcriptions.create(
            file=(piece.name, piece.content, piece.mime_type),
            model=model,
            response_format=form,
            language=language or openai.omit,
            timeout=httpx2.Timeout(SILENCE_SECONDS + piece.seconds * PACE, connect=CONNECT_SECONDS),
        )
        return bytes(answer.content)


def _languages(said: dict[str, Any]) -> list[str]:
    """Of gpt-transcribe a list with codes, of Whisper one name; of others none."""
    listed = said.get("languages")
    found = [each.get("code") for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return [name for name in [*found, said.get("language")] if isinstance(name, str) and name]
