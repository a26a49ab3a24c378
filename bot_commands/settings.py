"""How a conversation is answered: prompt, model, memory, language; a group's are its own."""

from dataclasses import replace

from bot_commands import choice, dialogue
from bot_commands.guard import brief
from bot_commands.request import Reply, Request, UserError
from records import Conversation
from telegram_io import Button, Rows
from texts import LANGUAGES, Language, guess, say

PROMPT_LIMIT = 4000  # characters
MEMORY_AT_ONCE = 5000  # characters, for /extended_context without a number where memory was off
MEMORY_SIZES = (5000, 15000, 50000)


def prompt(request: Request) -> str:
    """Show the system prompt, or set it."""
    if not request.argument:
        return request.say("prompt_shown", prompt=_prompt(request, _conversation(request)))
    if len(request.argument) > PROMPT_LIMIT:
        raise UserError("prompt_too_long", length=len(request.argument), limit=PROMPT_LIMIT)
    request.tools.store.set_prompt(request.topic.chat_id, request.argument)
    return request.say("prompt_set")


def system(request: Request) -> str:
    """The same, and what was said under the old prompt is forgotten."""
    if not request.argument:
        return prompt(request)
    done = prompt(request)
    dropped = request.tools.store.forget(request.topic, request.update_id)
    return request.say("system_set", messages=dropped) if dropped else done


def reset_prompt(request: Request) -> str:
    """Back to the owner's prompt."""
    request.tools.store.set_prompt(request.topic.chat_id, None)
    return request.say("prompt_reset")


def switch(request: Request) -> str:
    """From the ordinary to the premium model, or back."""
    return _model_now(request, request.tools.store.switch_model(request.topic.chat_id, request.update_id))


def ordinary(request: Request) -> str:
    """Back to the ordinary model: the way out of an empty premium wallet."""
    return _use_premium(request, False)


def premium(request: Request) -> str:
    """To the premium model: the way out of an empty ordinary wallet."""
    return _use_premium(request, True)


def _use_premium(request: Request, premium: bool) -> str:
    request.tools.store.set_premium(request.topic.chat_id, premium)
    return _model_now(request, premium)


def _model_now(request: Request, premium: bool) -> str:
    return answers_now(request, choice.model(request.tools, _conversation(request), premium).name, premium)


def answers_now(request: Request, model: str, premium: bool) -> str:
    """Which model answers from now on, and which wallet pays where wallets are on."""
    if not request.tools.config.wallets:
        return request.say("model_premium_free" if premium else "model_ordinary_free", model=model)
    return request.say("model_premium" if premium else "model_ordinary", model=model)


def extended_context(request: Request) -> Reply:
    """Remember so many characters; without a number as many as now, or 5,000 at once, other sizes as buttons."""
    cap = request.tools.config.context_cap
    given = request.argument or str(min(_conversation(request).memory or MEMORY_AT_ONCE, cap))
    if not (given.isascii() and given.isdecimal() and len(given) < 10 and int(given) <= cap):
        raise UserError("memory_bad", given=request.argument, limit=cap)
    request.tools.store.set_memory(request.topic.chat_id, int(given))
    return _sizes(request)


def memory(request: Request) -> Reply:
    """The sizes as buttons; a press with a number sets it."""
    return extended_context(request) if request.argument else _sizes(request)


def _sizes(request: Request) -> Reply:
    """What is remembered now, and how much it could be."""
    now = _conversation(request).memory
    sizes = [size for size in MEMORY_SIZES if size <= request.tools.config.context_cap]
    row = [_choice(request.say("button_size", memory=size), f"memory:{size}", size == now) for size in sizes]
    off = _choice(request.say("button_off"), "memory:0", not now)
    return Reply(_memory_now(request, now), [row, [off]])


def _memory_now(request: Request, now: int) -> str:
    """How much is remembered; with memory off also what is still kept from before."""
    if now:
        return request.say("memory_on", memory=now)
    kept = len(request.tools.store.history(request.topic))
    return request.say("memory_off_kept", messages=kept) if kept else request.say("memory_off")


def _choice(label: str, data: str, is_on: bool) -> Button:
    return Button(f"✓ {label}" if is_on else label, data)


def delete_context(request: Request) -> str:
    """Forget the history and turn the memory off; that is the chat's, so all of its topics are forgotten."""
    dropped = request.tools.store.forget_chat(request.topic.chat_id, request.update_id)
    request.tools.store.set_memory(request.topic.chat_id, 0)
    if not dropped:
        return request.say("context_deleted_empty")
    return request.say("context_deleted_topics" if request.topic.thread else "context_deleted", messages=dropped)


def new(request: Request) -> str:
    """Forget the history; mode and prompt stay."""
    dropped = request.tools.store.forget(request.topic, request.update_id)
    if not dropped:
        return request.say("new_empty" if _conversation(request).memory else "new_nothing")
    return request.say("new_dialogue", messages=dropped)


def language(request: Request) -> Reply:
    """Russian or English, by word or by button."""
    if not request.argument:
        keep = [[Button(request.say("button_keep"), "keep")]] if request.incoming.private else []
        return Reply(request.say("language_ask"), [*_languages(request.language), *keep])
    wanted: Language | None = next((each for each in LANGUAGES if each == request.argument.lower()[:2]), None)
    if wanted is None:
        raise UserError("language_bad", given=request.argument)
    request.tools.store.set_language(request.writer.id, wanted)
    pressed = request.incoming.kind == "button"
    return Reply(say(wanted, "language_set"), _languages(wanted) if pressed else [])


def _languages(now: Language) -> Rows:
    return [[_choice(say(each, "language_name").capitalize(), f"lang:{each}", each == now) for each in LANGUAGES]]


def summary(request: Request) -> str:
    """How this conversation is answered."""
    now = _conversation(request)
    text = request.say(
        "settings",
        model=choice.model(request.tools, now).name,
        memory=dialogue.memory(request.language, now.memory),
        spoken=request.say("language_name"),
        prompt=brief(_prompt(request, now)),
    )
    if not any(row.searches for row in request.tools.catalogue.rows):
        return text
    return f"{text}\n{request.say('settings_web_on' if now.web else 'settings_web_off')}"


def beside(request: Request, reply: Reply | str | None) -> Reply | str | None:
    """What a button of the settings says, with the way back to them under it; a question keeps its own last button."""
    said = Reply(reply) if isinstance(reply, str) else reply
    data, around = request.incoming.data, request.incoming.buttons
    if said is None or "settings:close" not in around or data.startswith("settings"):
        return reply
    language = guess(request.tools.store.language(request.writer.id))
    last = [button.data for row in said.rows[-1:] for button in row]
    if last == ["delete:no"]:
        return reply
    rows = said.rows[:-1] if last == ["keep"] else said.rows
    ways = [Button(say(language, "button_back"), "settings"), Button(say(language, "button_close"), "settings:close")]
    return replace(said, rows=[*rows, ways])


def _conversation(request: Request) -> Conversation:
    return request.tools.store.conversation(request.topic)


def _prompt(request: Request, conversation: Conversation) -> str:
    return conversation.prompt or request.tools.config.system_prompt
