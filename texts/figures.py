"""Figures: what was used and what it cost."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "chart_title": Words("Расходы за {days:день|дня|дней}", "Cost of the last {days:day|days}"),
    "chart_requests": Words("{requests:запрос|запроса|запросов}", "{requests:request|requests}"),
    "chart_none": Words("в эти дни запросов не было", "no requests in these days"),
    "chart_unpriced": Words(
        "{requests:запрос|запроса|запросов}; {unpriced:обращение|обращения|обращений} с неизвестной ценой",
        "{requests:request|requests}; {unpriced:call|calls} of unknown price",
    ),
    "chart_other": Words("остальные", "the others"),
    "chart_daily": Words("Запросы по дням", "Requests by day"),
    # -- who
    "recent_usage": Words(
        "За сколько дней: /recent и число от 1 до {limit}. Например: /recent 7",
        "For how many days: /recent and a number from 1 to {limit}. For example: /recent 7",
    ),
    "recent": Words(
        "Активны за {days:день|дня|дней}: {users:пользователь|пользователя|пользователей}",
        "Active in the last {days:day|days}: {users:user|users}",
    ),
    "recent_line": Words(
        "{place}. {user}: {time}, {requests:запрос|запроса|запросов}",
        "{place}. {user}: {time}, {requests:request|requests}",
    ),
    "recent_nobody": Words(
        "За {days:день|дня|дней} никто не писал. Больше дней: /recent 30",
        "Nobody wrote in the last {days:day|days}. For more of them: /recent 30",
    ),
    "top_usage": Words(
        "Сколько и чего: /top n что, n от 1 до {limit}, в любом порядке.\n"
        "Что: requests, tokens, premium_tokens, balance, premium_balance, images, image_balance, favors, refs, cost, "
        "voice.\nНапример: /top 20 cost",
        "How many and of what: /top n what, n from 1 to {limit}, in any order.\n"
        "What: requests, tokens, premium_tokens, balance, premium_balance, images, image_balance, favors, refs, cost, "
        "voice.\nFor example: /top 20 cost",
    ),
    "top": Words("Больше всех: {measure}", "The most: {measure}"),
    "top_line": Words("{place}. {user}: {value}", "{place}. {user}: {value}"),
    "top_nobody": Words("Пока ни у кого.", "Nobody has any yet."),
    "left_out": Words("…и ещё {n}", "…and {n} more"),
    "measure_requests": Words("запросы", "requests"),
    "measure_tokens": Words("токены", "tokens"),
    "measure_premium_tokens": Words("премиум-токены", "premium tokens"),
    "measure_balance": Words("обычный счёт", "ordinary wallet"),
    "measure_premium_balance": Words("премиум-счёт", "premium wallet"),
    "measure_images": Words("картинки", "pictures"),
    "measure_image_balance": Words("счёт картинок", "picture wallet"),
    "measure_favors": Words("просьбы", "favours"),
    "measure_refs": Words("приглашения", "invitations"),
    "measure_cost": Words("стоимость", "cost"),
    "measure_voice": Words("голос", "voice"),
    # -- how much
    "number": Words("{n}", "{n}"),
    "amount_tokens": Words("{n:токен|токена|токенов}", "{n:token|tokens}"),
    "amount_pictures": Words("{n:картинка|картинки|картинок}", "{n:picture|pictures}"),
    "amount_minutes": Words("{minutes} мин {seconds} с", "{minutes} min {seconds} s"),
    "amount_seconds": Words("{seconds} с", "{seconds} s"),
    "cost_partly": Words(
        "{usd} и {unpriced:обращение|обращения|обращений} с неизвестной ценой",
        "{usd} and {unpriced:call|calls} of unknown price",
    ),
    "cost_unknown": Words("цена неизвестна", "price unknown"),
    # -- what it cost
    "stat": Words(
        "С самого начала\nПользователей: {users}\nЗапросов: {requests}\nТокенов: {tokens}\n"
        "Премиум-токенов: {premium_tokens}\nКартинок: {images}\nГолос: {voice}\nСтоимость: {cost}\n\n"
        "Сегодня: {today}\n7 дней: {week}\n30 дней: {month}",
        "Since the beginning\nUsers: {users}\nRequests: {requests}\nTokens: {tokens}\n"
        "Premium tokens: {premium_tokens}\nPictures: {images}\nVoice: {voice}\nCost: {cost}\n\n"
        "Today: {today}\n7 days: {week}\n30 days: {month}",
    ),
    "stat_counted_since": Words("{cost} (считается с {day})", "{cost} (counted since {day})"),
    "stat_today": Words("Сегодня: {cost}", "Today: {cost}"),
    "stat_days": Words("За {days:день|дня|дней}: {cost}", "Last {days:day|days}: {cost}"),
    "stat_all": Words("За всё время: {cost}", "All the time: {cost}"),
    "stat_by_day": Words("По дням", "By day"),
    "stat_by_week": Words("По неделям, начиная с", "By week, beginning"),
    "stat_by_month": Words("По месяцам", "By month"),
    "stat_by_model": Words("По моделям", "By model"),
    "stat_by_user": Words("Дороже всех", "The dearest users"),
    "stat_line": Words("• {name}: {cost}", "• {name}: {cost}"),
    "stat_model": Words("• {name}: {cost} ({used})", "• {name}: {cost} ({used})"),
    "stat_usage": Words(
        "За какое время: /stat day, week, month, all или число дней от 1 до {limit}.",
        "For which time: /stat day, week, month, all or a number of days from 1 to {limit}.",
    ),
    "stat_no_picture": Words(
        "Картинку за 30 дней нарисовать не удалось; причина в журнале.",
        "The picture of 30 days could not be drawn; the log says why.",
    ),
    "button_today": Words("Сегодня", "Today"),
    "button_week": Words("7 дней", "7 days"),
    "button_month": Words("30 дней", "30 days"),
    "button_all": Words("Всё время", "All"),
    # -- a user's own
    "stats": Words(
        "Запросов: {requests}\nТокенов обычной модели: {tokens}\nПремиум-токенов: {premium_tokens}\n"
        "Картинок: {images}\nГолос: {voice}\nПоследний запрос: {last_request}\n\n"
        "Кто вас пригласил: {referrer}\nКого пригласили вы: {invited}",
        "Requests: {requests}\nTokens of the ordinary model: {tokens}\nPremium tokens: {premium_tokens}\n"
        "Pictures: {images}\nVoice: {voice}\nLast request: {last_request}\n\n"
        "Who invited you: {referrer}\nWhom you invited: {invited}",
    ),
    "stats_not_invited": Words("никто, вы пришли сами", "nobody, you came by yourself"),
    "stats_nobody": Words("пока никого", "nobody yet"),
    "stats_month": Words("За этот месяц: {cost}", "This month: {cost}"),
    "stats_all": Words("За всё время: {cost}", "All the time: {cost}"),
}
