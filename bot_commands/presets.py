"""Ready prompts, chosen by buttons."""

from bot_commands.guard import brief
from bot_commands.request import Reply, Request, UserError
from telegram_io import Button

A_ROW = 2  # buttons side by side


def preset(request: Request) -> Reply | str:
    """Choose a ready prompt, or the default; a press names it, one without a name shows the list."""
    if request.argument and request.incoming.kind == "button":
        return _chosen(request)
    now = request.tools.store.conversation(request.topic).prompt
    buttons = []
    for key, each in request.tools.presets.items():
        worded = each.worded(request.language)
        label = f"✓ {worded.name}" if worded.prompt == now else worded.name
        buttons.append(Button(label, f"preset:{key}"))
    default = request.say("button_no_preset")
    buttons.append(Button(default if now else f"✓ {default}", "/reset_prompt"))
    rows = [buttons[start : start + A_ROW] for start in range(0, len(buttons), A_ROW)]
    return Reply(request.say("preset_ask"), [*rows, [Button(request.say("button_keep"), "keep")]])


def _chosen(request: Request) -> str:
    chosen = request.tools.presets.get(request.argument)
    if chosen is None:
        raise UserError("preset_gone")
    worded = chosen.worded(request.language)
    request.tools.store.set_prompt(request.topic.chat_id, worded.prompt)
    return request.say("preset_set", name=worded.name, prompt=brief(worded.prompt))
