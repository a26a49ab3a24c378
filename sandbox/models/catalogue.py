"""The models this server says it has: what each takes and until when it is served (dates as OpenAI announces them)."""

from typing import Any, Literal, NamedTuple

Subject = Literal["chat", "sound", "picture"]


class Model(NamedTuple):
    """One row of the list; `shutdown_date` is a day of the calendar, empty while none is announced.

    Who `sees` takes pictures and files.
    """

    id: str
    subject: Subject
    reasons: bool = False
    shutdown_date: str | None = None
    sees: bool = True


CREATED = 1_780_000_000  # seconds since 1970; the same for all, nobody reads it

MODELS = {
    model.id: model
    for model in (
        Model("gpt-6-luna", "chat", reasons=True),
        Model("gpt-6.1-terra", "chat", reasons=True),
        Model("gpt-6.1-sol", "chat", reasons=True),
        Model("gpt-4o-mini", "chat", shutdown_date="2027-01-14"),
        Model("gpt-oss-120b", "chat", sees=False),
        Model("whisper-1", "sound", shutdown_date="2027-02-26"),
        Model("gpt-transcribe", "sound"),
        Model("gpt-image-2.6-flare", "picture"),
    )
}


def described(model: Model) -> dict[str, Any]:
    """One model as `GET /v1/models/<id>` answers it."""
    row: dict[str, Any] = {"id": model.id, "object": "model", "created": CREATED, "owned_by": "sandbox"}
    if model.shutdown_date:
        row["shutdown_date"] = model.shutdown_date
    return row
