"""How a conversation is answered: prompt, model, memory, language; a group's are its own."""

from bot_commands import choice, dialogue
from bot_commands.guard import brief
from bot_commands.request import Reply, Request, UserError
from records import Conversation
from telegram_io import Button, Rows
from texts import LANGUAGES, Language, say

PROMPT_LIMIT = 4000  # characters
MEMORY_AT_ONCE = 5000  # characters, for /extended_context without a number
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
    model = choice.model(request.tools, _conversation(request), premium).name
    return request.say("model_premium" if premium else "model_ordinary", model=model)


def extended_context(request: Request) -> Reply | str:
    """Remember so many characters; without a number 5,000 at once, other sizes as buttons."""
    cap = request.tools.config.context_cap
    given = request.argument or str(min(MEMORY_AT_ONCE, cap))
    if not (given.isascii() and given.isdecimal() and len(given) < 10 and int(given) <= cap):
        raise UserError("memory_bad", given=request.argument, limit=cap)
    size = int(given)
    request.tools.store.set_memory(request.topic.chat_id, size)
    if not size:
        return request.say("memory_off")
    sizes = [other for other in MEMORY_SIZES if other <= cap]
    others = [Button(request.say("button_size", memory=other), f"memory:{other}") for other in sizes]
    return Reply(request.say("memory_on", memory=size), [others, [Button(request.say("button_off"), "memory:0")]])


def delete_context(request: Request) -> str:
    """Forget the history and turn the memory off."""
    dropped = request.tools.store.forget(request.topic, request.update_id)
    request.tools.store.set_memory(request.topic.chat_id, 0)
    return request.say("context_deleted", messages=dropped)


def new(request: Request) -> str:
    """Forget the history; mode and prompt stay."""
    dropped = request.tools.store.forget(request.topic, request.update_id)
    if not dropped and not _conversation(request).memory:
        return request.say("new_nothing")
    return request.say("new_dialogue", messages=dropped)


def language(request: Request) -> Reply | str:
    """Russian or English, by word or by button."""
    if not request.argument:
        row = [Button(say(each, "language_name"), f"lang:{each}") for each in LANGUAGES]
        return Reply(request.say("language_ask"), [row])
    wanted: Language | None = next((each for each in LANGUAGES if each == request.argument.lower()[:2]), None)
    if wanted is None:
        raise UserError("language_bad", given=request.argument)
    request.tools.store.set_language(request.writer.id, wanted)
    return say(wanted, "language_set")


def settings(request: Request) -> Reply:
    """One set of buttons for everything; each press sets one thing, a second press the same; shows the result."""
    match request.argument:
        case "premium" | "ordinary" as model:
            _use_premium(request, model == "premium")
        case "remember":
            request.tools.store.set_memory(request.topic.chat_id, min(MEMORY_AT_ONCE, request.tools.config.context_cap))
        case "memory_off":
            request.tools.store.set_memory(request.topic.chat_id, 0)
        case "prompt":
            reset_prompt(request)
        case "ru" | "en" as wanted:
            request.tools.store.set_language(request.writer.id, wanted)
            return _settings(request, wanted)
        case "close":
            return Reply(request.say("closed"))
    return _settings(request, request.language)


def _settings(request: Request, language: Language) -> Reply:
    now = _conversation(request)
    text = say(
        language,
        "settings",
        model=choice.model(request.tools, now).name,
        memory=dialogue.memory(language, now.memory),
        spoken=say(language, "language_name"),
        prompt=brief(_prompt(request, now)),
    )
    other = choice.model(request.tools, now, not now.premium).name
    return Reply(text, _settings_rows(language, now, other))


def _settings_rows(language: Language, now: Conversation, other_model: str) -> Rows:
    memory = "button_memory_off" if now.memory else "button_memory_on"
    rows = [
        [
            Button(
                say(language, "button_model", model=other_model), f"settings:{'ordinary' if now.premium else 'premium'}"
            )
        ],
        [Button(say(language, memory), "settings:memory_off" if now.memory else "settings:remember")],
        [Button(say(language, "button_language"), f"settings:{'en' if language == 'ru' else 'ru'}")],
    ]
    if now.prompt:
        rows.append([Button(say(language, "button_reset_prompt"), "settings:prompt")])
    return [*rows, [Button(say(language, "button_close"), "settings:close")]]


def _conversation(request: Request) -> Conversation:
    return request.tools.store.conversation(request.topic)


def _prompt(request: Request, conversation: Conversation) -> str:
    return conversation.prompt or request.tools.config.system_prompt
