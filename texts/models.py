"""Who answers, with which prompt, and how much fits."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "model_ask": Words(
        "Здесь отвечает {model}: счёт — {wallet}, окно — {window:токен|токена|токенов}. Кто будет отвечать?",
        "{model} answers here: {wallet} wallet, a window of {window:token|tokens}. Who shall answer?",
    ),
    "model_ask_free": Words(
        "Здесь отвечает {model}, окно — {window:токен|токена|токенов}. Кто будет отвечать?",
        "{model} answers here, with a window of {window:token|tokens}. Who shall answer?",
    ),
    "button_premium_model": Words("{model} · премиум", "{model} · premium"),
    "button_keep": Words("Оставить как есть", "Leave it as it is"),
    "kept": Words("Оставлено как есть.", "Left as it is."),
    "model_gone": Words(
        "Этой модели в списке больше нет. Список сейчас: /model", "This model is not on the list any more: see /model"
    ),
    "pro_usage": Words(
        "Один вопрос премиум-модели: /{command} и вопрос. Или ответьте на любое сообщение командой /{command}",
        "One question to the premium model: /{command} and the question. Or reply to any message with /{command}",
    ),
    "setmodel_ask": Words(
        "Для всех, кто не выбрал модель сам: обычная {model}, премиум {premium_model}. Какую поставить?",
        "For everybody who has chosen none: ordinary {model}, premium {premium_model}. Which one shall it be?",
    ),
    "system_set": Words(
        "Системный промпт изменён, сказанное раньше забыто ({messages:сообщение|сообщения|сообщений}). "
        "Вернуть исходный промпт: /reset_prompt",
        "System prompt changed, what was said before is forgotten ({messages:message|messages}). "
        "Back to the default prompt: /reset_prompt",
    ),
    "preset_ask": Words("В каком стиле отвечать?", "In which style shall I answer?"),
    "preset_set": Words(
        "Стиль теперь — {name}:\n\n{prompt}\n\nВернуть исходный промпт: /reset_prompt",
        "The style is now: {name}\n\n{prompt}\n\nBack to the default prompt: /reset_prompt",
    ),
    "button_no_preset": Words("Исходный", "Default"),
    "preset_gone": Words(
        "Этого промпта в списке больше нет. Список сейчас: /preset", "This prompt is not on the list any more: /preset"
    ),
    "tokens": Words(
        "Диалог занимает около {used:токена|токенов|токенов} из {room}, что помещаются в {model} рядом с ответом: "
        "{percent}\u00a0%.",
        "This dialogue takes about {used:token|tokens} of the {room} that {model} has room for beside an answer: "
        "{percent}%.",
    ),
    "tokens_remembered": Words(
        "Помню {turns:вопрос с ответом|вопроса с ответами|вопросов с ответами}.",
        "I remember {turns:question with its answer|questions with their answers}.",
    ),
    "memory_empty": Words("Память включена, но в ней пока пусто.", "Memory is on, but there is nothing in it yet."),
    "tokens_alone": Words(
        "Память выключена: каждый вопрос сам по себе, только ответ на сообщение берёт с собой сказанное до него.",
        "Memory is off: each question stands alone, only a reply takes along what was said before it.",
    ),
    "tokens_left_out": Words(
        "Самые старые не помещаются и не идут с вопросом: {turns}. Они вернутся с моделью побольше: /model",
        "The oldest do not fit and stay out: {turns}. They are back with a larger model: /model",
    ),
    "picture_along": Words(
        "Последняя картинка идёт с вопросами ещё {turns:раз|раза|раз}.",
        "The last picture goes along with {turns:more question|more questions}.",
    ),
    "files_along": Words(
        "Последние файлы идут с вопросами ещё {turns:раз|раза|раз}.",
        "The last files go along with {turns:more question|more questions}.",
    ),
    "document_along": Words(
        "Последний документ идёт с вопросами ещё {turns:раз|раза|раз}.",
        "The last document goes along with {turns:more question|more questions}.",
    ),
    "info_topic": Words(
        "История здесь — только этой темы; модель, промпт и размер памяти — всего чата.",
        "The history here is this topic's own; model, prompt and size of memory are the whole chat's.",
    ),
    "info": Words(
        "Версия {version}\nМодель: {model}\nПремиум-модель: {premium_model}\n\n"
        "В этом чате отвечает {active}.\nПамять: {memory}, сейчас {messages:сообщение|сообщения|сообщений}, "
        "{size:символ|символа|символов}.\nНачало диалога: {began}\nПромпт: {prompt}",
        "Version {version}\nModel: {model}\nPremium model: {premium_model}\n\n"
        "In this chat {active} answers.\nMemory: {memory}, {messages:message|messages} in it now, "
        "{size:character|characters}.\nBegan: {began}\nPrompt: {prompt}",
    ),
    "button_as_file": Words("Диалог файлом", "The dialogue as a file"),
    "dialogue_empty": Words("Диалог пуст: записывать нечего.", "The dialogue is empty: nothing to write down."),
    "sessions": Words(
        "Помню {dialogues:диалог|диалога|диалогов}, всего {characters:символ|символа|символов}.",
        "I remember {dialogues:dialogue|dialogues}, {characters:character|characters} in all.",
    ),
    "sessions_none": Words(
        "Ни одного диалога я не помню. Включить память: /extended_context",
        "I remember no dialogue. To turn memory on: /extended_context",
    ),
    "sessions_line": Words(
        "{where} — {messages:сообщение|сообщения|сообщений}, {characters:символ|символа|символов}",
        "{where} — {messages:message|messages}, {characters:character|characters}",
    ),
    "sessions_here": Words("этот чат", "this chat"),
    "sessions_person": Words("{name} (id {id})", "{name} (id {id})"),
    "sessions_group": Words("группа {id}", "group {id}"),
    "sessions_topic": Words("{where}, тема {topic}", "{where}, topic {topic}"),
    "sessions_more": Words("… и ещё {others:диалог|диалога|диалогов}", "… and {others:more dialogue|more dialogues}"),
    "web_on": Words(
        "Поиск включён: {model} ищет в интернете, когда это нужно, и называет источники.",
        "Search is on: {model} searches the web where that helps, and names its sources.",
    ),
    "web_on_elsewhere": Words(
        "Поиск включён, но {model} искать не умеет. Умеют: {able}. Выбрать: /model",
        "Search is on, but {model} can't search. These can: {able}. To choose: /model",
    ),
    "web_off": Words("Поиск выключен: модель отвечает по памяти.", "Search is off: the model answers from memory."),
    "web_nowhere": Words("Искать в интернете ни одна модель здесь не умеет.", "No model here can search the web."),
    "button_web_on": Words("Включить поиск", "Turn search on"),
    "button_web_off": Words("Выключить поиск", "Turn search off"),
}
