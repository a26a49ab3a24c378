"""How a conversation is answered: prompt, model, memory, language."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "prompt_shown": Words(
        "Системный промпт сейчас:\n\n{prompt}\n\nЗаменить: /prompt и новый текст. Вернуть исходный: /reset_prompt",
        "The system prompt now:\n\n{prompt}\n\nTo change it: /prompt and a new text. The default: /reset_prompt",
    ),
    "prompt_set": Words(
        "Системный промпт изменён. Вернуть исходный: /reset_prompt",
        "System prompt changed. Back to the default: /reset_prompt",
    ),
    "prompt_too_long": Words(
        "Промпт длиной {length:символ|символа|символов} не помещается: не больше {limit}. Сократите его.",
        "A prompt of {length:character|characters} does not fit: at most {limit}. Please shorten it.",
    ),
    "prompt_reset": Words("Системный промпт снова исходный.", "The system prompt is the default again."),
    "model_ordinary": Words(
        "Теперь отвечает обычная модель {model}, платит обычный счёт.",
        "The ordinary model {model} answers now, paid from the ordinary wallet.",
    ),
    "model_premium": Words(
        "Теперь отвечает премиум-модель {model}, платит премиум-счёт.",
        "The premium model {model} answers now, paid from the premium wallet.",
    ),
    "model_ordinary_free": Words("Теперь отвечает обычная модель {model}.", "The ordinary model {model} answers now."),
    "model_premium_free": Words("Теперь отвечает премиум-модель {model}.", "The premium model {model} answers now."),
    "memory_on": Words(
        "Теперь я помню до {memory:символа|символов|символов} диалога. Другой размер:",
        "I remember up to {memory:character|characters} of the dialogue now. Another size:",
    ),
    "memory_off": Words(
        "Память диалога выключена: каждый вопрос сам по себе. Сколько символов помнить:",
        "Memory is off: each question stands alone. How many characters to remember:",
    ),
    "memory_off_kept": Words(
        "Память диалога выключена: каждый вопрос сам по себе. Сказанное раньше ещё хранится "
        "({messages:сообщение|сообщения|сообщений}), забыть — /new. Сколько символов помнить:",
        "Memory is off: each question stands alone. What was said before is still kept "
        "({messages:message|messages}), /new forgets it. How many characters to remember:",
    ),
    "memory_bad": Words(
        "Размер памяти «{given}» не подходит: нужно целое число от 0 до {limit}. Например: /ec 5000",
        'A memory of "{given}" will not do: it takes a whole number from 0 to {limit}. For example: /ec 5000',
    ),
    "button_size": Words("{memory}", "{memory}"),
    "button_off": Words("Без памяти", "No memory"),
    "context_deleted": Words(
        "История забыта ({messages:сообщение|сообщения|сообщений}), память выключена.",
        "History forgotten ({messages:message|messages}), memory off.",
    ),
    "context_deleted_topics": Words(
        "История забыта во всех темах этого чата ({messages:сообщение|сообщения|сообщений}), память выключена.",
        "History forgotten in all topics of this chat ({messages:message|messages}), memory off.",
    ),
    "context_deleted_empty": Words(
        "Память выключена; забывать было нечего.", "Memory is off; there was nothing to forget."
    ),
    "new_dialogue": Words(
        "Новый диалог: сказанное раньше забыто ({messages:сообщение|сообщения|сообщений}).",
        "New dialogue: what was said before is forgotten ({messages:message|messages}).",
    ),
    "new_empty": Words(
        "Новый диалог: забывать было нечего, память включена.",
        "New dialogue: there was nothing to forget, memory is on.",
    ),
    "new_nothing": Words(
        "Новый диалог. Забывать было нечего: память выключена, включить — /extended_context",
        "New dialogue. There was nothing to forget: memory is off, /extended_context turns it on",
    ),
    "language_ask": Words("На каком языке говорить?", "Which language shall I speak?"),
    "language_bad": Words(
        "Языка «{given}» я не знаю: /language ru или /language en",
        'I do not know "{given}": /language ru or /language en',
    ),
    "language_set": Words("Теперь говорю по-русски.", "I speak English now."),
    "settings": Words(
        "Настройки\n\nМодель: {model}\nПамять: {memory}\nЯзык: {spoken}\nПромпт: {prompt}",
        "Settings\n\nModel: {model}\nMemory: {memory}\nLanguage: {spoken}\nPrompt: {prompt}",
    ),
    "settings_memory_off": Words("выключена", "off"),
    "settings_memory_on": Words("{memory:символ|символа|символов}", "{memory:character|characters}"),
    "settings_web_on": Words("Поиск в интернете: включён", "Web search: on"),
    "settings_web_off": Words("Поиск в интернете: выключен", "Web search: off"),
    "language_name": Words("русский", "English"),
    "button_model": Words("Модель", "Model"),
    "button_style": Words("Стиль", "Style"),
    "button_memory": Words("Память", "Memory"),
    "button_language": Words("Язык", "Language"),
    "button_web": Words("Поиск в интернете", "Web search"),
    "button_data": Words("Мои данные", "My data"),
    "button_back": Words("Назад", "Back"),
    "button_close": Words("Закрыть", "Close"),
    "closed": Words("Настройки закрыты. Открыть снова: /settings", "Settings closed. To open them again: /settings"),
    "button_forget": Words("Забыть диалог", "Forget the dialogue"),
    "button_all_commands": Words("Все команды", "All commands"),
}
