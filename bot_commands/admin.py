"""The owner's desk: wallets and people, the data file, stopping."""

import io
import re
import zipfile

from bot_commands.account import tell
from bot_commands.request import Request, UserError
from records import User, Wallet
from telegram_io import Place
from texts import guess, say

LARGEST_AMOUNT = 10**12  # tokens; far above any real wallet
LARGEST_PLAIN_FILE = 1_000_000  # bytes; a larger data.json is sent zipped
WALLET_WORDS: dict[str, Wallet] = {
    "premium": "premium_balance",
    "prem": "premium_balance",
    "p": "premium_balance",
    "image": "image_balance",
    "images": "image_balance",
    "img": "image_balance",
    "i": "image_balance",
}


def refill(request: Request) -> str:
    """Add to somebody's wallet, or take away; they are told of a gift."""
    words = _in_one(request.argument).split()
    if len(words) not in (2, 3):
        raise UserError("refill_usage")
    user = _known(request, words[0])
    amount = _amount(words[1])
    wallet = _wallet(words[2]) if len(words) == 3 else "balance"
    balance = request.tools.store.refill(user.id, wallet, amount, request.update_id)
    done = request.say(
        "refilled",
        name=user.name,
        id=str(user.id),
        sign="+" if amount > 0 else "−",
        amount=abs(amount),
        wallet=request.say(f"wallet_{wallet}"),
        balance=balance,
    )
    if amount <= 0 or user.is_admin or _tell_gift(request, user, wallet, amount, balance):
        return done
    return done + "\n" + request.say("refill_unnoticed")


def _tell_gift(request: Request, user: User, wallet: Wallet, amount: int, balance: int) -> bool:
    language = guess(user.language)
    name = say(language, f"wallet_{wallet}")
    return tell(request, user.id, say(language, "gift", amount=amount, wallet=name, balance=balance))


def _in_one(argument: str) -> str:
    """The digits of an amount drawn together: the bot itself writes `10 000` or `10,000`."""
    who, *rest = argument.split(maxsplit=1)[:2] or [""]
    return " ".join([who, *(re.sub(r"(?<=\d)[\s,](?=\d{3}(?!\d))", "", each) for each in rest)])


def _amount(text: str) -> int:
    """A whole number; `k` or `к` after it is a thousand, twice a million."""
    found = re.fullmatch(r"([+-]?\d{1,13})([kк]{0,2})", text.lower())
    amount = int(found[1]) * 1000 ** len(found[2]) if found else 0
    if not amount or abs(amount) > LARGEST_AMOUNT:
        raise UserError("refill_amount_bad", given=text, limit=LARGEST_AMOUNT)
    return amount


def _wallet(word: str) -> Wallet:
    if word.lower() not in WALLET_WORDS:
        raise UserError("refill_wallet_bad", given=word)
    return WALLET_WORDS[word.lower()]


def _known(request: Request, who: str) -> User:
    user = request.tools.store.find(who)
    if user is None:
        raise UserError("user_unknown", who=who)
    return user


def ban(request: Request) -> str:
    """Shut somebody out; not an admin."""
    user = _known(request, _one_word(request, "ban"))
    if user.is_admin:
        raise UserError("ban_admin")
    changed = request.tools.store.ban(user.id, True, request.update_id)
    return request.say("ban_done" if changed else "ban_already", name=user.name, id=str(user.id))


def unban(request: Request) -> str:
    """Let somebody in again and tell them."""
    user = _known(request, _one_word(request, "unban"))
    changed = request.tools.store.ban(user.id, False, request.update_id)
    if changed:
        tell(request, user.id, say(guess(user.language), "unbanned_notice"))
    return request.say("unban_done" if changed else "unban_already", name=user.name, id=str(user.id))


def _one_word(request: Request, command: str) -> str:
    words = request.argument.split()
    if len(words) != 1:
        raise UserError("ban_usage", command=command)
    return words[0]


def data(request: Request) -> str | None:
    """Everything of this moment as data.json, or one user's card."""
    if request.argument:
        return _card(request, _known(request, request.argument))
    content, name = request.tools.store.file_content(), "data.json"
    if len(content) > LARGEST_PLAIN_FILE:
        content, name = _zipped(name, content), "data.json.zip"
    caption = request.say("data_caption", users=request.tools.store.users_count())
    place = Place(request.incoming.chat_id)
    request.once("file", lambda _: request.tools.telegram.send_file(place, name, content, caption))
    return None


def card(request: Request) -> None:
    """A user's card in a message of its own: the note whose button it is stays as it stands."""
    user = _known(request, request.argument)
    request.post("card", Place(request.incoming.chat_id), _card(request, user))


def _zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


def _card(request: Request, user: User) -> str:
    inviter = request.tools.store.user(user.referrer) if user.referrer else None
    return request.say(
        "card",
        name=user.name,
        id=str(user.id),
        username=f"@{user.username}" if user.username else "—",
        balance=user.balance,
        premium=user.premium_balance,
        images=user.image_balance,
        requests=user.requests,
        tokens=user.tokens,
        premium_tokens=user.premium_tokens,
        last_request=user.last_request if user.requests else "—",
        referrer=inviter.name if inviter else request.say("nobody"),
        banned=request.say("yes" if user.banned else "no"),
    )


def stop(request: Request) -> str:
    """Stop the bot; only the machine can start it again. What was written to an earlier process is not for this one."""
    if request.incoming.date < int(request.tools.moment.started):
        return request.say("stop_earlier")
    request.tools.leave()
    return request.say("leaving")
