"""What is kept about a person: said in words, handed out as a file, erased."""

from urllib.parse import urlsplit

import orjson

from bot_commands.request import Reply, Request, UserError
from formatting import LONGEST_TEXT, units
from storage import KEPT_DAYS
from telegram_io import Button, Place, Unreachable


def privacy(request: Request) -> Reply | None:
    """What is kept, where, how long, who sees it; or the owner's own words."""
    own = request.tools.config.privacy_file
    if own is None:
        return Reply(_default(request), _rows(request))
    content = own.read_bytes()
    text = content.decode("utf-8", "replace").strip()
    if units(text) <= LONGEST_TEXT:
        return Reply(text, _rows(request))
    request.once("file", lambda _: request.tools.telegram.send_file(request.place, own.name, content))
    return None


def _default(request: Request) -> str:
    config = request.tools.config
    addresses = [config.openai_base_url, *(row.base_url for row in request.tools.catalogue.rows if row.base_url)]
    hosts = dict.fromkeys(str(urlsplit(address).hostname) for address in addresses)
    text = request.say("privacy", days=KEPT_DAYS, providers=", ".join(hosts))
    so = {
        "privacy_pictures": True,
        "privacy_files": any(row.reads_files for row in request.tools.catalogue.rows),
        "privacy_kept": _is_kept(request),
        "privacy_shown": config.admin_log_pictures,
        "privacy_log": not config.debug_mode,
        "privacy_debug": config.debug_mode,
    }
    more = [key for key, holds in so.items() if holds]
    return "\n\n".join([text, *map(request.say, more)])


def _is_kept(request: Request) -> bool:
    """Whether any provider keeps the dialogues that the bot remembers."""
    catalogue = request.tools.catalogue
    return any(catalogue.api(row) == "responses" for row in catalogue.rows)


def _rows(request: Request) -> list[list[Button]]:
    """In a private chat the two things a person may want to do about it."""
    buttons = [Button(request.say("button_mydata"), "/mydata"), Button(request.say("button_delete_me"), "/delete_me")]
    return [[button] for button in buttons] if request.user and request.incoming.private else []


def menu(request: Request) -> Reply:
    """What can be done about one's own data, as a part of the settings."""
    return Reply(request.say("data_menu"), [[Button(request.say("button_privacy"), "/privacy")], *_rows(request)])


def mydata(request: Request) -> str | None:
    """Everything kept about who asks, as a file in their private chat."""
    user_id, telegram = request.registered.id, request.tools.telegram
    content = orjson.dumps(request.tools.store.everything_about(user_id), option=orjson.OPT_INDENT_2)
    caption = request.say("mydata_caption")
    try:
        request.once("file", lambda _: telegram.send_file(Place(user_id), "mydata.json", content, caption))
    except Unreachable:
        raise UserError("mydata_unreachable", username=telegram.username) from None
    return None if request.incoming.private else request.say("sent_in_private")


def delete_me(request: Request) -> Reply:
    """Ask once more before everything is erased."""
    if request.registered.is_admin:
        raise UserError("delete_admin")
    yes, no = Button(request.say("button_delete"), "delete:yes"), Button(request.say("button_cancel"), "delete:no")
    key = "delete_ask" if request.tools.config.wallets else "delete_ask_free"
    return Reply(request.say(key, balance=request.registered.balance), [[yes], [no]])


def delete(request: Request) -> str:
    """Erase the person who pressed, or leave everything as it is."""
    if request.argument != "yes" or request.registered.is_admin:
        return request.say("delete_cancelled")
    request.tools.originals.drop(request.registered.id)
    request.tools.store.erase(request.registered.id, request.update_id)
    request.tools.originals.drop(request.registered.id)  # what was drawn in between
    done = request.say("deleted", days=KEPT_DAYS)
    return f"{done}\n\n{request.say('deleted_kept')}" if _is_kept(request) else done
