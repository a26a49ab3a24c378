"""The owner's desk and the notes to the admin."""

from texts.words import Words

TEXTS: dict[str, Words] = {
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
    "button_card": Words("Карточка: {name}", "Card: {name}"),
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
    "admin_upgraded": Words(
        "Данные приняты от прежней версии бота. Файл, каким он был, лежит рядом {days:день|дня|дней}: {file}.",
        "The data of an earlier version was taken on. The file as it was lies beside for {days:day|days}: {file}.",
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
    "admin_alert_other_webhook": Words(
        "Кто-то задал для этого бота вебхук: обновления уходят туда. Остановите ту программу и перезапустите эту.",
        "Somebody has set a webhook for this bot: updates go there. Stop that program and start this one again.",
    ),
    "admin_alert_webhook_gone": Words(
        "Другая программа с ключом этого бота сняла его вебхук. Я задал его снова; остановите ту программу.",
        "Another program with this bot's key has taken its webhook away. I have set it again; stop that program.",
    ),
    "admin_alert_webhook_refused": Words(
        "Telegram не принимает вебхук, причина в журнале. Проверьте WEBHOOK_URL; пробую снова каждую минуту.",
        "Telegram refuses the webhook; the log says why. See to WEBHOOK_URL; I try again every minute.",
    ),
    "admin_alert_webhook_fails": Words(
        "Telegram не может доставить обновления на WEBHOOK_URL, причина в журнале. Проверьте прокси перед ботом.",
        "Telegram can't deliver updates to WEBHOOK_URL; the log says why. See to the proxy in front of the bot.",
    ),
    "admin_budget_80": Words(
        "Потрачено 80 % дневного бюджета: {spent} из {budget} (BUDGET_USD_PER_DAY).",
        "80 % of the day's budget is spent: {spent} of {budget} (BUDGET_USD_PER_DAY).",
    ),
    "admin_budget_100": Words(
        "Дневной бюджет исчерпан: {spent} из {budget}. Платные ответы пользователям остановлены до полуночи; поднять "
        "его: BUDGET_USD_PER_DAY.",
        "The day's budget is used up: {spent} of {budget}. Paid answers to users have stopped until midnight; to "
        "raise it: BUDGET_USD_PER_DAY.",
    ),
    "admin_budget_refused": Words(
        "Кому-то отказано: остаток дневного бюджета {budget} потрачен или уже занят начатыми ответами.",
        "Somebody was refused: what was left of the day's budget of {budget} is spent or taken by answers under way.",
    ),
}
