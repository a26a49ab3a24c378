/** Every word of the page in both languages. */

const WORDS = {
  en: {
    chats: "Chats", theme: "Light or dark", messages: "Messages", newest: "To the newest message",
    commands: "Commands", attach: "Attach files", message: "Message", keyboard: "Keyboard",
    record: "Record a voice message", send: "Send", writeAs: "Write as", drop: "Drop the files here",
    back: "Back to the chats", close: "Close", general: "General", private: "private chat", admin: "admin",
    edited: "edited", reply: "Reply", edit: "Edit", copy: "Copy", copied: "Copied", you: "You", editing: "Editing",
    replyTo: "Reply to {name}", start: "Start", stop: "Stop", thinking: "Thinking…", empty: "Nothing here yet",
    emptyPrivate: "Press Start, as a newcomer would, or just write.", as: "You write as {name}",
    offline: "The sandbox does not answer. Trying again…", noCommands: "The bot has set no commands.",
    photo: "Photo", voice: "Voice message", audio: "Audio", document: "File", sticker: "Sticker", video: "Video",
    invoice: "Invoice", play: "Play", pause: "Pause", position: "Position", pay: "Pay {amount} ⭐",
    payAsk: "Pay {amount} ⭐ for “{title}”? No real money moves here.",
    payLate: "The bot did not answer within 10 seconds; nothing was paid.", cancel: "Cancel", ok: "OK",
    asPhotos: "Send pictures as photos", asVoices: "Send sounds as voice messages", forward: "Forward",
    forwardTo: "Forward to", forwardedFrom: "Forwarded from {name}", caption: "Caption", sendFiles: "Send files",
    micRefused: "The browser was not allowed to use the microphone.", micNone: "No microphone was found.",
    notHere: "This button needs the real Telegram.", more: "Show more", less: "Show less",
    spoiler: "Hidden text, press to show", typing: "typing…", upload_photo: "sending a photo…",
    record_voice: "recording a voice message…", upload_document: "sending a file…", joined: "{name} joined",
    left: "{name} left", topic: "Topic “{name}” was made", titled: "The group is now called “{name}”",
    founded: "The group was made", pinned: "A message was pinned", paid: "Paid: {amount} ⭐",
    refunded: "Refunded: {amount} ⭐", migrated: "The group became a supergroup", service: "Service message",
    members: { one: "{n} member", other: "{n} members" },
    unread: "unread", nobody: "The sandbox has no world yet.", stopped: "Stopping…",
  },
  ru: {
    chats: "Чаты", theme: "Светлая или тёмная", messages: "Сообщения", newest: "К последнему сообщению",
    commands: "Команды", attach: "Прикрепить файлы", message: "Сообщение", keyboard: "Клавиатура",
    record: "Записать голосовое", send: "Отправить", writeAs: "Писать от имени", drop: "Бросьте файлы сюда",
    back: "К списку чатов", close: "Закрыть", general: "Общая", private: "личный чат", admin: "админ",
    edited: "изменено", reply: "Ответить", edit: "Изменить", copy: "Копировать", copied: "Скопировано", you: "Вы",
    editing: "Правка", replyTo: "Ответ: {name}", start: "Начать", stop: "Стоп", thinking: "Думаю…",
    empty: "Пока пусто", emptyPrivate: "Нажмите «Начать», как новичок, или просто напишите.",
    as: "Вы пишете как {name}", offline: "Песочница не отвечает. Пробую снова…", noCommands: "Бот не задал команд.",
    photo: "Фото", voice: "Голосовое сообщение", audio: "Аудио", document: "Файл", sticker: "Стикер", video: "Видео",
    invoice: "Счёт", play: "Слушать", pause: "Пауза", position: "Место записи", pay: "Оплатить {amount} ⭐",
    payAsk: "Оплатить {amount} ⭐ за «{title}»? Настоящие деньги не тратятся.",
    payLate: "Бот не ответил за 10 секунд; ничего не оплачено.", cancel: "Отмена", ok: "Хорошо",
    asPhotos: "Отправить картинки как фото", asVoices: "Отправить звук голосовыми", forward: "Переслать",
    forwardTo: "Переслать", forwardedFrom: "Переслано от {name}", caption: "Подпись", sendFiles: "Отправка файлов",
    micRefused: "Браузеру не разрешили микрофон.", micNone: "Микрофон не найден.",
    notHere: "Для этой кнопки нужен настоящий Telegram.", more: "Развернуть", less: "Свернуть",
    spoiler: "Скрытый текст, нажмите, чтобы показать", typing: "печатает…", upload_photo: "отправляет фото…",
    record_voice: "записывает голосовое…", upload_document: "отправляет файл…", joined: "{name} теперь в группе",
    left: "{name} больше не в группе", topic: "Создана тема «{name}»", titled: "Группа теперь называется «{name}»",
    founded: "Группа создана", pinned: "Сообщение закреплено", paid: "Оплачено: {amount} ⭐",
    refunded: "Возвращено: {amount} ⭐", migrated: "Группа стала супергруппой", service: "Служебное сообщение",
    members: { one: "{n} участник", few: "{n} участника", many: "{n} участников", other: "{n} участника" },
    unread: "не прочитано", nobody: "В песочнице ещё нет мира.", stopped: "Останавливаю…",
  },
};

let language = localStorage.getItem("language") ?? (navigator.language.startsWith("ru") ? "ru" : "en");

export const currentLanguage = () => language;

/** Remember and use the other of the two languages. */
export function switchLanguage() {
  language = language === "ru" ? "en" : "ru";
  localStorage.setItem("language", language);
}

/** The words for `key` with {blanks} filled; `n` chooses the plural form where there are several. */
export function word(key, blanks = {}) {
  let words = WORDS[language][key] ?? key;
  if (typeof words === "object") words = words[new Intl.PluralRules(language).select(blanks.n)] ?? words.other;
  return words.replace(/\{(\w+)\}/g, (_, name) => blanks[name] ?? "");
}

export const knows = (key) => key in WORDS[language];

/** Put the words into everything of index.html that has data-word or data-label. */
export function sayAll() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = word(node.dataset.word);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", word(node.dataset.label));
    if (node.tagName === "BUTTON") node.title = word(node.dataset.label);
    if (node.tagName === "TEXTAREA") node.placeholder = word(node.dataset.label);
  }
}

const shown = (seconds, format) => new Intl.DateTimeFormat(language, format).format(new Date(seconds * 1000));

export const clock = (seconds) => shown(seconds, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const day = (seconds) => shown(seconds, { day: "numeric", month: "long" });
export const sameDay = (one, other) => new Date(one * 1000).toDateString() === new Date(other * 1000).toDateString();

/** 83 → "1:23". */
export const minutes = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** Bytes as a person reads them. */
export function size(bytes) {
  const step = bytes < 1024 ? 0 : bytes < 1024 ** 2 ? 1 : 2;
  const unit = ["byte", "kilobyte", "megabyte"][step];
  const format = { style: "unit", unit, unitDisplay: step ? "short" : "long", maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language, format).format(bytes / 1024 ** step);
}
