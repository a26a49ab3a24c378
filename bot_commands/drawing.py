"""A picture that is drawn: paid when it is there, shown while it is on its way, as often as it is asked for."""

from functools import partial
from typing import NamedTuple

from bot_commands import full_quality, sources, talk
from bot_commands.failures import under, write_off
from bot_commands.picture import send
from bot_commands.request import Request, UserError
from bot_commands.wallet import empty, pays
from delivery import Sketch
from records import Bill, Reservation
from services import images
from services.images import Drawn, NoEditing, Shape
from services.provider import ModelError
from services.tokens import PICTURE_TOKENS
from services.wire import Call, CutError
from telegram_io import Button, Place, Rows, Unreachable

AS_GIVEN = "own"  # in the data of buttons: the shape of the picture that is drawn on


class Drawing(NamedTuple):
    """What is to be drawn; `number` stands for the pictures it is drawn on, 0 for none; no shape: that of the first."""

    prompt: str
    shape: Shape | None
    number: int = 0

    @classmethod
    def pressed(cls, name: str, prompt: str, number: int) -> "Drawing | None":
        """What a button stands for, None for one of no shape there is."""
        if name == AS_GIVEN and number:
            return cls(prompt, None, number)
        return next((cls(prompt, shape, number) for shape in images.SIZES if shape == name), None)

    @property
    def again(self) -> str:
        """The data of the button that draws the same once more."""
        return f"draw:{self.shape or AS_GIVEN}" + (f":{self.number}" if self.number else "")


class Progress:
    """How far one picture is, in the memory of this process."""

    def __init__(self) -> None:
        self.newest: bytes | None = None  # the picture on its way
        self.drawn: Drawn | None = None  # kept while Telegram takes nothing

    def show(self, part: bytes) -> None:
        """It has come so far."""
        self.newest = part


def check_wallet(request: Request) -> None:
    """Refuse who has no picture left."""
    if pays(request) and not request.tools.store.available(request.registered.id, "image_balance"):
        raise empty(request, "image_balance")


def enqueue(request: Request, drawing: Drawing) -> None:
    """Draw when the chat's turn comes."""
    if not request.tools.store.inbox.was_sent(request.update_id, "picture"):
        check_wallet(request)
    talk.queue(request, partial(_draw, request, drawing, Progress()))


def _draw(request: Request, drawing: Drawing, progress: Progress) -> None:
    """Draw, deliver, charge; a picture that is there is only charged."""
    store, model = request.tools.store, request.tools.painter.model
    user = store.user(request.writer.id)
    if user is None or user.banned or store.inbox.was_sent(request.update_id, "end"):
        return
    progress.newest = None
    place, placed = reply(request), request.sent("placeholder")
    screen = Sketch(request.tools.telegram, place, request.language, lambda: progress.newest, request.once, placed)
    retry = [[Button(request.say("button_retry"), drawing.again)]]
    if under(request, screen, images.TOTAL_SECONDS, partial(_buy, request, drawing, progress), model, retry):
        screen.vanish()
    if store.user(request.writer.id) is None:  # erased meanwhile
        full_quality.drop(request)


def reply(request: Request) -> Place:
    """Always a reply: the buttons find the description there."""
    return Place(request.incoming.chat_id, request.incoming.thread, request.incoming.message_id)


def _buy(request: Request, drawing: Drawing, progress: Progress, call: Call) -> bool:
    store = request.tools.store
    if store.inbox.was_sent(request.update_id, "picture"):  # no budget undoes that
        _charge(request, Reservation(0, request.registered.id, "image_balance", 1), _bill(request, drawing, progress))
        return True
    reservation = store.reserve(request.registered.id, "image_balance", 1, _bill(request, drawing, Progress()).usd)
    try:
        if not reservation.amount:
            raise empty(request, "image_balance")
        progress.drawn = progress.drawn or _drawn(request, drawing, progress, call)
        progress.newest = None  # what is whole comes now
        deliver = partial(send, request, reply(request), drawing.prompt, progress.drawn, _rows(request, drawing))
        request.once("picture", deliver)
        _charge(request, reservation, _bill(request, drawing, progress))
        full_quality.show_owner(request, progress.drawn)
        return True
    except (CutError, Unreachable) as error:
        write_off(request, reservation, _bill(request, drawing, progress), error)
        raise
    finally:
        store.release(reservation)


def _charge(request: Request, reservation: Reservation, bill: Bill) -> None:
    chat_id = request.topic.chat_id
    request.tools.store.charge(reservation, bill, "picture", request.update_id, chat_id=chat_id)


def _drawn(request: Request, drawing: Drawing, progress: Progress, call: Call) -> Drawn:
    given = sources.fetch(request, drawing.number, call) if drawing.number else []
    shape, painter = drawing.shape or images.shape_of(given[0]), request.tools.painter
    try:
        return painter.draw(drawing.prompt, shape, call, given, progress.show)
    except NoEditing:
        raise UserError("draw_no_editing", model=painter.model) from None
    except ModelError as failure:
        if failure.kind != "filtered":
            raise
        raise UserError("draw_filtered") from None  # the same again would be refused again


def _bill(request: Request, drawing: Drawing, progress: Progress) -> Bill:
    """What one picture costs; where a process ended between sending and charging, nobody knows its tokens any more."""
    prices, painter, drawn = request.tools.prices, request.tools.painter, progress.drawn
    if drawn is None:
        seen = PICTURE_TOKENS * len(request.tools.store.sources(request.registered.id, drawing.number))
        usd = prices.of_picture(painter.model, seen, quality=painter.quality)
        return Bill(painter.model, pictures=1, usd=usd, estimated=True, price=1)
    usd = prices.of_picture(painter.model, drawn.tokens_in, drawn.tokens_out, painter.quality)
    return Bill(painter.model, drawn.tokens_in, drawn.tokens_out, pictures=1, usd=usd, price=1)


def _rows(request: Request, drawing: Drawing) -> Rows:
    once_more = Button(request.say("button_draw_again"), drawing.again)
    shapes = f"shapes:{drawing.number}" if drawing.number else "shapes"
    return [[once_more, Button(request.say("button_draw_shape"), shapes)]]
