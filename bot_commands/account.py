"""Registration and statistics of a user."""

from functools import partial

from bot_commands.guard import brief, guarded
from bot_commands.invitations import bonus
from bot_commands.request import Reply, Request, UserError
from records import Person as Registered
from records import Registration, User
from telegram_io import Button, Place, Unreachable
from texts import guess, say

LABEL = 40  # characters of a name on a button


def start(request: Request) -> Reply:
    """Register, with a referrer's id as argument; the second time only greet."""
    writer, store = request.writer, request.tools.store
    if not request.user and not _admitted(request):
        raise UserError("not_admitted")
    referrer = int(request.argument) if request.argument.isdecimal() and len(request.argument) < 17 else None
    registration = store.register(
        Registered(writer.id, writer.name, writer.username, request.language), referrer, request.update_id
    )
    user = store.user(writer.id)
    if user is None:
        raise LookupError("registered, but not there")
    if registration.is_new:
        _announce(request, registration, user)
    return Reply(_welcome(request, registration, user))


def _admitted(request: Request) -> bool:
    access = request.tools.config.access
    if access == "everyone" or request.writer.id in request.tools.config.admin_ids:
        return True
    if access == "invited":
        inviter = request.tools.store.find(request.argument) if request.argument.isdecimal() else None
        return inviter is not None and not inviter.banned
    return request.writer.id in access


def _welcome(request: Request, registration: Registration, user: User) -> str:
    if not request.tools.config.wallets:
        return request.say("welcome_free", name=user.name)
    is_new = registration.is_new or not user.requests
    words = request.say("welcome" if is_new else "welcome_back", name=user.name, balance=user.balance)
    if registration.newcomer_bonus:
        words += "\n\n" + request.say("welcome_bonus", bonus=registration.newcomer_bonus)
    return words


def _announce(request: Request, registration: Registration, user: User) -> None:
    """Tell referrer and admin; the bonus is on the disk already and stays, told or not."""
    name, tools = request.writer.name, request.tools
    inviter = tools.store.user(user.referrer) if user.referrer else None
    card = Button(tools.alerts.in_words("button_card", name=brief(name, LABEL)), f"card:{user.id}")
    if inviter is None:
        tools.alerts.gather("admin_new_user", [card], name=name, id=str(user.id))
        return
    tools.alerts.gather("admin_new_invited", [card], name=name, id=str(user.id), referrer=inviter.name)
    if registration.referrer is None:  # who is paid no more today hears no more either: links may go round by thousands
        return
    key = "invited_someone" if bonus(tools.config) else "invited_someone_free"
    words = say(guess(inviter.language), key, name=name, bonus=registration.newcomer_bonus)
    request.later(inviter.id, partial(guarded, request, partial(_notify, request, inviter.id, words)))


def tell(request: Request, user_id: int, words: str) -> bool:
    """Write to somebody else; False when they can't be reached, which changes nothing."""
    try:
        request.post(f"to {user_id}", Place(user_id), words)
    except Unreachable:
        return False
    return True


def _notify(request: Request, user_id: int, words: str) -> None:
    tell(request, user_id, words)


def invitation(request: Request) -> Reply:
    """What a stranger hears: one button that opens a wallet."""
    link = f"https://t.me/{request.tools.telegram.username}?start=group"
    if not request.incoming.private:
        button = Button(request.say("button_start"), url=link)
        return Reply(request.say("invitation_group", name=request.writer.name), [[button]])
    return Reply(request.say("invitation"), [[Button(request.say("button_start"), "start")]])
