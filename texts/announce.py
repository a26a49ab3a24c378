"""Announcements: whom they are for, the preview, the progress, the report."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "announce_usage": Words(
        "Кому разослать?\n"
        "• /announce all — всем, кто начал разговор с ботом\n"
        "• /announce req10 — у кого от 10 запросов\n"
        "• /announce bal1000 — у кого на обычном счету от 1000 токенов\n"
        "• /announce test — только мне, для проверки\n"
        "• /announce @alice 102 -100123456 — этим людям и группам: id и имена через пробел",
        "Who is it for?\n"
        "• /announce all: everybody who has started the bot\n"
        "• /announce req10: those with 10 requests or more\n"
        "• /announce bal1000: those with 1000 tokens or more in the ordinary wallet\n"
        "• /announce test: only me, to try it\n"
        "• /announce @alice 102 -100123456: these people and groups, ids and names with spaces between",
    ),
    "button_announce_all": Words("Всем ({receivers})", "Everybody ({receivers})"),
    "button_announce_test": Words("Только мне", "Only me"),
    "announce_unknown": Words(
        "Не знаю таких: {who}. Нужны id или @username тех, кто начал разговор с ботом, или id групп, где он состоит.",
        "I don't know: {who}. It takes ids or @usernames of those who have started the bot, or ids of its groups.",
    ),
    "announce_nobody": Words(
        "Под «{target}» сейчас никто не подходит: разослать некому.",
        'Nobody fits "{target}" at the moment: there is no one to send it to.',
    ),
    "announce_ask": Words(
        "{receivers:получатель|получателя|получателей}. Пришлите сообщение для рассылки: текст с оформлением, "
        "фото, голос — любое, но одно.",
        "{receivers:receiver|receivers}. Send me the message: formatted text, a photo, a voice, anything, but one.",
    ),
    "announce_album": Words(
        "Альбом — это несколько сообщений, а разослать можно одно. Пришлите одно фото или видео.",
        "An album is several messages, and an announcement is one. Send a single photo or video.",
    ),
    "announce_not_copied": Words(
        "Такое сообщение Telegram разослать не даёт. Пришлите другое.",
        "Telegram does not let this kind of message be sent on. Send another one.",
    ),
    "announce_confirm": Words(
        "Выше — сообщение точно таким, каким его получат: {receivers:получатель|получателя|получателей}. Отправить?",
        "Above is the very message as it will arrive: {receivers:receiver|receivers}. Send it?",
    ),
    "button_send": Words("Отправить", "Send"),
    "announce_cancelled": Words("Рассылка отменена.", "The announcement is cancelled."),
    "announce_left": Words(
        "Эта рассылка уже отправлена или оставлена. Начать новую: /announce",
        "This announcement was sent already, or left. To begin a new one: /announce",
    ),
    "announce_progress": Words(
        "Рассылка: {done} из {total}\nДоставлено: {delivered} · бот заблокирован: {blocked} · не принято: {failed}",
        "Sending: {done} of {total}\nDelivered: {delivered} · bot blocked: {blocked} · not accepted: {failed}",
    ),
    "button_stop_announcement": Words("Остановить рассылку", "Stop sending"),
    "announce_paused": Words(
        "Рассылка прервана на {done} из {total}: бот остановлен. После запуска он продолжит её сам.",
        "Paused at {done} of {total}: the bot has stopped. It goes on by itself when it is started again.",
    ),
    "announce_goes_on": Words(
        "Бот перезапущен и продолжает рассылку: готово {done} из {total}.",
        "The bot was restarted and goes on with the announcement: {done} of {total} are done.",
    ),
    "announce_ended": Words("Рассылка закончена: {done} из {total}.", "The announcement is over: {done} of {total}."),
    "announce_report": Words(
        "Рассылка закончена.\nДоставлено: {delivered}\nБот заблокирован или удалён: {blocked}\nНе принято: {failed}",
        "The announcement is done.\nDelivered: {delivered}\nBot blocked or removed: {blocked}\nNot accepted: {failed}",
    ),
    "announce_report_stopped": Words(
        "Рассылка остановлена.\nДоставлено: {delivered}\nБот заблокирован или удалён: {blocked}\n"
        "Не принято: {failed}\nНе отправлено: {left}",
        "The announcement was stopped.\nDelivered: {delivered}\nBot blocked or removed: {blocked}\n"
        "Not accepted: {failed}\nNot sent: {left}",
    ),
    "announce_report_gone": Words(
        "Рассылка прекращена: сообщение выше удалили, копировать больше нечего.\nДоставлено: {delivered}\n"
        "Бот заблокирован или удалён: {blocked}\nНе принято: {failed}\nНе отправлено: {left}",
        "The announcement has ended: its message above was deleted, there is nothing left to copy.\n"
        "Delivered: {delivered}\nBot blocked or removed: {blocked}\nNot accepted: {failed}\nNot sent: {left}",
    ),
    "announce_stopping": Words("Останавливаю.", "Stopping."),
    "announce_over": Words("Эта рассылка уже закончена.", "This announcement is over already."),
}
