"""What is remembered of a dialogue: how much, how to read it, and where else there is one."""

from collections.abc import Sequence
from typing import Any

from bot_commands import attachments, choice, context, window
from bot_commands.context import Given
from bot_commands.guard import brief
from bot_commands.request import Reply, Request, UserError
from records import Shown, Size
from services import tokens as counted
from telegram_io import Button, Place
from texts import Language, say

VERSION = "0.5.0"
LISTED = 40  # conversations in one message


def tokens(request: Request) -> str:
    """How much of what the model has room for this dialogue fills, before the next question and its answer."""
    store, config = request.tools.store, request.tools.config
    now = store.conversation(request.topic)
    shown = store.attachment(request.topic) if now.memory else None
    pictures = [each for each in shown.attachments if attachments.looks_like_picture(each)] if shown else []
    row = attachments.eyes(request) if pictures else choice.model(request.tools, now)
    history = store.history(request.topic) if now.memory else []
    before, system = context.exchanges(history), now.prompt or config.system_prompt
    fitted = window.fit(Given(system, before, ""), row, config.max_request_tokens)
    room = window.room(row, config.max_request_tokens)
    used = counted.estimate_messages([{"content": system}, *history], row.factor)
    used += shown.tokens if shown else 0
    left_out = len(before) - len(fitted.given.before)
    lines = [
        request.say("tokens", used=used, room=room, model=row.name, percent=_percent(used, room)),
        _remembered(request, len(before)) if now.memory else request.say("tokens_alone"),
        request.say("tokens_left_out", turns=left_out) if left_out else "",
        _along(request, shown),
    ]
    return "\n".join(filter(None, lines))


def _remembered(request: Request, turns: int) -> str:
    return request.say("tokens_remembered", turns=turns) if turns else request.say("memory_empty")


def _along(request: Request, shown: Shown | None) -> str:
    """What goes along with the next questions."""
    if shown is None:
        return ""
    looks = attachments.looks_like_picture(shown.attachments[0])
    kind = "files" if len(shown.attachments) > 1 else "picture" if looks else "document"
    return request.say(f"{kind}_along", turns=shown.turns)


def _percent(part: int, whole: int) -> str:
    """Whole percents, and "<1" for what is not nothing."""
    share = 100 * part // whole
    return str(share) if share else "<1"


def info(request: Request) -> Reply:
    """This conversation and this bot."""
    now, tools = request.tools.store.conversation(request.topic), request.tools
    history = tools.store.history(request.topic)
    text = request.say(
        "info",
        version=VERSION,
        model=choice.model(tools, now, premium=False).name,
        premium_model=choice.model(tools, now, premium=True).name,
        active=choice.model(tools, now).name,
        memory=memory(request.language, now.memory),
        messages=len(history),
        size=sum(len(said["content"]) for said in history),
        began=now.began or "—",
        prompt=brief(now.prompt or tools.config.system_prompt),
    )
    shown = tools.store.attachment(request.topic) if now.memory else None
    whose = request.say("info_topic") if request.topic.thread else ""
    text = "\n".join(filter(None, [text, _along(request, shown), whose]))
    rows = [[Button(request.say("button_forget"), "new"), Button(request.say("button_all_commands"), "commands")]]
    if history and request.incoming.private:
        rows.insert(0, [Button(request.say("button_as_file"), "dialogue")])
    return Reply(text, rows)


def memory(language: Language, characters: int) -> str:
    """The size of a memory in words."""
    if not characters:
        return say(language, "settings_memory_off")
    return say(language, "settings_memory_on", memory=characters)


def as_file(request: Request) -> None:
    """This dialogue as Markdown, in a private chat only: what others said in a group is not for one to carry away."""
    if not request.incoming.private:
        raise UserError("command_private")
    history = request.tools.store.history(request.topic)
    if not history:
        raise UserError("dialogue_empty")
    content = _markdown(request, history).encode()
    place = Place(request.topic.chat_id, request.topic.thread)
    request.once("file", lambda _: request.tools.telegram.send_file(place, "dialogue.md", content))


def _markdown(request: Request, history: Sequence[dict[str, Any]]) -> str:
    """Headings tell who speaks; the answers are Markdown already."""
    names = {"user": request.writer.name, "assistant": f"@{request.tools.telegram.username}"}
    return "\n\n".join(f"## {names[said['role']]}\n\n{said['content']}" for said in history) + "\n"


def sessions(request: Request) -> str:
    """Where something is remembered: my conversations, for an admin everybody's; sizes only, never words."""
    user, store = request.registered, request.tools.store
    sizes = store.sizes(None if user.is_admin else user.id)
    if not sizes:
        memory = store.conversation(request.topic).memory
        return request.say("memory_empty" if memory else "sessions_none")
    lines = [_line(request, size) for size in sizes[:LISTED]]
    if len(sizes) > LISTED:
        lines.append(request.say("sessions_more", others=len(sizes) - LISTED))
    characters = sum(size.characters for size in sizes)
    heading = request.say("sessions", dialogues=len(sizes), characters=characters)
    return "\n".join([heading, "", *lines])


def _line(request: Request, size: Size) -> str:
    return request.say("sessions_line", where=_where(request, size), messages=size.messages, characters=size.characters)


def _where(request: Request, size: Size) -> str:
    """A chat in words: this one, a person's, a group's; and the topic in it."""
    chat_id, thread = size.topic
    if chat_id == request.registered.id:
        where = request.say("sessions_here")
    elif chat_id > 0:
        person = request.tools.store.user(chat_id)
        where = request.say("sessions_person", name=brief(person.name, 40) if person else "—", id=str(chat_id))
    else:
        where = request.say("sessions_group", id=str(chat_id))
    return request.say("sessions_topic", where=where, topic=str(thread)) if thread else where
