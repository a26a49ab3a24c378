"""What is kept about a person."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "privacy": Words(
        "Что хранится\nИмя, @username и id в Telegram; счета, сколько и чего вы израсходовали, платежи; ваши "
        "настройки. Слова диалога и то, где у Telegram лежат его последние файлы, — только если включена память, "
        "и до /new. Последний вопрос (и ответ, если он прерван) — для кнопок под ним, до следующего или до /new. Само "
        "сообщение — до ответа и ещё несколько минут; то, на котором бот сломался, — пока владелец не "
        "разберётся.\n\n"
        "Где и сколько\nНа машине владельца бота, пока вы не сотрёте это сами: /delete_me. Ежедневные копии исчезают "
        "за {days:день|дня|дней}.\n\n"
        "Кто это видит\nВладелец бота. Тот, чья модель отвечает ({providers}), получает вопрос, промпт, то из диалога, "
        "что бот помнит, голос, картинки и документы — чтобы ответить. Telegram доставляет сообщения. Больше никто.",
        "What is kept\nYour name, @username and id in Telegram; wallets, how much of what you used, payments; your "
        "settings. The words of a dialogue, and where Telegram has its last files, only with memory on, until /new. "
        "The last question (and its answer if that was cut), for the buttons under it, until the next one or /new. A "
        "message itself until it is answered and some minutes more; one that broke the bot until the owner has looked "
        "into it.\n\n"
        "Where and how long\nOn the machine of the bot's owner until you erase it: /delete_me. Daily copies are gone "
        "within {days:day|days}.\n\n"
        "Who sees it\nThe bot's owner. Whoever runs the model ({providers}) gets the question, the prompt, what the "
        "bot remembers of the dialogue, voice, pictures and documents, in order to answer. Telegram delivers messages. "
        "Nobody else.",
    ),
    "privacy_pictures": Words(
        "Нарисованная картинка хранится файлом, чтобы её можно было получить без потерь: выдаётся сутки, стирается не "
        "позже двух. Где у Telegram лежат картинки, которые вы меняли, помнится о последних двадцати.",
        "A drawn picture is kept as a file, so that you can have it without losses: given out for a day, deleted "
        "within two. Where Telegram has the pictures you had changed is remembered of the last twenty.",
    ),
    "privacy_shown": Words(
        "Нарисованные картинки видит и владелец бота: он включил их показ у себя.",
        "The bot's owner sees the drawn pictures, too: they are shown to them.",
    ),
    "privacy_files": Words(
        "PDF лежит у того, чья модель его читает, не дольше дня; бот удаляет его там раньше: /new, /delete_me.",
        "A PDF stays with whoever runs the model that reads it for a day at most; the bot deletes it there sooner: "
        "/new, /delete_me.",
    ),
    "privacy_kept": Words(
        "Пока включена память, вопросы с ответами хранит и тот, чья модель отвечает: диалог продолжается с них. Бот "
        "удаляет их там, когда диалог забыт (/new, /delete_context, /delete_me) или идёт дальше без них. Чего удалить "
        "не удалось, например после сбоя, провайдер забывает сам: OpenAI за 30 дней.",
        "While memory is on, whoever runs the model keeps questions and answers, too: the dialogue goes on from them. "
        "The bot deletes them there when the dialogue is forgotten (/new, /delete_context, /delete_me) or goes on "
        "without them. What could not be deleted, for instance after a crash, the provider forgets by itself: OpenAI "
        "within 30 days.",
    ),
    "privacy_log": Words(
        "В журнале бота нет ни слов, ни имён: когда, сколько и во что обошлось, чат под условным именем.",
        "The bot's log holds neither words nor names: when, how much, at what cost, the chat by a made-up name.",
    ),
    "privacy_debug": Words(
        "Сейчас включён отладочный журнал: в нём могут быть и слова сообщений.",
        "The debugging log is on now: it may hold the words of messages, too.",
    ),
    "data_menu": Words("Что делать с вашими данными?", "What shall be done about your data?"),
    "button_privacy": Words("Что хранится", "What is kept"),
    "button_mydata": Words("Мои данные файлом", "My data as a file"),
    "button_delete_me": Words("Стереть меня", "Erase me"),
    "mydata_caption": Words(
        "Всё, что о вас хранится: запись, диалоги, ваши слова в группах, книга операций.",
        "Everything kept about you: the record, dialogues, your words in groups, the ledger.",
    ),
    "mydata_unreachable": Words(
        "Файл уйдёт только в личный чат: сначала напишите мне, @{username}.",
        "The file goes to a private chat only: write to me first, @{username}.",
    ),
    "sent_in_private": Words("Отправлено вам в личный чат.", "Sent to you in private."),
}
