"""One gate for everything that arrives: who, where, what; then the handler. Closed when in doubt."""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches

from bot_commands import account, again, favours, flood, groups, keys, kinds, payments, settings, talk
from bot_commands.guard import brief, guarded
from bot_commands.request import Reply, Request, Tools, UserError
from bot_commands.table import BY_NAME, BY_PRESS, COMMANDS, STEPS, Command, Press, is_shown
from engine.state import Pending
from incoming import Incoming, Person
from lanes import Lanes
from records import Person as Known
from records import Step
from texts import Language, guess

log = logging.getLogger(__name__)


class Dispatch:
    """Puts each update into its chat's quick lane and there through the gate."""

    def __init__(self, tools: Tools, quick: Lanes, checkouts: Lanes) -> None:
        """Telegram waits 10 seconds for a checkout's answer: they have lanes and threads of their own."""
        self._tools, self._quick, self._checkouts = tools, quick, checkouts
        self._held = flood.Held()
        self._apologised: set[int] = set()  # chats, since the start
        self._lock = threading.Lock()

    def accept(self, incoming: Incoming) -> None:
        """Take an update; returns at once. What other bots write is not answered."""
        inbox = self._tools.store.inbox
        if incoming.kind == "upgraded":
            self._tools.store.move_chat(incoming.chat_id, int(incoming.data))
        if not groups.concerns(incoming):
            inbox.done(incoming.update_id)
            return
        lanes, lane = self._quick, incoming.chat_id
        if incoming.kind == "checkout":
            lanes, lane = self._checkouts, incoming.update_id
        writer = incoming.person or groups.NOBODY
        pending = inbox.pending(incoming.update_id)
        if not flood.is_counted(incoming) or (pending and pending.replayed):
            self._hold(incoming)
            lanes.put(lane, lambda: self._admit(incoming, writer, self._sort, pending))
        else:
            self._bound(incoming, writer, pending)

    def _bound(self, incoming: Incoming, writer: Person, pending: Pending | None) -> None:
        """Put an update into its lane unless too many of this person wait; what is not taken is lost."""
        inbox, taken = self._tools.store.inbox, self._held.take(writer.id)
        if taken == "full before":
            inbox.done(incoming.update_id)
            return
        self._hold(incoming)
        if taken == "full":
            self._quick.put(incoming.update_id, lambda: self._admit(incoming, writer, _too_fast, pending))
        else:
            self._quick.put(incoming.chat_id, lambda: self._serve(incoming, writer, pending))

    def _hold(self, incoming: Incoming) -> None:
        """A job of this update goes into a lane."""
        self._tools.store.inbox.hold(incoming.update_id)
        self._tools.tally.begin(incoming)

    def _serve(self, incoming: Incoming, writer: Person, pending: Pending | None) -> None:
        try:
            self._admit(incoming, writer, self._sort, pending)
        finally:
            self._held.give_back(writer.id)

    def _admit(
        self, incoming: Incoming, writer: Person, serve: Callable[[Request], None], pending: Pending | None
    ) -> None:
        """Let an update through the gate, unless another process has it by now; one that breaks it is set aside."""
        inbox = self._tools.store.inbox
        with inbox.serving(incoming.update_id):
            if inbox.pending(incoming.update_id) is pending:
                self._let_in(incoming, writer, serve)
            else:
                self._tools.tally.let_go(incoming.update_id)
            return
        self._tools.tally.drop(incoming.update_id)  # overtaken

    def _let_in(self, incoming: Incoming, writer: Person, serve: Callable[[Request], None]) -> None:
        try:
            user, language = self._tools.store.user(writer.id), self._language(writer)
            known = replace(incoming, replied=kinds.replied(language, incoming.replied))
            serve(Request(known, writer, user, language, incoming.argument, self._tools))
        except Exception as error:
            reference = secrets.token_hex(3)
            log.exception("update %s set aside, reference %s", incoming.update_id, reference)
            self._tools.store.inbox.set_aside(incoming.update_id, reference)
            self._tools.tally.ends(incoming.update_id, "error", reference)
            self._tools.tally.let_go(incoming.update_id)
            kind = type(error).__name__
            self._tools.alerts.tell("admin_alert_error", kind, reference=reference, kind=kind)

    def _sort(self, request: Request) -> None:
        """Find what is meant, refuse what may not be, run the rest."""
        incoming = request.incoming
        if incoming.kind == "member":
            guarded(request, lambda: groups.joined(request))
        elif request.writer is groups.NOBODY:
            guarded(request, lambda: groups.ask_as_oneself(request))
        elif incoming.kind == "checkout":
            guarded(request, lambda: payments.checkout(request))
        elif incoming.kind == "message" and incoming.payment is not None:
            guarded(request, lambda: payments.settle(request))
        elif incoming.kind == "stop":
            guarded(request, lambda: talk.stop(request))
        elif incoming.kind == "edited":
            guarded(request, lambda: _edited(request))
        elif incoming.kind == "button":
            guarded(request, lambda: self._press(request))
        elif incoming.private or groups.addressed(request):
            guarded(request, lambda: self._message(request))
        else:
            self._tools.store.inbox.let_go(incoming.update_id)
            self._tools.tally.ends(incoming.update_id, "ignored")
            self._tools.tally.let_go(incoming.update_id)

    def _language(self, writer: Person) -> Language:
        """A person's own; the owner's where nobody is to be asked."""
        if writer is groups.NOBODY or writer.is_bot:
            return self._tools.alerts.language
        return guess(self._tools.store.language(writer.id) or writer.language)

    def _message(self, request: Request) -> Reply | str | None:
        incoming, user = request.incoming, request.user
        is_admin = user is not None and user.is_admin
        key = keys.command(incoming.text, is_admin) if incoming.private and incoming.typed else ""
        name = incoming.command or key
        row = BY_NAME.get(name)
        if name:
            self._tools.tally.names(request.update_id, row.name if row else "unknown command")
        if user is not None:
            if user.banned:
                told = self._tools.store.turn_away(user.id, "banned", incoming.update_id)
                return request.say("banned") if told else None
            self._tools.store.refresh(Known(user.id, request.writer.name, request.writer.username, request.language))
        elif row is None or row.role != "stranger":
            why = "stranger" if incoming.private else "stranger in a group"
            told = self._tools.store.turn_away(request.writer.id, why, incoming.update_id)
            return account.invitation(request) if told else None
        if self._is_stale(incoming):
            return self._stale(request)
        step = self._step(request, name) if user is not None else None
        if step is not None:
            return STEPS[step.name](request, step)
        if row is not None and (row.role != "admin" or is_admin):
            return keys.with_keys(request, self._command(request, row), anyway=row.name == "start")
        if name:
            return _unknown(request, name)
        if appeal := favours.answered_appeal(request):
            return favours.answer(request, appeal)
        return kinds.serve(replace(request, keyboard=keys.due(request)))

    def _step(self, request: Request, command: str) -> Step | None:
        """The question of the bot that this message answers; a command in between is a command and ends it."""
        store, user_id = self._tools.store, request.registered.id
        if not command:
            asked = store.step(user_id)
            if asked is not None and asked.name not in STEPS:  # a button answers it
                return None
            return store.take_step(user_id, request.topic, request.update_id)
        if command != "cancel":
            store.set_step(user_id, None)
        return None

    def _is_stale(self, incoming: Incoming) -> bool:
        """Too old to be answered: never /start, nor what is paid already; payments go another way."""
        age = time.time() - incoming.date
        store = self._tools.store
        paid = any(store.given(incoming.update_id, deed) for deed in ("settle", "voice"))
        paid = paid or store.inbox.was_sent(incoming.update_id, "picture")  # by draw, which charges then
        return age > self._tools.config.stale_after and incoming.command != "start" and not paid

    def _stale(self, request: Request) -> str | None:
        """One apology a chat for everything that waited too long."""
        with self._lock:
            if request.incoming.chat_id in self._apologised:
                return None
            self._apologised.add(request.incoming.chat_id)
        return request.say("stale", hours=max(1, int(time.time() - request.incoming.date) // 3600))

    def _command(self, request: Request, row: Command) -> Reply | str | None:
        if row.where == "private" and not request.incoming.private:
            raise groups.lead_to_private(request)
        groups.admins_only(request, row.group_admins and not _asks_only(request, row))
        return row.run(request)

    def _press(self, request: Request) -> Reply | str | None:
        """A button: the same gate, and the query is always answered so that it rests."""
        name, _, argument = request.incoming.data.partition(":")
        row = BY_NAME.get(name[1:]) if name.startswith("/") else BY_PRESS.get(name)
        if row is None or not request.incoming.offered or not _may_press(request, row):
            raise UserError("used_up")
        self._tools.tally.names(request.update_id, f"button {row.name}")
        if request.user is not None and request.user.banned:
            raise UserError("banned")
        asked = replace(request, argument=argument)
        if isinstance(row, Command):
            groups.own_only(request, row)
            reply = self._command(asked, row)
        else:
            groups.admins_only(request, row.group_admins)
            reply = row.run(asked)
        if isinstance(row, Command) or not row.answers_itself:
            self._tools.telegram.answer_button(request.incoming.query_id)
        return keys.with_keys(request, settings.beside(request, reply), anyway=name in ("start", "/start"))


def _too_fast(request: Request) -> None:
    """Say so to a user who meant the bot, others in silence."""

    def refuse() -> None:
        user, meant = request.user, request.incoming.private or groups.addressed(request)
        if user is not None and not user.banned and meant:
            raise UserError("too_fast", waiting=flood.MOST_HELD)

    guarded(request, refuse)


def _may_press(request: Request, row: Press | Command) -> bool:
    """Whether a button is for this kind of person; an admin's, like their commands, in their private chat only."""
    user = request.user
    if request.incoming.private and request.incoming.chat_id != request.writer.id:
        return False
    if row.role == "admin":
        return user is not None and user.is_admin and request.incoming.private
    return user is not None or row.role == "stranger"


def _edited(request: Request) -> None:
    """An edit is not answered, but offered to be; nothing becomes a command by it."""
    row = BY_NAME.get(request.incoming.command)
    if not request.incoming.command or (row is not None and row.name == "pro"):
        again.edited(request)


def _asks_only(request: Request, row: Command) -> bool:
    """Showing the prompt changes nothing: anybody may."""
    return row.name in ("prompt", "system") and not request.argument


def _unknown(request: Request, name: str) -> str:
    """The closest real commands this person could use; admin commands look unknown to others."""
    name = brief(name.rstrip())
    admin = request.user is not None and request.user.is_admin and request.incoming.private
    rows = [row for row in COMMANDS if (admin or row.role != "admin") and is_shown(row, request.tools)]
    public = {each: row.name for row in rows for each in (row.name, *row.aliases)}
    close = list(dict.fromkeys(public[match] for match in get_close_matches(name.strip(), public, n=4, cutoff=0.6)))
    if not close:
        return request.say("command_unknown_help", command=name)
    return request.say("command_unknown", command=name, close=", ".join(f"/{each}" for each in close[:3]))
