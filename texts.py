"""Every sentence the bot says, Russian and English side by side; blanks in braces, plural forms by rule."""

from typing import Literal, NamedTuple

Language = Literal["ru", "en"]
LANGUAGES: tuple[Language, ...] = ("ru", "en")


class Words(NamedTuple):
    """One sentence in each language, with the same blanks."""

    ru: str
    en: str


class _Number(int):
    """A number as people read it: `{n}` groups digits, `{n:one|few|many}` adds the noun in the right form."""

    language: Language

    def __new__(cls, value: int, language: Language) -> "_Number":
        number = super().__new__(cls, value)
        number.language = language
        return number

    def __format__(self, forms: str) -> str:
        digits = f"{int(self):,}".replace(",", "\u00a0" if self.language == "ru" else ",")
        return f"{digits} {_form(int(self), forms.split('|'))}" if forms else digits


def _form(number: int, forms: list[str]) -> str:
    """The form of a noun after a number: two in English, three in Russian. https://www.unicode.org/cldr/charts/"""
    count = abs(number)
    if len(forms) == 2:
        return forms[0] if count == 1 else forms[1]
    if count % 10 == 1 and count % 100 != 11:
        return forms[0]
    return forms[1] if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14 else forms[2]


def say(language: Language, key: str, **blanks: object) -> str:
    """The sentence with its blanks filled; whole numbers are grouped and may choose a plural form."""
    words = TEXTS[key]
    filled = {
        name: _Number(value, language) if isinstance(value, int) and not isinstance(value, bool) else value
        for name, value in blanks.items()
    }
    return (words.ru if language == "ru" else words.en).format(**filled)


def guess(code: str | None) -> Language:
    """The language to begin with, from the `language_code` of a Telegram user (IETF tag)."""
    return "ru" if (code or "").split("-")[0].lower() in ("ru", "uk", "be", "kk", "ky", "uz", "tg") else "en"


