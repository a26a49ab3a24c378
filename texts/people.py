"""Coming and going: registration, invitations, deletion."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "welcome": Words(
        "Здравствуйте, {name}! Пишите, говорите, присылайте фото и документы: я отвечу.\n\n"
        "На вашем счету {balance:токен|токена|токенов}. Их тратят вопросы и ответы; остаток покажет /balance.\n"
        "Что я умею: /help",
        "Hello, {name}! Write, speak, send photos and documents: I answer.\n\n"
        "You have {balance:token|tokens}. Questions and answers use them up; /balance shows what is left.\n"
        "What I can do: /help",
    ),
    "welcome_free": Words(
        "Здравствуйте, {name}! Пишите, говорите, присылайте фото и документы: я отвечу.\nЧто я умею: /help",
        "Hello, {name}! Write, speak, send photos and documents: I answer.\nWhat I can do: /help",
    ),
    "welcome_back": Words(
        "С возвращением, {name}! На вашем счету {balance:токен|токена|токенов}. Что я умею: /help",
        "Welcome back, {name}! You have {balance:token|tokens}. What I can do: /help",
    ),
    "welcome_bonus": Words(
        "За приглашение вам уже добавлено {bonus:токен|токена|токенов}.",
        "Your invitation has already added {bonus:token|tokens}.",
    ),
    "admin_new_user": Words("Новый пользователь: {name} (id {id}).", "New user: {name} (id {id})."),
    "admin_new_invited": Words(
        "Новый пользователь: {name} (id {id}), по приглашению: {referrer}.",
        "New user: {name} (id {id}), invited by {referrer}.",
    ),
    "invitation": Words(
        "Чтобы начать, нажмите кнопку.",
        "To begin, press the button.",
    ),
    "invitation_group": Words(
        "{name}, сначала начните разговор со мной в личном чате.",
        "{name}, first start a private chat with me.",
    ),
    "button_start": Words("Начать", "Start"),
    "not_admitted": Words(
        "Этот бот принимает только тех, кого пригласили.", "This bot only takes in people who were invited."
    ),
    "banned": Words("Вам закрыт доступ к боту.", "You have been blocked from this bot."),
    "delete_admin": Words(
        "Администратора стереть нельзя: сначала уберите его из ADMIN_CHAT_ID.",
        "An admin can't be erased: take them out of ADMIN_CHAT_ID first.",
    ),
    "delete_ask": Words(
        "Стереть всё, что я о вас храню? Исчезнут счета (на обычном {balance:токен|токена|токенов}), промпт, диалоги "
        "здесь и ваши слова в диалогах групп, статистика. Вернуть это будет нельзя.",
        "Erase everything I keep about you? Gone will be your wallets ({balance:token|tokens} in the ordinary one), "
        "prompt, dialogues here and your words in the dialogues of groups, statistics. This can't be undone.",
    ),
    "delete_ask_free": Words(
        "Стереть всё, что я о вас храню? Исчезнут промпт, диалоги здесь и ваши слова в диалогах групп, статистика. "
        "Вернуть это будет нельзя.",
        "Erase everything I keep about you? Gone will be your prompt, dialogues here and your words in the dialogues "
        "of groups, statistics. This can't be undone.",
    ),
    "button_delete": Words("Стереть", "Erase"),
    "button_cancel": Words("Отмена", "Cancel"),
    "delete_cancelled": Words("Ничего не стёрто.", "Nothing was erased."),
    "deleted_kept": Words(
        "Вопросы и ответы, которые хранил провайдер модели, удаляются там сейчас, а пока он недоступен — снова и "
        "снова; чего удалить не удалось, он забывает сам: OpenAI за 30 дней.",
        "Questions and answers that the model's provider kept are being deleted there now, and again and again while "
        "it can't be reached; what could not be deleted it forgets by itself: OpenAI within 30 days.",
    ),
    "deleted": Words(
        "Стёрто: ваша запись и счета, промпт, диалоги здесь и ваши слова в диалогах групп, ваш номер и имя в журнале "
        "и в книге операций.\n\nОстаётся: отпечаток номера, по которому его не узнать, чтобы вернувшийся не получил "
        "стартовый баланс и бонусы второй раз; номера платежей, если они были, для возврата денег; ежедневные копии "
        "данных, они исчезнут за {days:день|дня|дней}; файлы, которые владелец отложил при переезде или "
        "починке, и то, что бот уже написал ему: заметки и ваши обращения. "
        "Сообщения в этом чате стирает сам Telegram: удалите чат.",
        "Erased: your record and wallets, prompt, dialogues here and your words in the dialogues of groups, your id "
        "and name in the journal and the ledger.\n\nWhat stays: a keyed hash that does not tell your id, so that "
        "who comes back gets no second start balance and no bonus; the ids of payments, if there were any, for "
        "refunds; daily copies of the data, gone within {days:day|days}; files the owner set aside when moving or "
        "mending, and what the bot has written to them: notes, and what you sent by /feedback. "
        "Messages in this chat are Telegram's: delete the chat there.",
    ),
}
