"""Favours and feedback: what people ask of the admins."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "favor_enough": Words(
        "Просить ещё рано: на вашем счету {balance:токен|токена|токенов}. Можно, когда останется не больше {limit}.",
        "It is too early to ask: you have {balance:token|tokens}. You may when no more than {limit} are left.",
    ),
    "favor_waiting": Words(
        "Ваша просьба уже у администратора: подождите ответа.", "Your request is with the admin already: please wait."
    ),
    "favor_sent": Words(
        "Просьба передана администратору. Я напишу, что он решит.",
        "Your request has gone to the admin. I will tell you what they decide.",
    ),
    "admins_unreached": Words(
        "До администратора не достучаться: он ещё не открыл бота.", "No admin can be reached: none has started the bot."
    ),
    "admin_favor": Words(
        "{name} (id {id}, {username}) просит токены.\n\nОбычный счёт: {balance}\nПремиум: {premium}\n"
        "Картинки: {images}",
        "{name} (id {id}, {username}) asks for tokens.\n\nOrdinary wallet: {balance}\nPremium: {premium}\n"
        "Pictures: {images}",
    ),
    "button_favor_yes": Words("Да, +{amount}", "Yes, +{amount}"),
    "button_favor_no": Words("Нет", "No"),
    "admin_favor_granted": Words(
        "Просьба о токенах, {name} (id {id}). {admin}: да, +{amount}.",
        "{name} (id {id}) asked for tokens. {admin}: yes, +{amount}.",
    ),
    "admin_favor_denied": Words(
        "Просьба о токенах, {name} (id {id}). {admin}: нет.", "{name} (id {id}) asked for tokens. {admin}: no."
    ),
    "favor_granted": Words(
        "Администратор добавил вам {amount:токен|токена|токенов}. Теперь на счету {balance}.",
        "The admin gave you {amount:token|tokens}. Your wallet holds {balance} now.",
    ),
    "favor_denied": Words("Администратор отказал в просьбе о токенах.", "The admin declined your request for tokens."),
    "feedback_ask": Words(
        "Что передать администратору? Напишите одним сообщением.",
        "What shall I tell the admin? Write it in one message.",
    ),
    "feedback_only_text": Words(
        "Передать могу только текст. Напишите его или отмените: /cancel",
        "I can pass on text only. Write it, or /cancel",
    ),
    "feedback_too_long": Words(
        "Отзыв слишком длинный: поместится {limit:знак|знака|знаков}. Пришлите его по частям.",
        "Your feedback is too long: {limit:character|characters} fit. Please send it in parts.",
    ),
    "feedback_sent": Words("Передано администратору. Спасибо!", "Passed on to the admin. Thank you!"),
    "admin_feedback": Words(
        "Отзыв: {name} (id {id}, {username}). Ответьте на это сообщение, и я передам.\n\n{text}",
        "Feedback: {name} (id {id}, {username}). Reply to this message to answer.\n\n{text}",
    ),
    "button_reward": Words("Наградить: +{amount}", "Reward: +{amount}"),
    "admin_rewarded": Words(
        "Награда за отзыв: {name} (id {id}), +{amount}. Решение: {admin}.",
        "A reward for feedback: {name} (id {id}), +{amount}. Decided by {admin}.",
    ),
    "feedback_rewarded": Words(
        "Администратор наградил вас за отзыв: +{amount:токен|токена|токенов}. Теперь на счету {balance}.",
        "The admin rewards your feedback with {amount:token|tokens}. Your wallet holds {balance} now.",
    ),
    "admins_answer": Words("Администратор отвечает:\n\n{text}", "The admin answers:\n\n{text}"),
    "admins_answer_sent": Words("Ответ передан: {name} (id {id}).", "Your answer has reached {name} (id {id})."),
    "admins_answer_lost": Words(
        "Ответ не передан: {name} (id {id}) не принимает сообщений бота.",
        "Your answer was not delivered: {name} (id {id}) takes no messages from the bot.",
    ),
}
