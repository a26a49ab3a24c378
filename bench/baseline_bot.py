"""The smallest honest bot on the same libraries, to be measured against: one model call, one message, nothing kept."""

import os

import telebot
from openai import OpenAI

apihelper = telebot.apihelper
apihelper.API_URL = os.environ["TELEGRAM_API_URL"] + "/bot{0}/{1}"
bot = telebot.TeleBot(os.environ["TELEGRAM_API_KEY"], num_threads=256)
model = OpenAI(base_url=os.environ["OPENAI_BASE_URL"], api_key=os.environ["OPENAI_API_KEY"])


def answer(message: telebot.types.Message) -> None:
    """One question, one answer."""
    completion = model.chat.completions.create(
        model="gpt-6-luna",
        messages=[
            {"role": "system", "content": "You are a helpful assistant"},
            {"role": "user", "content": message.text or ""},
        ],
        max_completion_tokens=4000,
    )
    bot.send_message(message.chat.id, completion.choices[0].message.content or "")


bot.register_message_handler(answer, func=lambda message: True)

if __name__ == "__main__":
    bot.infinity_polling()
