"""Drawing: what and in which format, and a picture that is paid when it is there."""

import time
from dataclasses import replace
from functools import partial

from telebot.apihelper import ApiTelegramException

from bot_commands import talk
from bot_commands.again import pressed_for
from bot_commands.failures import under, write_off
from bot_commands.request import Reply, Request, UserError
from bot_commands.wallet import empty, pays
from delivery import Screen
from formatting import split
from incoming import without_command
from records import Bill, Reservation, Step
from services import images
from services.images import Picture, Shape
from services.provider import ModelError
from services.wire import Call, CutError
from telegram_io import Button, Place, Rows, Unreachable

STEP_SECONDS = 3600  # a question of the bot waits for its answer
CAPTION_LIMIT = 1024  # UTF-16 units. https://core.telegram.org/bots/api#sendphoto
PHOTO_LIMIT = 10_000_000  # bytes; larger ones go as files


def img(request: Request) -> Reply | None:
    """Draw the words after the command, or ask for them."""
    if request.argument:
        _enqueue(request, request.argument, "square")
        return None
    _check_wallet(request)
    return _ask_words(request, "draw_what", "draw_what_group")


def _ask_words(request: Request, key: str, in_group: str) -> Reply:
    """In a group the bot sees the description only as a reply, and says so."""
    _wait_for(request, "draw")
    return Reply(
        request.say(key if request.incoming.private else in_group), [[Button(request.say("button_cancel"), "/cancel")]]
    )


def _wait_for(request: Request, name: str, **known: object) -> None:
    place, until = request.incoming, int(time.time()) + STEP_SECONDS
    step = Step(name, place.chat_id, place.thread, until, known)
    request.tools.store.set_step(request.registered.id, step)


def words(request: Request, _: Step) -> Reply | None:
    """The answer to "what shall I draw?": the next question is the format."""
    prompt = talk.without_mention(request.incoming.text, request.tools.telegram.username)
    if not prompt:
        return _ask_words(request, "draw_words", "draw_words_group")
    _ask_shape(request, prompt, request.incoming.message_id)
    return None


def _ask_shape(request: Request, prompt: str, message_id: int) -> None:
    """Ask by buttons; the description waits with the question, so that either is forgotten with the other."""
    rows = [[Button(request.say(f"shape_{shape}"), f"shape:{shape}")] for shape in images.SIZES]
    place = Place(request.incoming.chat_id, request.incoming.thread, message_id)
    rows += [[Button(request.say("button_cancel"), "/cancel")]]
    asked = request.post("shape", place, request.say("draw_shape"), rows)
    _wait_for(request, "shape", prompt=prompt, message_id=message_id, asked=asked)


def shape(request: Request) -> str:
    """A format is chosen: draw."""
    store, incoming = request.tools.store, request.incoming
    if store.given(request.update_id, "step") is None:
        waits = store.step(request.registered.id)
        if waits is None or waits.name != "shape" or waits.known["asked"] != incoming.message_id:
            raise UserError("used_up")
    step = store.take_step(request.registered.id, request.topic, request.update_id)
    chosen = _shape(request.argument)
    if step is None or chosen is None:
        raise UserError("used_up")
    _enqueue(_as_message(request, step.known["message_id"]), step.known["prompt"], chosen)
    return f"{request.say('draw_shape')} {request.say(f'shape_{chosen}')}"


def again(request: Request) -> None:
    """Draw once more what the message asked for that the picture, or the failure notice, replies to."""
    chosen = _shape(request.argument)
    if chosen is None:
        raise UserError("used_up")
    message_id, prompt = _asked_for(request)
    _enqueue(_as_message(request, message_id), prompt, chosen)


def other(request: Request) -> None:
    """Ask for another format of the same."""
    message_id, prompt = _asked_for(request)
    _ask_shape(request, prompt, message_id)


def _asked_for(request: Request) -> tuple[int, str]:
    if request.incoming.replied is None:  # its message was deleted
        raise UserError("draw_forgotten")
    asked = pressed_for(request)
    return asked.message_id, talk.without_mention(without_command(asked.text), request.tools.telegram.username)


def _shape(name: str) -> Shape | None:
    return next((each for each in images.SIZES if each == name), None)


def _as_message(request: Request, message_id: int) -> Request:
    """As if the person had just written the description."""
    incoming = replace(request.incoming, kind="message", message_id=message_id, replied=None)
    return replace(request, incoming=incoming)


def _check_wallet(request: Request) -> None:
    if pays(request) and not request.tools.store.available(request.registered.id, "image_balance"):
        raise empty(request, "image_balance")


