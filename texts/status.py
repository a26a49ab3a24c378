"""How the bot is, and what the providers serve: for the owner."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "status": Words(
        "Работает: {days:день|дня|дней} {hours}:{minutes}\nПользователей: {users}\n"
        "Отвечаю в {running:чате|чатах|чатах}, {waiting:сообщение ждёт|сообщения ждут|сообщений ждут}\n"
        "Ошибок за час: {errors}\nСегодня потрачено: {cost}, бюджет {budget}\n"
        "Данные: {size} МБ, на диске свободно {free} МБ\n\n"
        "Бот {version}, Python {python}, pyTelegramBotAPI {telebot}, openai {openai}",
        "Up: {days:day|days} {hours}:{minutes}\nUsers: {users}\n"
        "Answering in {running:chat|chats}, {waiting:message waits|messages wait}\n"
        "Errors in the last hour: {errors}\nSpent today: {cost}, budget {budget}\n"
        "Data: {size} MB, {free} MB free on the disk\n\n"
        "Bot {version}, Python {python}, pyTelegramBotAPI {telebot}, openai {openai}",
    ),
    "status_together": Words(
        "Работают вместе {processes:процесс|процесса|процессов}, "
        "в общей очереди {updates:сообщение|сообщения|сообщений}",
        "{processes:process works|processes work} together, {updates:message|messages} in the queue of all",
    ),
    "status_no_budget": Words("не ограничен", "without a bound"),
    "models_heading": Words("Модели бота", "The bot's models"),
    "models_line": Words(
        "{model} — {wallet}, окно {window}, {until}",
        "{model} — {wallet}, window {window}, {until}",
    ),
    "models_served": Words("обслуживается", "served"),
    "models_until": Words("до {day}", "until {day}"),
    "models_gone": Words("больше не обслуживается", "not served any more"),
    "models_unasked": Words("неизвестно", "unknown"),
    "models_unknown": Words("Провайдер не ответил: {reason}.", "The provider did not tell: {reason}."),
    "models_refused": Words("ключ не принят", "the key is refused"),
    "models_away": Words("нет связи", "no connection"),
    "models_others": Words(
        "{text}\n\nПровайдер обслуживает и другие (добавить: MODELS_FILE): {names}",
        "{text}\n\nServed besides (to add one: MODELS_FILE): {names}",
    ),
    "models_more_rows": Words("… и ещё {others:модель|модели|моделей}", "… and {others:more model|more models}"),
    "models_more": Words(" и ещё {others}", " and {others} more"),
    "can_pictures": Words("картинки", "pictures"),
    "can_files": Words("файлы", "files"),
    "can_search": Words("поиск", "search"),
    "can_effort": Words("рассуждение", "reasoning"),
    "can_temperature": Words("температура", "temperature"),
    "no_fallback": Words("ничего", "nothing"),
    "button_models": Words("Список моделей", "List of models"),
    "admin_model_gone": Words(
        "Модель {model} больше не обслуживается, вместо неё: {instead}.",
        "The model {model} is not served any more, in its place: {instead}.",
    ),
    "admin_model_fails": Words(
        "Модель {model} не ответила: {reason}. На этот вопрос ответила {instead}.",
        "The model {model} did not answer: {reason}. {instead} took that question.",
    ),
    "reason_busy": Words("она перегружена", "it is overloaded"),
    "reason_stalled": Words("она долго молчала", "it was silent for too long"),
    "reason_network": Words("с ней нет связи", "there is no connection to it"),
    "reason_broken": Words("её ответ пришёл повреждённым", "its answer arrived broken"),
    "reason_empty": Words("она вернула пустой ответ", "it returned an empty answer"),
    "admin_model_ends": Words(
        "Модель {model} обслуживается до {day} (ещё {days:день|дня|дней}), затем — {instead}.",
        "The model {model} is served until {day} ({days:day|days} from now), then in its place: {instead}.",
    ),
}
