"""Which model answers: the conversation's choice, else the owner's for everybody, else that of .env."""

from bot_commands.request import Tools
from records import Conversation
from services.catalogue import Purse, Row


def model(tools: Tools, now: Conversation, premium: bool | None = None) -> Row:
    """The model of a conversation, of the kind that is on there unless `premium` says which; always one that is there.

    A name that is not in the catalogue any more is passed over; a model that is not served any more has its fallback.
    """
    is_premium = now.premium if premium is None else premium
    chosen = now.premium_model if is_premium else now.ordinary_model
    purse: Purse = "premium" if is_premium else "ordinary"
    found = tools.catalogue.find(purse, chosen)
    return tools.catalogue.in_service(found or default(tools, purse))


def default(tools: Tools, purse: Purse) -> Row:
    """The model of everybody who has chosen none."""
    found = tools.catalogue.find(purse, tools.store.default_model(purse == "premium"))
    return found or tools.catalogue.default(purse)
