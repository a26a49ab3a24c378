"""Voice: what was said, and why it could not be heard."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "listening": Words("Слушаю…", "Listening…"),
    "listening_long": Words("Слушаю… {seconds} с", "Listening… {seconds} s"),
    "you_said": Words("🎙 Вы сказали:", "🎙 You said:"),
    "you_said_in": Words("🎙 Вы сказали ({languages}):", "🎙 You said ({languages}):"),
    "recording_says": Words("🎙 В записи:", "🎙 In the recording:"),
    "recording_says_in": Words("🎙 В записи ({languages}):", "🎙 In the recording ({languages}):"),
    "nothing_heard": Words(
        "Слов разобрать не удалось. Ничего не списано.", "I could not make out any words. Nothing was charged."
    ),
    "voice_too_long": Words(
        "Запись слишком длинная: в ней больше {limit:секунды|секунд|секунд}, дольше я не слушаю. Ничего не списано.",
        "The recording is too long: it has more than {limit:second|seconds}, and I listen to no more. "
        "Nothing was charged.",
    ),
    "voice_unreadable": Words(
        "В этом файле нет звука, который я могу прочитать. Ничего не списано.",
        "There is no sound in this file that I can read. Nothing was charged.",
    ),
    "voice_no_ffmpeg": Words(
        "Бот сейчас не может слушать. Вы ни при чём, администратор уже знает.",
        "The bot can't listen right now. It is not your fault, the admin has been told.",
    ),
    "admin_no_ffmpeg": Words(
        "Голосовое сообщение не прослушано: на машине нет ffmpeg. Установите его; проверить: python main.py --check",
        "A voice message was not listened to: this machine has no ffmpeg. Install it; to check: python main.py --check",
    ),
    "empty_voice": Words(
        "Чтобы послушать эту запись, нужно {price:премиум-токен|премиум-токена|премиум-токенов}, свободно {left}. "
        "Вопрос можно и написать; пополнить счёт может администратор бота.",
        "Listening to this recording takes {price:premium token|premium tokens}, {left} left. "
        "You can write your question instead; the bot's admin can add tokens.",
    ),
    "transcribe_usage": Words(
        "Ответьте этой командой на голосовое сообщение, аудио, видео или видеосообщение: я пришлю его слова.",
        "Reply with this command to a voice message, audio, video or video note: I will send its words.",
    ),
}
