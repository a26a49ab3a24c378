"""Wallets: what they hold, what is missing, what was used."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "balance": Words(
        "Ваш счёт:\n"
        "• {balance:токен|токена|токенов} — обычная модель {model}\n"
        "• {premium:токен|токена|токенов} — премиум-модель {premium_model}, фото и голос\n"
        "• {images:картинка|картинки|картинок}\n\n"
        "{means}",
        "Your wallet:\n"
        "• {balance:token|tokens} for the ordinary model {model}\n"
        "• {premium:token|tokens} for the premium model {premium_model}, photos and voice\n"
        "• {images:picture|pictures}\n\n"
        "{means}",
    ),
    "balance_means": Words(
        "Этого хватит примерно на {answers:ответ|ответа|ответов} обычной модели, на {premium_answers:ответ|ответа|"
        "ответов} премиум-модели или {minutes:минуту|минуты|минут} голоса, на {images:картинку|картинки|картинок}.",
        "That is enough for about {answers:answer|answers} of the ordinary model, {premium_answers:answer|answers} of "
        "the premium model or {minutes:minute|minutes} of voice, {images:picture|pictures}.",
    ),
    "balance_admin": Words(
        "Вы администратор: расход считается, но не списывается.",
        "You are an admin: your use is counted, never charged.",
    ),
    "balance_brief": Words(
        "{name}: {balance:токен|токена|токенов}, премиум {premium}.",
        "{name}: {balance:token|tokens}, premium {premium}.",
    ),
    "wallets_off": Words(
        "Счёт в этом боте не ведётся: пользуйтесь свободно.", "This bot charges nothing: use it freely."
    ),
    "empty_balance": Words(
        "Токенов на ответ не хватает: свободно {left}. Пополнить счёт может и администратор бота.",
        "Not enough tokens for an answer: {left} left. The bot's admin can add some, too.",
    ),
    "empty_premium_balance": Words(
        "Премиум-токенов на это не хватает: свободно {left}. Пополнить счёт может и администратор бота.",
        "Not enough premium tokens for this: {left} left. The bot's admin can add some, too.",
    ),
    "empty_image_balance": Words(
        "Картинок на счету не хватает: свободно {left}. Пополнить счёт может и администратор бота.",
        "Not enough pictures in your wallet: {left} left. The bot's admin can add some, too.",
    ),
    "button_ordinary": Words("Вернуться к обычной модели", "Back to the ordinary model"),
    "button_premium": Words("Перейти на премиум-модель", "Go to the premium model"),
    "button_ask_favor": Words("Попросить у администратора", "Ask the admin"),
    "button_topup": Words("Пополнить за звёзды", "Top up with Stars"),
    "button_feedback": Words("Написать администратору", "Write to the admin"),
    "button_invite": Words("Пригласить друга", "Invite a friend"),
    "budget_spent": Words(
        "На сегодня у бота закончились средства на ответы. Завтра он снова ответит; ваш счёт не тронут.",
        "The bot has used up what it may spend on answers today. It answers again tomorrow; your wallet is untouched.",
    ),
}