TEXTS: dict[str, Words] = {
    # -- people
    "welcome": Words(
        "Здравствуйте, {name}! Я отвечаю на вопросы: просто напишите мне.\n\n"
        "На вашем счету {balance:токен|токена|токенов}. Их тратят вопросы и ответы; остаток покажет /balance.\n"
        "Что я умею: /help",
        "Hello, {name}! I answer questions: just write to me.\n\n"
        "You have {balance:token|tokens}. Questions and answers use them up; /balance shows what is left.\n"
        "What I can do: /help",
    ),
    "welcome_free": Words(
        "Здравствуйте, {name}! Я отвечаю на вопросы: просто напишите мне.\nЧто я умею: /help",
        "Hello, {name}! I answer questions: just write to me.\nWhat I can do: /help",
    ),
    "welcome_back": Words(
        "С возвращением, {name}! На вашем счету {balance:токен|токена|токенов}. Что я умею: /help",
        "Welcome back, {name}! You have {balance:token|tokens}. What I can do: /help",
    ),
    "welcome_bonus": Words(
        "За приглашение вам уже добавлено {bonus:токен|токена|токенов}.",
        "Your invitation has already added {bonus:token|tokens}.",
    ),
    "invited_someone": Words(
        "{name} теперь с нами по вашей ссылке. Вам добавлено {bonus:токен|токена|токенов}.",
        "{name} joined by your link. {bonus:token|tokens} added to your wallet.",
    ),
    "admin_new_user": Words("Новый пользователь: {name} (id {id}).", "New user: {name} (id {id})."),
    "admin_new_invited": Words(
        "Новый пользователь: {name} (id {id}), по приглашению {referrer}.",
        "New user: {name} (id {id}), invited by {referrer}.",
    ),
    "invitation": Words(
        "Чтобы начать, нажмите кнопку: она заведёт вам счёт с токенами.",
        "To begin, press the button: it opens a wallet with tokens for you.",
    ),
    "invitation_group": Words(
        "{name}, сначала откройте счёт у меня в личном чате.",
        "{name}, first open a wallet in a private chat with me.",
    ),
    "button_start": Words("Начать", "Start"),
    "not_admitted": Words(
        "Этот бот принимает только тех, кого пригласили.", "This bot only takes in people who were invited."
    ),
    "banned": Words("Вам закрыт доступ к боту.", "You have been blocked from this bot."),
    # -- wallets
    "balance": Words(
        "Ваш счёт:\n"
        "• {balance:токен|токена|токенов} — обычная модель {model}\n"
        "• {premium:токен|токена|токенов} — премиум-модель {premium_model}\n"
        "• {images:картинка|картинки|картинок}\n\n"
        "{means}",
        "Your wallet:\n"
        "• {balance:token|tokens} for the ordinary model {model}\n"
        "• {premium:token|tokens} for the premium model {premium_model}\n"
        "• {images:picture|pictures}\n\n"
        "{means}",
    ),
    "balance_means": Words(
        "Этого хватит примерно на {answers:ответ|ответа|ответов} обычной модели.",
        "That is enough for about {answers:answer|answers} of the ordinary model.",
    ),
    "balance_admin": Words(
        "Вы администратор: расход считается, но не списывается.",
        "You are an admin: your use is counted, never charged.",
    ),
    "balance_empty": Words(
        "Токены закончились. Пополнить счёт может администратор бота.",
        "You are out of tokens. The bot's admin can add some.",
    ),
    "balance_brief": Words(
        "{name}: {balance:токен|токена|токенов}, премиум {premium}.",
        "{name}: {balance:token|tokens}, premium {premium}.",
    ),
    "wallets_off": Words(
        "Счёт в этом боте не ведётся: пользуйтесь свободно.", "This bot charges nothing: use it freely."
    ),
    "empty_balance": Words(
        "Токенов на ответ не хватает: свободно {left}. Пополнить счёт может администратор бота.",
        "Not enough tokens for an answer: {left} left. The bot's admin can add some.",
    ),
    "empty_premium": Words(
        "Премиум-токенов на ответ не хватает: свободно {left}. Можно вернуться к обычной модели.",
        "Not enough premium tokens for an answer: {left} left. You can go back to the ordinary model.",
    ),
    "button_ordinary": Words("Вернуться к обычной модели", "Back to the ordinary model"),
    "stats": Words(
        "Запросов: {requests}\nТокенов обычной модели: {tokens}\nПремиум-токенов: {premium_tokens}\n"
        "Последний запрос: {last_request}\nПриглашение: {referrer}",
        "Requests: {requests}\nTokens of the ordinary model: {tokens}\nPremium tokens: {premium_tokens}\n"
        "Last request: {last_request}\nInvitation: {referrer}",
    ),
    "stats_invited_by": Words("от {name}", "by {name}"),
    "stats_not_invited": Words("пришли сами", "you came by yourself"),
    # -- settings
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
    "memory_on": Words(
        "Теперь я помню до {memory:символа|символов|символов} диалога. Другой размер:",
        "I now remember up to {memory:character|characters} of the dialogue. Another size:",
    ),
    "memory_off": Words(
        "Память диалога выключена: каждый вопрос сам по себе.", "Memory is off: each question stands alone."
    ),
    "memory_bad": Words(
        "Размер памяти «{given}» не подходит: нужно целое число от 0 до {limit}. Например: /ec 5000",
        'A memory of "{given}" will not do: it takes a whole number from 0 to {limit}. For example: /ec 5000',
    ),
    "button_size": Words("{memory}", "{memory}"),
    "button_off": Words("Выключить", "Turn off"),
    "context_deleted": Words(
        "История забыта ({messages:сообщение|сообщения|сообщений}), память выключена.",
        "History forgotten ({messages:message|messages}), memory off.",
    ),
    "new_dialogue": Words(
        "Новый диалог: сказанное раньше забыто ({messages:сообщение|сообщения|сообщений}).",
        "New dialogue: what was said before is forgotten ({messages:message|messages}).",
    ),
    "new_nothing": Words(
        "Новый диалог. Помнить было нечего: память выключена, включить — /extended_context",
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
    "language_name": Words("русский", "English"),
    "button_model": Words("Перейти на {model}", "Switch to {model}"),
    "button_memory_on": Words("Включить память", "Turn memory on"),
    "button_memory_off": Words("Выключить память", "Turn memory off"),
    "button_language": Words("English", "Русский"),
    "button_reset_prompt": Words("Исходный промпт", "Default prompt"),
    "button_close": Words("Закрыть", "Close"),
    "closed": Words("Настройки закрыты: /settings", "Settings closed: /settings"),
    "info": Words(
        "Версия {version}\nМодель: {model}\nПремиум-модель: {premium_model}\n\n"
        "В этом чате отвечает {active}.\nПамять: {memory}, сейчас {size:символ|символа|символов}.\nПромпт: {prompt}",
        "Version {version}\nModel: {model}\nPremium model: {premium_model}\n\n"
        "In this chat {active} answers.\nMemory: {memory}, {size:character|characters} in it now.\nPrompt: {prompt}",
    ),
    "button_forget": Words("Забыть диалог", "Forget the dialogue"),
    "button_all_commands": Words("Все команды", "All commands"),
    # -- help
    "help": Words(
        "Разговор\nПросто напишите вопрос. Ответьте на моё сообщение, чтобы продолжить его тему.\n"
        "/new — новый диалог · /extended_context — помнить диалог\n\n"
        "Модель и стиль\n/switch — обычная или премиум-модель · /prompt — системный промпт · /settings — всё сразу\n\n"
        "Счёт\n/balance — сколько осталось · /stats — сколько потрачено\n\n"
        "В группах\nУпомяните меня или ответьте на моё сообщение.",
        "Talking\nJust write your question. Reply to one of my messages to go on with it.\n"
        "/new — a new dialogue · /extended_context — remember the dialogue\n\n"
        "Model and style\n/switch — ordinary or premium model · /prompt — system prompt · /settings — all at once\n\n"
        "Wallet\n/balance — what is left · /stats — what was used\n\n"
        "In groups\nMention me or reply to one of my messages.",
    ),
    "commands_heading": Words("Все команды", "All commands"),
    "commands_admin_heading": Words("Для администратора", "For the admin"),
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
    # -- talking
    "thinking": Words("Думаю…", "Thinking…"),
    "thinking_long": Words("Думаю… {seconds} с", "Thinking… {seconds} s"),
    "button_stop": Words("Остановить", "Stop"),
    "button_retry": Words("Повторить", "Retry"),
    "stopping": Words("Останавливаю…", "Stopping…"),
    "nothing_to_stop": Words("Останавливать уже нечего.", "There is nothing to stop any more."),
    "not_yours": Words("Эта кнопка не ваша.", "This button is not yours."),
    "used_up": Words("Эта кнопка уже сработала.", "This button has already done its work."),
    "stopped": Words("Ответ остановлен.", "Answer stopped."),
    "stopped_before": Words(
        "Остановлено до первого слова, ничего не списано.", "Stopped before the first word, nothing charged."
    ),
    "cut_length": Words("Ответ прерван: достигнут предел длины.", "Answer cut: it reached the longest length allowed."),
    "cut_wallet": Words(
        "Ответ прерван: на счету хватило только на {tokens:токен|токена|токенов}.",
        "Answer cut: the wallet had enough for {tokens:token|tokens} only.",
    ),
    "cut_broken": Words("Ответ оборвался на середине.", "The answer broke off in the middle."),
    "cut_filtered": Words("Дальше ответ закрыл фильтр провайдера.", "The provider's filter withheld the rest."),
    "queue_full": Words(
        "Уже ждут {waiting:сообщение|сообщения|сообщений}: это я не взял. Пришлите его ещё раз после ответа.",
        "{waiting:message is|messages are} waiting already: I did not take this one. Send it again after the answer.",
    ),
    "only_text": Words("Пока я понимаю только текст.", "So far I understand text only."),
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
        "Вопрос вместе с историей не помещается в модель. Начните новый диалог: /new",
        "The question and its history do not fit into the model. Begin a new dialogue: /new",
    ),
    "fail_filtered": Words("Провайдер отказался отвечать на это.", "The provider declined to answer this."),
    "fail_no_model": Words(
        "Модель {model} больше не обслуживается. Администратор уже знает.",
        "The model {model} is no longer served. The admin has been told.",
    ),
    "fail_broken": Words("Ответ модели пришёл повреждённым.", "The model's answer arrived broken."),
    "fail_empty": Words("Модель вернула пустой ответ.", "The model returned an empty answer."),
    "fail_leaving": Words(
        "Бот перезапускается и ответит, когда вернётся.", "The bot is restarting and will answer when it is back."
    ),
    "not_charged": Words("Ничего не списано.", "Nothing was charged."),
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
    # -- admin
    "user_unknown": Words(
        "Пользователь «{who}» не найден: нужен id или @username того, кто уже начал разговор с ботом.",
        'User "{who}" is unknown: it takes an id or @username of somebody who has started the bot.',
    ),
    "refill_usage": Words(
        "Кому и сколько: /refill кто сколько [premium|image]\nНапример: /refill @alice 10k · /refill 102 -500 premium",
        "Whom and how much: /refill who amount [premium|image]\nExamples: /refill @alice 10k · /r 102 -500 premium",
    ),
    "refill_amount_bad": Words(
        "Количество «{given}» не подходит: нужно целое число, можно 10k или 1kk, до {limit}.",
        'An amount of "{given}" will not do: it takes a whole number, 10k or 1kk will do too, up to {limit}.',
    ),
    "refill_wallet_bad": Words(
        "Счёта «{given}» нет: premium (prem, p) или image (images, img, i), без слова — обычный.",
        'There is no wallet "{given}": premium (prem, p) or image (images, img, i), without a word the ordinary one.',
    ),
    "refilled": Words(
        "{name} (id {id}): {sign}{amount}, на счету «{wallet}» теперь {balance}.",
        "{name} (id {id}): {sign}{amount}, the {wallet} wallet now holds {balance}.",
    ),
    "refill_unnoticed": Words(
        "Сообщить об этом не удалось: бот у него заблокирован.", "They could not be told: they have blocked the bot."
    ),
    "gift": Words(
        "Администратор пополнил ваш счёт: +{amount} ({wallet}). Теперь на нём {balance}.",
        "The admin added {amount} to your wallet ({wallet}). It holds {balance} now.",
    ),
    "wallet_balance": Words("обычный", "ordinary"),
    "wallet_premium_balance": Words("премиум", "premium"),
    "wallet_image_balance": Words("картинки", "pictures"),
    "ban_usage": Words("Кого: /{command} id или @username", "Whom: /{command} id or @username"),
    "ban_admin": Words("Администратора заблокировать нельзя.", "An admin can't be blocked."),
    "ban_done": Words(
        "{name} (id {id}): доступ закрыт. Вернуть: /unban {id}",
        "{name} (id {id}) is blocked. To undo: /unban {id}",
    ),
    "ban_already": Words("{name} (id {id}): доступ уже закрыт.", "{name} (id {id}) is blocked already."),
    "unban_done": Words("{name} (id {id}): доступ снова открыт.", "{name} (id {id}) is let in again."),
    "unban_already": Words("{name} (id {id}): доступ и так открыт.", "{name} (id {id}) is not blocked."),
    "unbanned_notice": Words("Доступ к боту снова открыт.", "You can use the bot again."),
    "data_caption": Words("{users:пользователь|пользователя|пользователей}", "{users:user|users}"),
    "card": Words(
        "{name} (id {id}, {username})\n\nОбычный счёт: {balance}\nПремиум: {premium}\nКартинки: {images}\n"
        "Запросов: {requests}\nТокенов: {tokens}, премиум {premium_tokens}\nПоследний запрос: {last_request}\n"
        "Пригласил: {referrer}\nДоступ закрыт: {banned}",
        "{name} (id {id}, {username})\n\nOrdinary wallet: {balance}\nPremium: {premium}\nPictures: {images}\n"
        "Requests: {requests}\nTokens: {tokens}, premium {premium_tokens}\nLast request: {last_request}\n"
        "Invited by: {referrer}\nBlocked: {banned}",
    ),
    "delete_admin": Words(
        "Администратора стереть нельзя: сначала уберите его из ADMIN_CHAT_ID.",
        "An admin can't be erased: take them out of ADMIN_CHAT_ID first.",
    ),
    "delete_ask": Words(
        "Стереть всё, что я о вас храню? Исчезнут счета (на основном {balance:токен|токена|токенов}), промпт, диалоги "
        "здесь и ваши слова в диалогах групп, статистика. Вернуть это будет нельзя.",
        "Erase everything I keep about you? Gone will be your wallets ({balance:token|tokens} in the main one), prompt,"
        " dialogues here and your words in the dialogues of groups, statistics. This can't be undone.",
    ),
    "button_delete": Words("Стереть", "Erase"),
    "button_cancel": Words("Отмена", "Cancel"),
    "delete_cancelled": Words("Ничего не стёрто.", "Nothing was erased."),
    "deleted": Words(
        "Стёрто: ваша запись и счета, промпт, диалоги здесь и ваши слова в диалогах групп, ваш номер и имя в журнале "
        "и в книге операций.\n\nОстаётся: отпечаток номера, по которому его не узнать, чтобы вернувшийся не получил "
        "стартовый баланс и бонусы второй раз; номера платежей, если они были, для возврата денег; ежедневные копии "
        "данных, они исчезнут за {days:день|дня|дней}; файлы, которые владелец отложил при переезде или починке. "
        "Сообщения в этом чате стирает сам Telegram: удалите чат.",
        "Erased: your record and wallets, prompt, dialogues here and your words in the dialogues of groups, your id "
        "and name in the journal and the ledger.\n\nWhat stays: a keyed hash that does not tell your id, so that "
        "who comes back gets no second start balance and no bonus; the ids of payments, if there were any, for "
        "refunds; daily copies of the data, gone within {days:day|days}; files the owner set aside when moving or "
        "mending. Messages in this chat are Telegram's: delete the chat there.",
    ),
    "yes": Words("да", "yes"),
    "no": Words("нет", "no"),
    "nobody": Words("никто", "nobody"),
    "leaving": Words(
        "Останавливаюсь. Запустить снова можно только на машине.", "Stopping. Only the machine can start me again."
    ),
    "stop_earlier": Words(
        "Эта команда была для прежнего запуска, бот с тех пор перезапущен. Чтобы остановить его, пришлите /stop снова.",
        "That command was for an earlier run, the bot has been restarted since. To stop it, send /stop again.",
    ),
    "left": Words("Бот остановлен, всё сохранено.", "The bot has stopped, everything is saved."),
    "admin_alert_model": Words(
        "Модель {model} не отвечает: {reason}. Пользователям сказано, что они ни при чём.",
        "The model {model} fails: {reason}. Users were told it is not their fault.",
    ),
    "reason_auth": Words("ключ провайдера не принят", "the provider does not accept the key"),
    "reason_quota": Words("закончились средства у провайдера", "the credit with the provider is used up"),
    "reason_no_model": Words("такой модели больше нет", "there is no such model any more"),
    "admin_alert_storage": Words(
        "Файл данных не записывается: изменения не принимаются. Проверьте место на диске и права; причина в журнале.",
        "The data file can't be written: no change is accepted. See to disk space and permissions; the log says more.",
    ),
    "admin_alert_backup": Words(
        "Файл {file} был повреждён или исчез. Данные взяты из {backup} и журнала, ничего не потеряно.",
        "The file {file} was damaged or gone. The data was taken from {backup} and the journal, nothing is lost.",
    ),
    "admin_by_hand": Words(
        "Счета в {file} изменены вручную (пользователи: {users}). Изменения приняты и записаны в книгу операций.",
        "Wallets in {file} were changed by hand (users: {users}). The changes are accepted and stand in the ledger.",
    ),
    "admin_taken_over": Words(
        "Данные прежнего бота приняты: {users:пользователь|пользователя|пользователей}. Исходный файл рядом: {file}.",
        "The old bot's data was taken over: {users:user|users}. The original file lies beside: {file}.",
    ),
    "admin_alert_error": Words(
        "Ошибка {reference}: {kind}. Подробности в журнале.", "Error {reference}: {kind}. Details are in the log."
    ),
    "admin_alert_poison": Words(
        "Одно обновление Telegram отложено: его не удалось прочитать ({reference}).",
        "One update from Telegram was set aside: it could not be read ({reference}).",
    ),
    "admin_alert_conflict": Words(
        "Кто-то ещё опрашивает Telegram с ключом этого бота: пока он работает, ответы могут теряться.",
        "Somebody else polls Telegram with this bot's key: while they do, answers may get lost.",
    ),
    # -- keyboard
    "key_new": Words("Новый диалог", "New dialogue"),
    "key_balance": Words("Счёт", "Balance"),
    "key_help": Words("Помощь", "Help"),
}
