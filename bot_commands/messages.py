"""The table of kinds of messages for docs/messages.md, printed by `python -m bot_commands.messages`."""

from collections.abc import Iterator
from typing import NamedTuple

from bot_commands.kinds import KINDS
from bot_commands.tables import in_language, table_row, write
from texts import LANGUAGES, Language, Words

HEADINGS = Words("Что бот делает с сообщениями", "What the bot does with messages")
INTRODUCTION = Words(
    "Таблицы сделаны из кода: `make commands`. Поле — так вид сообщения называется у Telegram "
    "([Message](https://core.telegram.org/bots/api#message)). В группах бот отвечает лишь тем, кто к нему обращается.",
    "These tables are made from the code: `make commands`. The field is what Telegram calls a kind of messages "
    "([Message](https://core.telegram.org/bots/api#message)). In groups the bot answers only who speaks to it.",
)
COLUMNS = Words("Сообщение | Поле | Что делает бот", "Message | Field | What the bot does")
SERVICE_HEADING = Words("Служебные сообщения", "Service messages")
NAMES = {
    "text": Words("Текст", "Text"),
    "rich_message": Words("Текст с таблицами и формулами", "Text with tables and formulas"),
    "voice": Words("Голосовое сообщение", "Voice message"),
    "audio": Words("Аудио", "Audio"),
    "video_note": Words("Видеосообщение в кружке", "Round video message"),
    "photo": Words("Фото, альбом", "Photo, album"),
    "live_photo": Words("живое фото", "live photo"),
    "sticker": Words("Стикер", "Sticker"),
    "contact": Words("Контакт", "Contact"),
    "location": Words("Место на карте", "Place on the map"),
    "venue": Words("Заведение на карте", "Venue"),
    "poll": Words("Опрос", "Poll"),
    "dice": Words("Кубик и другие броски", "Dice and other throws"),
    "checklist": Words("Список дел", "Checklist"),
    "game": Words("Игра", "Game"),
    "invoice": Words("Счёт на оплату", "Invoice"),
    "document": Words("Документ, файл", "Document, file"),
    "video": Words("Видео", "Video"),
    "animation": Words("GIF-анимация", "GIF animation"),
    "story": Words("История", "Story"),
    "paid_media": Words("Платные фото и видео", "Paid photos and videos"),
    "giveaway": Words("Розыгрыш", "Giveaway"),
    "giveaway_winners": Words("Победители розыгрыша", "Winners of a giveaway"),
}
LIKE = {"live_photo": "photo"}  # comes together with a field that is served


class Service(NamedTuple):
    """Messages that Telegram itself writes into a chat: a name for several fields, and what the bot does with them."""

    name: Words
    fields: str
    does: Words = Words("ничего", "nothing")


SERVICES = (
    Service(
        Words("Оплата звёздами", "Payment in Stars"),
        "successful_payment",
        Words("зачисляет оплаченное", "credits what was paid for"),
    ),
    Service(
        Words("Возврат звёзд", "Refund of Stars"),
        "refunded_payment",
        Words("снимает зачисленное", "takes back what was credited"),
    ),
    Service(
        Words("Группа стала супергруппой", "A group became a supergroup"),
        "migrate_to_chat_id",
        Words("память и настройки группы переезжают", "memory and settings of the group move along"),
    ),
    Service(
        Words("Люди приходят и уходят", "People come and go"),
        "new_chat_members left_chat_member chat_owner_left chat_owner_changed community_chat_added "
        "community_chat_removed community_chat_joined",
    ),
    Service(
        Words("Чат создан или изменён", "A chat was made or changed"),
        "group_chat_created supergroup_chat_created channel_chat_created migrate_from_chat_id new_chat_title "
        "new_chat_photo delete_chat_photo chat_background_set message_auto_delete_timer_changed boost_added "
        "paid_message_price_changed direct_message_price_changed",
    ),
    Service(
        Words("Темы", "Topics"),
        "forum_topic_created forum_topic_edited forum_topic_closed forum_topic_reopened general_forum_topic_hidden "
        "general_forum_topic_unhidden",
    ),
    Service(Words("Закреплено", "Pinned"), "pinned_message"),
    Service(
        Words("Видеочаты", "Video chats"),
        "video_chat_scheduled video_chat_started video_chat_ended video_chat_participants_invited",
    ),
    Service(
        Words("Опросы, списки дел, розыгрыши", "Polls, checklists, giveaways"),
        "poll_option_added poll_option_deleted checklist_tasks_done checklist_tasks_added giveaway_created "
        "giveaway_completed",
    ),
    Service(Words("Подарки", "Gifts"), "gift unique_gift gift_upgrade_sent"),
    Service(
        Words("Предложенные публикации", "Suggested posts"),
        "suggested_post_approved suggested_post_approval_failed suggested_post_declined suggested_post_paid "
        "suggested_post_refunded",
    ),
    Service(
        Words("Ответы кнопкам и приложениям", "Answers to buttons and apps"),
        "users_shared user_shared chat_shared web_app_data write_access_allowed connected_website passport_data "
        "managed_bot_created",
    ),
    Service(Words("Кто-то рядом", "Somebody is near"), "proximity_alert_triggered"),
)


def document() -> str:
    """The whole of docs/messages.md: all that is Russian, then all that is English."""
    return "\n".join(line for language in LANGUAGES for line in _part(language)).rstrip() + "\n"


def _part(language: Language) -> Iterator[str]:
    columns = (f"| {in_language(language, COLUMNS)} |", "| --- | --- | --- |")
    yield from (f"# {in_language(language, HEADINGS)}", "", in_language(language, INTRODUCTION), "", *columns)
    for kind in KINDS:
        fields = [kind.field, *(other for other, like in LIKE.items() if like == kind.field)]
        names = ", ".join(in_language(language, NAMES[field]) for field in fields)
        yield _row(names, fields, in_language(language, kind.does))
    yield from ("", f"## {in_language(language, SERVICE_HEADING)}", "", *columns)
    for row in SERVICES:
        yield _row(in_language(language, row.name), row.fields.split(), in_language(language, row.does))
    yield ""


def _row(name: str, fields: list[str], does: str) -> str:
    return table_row(name, " ".join(f"`{field}`" for field in fields), does)


if __name__ == "__main__":
    write(document())
