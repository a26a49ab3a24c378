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
    "pictures_question": Words("Что на этих картинках?", "What is in these pictures?"),
    "picture_unreadable": Words(
        "Эту картинку я прочитать не могу: нужен JPEG, PNG или WebP. Ничего не списано.",
        "I can't read this picture: it takes JPEG, PNG or WebP. Nothing was charged.",
    ),
    "picture_too_large": Words(
        "В этой картинке слишком много точек. Уменьшите её и пришлите снова. Ничего не списано.",
        "This picture has too many pixels. Make it smaller and send it again. Nothing was charged.",
    ),
    "picture_unpaid": Words(
        "Картинка больше не учитывается: чтобы смотреть на неё, не хватает премиум-токенов.",
        "The picture is left out from here on: there are not enough premium tokens to look at it.",
    ),
    "no_eyes": Words(
        "Ни одна модель этого бота не умеет смотреть картинки. Опишите словами, что на ней. Ничего не списано.",
        "No model of this bot can look at pictures. Describe in words what it shows. Nothing was charged.",
    ),
    "fail_unseen": Words(
        "Модель {model} не ответила; возможно, она не умеет смотреть картинки.",
        "The model {model} did not answer; perhaps it can't look at pictures.",
    ),
    "empty_look": Words(
        "Картинки смотрит премиум-модель, а премиум-токенов не хватает: свободно {left}. "
        "Опишите картинку словами; пополнить счёт может администратор бота.",
        "The premium model looks at pictures, and there are not enough premium tokens: {left} left. "
        "Describe the picture in words; the bot's admin can add tokens.",
    ),
    # -- documents
    "document_question": Words("Что в этом документе? Перескажи кратко.", "What is in this document? Sum it up."),
    "documents_question": Words("Что в этих документах? Перескажи кратко.", "What is in these documents? Sum them up."),
    "document_unknown": Words(
        "Такие файлы я не читаю: {name}\nЧитаю PDF, DOCX, XLSX, CSV, JSON, Markdown, любой текст и код; картинки "
        "JPEG, PNG, WebP. Ничего не списано.",
        "I don't read such files: {name}\nI read PDF, DOCX, XLSX, CSV, JSON, Markdown, any text and code; pictures as "
        "JPEG, PNG, WebP. Nothing was charged.",
    ),
    "document_unreadable": Words(
        "Файл повреждён, прочитать его не удалось: {name}\nОткройте его у себя, сохраните заново и пришлите. Ничего не "
        "списано.",
        "The file is damaged, I could not read it: {name}\nOpen it yourself, save it anew and send it. Nothing was "
        "charged.",
    ),
    "document_encrypted": Words(
        "Файл закрыт паролем: {name}\nСохраните его без пароля и пришлите снова. Ничего не списано.",
        "The file is locked with a password: {name}\nSave it without one and send it again. Nothing was charged.",
    ),
    "document_too_large": Words(
        "В файле слишком много всего, чтобы открыть его: {name}\nПришлите нужную часть. Ничего не списано.",
        "There is too much in this file to open it: {name}\nSend the part that matters. Nothing was charged.",
    ),
    "document_empty": Words(
        "В файле нет текста: {name}\nНичего не списано.", "There is no text in this file: {name}\nNothing was charged."
    ),
    "document_scanned": Words(
        "В файле нет текста, только картинки страниц, а модели с глазами у бота нет: {name}\nНичего не списано.",
        "There is no text in this file, only pictures of pages, and no model of this bot can see: {name}\nNothing was "
        "charged.",
    ),
    "document_beginning": Words(
        "{name}: прочитано начало, около {read} из {whole:токена|токенов|токенов}; больше модели за раз не поместить.",
        "{name}: the beginning was read, about {read} of {whole:token|tokens}; more does not fit into the model.",
    ),
    "document_pages": Words(
        "{name}: прочитано {read} из {whole:страницы|страниц|страниц}, с начала.",
        "{name}: {read} of {whole:page|pages} read, from the beginning.",
    ),
    "document_unpaid_ordinary": Words(
        "Чтобы прочитать {name}, нужно около {tokens:токен|токена|токенов}, свободно {left}.",
        "Reading {name} takes about {tokens:token|tokens}, {left} left.",
    ),
    "document_unpaid_premium": Words(
        "Чтобы прочитать {name}, нужно около {tokens:премиум-токена|премиум-токенов|премиум-токенов}, свободно {left}.",
        "Reading {name} takes about {tokens:premium token|premium tokens}, {left} left.",
    ),
    "button_beginning": Words("Прочитать начало", "Read the beginning"),
    # -- files of earlier messages
    "file_left_out": Words(
        "Файл того сообщения получить или прочитать не удалось: ответ без него. Если он нужен, пришлите его снова.",
        "The file of that message could not be had or read: the answer does without. If it matters, send it once more.",
    ),
    "document_left_out": Words(
        "Документ больше не учитывается: чтобы читать его, не хватает токенов.",
        "The document is left out from here on: there are not enough tokens to read it.",
    ),
    "fail_no_file": Words("Провайдер потерял файл вопроса.", "The provider has lost the question's file."),
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
}
