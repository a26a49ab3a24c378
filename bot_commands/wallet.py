"""The wallets of a person: what they hold, what it buys, and the ways on from an empty one."""

from bot_commands import choice
from bot_commands.invitations import bonus
from bot_commands.request import Reply, Request, UserError
from records import User, Wallet
from telegram_io import Button, Rows

SHORTEST_ANSWER = 200  # tokens; a wallet that holds less counts as empty
TOKENS_AN_ANSWER = 500  # a usual question with its answer, for "enough for about N answers"


def balance(request: Request) -> Reply | str:
    """What the wallets hold and what it buys; in a group in one line."""
    user, config = request.registered, request.tools.config
    if not config.wallets:
        return request.say("wallets_off")
    if not request.incoming.private:
        return request.say("balance_brief", name=user.name, balance=user.balance, premium=user.premium_balance)
    lines = [request.say("balance"), _ordinary(request, user), _premium(request, user)]
    lines.append(request.say("balance_images", images=user.image_balance))
    if user.is_admin:
        lines += ["", request.say("balance_admin")]
    return Reply("\n".join(lines), _ways_of(request, user))


def _ordinary(request: Request, user: User) -> str:
    model = choice.model(request.tools, request.tools.store.conversation(request.topic), premium=False).name
    answers = user.balance // TOKENS_AN_ANSWER
    key = "balance_ordinary" if answers else "balance_ordinary_low"
    return request.say(key, balance=user.balance, model=model, answers=answers)


def _premium(request: Request, user: User) -> str:
    model = choice.model(request.tools, request.tools.store.conversation(request.topic), premium=True).name
    answers, minute = user.premium_balance // TOKENS_AN_ANSWER, request.tools.config.voice_tokens_per_second * 60
    minutes = user.premium_balance // minute if minute else 0
    key = "balance_premium" if answers and minutes else "balance_premium_low"
    return request.say(key, balance=user.premium_balance, model=model, answers=answers, minutes=minutes)


def _ways_of(request: Request, user: User) -> Rows:
    """The ways on from the wallet in use when it is empty, else from the ordinary one; else what is sold."""
    config = request.tools.config
    if user.is_admin:
        return []
    active: Wallet = "premium_balance" if request.tools.store.conversation(request.topic).premium else "balance"
    wallets: tuple[Wallet, ...] = (active, "balance")
    sold = [[Button(request.say("button_topup"), "/topup")]] if config.topup_packages else []
    return next((ways_out(request, wallet) for wallet in wallets if _left(request, wallet) < SHORTEST_ANSWER), sold)


def empty(request: Request, wallet: Wallet, looks: bool = False) -> UserError:
    """The refusal of a paid step, of a look at a picture in words of its own: what is left, and what can be done."""
    words = "empty_look" if looks else f"empty_{wallet}"
    return UserError(words, rows=ways_out(request, wallet), left=_left(request, wallet))


def ways_out(request: Request, wallet: Wallet) -> Rows:
    """What helps a person whose wallet is empty, a button each; in a private chat there is always one."""
    ways = _other_model(request, wallet)
    if request.incoming.private:
        ways += _from_others(request, wallet)
    if wallet == "balance" and bonus(request.tools.config):
        ways.append(Button(request.say("button_invite"), "/ref"))
    if not ways and request.incoming.private:
        ways.append(Button(request.say("button_feedback"), "/feedback"))
    return [[way] for way in ways]


def _other_model(request: Request, wallet: Wallet) -> list[Button]:
    """The model that another wallet pays, where choosing it helps: a voice or a photo costs premium tokens anyway."""
    premium = request.tools.store.conversation(request.topic).premium
    if wallet == "premium_balance" and premium and _left(request, "balance") >= SHORTEST_ANSWER:
        return [Button(request.say("button_ordinary"), "ordinary")]
    if wallet == "balance" and _left(request, "premium_balance") >= SHORTEST_ANSWER:
        return [Button(request.say("button_premium"), "premium")]
    return []


def _from_others(request: Request, wallet: Wallet) -> list[Button]:
    """What the admin may give, and what Telegram sells."""
    config = request.tools.config
    asks = wallet == "balance" and request.registered.balance <= config.favor_min_limit
    ways = [Button(request.say("button_ask_favor"), "/ask_favor")] if asks else []
    sold = any(package.wallet == wallet for package in config.topup_packages)
    return [*ways, Button(request.say("button_topup"), "/topup")] if sold else ways


def _left(request: Request, wallet: Wallet) -> int:
    return request.tools.store.available(request.registered.id, wallet)


def pays(request: Request) -> bool:
    """Whether this person's wallets are charged."""
    return request.tools.config.wallets and not request.registered.is_admin
