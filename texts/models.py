"""Who answers, with which prompt, and how much fits."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "model_ask": Words(
        "Здесь отвечает {model}: счёт — {wallet}, окно — {window:токен|токена|токенов}. Кто будет отвечать?",
        "{model} answers here: {wallet} wallet, a window of {window:token|tokens}. Who shall answer?",
    ),
    "button_premium_model": Words("{model} · премиум", "{model} · premium"),
    "button_keep": Words("Оставить как есть", "Leave it as it is"),
    "kept": Words("Всё осталось как было.", "Everything stays as it was."),
    "model_gone": Words(
        "Этой модели в списке больше нет. Список сейчас: /model", "This model is not on the list any more: see /model"
    ),
    "pro_usage": Words(
        "Один вопрос премиум-модели: /{command} и вопрос. Или ответьте на любое сообщение командой /{command}",
        "One question to the premium model: /{command} and the question. Or reply to any message with /{command}",
    ),
    "setmodel_ask": Words(
        "Для всех, кто не выбрал модель сам: обычная {model}, премиум {premium_model}. Какую поставить?",
        "For everybody who has chosen none: ordinary {model}, premium {premium_model}. Which one shall it be?",
    ),
}
