"""Who answers in place of a model that gave nothing: its fallback in models.json; the admin is told."""

from dataclasses import replace

from bot_commands.context import Asked, Enclosed
from bot_commands.request import Request
from services.catalogue import Row
from services.provider import MOST_CALLS, ModelError
from services.wire import Call, CutError

PASSING = ("busy", "stalled", "network", "broken", "empty")  # of this model, perhaps of this minute alone
PROVIDERS = ("auth", "quota")  # of all models that the provider has


def stand_in(request: Request, asked: Asked, failure: ModelError | CutError | None, call: Call) -> Asked | None:
    """The same question to the fallback; None where there is none, it could not help, or enough calls were made."""
    if not isinstance(failure, ModelError) or call.sent >= MOST_CALLS:
        return None
    if failure.kind == "no_file" and asked.enclosed.uploaded:  # it goes within the question
        request.tools.store.lose_uploads(asked.conversation.topic)
        return replace(asked, enclosed=Enclosed(), uploads=False)
    found = _retired(request, asked) if failure.kind == "no_model" else _failing(request, asked, failure)
    if found is None or not _takes(found, asked):
        return None
    if asked.enclosed.uploaded and found.provider != asked.row.provider:  # who knows nothing of it
        asked = replace(asked, enclosed=Enclosed())
    if failure.kind == "no_model":
        request.tools.alerts.tell_of_model("admin_model_gone", asked.model, instead=found.name)
        return replace(asked, row=found)
    reason = request.tools.alerts.in_words(f"reason_{failure.kind}")
    request.tools.alerts.tell_of_model("admin_model_fails", asked.model, reason=reason, instead=found.name)
    return replace(asked, row=found, instead_of=asked.instead_of or asked.model)


def _takes(row: Row, asked: Asked) -> bool:
    """Whether a model takes the files of a question as they are."""
    kinds = {part["type"] for part in asked.enclosed.parts}
    return ("image_url" not in kinds or row.sees) and ("file" not in kinds or row.reads_files)


def _retired(request: Request, asked: Asked) -> Row | None:
    """From now on nobody is sent to a model that is not served any more."""
    catalogue = request.tools.catalogue
    catalogue.retire(asked.row)
    found = catalogue.in_service(asked.row)
    return None if found == asked.row else found


def _failing(request: Request, asked: Asked, failure: ModelError) -> Row | None:
    """This once: the next question goes to the model itself again."""
    fallback = request.tools.catalogue.fallback(asked.row)
    found = fallback and request.tools.catalogue.in_service(fallback)
    if found is None or found == asked.row:
        return None
    helps = failure.kind in PASSING or (failure.kind in PROVIDERS and found.provider != asked.row.provider)
    return found if helps else None
