"""Which model answers: chosen for a conversation, for one request, or by the owner for everybody."""

from bot_commands import choice, settings, talk
from bot_commands.pieces import Piece
from bot_commands.request import Reply, Request, UserError
from services.catalogue import PURSES, Row
from telegram_io import Button, Rows


def model(request: Request) -> Reply | str:
    """Choose who answers here by buttons; a press names the row."""
    if request.argument and request.incoming.kind == "button":
        row = _pressed(request)
        request.tools.store.choose_model(request.topic.chat_id, row.name, row.wallet == "premium")
        return settings.answers_now(request, request.tools.catalogue.in_service(row).name, row.wallet == "premium")
    now = choice.model(request.tools, request.tools.store.conversation(request.topic))
    wallet = request.say("wallet_premium_balance" if now.wallet == "premium" else "wallet_balance")
    key = "model_ask" if request.tools.config.wallets else "model_ask_free"
    return Reply(request.say(key, model=now.name, wallet=wallet, window=now.window), _rows(request, "model", [now]))


def set_model(request: Request) -> Reply | str:
    """The owner's default for everybody who has chosen nothing, one of each kind."""
    tools = request.tools
    if request.argument and request.incoming.kind == "button":
        row = _pressed(request)
        is_from_env = row == tools.catalogue.default(row.wallet)
        tools.store.set_default_model(None if is_from_env else row.name, row.wallet == "premium")
    ordinary, premium = (tools.catalogue.in_service(choice.default(tools, purse)) for purse in PURSES)
    return Reply(
        request.say("setmodel_ask", model=ordinary.name, premium_model=premium.name),
        _rows(request, "setmodel", [ordinary, premium]),
    )


def web(request: Request) -> Reply | str:
    """Whether models that can search the web do so in this conversation; a press turns it on or off."""
    tools, topic = request.tools, request.topic
    able = [row.name for row in tools.catalogue.rows if row.searches]
    if not able:
        raise UserError("web_nowhere")
    if request.argument in ("on", "off"):
        tools.store.set_web(topic.chat_id, request.argument == "on")
    now = tools.store.conversation(topic)
    row = choice.model(tools, now)
    if not now.web:
        words = request.say("web_off")
    elif row.searches:
        words = request.say("web_on", model=row.name)
    else:
        words = request.say("web_on_elsewhere", model=row.name, able=", ".join(able))
    turn = Button(request.say("button_web_off" if now.web else "button_web_on"), f"web:{'off' if now.web else 'on'}")
    return Reply(words, [[turn], [Button(request.say("button_keep"), "keep")]])


def keep(request: Request) -> str:
    """The last button of a list: nothing changes, the buttons go."""
    return request.say("kept")


def pro(request: Request) -> None:
    """One request to the premium model; as a reply without words of its own it asks the message replied to."""
    text, replied = talk.about(request)
    if not text:
        raise UserError("pro_usage", command=request.incoming.command)
    talk.enqueue(request, Piece(text), replied, premium=True)


def _pressed(request: Request) -> Row:
    catalogue = request.tools.catalogue
    row = catalogue.pressed(request.argument)
    if row is None or not catalogue.serves(catalogue.in_service(row)):
        raise UserError("model_gone")
    return row


def _rows(request: Request, press: str, marked: list[Row]) -> Rows:
    """A button a model that answers itself, those that are on marked, the last one leaves everything as it is."""
    catalogue = request.tools.catalogue
    able = [row for row in catalogue.rows if catalogue.serves(row)]
    rows = [[Button(_label(request, row, row in marked), f"{press}:{row.button}")] for row in able]
    return [*rows, [Button(request.say("button_keep"), "keep")]]


def _label(request: Request, row: Row, is_on: bool) -> str:
    label = request.say("button_premium_model", model=row.name) if row.wallet == "premium" else row.name
    return f"✓ {label}" if is_on else label
