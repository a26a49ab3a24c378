"""Messages that are no plain words, put into words for a model; and those that nobody here can do anything with."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "shown_forwarded": Words("Переслано от {name}:\n{words}", "Forwarded from {name}:\n{words}"),
    "shown_sticker": Words("{emoji}", "{emoji}"),
    "shown_contact": Words("Контакт: {name}, {phone}", "Contact: {name}, {phone}"),
    "shown_location": Words(
        "Место на карте: широта {latitude}, долгота {longitude}",
        "A place on the map: latitude {latitude}, longitude {longitude}",
    ),
    "shown_venue": Words(
        "Место: {title}, {address} (широта {latitude}, долгота {longitude})",
        "A place: {title}, {address} (latitude {latitude}, longitude {longitude})",
    ),
    "shown_poll": Words("Опрос: {question}\n{options}", "Poll: {question}\n{options}"),
    "shown_dice": Words("{emoji} выпало {value}", "{emoji} shows {value}"),
    "shown_checklist": Words("Список дел: {title}\n{tasks}", "Checklist: {title}\n{tasks}"),
    "shown_game": Words("Игра: {title}. {description}", "Game: {title}. {description}"),
    "shown_invoice": Words("Счёт на оплату: {title}. {description}", "Invoice: {title}. {description}"),
    "kind_video": Words(
        "Видео я не смотрю. Пришлите кадр картинкой или опишите словами; что в нём сказано: /transcribe в ответ.",
        "I don't watch videos. Send a frame as a photo, or describe it; reply with /transcribe for what is said.",
    ),
    "kind_sticker": Words(
        "У этого стикера нет эмодзи, а на картинку не хватает премиум-токенов.",
        "This sticker has no emoji, and there are not enough premium tokens to look at it.",
    ),
    "kind_unseen": Words(
        "Это до меня не доходит: историй, розыгрышей и платных фото боты не видят. Опишите словами.",
        "This does not reach me: bots can't see stories, giveaways and paid media. Describe it in words.",
    ),
}