def _enqueue(request: Request, prompt: str, shape: Shape) -> None:
    if not request.tools.store.inbox.was_sent(request.update_id, "picture"):
        _check_wallet(request)
    talk.queue(request, partial(_draw, request, prompt, shape, []))


def _draw(request: Request, prompt: str, shape: Shape, drawn: list[Picture]) -> None:
    """Draw, deliver, charge; a picture that is there is only charged. `drawn` keeps it while Telegram takes nothing."""
    store, model = request.tools.store, request.tools.config.image_model
    user = store.user(request.writer.id)
    if user is None or user.banned or store.inbox.was_sent(request.update_id, "end"):
        return
    screen = _screen(request)
    retry = [[Button(request.say("button_retry"), f"draw:{shape}")]]
    done = under(request, screen, images.TOTAL_SECONDS, partial(_buy, request, prompt, shape, drawn), model, retry)
    if done:
        screen.vanish()


def _screen(request: Request) -> Screen:
    """A message that counts the seconds, in private chats too: a draft would stay beside the picture."""
    return Screen(
        request.tools.telegram,
        _place(request),
        request.language,
        lambda: "",
        request.once,
        private=False,
        streaming=True,
        doing="drawing",
        placed=request.sent("placeholder"),
    )


def _place(request: Request) -> Place:
    """Always a reply: the buttons find the description there."""
    return Place(request.incoming.chat_id, request.incoming.thread, request.incoming.message_id)


def _buy(request: Request, prompt: str, shape: Shape, drawn: list[Picture], call: Call) -> bool:
    store, model = request.tools.store, request.tools.config.image_model
    if store.inbox.was_sent(request.update_id, "picture"):  # no budget undoes that
        _charge(request, Reservation(0, request.registered.id, "image_balance", 1), _bill(request, model, drawn))
        return True
    usd = request.tools.prices.of_picture(model)
    reservation = store.reserve(request.registered.id, "image_balance", 1, usd)
    try:
        if not reservation.amount:
            raise empty(request, "image_balance")
        if not drawn:
            drawn.append(_drawn(request, prompt, shape, call))
        request.once("picture", partial(_send, request, prompt, shape, drawn[0]))
        _charge(request, reservation, _bill(request, model, drawn))
        return True
    except (CutError, Unreachable) as error:
        write_off(request, reservation, _bill(request, model, drawn), error)
        raise
    finally:
        store.release(reservation)


def _charge(request: Request, reservation: Reservation, bill: Bill) -> None:
    chat_id = request.topic.chat_id
    request.tools.store.charge(reservation, bill, "picture", request.update_id, chat_id=chat_id)


def _drawn(request: Request, prompt: str, shape: Shape, call: Call) -> Picture:
    try:
        return images.draw(request.tools.models.client, prompt, request.tools.config.image_model, shape, call)
    except ModelError as failure:
        if failure.kind != "filtered":
            raise
        raise UserError("draw_filtered") from None  # the same again would be refused again


def _bill(request: Request, model: str, drawn: list[Picture]) -> Bill:
    """What one picture costs; where a process ended between sending and charging, nobody knows its tokens any more."""
    if not drawn:
        usd = request.tools.prices.of_picture(model)
        return Bill(model, pictures=1, usd=usd, estimated=True, price=1)
    tokens_in, tokens_out = drawn[0].tokens_in, drawn[0].tokens_out
    usd = request.tools.prices.of_picture(model, tokens_in, tokens_out)
    return Bill(model, tokens_in, tokens_out, pictures=1, usd=usd, price=1)


def _send(request: Request, prompt: str, shape: Shape, picture: Picture, again: bool) -> int:
    """As a photo; what Telegram does not take as one goes as a file."""
    telegram, place = request.tools.telegram, _place(request)
    caption = _caption(prompt, request.say("maybe_again") if again else "")
    if len(picture.content) <= PHOTO_LIMIT:
        try:
            return telegram.send_photo(place, picture.content, caption, _rows(request, shape))
        except ApiTelegramException as error:
            if error.error_code != 400:
                raise
    return telegram.send_file(place, f"picture.{picture.ending}", picture.content, caption)


def _caption(prompt: str, note: str) -> str:
    """The description, as much of it as there is room for beside the note."""
    room = CAPTION_LIMIT - len(note) - 3
    first = split(prompt, [], room)[0].text
    shown = first if first == prompt.strip() else f"{first}…"
    return f"{shown}\n\n{note}" if note else shown


def _rows(request: Request, shape: Shape) -> Rows:
    once_more = Button(request.say("button_draw_again"), f"draw:{shape}")
    return [[once_more, Button(request.say("button_draw_shape"), "shapes")]]
