"""Wallets: what they hold, what is missing, what was used."""

from texts.words import Words

TEXTS: dict[str, Words] = {
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
    "budget_spent": Words(
        "На сегодня у бота закончились средства на ответы. Завтра он снова ответит; ваш счёт не тронут.",
        "The bot has used up what it may spend on answers today. It answers again tomorrow; your wallet is untouched.",
    ),
}
