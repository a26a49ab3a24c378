"""Files, pictures looked at, pictures drawn."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "file_too_large": Words(
        "Файл слишком большой: я беру файлы до {limit} МБ.", "The file is too large: I take files of up to {limit} MB."
    ),
    "file_stalled": Words(
        "Telegram не отдал файл вовремя. Пришлите его ещё раз. Ничего не списано.",
        "Telegram did not hand over the file in time. Send it again. Nothing was charged.",
    ),
    "file_gone": Words(
        "Этого файла у Telegram больше нет. Пришлите его заново. Ничего не списано.",
        "Telegram does not have this file any more. Send it anew. Nothing was charged.",
    ),
    "reading": Words("Читаю…", "Reading…"),
    "reading_long": Words("Читаю… {seconds} с", "Reading… {seconds} s"),
    "looking": Words("Смотрю…", "Looking…"),
    "looking_long": Words("Смотрю… {seconds} с", "Looking… {seconds} s"),
    "drawing": Words("Рисую…", "Drawing…"),
    "drawing_long": Words("Рисую… {seconds} с", "Drawing… {seconds} s"),
    # -- pictures looked at
    "picture_question": Words("Что на этой картинке?", "What is in this picture?"),
    "picture_unreadable": Words(
        "Эту картинку я прочитать не могу: нужен JPEG, PNG или WebP. Ничего не списано.",
        "I can't read this picture: it takes JPEG, PNG or WebP. Nothing was charged.",
    ),
    "picture_gone": Words(
        "Картинку получить от Telegram ещё раз не удалось: ответ без неё. Если она нужна, пришлите её снова.",
        "Telegram did not hand over the picture again: the answer does without. If it matters, send it once more.",
    ),
    "picture_unpaid": Words(
        "Картинка больше не учитывается: чтобы смотреть на неё, не хватает премиум-токенов.",
        "The picture is left out from here on: there are not enough premium tokens to look at it.",
    ),
    "empty_look": Words(
        "Картинки смотрит премиум-модель, а премиум-токенов не хватает: свободно {left}. "
        "Опишите картинку словами; пополнить счёт может администратор бота.",
        "The premium model looks at pictures, and there are not enough premium tokens: {left} left. "
        "Describe the picture in words; the bot's admin can add tokens.",
    ),
    "album_first_only": Words(
        "Из альбома я смотрю только первую картинку. Остальные пришлите по одной.",
        "Of an album I look at the first picture only. Send the others one by one.",
    ),
    # -- pictures drawn
    "draw_what": Words("Что нарисовать? Опишите одним сообщением.", "What shall I draw? Describe it in one message."),
    "draw_words": Words(
        "Мне нужно описание словами. Что нарисовать?", "I need a description in words. What shall I draw?"
    ),
    "draw_what_group": Words(
        "Что нарисовать? Ответьте на это сообщение описанием.",
        "What shall I draw? Reply to this message with a description.",
    ),
    "draw_words_group": Words(
        "Мне нужно описание словами. Ответьте им на это сообщение.",
        "I need a description in words. Reply to this message with it.",
    ),
    "draw_change": Words(
        "Что изменить на картинке? Опишите одним сообщением.",
        "What shall I change in the picture? Describe it in one message.",
    ),
    "draw_change_group": Words(
        "Что изменить на картинке? Ответьте на это сообщение описанием.",
        "What shall I change in the picture? Reply to this message with a description.",
    ),
    "draw_no_picture": Words(
        "Менять я умею только картинки: фото или файл JPEG, PNG или WebP.",
        "I can change pictures only: a photo, or a JPEG, PNG or WebP file.",
    ),
    "draw_no_editing": Words(
        "Модель {model} не умеет менять картинки, только рисовать новые: /img с описанием. Ничего не списано.",
        "The model {model} can't change pictures, only draw new ones: /img with a description. Nothing was charged.",
    ),
    "button_original": Words("Файл без сжатия", "Full quality file"),
    "original_gone": Words(
        "Этого файла больше нет: он хранится сутки и выдаётся один раз.",
        "This file is gone: it is kept for a day and given out once.",
    ),
    "draw_shape": Words("Какой формат?", "Which format?"),
    "shape_square": Words("Квадрат", "Square"),
    "shape_vertical": Words("Вертикальный", "Vertical"),
    "shape_horizontal": Words("Горизонтальный", "Horizontal"),
    "button_draw_again": Words("Ещё раз", "Again"),
    "button_draw_shape": Words("Другой формат", "Other format"),
    "draw_filtered": Words(
        "Провайдер отказался рисовать это: его правила запрещают такие картинки. Опишите иначе. Ничего не списано.",
        "The provider declined to draw this: its rules forbid such pictures. Put it differently. Nothing was charged.",
    ),
    "draw_forgotten": Words(
        "Описания этой картинки больше нет. Опишите её заново: /img", "Its description is gone. Describe it anew: /img"
    ),
    "picture_too_large": Words(
        "На этой картинке слишком много точек, уменьшите её. Ничего не списано.",
        "This picture has too many pixels, make it smaller. Nothing was charged.",
    ),
}
