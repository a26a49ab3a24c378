"""Inviting others: a link of one's own, what it has brought, and how it is passed on."""

from urllib.parse import quote, urlencode

from bot_commands.request import Reply, Request
from config import Config
from services import qr
from telegram_io import Button, Place, Rows


def ref(request: Request) -> Reply | None:
    """My link with a QR picture and a share button; in a group only the link: what it brought is mine to know."""
    link = f"https://t.me/{request.tools.telegram.username}?start={request.registered.id}"
    rows = [[_share(request, link)]]
    if not request.incoming.private:
        return Reply(request.say("ref_brief", name=request.registered.name, link=link), rows)
    place = Place(request.incoming.chat_id, request.incoming.thread)
    request.once("picture", lambda _: _send(request, place, link, rows))
    return None


def _send(request: Request, place: Place, link: str, rows: Rows) -> int:
    return request.tools.telegram.send_photo(place, qr.picture(link), _words(request, link), rows)


def bonus(config: Config) -> int:
    """What an invitation brings each of the two, as far as it is worth a word."""
    return config.referral_bonus if config.wallets else 0


def _words(request: Request, link: str) -> str:
    """The link, what it is good for, and what it has brought so far."""
    config, store = request.tools.config, request.tools.store
    invited, earned = store.invitations(request.registered.id)
    parts = [request.say("ref_link", link=link)]
    if each := bonus(config):
        parts.append(request.say("ref_bonus", bonus=each, limit=config.referral_daily_limit))
    if config.access != "everyone":
        parts.append(request.say("ref_invited_only" if config.access == "invited" else "ref_listed_only"))
    parts.append(request.say("ref_brought", invited=invited))
    if each or earned:
        parts[-1] += " " + request.say("ref_earned", earned=earned)
    return "\n\n".join(parts)


def _share(request: Request, link: str) -> Button:
    """Opens Telegram's list of chats. https://core.telegram.org/widgets/share"""
    each = bonus(request.tools.config)
    text = request.say("share_bonus", bonus=each) if each else request.say("share")
    query = urlencode({"url": link, "text": text}, quote_via=quote)
    return Button(request.say("button_share"), url=f"https://t.me/share/url?{query}")
