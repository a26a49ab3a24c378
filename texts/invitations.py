"""Invitations: a person's own link, what it brings, the words to pass it on with."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "ref_link": Words("Ваша ссылка-приглашение:\n{link}", "Your invitation link:\n{link}"),
    "ref_brief": Words("{name} приглашает: {link}", "{name} invites you: {link}"),
    "ref_bonus": Words(
        "Кто впервые придёт по ней, получит {bonus:токен|токена|токенов}, и вы столько же (награды вам — до {limit} в "
        "день).",
        "Whoever comes by it for the first time gets {bonus:token|tokens}, and so do you (up to {limit} rewards a day "
        "for you).",
    ),
    "ref_invited_only": Words(
        "Без приглашения этот бот никого не принимает.", "Without an invitation this bot takes nobody in."
    ),
    "ref_listed_only": Words(
        "Войти сможет только тот, кого владелец бота внёс в список.",
        "Only those whom the bot's owner has put on a list can come in.",
    ),
    "ref_brought": Words(
        "По вашей ссылке пришли: {invited:человек|человека|человек}.",
        "So far {invited:person has|people have} come by your link.",
    ),
    "ref_earned": Words("Заработано: {earned:токен|токена|токенов}.", "Earned: {earned:token|tokens}."),
    "button_share": Words("Поделиться", "Share"),
    "share": Words("Мой помощник в Telegram: спросите его о чём угодно.", "My assistant in Telegram: ask it anything."),
    "share_bonus": Words(
        "Мой помощник в Telegram: спросите его о чём угодно. По этой ссылке он даёт {bonus:токен|токена|токенов} в "
        "подарок.",
        "My assistant in Telegram: ask it anything. This link gives you {bonus:token|tokens} as a present.",
    ),
    "invited_someone": Words(
        "{name} теперь с нами по вашей ссылке. Вам добавлено {bonus:токен|токена|токенов}.",
        "{name} joined by your link. {bonus:token|tokens} added to your wallet.",
    ),
    "invited_someone_free": Words("{name} теперь с нами по вашей ссылке.", "{name} joined by your link."),
}
