"""Help and the refusals of the gate."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "help": Words(
        "Разговор\nПросто напишите вопрос, скажите его голосом или пришлите фото. "
        "Ответьте на моё сообщение, чтобы продолжить его тему.\n"
        "/new — новый диалог · /extended_context — помнить диалог · /img — нарисовать картинку\n\n"
        "Модель и стиль\n/switch — обычная или премиум-модель · /prompt — системный промпт · /settings — всё сразу\n\n"
        "Счёт\n/balance — сколько осталось · /stats — сколько потрачено\n\n"
        "В группах\nУпомяните меня или ответьте на моё сообщение.",
        "Talking\nJust write your question, say it, or send a photo. Reply to one of my messages to go on with it.\n"
        "/new — a new dialogue · /extended_context — remember the dialogue · /img — draw a picture\n\n"
        "Model and style\n/switch — ordinary or premium model · /prompt — system prompt · /settings — all at once\n\n"
        "Wallet\n/balance — what is left · /stats — what was used\n\n"
        "In groups\nMention me or reply to one of my messages.",
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
    "group_admins_only": Words("Это решают администраторы группы.", "The admins of this group decide that."),
    "added_to_group": Words(
        "Здравствуйте! Чтобы позвать меня, упомяните @{username} или ответьте на моё сообщение.",
        "Hello! To call me, mention @{username} or reply to one of my messages.",
    ),
    "key_draw": Words("Нарисовать", "Draw"),
    "key_new": Words("Новый диалог", "New dialogue"),
    "key_usage": Words("Статистика", "Usage"),
    "key_help": Words("Помощь", "Help"),
    "key_costs": Words("Затраты", "Costs"),
    "key_announce": Words("Объявление", "Announce"),
    "key_balance": Words("Счёт", "Balance"),
    "keyboard_renewed": Words("Кнопки внизу теперь по-русски.", "The buttons below are in English now."),
    "cancelled": Words("Отменено.", "Cancelled."),
    "nothing_to_cancel": Words("Отменять нечего.", "There is nothing to cancel."),
}
