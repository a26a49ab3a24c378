"""Groups: when the bot is called there, by whom, and what it says when it comes."""

from bot_commands import kinds, talk
from bot_commands.request import Request, UserError
from bot_commands.table import BY_NAME, Command
from incoming import Incoming, Person
from telegram_io import Button

# Who writes in the name of a group or a channel, and Telegram itself: never somebody with a wallet or rights.
NOBODY = Person(0, "", None, "")


def concerns(incoming: Incoming) -> bool:
    """Whether the bot has to do with an update at all: not with other bots, and with nobody only if they call it."""
    if incoming.kind == "member":
        return True
    if incoming.person is not None:
        return not incoming.person.is_bot
    row = BY_NAME.get(incoming.command)
    called = incoming.mentioned or (row is not None and row.role != "admin")
    return incoming.kind == "message" and not incoming.private and called


def addressed(request: Request) -> bool:
    """In a group the bot speaks when commanded, mentioned or replied to; /ban may be meant for another bot.

    A reply to somebody else is for the bot when it begins with two slashes. The next piece of a question needs no call.
    """
    incoming, replied = request.incoming, request.incoming.replied
    to_me = replied is not None and replied.from_id == request.tools.telegram.id
    row = BY_NAME.get(incoming.command)
    admin = request.user is not None and request.user.is_admin
    commanded = row is not None and (row.role != "admin" or admin)
    called = replied is not None and incoming.text.startswith(talk.CALL)
    return commanded or incoming.mentioned or to_me or called or kinds.goes_on(request)


def joined(request: Request) -> str | None:
    """Blocked, kicked or let in again: announcements need to know. Added to a group: one line how to call the bot."""
    incoming, telegram = request.incoming, request.tools.telegram
    request.tools.store.set_reachable(incoming.chat_id, incoming.member)
    if incoming.private or incoming.data != "joined" or not incoming.member:
        return None
    sees_all = telegram.sees_groups or incoming.administrator
    return request.say("added_to_group_all" if sees_all else "added_to_group", username=telegram.username)


def ask_as_oneself(request: Request) -> str | None:
    """To who calls the bot in the name of a group or a channel: how to be answered, once a day in a group."""
    told = request.tools.store.turn_away(request.incoming.chat_id, "nobody", request.update_id)
    return request.say("write_as_oneself") if told else None


def lead_to_private(request: Request) -> UserError:
    """For a command that works in a private chat: a button that leads there."""
    link = f"https://t.me/{request.tools.telegram.username}" + ("" if request.user else "?start=group")
    return UserError("command_private", rows=[[Button(request.say("button_private"), url=link)]])


def admins_only(request: Request, restricted: bool) -> None:
    """What belongs to all of a group its admins decide; UserError for others."""
    incoming = request.incoming
    if not restricted or incoming.private or (request.user and request.user.is_admin):
        return
    if not request.tools.telegram.is_chat_admin(incoming.chat_id, request.writer.id):
        raise UserError("group_admins_only")


def own_only(request: Request, row: Command) -> None:
    """In a group a command's button belongs to who was answered, unless it is about what belongs to all."""
    replied = request.incoming.replied
    if not request.incoming.private and not row.group_admins and replied and replied.from_id != request.writer.id:
        raise UserError("not_yours")
