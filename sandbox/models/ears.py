"""A program: one line of base64 sound in, one line of JSON with its words out, by faster-whisper until input closes."""

import base64
import io
import json
import sys

from faster_whisper import WhisperModel


def main() -> None:
    """Argument: the model's folder."""
    model = WhisperModel(sys.argv[1], device="cpu", compute_type="int8")
    print("ready", flush=True)
    for line in sys.stdin:
        try:
            sound = io.BytesIO(base64.b64decode(line))  # so small a model that looks back soon says one word for ever
            pieces, about = model.transcribe(sound, beam_size=5, condition_on_previous_text=False)
            words = " ".join(piece.text.strip() for piece in pieces)
            answer = {"text": words, "seconds": round(about.duration, 2)}
        except Exception as trouble:  # PyAV has many names for what is no sound; the next one must still be heard
            answer = {"error": type(trouble).__name__}
        print(json.dumps(answer), flush=True)


main()
