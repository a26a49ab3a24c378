"""What people ask of the admins: favours, decided by the first press of any admin, and feedback."""

import time
from collections.abc import Callable

from bot_commands.account import tell
from bot_commands.request import Reply, Request, UserError
from formatting import units
from records import Appeal, Step, User
from telegram_io import Button, Place, Rows, Unreachable
from texts import Language, guess, say

FEEDBACK_LIMIT = 3700  # UTF-16 units; with its heading it must fit into one message
STEP_SECONDS = 3600.0  # so long the next message is taken for feedback


def ask_favor(request: Request) -> str:
    """Ask the admins for tokens, at a low balance and once at a time."""
    user, config, store = request.registered, request.tools.config, request.tools.store
    if not config.wallets:
        raise UserError("wallets_off")
    if user.is_admin:
        raise UserError("balance_admin")
    key = store.open_favor(user.id, config.favor_min_limit, request.update_id)
    if not key and user.balance > config.favor_min_limit:
        raise UserError("favor_enough", balance=user.balance, limit=config.favor_min_limit)
    if not key:
        raise UserError("favor_waiting")
    _bring(
        request,
        key,
        lambda language: _favor_words(language, user),
        lambda language: _favor_rows(request, key, language),
    )
    return request.say("favor_sent")


def _favor_words(language: Language, user: User) -> str:
    return say(
        language,
        "admin_favor",
        name=user.name,
        id=str(user.id),
        username=_username(user),
        balance=user.balance,
        premium=user.premium_balance,
        images=user.image_balance,
    )


def _favor_rows(request: Request, key: str, language: Language) -> Rows:
    yes = say(language, "button_favor_yes", amount=request.tools.config.favor_amount)
    about = f"{request.registered.id}:{key}"
    return [[Button(yes, f"favor:yes:{about}"), Button(say(language, "button_favor_no"), f"favor:no:{about}")]]


def feedback(request: Request) -> Reply | str:
    """Pass a person's words on to the admins; without any ask for them."""
    if not request.argument:
        place = request.topic
        until = int(time.time() + STEP_SECONDS)
        request.tools.store.set_step(request.registered.id, Step("feedback", place.chat_id, place.thread, until))
        return Reply(request.say("feedback_ask"), [[Button(request.say("button_cancel"), "/cancel")]])
    return _pass_on(request, request.argument)


def take_feedback(request: Request, step: Step) -> str:
    """The message after the question is the feedback."""
    if request.incoming.content != "text":
        request.tools.store.set_step(request.registered.id, step)
        raise UserError("feedback_only_text")
    return _pass_on(request, request.incoming.text)


def _pass_on(request: Request, text: str) -> str:
    if units(text) > FEEDBACK_LIMIT:
        raise UserError("feedback_too_long", limit=FEEDBACK_LIMIT)
    user = request.registered
    key = request.tools.store.open_feedback(user.id, request.update_id)
    about = {"name": user.name, "id": str(user.id), "username": _username(user), "text": text}
    _bring(
        request,
        key,
        lambda language: say(language, "admin_feedback", **about),
        lambda language: _reward_rows(request, key, language),
    )
    return request.say("feedback_sent")


def _reward_rows(request: Request, key: str, language: Language) -> Rows:
    config = request.tools.config
    if not config.wallets or not config.feedback_reward or request.registered.is_admin:
        return []
    label = say(language, "button_reward", amount=config.feedback_reward)
    return [[Button(label, f"reward:{request.registered.id}:{key}")]]


def _bring(request: Request, key: str, words: Callable[[Language], str], rows: Callable[[Language], Rows]) -> None:
    """Bring an appeal to all admins; if one of them has decided meanwhile, show it to those who came later."""
    store, notices = request.tools.store, {}
    for admin in request.tools.config.admin_ids:
        language = guess(store.language(admin))
        try:
            notices[admin] = request.post(f"to {admin}", Place(admin), words(language), rows(language))
        except Unreachable:
            continue
    appeal = store.set_notices(request.registered.id, key, notices)
    if not notices:
        raise UserError("admins_unreached")
    if appeal is not None and appeal.decided_by:
        _show(request, appeal)


def decide_favor(request: Request) -> Reply:
    """Yes or No of an admin: the first press decides, later ones are shown what was decided."""
    answer, user_id, key = request.argument.split(":")
    grant = request.tools.config.favor_amount if answer == "yes" else 0
    appeal = _decide(request, int(user_id), key, grant, "favor_granted" if grant else "favor_denied")
    return Reply(_decision(request, appeal, request.language))


def reward(request: Request) -> None:
    """Reward a feedback, once."""
    user_id, key = request.argument.split(":")
    incoming = request.incoming
    request.tools.telegram.drop_buttons(incoming.chat_id, incoming.message_id)
    _decide(request, int(user_id), key, request.tools.config.feedback_reward, "feedback_rewarded")


def _decide(request: Request, user_id: int, key: str, grant: int, words: str) -> Appeal:
    """Decide an appeal and tell everybody, if this press is the first."""
    store = request.tools.store
    first = store.decide(user_id, key, grant, request.writer.id, request.update_id)
    appeal, user = store.appeal(user_id, key), store.user(user_id)
    if appeal is None or user is None or (not first and appeal.kind == "feedback"):
        raise UserError("used_up")
    if first:
        tell(request, user_id, say(guess(user.language), words, amount=grant, balance=user.balance))
        _show(request, appeal)
    return appeal


def _show(request: Request, appeal: Appeal) -> None:
    """Show all admins what was decided, in the place of a favour's notice, as a reply to a feedback."""
    for admin, message_id in appeal.messages.items():
        words = _decision(request, appeal, guess(request.tools.store.language(admin)))
        if appeal.kind == "favor":
            request.tools.telegram.edit_if_there(admin, message_id, words)
        else:
            request.tools.telegram.drop_buttons(admin, message_id)
            _reply(request, admin, message_id, words)


def _reply(request: Request, admin: int, message_id: int, words: str) -> None:
    try:
        request.post(f"decision {admin}", Place(admin, reply_to=message_id), words)
    except Unreachable:
        return


def _decision(request: Request, appeal: Appeal, language: Language) -> str:
    user, admin = request.tools.store.user(appeal.user_id), request.tools.store.user(appeal.decided_by)
    decided = "admin_favor_granted" if appeal.granted else "admin_favor_denied"
    return say(
        language,
        decided if appeal.kind == "favor" else "admin_rewarded",
        name=user.name if user else "",
        id=str(appeal.user_id),
        admin=admin.name if admin else str(appeal.decided_by),
        amount=appeal.granted,
    )


def answered_appeal(request: Request) -> Appeal | None:
    """The appeal that an admin's message replies to, if it does."""
    incoming = request.incoming
    replied, is_admin = incoming.replied, request.user is not None and request.user.is_admin
    if not is_admin or not incoming.private or incoming.content != "text" or replied is None:
        return None
    if replied.from_id != request.tools.telegram.id:
        return None
    return request.tools.store.appeal_at(incoming.chat_id, replied.message_id)


def answer(request: Request, appeal: Appeal) -> str:
    """Bring an admin's words to who appealed."""
    user = request.tools.store.user(appeal.user_id)
    if user is None:
        raise UserError("used_up")
    words = say(guess(user.language), "admins_answer", text=request.incoming.text)
    told = tell(request, user.id, words)
    return request.say("admins_answer_sent" if told else "admins_answer_lost", name=user.name, id=str(user.id))


def _username(user: User) -> str:
    return f"@{user.username}" if user.username else "—"
