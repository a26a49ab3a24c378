"""Telegram Stars: what is sold, what was paid, what was given back."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "topup": Words(
        "Что купить за звёзды Telegram? Зачислю сразу после оплаты.",
        "What shall it be for Telegram Stars? It is added as soon as it is paid.",
    ),
    "topup_none": Words(
        "Здесь ничего не продаётся. Пополнить счёт может администратор: попросите его через /ask_favor или /feedback.",
        "Nothing is sold here. The admin can add to your wallet: ask with /ask_favor or /feedback.",
    ),
    "button_package": Words("{what} — ⭐ {stars}", "{what} — ⭐ {stars}"),
    "package_balance": Words("{amount:токен|токена|токенов}", "{amount:token|tokens}"),
    "package_premium_balance": Words(
        "{amount:премиум-токен|премиум-токена|премиум-токенов}", "{amount:premium token|premium tokens}"
    ),
    "package_image_balance": Words("{amount:картинка|картинки|картинок}", "{amount:picture|pictures}"),
    "package_gone": Words(
        "Такого пакета больше нет. Что есть сейчас: /topup", "There is no such package any more. What there is: /topup"
    ),
    "topup_cancelled": Words("Ничего не куплено.", "Nothing was bought."),
    "invoice_description": Words(
        "{what} на ваш счёт, сразу после оплаты. Помощь с платежом: /paysupport",
        "{what} for your wallet, added as soon as it is paid. Help with a payment: /paysupport",
    ),
    "invoice_sent": Words(
        "{what} за ⭐ {stars}: кнопка оплаты ниже. Другой пакет: /topup",
        "{what} for ⭐ {stars}: the button to pay is below. Another package: /topup",
    ),
    "checkout_unknown": Words("Сначала откройте счёт: /start", "First open a wallet: /start"),
    "checkout_foreign": Words(
        "Эта покупка не ваша. Свою начните командой /topup", "This invoice is not yours. /topup makes one for you"
    ),
    "paid": Words(
        "Спасибо! Зачислено: {what}. На счету «{wallet}» теперь {balance}.",
        "Thank you! Added: {what}. Your {wallet} wallet now holds {balance}.",
    ),
    "paid_unassigned": Words(
        "Звёзды пришли, но этот платёж ни к чему не подошёл, и зачислить его сам я не могу. Администратор уже знает: "
        "он зачислит или вернёт. Номер платежа:\n{charge}",
        "Your Stars have come, but they fit nothing that is sold, so I can't add anything by myself. The admin has "
        "been told and will add it or give it back. The payment's id:\n{charge}",
    ),
    "paid_back": Words(
        "Платёж возвращён: ⭐ {stars}. Со счёта снято: {what}.",
        "Your payment was given back: ⭐ {stars}. Taken from your wallet: {what}.",
    ),
    "paid_back_only": Words("Платёж возвращён: ⭐ {stars}.", "Your payment was given back: ⭐ {stars}."),
    "paysupport": Words(
        "Помощь с платежом: напишите /feedback, что случилось, и номер платежа. Ответит администратор этого бота, "
        "он же может вернуть звёзды. Поддержка Telegram с платежами этому боту не поможет.",
        "Help with a payment: write /feedback with what happened and the payment's id. The admin of this bot answers "
        "and can give the Stars back. Telegram's own support can't help with payments to this bot.",
    ),
    "paysupport_payments": Words("Ваши последние платежи:", "Your last payments:"),
    "paysupport_none": Words("Платежей от вас пока не было.", "You have not paid anything yet."),
    "payment_line": Words("{time} · ⭐ {stars} · {what}\n{charge}", "{time} · ⭐ {stars} · {what}\n{charge}"),
    "payment_refunded": Words("возвращён", "given back"),
    "payment_unassigned": Words("ждёт администратора", "waits for the admin"),
    "refund_usage": Words(
        "Какой платёж вернуть: /refund и его номер. Он стоит в сообщении о продаже и в /paysupport покупателя.",
        "Which payment to give back: /refund and its id, as in the note of the sale and the buyer's /paysupport.",
    ),
    "refund_unknown": Words(
        "Платежа {charge} нет ни у меня, ни в Telegram.", "Neither I nor Telegram know a payment {charge}."
    ),
    "refund_refused": Words(
        "Telegram не возвращает этот платёж: {reason}. Ничего не изменено.",
        "Telegram does not give this payment back: {reason}. Nothing was changed.",
    ),
    "refund_done": Words(
        "Возвращено ⭐ {stars} (id {id}). Со счёта снято: {what}.",
        "⭐ {stars} given back (id {id}). Taken from the wallet: {what}.",
    ),
    "refund_done_only": Words("Возвращено ⭐ {stars} (id {id}).", "⭐ {stars} given back (id {id})."),
    "admin_sold": Words(
        "Продано: {what} за ⭐ {stars}, {name} (id {id}).\nНомер платежа: {charge}",
        "Sold: {what} for ⭐ {stars}, {name} (id {id}).\nThe payment's id: {charge}",
    ),
    "admin_unassigned": Words(
        "Платёж ни к чему не подошёл, ничего не зачислено: {amount} {currency}, {name} (id {id}).\n"
        "Зачислить: /refill, вернуть звёзды: /refund {charge}",
        "A payment fits nothing that is sold, nothing was added: {amount} {currency}, {name} (id {id}).\n"
        "To add something: /refill, to give it back: /refund {charge}",
    ),
    "admin_differences": Words(
        "Список платежей Telegram расходится с моим.", "Telegram's list of payments differs from mine."
    ),
    "admin_missing": Words(
        "Оплачено, но не зачислено (сообщение об оплате не дошло): ⭐ {stars}, id {id}, {time}.\n"
        "Зачислить: /refill, вернуть: /refund {charge}",
        "Paid and not added (the message about it never came): ⭐ {stars}, id {id}, {time}.\n"
        "To add something: /refill, to give it back: /refund {charge}",
    ),
    "admin_returned": Words(
        "Возвращено через Telegram, но не снято со счёта: ⭐ {stars}, id {id}.\nСнять: /refund {charge}",
        "Given back by Telegram and not taken from the wallet: ⭐ {stars}, id {id}.\nTo take it: /refund {charge}",
    ),
}
