"""Questions, answers, and how they fail."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "question_missing": Words(
        "А вопрос? Напишите его в одном сообщении с упоминанием, или упомяните меня в ответе на чужое сообщение.",
        "What is the question? Write it in one message with the mention, or mention me in a reply to a message.",
    ),
    "thinking": Words("Думаю…", "Thinking…"),
    "thinking_long": Words("Думаю… {seconds} с", "Thinking… {seconds} s"),
    "searching": Words("Ищу в сети…", "Searching the web…"),
    "searching_long": Words("Ищу в сети… {seconds} с", "Searching the web… {seconds} s"),
    "button_stop": Words("Остановить", "Stop"),
    "button_retry": Words("Повторить", "Retry"),
    "button_again": Words("Ещё раз", "Again"),
    "button_continue": Words("Продолжить", "Continue"),
    "button_edited": Words("Ответить на исправленный вопрос", "Answer the edited question"),
    "go_on": Words(
        "Продолжай ровно с того места, где ответ оборвался: без вступления и без повторов.",
        "Go on exactly where the answer broke off: no introduction, nothing repeated.",
    ),
    "stopping": Words("Останавливаю…", "Stopping…"),
    "nothing_to_stop": Words("Останавливать уже нечего.", "There is nothing to stop any more."),
    "not_yours": Words("Эта кнопка не ваша.", "This button is not yours."),
    "used_up": Words("Эта кнопка больше не действует.", "This button does not work any more."),
    "stopped": Words("Ответ остановлен.", "Answer stopped."),
    "stopped_before": Words(
        "Остановлено до первого слова, ничего не списано.", "Stopped before the first word, nothing charged."
    ),
    "stopped_before_heard": Words(
        "Остановлено до первого слова, списано только за распознавание голоса.",
        "Stopped before the first word, only the listening was charged.",
    ),
    "cut_length": Words("Ответ прерван: достигнут предел длины.", "Answer cut: it reached the longest length allowed."),
    "cut_window": Words(
        "Ответ прерван: больше в модель {model} не помещается. Короче вопрос — длиннее ответ.",
        "Answer cut: no more fits into {model}. A shorter question leaves more room for the answer.",
    ),
    "cut_wallet": Words(
        "Ответ прерван: на счету хватило только на {tokens:токен|токена|токенов}.",
        "Answer cut: the wallet had enough for {tokens:token|tokens} only.",
    ),
    "answered_instead": Words(
        "Ответила {model}: {instead_of} сейчас недоступна.", "Answered by {model}: {instead_of} is not available now."
    ),
    "cut_broken": Words("Ответ оборвался на середине.", "The answer broke off in the middle."),
    "cut_filtered": Words("Дальше ответ закрыл фильтр провайдера.", "The provider's filter withheld the rest."),
    "refused": Words("Модель отказалась отвечать на это.", "The model declined to answer this."),
    "queue_full": Words(
        "Уже ждут {waiting:сообщение|сообщения|сообщений}: это я не взял. Пришлите его ещё раз после ответа.",
        "{waiting:message is|messages are} waiting already: I did not take this one. Send it again after the answer.",
    ),
    "fail_auth": Words(
        "Бот сейчас не может обратиться к модели. Вы ни при чём, администратор уже знает.",
        "The bot can't reach its model right now. It is not your fault, the admin has been told.",
    ),
    "fail_quota": Words(
        "У бота закончились средства у провайдера. Вы ни при чём, администратор уже знает.",
        "The bot has run out of credit with its provider. It is not your fault, the admin has been told.",
    ),
    "fail_busy": Words("Модель перегружена. Повторите чуть позже.", "The model is overloaded. Try again in a moment."),
    "fail_stalled": Words("Модель не ответила вовремя.", "The model did not answer in time."),
    "fail_network": Words("Нет связи с моделью.", "There is no connection to the model."),
    "fail_too_long": Words(
        "Вопрос и то, что было сказано раньше, не помещаются в модель даже укороченными. Начните заново: /new.",
        "The question and what was said before do not fit into the model, even shortened. Begin anew: /new.",
    ),
    "question_too_long": Words(
        "Вопрос слишком длинный: около {tokens:токена|токенов|токенов}, а {model} вместе с ответом принимает "
        "до {limit}. Сократите его или выберите другую модель: /model",
        "The question is too long: about {tokens:token|tokens}, and {model} takes up to {limit} beside an answer. "
        "Shorten it, or choose another model: /model",
    ),
    "dialogue_lost": Words(
        "Вопрос с ответом длиннее памяти ({memory:символ|символа|символов}), диалог начнётся заново. Чтобы спросить "
        "о них, ответьте на это сообщение; больше памяти: /extended_context",
        "Question and answer are longer than my memory ({memory:character|characters}), the dialogue begins anew. "
        "Reply to this message to ask about them; more memory: /extended_context",
    ),
    "dialogue_full": Words(
        "Диалог занял больше 80 % того, что помещается в модель {model}. Когда место кончится, я перестану брать "
        "с собой самое старое. Начать заново: /new",
        "This dialogue fills more than 80 % of what {model} has room for. When it is full, I will leave out what is "
        "oldest. To begin anew: /new",
    ),
    "fail_filtered": Words("Провайдер отказался отвечать на это.", "The provider declined to answer this."),
    "fail_no_model": Words(
        "Модель {model} больше не обслуживается. Администратор уже знает.",
        "The model {model} is no longer served. The admin has been told.",
    ),
    "fail_broken": Words("Ответ модели пришёл повреждённым.", "The model's answer arrived broken."),
    "fail_empty": Words("Модель вернула пустой ответ.", "The model returned an empty answer."),
    "fail_thought_too_long": Words(
        "Модель думала так долго, что на слова ответа не осталось места. Спросите проще или по частям.",
        "The model thought for so long that no room was left for the words of its answer. Ask more simply or in parts.",
    ),
    "fail_leaving": Words(
        "Бот перезапускается и ответит, когда вернётся.", "The bot is restarting and will answer when it is back."
    ),
    "not_charged": Words("Ничего не списано.", "Nothing was charged."),
    "only_heard_charged": Words("Списано только за распознавание голоса.", "Only the listening was charged."),
    "error": Words(
        "Что-то сломалось, но ничего не потеряно. Если повторится, назовите администратору номер {reference}.",
        "Something broke, but nothing is lost. If it happens again, give the admin this number: {reference}.",
    ),
    "maybe_again": Words(
        "(Отправлено ещё раз: после сбоя неясно, дошло ли.)",
        "(Sent again: after a crash it is unclear whether it arrived.)",
    ),
    "stale": Words(
        "Сообщение пролежало без ответа {hours:час|часа|часов}: меня не было. Напишите снова, если ответ ещё нужен.",
        "This message lay unanswered for {hours:hour|hours}: I was away. Write again if you still need an answer.",
    ),
    "storage_failed": Words(
        "Сейчас не получается сохранить данные, поэтому ничего не изменено. Попробуйте позже.",
        "Nothing can be saved right now, so nothing was changed. Try again later.",
    ),
}
