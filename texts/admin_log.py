"""The lines of the owner's log: figures, never what was said."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "log_who": Words("{name} (id {id})", "{name} (id {id})"),
    "log_tokens": Words("{tokens:токен|токена|токенов}", "{tokens:token|tokens}"),
    "log_pictures": Words("{pictures:картинка|картинки|картинок}", "{pictures:picture|pictures}"),
    "log_heard": Words("{heard} с голоса", "{heard} s of voice"),
    "log_took": Words("за {took} с", "in {took} s"),
    "log_left": Words("осталось {balance} / {premium} / {images}", "left {balance} / {premium} / {images}"),
    "log_price_unknown": Words("цена неизвестна", "price unknown"),
    "log_price_partly": Words(
        "{usd} и {unpriced:запрос|запроса|запросов} с неизвестной ценой",
        "{usd} and {unpriced:request|requests} of unknown price",
    ),
    "log_premium": Words("премиум", "premium"),
    "log_voice": Words("голос", "voice"),
    "log_picture": Words("картинка", "picture"),
    "log_context": Words("контекст", "context"),
    "log_group": Words("группа", "group"),
    "log_more": Words(
        "… и ещё {requests:запрос|запроса|запросов}: {tokens:токен|токена|токенов}, {usd}",
        "… and {requests:more request|more requests}: {tokens:token|tokens}, {usd}",
    ),
    "log_hour": Words(
        "За час: {requests:запрос|запроса|запросов}, {tokens:токен|токена|токенов}, {usd}",
        "In this hour: {requests:request|requests}, {tokens:token|tokens}, {usd}",
    ),
}
