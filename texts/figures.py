"""Figures: what was used and what it cost."""

from texts.words import Words

TEXTS: dict[str, Words] = {
    "chart_title": Words("Расходы за {days:день|дня|дней}", "Cost of the last {days:day|days}"),
    "chart_requests": Words("{requests:запрос|запроса|запросов}", "{requests:request|requests}"),
    "chart_none": Words("в эти дни запросов не было", "no requests in these days"),
    "chart_unpriced": Words(
        "{requests:запрос|запроса|запросов}, цена {unpriced} из них неизвестна",
        "{requests:request|requests}, the price of {unpriced} is unknown",
    ),
    "chart_unknown": Words("цена неизвестна", "price unknown"),
    "chart_other": Words("остальные", "the others"),
    "chart_daily": Words("Запросы по дням", "Requests by day"),
    "chart_count": Words("{n}", "{n}"),
    "chart_day": Words("{day} {month}", "{month} {day}"),
    "chart_months": Words(
        "янв фев мар апр мая июн июл авг сен окт ноя дек", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
    ),
}
