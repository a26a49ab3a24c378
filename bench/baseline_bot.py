"""The smallest honest bot on the same libraries, to be measured against: one model call, one message, nothing kept.

With STREAMING=on the message is edited once a second while the answer grows.
"""

import os
import time
from typing import Any

import telebot
from openai import OpenAI

apihelper = telebot.apihelper
apihelper.API_URL = os.environ["TELEGRAM_API_URL"] + "/bot{0}/{1}"
bot = telebot.TeleBot(os.environ["TELEGRAM_API_KEY"], num_threads=256)
model = OpenAI(base_url=os.environ["OPENAI_BASE_URL"], api_key=os.environ["OPENAI_API_KEY"])


EDIT_SECONDS = 1.0


def question(message: telebot.types.Message) -> dict[str, Any]:
    """What the model is asked."""
    messages = [
        {"role": "system", "content": "You are a helpful assistant"},
        {"role": "user", "content": message.text or ""},
    ]
    return {"model": "gpt-6-luna", "messages": messages, "max_completion_tokens": 4000}


def answer(message: telebot.types.Message) -> None:
    """One question, one answer."""
    completion = model.chat.completions.create(**question(message))
    bot.send_message(message.chat.id, completion.choices[0].message.content or "")


def stream(message: telebot.types.Message) -> None:
    """One question, one answer that grows."""
    chat, sent, text, edited = message.chat.id, bot.send_message(message.chat.id, "…").message_id, "", 0.0
    for chunk in model.chat.completions.create(**question(message), stream=True):
        text += chunk.choices[0].delta.content or "" if chunk.choices else ""
        if text.strip() and time.monotonic() - edited >= EDIT_SECONDS:
            edited = time.monotonic()
            bot.edit_message_text(text, chat, sent)
    bot.edit_message_text(text, chat, sent)


bot.register_message_handler(stream if os.environ.get("STREAMING") == "on" else answer, func=lambda message: True)

if __name__ == "__main__":
    bot.infinity_polling()
