"""Who answers in place of a model that gave nothing: its fallback in models.json; the admin is told."""

from dataclasses import replace

from bot_commands.context import Asked
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
    found = _retired(request, asked) if failure.kind == "no_model" else _failing(request, asked, failure)
    if found is None or (asked.picture and not found.sees):
        return None
    if failure.kind == "no_model":
        request.tools.alerts.tell_of_model("admin_model_gone", asked.model, instead=found.name)
        return replace(asked, row=found)
    reason = request.tools.alerts.in_words(f"reason_{failure.kind}")
    request.tools.alerts.tell_of_model("admin_model_fails", asked.model, reason=reason, instead=found.name)
    return replace(asked, row=found, instead_of=asked.instead_of or asked.model)


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
