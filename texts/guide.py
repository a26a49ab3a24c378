"""Help and the refusals of the gate."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "help": Words(
        "Разговор\nПишите, говорите, присылайте фото и документы. Ответьте на сообщение, чтобы спросить о нём.\n"
        "/new — новый диалог · /extended_context — помнить диалог\n\n"
        "Модель и картинки\n/img — нарисовать или изменить · /pro — один вопрос премиум-модели\n"
        "/switch — обычная модель или премиум · /settings — все настройки\n\n"
        "{account}\n\n"
        "В группах\n{calls}",
        "Talking\nWrite, speak, send photos and documents. Reply to a message to ask about it.\n"
        "/new — a new dialogue · /extended_context — remember the dialogue\n\n"
        "Model and pictures\n/img — draw or change · /pro — one question to the premium model\n"
        "/switch — ordinary or premium model · /settings — all settings\n\n"
        "{account}\n\n"
        "In groups\n{calls}",
    ),
    "help_calls": Words(
        "Упомяните меня или ответьте на моё сообщение.",
        "Mention me or reply to one of my messages.",
    ),
    "help_calls_all": Words(
        "Упомяните меня, ответьте мне или начните ответ кому угодно с //.",
        "Mention me, reply to me, or begin a reply to anybody with //.",
    ),
    "help_wallet": Words(
        "Счёт\n/balance — сколько осталось · /stats — сколько потрачено · /ref — пригласить друга",
        "Wallet\n/balance — what is left · /stats — what was used · /ref — invite a friend",
    ),
    "help_usage": Words(
        "Расход\n/stats — сколько потрачено · /ref — пригласить друга",
        "Usage\n/stats — what was used · /ref — invite a friend",
    ),
    "button_admin_commands": Words("Команды администратора", "The admin's commands"),
    "subject_talk": Words("Разговор", "Talking"),
    "subject_style": Words("Модель и стиль", "Model and style"),
    "subject_files": Words("Голос, картинки, файлы", "Voice, pictures, files"),
    "subject_wallet": Words("Счёт", "Wallet"),
    "subject_me": Words("Мои данные", "My data"),
    "subject_bot": Words("Бот", "The bot"),
    "subject_people": Words("Люди", "People"),
    "argument_amount": Words("сколько", "amount"),
    "argument_charge": Words("платёж", "charge"),
    "argument_days": Words("дней", "days"),
    "argument_target": Words("кому", "target"),
    "argument_text": Words("текст", "text"),
    "argument_what": Words("чего", "what"),
    "argument_who": Words("кто", "who"),
    "also": Words("также", "also"),
    "command_unknown": Words(
        "Команды /{command} у меня нет. Похожие: {close}", "I have no command /{command}. Close ones: {close}"
    ),
    "command_unknown_help": Words(
        "Команды /{command} у меня нет. Все команды: /help", "I have no command /{command}. All commands: /help"
    ),
    "command_private": Words(
        "Эта команда работает в личном чате со мной.", "This command works in a private chat with me."
    ),
    "button_private": Words("Открыть личный чат", "Open the private chat"),
    "group_admins_only": Words("Это решают администраторы группы.", "The admins of this group decide that."),
    "added_to_group": Words(
        "Здравствуйте! Чтобы позвать меня, упомяните @{username} или ответьте на моё сообщение.",
        "Hello! To call me, mention @{username} or reply to one of my messages.",
    ),
    "added_to_group_all": Words(
        "Здравствуйте! Чтобы позвать меня, упомяните @{username}, ответьте мне или начните ответ кому угодно с //.",
        "Hello! To call me, mention @{username}, reply to me, or begin a reply to anybody with //.",
    ),
    "write_as_oneself": Words(
        "Мне не видно, кто спрашивает. Чтобы я ответил, напишите от своего имени, а не от имени группы или канала.",
        "I can't see who is asking. To get an answer, write in your own name, not in that of a group or channel.",
    ),
    "too_fast": Words(
        "Слишком быстро: уже {waiting:сообщение ждёт|сообщения ждут|сообщений ждут}. "
        "Что придёт, пока я их не разберу, я не возьму.",
        "Too fast: {waiting:message is|messages are} waiting already. "
        "What comes before I have worked them off I do not take.",
    ),
    "key_draw": Words("Нарисовать", "Draw"),
    "key_new": Words("Новый диалог", "New dialogue"),
    "key_usage": Words("Статистика", "Usage"),
    "key_help": Words("Помощь", "Help"),
    "key_costs": Words("Затраты", "Costs"),
    "key_announce": Words("Рассылка", "Announce"),
    "key_balance": Words("Счёт", "Balance"),
    "keyboard_renewed": Words("Кнопки внизу теперь по-русски.", "The buttons below are in English now."),
    "cancelled": Words("Отменено.", "Cancelled."),
    "nothing_to_cancel": Words("Отменять нечего.", "There is nothing to cancel."),
}
