"""Wallets: what they hold, what is missing, what was used."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "balance": Words("Ваш счёт:", "Your wallet:"),
    "balance_ordinary": Words(
        "• {balance:токен|токена|токенов} — обычная модель {model}, примерно {answers:ответ|ответа|ответов}",
        "• {balance:token|tokens} for the ordinary model {model}, about {answers:answer|answers}",
    ),
    "balance_ordinary_low": Words(
        "• {balance:токен|токена|токенов} — обычная модель {model}",
        "• {balance:token|tokens} for the ordinary model {model}",
    ),
    "balance_premium": Words(
        "• {balance:токен|токена|токенов} — премиум-модель {model}, фото и голос, примерно {answers:ответ|ответа|"
        "ответов} или {minutes:минута|минуты|минут} голоса",
        "• {balance:token|tokens} for the premium model {model}, photos and voice, about {answers:answer|answers} or "
        "{minutes:minute|minutes} of voice",
    ),
    "balance_premium_low": Words(
        "• {balance:токен|токена|токенов} — премиум-модель {model}, фото и голос",
        "• {balance:token|tokens} for the premium model {model}, photos and voice",
    ),
    "balance_images": Words(
        "• {images:картинка|картинки|картинок} — рисует /img", "• {images:picture|pictures} drawn by /img"
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
